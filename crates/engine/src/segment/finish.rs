use std::net::Ipv4Addr;
use std::time::Duration;

use wireline_packet::Mac;

use super::hosts::{Mark, State};
use super::{Event, Finding, Phase, Scan, Stopped};
use crate::Instant;

/// More answers than this of one host are a storm.
const STORM: u64 = 100;

impl Scan {
    /// Tells what is known, and is done.
    pub(super) fn finish(&mut self, now: Instant, stopped: Option<Stopped>) {
        if self.phase == Phase::Done {
            return;
        }
        self.phase = Phase::Done;
        let stopped = stopped.or(self.summary.stopped.take());
        let ended = match stopped {
            None => self.settled_at.unwrap_or(now),
            Some(_) => now,
        };
        self.find_proxies();
        self.find_storms();
        if self.config.silent {
            self.tell_silent();
        }
        self.summary.took = self.started.map_or(Duration::ZERO, |started| ended - started);
        self.summary.responded = self.tally.answered;
        self.summary.regained = self.tally.regained;
        self.summary.slowest = self.waits.slowest;
        self.summary.rate = self.bucket.rate();
        self.summary.incomplete = self.incomplete();
        self.summary.stopped = stopped;
        self.events.push_back(Event::Summary(Box::new(self.summary.clone())));
    }

    /// Silent hosts that were not asked as often as they should, or whose answers may have been dropped.
    fn incomplete(&self) -> u64 {
        let tries = self.allowed.min(self.config.tries.max(1));
        let is_incomplete = |(host, state): &(u32, &State)| {
            is_silent(state) && (state.tries() < tries || self.may_be_dropped(*host, state))
        };
        let unnumbered = self.summary.hosts.saturating_sub(self.hosts.count().into());
        self.hosts.iter().filter(is_incomplete).count() as u64 + unnumbered
    }

    fn tell_silent(&mut self) {
        for (host, state) in self.hosts.iter().filter(|(_, state)| is_silent(state)) {
            if let Some((port, address)) = self.hosts.place(&self.config.ports, host) {
                let (port, address) = (Self::number(port), address.into());
                let tries = state.tries();
                self.events.push_back(Event::Silent { port, address, tries });
            }
        }
    }

    fn find_storms(&mut self) {
        for (host, state) in self.hosts.iter().filter(|(_, state)| state.answers > STORM) {
            if let Some((port, address)) = self.hosts.place(&self.config.ports, host) {
                let (port, address) = (Self::number(port), address.into());
                let State { mac, answers, .. } = *state;
                let finding = Finding::Storm { port, address, mac, answers };
                self.events.push_back(Event::Finding(finding));
            }
        }
    }

    /// All answers sorted by who gave them: what that costs is paid once, and not with each.
    fn find_proxies(&mut self) {
        let mut answers = Vec::new();
        for (host, state) in self.hosts.iter().filter(|(_, state)| state.answers > 0) {
            let Some((port, address)) = self.hosts.place(&self.config.ports, host) else {
                continue;
            };
            let is_outside = self.is_outside(port, address);
            answers.push((port, state.mac, is_outside));
            if state.has(Mark::Claimed) {
                answers.extend(self.claims.others(host).map(|mac| (port, mac, is_outside)));
            }
        }
        answers.sort_unstable();
        for group in answers.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
            let Some(&(port, mac, _)) = group.first() else { continue };
            let outside = group.iter().filter(|(.., is_outside)| *is_outside).count() as u64;
            let addresses = group.len() as u64;
            if self.is_proxy(port, mac, addresses, outside) {
                let port = Self::number(port);
                let finding = Finding::ProxyArp { port, mac, addresses, outside };
                self.events.push_back(Event::Finding(finding));
            }
        }
    }

    /// Whether an address is of none of the networks that the port has.
    fn is_outside(&self, port: usize, address: Ipv4Addr) -> bool {
        let networks = self.config.ports.get(port).map_or(&[][..], |port| &port.networks);
        !networks.is_empty() && networks.iter().all(|network| !network.contains(address))
    }

    /// Whether so many addresses are more than one host has. One address of another network may be that of a
    /// second network on the same wire; with an address of this one, or the gateway's, it is not.
    fn is_proxy(&self, port: usize, mac: Mac, addresses: u64, outside: u64) -> bool {
        let is_gateway = || {
            let port = self.config.ports.get(port);
            port.is_some_and(|port| port.gateways.iter().any(|known| known.mac == Some(mac)))
        };
        addresses >= self.config.proxy_from.max(2)
            || (outside > 0 && (outside < addresses || is_gateway()))
    }
}

/// Whether a host owes an answer.
const fn is_silent(state: &State) -> bool {
    state.answers == 0 && !state.has(Mark::Own)
}
