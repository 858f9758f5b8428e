//! Whether a host is there, whose an address is, and whether it is they or we who hear nothing.

use wireline_packet::Mac;

use super::hosts::{Claimant, Key, Phase, Request};
use super::{Event, Seen, Watch};
use crate::Instant;
use crate::segment::Source;

impl Watch {
    /// Somebody claims what they are known to have.
    pub(super) fn once_more(&mut self, now: Instant, key: Key, mac: Mac) {
        let unix = self.unix(now);
        let Some(host) = self.hosts.get_mut(key) else { return };
        let count = host.claimants.len();
        let Some(index) = host.claimants.iter().position(|claimant| claimant.mac == mac) else {
            return;
        };
        let Some(claimant) = host.claimants.get_mut(index) else { return };
        let is_in_line = count > 1 && claimant.asked == Request::Queued;
        let asked = if is_in_line { Request::Queued } else { Request::None };
        *claimant = Claimant { asked, ..Claimant::new(mac) };
        if host.record.mac == mac {
            host.record.last_seen = unix;
            host.heir = None;
        }
        // Who came last may have taken over from one who is gone. Who was there before is not gone.
        if count > 1 && index + 1 < count && host.told < count {
            host.told = count;
            let macs = host.macs();
            self.summary.conflicts += 1;
            let Key { place, address } = key;
            self.events.push_back(Event::Conflict { place, address, macs, own: false });
        } else if count == 1 {
            host.asked_since = None;
            self.rest(now, key);
        }
    }

    /// Nothing is asked for a while.
    pub(super) fn rest(&mut self, now: Instant, key: Key) {
        let phase =
            if self.can_ask(key) { Phase::Quiet(now + self.config.recheck) } else { Phase::Idle };
        self.hosts.set_phase(key, phase);
    }

    fn can_ask(&self, key: Key) -> bool {
        !self.config.listen_only && self.ear(key.place).is_some()
    }

    /// Asks at once.
    pub(super) fn hasten(&mut self, now: Instant, key: Key) {
        let is_asked = |phase| matches!(phase, Phase::Asking(_) | Phase::Queued);
        if self.hosts.get(key).is_some_and(|host| !is_asked(host.phase())) {
            self.hosts.set_phase(key, Phase::Quiet(now));
        }
        self.line_up(now, key, true);
    }

    /// A host's time has come.
    pub(super) fn turn(&mut self, now: Instant, key: Key) {
        match self.hosts.get(key).map(super::hosts::Host::phase) {
            Some(Phase::Asking(_)) => self.settle(now, key),
            Some(Phase::Quiet(_)) => self.line_up(now, key, false),
            _ => self.hosts.set_phase(key, Phase::Idle),
        }
    }

    /// Puts requests in the line, to all claimants that have none under way.
    fn line_up(&mut self, now: Instant, key: Key, is_urgent: bool) {
        let cannot_ask = !self.can_ask(key);
        let Some(host) = self.hosts.get_mut(key) else { return };
        if host.claimants.is_empty() {
            return self.hosts.set_phase(key, Phase::Idle);
        }
        if cannot_ask {
            return self.wait_without_asking(now, key);
        }
        let mut is_queued = false;
        for claimant in &mut host.claimants {
            if claimant.asked == Request::None {
                claimant.asked = Request::Queued;
                self.line.add(key, claimant.mac, is_urgent);
            }
            is_queued |= claimant.asked == Request::Queued;
        }
        let phase = if is_queued { Phase::Queued } else { Phase::Asking(now + self.config.wait) };
        self.hosts.set_phase(key, phase);
    }

    /// Where nothing is sent, several who claim one address are given as long to be heard.
    fn wait_without_asking(&mut self, now: Instant, key: Key) {
        let Some(host) = self.hosts.get_mut(key) else { return };
        let is_contest = host.claimants.len() > 1;
        for claimant in &mut host.claimants {
            claimant.asked = if is_contest { Request::Sent } else { Request::None };
        }
        let phase = if is_contest { Phase::Asking(now + self.config.wait) } else { Phase::Idle };
        self.hosts.set_phase(key, phase);
    }

    /// The time of the last requests is up.
    fn settle(&mut self, now: Instant, key: Key) {
        let Some(host) = self.hosts.get_mut(key) else { return };
        let mut again = false;
        for claimant in &mut host.claimants {
            again |= claimant.asked != Request::None;
            claimant.unanswered += u32::from(claimant.asked == Request::Sent);
            if claimant.asked != Request::Queued {
                claimant.asked = Request::None;
            }
        }
        if !again {
            host.asked_since = None;
            return self.rest(now, key);
        }
        self.remove_silent(now, key);
    }

