//! What a query says beside its question: header and EDNS.

use std::net::IpAddr;

use wireline_dns::{Cookie, Opcode};

/// The largest datagram that is taken in if nobody says otherwise: octets (BIND's `DEFAULT_EDNS_BUFSIZE`).
pub const DEFAULT_BUFSIZE: u16 = 1232;

/// What a message says in its header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// `+opcode`.
    pub opcode: Opcode,
    /// `+qid`.
    pub id: Option<u16>,
    /// AA.
    pub aa: bool,
    /// AD, on.
    pub ad: bool,
    /// CD.
    pub cd: bool,
    /// RD, on.
    pub rd: bool,
    /// RA.
    pub ra: bool,
    /// TC.
    pub tc: bool,
    /// The bit that is reserved.
    pub z: bool,
    /// `+header-only`: without a question.
    pub header_only: bool,
    /// `+0x20`: letters of the name in random case, which must come back so (draft-vixie-dnsext-dns0x20).
    pub mixed_case: bool,
}

/// What is sent in the OPT record, and whether there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edns {
    /// `+edns=#`, 0 at first; `None` by `+noedns`, and then [`Edns::version`] says what other options make of it.
    pub chosen: Option<u8>,
    /// `+ednsflags`: without DO and CO.
    pub flags: u16,
    /// DO.
    pub dnssec: bool,
    /// CO (RFC 9824 §5.1).
    pub compact: bool,
    /// `+bufsize`.
    pub bufsize: Option<u16>,
    /// `+ednsopt`: code and data.
    pub options: Vec<(u16, Vec<u8>)>,
    /// `+ednsnegotiation`: asked again with the version that the server has.
    pub negotiation: bool,
    /// `+cookie`.
    pub cookie: Cookie,
    /// `+nsid`.
    pub nsid: bool,
    /// `+expire`.
    pub expire: bool,
    /// `+keepalive`.
    pub keepalive: bool,
    /// `+padding`: octets; 0 for none.
    pub padding: u16,
    /// `+subnet`.
    pub subnet: Option<Subnet>,
    /// `+zoneversion` (RFC 9660).
    pub zone_version: bool,
}

/// Of whom a server is told that they ask (RFC 7871 §6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subnet {
    /// The address; `None` for family 0.
    pub address: Option<IpAddr>,
    /// How many of its bits.
    pub prefix: u8,
}

impl Edns {
    /// The version to send, where an OPT is sent at all: other options bring it back after `+noedns`.
    #[must_use]
    pub fn version(&self) -> Option<u8> {
        let is_wanted = self.dnssec || self.bufsize.is_some() || self.subnet.is_some();
        self.chosen.or(is_wanted.then_some(0))
    }

    /// Octets of the largest datagram.
    #[must_use]
    pub fn udp_size(&self) -> u16 {
        self.bufsize.unwrap_or(DEFAULT_BUFSIZE)
    }

    /// The sixteen flags as they are sent (RFC 6891 §6.1.4).
    #[must_use]
    pub fn flag_bits(&self) -> u16 {
        let dnssec = if self.dnssec { 0x8000 } else { 0 };
        let compact = if self.compact { 0x4000 } else { 0 };
        self.flags & 0x3fff | dnssec | compact
    }
}

impl Default for Header {
    fn default() -> Self {
        Self {
            opcode: Opcode::QUERY,
            id: None,
            aa: false,
            ad: true,
            cd: false,
            rd: true,
            ra: false,
            tc: false,
            z: false,
            header_only: false,
            mixed_case: false,
        }
    }
}

impl Default for Edns {
    fn default() -> Self {
        Self {
            chosen: Some(0),
            flags: 0,
            dnssec: false,
            compact: false,
            bufsize: None,
            options: Vec::new(),
            negotiation: true,
            cookie: Cookie::Drawn,
            nsid: false,
            expire: false,
            keepalive: false,
            padding: 0,
            subnet: None,
            zone_version: false,
        }
    }
}
