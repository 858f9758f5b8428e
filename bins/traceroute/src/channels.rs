//! From a method to the sockets that carry it.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use anyhow::Result;
use wireline_cli::Refusal;
use wireline_engine::echo::SocketKind;
use wireline_engine::trace::{Method, Segments};
use wireline_net::{
    Channel, Connections, IcmpSocket, PathMtu, ProbeSockets, Quoted, Quotes, SocketOptions, Stamps,
    seed,
};

use crate::config::Config;
use crate::method::Kind;
use crate::sockets::{self, FAILED, Sockets};
use crate::way::Way;

/// What is done with a channel once it is there: each kind of socket is a type of its own.
pub(crate) trait Run {
    /// What comes of it.
    type Output;

    fn run(self, way: &Way, channel: impl Channel, method: Method) -> Result<Self::Output>;
}

/// Sets the sockets up, and runs something on them.
pub(crate) fn run<R: Run>(
    config: &Config,
    way: &Way,
    (sockets, quotes): (Sockets, Option<Quotes>),
    run: R,
) -> Result<R::Output> {
    match sockets {
        Sockets::Icmp(socket) => by_icmp(config, way, (*socket, quotes), run),
        Sockets::Probe(sockets) => by_probes(config, way, (sockets, quotes), run),
        Sockets::Connections => {
            let options = options(config, way)?;
            let channel = Connections::new(way.family(), options, config.device.clone());
            run.run(
                way,
                Quoted::new(channel, quotes),
                Method::Connect { port: config.port.unwrap_or(HTTP) },
            )
        }
    }
}

/// UDP sockets that each have their port from the beginning, which is what tells flows apart.
pub(crate) fn flows(config: &Config, way: &Way, mut sockets: ProbeSockets) -> Result<ProbeSockets> {
    if let Some(device) = &config.device {
        sockets.bind_device(device).map_err(failed)?;
    }
    let mut options = options(config, way)?;
    let any: IpAddr = if way.to.is_ipv6() { [0; 16].into() } else { [0; 4].into() };
    options.source = options.source.or(Some(SocketAddr::new(any, 0)));
    sockets.configure(&options).map_err(failed)?;
    Ok(sockets)
}

const HTTP: u16 = 80;
const DNS: u16 = 53;
/// The first of the ports that nobody is expected to listen at.
const UNLIKELY: u16 = 33_434;
/// From one probe to the next of a search: what routers and links take without loss.
pub(crate) const PACE: Duration = Duration::from_micros(750);

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

/// What is in the header of a probe: of connections the kernel keeps the bits of ECN for itself.
pub(crate) fn traffic_class(config: &Config, is_connection: bool) -> u8 {
    const NOT_ECN: i64 = 0xfc;
    let mask = if is_connection { NOT_ECN } else { 0xff };
    u8::try_from(config.tos.unwrap_or(0) & mask).unwrap_or(0)
}

fn by_icmp<R: Run>(
    config: &Config,
    way: &Way,
    (mut socket, quotes): (IcmpSocket, Option<Quotes>),
    run: R,
) -> Result<R::Output> {
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
    run.run(way, Quoted::new(socket, quotes), method)
}

fn by_probes<R: Run>(
    config: &Config,
    way: &Way,
    (mut sockets, quotes): (ProbeSockets, Option<Quotes>),
    run: R,
) -> Result<R::Output> {
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
    run.run(way, Quoted::new(sockets, quotes), method(config, way))
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn failed(why: wireline_net::Error) -> Refusal {
    Refusal::new(FAILED, why.to_string())
}

/// Where probes by UDP go; without -U the first of them, where there are more.
pub(crate) fn port(config: &Config) -> u16 {
    config.port.unwrap_or(match config.kind {
        Kind::Udp | Kind::UdpLite { .. } => DNS,
        _ => UNLIKELY,
    })
}

fn method(config: &Config, way: &Way) -> Method {
    match &config.kind {
        Kind::Udp | Kind::UdpLite { .. } => {
            Method::Udp { port: port(config), flows: sockets::flows(config) }
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
        Kind::Default | Kind::Icmp(_) | Kind::Connect => Method::UdpRising { port: port(config) },
    }
}
