//! One trace: from what is meant to what is printed.

use std::net::{IpAddr, SocketAddr};

use anyhow::{Result, bail};
use wireline_cli::{Exit, JsonLines, Output, Refusal, Render};
use wireline_engine::echo::SocketKind;
use wireline_engine::trace::{Event, Method, Segments, Summary, Trace};
use wireline_host::{Family, Target};
use wireline_net::{
    Channel, Clock, Connections, IcmpSocket, NoRoute, PathMtu, ProbeSockets, Signals,
    SocketOptions, Stamps, Via, drive, seed, source_address,
};
use wireline_tool::{Lookup, Printer, Reading};

use crate::config::Config;
use crate::grammar::Places;
use crate::method::Kind;
use crate::origins::Origins;
use crate::sockets::{FAILED, Opened, Sockets, flows};
use crate::text::Text;

/// What a shell makes of SIGINT, which is how the original ends.
const INTERRUPTED: Exit = Exit(130);

/// One target with what is known of the way to it.
struct Way {
    name: String,
    to: SocketAddr,
    source: IpAddr,
}

pub(crate) fn run(
    config: &Config,
    opened: Opened,
    places: &Places,
    origins: &Origins,
) -> Result<Exit> {
    let target = resolve(config, places)?;
    let is_v4 = |address: &SocketAddr| address.is_ipv4();
    let to = target.addresses.iter().copied().find(is_v4).unwrap_or_else(|| target.address());
    let sockets = opened.of(to.is_ipv6(), config)?;
    if to.is_ipv6() && !config.gates.is_empty() {
        bail!(Refusal::new(FAILED, "setsockopt IPV6_RTHDR: Invalid argument"));
    }
    let way = Way { name: target.name.clone(), to, source: source(config, to)? };
    match sockets {
        Sockets::Icmp(socket) => by_icmp(config, &way, *socket, origins),
        Sockets::Probe(sockets) => by_probes(config, &way, sockets, origins),
        Sockets::Connections => {
            let options = options(config, &way)?;
            let channel = Connections::new(family(to), options, config.device.clone());
            let method = Method::Connect { port: config.port.unwrap_or(HTTP) };
            trace(config, &way, channel, method, origins)
        }
    }
}

const HTTP: u16 = 80;
const DNS: u16 = 53;
/// The first of the ports that nobody is expected to listen at.
const UNLIKELY: u16 = 33_434;

fn resolve(config: &Config, places: &Places) -> Result<Target, Refusal> {
    let unknown = |why: String| {
        let (_, place) = places.of("host");
        let host = &config.host;
        Refusal::new(
            Exit::FAILED,
            format!(
                "{why}\nCannot handle \"host\" cmdline arg `{host}' on position 1 (argc {place})"
            ),
        )
    };
    let found = Target::resolve(&config.host, config.family);
    found.map_err(|why| unknown(why.to_string()))
}

/// The address that probes leave from, or why none can.
fn source(config: &Config, to: SocketAddr) -> Result<IpAddr, Refusal> {
    let asked = match &config.source {
        Some(word) => {
            let family = if to.is_ipv6() { Family::V6 } else { Family::V4 };
            let found = Target::resolve(word, Family::Any)
                .map_err(|why| Refusal::new(Exit::FAILED, format!("-s: {why}")))?;
            let of_family =
                found.addresses.iter().find(|it| it.is_ipv6() == (family == Family::V6));
            let mismatch = "IP version mismatch in addresses specified";
            Some(of_family.ok_or_else(|| Refusal::new(Exit::FAILED, mismatch))?.ip())
        }
        None => None,
    };
    let via = Via { device: config.device.as_deref(), source: asked, ..Via::default() };
    let gate = config.gates.first().map(|gate| SocketAddr::from((*gate, 0)));
    source_address(gate.unwrap_or(to), via).map_err(|why| {
        let call = match &why {
            NoRoute::Device(_) => "setsockopt SO_BINDTODEVICE",
            NoRoute::Bind(_) => "bind",
            _ => "connect",
        };
        Refusal::new(FAILED, format!("{call}: {}", reason(&why)))
    })
}

