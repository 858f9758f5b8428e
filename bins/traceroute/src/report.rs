//! The path over and over: what mtr is used for.

mod csv;
mod field;
mod live;
mod table;

use std::io::IsTerminal as _;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use anyhow::{Result, bail};
use csv::Csv;
use field::Field;
use live::LiveView;
use table::{Labels, Table, Width};
use wireline_cli::{Exit, JsonLines, Live, Output, Refusal, Render, escape};
use wireline_engine::trace;
use wireline_engine::trace::cycles::{self, Cycles, Detail, Event};
use wireline_net::{Channel, Clock, Signals, drive};
use wireline_tool::{Lookup, Printer, Reading};

use crate::args::{Args, ReportFlags};
use crate::config::Print;
use crate::grammar::Places;
use crate::number::{cannot_handle, float, integer, seconds};
use crate::sockets::FAILED;
use crate::trace::INTERRUPTED;

/// A report that is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    shape: Shape,
    fields: Vec<Field>,
    /// Until stopped, if there is no number.
    cycles: Option<NonZeroU32>,
    period: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Table(Width),
    Csv,
    Json(Detail),
    Live(Width),
}

impl Report {
    /// What the flags ask for, if they do.
    pub(crate) fn new(args: &Args, places: &Places) -> Result<Option<Self>, Refusal> {
        let flags = &args.report;
        let cycles = flags.cycles.as_deref().map(|word| cycles(word, places)).transpose()?;
        let period = flags.interval.as_deref().map(|word| period(word, places)).transpose()?;
        let fields = Field::parse(flags.order.as_deref())?;
        let Some(shape) = shape(flags, args.print.json)? else { return Ok(None) };
        if let Some(flag) = out_of_place(args) {
            let why = "a report sends each hop one probe a cycle";
            return refuse(format!("{flag} does not go with a report: {why}"));
        }
        let is_endless = matches!(shape, Shape::Live(_) | Shape::Json(Detail::Rows));
        let usual = if is_endless { None } else { Some(CYCLES) };
        let cycles = cycles.or(usual);
        Ok(Some(Self { shape, fields, cycles, period: period.unwrap_or(PERIOD) }))
    }

    /// From the first cycle to the report.
    pub(crate) fn run(
        &self,
        print: &Print,
        path: trace::Config,
        mut channel: impl Channel,
    ) -> Result<Exit> {
        /// Names that are looked up at once.
        const AT_ONCE: usize = 8;
        let is_numeric = print.numeric || matches!(self.shape, Shape::Json(_));
        let names = if is_numeric { Lookup::numeric() } else { Lookup::named(AT_ONCE) };
        let render = self.render(print, names.clone());
        let mut printer = Printer::new(Output::new(render), names, READING);
        let config = cycles::Config {
            path,
            cycles: self.cycles,
            period: self.period,
            detail: self.detail(),
        };
        let mut engine = Cycles::new(config, Clock.now());
        let signals = Signals::new()?;
        drive(&mut engine, &mut channel, &signals, &mut printer)?;
        let was_cut_short = signals.stop() && self.cycles.is_some();
        match printer.finish()?.and_then(|report| report.error.filter(|_| report.answered == 0)) {
            Some(why) => bail!(Refusal::new(FAILED, format!("send: {why}"))),
            None if was_cut_short => Ok(INTERRUPTED),
            None => Ok(Exit(0)),
        }
    }

    const fn detail(&self) -> Detail {
        match self.shape {
            Shape::Json(detail) => detail,
            Shape::Live(_) => Detail::Live,
            // Not shown, but names are looked up meanwhile.
            Shape::Table(_) | Shape::Csv => Detail::Rows,
        }
    }

    fn render(&self, print: &Print, names: Lookup) -> Box<dyn Render<Event>> {
        let table = |width| Table {
            names,
            fields: self.fields.clone(),
            width,
            labels: if print.extensions { Labels::Shown } else { Labels::Hidden },
            local: local(),
        };
        match self.shape {
            Shape::Table(width) => Box::new(table(width)),
            Shape::Csv => Box::new(Csv { table: table(Width::Cut), target: String::new() }),
            Shape::Json(_) => Box::new(JsonLines { tool: "traceroute" }),
            Shape::Live(width) => Box::new(LiveView {
                table: table(width),
                live: Live::new(),
                title: String::new(),
                began: Duration::ZERO,
                drawn: 0,
            }),
        }
    }
}

