//! What the arguments mean.

use std::net::Ipv4Addr;
use std::time::Duration;

use wireline_cli::{Exit, Refusal};
use wireline_engine::trace::Wait;
use wireline_host::{Family, service_port};

use crate::args::Args;
use crate::grammar::Places;
use crate::method::Kind;
use crate::number::{cannot_handle, float, integer, seconds};
use crate::paths::Paths;
use crate::report::Report;

/// A trace, but for the address of the host.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) kind: Kind,
    pub(crate) family: Family,
    pub(crate) host: String,
    pub(crate) packet_len: Option<usize>,
    pub(crate) first_hop: u8,
    pub(crate) max_hops: u8,
    pub(crate) probes: u8,
    pub(crate) window: Option<usize>,
    pub(crate) interval: Option<Duration>,
    pub(crate) wait: Wait,
    pub(crate) port: Option<u16>,
    pub(crate) source_port: Option<u16>,
    pub(crate) tos: Option<i64>,
    pub(crate) flow_label: Option<u32>,
    pub(crate) gates: Vec<Ipv4Addr>,
    pub(crate) dont_fragment: bool,
    pub(crate) discover_mtu: bool,
    pub(crate) device: Option<String>,
    pub(crate) source: Option<String>,
    pub(crate) direct: bool,
    pub(crate) debug: bool,
    pub(crate) mark: Option<u32>,
    pub(crate) print: Print,
    /// In place of a single trace.
    pub(crate) report: Option<Report>,
    /// In place of a single path.
    pub(crate) paths: Option<Paths>,
}

/// What is printed, and how.
#[derive(Clone, Debug)]
pub(crate) struct Print {
    pub(crate) numeric: bool,
    pub(crate) extensions: bool,
    pub(crate) back: bool,
    /// Flags of the last TCP segment.
    pub(crate) info: bool,
    pub(crate) json: bool,
    pub(crate) origins: bool,
}

/// One value with its option, to be read.
struct Word<'a> {
    places: &'a Places,
    id: &'static str,
    text: &'a str,
}

impl Word<'_> {
    fn bad(&self) -> Refusal {
        cannot_handle(self.places, self.id, self.text)
    }

    fn integer(&self) -> Result<i64, Refusal> {
        integer(self.text).ok_or_else(|| self.bad())
    }

    /// A port by number, of which the low sixteen bits count, or by name.
    fn port(&self, is_tcp: bool) -> Result<u16, Refusal> {
        match integer(self.text) {
            Some(number) => Ok(low(number)),
            None => service_port(self.text, is_tcp)
                .filter(|_| !self.text.is_empty())
                .ok_or_else(|| self.bad()),
        }
    }
}

impl Config {
    /// Whether what errors quote is worth listening to. A report says nothing of it, and with a source route
    /// probes are on their way to others.
    pub(crate) const fn hears_quotes(&self) -> bool {
        self.report.is_none() && self.gates.is_empty()
    }

    /// Probes to all hops.
    pub(crate) fn all_probes(&self) -> u32 {
        (u32::from(self.max_hops - self.first_hop) + 1) * u32::from(self.probes)
    }

    pub(crate) fn new(args: &Args, places: &Places) -> Result<Self, Refusal> {
        let word = |id, word: &Option<String>| word.clone().map(|word| (id, word));
        let read = |given: Option<(&'static str, String)>| {
            given.map(|(id, word)| Word { places, id, text: &word }.integer()).transpose()
        };
        let (probe, timing, socket) = (&args.probe, &args.timing, &args.socket);
        let first = read(word("first", &timing.first))?;
        let max = read(word("max_hops", &timing.max_hops))?;
        let queries = read(word("queries", &timing.queries))?;
        let window = read(word("sim_queries", &timing.sim_queries))?;
        let tos = read(word("tos", &probe.tos))?;
        let label = read(word("flowlabel", &probe.flowlabel))?;
        let mark = read(word("fwmark", &socket.fwmark))?;
        let kind = Kind::new(probe, places)?;
        let is_tcp = matches!(kind, Kind::Tcp(_) | Kind::Connect);
        let port = |id, word: &Option<String>| {
            word.as_deref().map(|word| Word { places, id, text: word }.port(is_tcp)).transpose()
        };
        let source_port = port("sport", &socket.sport)?;
        let (first_hop, max_hops) = hops(first, max)?;
        let alone = source_port.is_some() && !matches!(kind, Kind::Default | Kind::Icmp(_));
        let told_window = window.map(|window| usize::try_from(window).unwrap_or(1).max(1));
        let one = probe.mtu || alone;
        let paths = Paths::new(args, &kind, source_port, places)?;
        Ok(Self {
            family: family(args),
            host: args.host.clone().unwrap_or_default(),
            packet_len: packet_len(args, places)?,
            first_hop,
            max_hops,
            probes: probes(queries)?,
            window: if one { Some(1) } else { told_window },
            interval: interval(timing.sendwait.as_deref(), places)?,
            wait: wait(timing.wait.as_deref(), places)?,
            port: port("port", &probe.port)?.filter(|port| *port > 0),
            source_port,
            tos,
            flow_label: label.map(twenty_bits),
            gates: gates(&probe.gateway)?,
            dont_fragment: probe.dont_fragment || probe.mtu,
            discover_mtu: probe.mtu,
            device: socket.interface.clone().filter(|device| !device.is_empty()),
            source: socket.source.clone(),
            direct: socket.direct,
            debug: socket.debug,
            mark: mark.map(thirty_two_bits),
            print: print(args, &kind),
            report: if paths.is_some() { None } else { Report::new(args, places)? },
            kind,
            paths,
        })
    }
}

