use std::io::IsTerminal as _;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU64;
use std::time::Duration;

use anyhow::Context as _;
use wireline_cli::{Exit, Refusal};
use wireline_engine::echo::{self, Pace, SocketKind};
use wireline_host::{Family, Target, interface_index};
use wireline_net::{PathMtu, SocketOptions, Stamps};
use wireline_packet::ipv4;

use crate::args::{Args, PrintFlags};
use crate::number::{decimal_or_hex, seconds, whole};

/// What the flags mean for one target: checked, resolved, and in units.
///
/// It is cut up by reader, so that no layer sees a flag that is not its own: [`echo`](Self::echo)
/// is for the engine, [`socket`](Self::socket) for the socket, `text` for the renderer.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) target: Target,
    pub(crate) text: TextConfig,
    pub(crate) format: Format,
    pub(crate) source: Source,
    pub(crate) request: Request,
    pub(crate) interval: Option<Duration>,
    pub(crate) flood: bool,
    pub(crate) broadcast: bool,
    adaptive: bool,
    count: Option<NonZeroU64>,
    deadline: Option<Duration>,
    linger: Option<Duration>,
    preload: u32,
    user_clock: bool,
    outstanding: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Text,
    JsonLines,
    Live,
}

/// What the text renderer does differently for a flag.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TextConfig {
    pub(crate) quiet: bool,
    pub(crate) verbose: bool,
    pub(crate) flood: bool,
    pub(crate) timestamps: bool,
    pub(crate) audible: bool,
    pub(crate) precise: bool,
    pub(crate) breakdown: bool,
    pub(crate) percentiles: bool,
    /// Whether a round trip is told: iputils keeps the time in the data, and so has none without.
    pub(crate) timed: bool,
    /// Octets of IPv4 options in each request.
    pub(crate) option_octets: usize,
    /// Whether addresses get their names.
    pub(crate) names: bool,
}

/// Where requests come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) device: Option<String>,
    pub(crate) address: Option<IpAddr>,
}

/// What each request looks like, and what the socket is to do with it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub(crate) size: usize,
    pub(crate) pattern: Option<Vec<u8>>,
    pub(crate) ident: Option<u16>,
    pub(crate) hop_limit: Option<u8>,
    pub(crate) traffic_class: Option<u8>,
    pub(crate) path_mtu: Option<PathMtu>,
    pub(crate) flow_label: Option<u32>,
    pub(crate) ip_options: Vec<u8>,
    pub(crate) send_buffer: Option<u32>,
    pub(crate) dont_route: bool,
    pub(crate) sticky_source: bool,
    pub(crate) no_loopback: bool,
    pub(crate) debug: bool,
    pub(crate) connect: bool,
}

/// Octets of data in which iputils keeps the time of a request.
const TIME_OCTETS: usize = 16;

impl Config {
    /// Reads the flags, and looks up the last destination.
    pub(crate) fn new(args: &Args, family: Family) -> anyhow::Result<Self> {
        let (request, flags) = (Request::new(args, family)?, &args.print);
        let interval = args
            .timing
            .interval
            .as_deref()
            .map(|i| seconds("bad timing interval", i))
            .transpose()?;
        let count = |word: &String| whole("-c", word, 1, i64::MAX as u64);
        let timing = &args.timing;
        let config = Self {
            text: text(flags, &request, timing.flood),
            format: format(flags),
            source: Source::new(&args.socket.interface)?,
            interval,
            flood: timing.flood,
            broadcast: args.socket.broadcast,
            adaptive: timing.adaptive,
            count: args.probe.count.as_ref().map(count).transpose()?.and_then(NonZeroU64::new),
            deadline: deadline(timing.deadline.as_deref())?,
            linger: linger(timing.timeout.as_deref())?,
            preload: preload(timing.preload.as_deref())?,
            user_clock: timing.user_latency,
            outstanding: flags.outstanding,
            request,
            target: target(args, family)?,
        };
        Ok(config.with_names(flags))
    }

    fn with_names(mut self, flags: &PrintFlags) -> Self {
        let wanted = !self.target.is_numeric || flags.names;
        self.text.names = wanted && !(flags.numeric || self.flood);
        self
    }

    /// From one request to the next.
    pub(crate) fn interval(&self) -> Duration {
        let default = if self.flood { Duration::ZERO } else { Duration::from_secs(1) };
        self.interval.unwrap_or(default)
    }

