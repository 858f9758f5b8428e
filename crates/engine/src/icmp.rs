use std::net::IpAddr;

use serde::Serialize;
use wireline_packet::reason;

/// An ICMP error about one of our requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct IcmpError {
    /// Which request.
    pub seq: u16,
    /// Who sent the error.
    pub from: IpAddr,
    /// ICMP type: of RFC 792 or RFC 4443, by the family of `from`.
    pub icmp_type: u8,
    /// ICMP code.
    pub icmp_code: u8,
    /// What the two mean, where an RFC says.
    pub reason: Option<&'static str>,
    /// The second word of the header: an MTU, a pointer, a gateway.
    pub info: u32,
    /// Whether it reports a request lost. A redirect (type 5) and a source quench (type 4) do not.
    pub fatal: bool,
    /// Whether it came through a raw socket's ordinary input and not through its error queue.
    #[serde(skip)]
    pub in_band: bool,
}

impl IcmpError {
    /// Puts a name to a type and a code.
    #[must_use]
    pub const fn new(seq: u16, from: IpAddr, icmp_type: u8, icmp_code: u8, info: u32) -> Self {
        let advice = from.is_ipv4() && matches!(icmp_type, 4 | 5);
        let reason = reason(from.is_ipv6(), icmp_type, icmp_code);
        Self { seq, from, icmp_type, icmp_code, reason, info, fatal: !advice, in_band: false }
    }
}
