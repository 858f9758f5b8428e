//! How a batch went, in JSON and for a person.

use std::fmt::Write as _;

use wireline_dns::Rcode;
use wireline_dns::batch::Summary;
use wireline_engine::millis;

use crate::event::{BatchSummary, Count};

/// For `--json`.
pub(super) fn of(summary: &Summary, overflowed: u64) -> BatchSummary {
    let count =
        |(rcode, count): (&u16, &u64)| Count { status: Rcode(*rcode).to_string(), count: *count };
    BatchSummary {
        queries: summary.questions,
        answered: summary.answered,
        failed: summary.failed,
        sent: summary.sent,
        retried: summary.retried,
        truncated: summary.truncated,
        late: summary.late,
        strange: summary.strange,
        overflowed,
        stopped: summary.was_stopped,
        statuses: summary.rcodes.iter().map(count).collect(),
        time: summary.latency,
        took_ms: millis(summary.took),
        per_second: rate(summary),
    }
}

/// Answers a second: more digits were noise.
fn rate(summary: &Summary) -> u64 {
    let answered = u128::from(summary.answered) * 1_000_000_000;
    let rate = answered.checked_div(summary.took.as_nanos()).unwrap_or(0);
    u64::try_from(rate).unwrap_or(u64::MAX)
}

/// For a person at a terminal.
pub(super) fn text(summary: &Summary, overflowed: u64) -> String {
    let Summary { questions, answered, failed, sent, retried, .. } = summary;
    let mut text = format!(
        ";; {questions} queries, {answered} answered, {failed} not; {sent} sent, {retried} of them again\n"
    );
    let codes: Vec<_> =
        summary.rcodes.iter().map(|(rcode, count)| format!("{} {count}", Rcode(*rcode))).collect();
    if !codes.is_empty() {
        let _ = writeln!(text, ";; {}", codes.join(", "));
    }
    if let Some(latency) = &summary.latency {
        let [p50, p95, p99, max] = [latency.p50, latency.p95, latency.p99, latency.max].map(millis);
        let (seconds, rate) = (summary.took.as_secs_f64(), rate(summary));
        let _ = writeln!(
            text,
            ";; p50 {p50:.3} ms, p95 {p95:.3} ms, p99 {p99:.3} ms, max {max:.3} ms; {rate} a second, {seconds:.3} s"
        );
    }
    let odd = [
        (summary.truncated, "truncated"),
        (summary.late, "late or double"),
        (summary.strange, "not to any question"),
        (overflowed, "lost here for want of room"),
    ];
    let odd: Vec<_> =
        odd.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    if !odd.is_empty() {
        let _ = writeln!(text, ";; {}", odd.join(", "));
    }
    if summary.was_stopped {
        text.push_str(";; stopped before the end\n");
    }
    text
}
