//! A scan from its flags to its exit code.

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use anyhow::Result;
use wireline_cli::{Exit, JsonLines, Output, Refusal, Render, escape};
use wireline_engine::tcp::scan::{self, Counts, Event, Hosts, Method, Scan, Summary};
use wireline_host::links::{addresses_v4, parse_addresses_v6};
use wireline_host::netlink::{Netlink, Subsystem};
use wireline_net::{Clock, SegmentSockets, Signals, drive, drop_privileges, seed};

use super::args::Args;
use super::config::{Config, tell};
use super::sink::Printed;
use super::text::Text;
use super::{carrier, verify};
use crate::exit;
use crate::targets::List;

/// A scan of more says so before it begins.
const MANY: u128 = 1 << 16;
/// Seconds that a person ought to know of beforehand.
const SLOW: u64 = 30;

pub(crate) fn run(args: &Args) -> Result<Exit> {
    let config = Config::new(args)?;
    let signals = Signals::new().map_err(|why| Refusal::new(exit::LOCAL, why.to_string()))?;
    // In this order: the sockets need privilege; names, files and strangers' words must not have it.
    let raw = carrier::open(args, &config)?;
    drop_privileges()?;
    let own = Own::read();
    let list = list(args, &config)?;
    let hosts = list.hosts(&own.broadcast);
    for address in list.broadcasts(&own.broadcast) {
        say(args, &format!("{address} is left out: the broadcast address of a network of ours"));
    }
    if hosts.count() == 0 {
        return Err(Refusal::new(exit::USAGE, "no target is left").into());
    }
    let summary = scan(args, &config, raw, (hosts, own, list), &signals)?;
    Ok(code(args, &summary))
}

/// Addresses of this machine and of its networks.
#[derive(Default)]
pub(crate) struct Own {
    addresses: Vec<IpAddr>,
    broadcast: Vec<Ipv4Addr>,
}

impl Own {
    /// Without them less is known of who says what.
    fn read() -> Self {
        let v4 = Netlink::open(Subsystem::Route).and_then(|mut netlink| addresses_v4(&mut netlink));
        let v4 = v4.unwrap_or_default();
        let v6 = std::fs::read_to_string("/proc/self/net/if_inet6").unwrap_or_default();
        let mut addresses: Vec<IpAddr> = v4.iter().map(|address| address.local.into()).collect();
        addresses
            .extend(parse_addresses_v6(&v6).iter().map(|address| IpAddr::from(address.address)));
        let broadcast = v4.iter().map(|address| address.broadcast);
        Self {
            addresses,
            broadcast: broadcast.filter(|address| !address.is_unspecified()).collect(),
        }
    }
}

fn list(args: &Args, config: &Config) -> Result<List> {
    let mut list = List::default();
    for word in &args.targets {
        list.add(word, config.way.family)?;
    }
    for file in &args.input_list {
        for word in List::words(file)? {
            list.add(&word, config.way.family)?;
        }
    }
    for word in &args.exclude {
        list.exclude(word, wireline_host::Family::Any)?;
    }
    for file in &args.exclude_file {
        for word in List::words(file)? {
            list.exclude(&word, wireline_host::Family::Any)?;
        }
    }
    Ok(list)
}

fn scan(
    args: &Args,
    config: &Config,
    raw: Option<SegmentSockets>,
    (hosts, own, list): (Hosts, Own, List),
    signals: &Signals,
) -> Result<Summary> {
    let targets = hosts.count().saturating_mul(config.ports.len() as u128);
    let mut raw = raw;
    if let Some(sockets) = &mut raw {
        carrier::configure(sockets, args, config, &hosts)?;
    }
    let count = hosts.count();
    let engine = Scan::new(engine(args, config, raw.as_ref(), (hosts, own)));
    let Some(mut engine) = engine else {
        let most = scan::MOST_TARGETS;
        let why = format!("{targets} ports of hosts are more than {most} at once");
        return Err(Refusal::new(exit::USAGE, why).into());
    };
    announce(args, config, (count, targets), raw.is_some());
    let mut sink = Printed::new(output(args, &list), progress(args, targets), args.verify);
    match raw {
        Some(mut sockets) => drive(&mut engine, &mut sockets, signals, &mut sink)?,
        None => drive(&mut engine, &mut carrier::pool(args, config)?, signals, &mut sink)?,
    }
    if args.verify {
        verify::run(args, config, &mut sink, signals)?;
    }
    sink.finish()
}

