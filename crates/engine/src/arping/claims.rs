//! Who says that an address is his.

use std::net::Ipv4Addr;

use wireline_packet::Mac;

/// Machines that are remembered for an address: whoever invents more adds nothing that is worth telling.
const MOST: usize = 16;

/// An address, and all who said that it is theirs, in their order.
#[derive(Clone, Debug)]
pub(super) struct Claims {
    pub(super) address: Ipv4Addr,
    pub(super) macs: Vec<Mac>,
}

impl Claims {
    /// Whether this one is new, and not alone.
    pub(super) fn add(&mut self, mac: Mac) -> bool {
        if self.macs.len() >= MOST || self.macs.contains(&mac) {
            return false;
        }
        self.macs.push(mac);
        self.macs.len() > 1
    }
}