    fn remove_silent(&mut self, now: Instant, key: Key) {
        let attempts = self.config.attempts.max(1);
        let Some(host) = self.hosts.get(key) else { return };
        let is_silent = |claimant: &Claimant| claimant.unanswered >= attempts;
        let silent = host.claimants.iter().filter(|claimant| is_silent(claimant)).count();
        if silent == 0 {
            return self.line_up(now, key, true);
        }
        if silent < host.claimants.len() {
            self.hosts.change(key, |host| host.claimants.retain(|claimant| !is_silent(claimant)));
            return self.decide(now, key);
        }
        if !self.can_ask(key) {
            // Whoever was heard last is believed.
            let last = |host: &mut super::hosts::Host| drop(host.claimants.drain(..silent - 1));
            self.hosts.change(key, last);
            return self.decide(now, key);
        }
        match self.verdict(key) {
            Verdict::Gone => self.leave_for_good(key),
            Verdict::Unsure => {
                for other in self.hosts.neighbours(key, 4) {
                    self.hasten(now, other);
                }
                self.line_up(now, key, true);
            }
            Verdict::Deaf => self.deaf(now, key),
        }
    }

    /// Some who claimed an address do so no more.
    fn decide(&mut self, now: Instant, key: Key) {
        let unix = self.unix(now);
        let Some(host) = self.hosts.get_mut(key) else { return };
        let told = std::mem::take(&mut host.told);
        let [winner] = host.claimants[..] else {
            host.told = told.min(host.claimants.len());
            return self.line_up(now, key, true);
        };
        let was = host.record.mac;
        let arpwatch = self.notion(now, key, winner.mac);
        self.hosts.change(key, |host| {
            host.succeed(winner.mac);
            host.record.last_seen = unix;
            host.asked_since = None;
        });
        let also = self.hosts.also(key, winner.mac, super::ADDRESSES + 1);
        let Some(host) = self.hosts.get(key) else { return };
        let record = host.record.clone();
        if told > 0 {
            self.guards.changed(key, winner.mac);
            self.events.push_back(Event::Settled { record });
        } else if was != winner.mac {
            let source = Source::Reply;
            self.tell_change(key, Seen { record, source, also, arpwatch }, was);
        }
        self.rest(now, key);
    }

    /// Nobody answered. A link on which nobody at all is heard says nothing about one host.
    fn verdict(&self, key: Key) -> Verdict {
        let Some(host) = self.hosts.get(key) else { return Verdict::Gone };
        let Some((ear, since)) = self.ear(key.place).zip(host.asked_since) else {
            return Verdict::Gone;
        };
        let unanswered = host.claimants.iter().map(|claimant| claimant.unanswered).max();
        if ear.heard > since || self.hosts.present_at(key.place) < 2 {
            Verdict::Gone
        } else if unanswered.unwrap_or(0) < self.config.attempts.max(1).saturating_mul(2) {
            Verdict::Unsure
        } else {
            Verdict::Deaf
        }
    }

    fn leave_for_good(&mut self, key: Key) {
        let Some(host) = self.hosts.get(key) else { return };
        let unanswered = host.claimants.iter().map(|it| it.unanswered).max().unwrap_or(0);
        let heir = host.heir;
        let mac = host.record.mac;
        self.hosts.change(key, |host| {
            host.claimants.clear();
            (host.told, host.heir, host.asked_since) = (0, None, None);
        });
        self.hosts.set_phase(key, Phase::Idle);
        let Some(host) = self.hosts.get(key) else { return };
        let record = host.record.clone();
        let heir = heir.and_then(|address| self.hosts.get(Key { address, ..key }));
        let heir = heir.filter(|heir| heir.record.present && heir.record.mac == mac);
        let event = if let Some(heir) = heir {
            self.summary.moved += 1;
            Event::Moved { now: heir.record.clone(), from: key.address }
        } else {
            self.summary.left += 1;
            Event::Left { record, unanswered }
        };
        self.events.push_back(event);
    }

    /// It is this machine that hears nothing: hosts stay what they were, and are asked again later.
    fn deaf(&mut self, now: Instant, key: Key) {
        let hosts = self.hosts.present_at(key.place);
        if let Some(host) = self.hosts.get_mut(key) {
            for claimant in &mut host.claimants {
                *claimant = Claimant::new(claimant.mac);
            }
            host.asked_since = None;
        }
        self.rest(now, key);
        let ear = self.ears.iter_mut().find(|ear| ear.port.place == key.place);
        if let Some(ear) = ear.filter(|ear| !ear.is_deaf) {
            ear.is_deaf = true;
            let silent = now - ear.heard;
            self.events.push_back(Event::Deaf { place: key.place, hosts, silent });
        }
    }
}

/// What silence means.
enum Verdict {
    Gone,
    /// Others have to be asked first.
    Unsure,
    Deaf,
}
