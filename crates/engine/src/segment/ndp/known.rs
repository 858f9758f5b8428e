//! Addresses that are known to be there, and who has them.

use std::collections::HashMap;
use std::net::Ipv6Addr;

use wireline_packet::Mac;

/// Somebody says that an address is at a link-layer address.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    pub(super) port: u32,
    pub(super) address: Ipv6Addr,
    pub(super) mac: Mac,
    pub(super) frame_mac: Mac,
}

/// What a claim is to those before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The first of this address.
    New,
    /// One more.
    Repeat,
    /// Another has said so too; all that have.
    Conflict(Vec<Mac>),
    /// There is no room to remember it.
    Forgotten,
}

/// Strangers may make up addresses as fast as they can send.
const MOST: usize = 1 << 16;

/// Of one address.
const MOST_MACS: usize = 8;

#[derive(Debug, Default)]
pub(super) struct Known {
    addresses: HashMap<(u32, Ipv6Addr), Vec<Mac>>,
}

impl Known {
    pub(super) fn has(&self, port: u32, address: Ipv6Addr) -> bool {
        self.addresses.contains_key(&(port, address))
    }

    /// Takes in a claim. One that `may_differ` is no conflict: several have an anycast address, and a proxy
    /// speaks for another (RFC 4861 §7.2.7, §7.2.8).
    pub(super) fn claim(&mut self, claim: Claim, may_differ: bool) -> Verdict {
        let count = self.addresses.len();
        match self.addresses.get_mut(&(claim.port, claim.address)) {
            None if count >= MOST => Verdict::Forgotten,
            None => {
                self.addresses.insert((claim.port, claim.address), vec![claim.mac]);
                Verdict::New
            }
            Some(macs) if macs.contains(&claim.mac) || macs.len() >= MOST_MACS || may_differ => {
                Verdict::Repeat
            }
            Some(macs) => {
                macs.push(claim.mac);
                Verdict::Conflict(macs.clone())
            }
        }
    }
}
