//! The report in lines.

use std::fmt::Write as _;
use std::net::IpAddr;

use wireline_cli::escape;

use super::Report;
use super::facts::file_name;
use crate::event::{
    AcceptQueue, End, Evidence, Finding, HalfClosed, InState, Loss, Ports, Program, Severity,
    SlowReader, StalledWriter, SynQueue, Tally, Unowned,
};

/// Findings of a kind that are told one by one.
const TOLD: usize = 8;

pub(super) fn report(report: &Report) -> String {
    let mut text = String::new();
    tallies(&mut text, &report.tallies);
    unowned(&mut text, &report.unowned);
    findings(&mut text, &report.findings);
    text
}

fn tallies(text: &mut String, tallies: &[Tally]) {
    for (place, tally) in tallies.iter().enumerate() {
        let Tally { by, sockets, names, .. } = tally;
        let states = states(&tally.states);
        let _ = match (&tally.name, *by) {
            (_, "all") => writeln!(text, "TCP sockets: {sockets}{}{states}", colon(&states)),
            (name, by) => {
                let is_first = place == 0 || tallies[place - 1].by != by;
                let by = if is_first { format!("by {by}") } else { String::new() };
                let name = name
                    .as_ref()
                    .map_or_else(|| format!("and {names} more"), |name| escape(name).into_owned());
                writeln!(text, "  {by:<10}  {name:<30}  {states}")
            }
        };
    }
}

const fn colon(states: &str) -> &'static str {
    if states.is_empty() { "" } else { ": " }
}

