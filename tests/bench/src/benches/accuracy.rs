//! How far a printed round trip is from the one that was on the wire, at 100 requests a second:
//! caches are cold then, and what a program adds is most.

use anyhow::{Result, ensure};
use serde_json::Value;

use crate::bed::Bed;
use crate::bench::{Bench, Count, Outcome, Scheduling, Side};
use crate::programs::Peer;
use crate::stats::{count, deviation, median, percentile};
use crate::table::column;
use crate::wire::Witness;

const REQUESTS: usize = 500;

pub(crate) const BENCH: Bench = Bench {
    name: "accuracy",
    about: "RTT printed minus RTT captured, 500 requests at 10 ms over a veth wire",
    peer: Peer::Iputils,
    columns: &[
        column("wall s", 3),
        column("CPU s", 3),
        column("wire RTT us", 1),
        column("error us", 2),
        column("sd us", 2),
        column("p90 us", 2),
        column("largest us", 1),
    ],
    scheduling: Scheduling::Timed,
    rounds: Count::AsAsked,
    prepare: |_| (),
    once,
};

/// A round trip as a program printed it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Printed {
    sequence: u16,
    microseconds: f64,
}

fn once(bed: &Bed<'_>, side: Side) -> Result<Outcome> {
    let witness = Witness::at(&bed.near)?;
    let (format, parse): (_, fn(&str) -> Option<Printed>) = match side {
        Side::Ours => ("--json", ours),
        Side::Peer => ("-n", peer),
    };
    let run = bed.run(side, &format!("{format} -i 0.01 -c {REQUESTS} 192.0.2.2"))?;
    let wire = witness.tell()?;
    run.succeeded()?;
    let (mut truths, mut errors) = (Vec::new(), Vec::new());
    for printed in run.stdout.lines().filter_map(parse) {
        if let Some(truth) = wire.round_trip(printed.sequence) {
            truths.push(truth);
            errors.push(printed.microseconds - truth);
        }
    }
    ensure!(errors.len() > REQUESTS / 2, "{} of {REQUESTS} in the capture", errors.len());
    let largest = errors.iter().fold(0.0, |most: f64, error| most.max(error.abs()));
    let (wall, cpu) = (run.wall.as_secs_f64(), run.cpu.as_secs_f64());
    let (middle, spread, p90) = (median(&errors), deviation(&errors), percentile(&errors, 90));
    let figures = vec![wall, cpu, median(&truths), middle, spread, p90, largest];
    let missing = count(REQUESTS) - count(errors.len());
    let note = (missing > 0.0).then(|| format!("{missing} round trips not printed or captured"));
    Ok(Outcome { figures, note })
}

/// One event of ours.
fn ours(line: &str) -> Option<Printed> {
    let event: Value = serde_json::from_str(line).ok()?;
    let sequence = event["seq"].as_u64().filter(|_| event["event"] == "reply")?;
    let microseconds = event["rtt_ms"].as_f64()? * 1e3;
    Some(Printed { sequence: u16::try_from(sequence).ok()?, microseconds })
}

/// One line of iputils: `64 bytes from 192.0.2.2: icmp_seq=1 ttl=64 time=0.038 ms`.
fn peer(line: &str) -> Option<Printed> {
    let word = |key: &str| line.split(' ').find_map(|word| word.strip_prefix(key));
    let milliseconds: f64 = word("time=")?.parse().ok()?;
    Some(Printed { sequence: word("icmp_seq=")?.parse().ok()?, microseconds: milliseconds * 1e3 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_to_print_a_round_trip_are_read() {
        let printed = Some(Printed { sequence: 7, microseconds: 38.0 });
        assert_eq!(ours(r#"{"event":"reply","seq":7,"rtt_ms":0.038}"#), printed);
        assert_eq!(peer("64 bytes from 192.0.2.2: icmp_seq=7 ttl=64 time=0.038 ms"), printed);
        assert_eq!(ours(r#"{"event":"summary","sent":7}"#), None);
        assert_eq!(peer("--- 192.0.2.2 ping statistics ---"), None);
    }
}
