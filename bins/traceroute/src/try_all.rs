//! Every method in turn, side by side: who answers what, and where each of them stops.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::ops::ControlFlow;

use anyhow::Result;
use wireline_cli::{Exit, Refusal, escape};
use wireline_engine::trace::{Event, Method, Outcome, Probe, Summary, Trace, What};
use wireline_net::{Channel, Clock, Signals, Sink, drive};

use crate::channels::{self, Run};
use crate::config::Config;
use crate::grammar::Places;
use crate::method::{IcmpSocket, Kind, TcpOptions};
use crate::sockets::{self, FAILED};
use crate::trace::engine;
use crate::way::Way;

/// The methods, and what their columns are called.
fn methods(config: &Config) -> Vec<(&'static str, Config)> {
    let tcp = || Kind::Tcp(TcpOptions::plain());
    let as_told = |kind, port| Config { kind, port, ..config.clone() };
    vec![
        ("udp", as_told(Kind::Default, None)),
        ("udp:53", as_told(Kind::Udp, None)),
        ("icmp", as_told(Kind::Icmp(IcmpSocket::Any), None)),
        ("tcp:80", as_told(tcp(), Some(80))),
        ("tcp:443", as_told(tcp(), Some(443))),
    ]
}

/// What one method found.
#[derive(Default)]
struct Found {
    probes: Vec<Probe>,
    summary: Option<Summary>,
}

pub(crate) fn run(config: &Config, places: &Places) -> Result<Exit> {
    let methods = methods(config);
    let configs: Vec<_> = methods.iter().map(|(_, config)| config.clone()).collect();
    let opened = sockets::open(&configs)?;
    let way = Way::find(config, places)?;
    let mut columns = Vec::new();
    for ((name, config), opened) in methods.iter().zip(opened) {
        let traced = opened
            .of(way.to.is_ipv6(), config)
            .and_then(|sockets| channels::run(config, &way, (sockets, None), Collected(config)));
        columns.push((*name, traced));
    }
    if columns.iter().all(|(_, traced)| traced.is_err()) {
        let why = columns.into_iter().find_map(|(_, traced)| traced.err());
        return Err(why.unwrap_or_else(|| Refusal::new(FAILED, "no method").into()));
    }
    let text = table(&way, config, &columns);
    io::stdout().write_all(text.as_bytes())?;
    Ok(Exit(0))
}

/// A trace whose events are kept.
struct Collected<'a>(&'a Config);

impl Run for Collected<'_> {
    type Output = Found;

    fn run(self, way: &Way, mut channel: impl Channel, method: Method) -> Result<Found> {
        let mut found = Found::default();
        let mut trace = Trace::new(engine(self.0, way, method), Clock.now());
        drive(&mut trace, &mut channel, &Signals::new()?, &mut found)?;
        Ok(found)
    }
}

impl Sink<Event> for Found {
    fn event(&mut self, event: Event) -> ControlFlow<()> {
        match event {
            Event::Probe(probe) => self.probes.push(probe),
            Event::Summary(summary) => self.summary = Some(summary),
            Event::Start(_) | Event::Late(_) | Event::Rewritten(_) => {}
        }
        ControlFlow::Continue(())
    }

    fn settled(&mut self) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

impl Found {
    /// Who answered first at this hop; `*` for nobody, nothing where it was not asked.
    fn cell(&self, hop: u8) -> String {
        let mut asked = self.probes.iter().filter(|probe| probe.hop == hop).peekable();
        if asked.peek().is_none() {
            return String::new();
        }
        let answer = asked.find_map(|probe| probe.outcome.answer());
        answer.map_or_else(|| "*".to_owned(), |answer| answer.source.to_string())
    }

    /// Where it ended, and why.
    fn verdict(&self) -> String {
        let answered = |probe: &&Probe| probe.outcome.answer().is_some();
        let ended = self.probes.iter().find(|probe| probe.outcome.is_end());
        let Some(last) = ended.or_else(|| self.probes.iter().rev().find(answered)) else {
            return "nobody answered".to_owned();
        };
        let hop = last.hop;
        match &last.outcome {
            Outcome::Reached(answer) => match &answer.what {
                What::Tcp { flags } => format!("reached at hop {hop} ({flags})"),
                _ => format!("reached at hop {hop}"),
            },
            Outcome::Unreachable(answer) => match &answer.what {
                What::Icmp { reason, icmp_type, icmp_code, mtu, .. } => {
                    let code = format!("type {icmp_type} code {icmp_code}");
                    let reason = reason.map_or(code, str::to_owned);
                    let mtu = if *mtu > 0 { format!(", MTU {mtu}") } else { String::new() };
                    format!("stops at hop {hop}: {} says {reason}{mtu}", answer.source)
                }
                _ => format!("stops at hop {hop}"),
            },
            Outcome::Refused { error, .. } => format!("not sent: {error}"),
            Outcome::Expired(answer) => {
                format!("silent behind hop {hop}, {}", answer.source)
            }
            Outcome::Lost { .. } => "nobody answered".to_owned(),
        }
    }
}

fn table(way: &Way, config: &Config, columns: &[(&str, Result<Found>)]) -> String {
    let mut text = format!(
        "traceroute to {} ({}), {} hops max, every method\n",
        escape(&way.name),
        way.to.ip(),
        config.max_hops
    );
    let found: Vec<_> =
        columns.iter().filter_map(|(name, traced)| Some((*name, traced.as_ref().ok()?))).collect();
    let probes = || found.iter().flat_map(|(_, found)| &found.probes);
    let answered = || probes().filter(|probe| probe.outcome.answer().is_some());
    // Behind the last who answered to anything there are but stars.
    let last = answered().map(|probe| probe.hop).max();
    let widths =
        answered().filter_map(|probe| Some(probe.outcome.answer()?.source.to_string().len()));
    let widest = widths.max().unwrap_or(0).max("tcp:443".len());
    let row = |text: &mut String, first: String, cells: Vec<String>| {
        let line = cells.iter().fold(first, |line, cell| format!("{line}  {cell:<widest$}"));
        let _ = writeln!(text, "{}", line.trim_end());
    };
    row(&mut text, "hop".to_owned(), found.iter().map(|(name, _)| (*name).to_owned()).collect());
    for hop in config.first_hop..=last.unwrap_or(0) {
        row(
            &mut text,
            format!("{hop:3}"),
            found.iter().map(|(_, found)| found.cell(hop)).collect(),
        );
    }
    text.push('\n');
    for (name, traced) in columns {
        let verdict = match traced {
            Ok(found) => found.verdict(),
            Err(why) => format!("not tried: {}", escape(&format!("{why:#}"))),
        };
        let _ = writeln!(text, "{name:<8}{verdict}");
    }
    text
}
