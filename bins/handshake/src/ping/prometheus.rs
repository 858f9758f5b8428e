//! Counts and round trips in Prometheus' text format, version 0.0.4.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use wireline_engine::tcp::tcping::{Reach, TargetSummary};

/// All metrics of all targets.
pub(super) fn text(targets: &[TargetSummary]) -> String {
    let mut text = String::new();
    gauge(&mut text, "up", "Whether the last probe found the port open.", targets, |one| {
        f64::from(u8::from(one.state == Some(Reach::Up)))
    });
    probes(&mut text, targets);
    counter(&mut text, "syn_sent_total", "SYNs sent, those sent again included.", targets, |one| {
        one.counts.syn_sent
    });
    counter(&mut text, "syn_lost_total", "SYNs that had to be sent again.", targets, |one| {
        one.counts.syn_lost
    });
    counter(&mut text, "lookups_total", "How often the name was looked up anew.", targets, |one| {
        one.lookups
    });
    gauge(&mut text, "up_seconds", "How long it was up, all together.", targets, |one| {
        one.up.total.as_secs_f64()
    });
    gauge(&mut text, "down_seconds", "How long it was down, all together.", targets, |one| {
        one.down.total.as_secs_f64()
    });
    round_trips(&mut text, targets);
    text
}

const PREFIX: &str = "handshake_ping_";

fn head(text: &mut String, name: &str, kind: &str, help: &str) {
    // Writing to a String cannot fail; so below.
    let _ = writeln!(text, "# HELP {PREFIX}{name} {help}\n# TYPE {PREFIX}{name} {kind}");
}

fn gauge(
    text: &mut String,
    name: &str,
    help: &str,
    targets: &[TargetSummary],
    value: fn(&TargetSummary) -> f64,
) {
    head(text, name, "gauge", help);
    for one in targets {
        let _ = writeln!(text, "{PREFIX}{name}{{{}}} {}", labels(one), value(one));
    }
}

fn counter(
    text: &mut String,
    name: &str,
    help: &str,
    targets: &[TargetSummary],
    value: fn(&TargetSummary) -> u64,
) {
    head(text, name, "counter", help);
    for one in targets {
        let _ = writeln!(text, "{PREFIX}{name}{{{}}} {}", labels(one), value(one));
    }
}

fn probes(text: &mut String, targets: &[TargetSummary]) {
    head(text, "probes_total", "counter", "Probes by what came of them.");
    for one in targets {
        let counts = one.counts;
        for (result, count) in [
            ("open", counts.open),
            ("closed", counts.closed),
            ("rejected", counts.rejected),
            ("unreachable", counts.unreachable),
            ("silent", counts.silent),
            ("local", counts.local),
        ] {
            let labels = labels(one);
            let _ = writeln!(text, "{PREFIX}probes_total{{{labels},result=\"{result}\"}} {count}");
        }
    }
}

fn round_trips(text: &mut String, targets: &[TargetSummary]) {
    let help = "Round trips of TCP's own measuring, but for those known to the millisecond only.";
    head(text, "rtt_seconds", "histogram", help);
    for one in targets {
        let (labels, mut count) = (labels(one), 0);
        for bucket in &one.histogram {
            count += bucket.count;
            let le =
                bucket.up_to.map_or("+Inf".to_owned(), |up_to| up_to.as_secs_f64().to_string());
            let _ = writeln!(text, "{PREFIX}rtt_seconds_bucket{{{labels},le=\"{le}\"}} {count}");
        }
        let sum = one.rtt_sum.as_secs_f64();
        let _ = writeln!(text, "{PREFIX}rtt_seconds_sum{{{labels}}} {sum}");
        let _ = writeln!(text, "{PREFIX}rtt_seconds_count{{{labels}}} {count}");
    }
}

fn labels(one: &TargetSummary) -> String {
    let target = &one.target;
    let (name, address) = (escape(&target.name), target.address.ip());
    format!("target=\"{name}\",address=\"{address}\",port=\"{}\"", target.port)
}

/// A label's value; what is no picture is left out, for whoever shows it.
fn escape(value: &str) -> String {
    let safe = wireline_cli::escape(value);
    safe.replace('\\', "\\\\").replace('"', "\\\"")
}

/// Puts the text into a file that nobody ever sees half written.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let mut name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let beside = path.with_file_name(name);
    let written = write(&beside, text).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // What is not to stay; that it fails says nothing new.
        let _ = fs::remove_file(&beside);
    }
    written
}

fn write(path: &PathBuf, text: &str) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn labels_are_escaped_for_prometheus_and_for_terminals() {
        assert_eq!(escape("a\"b\\c"), "a\\\"b\\\\c");
        assert_eq!(escape("a\nb\u{1b}"), "a\\\\010b\\\\027");
    }
}