fn print(args: &Args, kind: &Kind) -> Print {
    Print {
        numeric: args.print.numeric,
        extensions: args.print.extensions,
        back: args.print.back,
        info: matches!(kind, Kind::Tcp(options) if options.info),
        json: args.print.json,
        origins: args.print.as_path_lookups,
    }
}

const fn family(args: &Args) -> Family {
    match (args.socket.ipv4, args.socket.ipv6) {
        (true, _) => Family::V4,
        (_, true) => Family::V6,
        _ => Family::Any,
    }
}

fn refuse<T>(message: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::new(Exit::FAILED, message))
}

fn hops(first: Option<i64>, max: Option<i64>) -> Result<(u8, u8), Refusal> {
    let (first, max) = (first.unwrap_or(1), max.unwrap_or(30));
    let Ok(max) = u8::try_from(max) else {
        return refuse("max hops cannot be more than 255");
    };
    match u8::try_from(first) {
        Ok(first) if (1..=max).contains(&first) => Ok((first, max)),
        _ => refuse("first hop out of range"),
    }
}

fn probes(queries: Option<i64>) -> Result<u8, Refusal> {
    match u8::try_from(queries.unwrap_or(3)) {
        Ok(probes @ 1..=10) => Ok(probes),
        _ => refuse("no more than 10 probes per hop"),
    }
}

fn packet_len(args: &Args, places: &Places) -> Result<Option<usize>, Refusal> {
    const MOST: i64 = 65_000;
    let Some(word) = &args.packet_len else { return Ok(None) };
    let (_, place) = places.of("packet_len");
    let Some(length) = integer(word) else {
        return refuse(format!(
            "Cannot handle \"packetlen\" cmdline arg `{word}' on position 2 (argc {place})"
        ));
    };
    if length > MOST {
        return refuse(format!("too big packetlen {length} specified"));
    }
    Ok(Some(usize::try_from(length).unwrap_or(0)))
}

/// Seconds, or milliseconds where they are ten or more.
fn interval(word: Option<&str>, places: &Places) -> Result<Option<Duration>, Refusal> {
    let Some(word) = word else { return Ok(None) };
    let Some(value) = float(word) else { return Err(cannot_handle(places, "sendwait", word)) };
    if value < 0.0 {
        return refuse(format!("bad sendtime `{word}' specified"));
    }
    Ok(Some(seconds(if value >= 10.0 { value / 1e3 } else { value })))
}

/// `MAX`, `MAX,HERE` or `MAX,HERE,NEAR`, with any separator.
fn wait(word: Option<&str>, places: &Places) -> Result<Wait, Refusal> {
    let Some(word) = word else { return Ok(Wait::Adaptive) };
    let bad = || cannot_handle(places, "wait", word);
    let is_separator = |c: char| matches!(c, ',' | '/' | ':' | ' ' | ';');
    let values: Option<Vec<f64>> = word.split(is_separator).map(float).collect();
    let values = values.filter(|values| values.len() <= 3).ok_or_else(bad)?;
    let at = |n: usize| values.get(n).copied().unwrap_or(0.0);
    if values.iter().any(|value| *value < 0.0) {
        return refuse(format!("bad wait specifications `{},{},{}' used", at(0), at(1), at(2)));
    }
    Ok(Wait::Told { max: seconds(at(0)), here: at(1), near: at(2) })
}

/// The routers to go by. Names are not looked up: what has privilege asks nobody.
fn gates(lists: &[String]) -> Result<Vec<Ipv4Addr>, Refusal> {
    /// As many as fit the options of a datagram (RFC 791 §3.1).
    const MOST: usize = 8;
    let words = lists.iter().flat_map(|list| list.split(','));
    let gates: Result<Vec<_>, _> = words
        .map(|word| {
            let bad = |_| Refusal::new(Exit::FAILED, format!("-g: {word}: not an IPv4 address"));
            word.parse().map_err(bad)
        })
        .collect();
    match gates {
        Ok(gates) if gates.len() > MOST => {
            refuse(format!("Too many gateways specified. No more than {MOST}"))
        }
        other => other,
    }
}

/// The low sixteen bits.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as the original")]
const fn low(number: i64) -> u16 {
    number as u16
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as the original")]
const fn thirty_two_bits(number: i64) -> u32 {
    number as u32
}

const fn twenty_bits(number: i64) -> u32 {
    thirty_two_bits(number) & 0xf_ffff
}