    /// The engine's share. `least` is as fast as this person may ping.
    pub(crate) fn echo(
        &self,
        to: SocketAddr,
        socket: SocketKind,
        ident: Option<u16>,
        least: Duration,
    ) -> echo::Config {
        let pace = if self.adaptive {
            Pace::Adaptive { first: self.interval(), least }
        } else {
            Pace::Every(self.interval())
        };
        echo::Config {
            target: to,
            name: self.target.name.clone(),
            socket,
            ident,
            count: self.count,
            deadline: self.deadline,
            linger: self.linger,
            pace,
            preload: self.preload,
            payload: self.request.payload(),
            user_clock: self.user_clock,
            late_stamps: self.reads_stamps_lazily(),
            report_outstanding: self.outstanding,
            report_gap: self.flood || self.adaptive || self.interval().is_zero(),
            report_sent: self.flood && self.format == Format::Text && !self.text.quiet,
            many_answer: self.broadcast || to.ip().is_multicast(),
        }
    }

    /// Requests to send before waiting for replies.
    pub(crate) const fn preload(&self) -> u32 {
        self.preload
    }

    /// Replies that must have come by the deadline, if there is one.
    pub(crate) fn wanted_by_deadline(&self) -> Option<u64> {
        self.deadline.and(self.count).map(NonZeroU64::get)
    }

    /// Whether nobody looks at a round trip before the end, so that stamps can be read in batches.
    pub(crate) fn reads_stamps_lazily(&self) -> bool {
        self.flood && self.interval().is_zero() && self.format == Format::Text && !self.adaptive
    }

    /// The socket's share.
    pub(crate) fn socket(&self, to: SocketAddr, source: IpAddr) -> anyhow::Result<SocketOptions> {
        let request = &self.request;
        let bound = self.source.address.or((request.sticky_source).then_some(source));
        let many = self.broadcast || to.ip().is_multicast();
        let index =
            self.source.device.as_deref().filter(|_| to.ip().is_multicast()).map(interface_index);
        Ok(SocketOptions {
            hop_limit: request.hop_limit,
            traffic_class: request.traffic_class,
            path_mtu: request.path_mtu.or((many && to.is_ipv4()).then_some(PathMtu::Do)),
            source: bound.map(|ip| with_scope_of(ip, to)),
            port: request.ident,
            broadcast: self.broadcast,
            no_loopback: request.no_loopback,
            dont_route: request.dont_route,
            debug: request.debug,
            send_buffer: request.send_buffer,
            receive_buffer: self.receive_buffer(),
            ip_options: request.ip_options.clone(),
            flow_label: request.flow_label(to),
            multicast_interface: index.transpose().context("-I")?,
            connect: request.connect.then_some(to),
            stamps: self.stamps(),
            whole_errors: false,
        })
    }

    fn stamps(&self) -> Stamps {
        match (self.user_clock, self.text.breakdown || self.format == Format::JsonLines) {
            (true, _) => Stamps::Receive,
            (false, true) => Stamps::Queue,
            (false, false) => Stamps::Transmit,
        }
    }

    /// Room for the preload, as iputils reckons it, and for the stamps beside it.
    fn receive_buffer(&self) -> u32 {
        const LEAST: u64 = 1 << 18;
        let packet = (self.request.size as u64 + 8).next_multiple_of(512) * 2 + 1024;
        let octets = (packet * u64::from(self.preload) * 2).max(LEAST);
        u32::try_from(octets).unwrap_or(u32::MAX >> 1).min(1 << 26)
    }
}

impl Source {
    /// `-I` is an address, an address with an interface (`fe80::1%eth0`), or the name of an interface.
    pub(crate) fn new(words: &[String]) -> Result<Self, Refusal> {
        let mut source = Self::default();
        for word in words {
            match word.split_once('%') {
                Some((address, device)) if address.contains(':') => {
                    let bad =
                        |_| Refusal::new(Exit::FAILED, format!("invalid source address: {word}"));
                    source.address = Some(address.parse().map_err(bad)?);
                    source.device = Some(device.to_owned());
                }
                _ => match word.parse() {
                    Ok(address) => source.address = Some(address),
                    Err(_) if word.contains(':') => {
                        return Err(Refusal::new(
                            Exit::FAILED,
                            format!("invalid source address: {word}"),
                        ));
                    }
                    Err(_) => source.device = Some(word.clone()).filter(|word| !word.is_empty()),
                },
            }
        }
        Ok(source)
    }

