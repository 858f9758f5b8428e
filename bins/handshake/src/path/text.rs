//! The lines of traceroute, and a last one about the port.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use wireline_cli::{Render, Streams, escape};
use wireline_engine::millis;
use wireline_engine::tcp::Verdict;
use wireline_engine::trace::{self, Answer, Extension, Probe, Rewritten, Start, Summary, words};
use wireline_tool::Lookup;

use super::event::{Event, Port};

pub(super) struct Text {
    names: Lookup,
    is_numeric: bool,
    /// The line that is being written.
    hop: Option<u8>,
    last: Option<(IpAddr, String)>,
    rewritten: Vec<Rewritten>,
}

impl Text {
    pub(super) const fn new(names: Lookup, is_numeric: bool) -> Self {
        Self { names, is_numeric, hop: None, last: None, rewritten: Vec::new() }
    }

    /// Without its end: each line begins with the end of the one before it.
    fn start(start: &Start, to: &mut Streams<'_>) -> io::Result<()> {
        let (name, address) = (escape(&start.target), Lookup::numeric().text(start.address));
        let (port, hops, size) = (start.port, start.max_hops, start.size);
        let what = match start.method {
            "connect" => "connect(2)".to_owned(),
            _ => format!("SYNs of {size} octets"),
        };
        write!(to.out, "path to {name} ({address}) port {port}, {hops} hops max, by {what}")
    }

    fn probe(&mut self, probe: &Probe, to: &mut Streams<'_>) -> io::Result<()> {
        if self.hop != Some(probe.hop) {
            write!(to.out, "\n{:2} ", probe.hop)?;
            self.hop = Some(probe.hop);
            self.last = None;
        }
        let Some(answer) = probe.outcome.answer() else { return write!(to.out, " *") };
        let who = (answer.source, beside(answer));
        if self.last.as_ref() != Some(&who) {
            write!(to.out, " {}{}", self.address(who.0), who.1)?;
            self.last = Some(who);
        }
        write!(to.out, "  {:.3} ms", millis(answer.sample.rtt))?;
        words::mark(&probe.outcome).map_or(Ok(()), |mark| write!(to.out, " {mark}"))
    }

    fn address(&self, address: IpAddr) -> String {
        match self.names.name(SocketAddr::new(address, 0)) {
            Some(name) if !self.is_numeric => format!("{name} ({address})"),
            _ => address.to_string(),
        }
    }

    /// The end of the last line, and what the lines cannot say.
    fn end(&self, summary: &Summary, to: &mut Streams<'_>) -> io::Result<()> {
        writeln!(to.out)?;
        if !summary.rate_limited.is_empty() {
            let hops: Vec<_> = summary.rate_limited.iter().map(u8::to_string).collect();
            let what = "answered at first, then less, and nothing was lost behind";
            writeln!(to.out, "rate-limited? hop {}: {what}", hops.join(", "))?;
        }
        words::rewritten(&self.rewritten).map_or(Ok(()), |line| writeln!(to.out, "{line}"))
    }
}

impl Render<Event> for Text {
    fn event(&mut self, _at: Duration, event: &Event, to: &mut Streams<'_>) -> io::Result<()> {
        match event {
            Event::Trace(trace::Event::Start(start)) => Self::start(start, to),
            Event::Trace(trace::Event::Probe(probe)) => self.probe(probe, to),
            Event::Trace(trace::Event::Late(_)) => Ok(()),
            Event::Trace(trace::Event::Rewritten(rewritten)) => {
                self.rewritten.push(rewritten.clone());
                Ok(())
            }
            Event::Trace(trace::Event::Summary(summary)) => self.end(summary, to),
            Event::Port(port) => writeln!(to.out, "{}", told(port)),
        }
    }
}

/// What stands beside an address: flags of a segment, extensions of an error.
fn beside(answer: &Answer) -> String {
    let flags = match &answer.what {
        trace::What::Tcp { flags } => format!(" <{flags}>"),
        _ => String::new(),
    };
    if answer.extensions.is_empty() {
        return flags;
    }
    let all: Vec<_> = answer.extensions.iter().map(Extension::to_string).collect();
    format!("{flags} <{}>", all.join(";"))
}

fn told(port: &Port) -> String {
    let who = format!("{}:{}", escape(&port.target), port.port);
    let at = port.hop.map_or(String::new(), |hop| format!(" at hop {hop}"));
    let why = match &port.verdict {
        Verdict::Open | Verdict::Proxied | Verdict::Closed => {
            let flags = port.flags.as_deref().unwrap_or_default();
            return format!("{who} is {}: {flags} from {}{at}", port.outcome.verdict, port.address);
        }
        Verdict::Rejected { by, icmp_type, icmp_code }
        | Verdict::Unreachable { by, icmp_type, icmp_code } => {
            let reason = port.outcome.reason.unwrap_or("no reason that an RFC has");
            format!("by {by}{at}, ICMP {icmp_type}/{icmp_code} ({reason})")
        }
        Verdict::NoNeighbour => "no neighbour answers (ARP, ND)".to_owned(),
        Verdict::NoRoute => "no route from here".to_owned(),
        Verdict::Filtered { .. } => {
            let last = port.last_hop.map_or("nobody answered at all".to_owned(), |hop| {
                format!("nobody answered after hop {hop}")
            });
            return format!("{who} is silent: {last}");
        }
        Verdict::Local { .. } => port.outcome.error.clone().unwrap_or_default(),
    };
    let word = match &port.verdict {
        Verdict::NoNeighbour | Verdict::NoRoute => "unreachable",
        _ => port.outcome.verdict,
    };
    format!("{who} is {word}: {why}")
}
