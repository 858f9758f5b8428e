//! What is not as it was saved.

use std::collections::BTreeSet;
use std::net::IpAddr;

use wireline_packet::Mac;

use super::event::{At, Difference, Unlike};
use super::state::Saved;
use crate::event::Claimant;

/// Hosts as they were, against which others are held.
#[derive(Debug, Default)]
pub(crate) struct Baseline {
    hosts: Vec<Saved>,
    /// What was told already.
    told: BTreeSet<(Option<String>, Option<u16>, IpAddr, Mac)>,
}

/// Somebody who is there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct There {
    pub(crate) at: At,
    pub(crate) address: IpAddr,
    pub(crate) mac: Mac,
}

impl Baseline {
    /// Of those that were there.
    pub(crate) fn new(mut hosts: Vec<Saved>) -> Self {
        hosts.retain(|host| host.present);
        hosts.sort_by_key(|host| host.address);
        Self { hosts, told: BTreeSet::new() }
    }

    pub(crate) fn hosts(&self) -> &[Saved] {
        &self.hosts
    }

    /// Those that were saved with an address, wherever that was not told.
    fn with(&self, at: &At, address: IpAddr) -> impl Iterator<Item = &Saved> {
        let start = self.hosts.partition_point(|host| host.address < address);
        let same = self.hosts[start..].iter().take_while(move |host| host.address == address);
        same.filter(|host| is_same_place(host, at))
    }

    /// Who had an address.
    pub(crate) fn mac(&self, at: &At, address: IpAddr) -> Option<Mac> {
        self.with(at, address).map(|saved| saved.mac).next()
    }

    /// Holds one against what was saved; what was told once is not told again.
    pub(crate) fn compare(
        &mut self,
        host: &There,
        claimant: impl Fn(Mac) -> Claimant,
    ) -> Option<Difference> {
        let There { at, address, mac } = host;
        let was: Vec<_> = self.with(at, *address).map(|saved| saved.mac).collect();
        if was.contains(mac) {
            return None;
        }
        let is = claimant(*mac);
        let what = match was.first() {
            Some(&was) => Unlike::Changed { was: claimant(was), is },
            None => Unlike::New { is },
        };
        let news = (at.interface.clone(), at.vlan, *address, *mac);
        let difference = Difference { at: at.clone(), address: *address, what };
        self.told.insert(news).then_some(difference)
    }

    /// Those that were saved and of whose addresses nobody is there.
    pub(crate) fn missing(
        &self,
        there: &[There],
        claimant: impl Fn(Mac) -> Claimant,
    ) -> Vec<Difference> {
        let addresses: BTreeSet<_> = there.iter().map(|host| host.address).collect();
        let is_there = |saved: &&Saved| {
            addresses.contains(&saved.address)
                && there
                    .iter()
                    .any(|host| host.address == saved.address && is_same_place(saved, &host.at))
        };
        let gone = self.hosts.iter().filter(|saved| !is_there(saved));
        gone.map(|saved| Difference {
            at: At { interface: saved.interface.clone(), vlan: saved.vlan },
            address: saved.address,
            what: Unlike::Missing { was: claimant(saved.mac) },
        })
        .collect()
    }
}

/// Also where one of the two does not say: a scan as text, and frames from a file.
fn is_same_place(saved: &Saved, at: &At) -> bool {
    let is_unknown = saved.interface.is_none() || at.interface.is_none();
    is_unknown || (saved.interface == at.interface && saved.vlan == at.vlan)
}

#[cfg(test)]
mod tests {
    use super::super::state::parse;
    use super::*;

    fn there(interface: &str, last: u8, mac: u8) -> There {
        let at = At { interface: Some(interface.into()), vlan: None };
        There { at, address: [192, 0, 2, last].into(), mac: Mac([2, 0, 0, 0, 0, mac]) }
    }

    fn claimant(mac: Mac) -> Claimant {
        Claimant { mac, vendor: None }
    }

    fn told(difference: &Difference) -> String {
        super::super::text::difference(difference)
    }

    #[test]
    fn new_changed_and_missing_are_told_apart_and_once() {
        let saved = "192.0.2.1\t02:00:00:00:00:01\n192.0.2.2\t02:00:00:00:00:02\n\
            192.0.2.3\t02:00:00:00:00:03\n192.0.2.3\t02:00:00:00:00:13\n";
        let mut baseline = Baseline::new(parse(saved.as_bytes()).hosts);
        let hosts =
            [there("eth0", 1, 1), there("eth0", 2, 9), there("eth0", 3, 0x13), there("eth0", 4, 4)];
        let mut compare = |host| baseline.compare(host, claimant).as_ref().map(told);
        let found: Vec<_> = hosts.iter().filter_map(&mut compare).collect();
        let expected = [
            "DIFFERENT 192.0.2.2 02:00:00:00:00:09 eth0: was 02:00:00:00:00:02",
            "NEW 192.0.2.4 02:00:00:00:00:04 eth0",
        ];
        assert_eq!(found, expected);
        assert!(hosts.iter().all(|host| compare(host).is_none()), "and once");
        let missing: Vec<_> = baseline.missing(&hosts[1..3], claimant).iter().map(told).collect();
        assert_eq!(missing, ["MISSING 192.0.2.1 02:00:00:00:00:01 ?"]);
    }

    #[test]
    fn same_address_by_another_interface_is_another_host() {
        let saved =
            "{\"interface\":\"eth0\",\"address\":\"192.0.2.1\",\"mac\":\"02:00:00:00:00:01\"}";
        let mut baseline = Baseline::new(parse(saved.as_bytes()).hosts);
        let host = there("eth1", 1, 1);
        let new = baseline.compare(&host, claimant).unwrap();
        assert!(matches!(new.what, Unlike::New { .. }), "{new:?}");
        assert_eq!(baseline.missing(&[host], claimant).len(), 1);
    }

    #[test]
    fn who_was_saved_as_gone_is_not_missing() {
        let saved = "{\"address\":\"192.0.2.1\",\"mac\":\"02:00:00:00:00:01\",\"present\":false}";
        let baseline = Baseline::new(parse(saved.as_bytes()).hosts);
        assert_eq!(baseline.missing(&[], claimant), []);
    }
}