    /// The interface that `-I` names, if it does. Nothing is looked up.
    pub(crate) fn device(words: &[String]) -> Option<String> {
        Self::new(words).ok()?.device
    }
}

impl Request {
    pub(crate) fn new(args: &Args, family: Family) -> anyhow::Result<Self> {
        const INT_MAX: u64 = i32::MAX as u64;
        let (probe, socket) = (&args.probe, &args.socket);
        if let Some(query) = &probe.node_info {
            let message = format!("-N {query}: node information queries are not supported");
            return Err(Refusal::new(Exit::FAILED, message).into());
        }
        let octet = |flag, word: &String| whole::<u8>(flag, word, 0, 255);
        let send_buffer = |word: &String| whole("-S", word, 1, INT_MAX);
        let ident = |word: &String| whole("-e", word, 0, 65_535);
        Ok(Self {
            size: size(&probe.size)?,
            pattern: probe.pattern.as_deref().map(pattern).transpose()?,
            ident: probe.ident.as_ref().map(ident).transpose()?,
            hop_limit: socket.ttl.as_ref().map(|word| octet("-t", word)).transpose()?,
            traffic_class: socket.tos.as_deref().map(traffic_class).transpose()?,
            path_mtu: socket.path_mtu.as_deref().map(path_mtu).transpose()?,
            flow_label: probe.flow_label.as_deref().map(flow_label).transpose()?,
            ip_options: ip_options(args, family)?,
            send_buffer: socket.sndbuf.as_ref().map(send_buffer).transpose()?,
            dont_route: socket.dont_route,
            sticky_source: socket.sticky_source,
            no_loopback: socket.no_loopback,
            debug: socket.debug,
            connect: socket.connect,
        })
    }

    /// The pattern, or 0, 1, 2…: what iputils sends, so that captures look alike.
    pub(crate) fn payload(&self) -> Vec<u8> {
        match self.pattern.as_deref() {
            Some(pattern @ [_, ..]) => pattern.iter().copied().cycle().take(self.size).collect(),
            _ => (0..=u8::MAX).cycle().take(self.size).collect(),
        }
    }

    fn flow_label(&self, to: SocketAddr) -> Option<(u32, std::net::Ipv6Addr)> {
        match to {
            SocketAddr::V6(to) => Some((self.flow_label?, *to.ip())),
            SocketAddr::V4(_) => None,
        }
    }
}

fn text(flags: &PrintFlags, request: &Request, flood: bool) -> TextConfig {
    TextConfig {
        quiet: flags.quiet,
        verbose: flags.verbose,
        flood,
        timestamps: flags.timestamps,
        audible: flags.audible,
        precise: flags.precise,
        breakdown: flags.breakdown,
        percentiles: flags.percentiles,
        timed: request.size >= TIME_OCTETS,
        option_octets: if request.ip_options.is_empty() { 0 } else { 40 },
        names: false,
    }
}

pub(crate) fn format(flags: &PrintFlags) -> Format {
    match (flags.json, flags.live) {
        (true, _) => Format::JsonLines,
        (_, true) if std::io::stdout().is_terminal() => Format::Live,
        _ => Format::Text,
    }
}

/// The destination is the last word; what stands before it are hops of `-T tsprespec`.
fn target(args: &Args, family: Family) -> anyhow::Result<Target> {
    let family =
        if args.probe.record_route || args.probe.timestamp.is_some() { Family::V4 } else { family };
    let name = args.destinations.last().map_or("", String::as_str);
    Ok(Target::resolve(name, family)?)
}

fn size(word: &str) -> Result<usize, Refusal> {
    /// The largest IPv4 datagram less its header and ICMP's (RFC 791 §3.1); IPv6's is 20 more.
    const MOST: u64 = 65_527;
    whole("-s", word, 0, MOST)
}

fn pattern(word: &str) -> Result<Vec<u8>, Refusal> {
    let bad = |at: usize| {
        Refusal::new(
            Exit::FAILED,
            format!("patterns must be specified as hex digits: {}", &word[at..]),
        )
    };
    if let Some((at, _)) = word.char_indices().find(|(_, c)| !c.is_ascii_hexdigit()) {
        return Err(bad(at));
    }
    let octet = |digits: &[u8]| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
    word.as_bytes().chunks(2).take(16).map(octet).collect::<Option<_>>().ok_or_else(|| bad(0))
}

