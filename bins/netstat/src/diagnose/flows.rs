//! Connections that do not get on: what is written and does not leave, what has come and is not read.

use std::time::Duration;

use wireline_host::sockets::{State, TimerKind};

use super::facts::{Facts, Flow, Row, end};
use crate::event::{Evidence, Finding, Severity, SlowReader, StalledWriter};

/// A window that is closed opens within round trips where somebody reads.
const STALLED: Duration = Duration::from_secs(5);
/// In percent of the time in which there was something to send.
const MOSTLY: f64 = 50.0;
/// Shares of a shorter time say little.
const LONG_BUSY: Duration = Duration::from_secs(10);
/// In percent of the receive buffer. The window is closed before all of it is taken.
const NEARLY_FULL: u64 = 75;

/// What a connection waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeldBy {
    /// Its program, which has nothing to send.
    App,
    /// The peer's program, which does not read.
    Peer,
    /// Acknowledgements.
    Network,
    /// Its own buffer.
    SendBuffer,
}

pub(super) fn findings(facts: &Facts) -> Vec<Finding> {
    let writers = facts.rows.iter().filter_map(|row| writer(facts, row));
    let readers = facts.rows.iter().filter_map(|row| reader(facts, row));
    writers.chain(readers).collect()
}

/// In one word. Segments sent again are the network's, whatever else there is: a peer that does not
/// read still acknowledges (RFC 9293 §3.8.6.1).
pub(super) fn held_by(row: &Row, flow: &Flow) -> HeldBy {
    if row.send_queue == 0 {
        return HeldBy::App;
    }
    if row.timer.kind == TimerKind::Probe || flow.window == Some(0) {
        return HeldBy::Peer;
    }
    if flow.retransmits > 0 || flow.backoff > 0 {
        return HeldBy::Network;
    }
    let (window, buffer) = shares(flow);
    if window.is_some_and(|share| share >= MOSTLY) {
        HeldBy::Peer
    } else if buffer.is_some_and(|share| share >= MOSTLY) {
        HeldBy::SendBuffer
    } else {
        HeldBy::Network
    }
}

/// In percent, of the window and of the buffer.
fn shares(flow: &Flow) -> (Option<f64>, Option<f64>) {
    let share = |part: Duration| {
        (!flow.busy.is_zero()).then(|| part.as_secs_f64() * 100.0 / flow.busy.as_secs_f64())
    };
    (share(flow.window_limited), share(flow.buffer_limited))
}

fn writer(facts: &Facts, row: &Row) -> Option<Finding> {
    let flow = row.flow.as_ref()?;
    if matches!(row.state, State::SynSent | State::Listen | State::TimeWait) || row.is_request() {
        return None;
    }
    // Of what is closed the end alone takes one place in the queue: nobody writes there.
    let is_open = matches!(row.state, State::Established | State::CloseWait);
    if !is_open && row.send_queue <= 1 {
        return None;
    }
    let held = held_by(row, flow);
    let stalled = stalled_for(held, flow);
    let (window, buffer) = shares(flow);
    match held {
        HeldBy::App => return None,
        HeldBy::SendBuffer if flow.busy < LONG_BUSY => return None,
        HeldBy::Peer | HeldBy::Network if stalled < STALLED => return None,
        // A small buffer is a fault although it goes on: slower than it could.
        HeldBy::SendBuffer | HeldBy::Peer | HeldBy::Network => {}
    }
    let evidence = StalledWriter {
        local: end(row.local),
        remote: end(row.remote),
        owner: facts.owner(row),
        held_by: held.word(),
        send_queue: row.send_queue,
        stalled_ms: wireline_engine::millis(stalled),
        window_percent: window,
        buffer_percent: buffer,
    };
    let severity = if held == HeldBy::SendBuffer { Severity::Note } else { Severity::Warning };
    let advice = held.advice().to_owned();
    Some(Finding { severity, evidence: Evidence::StalledWriter(evidence), advice })
}

/// The peer acknowledges what it does not let in: of that only what was sent counts.
fn stalled_for(held: HeldBy, flow: &Flow) -> Duration {
    match held {
        HeldBy::Peer => flow.since_data_sent,
        HeldBy::Network if flow.has_data_out => flow.since_ack_received,
        _ => Duration::ZERO,
    }
}

impl HeldBy {
    const fn word(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Peer => "peer",
            Self::Network => "network",
            Self::SendBuffer => "sndbuf",
        }
    }

    const fn advice(self) -> &'static str {
        match self {
            Self::App => "",
            Self::Peer => "the peer's program does not read: look there, not at the network",
            Self::Network => {
                "what is sent is not acknowledged: look at the path, or for a peer that is gone"
            }
            Self::SendBuffer => {
                "the send buffer holds less than the path: raise net.ipv4.tcp_wmem, or do not set SO_SNDBUF"
            }
        }
    }
}

