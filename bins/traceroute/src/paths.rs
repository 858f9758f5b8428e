//! Every path: which routers share the load, which links there are, and which source port takes which.

mod dot;
mod map;
mod text;

use std::net::SocketAddr;

use anyhow::{Context as _, Result, bail};
use dot::Dot;
use text::Text;
use wireline_cli::{Exit, JsonLines, Output, Refusal, Render};
use wireline_engine::trace::paths::{Config as Search, Event, Paths as Engine, Summary};
use wireline_net::{Clock, ProbeSockets, Quoted, Signals, descriptor_limit, drive, seed};
use wireline_tool::{Lookup, Printer, Reading};

use crate::args::Args;
use crate::channels;
use crate::config::Config;
use crate::grammar::Places;
use crate::method::Kind;
use crate::number::{cannot_handle, float};
use crate::origins::Origins;
use crate::sockets::{FAILED, Opened, Sockets};
use crate::trace::INTERRUPTED;
use crate::way::Way;

/// A search that is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paths {
    shape: Shape,
    /// In percent.
    confidence: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Text,
    Dot,
    Json,
}

impl Paths {
    /// Flows that there may be: a socket each, and one more where the host may be of either family. What
    /// else is open has room beside them.
    pub(crate) fn flows() -> u32 {
        const OTHERS: u64 = 32;
        u32::try_from(descriptor_limit().saturating_sub(OTHERS) / 2)
            .unwrap_or(u32::MAX)
            .clamp(8, 256)
    }

    /// What the flags ask for, if they do.
    pub(crate) fn new(
        args: &Args,
        kind: &Kind,
        first_port: Option<u16>,
        places: &Places,
    ) -> Result<Option<Self>, Refusal> {
        let flags = &args.paths;
        let word = flags.confidence.as_deref();
        let confidence = word.map(|word| confidence(word, places)).transpose()?;
        if !flags.paths {
            let given = [(flags.dot, "--dot"), (word.is_some(), "--confidence")];
            let alone = given.into_iter().find(|(is_given, _)| *is_given);
            return alone.map_or(Ok(None), |(_, flag)| refuse(format!("{flag} goes with --paths")));
        }
        if let Some(method) = other_method(args, kind) {
            return refuse(format!("--paths: not by {method}: a flow is a source port of UDP"));
        }
        if let Some(flag) = out_of_place(args) {
            return refuse(format!("--paths: {flag} does not go with it"));
        }
        let flows = Self::flows();
        let last_port = first_port.map(|port| u32::from(port) + flows - 1);
        if last_port.is_some_and(|port| port > u16::MAX.into()) {
            return refuse(format!("--paths: --sport: fewer than {flows} ports left"));
        }
        let shape = match (flags.dot, args.print.json) {
            (true, true) => return refuse("--dot and --json do not go together"),
            (true, false) => Shape::Dot,
            (false, true) => Shape::Json,
            (false, false) => Shape::Text,
        };
        Ok(Some(Self { shape, confidence: confidence.unwrap_or(95.0) }))
    }

    /// From the sockets to the graph.
    pub(crate) fn run(
        self,
        config: &Config,
        opened: Vec<Opened>,
        places: &Places,
        origins: &Origins,
    ) -> Result<Exit> {
        let way = Way::find(config, places)?;
        let mut only = opened.into_iter().next().context("no sockets")?;
        let quotes = only.quotes(way.to.is_ipv6());
        let Sockets::Probe(sockets) = only.of(way.to.is_ipv6(), config)? else {
            bail!("no UDP sockets");
        };
        let channel = channels::flows(config, &way, sockets)?;
        let mut engine = Engine::new(self.search(config, &way, &channel), Clock.now());
        let mut channel = Quoted::new(channel, quotes);
        let mut printer = self.printer(config, origins);
        let signals = Signals::new()?;
        drive(&mut engine, &mut channel, &signals, &mut printer)?;
        let summary = printer.finish()?;
        match summary.and_then(|summary| summary.error.filter(|_| summary.answered == 0)) {
            Some(why) => bail!(Refusal::new(FAILED, format!("send: {why}"))),
            None if signals.stop() => Ok(INTERRUPTED),
            None => Ok(Exit(0)),
        }
    }

