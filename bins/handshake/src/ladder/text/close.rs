//! What is written below a ladder: times, what was agreed on, who closed and who waits.

use std::fmt::Write as _;
use std::time::Duration;

use wireline_cli::escape;
use wireline_engine::tcp::{ConnectionSummary, End, EndSummary, How, Opening, Refused, Verdict};

use super::surface::{Tone, fold, paint};
use super::{Ending, Text, words};
use crate::show::describe;

/// Columns of the names at the left.
const LABEL: usize = 10;

impl Text {
    pub(super) fn close(&self, ending: &Ending, out: &mut String) {
        let dot = format!(" {} ", self.glyphs.dot);
        out.push('\n');
        if let Some(times) = times(ending, &dot) {
            self.labelled(out, "RTT", &times);
        }
        if let Some(summary) = &ending.summary {
            self.labelled(out, "opening", &opening(summary, &dot));
            self.labelled(out, "traffic", &traffic(summary, &dot));
            // What was never open is not closed.
            if summary.closing.how != How::NeverOpen {
                self.labelled(out, "closing", &closing(summary, ending.time_wait_left, &dot));
            }
        }
        for remark in &ending.remarks {
            self.labelled(out, "note", &escape(remark));
        }
    }

    fn labelled(&self, out: &mut String, label: &str, text: &str) {
        let width = self.look.width.saturating_sub(LABEL + 2);
        for (n, piece) in fold(text, width).iter().enumerate() {
            out.push(' ');
            let name = if n == 0 { label } else { "" };
            paint(out, Tone::Dim, name, self.look.colored);
            let blanks = (LABEL + 1).saturating_sub(name.len());
            let _ = writeln!(out, "{}{piece}", " ".repeat(blanks));
        }
    }
}

fn times(ending: &Ending, dot: &str) -> Option<String> {
    let summary = ending.summary.as_ref();
    let of_wire = summary.and_then(|summary| summary.syn_rtt);
    let named = [
        ("SYN on the wire", of_wire),
        ("kernel", ending.kernel_rtt),
        ("connect()", ending.application),
        ("data", ending.data_rtt.or_else(|| summary.and_then(of_data))),
    ];
    let known = named.iter().filter_map(|(name, time)| time.map(|time| (name, time)));
    let words: Vec<_> = known.map(|(name, time)| format!("{name} {}", words::time(time))).collect();
    (!words.is_empty()).then(|| words.join(dot))
}

/// Of what the client sent.
fn of_data(summary: &ConnectionSummary) -> Option<Duration> {
    End::Client.of(&summary.ends).data_rtt
}

fn opening(summary: &ConnectionSummary, dot: &str) -> String {
    let [client, server] = &summary.ends;
    match summary.opening {
        Opening::Open => {
            let took = summary
                .handshake
                .map_or(String::new(), |took| format!(" in {}", words::time(took)));
            let agreed = agreed(summary);
            format!("open{took}{dot}{agreed}")
        }
        Opening::HalfOpen => "half-open: SYN,ACK, and no third segment".to_owned(),
        Opening::Refused => describe(&Verdict::Closed, None),
        Opening::Rejected { by, icmp_type, icmp_code } => {
            let refused = Refused { by, icmp_type, icmp_code, is_ours: false };
            let plain = Verdict::Rejected { by, icmp_type, icmp_code };
            describe(&refused.verdict().unwrap_or(plain), None)
        }
        Opening::Unanswered if client.syns == 0 => "no SYN was seen to leave".to_owned(),
        Opening::Unanswered if server.syns > 0 => {
            let (asked, lost) = (count(client.syns, "SYN"), count(server.syns, "SYN,ACK"));
            format!("no answer to {asked}: {lost} lost")
        }
        Opening::Unanswered if summary.icmp_errors > 0 => {
            format!("no answer to {}", count(client.syns, "SYN"))
        }
        Opening::Unanswered => describe(&Verdict::Filtered { syn_sent: client.syns }, None),
        Opening::Unseen if server.segments + client.segments > 0 => {
            "before the first segment that was seen".to_owned()
        }
        Opening::Unseen => "not seen".to_owned(),
    }
}

fn agreed(summary: &ConnectionSummary) -> String {
    let [client, server] = &summary.ends;
    let agreed = summary.agreed;
    let mut words = Vec::new();
    let number = |value: Option<u16>| value.map_or("-".to_owned(), |value| value.to_string());
    words.push(format!("mss {}/{}", number(client.mss), number(server.mss)));
    let scale =
        |end: &EndSummary| end.window_scale.map_or(String::new(), |shift| shift.to_string());
    if agreed.window_scale {
        words.push(format!("ws {}/{}", scale(client), scale(server)));
    }
    let named = [
        (agreed.sack, "sack"),
        (agreed.timestamps, "ts"),
        (agreed.ecn, "ecn"),
        (agreed.fast_open, "fast open"),
    ];
    words.extend(named.iter().filter(|(is_set, _)| *is_set).map(|(_, name)| (*name).to_owned()));
    words.join(", ")
}

fn count(number: impl Into<u64>, thing: &str) -> String {
    let number = number.into();
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

fn traffic(summary: &ConnectionSummary, dot: &str) -> String {
    let [client, server] = &summary.ends;
    let sent = |end: End, sums: &EndSummary| {
        let (segments, octets) = (count(sums.segments, "segment"), count(sums.octets, "octet"));
        format!("{end} {segments}, {octets}")
    };
    let mut parts = vec![sent(End::Client, client), sent(End::Server, server)];
    let mut more = |number: u32, what: &str| {
        if number > 0 {
            parts.push(format!("{number} {what}"));
        }
    };
    more(client.retransmissions + server.retransmissions, "sent again");
    more(client.out_of_order + server.out_of_order, "out of order");
    more(client.duplicate_acks + server.duplicate_acks, "duplicate ACKs");
    more(client.zero_windows + server.zero_windows, "times no room");
    more(summary.icmp_errors, if summary.icmp_errors == 1 { "ICMP error" } else { "ICMP errors" });
    more(summary.strange, "strange");
    // Each part stays in one row.
    parts.iter().map(|part| part.replace(' ', "\u{a0}")).collect::<Vec<_>>().join(dot)
}

fn closing(summary: &ConnectionSummary, left: Option<Duration>, dot: &str) -> String {
    let by = summary.closing.by.map_or("nobody".to_owned(), |end| format!("the {end}"));
    let how = match summary.closing.how {
        How::Open => "not closed".to_owned(),
        How::Fin => format!("by {by} first, a FIN each way"),
        How::SimultaneousFin => "by both at once, a FIN each way".to_owned(),
        How::HalfClosed => format!("half: {by} sent FIN, the other end is still open"),
        How::Closing => format!("begun by {by} with FIN, and not completed"),
        How::FinThenRst => format!("by {by} first with FIN, and then cut short by RST"),
        How::Rst => format!("by {by} with RST: aborted"),
        How::NeverOpen => return "never open".to_owned(),
    };
    let waits = match (&summary.time_wait[..], left) {
        ([], _) if matches!(summary.closing.how, How::Rst | How::FinThenRst) => {
            "TIME_WAIT: nobody, after RST".to_owned()
        }
        ([], _) => return how,
        ([end], Some(left)) => format!("TIME_WAIT: the {end}, {:.0} s left", left.as_secs_f64()),
        ([end], None) => format!("TIME_WAIT: the {end}, for 2MSL (60 s on Linux)"),
        _ => "TIME_WAIT: both, for 2MSL (60 s on Linux)".to_owned(),
    };
    format!("{how}{dot}{waits}")
}
