//! The queues of listeners (listen(2), tcp(7)): connections that nobody accepts, and handshakes.

use std::collections::HashMap;

use wireline_host::sockets::{Endpoint, State};

use super::facts::{Facts, Row, end};
use crate::event::{AcceptQueue, Evidence, Finding, Severity, SynQueue};

/// In percent of the queue. A burst is taken in one go by a program that accepts.
const HIGH: u32 = 75;
/// Fewer connections that wait are the ordinary course of things, however short the queue.
const FEW: u32 = 4;
/// Fewer handshakes are, too: each lasts for a round trip.
const FEW_HANDSHAKES: u32 = 8;

pub(super) fn findings(facts: &Facts) -> Vec<Finding> {
    let half_open = Handshakes::of(facts);
    let listeners = facts.rows.iter().filter(|row| row.state == State::Listen);
    let finding = |row: &Row| {
        let count = half_open.to(row.local);
        accept_queue(facts, row, count).or_else(|| syn_queue(facts, row, count))
    };
    listeners.filter_map(finding).collect()
}

/// How many handshakes are under way, by their end here.
struct Handshakes(HashMap<Endpoint, u32>);

impl Handshakes {
    fn of(facts: &Facts) -> Self {
        let mut counts = HashMap::new();
        for row in facts.rows.iter().filter(|row| row.is_request()) {
            *counts.entry(row.local).or_default() += 1;
        }
        Self(counts)
    }

    /// Where somebody listens on all addresses, all of the port are his.
    fn to(&self, local: Endpoint) -> u32 {
        if !local.address.is_unspecified() {
            return self.0.get(&local).copied().unwrap_or(0);
        }
        let same = self.0.iter().filter(|(end, _)| end.port == local.port);
        same.map(|(_, count)| count).sum()
    }
}

/// The kernel takes one more than the backlog (`sk_acceptq_is_full`): full is past it.
fn accept_queue(facts: &Facts, row: &Row, half_open: u32) -> Option<Finding> {
    // `/proc/net` has 0 where the backlog would be, and so has a program that asked for 0.
    let backlog = Some(row.send_queue).filter(|backlog| *backlog > 0);
    let waiting = row.recv_queue;
    let full = backlog.is_some_and(|backlog| waiting > backlog);
    let is_high = backlog.is_some_and(|backlog| is_high(waiting, backlog, FEW));
    // A SYN that comes again is dropped, too, and is nobody's fault: where the machine has never counted a
    // connection as dropped, none was.
    let counted = facts.counters.listen_drops;
    let has_dropped = row.drops.unwrap_or(0) > 0 && counted != Some(0);
    let severity = match (full, is_high, has_dropped) {
        (true, ..) => Severity::Critical,
        (_, true, _) => Severity::Warning,
        (.., true) => Severity::Note,
        _ => return None,
    };
    let somaxconn = facts.settings.somaxconn;
    let evidence = AcceptQueue {
        local: end(row.local),
        owner: facts.owner(row),
        waiting,
        backlog,
        full,
        drops: row.drops,
        half_open,
        somaxconn,
        listen_overflows: facts.counters.listen_overflows,
        listen_drops: facts.counters.listen_drops,
    };
    let advice = if severity == Severity::Note {
        "it was too slow, or its queue too short, for a while: compare the count later"
    } else if backlog.is_some() && backlog == somaxconn {
        "the program accepts too slowly; net.core.somaxconn is what limits its queue"
    } else {
        "the program accepts too slowly, or not at all: look at what it does; a longer listen(2) \
         queue helps against bursts only"
    };
    let advice = advice.to_owned();
    Some(Finding { severity, evidence: Evidence::AcceptQueue(evidence), advice })
}