    fn search(self, config: &Config, way: &Way, channel: &ProbeSockets) -> Search {
        let overhead = if way.to.is_ipv6() { 48 } else { 28 };
        let port = |address: Option<SocketAddr>| address.map_or(0, |address| address.port());
        Search {
            name: way.name.clone(),
            target: way.to,
            source: way.known_source(config),
            traffic_class: channels::traffic_class(config, false),
            port: channels::port(config),
            first_hop: config.first_hop,
            max_hops: config.max_hops,
            confidence: self.confidence,
            ports: channel.addresses().into_iter().map(port).collect(),
            interval: config.interval.unwrap_or(channels::PACE),
            wait: config.wait,
            size: config.packet_len.unwrap_or(overhead + 32),
            overhead,
            seed: u32::try_from(seed() >> 32).unwrap_or(0),
        }
    }

    fn printer(self, config: &Config, origins: &Origins) -> Printer<Event, Summary> {
        /// Names that are looked up at once.
        const AT_ONCE: usize = 8;
        let is_numeric = config.print.numeric || self.shape == Shape::Json;
        let names = if is_numeric { Lookup::numeric() } else { Lookup::named(AT_ONCE) };
        let origins = config.print.origins.then(|| origins.clone());
        let asked = origins.clone();
        let wake = origins.as_ref().and_then(Origins::wake);
        let render: Box<dyn Render<Event>> = match self.shape {
            Shape::Text => Box::new(Text::new(names.clone(), origins)),
            Shape::Dot => Box::new(Dot::new(names.clone(), origins)),
            Shape::Json => Box::new(JsonLines { tool: "traceroute" }),
        };
        let is_ready = move |event: &Event| {
            let is_ready = |at: SocketAddr| asked.as_ref().is_none_or(|it| it.is_ready(at.ip()));
            (READING.addresses)(event).into_iter().all(is_ready)
        };
        Printer::new(Output::new(render), names, READING).wait_for(Box::new(is_ready), wake)
    }
}

const READING: Reading<Event, Summary> = Reading {
    addresses: |event| match event {
        Event::Vertex(vertex) => {
            vertex.address.map(|address| SocketAddr::new(address, 0)).into_iter().collect()
        }
        _ => Vec::new(),
    },
    summary: |event| match event {
        Event::Summary(summary) => Some(summary.clone()),
        _ => None,
    },
};

/// The method, where it is none that tells flows apart.
fn other_method(args: &Args, kind: &Kind) -> Option<&'static str> {
    let probe = &args.probe;
    match kind {
        Kind::Default | Kind::Udp => None,
        _ if probe.module.is_some() => Some("-M"),
        Kind::UdpLite { .. } => Some("-UL"),
        Kind::Icmp(_) => Some("-I"),
        Kind::Tcp(_) | Kind::Connect => Some("-T"),
        Kind::Raw { .. } => Some("-P"),
    }
}

/// A flag whose meaning is that of a single path.
fn out_of_place(args: &Args) -> Option<&'static str> {
    let (probe, timing, print, report) = (&args.probe, &args.timing, &args.print, &args.report);
    let given = [
        (!probe.options.is_empty(), "-O"),
        (!probe.gateway.is_empty(), "-g"),
        (probe.mtu, "--mtu"),
        (timing.queries.is_some(), "-q"),
        (timing.sim_queries.is_some(), "-N"),
        (print.extensions, "-e"),
        (print.back, "--back"),
        (print.try_all, "--try-all"),
        (report.report, "--report"),
        (report.report_wide, "--report-wide"),
        (report.csv, "--csv"),
        (report.live, "--live"),
        (report.cycles.is_some(), "--cycles"),
        (report.interval.is_some(), "--interval"),
        (report.order.is_some(), "--order"),
    ];
    given.into_iter().find(|(is_given, _)| *is_given).map(|(_, flag)| flag)
}

fn confidence(word: &str, places: &Places) -> Result<f64, Refusal> {
    /// With less a second next hop is more likely missed than found, and more is never reached.
    const SENSIBLE: std::ops::RangeInclusive<f64> = 50.0..=99.99;
    let value = float(word).ok_or_else(|| cannot_handle(places, "confidence", word))?;
    if !SENSIBLE.contains(&value) {
        return refuse(format!("--confidence: {word}: from 50 to 99.99 percent"));
    }
    Ok(value)
}

fn refuse<T>(message: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::new(Exit::FAILED, message))
}
