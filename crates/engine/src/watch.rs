//! Who comes to a segment, goes from it and changes on it: frames are listened to, and who is known is asked
//! now and then if it is still there.
//!
//! Frames stand for datagrams, as in [`segment`](crate::segment). A host is gone when several requests in a
//! row were not answered, and never for one lost frame. What is kept is bounded, whatever strangers send.

mod ask;
mod config;
mod event;
mod guard;
mod hosts;
mod limits;
mod message;
mod presence;
mod rounds;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use wireline_packet::Mac;

pub use config::{Config, Gateway, Port, Targets};
pub use event::{Arpwatch, Event, Place, Record, Seen, Summary};

use crate::segment::Source;
use crate::{Datagrams, Engine, Instant, Reply, Transmit};
use ask::Line;
use guard::Guards;
use hosts::{Claimant, Host, Hosts, Key, Phase};
use limits::{Allowance, Asked, Floods, Told};
use message::{Claim, Heard};
use rounds::Rounds;

/// The watching engine.
#[derive(Debug)]
pub struct Watch {
    config: Config,
    started: Instant,
    ears: Vec<Ear>,
    hosts: Hosts,
    guards: Guards,
    line: Line,
    asked: Asked,
    floods: Floods,
    allowance: Allowance,
    /// Claims of our own addresses, and wishes for others', of the last minute.
    told: Told,
    next_save: Option<Instant>,
    summary: Summary,
    events: VecDeque<Event>,
    is_done: bool,
}

/// A way in, and whether anything comes in by it.
#[derive(Debug)]
struct Ear {
    port: Port,
    heard: Instant,
    is_deaf: bool,
}

/// Claimants of one address that are asked; the others are passed over.
const CLAIMANTS: usize = 8;

/// A link-layer address that has more addresses is no host that moves but a router.
const ADDRESSES: usize = 4;

/// A pair that was not used for so long is news again, as arpwatch(8) has it.
const HALF_A_YEAR: Duration = Duration::from_secs(182 * 24 * 60 * 60);

impl Watch {
    /// Begins to listen at once. Who was there when `config.known` was written is asked first.
    #[must_use]
    pub fn new(mut config: Config, now: Instant) -> Self {
        config.limit = config.limit.max(1);
        let ears = config.ports.drain(..).map(|port| Ear { port, heard: now, is_deaf: false });
        let ears = ears.collect();
        let guards = Guards::new(&config);
        let mut hosts = Hosts::default();
        for record in std::mem::take(&mut config.known).into_iter().take(config.limit) {
            let key = hosts.insert(Host::new(record));
            let is_there = hosts.get(key).is_some_and(|host| host.record.present);
            hosts.set_phase(key, if is_there { Phase::Quiet(now) } else { Phase::Idle });
        }
        let targets = if config.listen_only { Vec::new() } else { config.targets.clone() };
        let line = Line::new(Rounds::new(targets, config.round, now), now);
        let start = Event::Start { known: hosts.len(), hosts: line.hosts() };
        Self {
            started: now,
            ears,
            hosts,
            guards,
            line,
            asked: Asked::default(),
            floods: Floods::default(),
            allowance: Allowance::new(now),
            told: Told::default(),
            next_save: config.save_every.map(|every| now + every),
            config,
            summary: Summary::default(),
            events: VecDeque::from([start]),
            is_done: false,
        }
    }

    fn unix(&self, now: Instant) -> Duration {
        self.config.unix + (now - self.started)
    }

    fn ear(&self, place: Place) -> Option<&Ear> {
        self.ears.iter().find(|ear| ear.port.place == place)
    }

    fn claim(&mut self, now: Instant, claim: Claim) {
        let Claim { place, address, mac, frame_mac, .. } = claim;
        let key = Key { place, address };
        if self.ears.iter().any(|ear| ear.port.mac == mac || ear.port.mac == frame_mac) {
            return;
        }
        let was_asked = claim.source == Source::Reply && self.asked.contains(now, key);
        if !was_asked && claim.is_reply {
            self.count_reply(now, claim);
        }
        if mac == Mac::BROADCAST {
            return self.mismatch(now, claim, Arpwatch::EthernetBroadcast);
        }
        if let Some(alarm) = self.guards.claim(now, key, mac) {
            self.summary.gateway_changes += 1;
            self.events.push_back(alarm);
        }
        if let Some(own) = self.own(key) {
            return self.own_conflict(now, key, own, mac);
        }
        self.heard(now, claim, was_asked);
        if mac.is_multicast() {
            self.mismatch(now, claim, Arpwatch::EthernetBroadcast);
        } else if frame_mac != mac {
            self.mismatch(now, claim, Arpwatch::EthernetMismatch);
        }
    }