fn reason(why: &NoRoute) -> String {
    match why {
        NoRoute::Device(why) | NoRoute::Bind(why) | NoRoute::Connect(why) => {
            wireline_engine::errno_text(why)
        }
        // In the words of the errno that it was.
        _ => "Permission denied".to_owned(),
    }
}

fn options(config: &Config, way: &Way) -> Result<SocketOptions, Refusal> {
    let bound = config.source.is_some().then_some(SocketAddr::new(way.source, 0));
    let is_ipv6 = way.to.is_ipv6();
    let tos = match config.tos {
        // Only IPv6 looks at more than the low octet.
        Some(tos) if is_ipv6 && !(0..=255).contains(&tos) => {
            return Err(Refusal::new(FAILED, "setsockopt IPV6_TCLASS: Invalid argument"));
        }
        tos => tos.and_then(|tos| u8::try_from(tos & 0xff).ok()),
    };
    let label = match way.to {
        SocketAddr::V6(to) => config.flow_label.map(|label| (label, *to.ip())),
        SocketAddr::V4(_) => None,
    };
    Ok(SocketOptions {
        traffic_class: tos,
        path_mtu: Some(if config.dont_fragment { PathMtu::Probe } else { PathMtu::Dont }),
        source: bound,
        port: config.source_port,
        dont_route: config.direct,
        debug: config.debug,
        flow_label: label,
        stamps: Stamps::Transmit,
        whole_errors: true,
        ..SocketOptions::default()
    })
}

fn by_icmp(config: &Config, way: &Way, mut socket: IcmpSocket, origins: &Origins) -> Result<Exit> {
    let ident = u16::try_from(seed() & 0xffff).unwrap_or(1).max(1);
    if let Some(device) = &config.device {
        socket.bind_device(device).map_err(failed)?;
    }
    let options = SocketOptions { port: None, ..options(config, way)? };
    socket.configure(&options, 16).map_err(failed)?;
    let ident = (socket.kind() == SocketKind::Raw).then_some(ident);
    if let Some(ident) = ident {
        socket.set_ident(ident);
    }
    socket.await_stamping();
    let method = Method::Icmp { ident, seq: config.port.unwrap_or(1) };
    trace(config, way, socket, method, origins)
}

