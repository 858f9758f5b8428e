//! From what was asked to the exit code.

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::time::Duration;

use anyhow::{Context as _, Result};
use wireline_cli::{Exit, JsonLines, Output, Refusal, Render, Streams, escape};
use wireline_engine::tcp::Verdict;
use wireline_engine::tcp::tcping::{self, Carrier, End, Event, Target, Tcping};
use wireline_host::Family;
use wireline_net::{
    Channel, Clock, ConnectPool, Error, SegmentRoom, SegmentSockets, Signals, Sink, SocketOptions,
    SourcePorts, Stamps, drive, drop_privileges, is_local, seed,
};

use super::Args;
use super::attended::Attended;
use super::config::{Config, Probes};
use super::prometheus;
use super::text::Text;
use crate::exit::{self, INCOMPLETE, NAME, OPEN, PRIVILEGE, USAGE};

/// Runs to the end and says how it ended.
pub(super) fn run(args: &Args) -> Result<Exit> {
    let config = Config::new(args)?;
    // In this order: the sockets need privilege; the resolver, and all that follows, must not have it.
    let segments = segments(&config)?;
    drop_privileges()?;
    let found = Found::look_up(&config)?;
    let ports = segments.as_ref().map_or(Vec::new(), |segments| segments.ports().to_vec());
    let ping = Ping { exit: found.exit, config: &config, found, ports };
    match segments {
        Some(segments) => ping.run(segments),
        None => ping.run(pool(&config)?),
    }
}

/// Raw sockets with source ports that nobody else gets.
fn segments(config: &Config) -> Result<Option<SegmentSockets>> {
    /// So many that a port is asked from again only after the target has forgotten its last SYN.
    const PORTS: u16 = 16;
    if config.carrier == Carrier::Connect {
        return Ok(None);
    }
    let ports =
        config.source_port.map_or(SourcePorts::Any(PORTS), |port| SourcePorts::These(vec![port]));
    let mut sockets = SegmentSockets::open(&families(config), &ports).map_err(|why| match why {
        Error::FramesNotPermitted | Error::NotPermitted => Refusal::new(
            PRIVILEGE,
            "--half-open: no permission to open a raw socket: let this program (setcap cap_net_raw+p FILE), \
             be root, or do without --half-open",
        ),
        other => Refusal::new(exit::LOCAL, other.to_string()),
    })?;
    if let Some(device) = &config.device {
        sockets.bind_device(device).map_err(local)?;
    }
    let options = SocketOptions {
        source: config.bound(),
        stamps: Stamps::Transmit,
        ..SocketOptions::default()
    };
    sockets.configure(&options, SegmentRoom::HEADERS).map_err(local)?;
    Ok(Some(sockets))
}

fn families(config: &Config) -> Vec<wireline_net::Family> {
    use wireline_net::Family::{V4, V6};
    match config.family {
        Family::V4 => vec![V4],
        Family::V6 => vec![V6],
        Family::Any => vec![V4, V6],
    }
}

fn pool(config: &Config) -> Result<ConnectPool> {
    let options = SocketOptions {
        source: config.bound(),
        port: config.source_port,
        ..SocketOptions::default()
    };
    let pool = ConnectPool::new(options, config.device.clone(), config.timeout);
    Ok(pool.map_err(local)?)
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn local(why: Error) -> Refusal {
    Refusal::new(exit::LOCAL, why.to_string())
}

/// Whom the names turned out to mean.
struct Found {
    targets: Vec<Target>,
    hosts: Vec<String>,
    /// What the names came to that were not found.
    exit: Exit,
}

impl Found {
    fn look_up(config: &Config) -> Result<Self> {
        let mut found = Self { targets: Vec::new(), hosts: Vec::new(), exit: OPEN };
        for one in &config.targets {
            match wireline_host::Target::resolve(&one.host, config.family) {
                Ok(host) => {
                    let count = if config.all_addresses { host.addresses.len() } else { 1 };
                    for address in host.addresses.iter().take(count) {
                        let mut address = *address;
                        address.set_port(one.port);
                        found.add(config, &one.host, address)?;
                    }
                }
                Err(why) if config.targets.len() == 1 => {
                    return Err(Refusal::new(NAME, why.to_string()).into());
                }
                Err(why) => {
                    complain(&why.to_string());
                    found.exit = exit::worse(found.exit, NAME);
                }
            }
        }
        if found.targets.is_empty() {
            Err(Refusal::new(found.exit, "no target is left").into())
        } else {
            Ok(found)
        }
    }

    fn add(&mut self, config: &Config, host: &str, address: SocketAddr) -> Result<(), Refusal> {
        if address.ip().is_multicast() {
            let why = format!("{}: a multicast address has no ports to connect to", address.ip());
            if config.targets.len() == 1 {
                return Err(Refusal::new(USAGE, why));
            }
            complain(&why);
            self.exit = exit::worse(self.exit, USAGE);
            return Ok(());
        }
        let shown = if config.numeric { address.ip().to_string() } else { host.to_owned() };
        self.targets.push(Target::new(&shown, address));
        self.hosts.push(host.to_owned());
        Ok(())
    }
}

fn complain(what: &str) {
    // Nothing is left to tell if stderr is closed.
    let _ = writeln!(io::stderr(), "handshake ping: {}", escape(what));
}

struct Ping<'a> {
    config: &'a Config,
    found: Found,
    ports: Vec<u16>,
    exit: Exit,
}