fn states(states: &[InState]) -> String {
    let one = |count: &InState| format!("{} {}", count.sockets, count.state.to_ascii_uppercase());
    states.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn unowned(text: &mut String, unowned: &[Unowned]) {
    if unowned.is_empty() {
        return;
    }
    text.push_str("Without an owner (- in -p):\n");
    for one in unowned {
        let unsent = match one.unsent {
            0 => String::new(),
            octets => format!(" ({octets} octets to send)"),
        };
        let _ = writeln!(text, "  {}: {}{unsent}", states(&one.states), one.meaning);
    }
}

fn findings(text: &mut String, findings: &[Finding]) {
    if findings.is_empty() {
        text.push_str("Findings: none\n");
        return;
    }
    let _ = writeln!(text, "Findings: {}", findings.len());
    let kind = |finding: &Finding| (finding.severity, std::mem::discriminant(&finding.evidence));
    for same in findings.chunk_by(|one, next| kind(one) == kind(next)) {
        // One alone is told rather than counted.
        let told = if same.len() == TOLD + 1 { same.len() } else { TOLD.min(same.len()) };
        same[..told].iter().for_each(|one| finding(text, one));
        if told < same.len() {
            let _ = writeln!(text, "  and {} more like this", same.len() - told);
        }
    }
}

fn finding(text: &mut String, finding: &Finding) {
    let severity = match finding.severity {
        Severity::Critical => "CRITICAL",
        Severity::Warning => "WARNING",
        Severity::Note => "NOTE",
    };
    let sentence = match &finding.evidence {
        Evidence::Ports(it) => ports(it),
        Evidence::AcceptQueue(it) => accept_queue(it),
        Evidence::SynQueue(it) => syn_queue(it),
        Evidence::CloseWait(it) => half_closed(it, "CLOSE_WAIT"),
        Evidence::FinWait2(it) => half_closed(it, "FIN_WAIT2"),
        Evidence::StalledWriter(it) => stalled_writer(it),
        Evidence::SlowReader(it) => slow_reader(it),
        Evidence::Loss(it) => loss(it),
    };
    let _ = writeln!(text, "  {severity} {sentence}\n      {}", finding.advice);
}

fn ports(it: &Ports) -> String {
    let left = it.ports.saturating_sub(it.used);
    let reuse = if it.reuse { ", which serve again" } else { "" };
    let forecast = match it.left_ms {
        Some(0.0) => ", no new connection is possible".to_owned(),
        Some(left) => format!(", all in {}", span(left)),
        None => String::new(),
    };
    format!(
        "ports: {} to {}: {} of {} taken, {left} left; {} in TIME_WAIT{reuse}, {} closed a minute{forecast}",
        it.source,
        end(it.destination),
        it.used,
        it.ports,
        it.time_wait,
        it.closed_per_minute,
    )
}

fn accept_queue(it: &AcceptQueue) -> String {
    let full = if it.full { " FULL" } else { "" };
    let backlog = it.backlog.map_or_else(|| "?".to_owned(), |backlog| backlog.to_string());
    let mut text = format!(
        "accept queue: {} of {}: {}/{backlog}{full}",
        end(it.local),
        program(it.owner.as_ref()),
        it.waiting
    );
    if let Some(drops) = it.drops {
        let _ = write!(text, ", {drops} dropped since it listens");
    }
    let told = [
        ("somaxconn", it.somaxconn.map(u64::from)),
        ("ListenOverflows", it.listen_overflows),
        ("ListenDrops", it.listen_drops),
    ];
    let _ = write!(text, "; {} in SYN_RECV", it.half_open);
    for (name, count) in told {
        push_count(&mut text, name, count);
    }
    text
}

fn syn_queue(it: &SynQueue) -> String {
    let mut text = format!(
        "SYN queue: {} of {}: {}/{} in SYN_RECV",
        end(it.local),
        program(it.owner.as_ref()),
        it.half_open,
        it.backlog
    );
    let told = [
        ("tcp_syncookies", it.syncookies.map(u64::from)),
        ("TCPReqQFullDrop", it.dropped),
        ("TCPReqQFullDoCookies", it.cookies),
    ];
    for (name, count) in told {
        push_count(&mut text, name, count);
    }
    text
}

fn push_count(text: &mut String, name: &str, count: Option<u64>) {
    if let Some(count) = count {
        let _ = write!(text, ", {name} {count}");
    }
}

fn half_closed(it: &HalfClosed, state: &str) -> String {
    let mut text = format!(
        "{state}: {}: {} for up to {}, {} with something unread, mostly from {}",
        program(it.owner.as_ref()),
        it.sockets,
        span(it.oldest_ms),
        it.unread,
        it.remote,
    );
    if let Some(open) = it.open_files {
        let _ = write!(text, "; {open} descriptors");
        if let Some(limit) = it.file_limit {
            let _ = write!(text, " of {limit}");
        }
    }
    text
}

fn stalled_writer(it: &StalledWriter) -> String {
    let mut text = format!(
        "stalled writer: {} to {} of {}: {}: {} octets wait",
        end(it.local),
        end(it.remote),
        program(it.owner.as_ref()),
        it.held_by,
        it.send_queue,
    );
    if it.stalled_ms > 0.0 {
        let _ = write!(text, ", nothing for {}", span(it.stalled_ms));
    }
    for (share, whose) in
        [(it.window_percent, "the peer's window"), (it.buffer_percent, "the send buffer")]
    {
        if let Some(share) = share.filter(|share| *share >= 1.0) {
            let _ = write!(text, ", {share:.0}% of the time held up by {whose}");
        }
    }
    text
}

fn slow_reader(it: &SlowReader) -> String {
    format!(
        "slow reader: {} from {} of {}: {} octets wait, the last came {} ago",
        end(it.local),
        end(it.remote),
        program(it.owner.as_ref()),
        it.recv_queue,
        span(it.idle_ms),
    )
}

fn loss(it: &Loss) -> String {
    let mut text = format!(
        "loss: {}: {} of {} connections send again now",
        it.network, it.losing, it.connections
    );
    if it.unanswered > 0 {
        let _ = write!(text, ", {} of them a SYN", it.unanswered);
    }
    let _ = write!(text, "; the worst for the {}. time, waits {}", it.backoff, span(it.rto_ms));
    if let Some(share) = it.retransmitted_percent {
        let _ = write!(text, "; {share:.1}% of all octets were sent again");
    }
    text
}

fn program(program: Option<&Program>) -> String {
    program.map_or_else(
        || "-".to_owned(),
        |it| format!("{}/{}", it.pid, escape(file_name(&it.program))),
    )
}

/// With brackets, where a colon would say nothing.
fn end(end: End) -> String {
    match end.address {
        IpAddr::V4(address) => format!("{address}:{}", end.port),
        IpAddr::V6(address) => format!("[{address}]:{}", end.port),
    }
}

/// A time in the unit that a person would choose.
fn span(millis: f64) -> String {
    let seconds = millis / 1000.0;
    match seconds {
        _ if seconds < 10.0 => format!("{seconds:.1} s"),
        _ if seconds < 120.0 => format!("{seconds:.0} s"),
        _ if seconds < 7200.0 => format!("{:.0} min", seconds / 60.0),
        _ if seconds < 172_800.0 => format!("{:.0} h", seconds / 3600.0),
        _ => format!("{:.0} d", seconds / 86_400.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(evidence: Evidence) -> Finding {
        Finding { severity: Severity::Warning, evidence, advice: "do this".to_owned() }
    }

    fn stalled(port: u16) -> Finding {
        found(Evidence::StalledWriter(StalledWriter {
            local: End { address: "192.0.2.1".parse().unwrap(), port },
            remote: End { address: "2001:db8::1".parse().unwrap(), port: 9 },
            owner: Some(Program { pid: 7, program: "a\x1b[2Jb".to_owned() }),
            held_by: "peer",
            send_queue: 100,
            stalled_ms: 130_000.0,
            window_percent: Some(99.6),
            buffer_percent: Some(0.0),
        }))
    }

    #[test]
    fn nothing_is_said_to_be_nothing() {
        let tally = Tally { by: "all", name: None, names: 1, sockets: 0, states: vec![] };
        let nothing = Report { tallies: vec![tally], ..Report::default() };
        assert_eq!(report(&nothing), "TCP sockets: 0\nFindings: none\n");
    }

    #[test]
    fn finding_is_two_lines_that_move_no_cursor() {
        let mut text = String::new();
        findings(&mut text, &[stalled(80)]);
        assert_eq!(
            text,
            "Findings: 1\n  WARNING stalled writer: 192.0.2.1:80 to [2001:db8::1]:9 of 7/a\\027[2Jb: peer: \
             100 octets wait, nothing for 2 min, 100% of the time held up by the peer's window\n      do this\n"
        );
    }

    #[test]
    fn long_lists_are_cut() {
        let lines = |count: u16| {
            let mut text = String::new();
            findings(&mut text, &(0..count).map(stalled).collect::<Vec<_>>());
            (text.lines().count(), text.lines().last().unwrap().to_owned())
        };
        assert_eq!(lines(9).0, 19);
        assert_eq!(lines(20), (18, "  and 12 more like this".to_owned()));
    }

    #[test]
    fn every_kind_has_a_sentence() {
        let address = "192.0.2.1".parse().unwrap();
        let local = End { address, port: 80 };
        let half = HalfClosed {
            owner: None,
            sockets: 12,
            unread: 3,
            oldest_ms: 61_000.0,
            remote: address,
            open_files: Some(900),
            file_limit: Some(1024),
        };
        for (evidence, sentence) in [
            (
                Evidence::Ports(Ports {
                    source: address,
                    destination: local,
                    ports: 100,
                    used: 98,
                    time_wait: 90,
                    reuse: false,
                    closed_per_minute: 540,
                    left_ms: Some(36_000.0),
                }),
                "ports: 192.0.2.1 to 192.0.2.1:80: 98 of 100 taken, 2 left; 90 in TIME_WAIT, 540 closed a \
                 minute, all in 36 s",
            ),
            (
                Evidence::AcceptQueue(AcceptQueue {
                    local,
                    owner: None,
                    waiting: 5,
                    backlog: Some(4),
                    full: true,
                    drops: Some(21),
                    half_open: 2,
                    somaxconn: Some(4096),
                    listen_overflows: Some(22),
                    listen_drops: Some(23),
                }),
                "accept queue: 192.0.2.1:80 of -: 5/4 FULL, 21 dropped since it listens; 2 in SYN_RECV, \
                 somaxconn 4096, ListenOverflows 22, ListenDrops 23",
            ),
            (
                Evidence::SynQueue(SynQueue {
                    local,
                    owner: None,
                    half_open: 8,
                    backlog: 8,
                    syncookies: Some(1),
                    dropped: None,
                    cookies: Some(4),
                }),
                "SYN queue: 192.0.2.1:80 of -: 8/8 in SYN_RECV, tcp_syncookies 1, TCPReqQFullDoCookies 4",
            ),
            (
                Evidence::CloseWait(half.clone()),
                "CLOSE_WAIT: -: 12 for up to 61 s, 3 with something unread, mostly from 192.0.2.1; 900 \
                 descriptors of 1024",
            ),
            (
                Evidence::FinWait2(HalfClosed { open_files: None, ..half }),
                "FIN_WAIT2: -: 12 for up to 61 s, 3 with something unread, mostly from 192.0.2.1",
            ),
            (
                Evidence::SlowReader(SlowReader {
                    local,
                    remote: local,
                    owner: None,
                    recv_queue: 9,
                    idle_ms: 7000.0,
                }),
                "slow reader: 192.0.2.1:80 from 192.0.2.1:80 of -: 9 octets wait, the last came 7.0 s ago",
            ),
            (
                Evidence::Loss(Loss {
                    network: "192.0.2.0/24".to_owned(),
                    connections: 10,
                    losing: 4,
                    unanswered: 1,
                    backoff: 3,
                    rto_ms: 1600.0,
                    retransmitted_percent: Some(12.34),
                }),
                "loss: 192.0.2.0/24: 4 of 10 connections send again now, 1 of them a SYN; the worst for the \
                 3. time, waits 1.6 s; 12.3% of all octets were sent again",
            ),
        ] {
            let mut text = String::new();
            finding(&mut text, &found(evidence));
            assert_eq!(text, format!("  WARNING {sentence}\n      do this\n"));
        }
    }

    #[test]
    fn spans_are_in_a_unit_of_their_size() {
        for (seconds, text) in
            [(1.0, "1.0 s"), (99.0, "99 s"), (120.0, "2 min"), (7200.0, "2 h"), (900_000.0, "10 d")]
        {
            assert_eq!(span(seconds * 1000.0), text);
        }
    }
}