fn by_probes(
    config: &Config,
    way: &Way,
    mut sockets: ProbeSockets,
    origins: &Origins,
) -> Result<Exit> {
    if let Some(device) = &config.device {
        sockets.bind_device(device).map_err(failed)?;
    }
    let mut options = options(config, way)?;
    let is_raw = matches!(config.kind, Kind::Tcp(_) | Kind::Raw { .. });
    if is_raw {
        options.port = None;
        // Only the target's own answers; with a source route the errors quote another destination.
        options.connect = config.gates.is_empty().then_some(way.to);
    }
    sockets.configure(&options).map_err(failed)?;
    trace(config, way, sockets, method(config, way), origins)
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn failed(why: wireline_net::Error) -> Refusal {
    Refusal::new(FAILED, why.to_string())
}

fn method(config: &Config, way: &Way) -> Method {
    match &config.kind {
        Kind::Udp | Kind::UdpLite { .. } => {
            Method::Udp { port: config.port.unwrap_or(DNS), flows: flows(config) }
        }
        Kind::Tcp(options) => {
            let random = seed();
            // Above the ports that the kernel gives away, so that no connection of this machine is hit.
            let first = 61_000 + u16::try_from(random % 2048).unwrap_or(0);
            Method::Tcp(Segments {
                source: way.source,
                port: config.port.unwrap_or(HTTP),
                source_port: config.source_port.unwrap_or(first),
                ports: if config.source_port.is_some() { 1 } else { 2048 },
                flags: options.flags,
                sequence: u32::try_from(random >> 32).unwrap_or(0),
                window: if way.to.is_ipv6() { 5760 } else { 5840 },
                options: options
                    .emit(way.to.is_ipv6(), u32::try_from(random & 0xffff_ffff).unwrap_or(0)),
            })
        }
        Kind::Raw { .. } => Method::Raw,
        Kind::Default | Kind::Icmp(_) | Kind::Connect => {
            Method::UdpRising { port: config.port.unwrap_or(UNLIKELY) }
        }
    }
}

fn engine(config: &Config, way: &Way, method: Method) -> wireline_engine::trace::Config {
    let is_ipv6 = way.to.is_ipv6();
    let ip = if is_ipv6 { 40 } else { 20 };
    let route = if config.gates.is_empty() { 0 } else { 4 * (config.gates.len() + 1) + 4 };
    let transport = match &method {
        Method::UdpRising { .. } | Method::Udp { .. } => 8,
        other => other.header(),
    };
    let overhead = ip + route + transport;
    let usual = ip + 40 + route;
    // Where the path MTU is looked for, the first probe is as long as any link has it.
    let usual = if config.discover_mtu { 65_000 } else { usual };
    let size = match &method {
        Method::Tcp(_) => overhead,
        _ => config.packet_len.unwrap_or(usual).max(overhead),
    };
    wireline_engine::trace::Config {
        name: way.name.clone(),
        target: way.to,
        method_name: config.kind.name(),
        first_hop: config.first_hop,
        max_hops: config.max_hops,
        probes: config.probes,
        window: config.window.or_else(|| match &method {
            Method::Udp { flows, .. } => {
                usize::try_from(*flows).ok().filter(|n| *n == 1 || *n == 256)
            }
            _ => None,
        }),
        interval: config.interval,
        wait: config.wait,
        size,
        overhead,
        discover_mtu: config.discover_mtu,
        is_source_routed: !config.gates.is_empty(),
        method,
    }
}

const READING: Reading<Event, Summary> = Reading {
    addresses: |event| match event {
        Event::Probe(probe) => probe
            .outcome
            .answer()
            .map(|answer| SocketAddr::new(answer.source, 0))
            .into_iter()
            .collect(),
        _ => Vec::new(),
    },
    summary: |event| match event {
        Event::Summary(summary) => Some(summary.clone()),
        _ => None,
    },
};

fn trace(
    config: &Config,
    way: &Way,
    mut channel: impl Channel,
    method: Method,
    origins: &Origins,
) -> Result<Exit> {
    /// Names that are looked up at once.
    const AT_ONCE: usize = 8;
    let is_numeric = config.print.numeric || config.print.json;
    let names = if is_numeric { Lookup::numeric() } else { Lookup::named(AT_ONCE) };
    let render: Box<dyn Render<Event>> = if config.print.json {
        Box::new(JsonLines { tool: "traceroute" })
    } else {
        Box::new(Text::new(config.print.clone(), names.clone(), origins.clone()))
    };
    let asked = origins.clone();
    let is_ready = move |event: &Event| {
        (READING.addresses)(event).iter().all(|address| asked.is_ready(address.ip()))
    };
    let mut printer = Printer::new(Output::new(render), names, READING);
    if config.print.origins {
        printer = printer.wait_for(Box::new(is_ready), origins.wake());
    }
    let mut engine = Trace::new(engine(config, way, method), Clock.now());
    let signals = Signals::new()?;
    drive(&mut engine, &mut channel, &signals, &mut printer)?;
    let stopped = signals.stop();
    let summary = printer.finish()?;
    // One that was too long is told in its place.
    let unsent = summary.and_then(|summary| summary.unsent.filter(|_| !config.dont_fragment));
    match unsent {
        Some(why) => bail!(Refusal::new(FAILED, format!("send: {why}"))),
        None if stopped => Ok(INTERRUPTED),
        None => Ok(Exit(0)),
    }
}

fn family(to: SocketAddr) -> wireline_net::Family {
    if to.is_ipv6() { wireline_net::Family::V6 } else { wireline_net::Family::V4 }
}
