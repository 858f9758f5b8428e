//! Which method was asked for, and what its `-O` says.

use std::fs;

use wireline_cli::{Exit, Refusal};
use wireline_packet::tcp::{Flags, Options, Timestamps};

use crate::args::ProbeFlags;
use crate::grammar::Places;
use crate::number::integer;

/// A method with its options.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// UDP to rising ports.
    Default,
    /// UDP to one port.
    Udp,
    /// UDP-Lite to one port.
    UdpLite { coverage: u16 },
    /// Echo requests.
    Icmp(IcmpSocket),
    /// Segments of our own making.
    Tcp(TcpOptions),
    /// The kernel's connections.
    Connect,
    /// Anything of this protocol.
    Raw { protocol: i64 },
}

/// Which socket echo requests go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IcmpSocket {
    Any,
    Raw,
    Datagram,
}

/// What `-O` says of TCP.
#[derive(Clone, Debug, Default)]
pub(crate) struct TcpOptions {
    pub(crate) flags: Flags,
    pub(crate) max_segment_size: u16,
    pub(crate) sack: bool,
    pub(crate) timestamps: bool,
    pub(crate) window_scaling: bool,
    /// Print the flags of what comes back.
    pub(crate) info: bool,
    /// Nothing that only a raw socket can do was asked for.
    pub(crate) is_plain: bool,
}

impl Kind {
    /// What it is called.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Default | Self::Udp => "udp",
            Self::UdpLite { .. } => "udplite",
            Self::Icmp(_) => "icmp",
            Self::Tcp(_) | Self::Connect => "tcp",
            Self::Raw { .. } => "raw",
        }
    }

    pub(crate) fn new(flags: &ProbeFlags, places: &Places) -> Result<Self, Refusal> {
        let name = match flags.module.as_deref().map(str::to_lowercase) {
            Some(name) => name,
            None => named(flags).to_owned(),
        };
        let words: Vec<&str> = flags
            .options
            .iter()
            .flat_map(|list| list.split([',', ' ']))
            .filter(|word| !word.is_empty())
            .collect();
        match name.as_str() {
            "default" => Ok(Self::Default),
            "udp" => Ok(Self::Udp),
            "udplite" => Ok(Self::UdpLite { coverage: coverage(&words)? }),
            "icmp" => icmp(&words).map(Self::Icmp),
            "tcp" => tcp(&words).map(Self::Tcp),
            "tcpconn" => words.iter().enumerate().try_for_each(not_allowed).map(|()| Self::Connect),
            "raw" => protocol(flags, places, &words).map(|protocol| Self::Raw { protocol }),
            "dccp" => refuse("-D: not built: kernels since 6.16 have no DCCP"),
            _ => refuse(format!("Unknown traceroute module {name}")),
        }
    }
}

fn named(flags: &ProbeFlags) -> &'static str {
    match () {
        () if flags.icmp => "icmp",
        () if flags.tcp => "tcp",
        () if flags.udp => "udp",
        () if flags.udplite => "udplite",
        () if flags.dccp => "dccp",
        () if flags.protocol.is_some() => "raw",
        () => "default",
    }
}

/// The help that `-O help` asks for, if it does.
pub(crate) fn help(flags: &ProbeFlags) -> Option<String> {
    let asked = flags.options.iter().flat_map(|list| list.split([',', ' '])).any(|w| w == "help");
    let name = flags.module.clone().unwrap_or_else(|| named(flags).to_owned());
    let text = match name.as_str() {
        "icmp" => "raw\t\tuse raw sockets only\ndgram\t\tuse datagram sockets only\n",
        "tcp" => {
            "syn,ack,fin,rst,psh,urg,ece,cwr\tset these flags\nflags=NUM\tset the flags to a number\n\
             ecn\t\tSYN with ECE and CWR\nsack, timestamps, window_scaling\tsend these options\n\
             sysctl\t\tas this machine's settings say, the default\nmss=NUM\t\tmaximum segment size\n\
             info\t\tprint the flags of the last answer\nreuse\t\taccepted: ports are never bound\n"
        }
        "udplite" => "coverage=NUM\toctets that the checksum covers\n",
        "raw" => "protocol=NUM\tIP protocol\n",
        _ => return asked.then(|| format!("No options for module `{name}'\n")),
    };
    asked.then(|| format!("Options for module `{name}':\n{text}"))
}

fn refuse<T>(message: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::new(Exit::FAILED, message))
}

fn not_allowed((n, word): (usize, &&str)) -> Result<(), Refusal> {
    refuse(format!("`{word}' (argc {}): arguments are not allowed", n + 1))
}

/// The number of `keyword=NUM`, whose place in the list is `n`, from 0.
fn number(n: usize, keyword: &str, value: Option<&str>) -> Result<i64, Refusal> {
    let place = n + 1;
    let Some(value) = value else {
        return refuse(format!(
            "Keyword `{keyword}' (argc {place}) requires an argument: `{keyword}=NUM'"
        ));
    };
    integer(value).map_or_else(
        || {
            let what =
                format!("Cannot handle `{keyword}' keyword with arg `{value}' (argc {place})");
            refuse(what)
        },
        Ok,
    )
}

fn keyword(word: &str) -> (&str, Option<&str>) {
    word.split_once('=').map_or((word, None), |(keyword, value)| (keyword, Some(value)))
}

