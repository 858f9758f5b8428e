//! Whether a gateway is who it should be.

use std::net::IpAddr;

use wireline_packet::Mac;

use super::hosts::Key;
use super::limits::Told;
use super::{Config, Event};
use crate::Instant;

/// All gateways that somebody wants to have an eye on.
#[derive(Debug)]
pub(super) struct Guards(Vec<Guard>, Told);

#[derive(Debug)]
struct Guard {
    key: Key,
    mac: Option<Mac>,
    is_pinned: bool,
}

impl Guards {
    /// Whoever has the address in what was known before is who it should be, where nobody said.
    pub(super) fn new(config: &Config) -> Self {
        let guards = config.gateways.iter().map(|gateway| {
            let key = Key { place: gateway.place, address: IpAddr::V4(gateway.address) };
            let known = config.known.iter();
            let mut known = known.filter(|it| (it.place, it.address) == (key.place, key.address));
            let mac = gateway.mac.or(known.next().map(|record| record.mac));
            Guard { key, mac, is_pinned: gateway.mac.is_some() }
        });
        Self(guards.collect(), Told::default())
    }

    /// Somebody claims an address: an alarm where it is a gateway's and they are not the gateway.
    pub(super) fn claim(&mut self, now: Instant, key: Key, mac: Mac) -> Option<Event> {
        let guard = self.0.iter_mut().find(|guard| guard.key == key)?;
        let was = *guard.mac.get_or_insert(mac);
        let pinned = guard.is_pinned;
        let Key { place, address } = key;
        let alarm = Event::GatewayChanged { place, address, was, mac, pinned };
        (was != mac && self.1.is_news(now, key, mac)).then_some(alarm)
    }

    /// An address is somebody else's for good: where nobody said who the gateway should be, that is it.
    pub(super) fn changed(&mut self, key: Key, mac: Mac) {
        let guard = self.0.iter_mut().find(|guard| guard.key == key && !guard.is_pinned);
        if let Some(guard) = guard {
            guard.mac = Some(mac);
        }
    }
}
