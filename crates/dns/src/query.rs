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
    /// The option of a cookie (RFC 7873 §4).
    pub const COOKIE: u16 = 10;
    const PADDING: u16 = 12;
    /// The longest block that a message is padded to, in octets, as BIND has it.
    const LONGEST_BLOCK: u16 = 512;
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

/// Makes the message. `id` and `cookie` are what stands where the form says "drawn"; `reserved` is how many
/// octets a signature will add, which padding makes room for.
///
/// It is written here and not by `hickory-proto`, because each octet is a matter of some option: bits that
/// must be zero, options in the order given, a question that is left out.
#[must_use]
pub fn encode(form: &Form, name: &Name, id: u16, cookie: &[u8], reserved: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(512);
    // What records it has nobody has found authentic, so that AD would be a lie (RFC 4035 §3.2.3).
    let untrue = if form.serial.is_some() { crate::Header::AD } else { 0 };
    let flags = form.flags & !0x7800 & !untrue | u16::from(form.opcode.0 & 0xf) << 11;
    let counts = [
        u16::from(!form.header_only),
        0,
        u16::from(form.serial.is_some()),
        u16::from(form.edns.is_some()),
    ];
    for word in [form.id.unwrap_or(id), flags].into_iter().chain(counts) {
        push(&mut out, word);
    }
    if !form.header_only {
        out.extend_from_slice(name.octets());
        push(&mut out, form.kind.0);
        push(&mut out, form.class.0);
    }
    if let Some(serial) = form.serial {
        soa(form, name, serial, &mut out);
    }
    if let Some(edns) = &form.edns {
        opt(edns, cookie, reserved, &mut out);
    }
    out
}

/// The SOA that says which version the questioner has: all but its serial is zero.
fn soa(form: &Form, name: &Name, serial: u32, out: &mut Vec<u8>) {
    // The question's name, or the name itself where there is no question to point to.
    if form.header_only || name.is_root() {
        out.extend_from_slice(name.octets());
    } else {
        out.extend_from_slice(&[0xc0, 12]);
    }
    push(out, RecordType::SOA.0);
    push(out, form.class.0);
    // TTL; the length; the primary and the mailbox, both the root; the serial; four times of zero.
    out.extend_from_slice(&[0, 0, 0, 0, 0, 22, 0, 0]);
    out.extend_from_slice(&serial.to_be_bytes());
    out.extend_from_slice(&[0; 16]);
}

fn opt(edns: &Edns, cookie: &[u8], reserved: usize, out: &mut Vec<u8>) {
    out.push(0);
    push(out, RecordType::OPT.0);
    push(out, edns.udp_size);
    out.extend_from_slice(&[0, edns.version]);
    push(out, edns.flags);
    let length_at = out.len();
    push(out, 0);
    let cookie = match &edns.cookie {
        Cookie::None => None,
        Cookie::Drawn => Some(cookie),
        Cookie::Chosen(chosen) => Some(chosen.as_slice()),
    };
    for (code, data) in &edns.leading {
        option(*code, data, out);
    }
    if let Some(cookie) = cookie {
        option(Edns::COOKIE, cookie, out);
    }
    for (code, data) in &edns.options {
        option(*code, data, out);
    }
    if edns.padding > 0 {
        let block = usize::from(edns.padding.min(Edns::LONGEST_BLOCK));
        let size = (out.len() + 4 + reserved).next_multiple_of(block) - (out.len() + 4 + reserved);
        option(Edns::PADDING, &vec![0; size], out);
    }
    let length = u16::try_from(out.len() - length_at - 2).unwrap_or(u16::MAX);
    out[length_at..length_at + 2].copy_from_slice(&length.to_be_bytes());
}

fn option(code: u16, data: &[u8], out: &mut Vec<u8>) {
    push(out, code);
    push(out, u16::try_from(data.len()).unwrap_or(u16::MAX));
    out.extend_from_slice(&data[..data.len().min(usize::from(u16::MAX))]);
}

fn push(out: &mut Vec<u8>, word: u16) {
    out.extend_from_slice(&word.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        Name::parse(text.as_bytes(), &Name::root()).unwrap()
    }

    fn bare() -> Form {
        Form { edns: None, ..Form::default() }
    }

    #[test]
    fn default_query_is_digs() {
        let octets = encode(&Form::default(), &name("a.b"), 0x1234, &[7; 8], 0);
        let expected = b"\x12\x34\x01\x20\0\x01\0\0\0\0\0\x01\x01a\x01b\0\0\x01\0\x01\
            \0\0\x29\x04\xd0\0\0\0\0\0\x0c\0\x0a\0\x08\x07\x07\x07\x07\x07\x07\x07\x07";
        assert_eq!(octets, expected);
    }

    #[test]
    fn chosen_id_opcode_and_bits_are_taken_as_they_are() {
        let form = Form { id: Some(7), opcode: Opcode(15), flags: crate::Header::Z, ..bare() };
        assert_eq!(encode(&form, &name("."), 9, &[], 0)[..4], [0, 7, 0x78, 0x40]);
    }

    #[test]
    fn header_alone_has_no_question() {
        let form = Form { header_only: true, ..bare() };
        assert_eq!(encode(&form, &name("a."), 1, &[], 0), b"\0\x01\x01\x20\0\0\0\0\0\0\0\0");
    }

    #[test]
    fn ixfr_has_the_serial_in_an_soa() {
        let form = Form { kind: RecordType::IXFR, serial: Some(0x0102_0304), ..bare() };
        let octets = encode(&form, &name("a."), 1, &[], 0);
        assert_eq!(octets[2..4], [1, 0], "no AD");
        assert_eq!(octets[8..10], [0, 1], "one authority record");
        let tail = &octets[12 + 3 + 4..];
        assert_eq!(tail[..12], [0xc0, 12, 0, 6, 0, 1, 0, 0, 0, 0, 0, 22]);
        assert_eq!(tail[14..18], [1, 2, 3, 4]);
        assert!(crate::Message::parse(&octets).unwrap().fault.is_none());
    }

    #[test]
    fn padding_fills_the_block_with_the_signature_counted() {
        for (reserved, padding) in [(0, 128), (61, 128), (0, 468), (0, 600)] {
            let edns = Edns { padding, ..Edns::default() };
            let form = Form { edns: Some(edns), ..bare() };
            let octets = encode(&form, &name("www.example.com."), 1, &[], reserved);
            let block = usize::from(padding.min(512));
            assert_eq!((octets.len() + reserved) % block, 0, "{reserved} {padding}");
            assert!(crate::Message::parse(&octets).unwrap().fault.is_none());
        }
    }

    #[test]
    fn options_keep_their_order_around_the_cookie() {
        let edns = Edns {
            leading: vec![(3, vec![])],
            cookie: Cookie::Chosen(vec![1; 8]),
            options: vec![(65001, vec![5]), (9, vec![])],
            ..Edns::default()
        };
        let octets = encode(&Form { edns: Some(edns), ..bare() }, &name("."), 1, &[], 0);
        let message = crate::Message::parse(&octets).unwrap();
        let rdata = message.opt().unwrap().rdata.octets();
        assert_eq!(rdata[..6], [0, 3, 0, 0, 0, 10]);
        assert_eq!(rdata[16..], [0xfd, 0xe9, 0, 1, 5, 0, 9, 0, 0]);
    }
}