fn coverage(words: &[&str]) -> Result<u16, Refusal> {
    /// The header alone (udplite(7)).
    const LEAST: u16 = 8;
    let mut coverage = LEAST;
    for (n, word) in words.iter().enumerate() {
        match keyword(word) {
            ("coverage", value) => {
                coverage = u16::try_from(number(n, "coverage", value)?).unwrap_or(LEAST);
            }
            _ => not_allowed((n, word))?,
        }
    }
    Ok(coverage)
}

fn icmp(words: &[&str]) -> Result<IcmpSocket, Refusal> {
    let mut socket = IcmpSocket::Any;
    for (n, word) in words.iter().enumerate() {
        let wanted = match *word {
            "raw" => IcmpSocket::Raw,
            "dgram" => IcmpSocket::Datagram,
            _ => return not_allowed((n, word)).map(|()| socket),
        };
        if socket != IcmpSocket::Any && socket != wanted {
            let place = n + 1;
            return refuse(format!(
                "Keyword `{word}' (argc {place}): Only one of: raw | dgram may be specified."
            ));
        }
        socket = wanted;
    }
    Ok(socket)
}

fn protocol(flags: &ProbeFlags, places: &Places, words: &[&str]) -> Result<i64, Refusal> {
    /// For experiments (RFC 3692 §2.1).
    const EXPERIMENT: i64 = 253;
    let mut protocol = EXPERIMENT;
    if let Some(word) = &flags.protocol {
        let named = || wireline_host::protocol_number(word).map(i64::from);
        let bad = || {
            let (_, place) = places.of("protocol");
            let _ = place;
            Refusal::new(
                Exit::FAILED,
                format!("Cannot handle `protocol' keyword with arg `{word}' (argc 1)"),
            )
        };
        protocol = integer(word).or_else(named).ok_or_else(bad)?;
    }
    for (n, word) in words.iter().enumerate() {
        match keyword(word) {
            ("protocol", value) => protocol = number(n, "protocol", value)?,
            _ => not_allowed((n, word))?,
        }
    }
    Ok(protocol)
}

fn tcp(words: &[&str]) -> Result<TcpOptions, Refusal> {
    let mut options = TcpOptions::default();
    // Whether anything was said of flags or options, which then are not this machine's settings.
    let (mut said, mut sysctl, mut ecn) = (false, false, false);
    for (n, word) in words.iter().enumerate() {
        let (name, value) = keyword(word);
        if let Some((flag, _)) = Flags::NAMES.iter().find(|(_, known)| *known == name) {
            options.flags = options.flags | *flag;
            said = true;
            continue;
        }
        match name {
            "flags" => {
                options.flags = Flags(low(number(n, name, value)?));
                said = true;
            }
            "ecn" => (ecn, said) = (true, true),
            "sack" => (options.sack, said) = (true, true),
            "timestamps" => (options.timestamps, said) = (true, true),
            "window_scaling" => (options.window_scaling, said) = (true, true),
            "sysctl" => sysctl = true,
            "mss" => options.max_segment_size = u16::try_from(number(n, name, value)?).unwrap_or(0),
            "info" => options.info = true,
            "reuse" => {}
            _ => not_allowed((n, word))?,
        }
    }
    options.is_plain = !said && options.max_segment_size == 0;
    if sysctl || !said {
        options.take_settings();
        ecn |= setting("tcp_ecn") == 1;
    }
    if options.flags.is_empty() && !words.iter().any(|word| word.starts_with("flags=")) {
        options.flags = if ecn { Flags::SYN | Flags::ECE | Flags::CWR } else { Flags::SYN };
    }
    Ok(options)
}

impl TcpOptions {
    /// As where nothing is said of them.
    pub(crate) fn plain() -> Self {
        let mut options = Self { is_plain: true, flags: Flags::SYN, ..Self::default() };
        options.take_settings();
        options
    }

    /// As this machine would connect (tcp(7)).
    fn take_settings(&mut self) {
        self.sack = setting("tcp_sack") > 0;
        self.timestamps = setting("tcp_timestamps") > 0;
        self.window_scaling = setting("tcp_window_scaling") > 0;
    }

    /// The options as they stand in the header.
    pub(crate) fn emit(&self, is_ipv6: bool, clock: u32) -> Vec<u8> {
        /// What Linux' traceroute claims.
        const SCALE: u8 = 2;
        let usual = if is_ipv6 { 1440 } else { 1460 };
        let size = if self.max_segment_size > 0 { self.max_segment_size } else { usual };
        let is_syn = self.flags.contains(Flags::SYN);
        let options = Options {
            max_segment_size: is_syn.then_some(size),
            sack_permitted: self.sack,
            timestamps: self.timestamps.then_some(Timestamps { value: clock, echo: 0 }),
            window_scale: self.window_scaling.then_some(SCALE),
        };
        options.emit()
    }
}

/// A setting of this machine's TCP, 0 if it cannot be read.
fn setting(name: &str) -> u32 {
    let text = fs::read_to_string(format!("/proc/sys/net/ipv4/{name}"));
    text.ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

/// The low eight bits, as the original takes them.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "that is what it is for"
)]
const fn low(number: i64) -> u8 {
    number as u8
}
