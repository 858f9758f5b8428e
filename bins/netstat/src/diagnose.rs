//! `--diagnose`: what is wrong, with evidence and advice, from one look at TCP.
//!
//! What is found is a function of [`Facts`], which `gather` reads and a test writes down; `text` shows it.

mod facts;
mod flows;
mod gather;
mod half_closed;
mod listeners;
mod loss;
mod ports;
#[cfg(test)]
mod samples;
mod tally;
mod text;

use anyhow::Result;
use facts::Facts;
use wireline_host::Family;

use crate::event::{Event, Evidence, Finding, Tally, Unowned};
use crate::output::Output;

/// All that there is to say.
#[derive(Clone, Debug, Default, PartialEq)]
struct Report {
    tallies: Vec<Tally>,
    unowned: Vec<Unowned>,
    /// The worst first.
    findings: Vec<Finding>,
}

/// Looks, and says what it has seen.
pub(crate) fn show(family: Family, output: &mut Output) -> Result<()> {
    let report = Report::of(&gather::facts(family)?);
    if output.is_json() {
        return json(&report, output);
    }
    output.bytes(text::report(&report).as_bytes())
}

fn json(report: &Report, output: &mut Output) -> Result<()> {
    output.start("diagnosis")?;
    let tallies = report.tallies.iter().cloned().map(Event::Tally);
    let unowned = report.unowned.iter().cloned().map(Event::Unowned);
    let findings = report.findings.iter().cloned().map(|finding| Event::Finding(Box::new(finding)));
    tallies.chain(unowned).chain(findings).try_for_each(|event| output.row(&event))?;
    output.end()
}

impl Report {
    fn of(facts: &Facts) -> Self {
        let mut findings = ports::findings(facts);
        findings.extend(listeners::findings(facts));
        findings.extend(half_closed::findings(facts));
        findings.extend(flows::findings(facts));
        findings.extend(loss::findings(facts));
        findings.sort_by_cached_key(rank);
        Self { tallies: tally::tallies(facts), unowned: tally::unowned(facts), findings }
    }
}

/// Order: how bad, which kind, how much, and then whatever makes two looks agree.
fn rank(finding: &Finding) -> impl Ord + use<> {
    let (kind, size, name) = match &finding.evidence {
        Evidence::Ports(it) => (0, it.used, format!("{}{:?}", it.source, it.destination)),
        Evidence::AcceptQueue(it) => (1, it.drops.unwrap_or(0).into(), format!("{:?}", it.local)),
        Evidence::SynQueue(it) => (2, it.half_open.into(), format!("{:?}", it.local)),
        Evidence::CloseWait(it) => (3, it.sockets, format!("{:?}", it.owner)),
        Evidence::StalledWriter(it) => (4, it.send_queue.into(), ends(it.local, it.remote)),
        Evidence::SlowReader(it) => (5, it.recv_queue.into(), ends(it.local, it.remote)),
        Evidence::Loss(it) => (6, it.losing, it.network.clone()),
        Evidence::FinWait2(it) => (7, it.sockets, format!("{:?}", it.owner)),
    };
    (finding.severity, kind, std::cmp::Reverse(size), name)
}

fn ends(local: crate::event::End, remote: crate::event::End) -> String {
    format!("{local:?}{remote:?}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Severity;
    use samples::{facts, row};
    use std::time::Duration;
    use wireline_host::sockets::{State, TimerKind};

    #[test]
    fn nothing_is_found_where_nothing_is() {
        let report = Report::of(&Facts::default());
        assert_eq!((report.findings, report.unowned), (vec![], vec![]));
        assert_eq!(report.tallies[0].sockets, 0);
    }

    #[test]
    fn worst_comes_first_and_the_largest_of_a_kind() {
        let since_data_sent = Duration::from_secs(9);
        let flow = facts::Flow { since_data_sent, ..facts::Flow::default() };
        let stalled = |port: u16, queue| {
            let row = row(State::Established, &format!("192.0.2.1:{port}"), "203.0.113.1:9");
            row.queues(0, queue).flow(flow.clone()).timer(TimerKind::Probe)
        };
        let full = row(State::Listen, "0.0.0.0:80", "0.0.0.0:0").queues(9, 8);
        let report = Report::of(&facts(vec![stalled(1, 10), stalled(2, 20), full], Vec::new()));
        let severities: Vec<_> = report.findings.iter().map(|finding| finding.severity).collect();
        assert_eq!(severities, [Severity::Critical, Severity::Warning, Severity::Warning]);
        let queue = |finding: &Finding| match &finding.evidence {
            Evidence::StalledWriter(writer) => writer.send_queue,
            other => panic!("{other:?}"),
        };
        assert_eq!((queue(&report.findings[1]), queue(&report.findings[2])), (20, 10));
    }
}