fn traffic_class(word: &str) -> Result<u8, Refusal> {
    let tos = decimal_or_hex(word)
        .ok_or_else(|| Refusal::new(Exit::FAILED, format!("bad TOS value: {word}")))?;
    let range = |_| {
        Refusal::new(
            Exit::FAILED,
            format!("the decimal value of TOS bits must be in range 0-255: {tos}"),
        )
    };
    u8::try_from(tos).map_err(range)
}

fn path_mtu(word: &str) -> Result<PathMtu, Refusal> {
    match word {
        "do" => Ok(PathMtu::Do),
        "want" => Ok(PathMtu::Want),
        "dont" => Ok(PathMtu::Dont),
        "probe" => Ok(PathMtu::Probe),
        _ => Err(Refusal::new(Exit::FAILED, format!("invalid -M argument: {word}"))),
    }
}

fn flow_label(word: &str) -> Result<u32, Refusal> {
    let bad = || Refusal::new(Exit::FAILED, format!("bad value for flowinfo: {word}"));
    let label = decimal_or_hex(word).ok_or_else(bad)?;
    match label {
        // The kernel would draw one, and not say which.
        #[expect(clippy::cast_possible_truncation, reason = "any twenty bits of a seed will do")]
        0 => return Ok((wireline_net::seed() as u32 >> 12).max(1)),
        1..=0xf_ffff => return Ok(label),
        _ => {}
    }
    Err(Refusal::new(Exit::FAILED, format!("flow value is greater than 20 bits: {word}")))
}

fn ip_options(args: &Args, family: Family) -> anyhow::Result<Vec<u8>> {
    let (probe, hops) =
        (&args.probe, args.destinations.split_last().map_or(&[][..], |(_, hops)| hops));
    let refuse = |message: String| Refusal::new(Exit::FAILED, message);
    match (probe.record_route, probe.timestamp.as_deref()) {
        (false, None) => return Ok(Vec::new()),
        (true, Some(_)) => return Err(refuse("only one of -T or -R may be used".into()).into()),
        _ if family == Family::V6 => {
            return Err(refuse("-R and -T are for IPv4 only".into()).into());
        }
        (true, None) => return Ok(ipv4::record_route()),
        (false, Some(_)) => {}
    }
    let kind = match probe.timestamp.as_deref().unwrap_or_default() {
        "tsonly" => ipv4::Timestamp::Only,
        "tsandaddr" => ipv4::Timestamp::WithAddress,
        "tsprespec" if hops.is_empty() || hops.len() > 4 => {
            return Err(refuse(
                "-T tsprespec: name one to four hops before the destination".into(),
            )
            .into());
        }
        "tsprespec" => {
            ipv4::Timestamp::Prespecified(hops.iter().map(|hop| v4(hop)).collect::<Result<_, _>>()?)
        }
        other => return Err(refuse(format!("invalid timestamp type: {other}")).into()),
    };
    Ok(ipv4::timestamp(&kind))
}

fn v4(name: &str) -> anyhow::Result<std::net::Ipv4Addr> {
    match Target::resolve(name, Family::V4)?.address().ip() {
        IpAddr::V4(address) => Ok(address),
        IpAddr::V6(_) => anyhow::bail!("{name}: not an IPv4 address"),
    }
}

fn deadline(word: Option<&str>) -> Result<Option<Duration>, Refusal> {
    let Some(word) = word else { return Ok(None) };
    let seconds = whole("-w", word, 0, i32::MAX as u64)?;
    // As in iputils, no deadline is what zero means.
    Ok((seconds > 0).then(|| Duration::from_secs(seconds)))
}

fn linger(word: Option<&str>) -> Result<Option<Duration>, Refusal> {
    let linger = seconds("bad linger time", word.unwrap_or("10"))?;
    Ok((!linger.is_zero()).then_some(linger))
}

fn preload(word: Option<&str>) -> Result<u32, Refusal> {
    whole("-l", word.unwrap_or("1"), 1, 65_536)
}

/// A link-local source is on the interface that its target is on.
fn with_scope_of(ip: IpAddr, to: SocketAddr) -> SocketAddr {
    match (ip, to) {
        (IpAddr::V6(ip), SocketAddr::V6(to)) if ip.is_unicast_link_local() => {
            std::net::SocketAddrV6::new(ip, 0, 0, to.scope_id()).into()
        }
        _ => SocketAddr::new(ip, 0),
    }
}
