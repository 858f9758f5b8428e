//! What is sent again and again, by the network that it goes to.

use std::collections::HashMap;
use std::time::Duration;

use wireline_host::sockets::State;

use super::facts::{Facts, Row, network};
use crate::event::{Evidence, Finding, Loss, Severity};

/// One timeout is everyday; a second for the same segment says that the first try was lost, too
/// (RFC 6298 §5.5).
const DOUBLED: u8 = 2;
/// So many connections that send something again at the same time share a cause.
const MANY: u64 = 5;
/// In percent of those to the network: fewer are everyday.
const SHARE: u64 = 5;
/// In percent of those to the network: nearly nothing gets through.
const BROKEN: u64 = 50;

#[derive(Default)]
struct Group {
    connections: u64,
    losing: u64,
    unanswered: u64,
    backoff: u8,
    rto: Duration,
    sent: u64,
    sent_again: u64,
}

pub(super) fn findings(facts: &Facts) -> Vec<Finding> {
    let mut groups: HashMap<String, Group> = HashMap::new();
    let has_peer = |row: &&Row| !matches!(row.state, State::Listen | State::Close);
    for row in facts.rows.iter().filter(has_peer) {
        if row.flow.is_some() {
            groups.entry(network(row.remote.address)).or_default().add(row);
        }
    }
    groups.into_iter().filter_map(|(network, group)| group.finding(network)).collect()
}

impl Group {
    /// A probe of a closed window is no loss, although it is repeated.
    fn add(&mut self, row: &Row) {
        let Some(flow) = &row.flow else { return };
        self.connections += 1;
        self.sent = self.sent.saturating_add(flow.sent.unwrap_or(0));
        self.sent_again = self.sent_again.saturating_add(flow.sent_again.unwrap_or(0));
        if flow.retransmits == 0 {
            return;
        }
        self.losing += 1;
        self.unanswered += u64::from(row.state == State::SynSent);
        // SYNs are counted, whether or not the wait is doubled for each (tcp_syn_linear_timeouts).
        let backoff = flow.backoff.max(flow.retransmits);
        if backoff > self.backoff || (backoff == self.backoff && flow.rto > self.rto) {
            (self.backoff, self.rto) = (backoff, flow.rto);
        }
    }

    fn finding(self, network: String) -> Option<Finding> {
        let percent = (self.losing * 100).checked_div(self.connections)?;
        let is_common = self.losing >= MANY && percent >= SHARE;
        if self.backoff < DOUBLED && !is_common {
            return None;
        }
        let is_broken = self.losing >= MANY && percent >= BROKEN;
        let severity = if is_broken { Severity::Critical } else { Severity::Warning };
        let advice = if self.unanswered == self.losing {
            "no answer to a SYN: nobody is there, or a filter drops it; try traceroute -T to the port"
        } else {
            "segments or acknowledgements are lost on the way: look at the path with traceroute, and at \
             the interface with netstat -i"
        };
        let evidence = Loss {
            network,
            connections: self.connections,
            losing: self.losing,
            unanswered: self.unanswered,
            backoff: self.backoff,
            rto_ms: wireline_engine::millis(self.rto),
            retransmitted_percent: self.retransmitted(),
        };
        let evidence = Evidence::Loss(evidence);
        Some(Finding { severity, evidence, advice: advice.to_owned() })
    }

    #[expect(clippy::cast_precision_loss, reason = "a share, to be read")]
    fn retransmitted(&self) -> Option<f64> {
        (self.sent > 0).then(|| self.sent_again as f64 * 100.0 / self.sent as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose::facts::Flow;
    use crate::diagnose::samples::{facts, row};

    /// So many of so many connections send something again, for the so manieth time.
    fn look(losing: u16, all: u16, retransmits: u8, state: State) -> Option<Finding> {
        let one = |n: u16| {
            let retransmits = if n < losing { retransmits } else { 0 };
            let rto = Duration::from_millis(200 << retransmits.min(8));
            let (sent, sent_again) = (Some(1000), Some(u64::from(retransmits) * 100));
            let flow = Flow { retransmits, rto, sent, sent_again, ..Flow::default() };
            row(state, &format!("192.0.2.1:{}", 1000 + n), "203.0.113.1:443").flow(flow)
        };
        let mut found = findings(&facts((0..all).map(one).collect(), Vec::new()));
        assert!(found.len() < 2);
        found.pop()
    }

    #[test]
    fn one_timeout_is_everyday_and_two_are_not() {
        assert_eq!(look(1, 1, 1, State::Established), None);
        let found = look(1, 2, 2, State::Established).unwrap();
        let Evidence::Loss(loss) = &found.evidence else { panic!("{found:?}") };
        assert_eq!(
            (loss.network.as_str(), loss.losing, loss.connections),
            ("203.0.113.0/24", 1, 2)
        );
        assert_eq!((loss.backoff, loss.retransmitted_percent), (2, Some(10.0)));
        assert!((loss.rto_ms - 800.0).abs() < 1e-9);
        assert_eq!(found.severity, Severity::Warning);
    }

    #[test]
    fn many_at_once_share_a_cause() {
        assert_eq!(look(4, 10, 1, State::Established), None);
        assert_eq!(look(5, 101, 1, State::Established), None, "one in twenty");
        assert_eq!(look(5, 100, 1, State::Established).unwrap().severity, Severity::Warning);
        assert_eq!(look(5, 10, 1, State::Established).unwrap().severity, Severity::Critical);
    }

    #[test]
    fn nobody_who_answers_is_told_apart() {
        assert!(look(2, 2, 2, State::SynSent).unwrap().advice.contains("no answer to a SYN"));
        assert!(look(2, 2, 2, State::LastAck).unwrap().advice.contains("on the way"));
    }

    #[test]
    fn networks_are_told_apart() {
        let flow = Flow { retransmits: 3, ..Flow::default() };
        let to = |remote: &str| row(State::Established, "192.0.2.1:1", remote).flow(flow.clone());
        let rows = ["203.0.113.1:1", "203.0.113.9:1", "198.51.100.1:1", "[2001:db8:7:1::1]:1"];
        let mut found = findings(&facts(rows.map(to).to_vec(), Vec::new()));
        assert_eq!(found.len(), 3);
        found.retain(|found| matches!(&found.evidence, Evidence::Loss(loss) if loss.network == "2001:db8:7::/48"));
        assert_eq!(found.len(), 1);
    }
}
