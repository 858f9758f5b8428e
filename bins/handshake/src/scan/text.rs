//! A scan as text: a line a port, one a host where there are several, and one at the end.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use wireline_cli::{Render, Streams};
use wireline_engine::millis;
use wireline_engine::tcp::Verdict;
use wireline_engine::tcp::scan::{Counts, Event, Host, Port, Start, Summary, SynAck, Verified};

pub(crate) struct Text {
    names: HashMap<IpAddr, String>,
    reason: bool,
    quiet: bool,
    /// Several hosts with several ports each.
    has_host_lines: bool,
}

impl Text {
    pub(crate) fn new(names: HashMap<IpAddr, String>, reason: bool, quiet: bool) -> Self {
        Self { names, reason, quiet, has_host_lines: false }
    }

    fn who(&self, address: IpAddr) -> String {
        match self.names.get(&address) {
            Some(name) => format!("{name} ({address})"),
            None => address.to_string(),
        }
    }

    fn port(&self, port: &Port) -> String {
        let place = format!("{}/tcp", port.port);
        let word = word(port);
        let mut line = format!("{}  {place:<9} {word:<11}", self.who(port.address));
        let mut add = |text: &str| _ = write!(line, " {text}");
        if let Some(who) = by_whom(&port.verdict) {
            add(&who);
        }
        if self.reason {
            add(&reason(port));
        }
        if let Some(rtt) = port.rtt {
            add(&format!(" {:.3} ms", millis(rtt)));
        }
        if self.reason
            && let Some(offer) = port.syn_ack
        {
            add(&format!(" {}", options(offer)));
        }
        if let Some(note) = note(port) {
            add(&note);
        }
        line.trim_end().to_owned()
    }
}

/// What it is called.
const fn word(port: &Port) -> &'static str {
    match &port.verdict {
        Verdict::NoNeighbour | Verdict::NoRoute => "unreachable",
        Verdict::Local { .. } => "not asked",
        verdict => verdict.word(),
    }
}

fn by_whom(verdict: &Verdict) -> Option<String> {
    Some(match verdict {
        Verdict::Rejected { by, icmp_type, icmp_code }
        | Verdict::Unreachable { by, icmp_type, icmp_code } => {
            format!("by {by} (ICMP {icmp_type}/{icmp_code})")
        }
        Verdict::NoNeighbour => "no neighbour answers for it".to_owned(),
        Verdict::NoRoute => "no route".to_owned(),
        Verdict::Local { errno } => {
            wireline_engine::errno_text(&io::Error::from_raw_os_error(*errno))
        }
        Verdict::Filtered { syn_sent } => format!("no answer to {syn_sent} SYNs"),
        Verdict::Open | Verdict::Proxied | Verdict::Closed => return None,
    })
}

fn reason(port: &Port) -> String {
    let mut text = match port.verdict {
        Verdict::Open | Verdict::Proxied => "syn-ack".to_owned(),
        Verdict::Closed => "rst".to_owned(),
        _ => String::new(),
    };
    if let Some(hop_limit) = port.hop_limit {
        let _ = write!(text, " ttl {hop_limit}");
    }
    text
}

fn options(offer: SynAck) -> String {
    let mut words = vec![format!("win {}", offer.window)];
    words.extend(offer.mss.map(|mss| format!("mss {mss}")));
    words.extend(offer.sack.then(|| "sack".to_owned()));
    words.extend(offer.timestamps.then(|| "ts".to_owned()));
    words.extend(offer.window_scale.map(|shift| format!("ws {shift}")));
    words.join(" ")
}

fn note(port: &Port) -> Option<String> {
    let is_empty = port.syn_ack.is_some_and(|offer| offer.window == 0);
    Some(match port.verified {
        Some(Verified::Completed) => "(verified)".to_owned(),
        Some(Verified::Reset) => "(verified: reset after the handshake)".to_owned(),
        Some(Verified::Proxied) => {
            "(a SYN proxy: the handshake was completed, and nobody behind it took data)".to_owned()
        }
        Some(Verified::Unanswered) => "(not verified: no answer to a second SYN)".to_owned(),
        None if is_empty => {
            "(not verified: SYN-ACK with window 0, a proxy? try --verify)".to_owned()
        }
        None => return None,
    })
}

/// Verdicts with their numbers, those that there are.
fn counted(counts: &Counts) -> String {
    let all = [
        (counts.open, "open"),
        (counts.closed, "closed"),
        (counts.filtered, "filtered"),
        (counts.rejected, "rejected"),
        (counts.unreachable, "unreachable"),
        (counts.no_neighbour, "without a neighbour"),
        (counts.no_route, "without a route"),
        (counts.local, "not asked for want of something here"),
    ];
    let there: Vec<_> = all
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    if there.is_empty() { "nothing known".to_owned() } else { there.join(", ") }
}

fn summary(summary: &Summary) -> String {
    let mut text = format!(
        "{} ports in {:.2} s: {}",
        summary.targets,
        summary.elapsed.as_secs_f64(),
        counted(&summary.counts)
    );
    let mut add = |shown: bool, more: String| {
        if shown {
            text.push_str(&more);
        }
    };
    let proxied = summary.proxied.unwrap_or(0);
    add(proxied > 0, format!(", {proxied} proxied"));
    add(summary.unasked > 0, format!(", {} not asked to the end", summary.unasked));
    add(true, format!(" · sent {}", summary.sent));
    add(summary.answered_late > 0, format!(" · {} answered late", summary.answered_late));
    add(true, format!(" · rx drops {} · local errors {}", summary.dropped, summary.local_errors));
    if let Some(errno) = summary.errno {
        let why = wireline_engine::errno_text(&io::Error::from_raw_os_error(errno));
        add(true, format!(" ({why})"));
    }
    add(summary.rate_cuts > 0, format!(" · rate cut {} times", summary.rate_cuts));
    add(summary.interrupted, " · interrupted".to_owned());
    add(!summary.complete && !summary.interrupted, " · incomplete".to_owned());
    text
}

impl Render<Event> for Text {
    fn event(&mut self, _at: Duration, event: &Event, to: &mut Streams<'_>) -> io::Result<()> {
        match event {
            Event::Start(Start { hosts, ports, .. }) => {
                self.has_host_lines = *hosts > 1 && *ports > 1;
            }
            Event::Progress(_) => {}
            Event::Port(port) => writeln!(to.out, "{}", self.port(port))?,
            Event::Host(Host { address, counts }) => {
                if !self.quiet && self.has_host_lines {
                    writeln!(to.out, "{}  {}", self.who(*address), counted(counts))?;
                }
            }
            Event::Summary(ended) => {
                if !self.quiet {
                    writeln!(to.out, "{}", summary(ended))?;
                }
            }
        }
        Ok(())
    }
}
