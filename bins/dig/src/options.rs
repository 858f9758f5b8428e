//! What was asked for, with every word resolved: what each query is, and what holds for the whole run.
//!
//! Plain data. Nothing here has been looked up: servers and times not chosen are still open, because
//! resolv.conf(5) settles them.

mod carrier;
mod message;
mod show;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use wireline_dns::{Class, RecordType};
use wireline_host::Family;

pub use crate::greeting::Greeting;
pub use crate::key::KeySource;
pub use carrier::{Carrier, Proxy, Tls};
pub use message::{DEFAULT_BUFSIZE, Edns, Header, Subnet};
pub use show::{RrComments, Show, Split};

/// One question: a name, and how it is asked. Many may share their options: those of a batch mostly do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The name as it was typed, or the one that `-x` made of an address.
    pub name: String,
    /// What is printed before the first answer of a command line (`; <<>> DiG …`).
    pub greeting: Option<Greeting>,
    /// All else.
    pub options: Arc<Options>,
}

/// How a name is asked: what dig keeps of a lookup, the switches that dig keeps for the whole process among it (they
/// are then the same in every query of a command line).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Which records.
    pub kind: RecordType,
    /// Whether the type was chosen.
    pub kind_chosen: bool,
    /// The class.
    pub class: Class,
    /// Whether the class was chosen.
    pub class_chosen: bool,
    /// Of IXFR, the serial that is had.
    pub serial: Option<u32>,
    /// `@` words in their order, without the `@`; if there are none, those of resolv.conf.
    pub servers: Vec<String>,
    /// `-p`.
    pub port: Option<u16>,
    /// What carries the query.
    pub carrier: Carrier,
    /// What is wanted of TLS.
    pub tls: Tls,
    /// What the message says beside its question.
    pub header: Header,
    /// EDNS.
    pub edns: Edns,
    /// When to ask again, and what to do with an answer that is none.
    pub asking: Asking,
    /// `+search` and what goes with it.
    pub search: Search,
    /// `+trace`.
    pub trace: bool,
    /// `+nssearch`.
    pub nssearch: bool,
    /// `+dns64prefix`.
    pub dns64prefix: bool,
    /// `+idnin`: U-labels of the name are sent as A-labels. On if stdout is a terminal.
    pub idn_in: bool,
    /// `+idnout`: A-labels are shown as U-labels. On if stdout is a terminal.
    pub idn_out: bool,
    /// `+validate`, and the file of trust anchors.
    pub validate: Option<Anchors>,
    /// `+fuzztime`: the time that goes into a signature, in seconds since 1970.
    pub signing_time: Option<u32>,
    /// How it is shown.
    pub show: Show,
}

/// When to ask again, and what is taken for an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asking {
    /// `+tries`, `+retry`: how often in all; `None`: as resolv.conf says, or 3.
    pub tries: Option<u32>,
    /// `+timeout`; `None`: as resolv.conf says, or 5 s.
    pub timeout: Option<Duration>,
    /// `+ignore`: a truncated answer is taken.
    pub ignore_truncation: bool,
    /// `+fail`: SERVFAIL is an answer.
    pub stop_at_servfail: bool,
    /// `+besteffort`: malformed messages are shown.
    pub best_effort: bool,
    /// `+badcookie`: asked again with the cookie that the server wants.
    pub retry_bad_cookie: bool,
}

/// How a name becomes whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Search {
    /// `+search`, `+defname`, `+showsearch` or `+domain`.
    pub wanted: bool,
    /// `+showsearch`.
    pub show: bool,
    /// `+domain`: instead of what resolv.conf has.
    pub domain: Option<String>,
    /// `+ndots`.
    pub ndots: Option<u16>,
}

/// Where trust begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anchors {
    /// The root's keys as IANA publishes them.
    Root,
    /// DS or DNSKEY records in this file.
    File(PathBuf),
}

/// What holds for the whole run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Globals {
    /// `-4` or `-6`.
    pub family: Family,
    /// `-b`: address and port, 0 for any. Servers of the other family cannot be asked then.
    pub source: Option<SocketAddr>,
    /// `-k` or `-y`: not read yet.
    pub key: Option<KeySource>,
    /// `-f`; `-` is stdin.
    pub batch: Option<PathBuf>,
    /// `-d`.
    pub debug: bool,
    /// `--json`.
    pub json: bool,
    /// `--jobs`: so many queries under way at once; `None` when it was not given.
    pub jobs: Option<usize>,
    /// `--rate`: queries a second at the most.
    pub rate: Option<u32>,
    /// `--in-order`: answers of a batch as its lines are.
    pub in_order: bool,
    /// `--retry-file`: names that got no answer are written there.
    pub retry_file: Option<PathBuf>,
    /// `--exit-code`: NXDOMAIN and the like show in the exit status.
    pub exit_code: bool,
    /// `--compare`.
    pub compare: bool,
    /// `--watch`, with `--interval`.
    pub watch: Option<Duration>,
    /// `--explain`.
    pub explain: bool,
}

/// A command line as it was meant.
#[derive(Clone, Debug)]
pub struct CommandLine {
    /// What holds for all.
    pub globals: Globals,
    /// The queries in their order; a batch's are not among them.
    pub queries: Vec<Query>,
    /// What lines of a batch begin with.
    pub defaults: Defaults,
    /// Warnings, to be printed before anything else.
    pub said: Said,
}

/// What a line of a batch begins with: made by reading, used by [`crate::batch_file`].
#[derive(Clone, Debug)]
pub struct Defaults(pub(crate) crate::state::State);

/// What reading had to say, for each stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// For stdout.
    pub stdout: String,
    /// For stderr.
    pub stderr: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            kind: RecordType::A,
            kind_chosen: false,
            class: Class::IN,
            class_chosen: false,
            serial: None,
            servers: Vec::new(),
            port: None,
            carrier: Carrier::default(),
            tls: Tls::default(),
            header: Header::default(),
            edns: Edns::default(),
            asking: Asking::default(),
            search: Search::default(),
            trace: false,
            nssearch: false,
            dns64prefix: false,
            idn_in: false,
            idn_out: false,
            validate: None,
            signing_time: None,
            show: Show::default(),
        }
    }
}

impl Default for Asking {
    fn default() -> Self {
        Self {
            tries: None,
            timeout: None,
            ignore_truncation: false,
            stop_at_servfail: true,
            best_effort: true,
            retry_bad_cookie: true,
        }
    }
}
