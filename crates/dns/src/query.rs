//! What a query says: the questioner's side of a message.

use crate::{Class, Opcode, RecordType};

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
    /// Whether the message is its header and no more.
    pub header_only: bool,
    /// The OPT, where there is one.
    pub edns: Option<Edns>,
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
    /// Options: code and data.
    pub options: Vec<(u16, Vec<u8>)>,
    /// The message is padded to a multiple of so many octets (RFC 7830, RFC 8467); 0 not to.
    pub padding: u16,
    /// Whether a COOKIE is sent (RFC 7873).
    pub cookie: Cookie,
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
