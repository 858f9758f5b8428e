//! What was asked for, with every word resolved: what each query is, and what holds for the whole run.
//!
//! Plain data. Nothing here has been looked up: servers and times not chosen are still open, because
//! resolv.conf(5) settles them.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use wireline_dns::{Class, Cookie, Opcode, RecordType, Transport};

pub use crate::greeting::Greeting;
pub use crate::key::KeySource;

/// The largest datagram that is taken in if nobody says otherwise: octets (BIND's `DEFAULT_EDNS_BUFSIZE`).
pub const DEFAULT_BUFSIZE: u16 = 1232;

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

/// What carries a query, as the flags left it; [`Carrier::transport`] says what that comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carrier {
    /// A connection is wanted, by whichever option.
    pub tcp: bool,
    /// `+[no]tcp` or `+[no]vc` was given: what else would want a connection is then not heard.
    pub tcp_chosen: bool,
    /// `+tls`.
    pub tls: bool,
    /// `+https` or `+http-plain`.
    pub https: bool,
    /// `+http-plain`.
    pub plain: bool,
    /// GET rather than POST.
    pub get: bool,
    /// Path of the URL, where HTTP is wanted.
    pub path: Option<String>,
    /// `+http3`: HTTPS over QUIC.
    pub http3: bool,
    /// `+quic`.
    pub quic: bool,
    /// `+keepopen`: one connection for the queries of a run.
    pub keep_open: bool,
    /// `+proxy`: the PROXY header (version 2) before everything.
    pub proxy: Option<Proxy>,
    /// `+proxy-plain`: that header before TLS begins, and not within it.
    pub proxy_plain: bool,
}

/// The addresses in a PROXY header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proxy {
    /// The connection is our own (`LOCAL`).
    Local,
    /// It is made in the name of these.
    Addresses {
        /// From whom.
        source: SocketAddr,
        /// To whom.
        destination: SocketAddr,
    },
}

impl Proxy {
    /// The header, as this carries it.
    #[must_use]
    pub fn header(self, via: wireline_packet::proxy::Via) -> Vec<u8> {
        let ends = match self {
            Self::Local => None,
            Self::Addresses { source, destination } => Some((source, destination)),
        };
        wireline_packet::proxy::header(via, ends)
    }
}

/// What is wanted of TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// Whether the server must be who it says (any `+tls-…` option): the strict profile (RFC 8310 §5).
    pub verify: bool,
    /// `+tls-ca=FILE`; without, the system's.
    pub ca: Option<PathBuf>,
    /// `+tls-certfile`.
    pub certificate: Option<PathBuf>,
    /// `+tls-keyfile`.
    pub key: Option<PathBuf>,
    /// `+tls-hostname`: the name that the certificate must be for.
    pub hostname: Option<String>,
    /// `+tls-pin`: SHA-256 of keys that the server may have, in base64 (RFC 7858 §4.2).
    pub pins: Vec<String>,
    /// `+tls-sni`: name to say in the handshake.
    pub sni: Option<String>,
}

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

/// How it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Show {
    /// `+short`, of the whole command line.
    pub short: bool,
    /// `+yaml`, of the whole command line.
    pub yaml: bool,
    /// `+cmd`, of the whole command line: the greeting is printed.
    pub cmd: bool,
    /// `+qr`: the query too.
    pub query: bool,
    /// `+question`.
    pub question: bool,
    /// `+answer`.
    pub answer: bool,
    /// `+authority`.
    pub authority: bool,
    /// `+additional`.
    pub additional: bool,
    /// `+comments`.
    pub comments: bool,
    /// `+stats`.
    pub stats: bool,
    /// `+rrcomments`.
    pub rr_comments: RrComments,
    /// `+identify`.
    pub identify: bool,
    /// `-u`: microseconds.
    pub microseconds: bool,
    /// `+multiline`.
    pub multiline: bool,
    /// `+onesoa`: of a transfer, the last SOA is not shown.
    pub one_soa: bool,
    /// `+ttlid`.
    pub ttl: bool,
    /// `+ttlunits`.
    pub ttl_units: bool,
    /// `+class`.
    pub class: bool,
    /// `+crypto`.
    pub crypto: bool,
    /// `+split`: length of a chunk of hex or base64.
    pub split: Split,
    /// `+unknownformat`.
    pub unknown_format: bool,
    /// `+expandaaaa`.
    pub expand_aaaa: bool,
    /// `+showbadcookie`.
    pub bad_cookie: bool,
}

/// Chunks of hex and base64, of the whole command line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Split {
    /// As each type of record has it: 56 characters, 44 with `+multiline`.
    #[default]
    Default,
    /// In one piece (`+nosplit`, `+split=0`).
    Never,
    /// So many characters, a multiple of 4.
    Every(u16),
}

/// Remarks behind records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RrComments {
    /// Only with `+multiline`.
    #[default]
    Multiline,
    /// Always.
    Always,
    /// Never.
    Never,
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

/// Which addresses may be asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Family {
    /// Both.
    #[default]
    Any,
    /// IPv4.
    V4,
    /// IPv6.
    V6,
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

impl Default for Show {
    fn default() -> Self {
        Self {
            short: false,
            yaml: false,
            cmd: true,
            query: false,
            question: true,
            answer: true,
            authority: true,
            additional: true,
            comments: true,
            stats: true,
            rr_comments: RrComments::Multiline,
            identify: false,
            microseconds: false,
            multiline: false,
            one_soa: false,
            ttl: true,
            ttl_units: false,
            class: true,
            crypto: true,
            split: Split::Default,
            unknown_format: false,
            expand_aaaa: false,
            bad_cookie: false,
        }
    }
}

impl Options {
    /// What carries the query. A type may want a connection by itself; that is in [`Carrier::tcp`] already.
    #[must_use]
    pub fn transport(&self) -> Transport {
        let Carrier { tcp, tls, https, plain, get, quic, .. } = self.carrier;
        let is_tls = tls || (self.tls.is_wanted() && !https);
        match (quic, tcp, is_tls, https) {
            (true, ..) => Transport::Quic,
            (_, false, ..) => Transport::Udp,
            (_, _, true, _) => Transport::Tls,
            (_, _, _, false) => Transport::Tcp,
            _ if plain && get => Transport::HttpGet,
            _ if plain => Transport::HttpPost,
            _ if get => Transport::HttpsGet,
            _ => Transport::HttpsPost,
        }
    }

    /// Where the servers listen: `-p`, or what the transport has.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or_else(|| match self.transport() {
            Transport::Udp | Transport::Tcp => 53,
            Transport::Tls | Transport::Quic => 853,
            Transport::HttpsPost | Transport::HttpsGet => 443,
            Transport::HttpPost | Transport::HttpGet => 80,
        })
    }
}

impl Tls {
    /// Whether anything was said of it.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        self.verify || self.sni.is_some() || !self.pins.is_empty()
    }
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
