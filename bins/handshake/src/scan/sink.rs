//! What becomes of a scan's events: they are printed, or held back until the open ports are verified.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::ops::ControlFlow;

use anyhow::{Context as _, Result};
use wireline_cli::{Output, Progress};
use wireline_engine::tcp::Verdict;
use wireline_engine::tcp::scan::{Event, Port, Summary, Verified};
use wireline_net::Sink;

use super::run::wall;

pub(crate) struct Printed {
    output: Output<Event>,
    progress: Option<Progress>,
    total: Option<u64>,
    verifies: bool,
    /// Open ports, and all that is told after them.
    held: Vec<Event>,
    summary: Option<Summary>,
    written: io::Result<()>,
}

impl Printed {
    pub(crate) fn new(output: Output<Event>, total: Option<u64>, verifies: bool) -> Self {
        let progress = total.map(|total| Progress::new(total, "ports"));
        let (held, summary, written) = (Vec::new(), None, Ok(()));
        Self { output, progress, total, verifies, held, summary, written }
    }

    /// Open ports that wait to be verified.
    pub(crate) fn open(&self) -> Vec<SocketAddr> {
        self.held
            .iter()
            .filter_map(open_port)
            .map(|port| SocketAddr::new(port.address, port.port))
            .collect()
    }

    /// What came of the open port at a place among those.
    pub(crate) fn verified(&mut self, place: usize, verified: Verified) {
        let mut open = self.held.iter_mut().filter_map(|event| match event {
            Event::Port(port) if port.verdict == Verdict::Open => Some(port),
            _ => None,
        });
        if let Some(port) = open.nth(place) {
            port.verified = Some(verified);
        }
    }

    /// Prints what was held back, and says how it ended.
    pub(crate) fn finish(mut self) -> Result<Summary> {
        let held = std::mem::take(&mut self.held);
        let proxied = held.iter().filter_map(open_port).filter(|port| is_proxied(port));
        let proxied: Vec<_> = proxied.map(|port| port.address).collect();
        for mut event in held {
            tell_proxied(&mut event, &proxied);
            self.print(&event);
        }
        self.progress = None;
        self.written.and_then(|()| self.output.flush())?;
        self.summary.context("the scan told no end")
    }

    fn print(&mut self, event: &Event) {
        if self.written.is_err() {
            return;
        }
        if let Event::Summary(summary) = event {
            self.summary = Some(summary.clone());
            self.progress = None;
        }
        let output = &mut self.output;
        let mut print = || output.event(wall(), event).and_then(|()| output.flush());
        self.written = match &self.progress {
            Some(progress) => progress.around(print),
            None => output_only(&mut print, event),
        };
    }

    fn ended(&self) -> ControlFlow<()> {
        if self.written.is_err() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

fn output_only(print: &mut dyn FnMut() -> io::Result<()>, _event: &Event) -> io::Result<()> {
    print()
}

fn open_port(event: &Event) -> Option<&Port> {
    match event {
        Event::Port(port) if port.verdict == Verdict::Open => Some(port),
        _ => None,
    }
}

fn is_proxied(port: &Port) -> bool {
    port.verified == Some(Verified::Proxied)
}

/// A port that a SYN proxy answers for is not open, and is in no count of open ones. `proxied` has an address for
/// each.
fn tell_proxied(event: &mut Event, proxied: &[IpAddr]) {
    let of = |address| proxied.iter().filter(|proxied| **proxied == address).count() as u64;
    match event {
        Event::Port(port) if is_proxied(port) => port.verdict = Verdict::Proxied,
        Event::Host(host) => {
            host.counts.open = host.counts.open.saturating_sub(of(host.address));
        }
        Event::Summary(summary) => {
            let all = proxied.len() as u64;
            summary.counts.open = summary.counts.open.saturating_sub(all);
            summary.proxied = Some(all);
        }
        _ => {}
    }
}

impl Sink<Event> for Printed {
    fn event(&mut self, event: Event) -> ControlFlow<()> {
        match event {
            Event::Progress(done) => {
                if let (Some(progress), Some(total)) = (&self.progress, self.total) {
                    progress.set(done.done.min(total));
                }
            }
            event if self.verifies && (open_port(&event).is_some() || is_last(&event)) => {
                self.held.push(event);
            }
            event => self.print(&event),
        }
        self.ended()
    }

    fn settled(&mut self) -> ControlFlow<()> {
        self.ended()
    }
}

const fn is_last(event: &Event) -> bool {
    matches!(event, Event::Summary(_) | Event::Host(_))
}
