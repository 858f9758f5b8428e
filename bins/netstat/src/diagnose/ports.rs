//! Ports for new connections from one address to one place: how many are left, and for how long.
//!
//! A connection is known by both its ends (RFC 9293 §3.3.1), so a port is taken for one destination and
//! free for another.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::time::Duration;

use wireline_host::sockets::{Endpoint, State, TimerKind};
use wireline_host::{Reuse, TcpSettings};

use super::facts::{Facts, Row, end};
use crate::event::{Evidence, Finding, Ports, Severity};

/// In percent. connect(2) tries the ports of one parity first, and when they are gone it has to search.
const WARN: usize = 50;
/// In percent. A burst of a few seconds takes the rest.
const CRITICAL: usize = 90;
/// How long a connection is in `TIME_WAIT` (`TCP_TIMEWAIT_LEN`).
const TIME_WAIT: Duration = Duration::from_secs(60);
/// How far back a rate looks: long enough to count, short enough to be of now.
const WINDOW: Duration = Duration::from_secs(10);
/// A rate of less is one of a moment.
const SHORTEST_WINDOW: Duration = Duration::from_secs(1);
/// After this no forecast is of use: the load of a machine is another in an hour.
const FARTHEST: f64 = 3600.0;

/// Connections from one address to one place.
#[derive(Default)]
struct Group {
    used: HashSet<u16>,
    /// How long each has still to wait.
    waiting: Vec<Duration>,
}

pub(super) fn findings(facts: &Facts) -> Vec<Finding> {
    let settings = &facts.settings;
    let ports = settings.ephemeral_ports();
    let listening = facts.listening_ports();
    let is_own = |row: &&Row| {
        settings.is_ephemeral(row.local.port)
            && row.remote.port != 0
            && !listening.contains(&row.local.port)
    };
    let mut groups: HashMap<(IpAddr, Endpoint), Group> = HashMap::new();
    for row in facts.rows.iter().filter(is_own) {
        groups.entry((row.local.address, row.remote)).or_default().add(row);
    }
    let finding = |((source, destination), group): ((IpAddr, Endpoint), Group)| {
        group.finding(source, destination, ports, settings)
    };
    groups.into_iter().filter_map(finding).collect()
}

impl Group {
    fn add(&mut self, row: &Row) {
        self.used.insert(row.local.port);
        if row.state == State::TimeWait && row.timer.kind == TimerKind::TimeWait {
            self.waiting.push(row.timer.expires.min(TIME_WAIT));
        }
    }

    fn finding(
        &self,
        source: IpAddr,
        destination: Endpoint,
        ports: usize,
        settings: &TcpSettings,
    ) -> Option<Finding> {
        let reuse = serves_again(settings, destination.address);
        let (used, waiting) = (self.used.len(), self.waiting.len());
        let blocked = if reuse { used.saturating_sub(waiting) } else { used };
        let percent = (blocked * 100).checked_div(ports)?;
        if percent < WARN {
            return None;
        }
        let left_ms = if reuse { None } else { self.left_ms(ports.saturating_sub(used)) };
        let evidence = Ports {
            source,
            destination: end(destination),
            ports: ports as u64,
            used: used as u64,
            time_wait: waiting as u64,
            reuse,
            closed_per_minute: self.closed_per_minute(),
            left_ms,
        };
        let severity = if percent >= CRITICAL { Severity::Critical } else { Severity::Warning };
        let advice = advice(settings, waiting * 2 > used, destination.address.is_loopback());
        Some(Finding { severity, evidence: Evidence::Ports(evidence), advice: advice.to_owned() })
    }

    /// What the timers say of how long ago each was closed.
    fn closed(&self) -> (usize, f64) {
        let oldest = self.waiting.iter().map(|left| TIME_WAIT.saturating_sub(*left)).max();
        let window = oldest.unwrap_or_default().clamp(SHORTEST_WINDOW, WINDOW);
        let is_new = |left: &&Duration| TIME_WAIT.saturating_sub(**left) < window;
        (self.waiting.iter().filter(is_new).count(), window.as_secs_f64())
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of sockets"
    )]
    #[expect(clippy::cast_precision_loss, reason = "a count of sockets")]
    fn closed_per_minute(&self) -> u64 {
        let (count, seconds) = self.closed();
        (count as f64 * 60.0 / seconds).round() as u64
    }

    /// New ones less those whose wait ends, if all goes on like this.
    #[expect(clippy::cast_precision_loss, reason = "counts of sockets")]
    fn left_ms(&self, free: usize) -> Option<f64> {
        if free == 0 {
            return Some(0.0);
        }
        let (count, seconds) = self.closed();
        let soon = self.waiting.iter().filter(|left| left.as_secs_f64() <= seconds).count();
        let net = (count as f64 - soon as f64) / seconds;
        let left = free as f64 / net;
        (net > 0.0 && left <= FARTHEST).then_some((left * 1000.0).round())
    }
}

/// Whether a port in `TIME_WAIT` may be taken for the same destination again.
fn serves_again(settings: &TcpSettings, to: IpAddr) -> bool {
    let is_allowed = match settings.reuse {
        Some(Reuse::Always) => true,
        Some(Reuse::Loopback) => to.is_loopback(),
        Some(Reuse::Never) | None => false,
    };
    is_allowed && settings.has_timestamps
}