/// As many handshakes may be under way as connections may wait (`inet_csk_reqsk_queue_is_full`).
fn syn_queue(facts: &Facts, row: &Row, half_open: u32) -> Option<Finding> {
    let backlog = row.send_queue;
    if backlog == 0 || !is_high(half_open, backlog, FEW_HANDSHAKES) {
        return None;
    }
    let syncookies = facts.settings.syncookies;
    let evidence = SynQueue {
        local: end(row.local),
        owner: facts.owner(row),
        half_open,
        backlog,
        syncookies,
        dropped: facts.counters.request_drops,
        cookies: facts.counters.request_cookies,
    };
    let (severity, advice) = if syncookies == Some(0) {
        let advice = "a flood of SYNs, or clients that our answers do not reach: \
                      net.ipv4.tcp_syncookies is 0, 1 keeps the service up";
        (Severity::Critical, advice)
    } else {
        let advice = "a flood of SYNs, or clients that our answers do not reach: cookies keep the \
                      service up; look at where they come from";
        (Severity::Warning, advice)
    };
    let advice = advice.to_owned();
    Some(Finding { severity, evidence: Evidence::SynQueue(evidence), advice })
}

const fn is_high(count: u32, limit: u32, few: u32) -> bool {
    count >= few && count as u64 * 100 >= limit as u64 * HIGH as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose::facts::Counters;
    use crate::diagnose::samples::{facts, process, row};
    use wireline_host::TcpSettings;

    fn listener(waiting: u32, backlog: u32, drops: u32) -> Row {
        let row = row(State::Listen, "0.0.0.0:80", "0.0.0.0:0").queues(waiting, backlog).owned(0);
        Row { drops: Some(drops), ..row }
    }

    fn look(listener: Row, handshakes: u16) -> Option<Finding> {
        let request = |port| {
            let remote = format!("203.0.113.1:{}", 1000 + port);
            row(State::SynReceived, "192.0.2.1:80", &remote).kernel()
        };
        let mut rows: Vec<_> = (0..handshakes).map(request).collect();
        rows.push(listener);
        let settings = TcpSettings { somaxconn: Some(128), ..TcpSettings::default() };
        let facts = Facts { settings, ..facts(rows, vec![process(7, "/bin/d")]) };
        let mut found = findings(&facts);
        assert!(found.len() < 2);
        found.pop()
    }

    #[test]
    fn queue_is_full_past_its_backlog() {
        assert_eq!(look(listener(3, 4, 0), 0), None, "few");
        assert_eq!(look(listener(4, 4, 0), 0).unwrap().severity, Severity::Warning);
        let full = look(listener(5, 4, 21), 3).unwrap();
        let Evidence::AcceptQueue(queue) = &full.evidence else { panic!("{full:?}") };
        assert_eq!((full.severity, queue.full, queue.drops), (Severity::Critical, true, Some(21)));
        assert_eq!((queue.half_open, queue.owner.as_ref().unwrap().pid), (3, 7));
        assert!(full.advice.contains("accepts too slowly"));
    }

    #[test]
    fn limit_of_the_machine_is_named_where_it_is_reached() {
        assert!(look(listener(129, 128, 1), 0).unwrap().advice.contains("somaxconn"));
        assert!(!look(listener(129, 127, 1), 0).unwrap().advice.contains("somaxconn"));
    }

    #[test]
    fn drops_of_the_past_are_a_note() {
        assert_eq!(look(listener(0, 128, 1), 0).unwrap().severity, Severity::Note);
        assert_eq!(look(listener(0, 128, 0), 0), None);
    }

    #[test]
    fn drops_that_the_machine_does_not_count_are_none() {
        let counters = Counters { listen_drops: Some(0), ..Counters::default() };
        let facts = Facts { counters, ..facts(vec![listener(0, 128, 5)], vec![process(7, "d")]) };
        assert_eq!(findings(&facts), []);
    }

    #[test]
    fn backlog_that_nobody_tells_is_not_exceeded() {
        assert_eq!(look(listener(500, 0, 0), 0), None);
    }

    #[test]
    fn handshakes_of_the_port_are_counted() {
        assert_eq!(look(listener(0, 8, 0), 7), None);
        let found = look(listener(0, 8, 0), 8).unwrap();
        let Evidence::SynQueue(queue) = &found.evidence else { panic!("{found:?}") };
        assert_eq!((queue.half_open, found.severity), (8, Severity::Warning));
        assert_eq!(look(listener(0, 128, 0), 90), None);
        let elsewhere = row(State::Listen, "192.0.2.2:80", "0.0.0.0:0").queues(0, 8);
        assert_eq!(look(elsewhere, 50), None, "of another address");
    }
}
