//! One target, as iputils' ping: from its flags to its exit code.

use std::io::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::time::Duration;

use anyhow::{Result, bail};
use wireline_cli::{Exit, Output, Refusal, Render};
use wireline_engine::echo::{Echo, Event, SocketKind, Summary};
use wireline_engine::{Engine as _, errno_text};
use wireline_host::Family;
use wireline_net::{
    Clock, IcmpSocket, IcmpSockets, NoRoute, Signals, Sink as _, Via, drive, is_superuser, seed,
    source_address,
};

use crate::args::Args;
use crate::config::{Config, Format};
use crate::json::Json;
use crate::live::LiveView;
use crate::sockets::Needs;
use crate::text::{Header, Text};
use crate::{sockets, warn, write_error};
use wireline_tool::{Lookup, Printer, Reading};

/// As fast as somebody who is not the superuser may ping.
const LEAST_INTERVAL: Duration = Duration::from_millis(2);

/// Runs to the end and says how it ended.
pub(crate) fn run(program: &str, args: &Args, family: Family) -> Result<Exit> {
    // In this order: the sockets need privilege; the resolver, and all that follows, must not have
    // it.
    let mut sockets = sockets::open(program, &Needs::new(args, family))?;
    let config = Config::new(args, family)?;
    if config.text.verbose && config.format == Format::Text {
        warn(program, &sockets_in_words(args, &sockets));
    }
    let (to, source, mut socket) = reach(&config, &mut sockets)?;
    check_limits(&config, to)?;
    socket.configure(&config.socket(to, source)?, slots(&config))?;
    let ident = ident(&config, &mut socket);
    if config.reads_stamps_lazily() {
        socket.read_stamps_lazily();
    }
    let summary = ping(program, &config, Path { to, source, ident, socket })?;
    Ok(exit(&config, summary.as_ref()))
}

/// How the target is reached.
struct Path {
    to: SocketAddr,
    source: IpAddr,
    ident: Option<u16>,
    socket: IcmpSocket,
}

fn ping(program: &str, config: &Config, path: Path) -> Result<Option<Summary>> {
    let Path { to, source, ident, mut socket } = path;
    let names = if config.text.names { Lookup::named(1) } else { Lookup::numeric() };
    let render: Box<dyn Render<Event>> = match config.format {
        Format::JsonLines => {
            Box::new(Json::new(if config.text.quiet { is_frame } else { |_| true }))
        }
        Format::Live => Box::new(LiveView::new(&config.target.name)),
        Format::Text => {
            let header = header(config, to, source);
            Box::new(Text::new(program, config.text, header, names.clone(), columns()))
        }
    };
    let mut printer = Printer::new(Output::new(render), names, READING);
    if config.text.verbose && config.format == Format::Text {
        print_target(config);
    }
    let least = if is_superuser() { Duration::ZERO } else { LEAST_INTERVAL };
    socket.await_stamping();
    let mut echo = Echo::new(config.echo(to, socket.kind(), ident, least), Clock.now());
    if config.interval() < least {
        if let Some(start) = echo.poll_event() {
            let _ = printer.event(start);
            let _ = printer.settled();
        }
        bail!("cannot flood, minimal interval for user must be >= 2 ms, use -i 0.002 (or higher)");
    }
    drive(&mut echo, &mut socket, &Signals::new()?, &mut printer)?;
    printer.finish().map_err(write_error)
}

const READING: Reading<Event, Summary> = Reading {
    addresses: crate::names::addresses,
    summary: |event| match event {
        Event::Summary(summary) => Some(summary.clone()),
        _ => None,
    },
};

/// The first address that there is a way to, with the source to it and the socket for it.
fn reach(config: &Config, sockets: &mut IcmpSockets) -> Result<(SocketAddr, IpAddr, IcmpSocket)> {
    let addresses = &config.target.addresses;
    for (n, to) in addresses.iter().enumerate() {
        let family = if to.is_ipv4() { wireline_net::Family::V4 } else { wireline_net::Family::V6 };
        let last = n + 1 == addresses.len();
        let Some(socket) = sockets.slot(family).take() else {
            if last {
                bail!("socket: Address family not supported by protocol");
            }
            continue;
        };
        match source(config, *to) {
            Ok(source) => return Ok((labelled(config, meant(*to, source)), source, socket)),
            Err(NoRoute::Connect(_)) if !last => *sockets.slot(family) = Some(socket),
            Err(why) => return Err(refusal(&why, config)),
        }
    }
    bail!("{}: Name or service not known", config.target.name)
}

/// Who is meant by nobody (`ping 0`): this machine.
fn meant(to: SocketAddr, source: IpAddr) -> SocketAddr {
    // Of IPv6 the kernel knows that itself.
    if to.ip().is_unspecified() && to.is_ipv4() { SocketAddr::new(source, 0) } else { to }
}

/// With the flow label that each request is to carry (RFC 6437).
fn labelled(config: &Config, to: SocketAddr) -> SocketAddr {
    match (to, config.request.flow_label) {
        (SocketAddr::V6(mut to), Some(label)) => {
            to.set_flowinfo(label.to_be());
            to.into()
        }
        _ => to,
    }
}

