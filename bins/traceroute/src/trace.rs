//! One trace: from what is meant to what is printed.

use std::net::SocketAddr;

use anyhow::{Context as _, Result, bail};
use wireline_cli::{Exit, JsonLines, Output, Refusal, Render};
use wireline_engine::trace::{Event, Method, Summary, Trace};
use wireline_net::{Channel, Clock, Signals, drive};
use wireline_tool::{Lookup, Printer, Reading};

use crate::channels::{self, Run};
use crate::config::Config;
use crate::grammar::Places;
use crate::origins::Origins;
use crate::sockets::{FAILED, Opened};
use crate::text::Text;
use crate::way::Way;

/// What a shell makes of SIGINT, which is how the original ends.
pub(crate) const INTERRUPTED: Exit = Exit(130);

pub(crate) fn run(
    config: &Config,
    opened: Vec<Opened>,
    places: &Places,
    origins: &Origins,
) -> Result<Exit> {
    let way = Way::find(config, places)?;
    let mut only = opened.into_iter().next().context("no sockets")?;
    let quotes = only.quotes(way.to.is_ipv6());
    let sockets = only.of(way.to.is_ipv6(), config)?;
    channels::run(config, &way, (sockets, quotes), Printed { config, origins })
}

/// A trace in lines.
struct Printed<'a> {
    config: &'a Config,
    origins: &'a Origins,
}

impl Run for Printed<'_> {
    type Output = Exit;

    fn run(self, way: &Way, channel: impl Channel, method: Method) -> Result<Exit> {
        trace(self.config, way, channel, method, self.origins)
    }
}

/// What the engine is to do.
pub(crate) fn engine(config: &Config, way: &Way, method: Method) -> wireline_engine::trace::Config {
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
        source: way.known_source(config),
        traffic_class: channels::traffic_class(config, matches!(method, Method::Connect { .. })),
        method_name: config.kind.name(),
        first_hop: config.first_hop,
        max_hops: config.max_hops,
        probes: config.probes,
        window: config.window.or_else(|| match &method {
            // A socket serves one probe at a time.
            Method::Udp { flows, .. } if *flows < config.all_probes() => {
                usize::try_from(*flows).ok()
            }
            _ => None,
        }),
        is_sparing: config.window.is_none() && config.interval.is_none(),
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
    if let Some(report) = &config.report {
        return report.run(&config.print, engine(config, way, method), channel);
    }
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
