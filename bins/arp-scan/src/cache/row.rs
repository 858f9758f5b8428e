//! One entry as it is shown, in text and as JSON.

use std::net::IpAddr;
use std::time::Duration;

use serde::{Serialize, Serializer};
use wireline_host::links::Link;
use wireline_host::neighbours::{Neighbour, State};

use super::hardware::Hardware;
use crate::event::keys::milliseconds;

/// What `--json` writes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event<'a> {
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
pub struct Counts {
    /// Entries that there are.
    pub entries: u64,
    /// Of these, what was not asked for.
    pub skipped: u64,
    /// Of these, what was.
    pub found: u64,
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Whose.
    pub address: IpAddr,
    /// What the address is called. Not escaped.
    pub name: Option<String>,
    /// `ether` and the like; `None` while there is no hardware address.
    pub hwtype: Option<&'static str>,
    /// As the kernel has it: octets with colons.
    pub hwaddress: Option<String>,
    /// `C` with a hardware address, `M` made by somebody, `P` of a proxy.
    pub flags_mask: &'static str,
    /// Name of the interface, not escaped; `None` for every interface.
    pub iface: Option<String>,
    /// Whether it stays until somebody deletes it.
    pub permanent: bool,
    /// Never known: Linux sets no time.
    pub expires: Option<u64>,
    /// `ipv4` or `ipv6`.
    pub family: &'static str,
    /// What the kernel thinks of it.
    #[serde(serialize_with = "in_lower_case")]
    pub state: State,
    /// Whether this machine answers for it.
    pub proxy: bool,
    /// Whether it says that it is a router (RFC 4861 §4.4).
    pub router: bool,
    /// Since something was sent there.
    #[serde(rename = "used_ms", serialize_with = "milliseconds")]
    pub used: Option<Duration>,
    /// Since it was there for certain.
    #[serde(rename = "confirmed_ms", serialize_with = "milliseconds")]
    pub confirmed: Option<Duration>,
    /// Since its state or its hardware address changed.
    #[serde(rename = "updated_ms", serialize_with = "milliseconds")]
    pub updated: Option<Duration>,
    /// Requests that nobody has answered yet.
    pub probes: u32,
    /// Number of the interface; `None` for every interface.
    pub interface_index: Option<u32>,
    /// What its state means (`--explain`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
    /// Number of the kind of hardware, for `-H`.
    #[serde(skip)]
    pub hardware: u16,
}

impl Row {
    /// Of an entry and the interface that it is of, as far as that is known.
    pub(crate) fn new(entry: &Neighbour, link: Option<&Link>) -> Self {
        // Where a proxy entry is of no interface, its kind is 0 in the kernel's table.
        let hardware = link.map_or(0, |link| link.hardware);
        let is_proxy = entry.is_proxy();
        let is_known = entry.state.is_valid() && !is_proxy;
        let permanent = is_proxy || entry.state.bits() & State::Permanent.bits() != 0;
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
            used: entry.ages.map(|ages| ages.used),
            confirmed: entry.ages.map(|ages| ages.confirmed),
            updated: entry.ages.map(|ages| ages.updated),
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
