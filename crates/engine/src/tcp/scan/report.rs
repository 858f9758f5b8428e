//! What is told at the end.

use std::time::Duration;

use super::event::{Counts, Event, Host, Port, Summary};
use super::{Method, Phase, Scan};
use crate::Instant;
use crate::tcp::Verdict;

/// How far the end has been told.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) now: Instant,
    target: u64,
    host: u64,
    /// By host, where there are not too many.
    hosts: Vec<Counts>,
}

/// Of more hosts nothing is kept one by one.
const MOST_HOSTS: u64 = 1 << 16;

pub(super) fn blank(targets: u64) -> Summary {
    Summary {
        targets,
        counts: Counts::default(),
        proxied: None,
        unasked: 0,
        sent: 0,
        answered_late: 0,
        dropped: 0,
        local_errors: 0,
        errno: None,
        rate_cuts: 0,
        elapsed: Duration::ZERO,
        interrupted: false,
        complete: false,
    }
}

impl Report {
    pub(super) fn new(hosts: u64) -> Self {
        let kept = if hosts <= MOST_HOSTS { usize::try_from(hosts).unwrap_or(0) } else { 0 };
        let hosts = vec![Counts::default(); kept];
        Self { now: Instant::ZERO, target: 0, host: 0, hosts }
    }

    pub(super) fn count(&mut self, host: u64, verdict: &Verdict, count: u64) {
        if let Some(counts) = usize::try_from(host).ok().and_then(|host| self.hosts.get_mut(host)) {
            counts.add(verdict, count);
        }
    }

    fn next_host(&mut self) -> Option<(u64, Counts)> {
        while let Some(counts) =
            usize::try_from(self.host).ok().and_then(|host| self.hosts.get(host))
        {
            let host = self.host;
            self.host += 1;
            if *counts != Counts::default() {
                return Some((host, *counts));
            }
        }
        None
    }
}

impl Scan {
    /// Ports without an answer in ascending order, hosts, and the summary.
    pub(super) fn report_next(&mut self) -> Event {
        if let Some(port) = self.next_silent() {
            return Event::Port(port);
        }
        if let Some((host, counts)) = self.report.next_host()
            && let Some(address) = self.config.hosts.get(host)
        {
            return Event::Host(Host { address: address.ip(), counts });
        }
        self.phase = Phase::Finished;
        Event::Summary(self.ending())
    }

    /// Gives the next target without a verdict the one that it has by now, and says whether that is told.
    fn next_silent(&mut self) -> Option<Port> {
        while let Some(target) = self.settled.next_clear(self.report.target) {
            self.report.target = target + 1;
            let Some(verdict) = self.verdict_at_the_end(target) else { continue };
            self.report.count(target / self.ports(), &verdict, 1);
            self.summary.counts.add(&verdict, 1);
            if self.config.tell.tells(&verdict)
                && let Some(port) = self.plain(target)
            {
                let syn_sent =
                    if matches!(verdict, Verdict::Filtered { .. }) { self.round } else { 1 };
                return Some(Port { verdict, syn_sent, ..port });
            }
        }
        None
    }

    /// `None` of one that was not asked, or not as often as it ought to have been.
    fn verdict_at_the_end(&self, target: u64) -> Option<Verdict> {
        if let Some(verdict) = self.down.get(&(target / self.ports())) {
            return Some(verdict.clone());
        }
        let is_silent = !self.summary.interrupted
            && !self.is_given_up(target)
            && self.config.method == Method::HalfOpen;
        is_silent.then_some(Verdict::Filtered { syn_sent: self.round })
    }

    fn ending(&mut self) -> Summary {
        let counts = self.summary.counts;
        let known = counts.open
            + counts.closed
            + counts.filtered
            + counts.rejected
            + counts.unreachable
            + counts.no_neighbour
            + counts.no_route
            + counts.local;
        let mut summary = self.summary.clone();
        summary.unasked = summary.targets.saturating_sub(known);
        summary.rate_cuts = self.rate.cuts;
        summary.elapsed = self.began.map_or(Duration::ZERO, |began| self.report.now - began);
        let may_be_ours = counts.filtered > 0 && summary.dropped > 0;
        let gave_up = self.config.max_open.is_some();
        let is_left = summary.unasked > 0 && (summary.interrupted || !gave_up);
        summary.complete = !is_left && !may_be_ours && !summary.interrupted;
        summary
    }
}