fn engine(
    args: &Args,
    config: &Config,
    raw: Option<&SegmentSockets>,
    (hosts, own): (Hosts, Own),
) -> scan::Config {
    let targets = hosts.count().saturating_mul(config.ports.len() as u128);
    let is_ipv6 = hosts.families().1;
    let mut pace = config.pace;
    if raw.is_none() && args.rate.is_none() {
        // How many at once is limit enough.
        pace = scan::Pace { start: 1e6, most: 1e6, adapts: false };
    }
    scan::Config {
        ports: config.ports.clone(),
        method: if raw.is_some() { Method::HalfOpen } else { Method::Connect },
        source_ports: raw.map(|sockets| sockets.ports().to_vec()).unwrap_or_default(),
        own: own.addresses,
        secret: seed(),
        order: config.order(args, seed()),
        shard: config.shard,
        pace,
        syns: args.retries + 1,
        timeout: config.timeout,
        at_once: carrier::at_once(),
        max_open: args.max_open,
        tell: tell(args, targets),
        rtt: args.rtt,
        max_segment_size: if is_ipv6 { 1440 } else { 1460 },
        progress: progress(args, targets).is_some().then(|| Duration::from_millis(200)),
        hosts,
    }
}

fn progress(args: &Args, targets: u128) -> Option<u64> {
    let is_seen = !args.quiet && rustix::termios::isatty(std::io::stderr());
    u64::try_from(targets).ok().filter(|_| is_seen)
}

fn announce(args: &Args, config: &Config, (hosts, targets): (u128, u128), is_raw: bool) {
    if targets > MANY {
        let (ports, rate) = (config.ports.len(), config.pace.most);
        let most = format!("{hosts} hosts, {ports} ports of each, at most {rate} a second");
        say(args, &format!("{targets} targets: {most}"));
    }
    let at_once = carrier::at_once();
    let waits = u32::try_from(targets.div_ceil(at_once as u128)).unwrap_or(u32::MAX);
    let worst = carrier::patience(args, config).saturating_mul(waits).as_secs();
    if !is_raw && worst > SLOW {
        let few = format!("{at_once} connections at once (ulimit -n)");
        say(args, &format!("{few}: if nobody answers, {targets} targets take {worst} s"));
    }
}

fn say(args: &Args, what: &str) {
    if !args.quiet {
        // Nothing is left to tell if stderr is closed.
        let _ = writeln!(std::io::stderr(), "handshake scan: {what}");
    }
}

fn output(args: &Args, list: &List) -> Output<Event> {
    let render: Box<dyn Render<Event>> = if args.json {
        Box::new(JsonLines { tool: "handshake" })
    } else {
        let names = list.names.iter().map(|(name, address)| (*address, escape(name).into_owned()));
        Box::new(Text::new(names.collect(), args.reason || args.verify, args.quiet))
    };
    Output::new(render)
}

/// The worst of what was found, unless the scan itself is not what it should be.
fn code(args: &Args, summary: &Summary) -> Exit {
    let Counts { open, closed, filtered, rejected, unreachable, no_neighbour, no_route, local } =
        summary.counts;
    if !summary.complete {
        return exit::INCOMPLETE;
    }
    if local > 0 {
        return exit::LOCAL;
    }
    if args.exit_any && open > 0 {
        return exit::OPEN;
    }
    let found = [
        (rejected + unreachable + no_neighbour + no_route, exit::REJECTED),
        (filtered, exit::FILTERED),
        (closed + summary.proxied.unwrap_or(0), exit::CLOSED),
    ];
    found.into_iter().find(|(count, _)| *count > 0).map_or(exit::OPEN, |(_, exit)| exit)
}

/// When something is printed.
pub(crate) fn wall() -> Duration {
    Clock.wall()
}
