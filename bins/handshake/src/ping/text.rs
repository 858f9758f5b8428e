//! Lines for people.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::time::Duration;

use wireline_cli::{Render, Streams, escape};
use wireline_engine::tcp::Verdict;
use wireline_engine::tcp::tcping::{
    Clock, End, Event, Probe, Reach, Rtt, Streaks, Summary, Target, TargetSummary,
};
use wireline_engine::{LatencyReport, millis};

use super::config::{Print, Probes};

pub(super) struct Text {
    print: Print,
    /// Columns of names and of addresses.
    widths: [usize; 2],
    several: bool,
}

impl Text {
    pub(super) fn new(print: Print, targets: &[Target]) -> Self {
        let widest = |text: fn(&Target) -> String| {
            targets.iter().map(|target| text(target).chars().count()).max().unwrap_or(0)
        };
        Self { print, widths: [widest(name), widest(place)], several: targets.len() > 1 }
    }

    fn wants(&self, probe: &Probe) -> bool {
        match self.print.probes {
            Probes::All => true,
            Probes::Failed => probe.verdict != Verdict::Open,
            Probes::None => false,
        }
    }

    /// Who, in columns.
    fn who(&self, target: &Target) -> String {
        let [names, places] = self.widths;
        let place = place(target);
        if names == 0 {
            format!("{place:places$}")
        } else {
            format!("{:names$} {place:places$}", name(target))
        }
    }

    fn stamp(&self, at: Duration) -> String {
        if self.print.timestamps {
            format!("[{}.{:06}] ", at.as_secs(), at.subsec_micros())
        } else {
            String::new()
        }
    }
}

impl Render<Event> for Text {
    fn event(&mut self, at: Duration, event: &Event, to: &mut Streams<'_>) -> io::Result<()> {
        let stamp = self.stamp(at);
        match event {
            Event::Probe(probe) if !self.wants(probe) => Ok(()),
            Event::Probe(probe) => {
                let (who, seq, word) = (self.who(&probe.target), probe.seq, word(&probe.verdict));
                let line = format!("{stamp}{who}  seq={seq:<4} {word:<11} {}", told(probe));
                writeln!(to.out, "{}", line.trim_end())
            }
            Event::Turn(_) if self.print.probes == Probes::None => Ok(()),
            Event::Turn(turn) => {
                let (is, was) =
                    if turn.state == Reach::Up { ("up", "down") } else { ("down", "up") };
                let (who, after) = (self.who(&turn.target), span(turn.after));
                let probes = several(turn.probes, "probe");
                writeln!(to.out, "{stamp}{who}  is {is}, after {after} {was} ({probes})")
            }
            Event::Resolved { target, before } => {
                let name = escape(&target.name);
                writeln!(to.out, "{stamp}{name} is {} now, and was {before}", target.address.ip())
            }
            Event::Status(summary) => status(summary, to.err),
            Event::TargetSummary(summary) => self.summary(summary, to.out),
            Event::Summary(summary) if self.several => all(summary, to.out),
            Event::Summary(_) | Event::Start { .. } | Event::Resolve { .. } => Ok(()),
        }
    }
}

/// The name, where it says more than the address.
fn name(target: &Target) -> String {
    let is_address = *target.name == *target.address.ip().to_string();
    if is_address { String::new() } else { escape(&target.name).into_owned() }
}

fn place(target: &Target) -> String {
    target.address.to_string()
}

const fn word(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Filtered { .. } => "silent",
        Verdict::NoNeighbour | Verdict::NoRoute => "unreachable",
        other => other.word(),
    }
}

fn told(probe: &Probe) -> String {
    let app = probe.app.map(|app| format!("app={}", ms(app)));
    let mut parts: Vec<String> = reason(probe).into_iter().collect();
    parts.extend(probe.rtt.map(rtt));
    parts.extend(app);
    parts.extend(probe.hop_limit.filter(|_| probe.rtt.is_some()).map(|ttl| format!("ttl={ttl}")));
    let mut line = parts.join(" ");
    if let (1.., Some(lost)) = (probe.syn_lost, probe.lost_for) {
        let lost = format!(" ({} lost, {})", several(probe.syn_lost.into(), "SYN"), span(lost));
        line.push_str(&lost);
    }
    if probe.tries > 1 {
        let _ = write!(line, " ({} tries)", probe.tries);
    }
    line
}

/// Why it is not open.
fn reason(probe: &Probe) -> Option<String> {
    let outcome = &probe.outcome;
    Some(match &probe.verdict {
        Verdict::Open | Verdict::Proxied => return None,
        Verdict::Closed => "by RST".to_owned(),
        Verdict::Rejected { by, icmp_type, icmp_code }
        | Verdict::Unreachable { by, icmp_type, icmp_code } => {
            let why = outcome.reason.map_or(String::new(), |reason| format!(" ({reason})"));
            format!("by {by} ICMP {icmp_type}/{icmp_code}{why}")
        }
        Verdict::NoNeighbour => "no neighbour answers (ARP, ND)".to_owned(),
        Verdict::NoRoute => "no route from here".to_owned(),
        Verdict::Filtered { syn_sent } => {
            format!("no answer to {}", several((*syn_sent).into(), "SYN"))
        }
        Verdict::Local { .. } => {
            format!("not asked: {}", outcome.error.as_deref().unwrap_or("unknown error"))
        }
    })
}

fn rtt(rtt: Rtt) -> String {
    match (rtt.coarse, rtt.clock) {
        (true, _) => format!("rtt<{} ms", rtt.time.as_millis()),
        // No better than what a program sees, and not called otherwise.
        (false, Clock::User) => format!("rtt<={}", ms(rtt.time)),
        (false, _) => format!("rtt={}", ms(rtt.time)),
    }
}

