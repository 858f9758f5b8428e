//! From what was asked to the exit code.

use std::net::{IpAddr, SocketAddr};
use std::ops::ControlFlow;
use std::os::fd::BorrowedFd;

use anyhow::Result;
use wireline_cli::{Exit, JsonLines, Output, Refusal, Render};
use wireline_engine::trace::{self, Method, Segments, Summary, Trace};
use wireline_engine::{Control, Instant};
use wireline_host::Family;
use wireline_net::{
    Channel, Clock, Connections, Error, ProbeKind, ProbeSockets, Quoted, Quotes, Signals, Sink,
    SocketOptions, Stamps, Via, drive, drop_privileges, seed, source_address,
};
use wireline_packet::protocol::TCP;
use wireline_packet::tcp::{Flags, Options, Timestamps};
use wireline_tool::{Lookup, Printer, Reading};

use super::Args;
use super::config::{Config, Wanted};
use super::event::{Event, Watcher};
use super::text::Text;
use crate::exit::{self, INCOMPLETE, LOCAL, NAME, PRIVILEGE, REJECTED};

/// Runs to the end and says how it ended.
pub(super) fn run(args: &Args) -> Result<Exit> {
    let config = Config::new(args)?;
    // In this order: the sockets need privilege; the resolver, and all that follows, must not have it.
    let [v4, v6] = [wireline_net::Family::V4, wireline_net::Family::V6]
        .map(|family| is_possible(&config, family).then(|| Opened::open(&config, family)));
    drop_privileges()?;
    let way = Way::find(&config)?;
    let opened = if way.to.is_ipv6() { v6 } else { v4 };
    let Some(opened) = opened else {
        return Err(Refusal::new(LOCAL, "socket: Address family not supported by protocol").into());
    };
    carry(&config, &way, opened?)
}

/// Whether the target may turn out to be of this family.
fn is_possible(config: &Config, family: wireline_net::Family) -> bool {
    let is_ipv6 = family == wireline_net::Family::V6;
    let address = config.target.host.parse::<IpAddr>().ok();
    match config.family {
        Family::V4 => !is_ipv6,
        Family::V6 => is_ipv6,
        Family::Any => address.is_none_or(|address| address.is_ipv6() == is_ipv6),
    }
}

/// What carries the probes of one family, before it is known which it will be.
struct Opened {
    /// `None`: connections, which need no privilege.
    segments: Option<ProbeSockets>,
    quotes: Option<Quotes>,
}

impl Opened {
    fn open(config: &Config, family: wireline_net::Family) -> Result<Self, Refusal> {
        let segments = match config.carrier {
            Wanted::Connect => None,
            wanted => match ProbeSockets::open(family, ProbeKind::Raw(TCP), 1) {
                Ok(sockets) => Some(sockets),
                Err(why) if is_denied(&why) && wanted == Wanted::Either => None,
                Err(why) if is_denied(&why) => {
                    return Err(Refusal::new(
                        PRIVILEGE,
                        "--raw: no permission to open a raw socket: let this program (setcap cap_net_raw+p FILE), \
                         be root, or do without --raw",
                    ));
                }
                Err(why) => return Err(local(&why)),
            },
        };
        let quotes = segments.as_ref().and_then(|_| Quotes::open(family).ok());
        Ok(Self { segments, quotes })
    }
}

fn is_denied(why: &Error) -> bool {
    const NOT_PERMITTED: i32 = 1;
    const DENIED: i32 = 13;
    matches!(why, Error::NotPermitted | Error::FramesNotPermitted)
        || matches!(why.errno(), Some(NOT_PERMITTED | DENIED))
}

fn local(why: &Error) -> Refusal {
    Refusal::new(LOCAL, why.to_string())
}

/// The target with what is known of the way to it.
struct Way {
    to: SocketAddr,
    source: IpAddr,
}

impl Way {
    fn find(config: &Config) -> Result<Self> {
        let found = wireline_host::Target::resolve(&config.target.host, config.family)
            .map_err(|why| Refusal::new(NAME, why.to_string()))?;
        let mut to = found.address();
        to.set_port(0);
        let via = Via { device: config.device.as_deref(), source: config.source, ..Via::default() };
        let source = source_address(to, via);
        let source = source.map_err(|why| Refusal::new(REJECTED, format!("{}: {why}", to.ip())))?;
        Ok(Self { to, source })
    }
}

fn carry(config: &Config, way: &Way, opened: Opened) -> Result<Exit> {
    let bound = config.source.map(|source| SocketAddr::new(source, 0));
    let options = SocketOptions {
        source: bound,
        stamps: Stamps::Transmit,
        whole_errors: true,
        ..SocketOptions::default()
    };
    let Some(mut sockets) = opened.segments else {
        let family =
            if way.to.is_ipv6() { wireline_net::Family::V6 } else { wireline_net::Family::V4 };
        let channel = Connections::new(family, options, config.device.clone());
        let method = Method::Connect { port: config.target.port };
        return trace(config, way, Quoted::new(channel, opened.quotes), method);
    };
    if let Some(device) = &config.device {
        sockets.bind_device(device).map_err(|why| local(&why))?;
    }
    let options = SocketOptions { connect: Some(way.to), ..options };
    sockets.configure(&options).map_err(|why| local(&why))?;
    let method = Method::Tcp(segments(config, way));
    trace(config, way, Quoted::new(sockets, opened.quotes), method)
}