    fn heard(&mut self, now: Instant, claim: Claim, was_asked: bool) {
        let key = Key { place: claim.place, address: claim.address };
        let is_known = self
            .hosts
            .get(key)
            .is_some_and(|host| host.claimants.iter().any(|claimant| claimant.mac == claim.mac));
        if is_known {
            self.once_more(now, key, claim.mac);
        } else if !was_asked && !self.allowance.take(now) {
            self.summary.overlooked += 1;
            return;
        } else if self.hosts.get(key).is_some_and(|host| !host.claimants.is_empty()) {
            self.rival(now, key, claim.mac);
        } else {
            self.join(now, claim);
        }
        if let Some(host) = self.hosts.get_mut(key) {
            host.is_verified |= was_asked;
        }
    }

    /// An address of which nobody is known to be there.
    fn join(&mut self, now: Instant, claim: Claim) {
        let Claim { place, address, mac, source, .. } = claim;
        let (key, unix) = (Key { place, address }, self.unix(now));
        let before = self.hosts.get(key).map(|host| (host.record.clone(), host.record.mac));
        let arpwatch = self.notion(now, key, mac);
        if before.is_none() {
            self.insert(Record {
                place,
                address,
                mac,
                former: Vec::new(),
                first_seen: unix,
                last_seen: unix,
                present: false,
            });
        }
        self.hosts.change(key, |host| host.take_over(mac, unix));
        let also = self.hosts.also(key, mac, ADDRESSES + 1);
        let Some(host) = self.hosts.get(key) else { return };
        let seen = Seen { record: host.record.clone(), source, also: also.clone(), arpwatch };
        match before {
            Some((_, was)) if was != mac => self.tell_change(key, seen, was),
            _ => {
                self.summary.joined += 1;
                self.events.push_back(Event::Joined(seen));
            }
        }
        self.rest(now, key);
        self.suspect_move(now, key, &also);
    }

    fn insert(&mut self, record: Record) {
        while self.hosts.len() >= self.config.limit {
            self.hosts.evict();
        }
        self.hosts.insert(Host::new(record));
    }

    /// What arpwatch would call it that `mac` has an address.
    fn notion(&self, now: Instant, key: Key, mac: Mac) -> Option<Arpwatch> {
        let Some(host) = self.hosts.get(key) else {
            let is_bogon = match (self.ear(key.place), key.address) {
                (Some(ear), std::net::IpAddr::V4(address)) if !ear.port.addresses.is_empty() => {
                    !ear.port.holds(address)
                }
                _ => false,
            };
            return Some(if is_bogon { Arpwatch::Bogon } else { Arpwatch::NewStation });
        };
        let record = &host.record;
        if record.mac == mac {
            let unused = self.unix(now).saturating_sub(record.last_seen);
            return (unused >= HALF_A_YEAR).then_some(Arpwatch::NewActivity);
        }
        Some(match record.former.iter().position(|&former| former == mac) {
            Some(0) => Arpwatch::FlipFlop,
            Some(_) => Arpwatch::ReusedOldEthernetAddress,
            None => Arpwatch::ChangedEthernetAddress,
        })
    }

    fn tell_change(&mut self, key: Key, now: Seen, was: Mac) {
        self.summary.changed += 1;
        self.guards.changed(key, now.record.mac);
        self.events.push_back(Event::Changed { now, was });
    }

    /// A host at a new address may have left its old one.
    fn suspect_move(&mut self, now: Instant, key: Key, also: &[std::net::IpAddr]) {
        if also.len() > ADDRESSES {
            return;
        }
        for &address in also {
            let old = Key { place: key.place, address };
            if let Some(host) = self.hosts.get_mut(old) {
                host.heir = Some(key.address);
            }
            self.hasten(now, old);
        }
    }

    /// A second one claims an address: all who did are asked, and whoever answers has it.
    fn rival(&mut self, now: Instant, key: Key, mac: Mac) {
        let Some(host) = self.hosts.get(key) else { return };
        if host.claimants.len() >= CLAIMANTS {
            self.summary.overlooked += 1;
            return;
        }
        self.hosts.change(key, |host| host.claimants.push(Claimant::new(mac)));
        self.hasten(now, key);
    }

    fn mismatch(&mut self, now: Instant, claim: Claim, arpwatch: Arpwatch) {
        let Claim { place, address, mac, frame_mac, .. } = claim;
        let key = Key { place, address };
        let is_new = match self.hosts.get_mut(key) {
            Some(host) => host.mismatch.replace(frame_mac) != Some(frame_mac),
            None => self.told.is_news(now, key, mac),
        };
        if is_new && self.allowance.take(now) {
            let event = Event::Mismatch { place, address, mac, frame_mac, arpwatch };
            self.events.push_back(event);
        }
    }

