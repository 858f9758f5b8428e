//! What a scan is held against: who was saved (`--baseline`), and who the gateway is (`--pin-gateway`).

use std::net::{IpAddr, Ipv4Addr};

use anyhow::{Context as _, Result};
use wireline_engine::segment::{Port, Source};
use wireline_host::neighbours::{self, Neighbour, Tables};
use wireline_host::netlink::{Netlink, Subsystem};
use wireline_packet::Mac;

use super::complaint::{Complaint, complain};
use super::ports::Way;
use crate::event::{Facts, Host};
use crate::watch::baseline::{Baseline, There};
use crate::watch::event::{At, Difference};

/// What was saved, and who is there.
pub(crate) struct Expected {
    baseline: Baseline,
    there: Vec<There>,
}

impl Expected {
    /// Hosts that are remembered: more than any segment has.
    const MOST: usize = 1 << 20;

    pub(crate) const fn new(baseline: Baseline) -> Self {
        Self { baseline, there: Vec::new() }
    }

    /// Takes in somebody who is there, and says in what that is news. This machine is none.
    pub(crate) fn hear(&mut self, host: &Host, facts: &Facts<'_>) -> Option<Difference> {
        let at = At { interface: host.interface.clone(), vlan: host.vlan };
        let there = There { at, address: host.address, mac: host.mac };
        let claimant = |mac| facts.claimant(mac);
        let news = match host.source {
            Source::Own => None,
            _ => self.baseline.compare(&there, claimant),
        };
        if host.answers <= 1 && self.there.len() < Self::MOST {
            self.there.push(there);
        }
        news
    }

    /// Those that were saved, were asked and did not answer.
    pub(crate) fn missing(&self, ports: &[Port], facts: &Facts<'_>) -> Vec<Difference> {
        let mut missing = self.baseline.missing(&self.there, |mac| facts.claimant(mac));
        missing.retain(|difference| was_asked(difference, ports, &facts.interfaces));
        missing
    }
}

fn was_asked(difference: &Difference, ports: &[Port], interfaces: &[Option<String>]) -> bool {
    let Difference { at, address: IpAddr::V4(address), .. } = difference else { return false };
    ports.iter().zip(interfaces).any(|(port, interface)| {
        let is_there = at.interface.is_none()
            || interface.is_none()
            || (at.interface == *interface && at.vlan == port.vlan);
        is_there && port.targets.position(*address).is_some()
    })
}

/// Says who each gateway is: the one that was named, else the one that was saved, else the one that the kernel has.
pub(crate) fn pin(
    ports: &mut [Port],
    ways: &[Way],
    named: Option<Mac>,
    saved: Option<&Baseline>,
) -> Result<()> {
    let kernel = if named.is_some() { Vec::new() } else { kernel()? };
    let mut count = 0;
    for port in ports {
        let way = usize::try_from(port.flow).ok().and_then(|flow| ways.get(flow));
        let Some(way) = way else { continue };
        let at = At { interface: Some(way.name.clone()), vlan: port.vlan };
        for gateway in &mut port.gateways {
            let address = gateway.address;
            let saved = || saved.and_then(|saved| saved.mac(&at, address.into()));
            let known = named.or_else(saved).or_else(|| believed(&kernel, way.index, address));
            let Some(mac) = known else { return Err(unknown(address).into()) };
            gateway.mac = Some(mac);
            count += 1;
            if port.targets.position(address).is_none() {
                let name = &way.name;
                complain(&format!("WARNING: --pin-gateway: {address} [{name}] is not asked"));
            }
        }
    }
    if count == 0 {
        return Err(
            Complaint::new("--pin-gateway: no default route leaves by what is scanned").into()
        );
    }
    Ok(())
}

fn unknown(gateway: Ipv4Addr) -> Complaint {
    Complaint::new(format!(
        "--pin-gateway: nobody knows who {gateway} was, neither --baseline nor the kernel: \
         --pin-gateway=MAC says it"
    ))
}

fn kernel() -> Result<Vec<Neighbour>> {
    let mut netlink = Netlink::open(Subsystem::Route).context("netlink")?;
    neighbours::list(&mut netlink, Tables::V4).context("netlink")
}

/// Whom the kernel would send to.
fn believed(kernel: &[Neighbour], index: u32, address: Ipv4Addr) -> Option<Mac> {
    let entries = kernel.iter().filter(|entry| entry.index == index && !entry.is_proxy());
    let mut entries = entries.filter(|entry| entry.address == address && entry.state.is_valid());
    entries.find_map(Neighbour::mac)
}

#[cfg(test)]
mod tests {
    use wireline_engine::segment::{Span, Targets};

    use super::*;
    use crate::event::Claimant;
    use crate::watch::event::Unlike;

    fn difference(interface: Option<&str>, last: u8) -> Difference {
        let was = Claimant { mac: Mac([2, 0, 0x5e, 0, 0x53, last]), vendor: None };
        let at = At { interface: interface.map(str::to_owned), vlan: None };
        Difference { at, address: [192, 0, 2, last].into(), what: Unlike::Missing { was } }
    }

    #[test]
    fn only_who_was_asked_there_can_be_missing() {
        let targets: Targets = [Span::one([192, 0, 2, 7].into())].into_iter().collect();
        let ports = [Port { targets, ..Port::default() }];
        let interfaces = [Some("eth0".to_owned())];
        let was_asked =
            |interface, last| was_asked(&difference(interface, last), &ports, &interfaces);
        assert!(was_asked(Some("eth0"), 7) && was_asked(None, 7));
        assert!(!was_asked(Some("eth1"), 7) && !was_asked(Some("eth0"), 8));
    }
}