impl Ping<'_> {
    fn run(self, mut channel: impl Channel) -> Result<Exit> {
        let Self { config, found, ports, exit } = self;
        let mut printer = Printer::new(render(config, &found.targets), exit);
        let now = Clock.now();
        let engine = Tcping::new(engine(config, ports), found.targets, now);
        let file = config.prometheus.clone().filter(|_| !config.is_prometheus_only());
        let mut engine = Attended::new(engine, found.hosts, config.family, file, now);
        let signals = Signals::new().map_err(local)?;
        drive(&mut engine, &mut channel, &signals, &mut printer).map_err(local)?;
        let now = Clock.now();
        if config.is_prometheus_only() {
            let text = prometheus::text(&engine.summaries(now));
            io::stdout().write_all(text.as_bytes())?;
        }
        engine.write(now);
        printer.written?;
        if let Some(why) = engine.failure.take() {
            let path = config.prometheus.as_deref().unwrap_or_else(|| std::path::Path::new(""));
            return Err(why).with_context(|| format!("--prometheus {}", path.display()));
        }
        Ok(printer.heard.exit(config))
    }
}

fn engine(config: &Config, source_ports: Vec<u16>) -> tcping::Config {
    tcping::Config {
        carrier: config.carrier,
        interval: config.interval,
        count: config.count,
        timeout: config.timeout,
        max_time: config.max_time,
        retries: config.retries,
        resolve_after: config.resolve_after,
        until: config.until,
        seed: seed(),
        source_ports,
        is_ours: is_local,
    }
}

fn render(config: &Config, targets: &[Target]) -> Box<dyn Render<Event>> {
    if config.is_prometheus_only() {
        Box::new(Silence)
    } else if config.json {
        Box::new(Json { lines: JsonLines { tool: "handshake" }, probes: config.print.probes })
    } else {
        Box::new(Text::new(config.print, targets))
    }
}

/// Where stdout is Prometheus'.
struct Silence;

impl Render<Event> for Silence {
    fn event(&mut self, _: Duration, _: &Event, _: &mut Streams<'_>) -> io::Result<()> {
        Ok(())
    }
}

/// The events that were asked for.
struct Json {
    lines: JsonLines,
    probes: Probes,
}

impl Render<Event> for Json {
    fn event(&mut self, at: Duration, event: &Event, to: &mut Streams<'_>) -> io::Result<()> {
        let is_wanted = match (event, self.probes) {
            (Event::Probe(probe), Probes::Failed) => probe.verdict != Verdict::Open,
            (Event::Probe(_) | Event::Turn(_), Probes::None) => false,
            _ => true,
        };
        if is_wanted { self.lines.event(at, event, to) } else { Ok(()) }
    }
}

/// What the exit code is made of.
#[derive(Debug)]
struct Heard {
    /// What the names came to.
    names: Exit,
    worst: Exit,
    any_open: bool,
    any: bool,
    /// Whether there is a target of which nothing is known.
    any_unknown: bool,
    end: Option<End>,
}

impl Heard {
    fn take(&mut self, event: &Event) {
        match event {
            Event::Probe(probe) => {
                self.worst = exit::worse(self.worst, exit::of(&probe.verdict));
                self.any_open |= probe.verdict == Verdict::Open;
                self.any = true;
            }
            Event::TargetSummary(summary) => self.any_unknown |= summary.counts.sent == 0,
            Event::Summary(summary) => self.end = Some(summary.end),
            _ => {}
        }
    }

    fn exit(&self, config: &Config) -> Exit {
        let was_stopped = self.end == Some(End::Stopped);
        let wants_end = config.count.is_some() || config.until.is_some();
        if was_stopped && (wants_end || !self.any || self.any_unknown && !config.exit_any) {
            return exit::worse(self.worst, INCOMPLETE);
        }
        if config.exit_any && self.any_open {
            return OPEN;
        }
        if self.end == Some(End::Until) {
            return self.names;
        }
        // The time was up before the port was what was waited for.
        if config.until.is_some() { exit::worse(self.worst, exit::CLOSED) } else { self.worst }
    }
}

/// Prints, and remembers how the run went.
struct Printer {
    output: Output<Event>,
    heard: Heard,
    written: io::Result<()>,
}

impl Printer {
    fn new(render: Box<dyn Render<Event>>, worst: Exit) -> Self {
        let heard = Heard {
            names: worst,
            worst,
            any_open: false,
            any: false,
            any_unknown: false,
            end: None,
        };
        Self { output: Output::new(render), heard, written: Ok(()) }
    }

    fn flow(&self) -> ControlFlow<()> {
        if self.written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

impl Sink<Event> for Printer {
    fn event(&mut self, event: Event) -> ControlFlow<()> {
        if self.written.is_ok() {
            self.written = self.output.event(Clock.wall(), &event);
        }
        self.heard.take(&event);
        self.flow()
    }

    fn settled(&mut self) -> ControlFlow<()> {
        if self.written.is_ok() {
            self.written = self.output.flush();
        }
        self.flow()
    }
}
