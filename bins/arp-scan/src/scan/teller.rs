//! Between the engine and what is printed: its events with what is known of them, and how the run went.

use std::cell::RefCell;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::ops::ControlFlow;
use std::os::fd::BorrowedFd;
use std::rc::Rc;
use std::time::Duration;

use wireline_cli::{Output, Render};
use wireline_engine::segment::{self, Port, Source};
use wireline_engine::{Control, Instant};
use wireline_net::Sink;
use wireline_tool::{Lookup, Printer, Reading};

use super::config::Config;
use super::expected::Expected;
use super::json::Json;
use super::stations::Stations;
use super::text::Text;
use crate::compare_cache::{Heard, Row};
use crate::event::{Event, Facts, Host, Start, Summary};
use crate::explain::{Exchange, Pairs};

/// Tells events, and keeps the summary until all is known that it says.
pub(crate) struct Teller<'a> {
    facts: Facts<'a>,
    printer: Printer<Event, ()>,
    /// What the start shows.
    list: Vec<Ipv4Addr>,
    findings: u64,
    summary: Option<Box<Summary>>,
    pairs: Option<Rc<RefCell<Pairs>>>,
    pub(crate) cache: Option<Cache>,
    /// Who was heard, where both families are joined.
    stations: Option<Stations>,
    pub(crate) expected: Option<Expected>,
    /// Of a file, and in text: how long after its first frame this one came.
    pub(crate) played: Option<Duration>,
}

const READING: Reading<Event, ()> = Reading {
    addresses: |event| match event {
        Event::Host(host) => vec![SocketAddr::new(host.address, 0)],
        _ => Vec::new(),
    },
    summary: |_| None,
};

/// A printer in the form that was asked for.
pub(crate) fn printer(config: &Config) -> Printer<Event, ()> {
    /// Names that are looked up at once.
    const AT_ONCE: usize = 8;
    let names = if config.text.resolve { Lookup::named(AT_ONCE) } else { Lookup::numeric() };
    let render: Box<dyn Render<Event>> = if config.json {
        Box::new(Json::new(names.clone()))
    } else {
        Box::new(Text::new(config.text.clone(), names.clone()))
    };
    Printer::new(Output::new(render), names, READING)
}

impl<'a> Teller<'a> {
    pub(crate) const fn new(
        facts: Facts<'a>,
        printer: Printer<Event, ()>,
        list: Vec<Ipv4Addr>,
    ) -> Self {
        let (findings, summary, pairs) = (0, None, None);
        let (cache, expected, played, stations) = (None, None, None, None);
        Self { facts, printer, list, findings, summary, pairs, cache, stations, expected, played }
    }

    /// Joins the addresses of both families.
    pub(crate) fn join(&mut self) {
        self.stations = Some(Stations::default());
    }

    /// Tells after a host's first answer what was asked and answered, as these have it.
    pub(crate) fn explain(&mut self, pairs: Option<Rc<RefCell<Pairs>>>) {
        self.pairs = pairs;
    }

    /// Tells rows of the kernel's table.
    pub(crate) fn cached(&mut self, rows: Vec<Row>) {
        for row in rows {
            self.findings += u64::from(row.verdict.is_odd());
            let _ = self.printer.event(Event::Cached(row));
        }
    }

    /// What of a host is not as it was saved.
    fn news(&mut self, host: &Host) -> Option<Event> {
        let difference = self.expected.as_mut()?.hear(host, &self.facts)?;
        self.findings += 1;
        Some(Event::Difference(difference))
    }

    /// Tells who was saved, was asked and is not there; nobody, where not all had their time.
    pub(crate) fn missing(&mut self, ports: &[Port]) {
        let is_over = self.summary.as_ref().is_some_and(|summary| summary.stopped.is_none());
        let expected = self.expected.take().filter(|_| is_over);
        let missing = expected.map(|expected| expected.missing(ports, &self.facts));
        for difference in missing.into_iter().flatten() {
            self.findings += 1;
            let _ = self.printer.event(Event::Difference(difference));
        }
    }

    /// Takes in a frame that came by no channel.
    pub(crate) fn heard(&self, frame: &[u8]) {
        if let Some(pairs) = &self.pairs {
            pairs.borrow_mut().received(frame);
        }
    }

    fn exchange(&self, host: &Host) -> Option<Event> {
        let IpAddr::V4(address) = host.address else { return None };
        let pair = self.pairs.as_ref()?.borrow_mut().take(address)?;
        let exchange = Exchange::of(address, &pair, &self.facts.vendor);
        Some(Event::Explained(Box::new(exchange)))
    }

    /// Tells the summary, once `complete` has put in what the engine does not know.
    pub(crate) fn finish(mut self, complete: impl FnOnce(&mut Summary)) -> io::Result<Summary> {
        let mut summary = self.summary.take().unwrap_or_default();
        summary.findings = self.findings;
        complete(&mut summary);
        for station in self.stations.take().into_iter().flat_map(Stations::finish) {
            let _ = self.printer.event(Event::Station(Box::new(station)));
        }
        // A reader who has gone is told of below.
        let _ = self.printer.event(Event::Summary(summary.clone()));
        let _ = self.printer.settled();
        self.printer.finish()?;
        Ok(*summary)
    }
}

/// What is remembered for a comparison with the kernel's table.
pub(crate) struct Cache {
    /// The number of the interface of each port.
    pub(crate) indices: Vec<u32>,
    pub(crate) heard: Vec<Heard>,
}

impl Cache {
    /// More than any segment has.
    const MOST: usize = 1 << 20;

    fn hear(&mut self, host: &segment::Host) {
        let index = usize::try_from(host.port).ok().and_then(|port| self.indices.get(port));
        if let Some(index) = index.filter(|_| self.heard.len() < Self::MOST) {
            self.heard.push(Heard { index: *index, address: host.address, mac: host.mac });
        }
    }
}

impl Sink<segment::Event> for Teller<'_> {
    fn event(&mut self, event: segment::Event) -> ControlFlow<()> {
        if let (segment::Event::Host(host), Some(cache)) = (&event, &mut self.cache)
            && host.source != Source::Own
        {
            cache.hear(host);
        }
        match self.facts.event(event) {
            Event::Summary(summary) => {
                self.summary = Some(summary);
                ControlFlow::Continue(())
            }
            Event::Host(mut host) => {
                host.rtt = host.rtt.or(self.played);
                if let Some(stations) = &mut self.stations {
                    stations.hear(&host);
                }
                let behind = [self.exchange(&host), self.news(&host)];
                self.printer.event(Event::Host(host))?;
                behind.into_iter().flatten().try_for_each(|event| self.printer.event(event))
            }
            Event::Overheard(host) => {
                let news = self.news(&host);
                self.printer.event(Event::Overheard(host))?;
                news.into_iter().try_for_each(|event| self.printer.event(event))
            }
            Event::Start(start) => {
                let list = std::mem::take(&mut self.list);
                self.printer.event(Event::Start(Start { list, ..start }))
            }
            event => {
                self.findings += u64::from(matches!(event, Event::Finding(_)));
                self.printer.event(event)
            }
        }
    }

    fn settled(&mut self) -> ControlFlow<()> {
        self.printer.settled()
    }

    fn deadline(&self) -> Option<Instant> {
        self.printer.deadline()
    }

    fn wakes(&self) -> Vec<BorrowedFd<'_>> {
        self.printer.wakes()
    }

    fn control(&mut self) -> Option<Control> {
        self.printer.control()
    }
}