    fn own(&self, key: Key) -> Option<Mac> {
        let std::net::IpAddr::V4(address) = key.address else { return None };
        let ear = self.ear(key.place)?;
        ear.port.owns(address).then_some(ear.port.mac)
    }

    fn own_conflict(&mut self, now: Instant, key: Key, own: Mac, mac: Mac) {
        if self.told.is_news(now, key, mac) {
            self.summary.conflicts += 1;
            let Key { place, address } = key;
            let macs = vec![own, mac];
            self.events.push_back(Event::Conflict { place, address, macs, own: true });
        }
    }

    fn count_reply(&mut self, now: Instant, claim: Claim) {
        let Claim { place, address, frame_mac: mac, .. } = claim;
        if let Some((replies, within)) = self.floods.count(now, place, mac) {
            self.summary.floods += 1;
            self.events.push_back(Event::Flood { place, mac, replies, within, address });
        }
    }

    /// Somebody looks for a free address (RFC 5227 §2.1.1): that is news where it is not free.
    fn wanted(&mut self, now: Instant, key: Key, mac: Mac) {
        let own = self.own(key);
        let holder = own.or_else(|| Some(self.hosts.get(key)?.claimants.first()?.mac));
        let Some(holder) = holder.filter(|&holder| holder != mac) else { return };
        if self.told.is_news(now, key, mac) {
            let Key { place, address } = key;
            self.events.push_back(Event::Wanted { place, address, mac, holder });
        }
    }

    fn count(&self, now: Instant, end: bool) -> Summary {
        Summary {
            took: now - self.started,
            present: self.hosts.present() as u64,
            known: self.hosts.len() as u64,
            end,
            ..self.summary.clone()
        }
    }

    fn save(&mut self) {
        self.events.push_back(Event::Snapshot(self.hosts.records()));
    }

    fn ends(&self) -> Option<Instant> {
        self.config.lasting.map(|lasting| self.started + lasting)
    }
}

impl Engine for Watch {
    type Event = Event;

    fn next_timeout(&self) -> Option<Instant> {
        if self.is_done {
            return None;
        }
        let asking = self.line.next_time().filter(|_| !self.config.listen_only);
        [self.hosts.next_time(), self.next_save, self.ends(), asking].into_iter().flatten().min()
    }

    fn handle_timeout(&mut self, now: Instant) {
        if self.is_done {
            return;
        }
        while let Some(key) = self.hosts.due(now) {
            self.turn(now, key);
        }
        if self.next_save.is_some_and(|at| at <= now) {
            self.next_save = self.config.save_every.map(|every| now + every);
            self.save();
        }
        if self.ends().is_some_and(|end| end <= now) {
            self.handle_stop(now);
        }
    }

    fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn handle_stop(&mut self, now: Instant) {
        if std::mem::replace(&mut self.is_done, true) {
            return;
        }
        self.save();
        let summary = self.count(now, true);
        self.events.push_back(Event::Summary(summary));
    }

    fn handle_query(&mut self, now: Instant) {
        let summary = self.count(now, false);
        self.events.push_back(Event::Summary(summary));
    }

    fn is_finished(&self) -> bool {
        self.is_done && self.events.is_empty()
    }
}

impl Datagrams for Watch {
    fn poll_transmit(&mut self, now: Instant, contents: &mut Vec<u8>) -> Option<Transmit> {
        if self.is_done || self.config.listen_only { None } else { self.ask(now, contents) }
    }

    fn expected(&self) -> usize {
        64
    }

    fn handle_reply(&mut self, now: Instant, reply: Reply<'_>) {
        if self.is_done {
            return;
        }
        let heard = message::read(reply.flow, reply.contents);
        match heard {
            Heard::Other => return,
            Heard::Strange => self.summary.strange += 1,
            Heard::Claim(claim) => self.claim(now, claim),
            Heard::Probe { place, address, mac } => self.wanted(now, Key { place, address }, mac),
        }
        self.summary.heard += 1;
        for ear in &mut self.ears {
            if ear.port.place.port == reply.flow {
                (ear.heard, ear.is_deaf) = (now, false);
            }
        }
    }

    fn handle_unsent(&mut self, now: Instant, transmit: &Transmit, _why: &io::Error) {
        self.unsent(now, transmit.id);
    }

    fn handle_drops(&mut self, _now: Instant, _flow: u32, count: u64) {
        self.summary.dropped += count;
    }
}