fn reader(facts: &Facts, row: &Row) -> Option<Finding> {
    let idle = row.flow.as_ref()?.since_data_received;
    let (taken, most) = row.receive_memory?;
    let is_full = u64::from(taken) * 100 >= u64::from(most) * NEARLY_FULL;
    // Without an inode nobody could read it.
    if row.state == State::Listen || row.recv_queue == 0 || row.inode == 0 {
        return None;
    }
    if !is_full || idle < STALLED {
        return None;
    }
    let evidence = SlowReader {
        local: end(row.local),
        remote: end(row.remote),
        owner: facts.owner(row),
        recv_queue: row.recv_queue,
        idle_ms: wireline_engine::millis(idle),
    };
    let advice =
        "the program does not read, and its peer cannot write: look at what it does".to_owned();
    let evidence = Evidence::SlowReader(evidence);
    Some(Finding { severity: Severity::Warning, evidence, advice })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose::samples::{facts, process, row};

    fn connection(flow: Flow) -> Row {
        row(State::Established, "192.0.2.1:80", "203.0.113.1:9").queues(0, 1000).flow(flow).owned(0)
    }

    fn look(row: Row) -> Option<Finding> {
        let mut found = findings(&facts(vec![row], vec![process(7, "/bin/d")]));
        assert!(found.len() < 2, "{found:?}");
        found.pop()
    }

    fn word(finding: Option<Finding>) -> &'static str {
        match finding.map(|finding| finding.evidence) {
            Some(Evidence::StalledWriter(writer)) => writer.held_by,
            Some(other) => panic!("{other:?}"),
            None => "",
        }
    }

    fn since(seconds: u64) -> Flow {
        let (since_data_sent, since_ack_received) = (Duration::from_secs(seconds), Duration::ZERO);
        Flow { since_data_sent, since_ack_received, ..Flow::default() }
    }

    #[test]
    fn closed_window_is_the_peers_once_it_lasts() {
        assert_eq!(word(look(connection(since(5)).timer(TimerKind::Probe))), "peer");
        assert_eq!(word(look(connection(since(4)).timer(TimerKind::Probe))), "");
        assert_eq!(word(look(connection(Flow { window: Some(0), ..since(5) }))), "peer");
        let limited = Flow { busy: LONG_BUSY, window_limited: LONG_BUSY / 2, ..since(5) };
        assert_eq!(word(look(connection(limited))), "peer");
        let reader = connection(since(5)).queues(0, 0).timer(TimerKind::Probe);
        assert_eq!(word(look(reader)), "", "it has nothing to send");
    }

    #[test]
    fn silence_is_the_networks_once_it_lasts() {
        let silent = |seconds, has_data_out| Flow {
            since_ack_received: Duration::from_secs(seconds),
            has_data_out,
            retransmits: 1,
            ..Flow::default()
        };
        assert_eq!(word(look(connection(silent(5, true)))), "network");
        assert_eq!(word(look(connection(silent(4, true)))), "");
        assert_eq!(word(look(connection(silent(5, false)))), "", "nothing is out");
        assert_eq!(word(look(connection(since(99)))), "", "it is acknowledged");
    }

    #[test]
    fn end_of_a_connection_is_no_writer() {
        let flow = Flow { since_ack_received: STALLED, has_data_out: true, ..Flow::default() };
        let row = Row { state: State::LastAck, ..connection(flow) };
        assert_eq!(word(look(row.clone())), "network");
        assert_eq!(word(look(row.queues(0, 1))), "");
    }

    #[test]
    fn buffer_is_named_after_some_time() {
        let limited = |busy| Flow { busy, buffer_limited: busy, ..Flow::default() };
        assert_eq!(word(look(connection(limited(LONG_BUSY)))), "sndbuf");
        assert_eq!(word(look(connection(limited(LONG_BUSY / 2)))), "");
    }

    #[test]
    fn who_does_not_read_is_named() {
        let flow = Flow { since_data_received: STALLED, ..Flow::default() };
        let full = Row { receive_memory: Some((75, 100)), ..connection(flow).queues(1000, 0) };
        let found = look(full.clone()).unwrap();
        assert!(
            matches!(&found.evidence, Evidence::SlowReader(reader) if reader.recv_queue == 1000)
        );
        assert_eq!(look(Row { receive_memory: Some((74, 100)), ..full.clone() }), None);
        assert_eq!(look(full.clone().kernel()), None, "not accepted");
        assert_eq!(look(full.flow(Flow::default())), None, "it has just come");
    }

    #[test]
    fn nothing_is_said_of_what_is_no_connection() {
        for state in [State::Listen, State::SynSent, State::SynReceived, State::TimeWait] {
            let row = Row { state, ..connection(Flow { window: Some(0), ..since(99) }) };
            assert_eq!(look(row), None, "{state:?}");
        }
    }
}
