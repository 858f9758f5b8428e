//! One entry as it is shown, in text and as JSON.

use std::net::IpAddr;

use serde::{Serialize, Serializer};
use wireline_host::links::Link;
use wireline_host::neighbours::{Neighbour, State};

use super::hardware::Hardware;

/// What `--json` writes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Event<'a> {
    /// The table begins.
    Start {
        /// Version of the schema.
        v: u8,
        /// `neighbours`.
        table: &'static str,
    },
    /// An entry. Its first keys are those of `jc --arp`.
    Neighbour(&'a Row),
    /// The table ends.
    Summary(Counts),
}

/// What has been looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Counts {
    /// Entries that there are.
    pub(crate) entries: u64,
    /// Of these, what was not asked for.
    pub(crate) skipped: u64,
    /// Of these, what was.
    pub(crate) found: u64,
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Row {
    /// Whose.
    pub(crate) address: IpAddr,
    /// What the address is called. Not escaped.
    pub(crate) name: Option<String>,
    /// `ether` and the like; `None` while there is no hardware address.
    pub(crate) hwtype: Option<&'static str>,
    /// As the kernel has it: octets with colons.
    pub(crate) hwaddress: Option<String>,
    /// `C` with a hardware address, `M` made by somebody, `P` of a proxy.
    pub(crate) flags_mask: &'static str,
    /// Name of the interface, not escaped; `None` for every interface.
    pub(crate) iface: Option<String>,
    /// Whether it stays until somebody deletes it.
    pub(crate) permanent: bool,
    /// Never known: Linux sets no time.
    pub(crate) expires: Option<u64>,
    /// `ipv4` or `ipv6`.
    pub(crate) family: &'static str,
    /// What the kernel thinks of it.
    #[serde(serialize_with = "in_lower_case")]
    pub(crate) state: State,
    /// Whether this machine answers for it.
    pub(crate) proxy: bool,
    /// Whether it says that it is a router (RFC 4861 §4.4).
    pub(crate) router: bool,
    /// Seconds since something was sent there.
    pub(crate) used_s: Option<f64>,
    /// Seconds since it was there for certain.
    pub(crate) confirmed_s: Option<f64>,
    /// Seconds since its state or its hardware address changed.
    pub(crate) updated_s: Option<f64>,
    /// Requests that nobody has answered yet.
    pub(crate) probes: u32,
    /// Number of the interface; `None` for every interface.
    pub(crate) interface_index: Option<u32>,
    /// What its state means (`--explain`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) explanation: Option<String>,
    /// Number of the kind of hardware, for `-H`.
    #[serde(skip)]
    pub(crate) hardware: u16,
}

impl Row {
    /// Of an entry and the interface that it is of, as far as that is known.
    pub(crate) fn new(entry: &Neighbour, link: Option<&Link>) -> Self {
        // Where a proxy entry is of no interface, its kind is 0 in the kernel's table.
        let hardware = link.map_or(0, |link| link.hardware);
        let is_proxy = entry.is_proxy();
        let is_known = entry.state.is_valid() && !is_proxy;
        let permanent = is_proxy || entry.state.bits() & State::Permanent.bits() != 0;
        let seconds = |age: fn(&wireline_host::neighbours::Ages) -> std::time::Duration| {
            entry.ages.as_ref().map(|ages| age(ages).as_secs_f64())
        };
        let number = || format!("if{}", entry.index);
        let hwaddress = || entry.hardware.map_or_else(String::new, |address| address.to_string());
        Self {
            address: entry.address,
            name: None,
            hwtype: is_known.then(|| Hardware::name_of(hardware)),
            hwaddress: is_known.then(hwaddress),
            flags_mask: match (is_known, permanent, is_proxy) {
                (_, _, true) => "MP",
                (true, true, false) => "CM",
                (true, false, false) => "C",
                (false, ..) => "",
            },
            iface: (entry.index != 0).then(|| link.map_or_else(number, |link| link.name.clone())),
            permanent,
            expires: None,
            family: if entry.address.is_ipv4() { "ipv4" } else { "ipv6" },
            state: entry.state,
            proxy: is_proxy,
            router: entry.is_router(),
            used_s: seconds(|ages| ages.used),
            confirmed_s: seconds(|ages| ages.confirmed),
            updated_s: seconds(|ages| ages.updated),
            probes: entry.probes,
            interface_index: (entry.index != 0).then_some(entry.index),
            explanation: None,
            hardware,
        }
    }
}

/// Whether net-tools, which reads `/proc/net/arp`, sees an entry: it is passed over while nothing is known of it,
/// and where nobody needs to be asked.
pub(crate) fn is_visible(entry: &Neighbour) -> bool {
    entry.is_proxy() || entry.state.bits() & !State::NoArp.bits() != 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over references")]
fn in_lower_case<S: Serializer>(state: &State, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&state.name().to_ascii_lowercase())
}