const CYCLES: NonZeroU32 = NonZeroU32::new(10).unwrap();
const PERIOD: Duration = Duration::from_secs(1);

/// Only the last line must not be without names: it waits for them.
const READING: Reading<Event, cycles::Report> = Reading {
    addresses: |event| match event {
        Event::Report(report) => {
            let seen = report.hops.iter().flat_map(|hop| &hop.addresses);
            seen.map(|seen| SocketAddr::new(seen.address, 0)).collect()
        }
        Event::Start(_) | Event::Cycle(_) => Vec::new(),
    },
    summary: |event| match event {
        Event::Report(report) => Some(report.clone()),
        Event::Start(_) | Event::Cycle(_) => None,
    },
};

fn shape(flags: &ReportFlags, is_json: bool) -> Result<Option<Shape>, Refusal> {
    let is_table = flags.report || flags.report_wide;
    let width = if flags.report_wide { Width::Whole } else { Width::Cut };
    let live = std::io::stdout().is_terminal();
    let shape = match (is_json, flags.csv, flags.live, is_table) {
        (_, false, false, false) => {
            let needs = "goes with --report, --report-wide, --csv or --live";
            let given = [
                (flags.cycles.is_some(), "--cycles"),
                (flags.interval.is_some(), "--interval"),
                (flags.order.is_some(), "--order"),
            ];
            let alone = given.into_iter().find(|(is_given, _)| *is_given);
            return alone.map_or(Ok(None), |(_, flag)| refuse(format!("{flag} {needs}")));
        }
        (true, true, ..) => return refuse("--csv and --json do not go together"),
        (_, true, true, _) => return refuse("--csv and --live do not go together"),
        (true, ..) if flags.order.is_some() => return refuse("--order does not go with --json"),
        (true, _, true, _) => Shape::Json(Detail::Rows),
        (true, ..) => Shape::Json(Detail::Totals),
        (_, true, ..) => Shape::Csv,
        (_, _, true, _) if live => Shape::Live(width),
        _ => Shape::Table(width),
    };
    Ok(Some(shape))
}

/// A flag whose meaning is that of a single trace.
fn out_of_place(args: &Args) -> Option<&'static str> {
    let (timing, print) = (&args.timing, &args.print);
    let given = [
        (timing.queries.is_some(), "-q"),
        (timing.sendwait.is_some(), "-z"),
        (timing.wait.is_some(), "-w"),
        (args.probe.mtu, "--mtu"),
        (print.back, "--back"),
        (print.as_path_lookups, "-A"),
        (print.try_all, "--try-all"),
    ];
    given.into_iter().find(|(is_given, _)| *is_given).map(|(_, flag)| flag)
}

fn cycles(word: &str, places: &Places) -> Result<NonZeroU32, Refusal> {
    let number = integer(word).ok_or_else(|| cannot_handle(places, "cycles", word))?;
    match u32::try_from(number).ok().and_then(NonZeroU32::new) {
        Some(number) => Ok(number),
        None => refuse(format!("--cycles: {word}: from 1 to {}", u32::MAX)),
    }
}

fn period(word: &str, places: &Places) -> Result<Duration, Refusal> {
    /// Faster than this is a flood, and slower than once a day is a mistake.
    const SENSIBLE: std::ops::RangeInclusive<f64> = 0.01..=86_400.0;
    let value = float(word).ok_or_else(|| cannot_handle(places, "interval", word))?;
    if !SENSIBLE.contains(&value) {
        return refuse(format!("--interval: {word}: from 0.01 to 86400 seconds"));
    }
    Ok(seconds(value))
}

fn refuse<T>(message: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::new(Exit::FAILED, message))
}

/// What this machine is called.
fn local() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { "localhost".to_owned() } else { escape(name).into_owned() }
}