/// The address that requests leave from.
fn source(config: &Config, to: SocketAddr) -> Result<IpAddr, NoRoute> {
    let via = Via {
        device: config.source.device.as_deref(),
        source: config.source.address,
        traffic_class: config.request.traffic_class,
        ..Via::default()
    };
    match source_address(to, via) {
        Err(NoRoute::Broadcast) if config.broadcast => {
            // Alone among its warnings, iputils' has no name before it.
            let _ = writeln!(std::io::stderr(), "WARNING: pinging broadcast address");
            source_address(to, Via { broadcast: true, ..via })
        }
        other => other,
    }
}

fn refusal(why: &NoRoute, config: &Config) -> anyhow::Error {
    let device = config.source.device.as_deref().unwrap_or_default();
    let message = match why {
        NoRoute::Broadcast => {
            "Do you want to ping broadcast? Then -b. If not, check your local firewall rules"
                .to_owned()
        }
        NoRoute::Device(why) => format!("SO_BINDTODEVICE {device}: {}", errno_text(why)),
        NoRoute::Bind(why) => format!("bind: {}", errno_text(why)),
        NoRoute::Connect(why) => format!("connect: {}", errno_text(why)),
        other => other.to_string(),
    };
    Refusal::new(Exit::FAILED, message).into()
}

/// Whether `-q` leaves an event in.
const fn is_frame(event: &Event) -> bool {
    matches!(event, Event::Start(_) | Event::Status(_) | Event::Summary(_))
}

/// What iputils lets only the superuser do, besides flooding.
fn check_limits(config: &Config, to: SocketAddr) -> Result<(), Refusal> {
    if is_superuser() {
        return Ok(());
    }
    let refuse = |message: String| Err(Refusal::new(Exit::FAILED, message));
    if config.preload() > 3 {
        return refuse(format!("cannot set preload to value greater than 3: {}", config.preload()));
    }
    let many = config.broadcast || to.ip().is_multicast();
    if many && config.interval() < Duration::from_secs(1) {
        let ms = config.interval().as_millis();
        return refuse(format!("broadcast ping with too short interval: {ms}"));
    }
    Ok(())
}

/// Replies to take in at once: a preload's worth, within reason.
fn slots(config: &Config) -> usize {
    let room = (1 << 20) / (config.request.size + 136);
    (config.preload() as usize).clamp(1, 64).min(room.max(1))
}

/// A raw socket is ours alone to tell apart; a datagram socket is told apart by the kernel.
fn ident(config: &Config, socket: &mut IcmpSocket) -> Option<u16> {
    if socket.kind() == SocketKind::Datagram {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "any sixteen bits of a seed will do")]
    let ident = config.request.ident.unwrap_or_else(|| seed() as u16);
    socket.set_ident(ident);
    Some(ident)
}

fn header(config: &Config, to: SocketAddr, source: IpAddr) -> Header {
    let told = config.source.device.is_some()
        || config.source.address.is_some()
        || config.request.sticky_source;
    let device = config.source.device.clone().unwrap_or_default();
    Header {
        name: if to.is_ipv4() {
            config.target.canonical.clone()
        } else {
            config.target.name.clone()
        },
        from: told.then_some((source, device)),
        flow_label: config.request.flow_label,
        pattern: config.request.pattern.clone(),
        many_answer: config.broadcast || to.ip().is_multicast(),
        v4: to.is_ipv4(),
    }
}

/// The line that `-v` begins with.
fn sockets_in_words(args: &Args, sockets: &IcmpSockets) -> String {
    let hint = match (args.family.ipv4, args.family.ipv6) {
        (true, _) => "AF_INET",
        (_, true) => "AF_INET6",
        _ => "AF_UNSPEC",
    };
    let one = |socket: &Option<IcmpSocket>| match socket
        .as_ref()
        .map(|s| (s.as_fd().as_raw_fd(), s.kind()))
    {
        Some((fd, SocketKind::Datagram)) => format!("{fd} (socktype: SOCK_DGRAM)"),
        Some((fd, SocketKind::Raw)) => format!("{fd} (socktype: SOCK_RAW)"),
        None => "-1 (socktype: 0)".into(),
    };
    let (v4, v6) = (one(&sockets.v4), one(&sockets.v6));
    format!("sock4.fd: {v4}, sock6.fd: {v6}, hints.ai_family: {hint}\n")
}

/// And the line before the first.
fn print_target(config: &Config) {
    let family = if config.target.address().is_ipv4() { "AF_INET" } else { "AF_INET6" };
    let canonical = wireline_cli::escape(&config.target.canonical);
    crate::print(&format!("ai->ai_family: {family}, ai->ai_canonname: '{canonical}'\n"));
}

/// Columns of the terminal, if stdout is one.
fn columns() -> u64 {
    let size = rustix::termios::tcgetwinsize(rustix::stdio::stdout());
    size.map_or(u64::MAX, |size| u64::from(size.ws_col)).max(1)
}

fn exit(config: &Config, summary: Option<&Summary>) -> Exit {
    let received = summary.map_or(0, |summary| summary.received);
    let enough = received > 0 && config.wanted_by_deadline().is_none_or(|count| received >= count);
    Exit(u8::from(!enough))
}
