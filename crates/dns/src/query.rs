//! What a query says: the questioner's side of a message.

use std::fmt;

use crate::{Class, Name, Opcode, RecordType};

/// What a query message is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// What kind of query.
    pub opcode: Opcode,
    /// Bits of the header, such as [`crate::Header::RD`].
    pub flags: u16,
    /// Transaction ID, where it was chosen; otherwise it is drawn.
    pub id: Option<u16>,
    /// The question's class.
    pub class: Class,
    /// Which records are wanted.
    pub kind: RecordType,
    /// Of IXFR: the serial that the questioner has (RFC 1995 §3).
    pub serial: Option<u32>,
    /// Whether the message has no question.
    pub header_only: bool,
    /// The OPT, where there is one.
    pub edns: Option<Edns>,
}

impl Default for Form {
    /// As dig's, were it given no option but a type of A: RD and AD, an OPT with a cookie.
    fn default() -> Self {
        Self {
            opcode: Opcode::QUERY,
            flags: crate::Header::RD | crate::Header::AD,
            id: None,
            class: Class::IN,
            kind: RecordType::A,
            serial: None,
            header_only: false,
            edns: Some(Edns { cookie: Cookie::Drawn, ..Edns::default() }),
        }
    }
}

/// The OPT of a query (RFC 6891 §6.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edns {
    /// 0 is the only one that there is.
    pub version: u8,
    /// Octets of the largest datagram that can be taken in.
    pub udp_size: u16,
    /// The sixteen flags; the highest is DO (RFC 3225).
    pub flags: u16,
    /// Options that stand before the cookie, in dig's order: NSID, client subnet. Code and data.
    pub leading: Vec<(u16, Vec<u8>)>,
    /// Whether a COOKIE is sent (RFC 7873).
    pub cookie: Cookie,
    /// Options behind the cookie: EXPIRE, keepalive, and what was given by number. Code and data.
    pub options: Vec<(u16, Vec<u8>)>,
    /// The message is padded to a multiple of so many octets (RFC 7830, RFC 8467); 0 not to.
    pub padding: u16,
}

impl Edns {
    /// DNSSEC records are wanted (RFC 3225 §3).
    pub const DO: u16 = 0x8000;
    /// Compact answers are understood (RFC 9824 §6.1).
    pub const CO: u16 = 0x4000;
}

impl Default for Edns {
    /// Version 0, 1232 octets (DNS flag day 2020), and nothing else.
    fn default() -> Self {
        Self {
            version: 0,
            udp_size: 1232,
            flags: 0,
            leading: Vec::new(),
            cookie: Cookie::None,
            options: Vec::new(),
            padding: 0,
        }
    }
}

/// What a query's COOKIE says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cookie {
    /// There is none.
    None,
    /// One is drawn.
    Drawn,
    /// This one.
    Chosen(Vec<u8>),
}

/// What carries a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Transport {
    /// Datagrams (RFC 1035 §4.2.1).
    Udp,
    /// A connection (RFC 7766).
    Tcp,
    /// TLS (RFC 7858).
    Tls,
    /// HTTPS by POST (RFC 8484).
    HttpsPost,
    /// HTTPS by GET.
    HttpsGet,
    /// HTTP without TLS, by POST.
    HttpPost,
    /// HTTP without TLS, by GET.
    HttpGet,
    /// QUIC (RFC 9250).
    Quic,
}

impl Transport {
    /// The port that a server of it listens on where none was said.
    #[must_use]
    pub const fn port(self) -> u16 {
        match self {
            Self::Udp | Self::Tcp => 53,
            Self::Tls | Self::Quic => 853,
            Self::HttpsPost | Self::HttpsGet => 443,
            Self::HttpPost | Self::HttpGet => 80,
        }
    }
}

impl fmt::Display for Transport {
    /// As dig's `SERVER` line has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
            Self::HttpsPost => "HTTPS",
            Self::HttpsGet => "HTTPS-GET",
            Self::HttpPost => "HTTP",
            Self::HttpGet => "HTTP-GET",
            Self::Quic => "QUIC",
        })
    }
}

/// Makes the message. `id` and `cookie` are what stands where the form says "drawn"; the form's own ID is
/// the caller's to look at.
#[must_use]
pub fn encode(form: &Form, name: &Name, id: u16, cookie: &[u8]) -> Vec<u8> {
    let _ = (form, name, id, cookie);
    Vec::new()
}
