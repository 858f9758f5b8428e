use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use wireline_packet::Mac;

/// Who else claims the addresses of hosts, and who else is there; what strangers make it grow by is
/// bounded.
#[derive(Debug, Default)]
pub(super) struct Claims {
    /// Further link-layer addresses of a host, zero where there are no more.
    others: BTreeMap<u32, [Mac; OTHERS]>,
    /// Who spoke unasked: port, address and link-layer address.
    strangers: BTreeSet<(u32, Ipv4Addr, Mac)>,
    /// Findings that were told.
    told: BTreeSet<(u32, Ipv4Addr, Mac)>,
}

/// Claimants of an address after the first that are told apart.
const OTHERS: usize = 4;
/// Strangers that are remembered: more than a /20 has hosts.
const STRANGERS: usize = 4096;
/// Findings about own addresses and gateways that are told.
const TOLD: usize = 64;

/// Whether something is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Memory {
    /// From now on.
    New,
    /// It was before.
    Known,
    /// There is no room for it.
    Full,
}

impl Claims {
    /// A host whose first answer was another's is claimed by `mac`.
    pub(super) fn claim(&mut self, host: u32, mac: Mac) -> Memory {
        let others = self.others.entry(host).or_default();
        for other in others {
            if *other == mac {
                return Memory::Known;
            }
            if *other == Mac::ZERO {
                *other = mac;
                return Memory::New;
            }
        }
        Memory::Full
    }

    /// Who claims a host, but for the first.
    pub(super) fn others(&self, host: u32) -> impl Iterator<Item = Mac> {
        self.others.get(&host).into_iter().flatten().copied().filter(|mac| *mac != Mac::ZERO)
    }

    /// Somebody spoke unasked.
    pub(super) fn overheard(&mut self, port: u32, address: Ipv4Addr, mac: Mac) -> Memory {
        remember(&mut self.strangers, (port, address, mac), STRANGERS)
    }

    /// Those who spoke for an address unasked.
    pub(super) fn speakers(&self, port: u32, address: Ipv4Addr) -> impl Iterator<Item = Mac> {
        let range = (port, address, Mac::ZERO)..=(port, address, Mac::BROADCAST);
        self.strangers.range(range).map(|(_, _, mac)| *mac)
    }

    /// Whether a finding is to be told.
    pub(super) fn is_news(&mut self, port: u32, address: Ipv4Addr, mac: Mac) -> bool {
        remember(&mut self.told, (port, address, mac), TOLD) == Memory::New
    }
}

fn remember<T: Ord>(set: &mut BTreeSet<T>, item: T, most: usize) -> Memory {
    if set.contains(&item) {
        Memory::Known
    } else if set.len() >= most {
        Memory::Full
    } else {
        set.insert(item);
        Memory::New
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Memory::{Full, Known, New};

    fn mac(n: u32) -> Mac {
        let [_, _, octets @ ..] = (0x0200_0000_0000 | u64::from(n)).to_be_bytes();
        Mac(octets)
    }

    #[test]
    fn claimants_are_told_apart_up_to_a_bound() {
        let mut claims = Claims::default();
        let memories = [1, 1, 2, 3, 4, 5, 4].map(|n| claims.claim(7, mac(n)));
        assert_eq!(memories, [New, Known, New, New, New, Full, Known]);
        assert!(claims.others(7).eq([1, 2, 3, 4].map(mac)));
        assert_eq!(claims.others(8).count(), 0);
    }

    #[test]
    fn strangers_take_no_endless_memory() {
        let mut claims = Claims::default();
        let address = Ipv4Addr::new(192, 0, 2, 1);
        for n in 0..10_000 {
            claims.overheard(0, address, mac(n));
        }
        assert_eq!(claims.strangers.len(), STRANGERS);
        assert_eq!(claims.overheard(0, address, mac(0)), Known);
        assert_eq!(claims.overheard(1, address, mac(0)), Full);
        assert_eq!(claims.speakers(0, address).count(), STRANGERS);
        assert_eq!(claims.speakers(0, Ipv4Addr::new(192, 0, 2, 2)).count(), 0);
    }
}