/// SYNs as this machine's own look.
fn segments(config: &Config, way: &Way) -> Segments {
    /// Above the ports that the kernel gives away, so that no connection of this machine is hit.
    const FIRST: u16 = 61_000;
    const PORTS: u16 = 2048;
    let random = seed();
    let low = |bits: u64| u32::try_from(bits & 0xffff_ffff).unwrap_or(0);
    let options = Options {
        max_segment_size: Some(if way.to.is_ipv6() { 1440 } else { 1460 }),
        sack_permitted: true,
        timestamps: Some(Timestamps { value: low(random), echo: 0 }),
        window_scale: Some(7),
    };
    Segments {
        source: way.source,
        port: config.target.port,
        source_port: FIRST + u16::try_from(random % u64::from(PORTS)).unwrap_or(0),
        ports: PORTS,
        flags: Flags::SYN,
        sequence: low(random >> 32),
        window: 64_240,
        options: options.emit(),
    }
}

fn engine(config: &Config, way: &Way, method: Method) -> trace::Config {
    let ip = if way.to.is_ipv6() { 40 } else { 20 };
    let is_connect = matches!(method, Method::Connect { .. });
    let overhead = ip + method.header();
    trace::Config {
        name: config.target.host.clone(),
        target: way.to,
        source: Some(way.source),
        traffic_class: 0,
        method_name: if is_connect { "connect" } else { "tcp" },
        first_hop: config.first_hop,
        max_hops: config.max_hops,
        probes: config.queries,
        window: None,
        is_sparing: true,
        interval: None,
        wait: config.wait,
        size: if is_connect { ip + 40 } else { overhead },
        overhead,
        is_source_routed: false,
        discover_mtu: false,
        method,
    }
}

const READING: Reading<Event, Summary> = Reading {
    addresses: |event| match event {
        Event::Trace(trace::Event::Probe(probe)) => {
            let answer = probe.outcome.answer();
            answer.map(|answer| SocketAddr::new(answer.source, 0)).into_iter().collect()
        }
        _ => Vec::new(),
    },
    summary: |event| match event {
        Event::Trace(trace::Event::Summary(summary)) => Some(summary.clone()),
        _ => None,
    },
};

fn trace(config: &Config, way: &Way, mut channel: impl Channel, method: Method) -> Result<Exit> {
    /// Names that are looked up at once.
    const AT_ONCE: usize = 8;
    let is_numeric = config.numeric || config.json;
    let names = if is_numeric { Lookup::numeric() } else { Lookup::named(AT_ONCE) };
    let render: Box<dyn Render<Event>> = if config.json {
        Box::new(JsonLines { tool: "handshake" })
    } else {
        Box::new(Text::new(names.clone(), is_numeric))
    };
    let address = SocketAddr::new(way.to.ip(), config.target.port);
    let watcher = Watcher::new(config.target.host.clone(), address);
    let mut told = Told { printer: Printer::new(Output::new(render), names, READING), watcher };
    let mut engine = Trace::new(engine(config, way, method), Clock.now());
    let signals = Signals::new().map_err(|why| local(&why))?;
    drive(&mut engine, &mut channel, &signals, &mut told).map_err(|why| local(&why))?;
    let stopped = signals.stop();
    let Told { printer, watcher } = told;
    let summary = printer.finish()?;
    if let Some(why) = summary.and_then(|summary| summary.unsent) {
        return Err(Refusal::new(LOCAL, format!("send: {why}")).into());
    }
    let exit = watcher.verdict.as_ref().map_or(INCOMPLETE, exit::of);
    Ok(if stopped { exit::worse(exit, INCOMPLETE) } else { exit })
}

/// Prints the trace, and what became of the port behind it.
struct Told {
    printer: Printer<Event, Summary>,
    watcher: Watcher,
}

impl Sink<trace::Event> for Told {
    fn event(&mut self, event: trace::Event) -> ControlFlow<()> {
        let port = self.watcher.take(&event);
        self.printer.event(Event::Trace(event))?;
        port.map_or(ControlFlow::Continue(()), |port| self.printer.event(Event::Port(port)))
    }

    fn settled(&mut self) -> ControlFlow<()> {
        self.printer.settled()
    }

    fn deadline(&self) -> Option<Instant> {
        self.printer.deadline()
    }

    fn control(&mut self) -> Option<Control> {
        self.printer.control()
    }

    fn wakes(&self) -> Vec<BorrowedFd<'_>> {
        self.printer.wakes()
    }
}