const fn advice(settings: &TcpSettings, mostly_waits: bool, is_loopback: bool) -> &'static str {
    match (mostly_waits, settings.reuse) {
        (true, Some(Reuse::Loopback)) if !is_loopback => {
            "keep connections open and use them again; net.ipv4.tcp_tw_reuse is 2, for loopback only: \
             1 frees ports in TIME_WAIT after a second"
        }
        (true, Some(Reuse::Never)) => {
            "keep connections open and use them again; net.ipv4.tcp_tw_reuse is 0: 1 frees ports in \
             TIME_WAIT after a second"
        }
        (true, _) => {
            "keep connections open and use them again, or widen net.ipv4.ip_local_port_range"
        }
        (false, _) => {
            "connections stay open: pool them, widen net.ipv4.ip_local_port_range, or use more \
             addresses at either end"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose::samples::{facts, row};

    /// So many connections are open to one place, and so many wait, since so many seconds each.
    fn look(open: u16, since: &[u64], to: &str, reuse: Option<Reuse>) -> Option<Finding> {
        let mut rows = Vec::new();
        for port in 0..open {
            rows.push(row(State::Established, &format!("192.0.2.1:{}", 40_000 + port), to));
        }
        for (port, since) in (open..).zip(since) {
            let local = format!("192.0.2.1:{}", 40_000 + port);
            rows.push(row(State::TimeWait, &local, to).waiting(Duration::from_secs(60 - since)));
        }
        let settings = TcpSettings {
            ports: Some(40_000..=40_099),
            reuse,
            has_timestamps: true,
            ..TcpSettings::default()
        };
        let mut found = findings(&Facts { settings, ..facts(rows, Vec::new()) });
        assert!(found.len() < 2);
        found.pop()
    }

    fn ports(finding: &Finding) -> &Ports {
        let Evidence::Ports(ports) = &finding.evidence else { panic!("{finding:?}") };
        ports
    }

    const FAR: &str = "203.0.113.1:443";

    #[test]
    fn half_of_the_ports_is_a_warning_and_nearly_all_are_critical() {
        assert_eq!(look(49, &[], FAR, None), None);
        assert_eq!(look(50, &[], FAR, None).unwrap().severity, Severity::Warning);
        assert_eq!(look(89, &[], FAR, None).unwrap().severity, Severity::Warning);
        assert_eq!(look(90, &[], FAR, None).unwrap().severity, Severity::Critical);
        let all = look(100, &[], FAR, None).unwrap();
        assert_eq!((ports(&all).left_ms, ports(&all).used), (Some(0.0), 100));
        assert!(all.advice.contains("pool"), "{all:?}");
    }

    #[test]
    fn forecast_is_what_is_left_by_what_is_closed() {
        // Ten a second since five seconds, 40 left.
        let since: Vec<_> = (0..50).map(|n| n / 10).collect();
        let found = look(10, &since, FAR, Some(Reuse::Never)).unwrap();
        assert_eq!((ports(&found).closed_per_minute, ports(&found).time_wait), (600, 50));
        assert_eq!(ports(&found).left_ms, Some(4000.0));
        assert!(found.advice.contains("tcp_tw_reuse is 0"), "{found:?}");
        // One a second since a minute: as many come as go.
        let since: Vec<_> = (0..60).collect();
        let found = look(0, &since, FAR, Some(Reuse::Loopback)).unwrap();
        assert_eq!((ports(&found).closed_per_minute, ports(&found).left_ms), (60, None));
        assert!(found.advice.contains("loopback only"), "{found:?}");
        let found = look(0, &[30; 60], FAR, None).unwrap();
        assert_eq!((ports(&found).closed_per_minute, ports(&found).left_ms), (0, None));
    }

    #[test]
    fn ports_that_serve_again_are_not_short() {
        let since = [1; 95];
        assert_eq!(look(0, &since, FAR, Some(Reuse::Always)), None);
        assert!(look(0, &since, FAR, Some(Reuse::Loopback)).is_some(), "not on loopback");
        assert_eq!(look(0, &since, "127.0.0.1:80", Some(Reuse::Loopback)), None);
        let open = look(60, &[1; 30], FAR, Some(Reuse::Always)).unwrap();
        assert_eq!((open.severity, ports(&open).reuse), (Severity::Warning, true), "60 of 100");
    }

    #[test]
    fn servers_and_other_destinations_take_no_port() {
        let mut rows = vec![row(State::Listen, "192.0.2.1:40000", "0.0.0.0:0")];
        for port in 0..99 {
            let remote = format!("203.0.113.1:{}", 1000 + port);
            rows.push(row(State::Established, "192.0.2.1:40000", &remote));
            let local = format!("192.0.2.1:{}", 40_001 + port);
            let remote = format!("203.0.113.{port}:443");
            rows.push(row(State::Established, &local, &remote));
            // Of a range that is not looked at.
            rows.push(row(State::Established, &format!("192.0.2.1:{}", 1 + port), FAR));
        }
        let ports = Some(40_000..=40_099);
        let settings = TcpSettings { ports, ..TcpSettings::default() };
        assert_eq!(findings(&Facts { settings, ..facts(rows.clone(), Vec::new()) }), []);
        assert_eq!(findings(&facts(rows, Vec::new())), [], "nobody knows the range");
    }
}
