//! Which network namespace a line is of (`--net-ns`, `--pid-ns`, `--all-ns`).

use serde::Serialize;

use super::Event;

/// A network namespace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Namespace {
    /// Its number, as in `net:[4026531833]`.
    pub inode: u32,
    /// As `ip netns` has them.
    pub names: Vec<String>,
    /// The first process in it; `null` where none could be seen.
    pub pid: Option<u32>,
    /// What that process is called; `null` as above.
    pub program: Option<String>,
    /// Whether it is that of the one who asks.
    pub own: bool,
}

/// An event, and where it is from: every line but the first of a listing, which has it already.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Placed<'a> {
    #[serde(flatten)]
    pub(crate) event: &'a Event,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) namespace: Option<Short<'a>>,
}

/// What a row says of it.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Short<'a> {
    inode: u32,
    names: &'a [String],
}

impl<'a> Placed<'a> {
    pub(crate) fn new(event: &'a Event, namespace: Option<&'a Namespace>) -> Self {
        let of_row = namespace.filter(|_| !matches!(event, Event::Start(_)));
        let short =
            |namespace: &'a Namespace| Short { inode: namespace.inode, names: &namespace.names };
        Self { event, namespace: of_row.map(short) }
    }
}