/// Milliseconds, as many digits as mean something.
fn ms(span: Duration) -> String {
    format!("{} ms", number(span))
}

fn number(span: Duration) -> String {
    let ms = millis(span);
    let digits = if ms < 100.0 { 3 } else { 1 };
    format!("{ms:.digits$}")
}

fn span(span: Duration) -> String {
    format!("{:.1} s", span.as_secs_f64())
}

fn several(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

impl Text {
    fn summary(&self, one: &TargetSummary, out: &mut dyn Write) -> io::Result<()> {
        let target = &one.target;
        let address = if name(target).is_empty() {
            String::new()
        } else {
            format!(" ({})", target.address.ip())
        };
        let host = if name(target).is_empty() {
            place(target)
        } else {
            format!("{}:{}", name(target), target.port)
        };
        writeln!(out, "\n--- {host}{address} tcping statistics ---")?;
        writeln!(out, "{}", counts(one))?;
        if let Some(rtt) = &one.rtt {
            writeln!(out, "rtt {}", figures(rtt))?;
        }
        if one.coarse > 0 {
            let count = several(one.coarse, "more round trip");
            writeln!(out, "    {count} after a lost SYN: known to the millisecond, in no figure")?;
        }
        if let Some(app) = &one.app {
            writeln!(out, "app {}", figures(app))?;
        }
        streaks(one, out)?;
        for by in &one.rejected_by {
            let times = several(by.count, "time");
            writeln!(out, "ICMP {}/{} from {}: {times}", by.icmp_type, by.icmp_code, by.by)?;
        }
        if self.print.histogram { histogram(one, out) } else { Ok(()) }
    }
}

fn counts(one: &TargetSummary) -> String {
    let counts = one.counts;
    let mut text = format!(
        "{} sent, {} open, {} closed, {} lost",
        counts.sent, counts.open, counts.closed, counts.silent
    );
    for (count, what) in [
        (counts.rejected, "rejected"),
        (counts.unreachable, "unreachable"),
        (counts.local, "failed on this machine"),
        (counts.unfinished, "unfinished"),
    ] {
        if count > 0 {
            let _ = write!(text, ", {count} {what}");
        }
    }
    let (sent, again) = (several(counts.syn_sent, "SYN"), counts.syn_lost);
    // Where nothing was asked there is no share of it.
    if counts.sent > counts.local {
        let _ = write!(text, ", {:.1}% not open", one.loss_percent);
    }
    text + &format!("; {sent}, {again} of them sent again")
}

fn figures(report: &LatencyReport) -> String {
    let list = |all: &[Duration]| all.iter().map(|one| number(*one)).collect::<Vec<_>>().join("/");
    format!(
        "min/avg/max/mdev = {} ms, p50/p90/p95/p99 = {} ms, jitter {}",
        list(&[report.min, report.avg, report.max, report.mdev]),
        list(&[report.p50, report.p90, report.p95, report.p99]),
        ms(report.jitter)
    )
}

fn streaks(one: &TargetSummary, out: &mut dyn Write) -> io::Result<()> {
    let text = |word: &str, streaks: &Streaks| {
        let (total, longest) = (span(streaks.total), span(streaks.longest));
        let (times, probes) =
            (several(streaks.count, "streak"), several(streaks.longest_probes, "probe"));
        format!("{word} {total} in {times}, longest {longest} ({probes})")
    };
    let told = [("up", &one.up), ("down", &one.down)];
    let told: Vec<String> = told
        .iter()
        .filter(|(_, streaks)| streaks.count > 0)
        .map(|(word, streaks)| text(word, streaks))
        .collect();
    if told.is_empty() { Ok(()) } else { writeln!(out, "{}", told.join("; ")) }
}

/// The buckets from the first that is not empty to the last.
fn histogram(one: &TargetSummary, out: &mut dyn Write) -> io::Result<()> {
    const WIDTH: u64 = 40;
    let is_used = |bucket: &&_| -> bool {
        let bucket: &&wireline_engine::tcp::tcping::Bucket = bucket;
        bucket.count > 0
    };
    let most = one.histogram.iter().map(|bucket| bucket.count).max().unwrap_or(0).max(1);
    for bucket in one.histogram.iter().filter(is_used) {
        let bound = bucket.up_to.map_or("longer".to_owned(), |up_to| format!("<= {}", ms(up_to)));
        let bar = usize::try_from(bucket.count * WIDTH / most).unwrap_or(0).max(1);
        writeln!(out, "{bound:>14} {:>8} {}", bucket.count, "#".repeat(bar))?;
    }
    Ok(())
}

/// In one line on stderr, as ping's answer to SIGQUIT.
fn status(one: &TargetSummary, err: &mut dyn Write) -> io::Result<()> {
    let (host, counts) = (place(&one.target), one.counts);
    let rtt = one.rtt.map_or(String::new(), |rtt| {
        let all = [rtt.min, rtt.avg, rtt.ewma, rtt.max].map(number).join("/");
        format!(", min/avg/ewma/max = {all} ms")
    });
    writeln!(err, "{host} {}/{} open, {:.0}% not{rtt}", counts.open, counts.sent, one.loss_percent)
}

fn all(summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
    let counts = summary.counts;
    let why = match summary.end {
        End::Counted | End::Stopped => "",
        End::Until => ", as was waited for",
        End::MaxTime => ", the time being up",
    };
    writeln!(
        out,
        "\n{}: {} up at the end; {} of {} open in {}{why}",
        several(u64::try_from(summary.targets).unwrap_or(u64::MAX), "target"),
        summary.up,
        counts.open,
        several(counts.sent, "probe"),
        span(summary.elapsed)
    )
}
