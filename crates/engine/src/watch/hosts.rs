//! Hosts by address, by link-layer address and by when something has to be done about them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use wireline_packet::Mac;

use super::{Place, Record};
use crate::Instant;

/// Which host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) place: Place,
    pub(super) address: IpAddr,
}

/// A host, there or not.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) record: Record,
    /// Who has the address: the first is `record.mac`. Nobody where it is not there.
    pub(super) claimants: Vec<Claimant>,
    /// How many of the claimants were told of as a conflict.
    pub(super) told: usize,
    /// Whether it once answered a request of ours.
    pub(super) is_verified: bool,
    /// Where its link-layer address turned up: if it leaves, it went there.
    pub(super) heir: Option<IpAddr>,
    /// The source of frames that was told of, other than `record.mac`.
    pub(super) mismatch: Option<Mac>,
    /// When the first of the unanswered requests left.
    pub(super) asked_since: Option<Instant>,
    /// Private, so that the table of times is right.
    phase: Phase,
}

/// Somebody who says that an address is theirs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claimant {
    pub(super) mac: Mac,
    /// Requests in a row without an answer.
    pub(super) unanswered: u32,
    pub(super) asked: Request,
}

/// What became of the last request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// There is none that waits.
    None,
    /// It waits for the pace: it is in the line once.
    Queued,
    Sent,
    /// It did not leave this machine: nobody can be blamed for not answering.
    Unsent,
}

/// What is done about a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nothing.
    Idle,
    /// It is asked at this time, unless it is heard before.
    Quiet(Instant),
    /// Its requests wait for the pace.
    Queued,
    /// They have left, and have time until then.
    Asking(Instant),
}

impl Claimant {
    pub(super) const fn new(mac: Mac) -> Self {
        Self { mac, unanswered: 0, asked: Request::None }
    }
}

impl Host {
    pub(super) fn new(record: Record) -> Self {
        let claimants = if record.present { vec![Claimant::new(record.mac)] } else { Vec::new() };
        Self {
            record,
            claimants,
            told: 0,
            is_verified: false,
            heir: None,
            mismatch: None,
            asked_since: None,
            phase: Phase::Idle,
        }
    }

    pub(super) const fn phase(&self) -> Phase {
        self.phase
    }

    /// Is there, at `mac` alone, from now on.
    pub(super) fn take_over(&mut self, mac: Mac, unix: Duration) {
        self.claimants = vec![Claimant::new(mac)];
        self.told = 0;
        self.heir = None;
        self.record.last_seen = unix;
        self.succeed(mac);
    }

    /// Writes down who has the address, and who had it.
    pub(super) fn succeed(&mut self, mac: Mac) {
        /// More are not remembered.
        const FORMER: usize = 8;
        let former = std::mem::replace(&mut self.record.mac, mac);
        if former != mac {
            self.mismatch = None;
            self.record.former.retain(|&other| other != mac && other != former);
            self.record.former.insert(0, former);
            self.record.former.truncate(FORMER);
        }
    }

    pub(super) fn macs(&self) -> Vec<Mac> {
        self.claimants.iter().map(|claimant| claimant.mac).collect()
    }
}

/// All that are known.
#[derive(Debug, Default)]
pub(super) struct Hosts {
    all: BTreeMap<Key, Host>,
    times: BTreeSet<(Instant, Key)>,
    /// Of those that are there, by `record.mac`.
    by_mac: BTreeSet<(Place, Mac, IpAddr)>,
}

impl Hosts {
    pub(super) fn get(&self, key: Key) -> Option<&Host> {
        self.all.get(&key)
    }

    /// For everything but phase, presence and link-layer address.
    pub(super) fn get_mut(&mut self, key: Key) -> Option<&mut Host> {
        self.all.get_mut(&key)
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn present(&self) -> usize {
        self.by_mac.len()
    }

    pub(super) fn records(&self) -> Vec<Record> {
        self.all.values().map(|host| host.record.clone()).collect()
    }

    /// Takes in a new host, or one in the place of another.
    pub(super) fn insert(&mut self, host: Host) -> Key {
        let key = Key { place: host.record.place, address: host.record.address };
        self.remove(key);
        self.all.insert(key, host);
        self.index(key);
        key
    }

    pub(super) fn remove(&mut self, key: Key) {
        self.set_phase(key, Phase::Idle);
        self.unindex(key);
        self.all.remove(&key);
    }

    /// Changes who has an address, or whether anybody has.
    pub(super) fn change(&mut self, key: Key, change: impl FnOnce(&mut Host)) {
        self.unindex(key);
        if let Some(host) = self.all.get_mut(&key) {
            change(host);
            host.record.present = !host.claimants.is_empty();
        }
        self.index(key);
    }

    fn index(&mut self, key: Key) {
        if let Some(Host { record, .. }) = self.all.get(&key)
            && record.present
        {
            self.by_mac.insert((key.place, record.mac, key.address));
        }
    }

    fn unindex(&mut self, key: Key) {
        if let Some(Host { record, .. }) = self.all.get(&key) {
            self.by_mac.remove(&(key.place, record.mac, key.address));
        }
    }

    pub(super) fn set_phase(&mut self, key: Key, phase: Phase) {
        let Some(host) = self.all.get_mut(&key) else { return };
        if let Phase::Quiet(at) | Phase::Asking(at) = host.phase {
            self.times.remove(&(at, key));
        }
        host.phase = phase;
        if let Phase::Quiet(at) | Phase::Asking(at) = phase {
            self.times.insert((at, key));
        }
    }

    pub(super) fn next_time(&self) -> Option<Instant> {
        self.times.first().map(|&(at, _)| at)
    }

    /// A host whose time has come. Its phase has to be set.
    pub(super) fn due(&self, now: Instant) -> Option<Key> {
        self.times.first().filter(|&&(at, _)| at <= now).map(|&(_, key)| key)
    }

    /// Other addresses of a link-layer address, at most `most`.
    pub(super) fn also(&self, key: Key, mac: Mac, most: usize) -> Vec<IpAddr> {
        let from = (key.place, mac, IpAddr::from([0; 4]));
        let of_it = self
            .by_mac
            .range(from..)
            .take_while(|(place, other, _)| (*place, *other) == (key.place, mac));
        let others = of_it.map(|&(_, _, address)| address).filter(|&other| other != key.address);
        others.take(most).collect()
    }

    /// Others that are there, at most `most`.
    pub(super) fn neighbours(&self, key: Key, most: usize) -> Vec<Key> {
        let there = self.by_mac.iter().filter(|(place, ..)| *place == key.place);
        let keys = there.map(|&(place, _, address)| Key { place, address });
        keys.filter(|&other| other != key).take(most).collect()
    }

    /// Hosts that are there in one place.
    pub(super) fn present_at(&self, place: Place) -> usize {
        self.by_mac.iter().filter(|(other, ..)| *other == place).count()
    }

    /// Forgets the one that is missed least: a stranger rather than one that has answered, one that is gone
    /// rather than one that is there, and of these the one unseen longest.
    pub(super) fn evict(&mut self) {
        let least = self
            .all
            .iter()
            .min_by_key(|(_, host)| (host.is_verified, host.record.present, host.record.last_seen));
        if let Some(key) = least.map(|(&key, _)| key) {
            self.remove(key);
        }
    }
}
