//! The lines of Linux' traceroute, which scripts have parsed for decades.

use std::fmt::Write as _;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use wireline_cli::{Render, Streams, escape};
use wireline_engine::millis;
use wireline_engine::trace::{
    Answer, Event, Extension, Outcome, Probe, Rewritten, Start, Summary, What, words,
};
use wireline_tool::Lookup;

use crate::config::Print;
use crate::origins::Origins;

pub(crate) struct Text {
    print: Print,
    names: Lookup,
    origins: Origins,
    /// The line that is being written.
    hop: Option<u8>,
    /// Who answered last for this hop, and what else stands beside the address.
    last: Option<(IpAddr, String)>,
    rewritten: Vec<Rewritten>,
}

impl Text {
    pub(crate) const fn new(print: Print, names: Lookup, origins: Origins) -> Self {
        Self { print, names, origins, hop: None, last: None, rewritten: Vec::new() }
    }

    /// Without its end: each line begins with the end of the one before it, so that an error message
    /// does not stand in the middle of one.
    fn start(start: &Start, to: &mut Streams<'_>) -> io::Result<()> {
        let name = escape(&start.target);
        let (address, hops, size) = (scoped(start.address), start.max_hops, start.size);
        write!(to.out, "traceroute to {name} ({address}), {hops} hops max, {size} byte packets")
    }

    fn probe(&mut self, probe: &Probe, to: &mut Streams<'_>) -> io::Result<()> {
        if self.hop != Some(probe.hop) {
            write!(to.out, "\n{:2} ", probe.hop)?;
            self.hop = Some(probe.hop);
            self.last = None;
        }
        if let Outcome::Refused { waited, mtu: Some(mtu), .. } = &probe.outcome {
            return write!(to.out, " *  {:.3} ms !F-{mtu}", millis(*waited));
        }
        let Some(answer) = probe.outcome.answer() else { return write!(to.out, " *") };
        let beside = self.beside(probe.hop, answer);
        if self
            .last
            .as_ref()
            .is_none_or(|(address, said)| *address != answer.source || *said != beside)
        {
            write!(to.out, " {}{beside}", self.address(answer.source))?;
            self.last = Some((answer.source, beside));
        }
        write!(to.out, "  {:.3} ms", millis(answer.sample.rtt))?;
        if let Some(mtu) = probe.path_mtu {
            write!(to.out, " F={mtu}")?;
        }
        match words::mark(&probe.outcome) {
            Some(mark) => write!(to.out, " {mark}"),
            None => Ok(()),
        }
    }

    /// The end of the last line, and below the path what the lines cannot say.
    fn end(&self, summary: &Summary, to: &mut Streams<'_>) -> io::Result<()> {
        writeln!(to.out)?;
        to.out.flush()?;
        if let Some(hop) = summary.black_hole {
            let what = "it swallows longer probes without a word";
            writeln!(to.err, "black hole before hop {hop}: {what}")?;
        }
        if !summary.rate_limited.is_empty() {
            let hops: Vec<_> = summary.rate_limited.iter().map(u8::to_string).collect();
            let what = "answered at first, then less, and nothing was lost behind";
            writeln!(to.err, "rate-limited? hop {}: {what}", hops.join(", "))?;
        }
        words::rewritten(&self.rewritten).map_or(Ok(()), |line| writeln!(to.err, "{line}"))
    }

    fn address(&self, address: IpAddr) -> String {
        let at = SocketAddr::new(address, 0);
        let mut text = match (self.print.numeric, self.names.name(at)) {
            (true, _) => address.to_string(),
            (false, Some(name)) => format!("{name} ({address})"),
            (false, None) => format!("{address} ({address})"),
        };
        if self.print.origins {
            let _ = write!(text, " [{}]", self.origins.text(address));
        }
        text
    }

    /// What stands beside an address: flags of the last segment, extensions, hops on the way back.
    fn beside(&self, hop: u8, answer: &Answer) -> String {
        let mut text = String::new();
        if let What::Tcp { flags } = &answer.what
            && self.print.info
        {
            let _ = write!(text, " <{flags}>");
        }
        if self.print.extensions && !answer.extensions.is_empty() {
            let all: Vec<_> = answer.extensions.iter().map(Extension::to_string).collect();
            let _ = write!(text, " <{}>", all.join(";"));
        }
        if let Some(hops) = self.hops_back(hop, answer) {
            let _ = write!(text, " '-{hops}'");
        }
        text
    }

    /// Hops on the way back, where they seem to be others than on the way there: whoever answers starts
    /// with a hop limit of 64, 128 or 255.
    fn hops_back(&self, hop: u8, answer: &Answer) -> Option<u8> {
        let left = answer.hop_limit.filter(|_| self.print.back)?;
        let initial = [64, 128, 255].into_iter().find(|initial| left <= *initial)?;
        let hops = initial - left + 1;
        (hops != hop).then_some(hops)
    }
}

impl Render<Event> for Text {
    fn event(&mut self, _at: Duration, event: &Event, to: &mut Streams<'_>) -> io::Result<()> {
        match event {
            Event::Start(start) => Self::start(start, to),
            Event::Probe(probe) => self.probe(probe, to),
            Event::Late(_) => Ok(()),
            Event::Rewritten(rewritten) => {
                self.rewritten.push(rewritten.clone());
                Ok(())
            }
            Event::Summary(summary) => self.end(summary, to),
        }
    }
}

/// The address with the interface that a link-local one is on.
fn scoped(address: SocketAddr) -> String {
    Lookup::numeric().text(address)
}
