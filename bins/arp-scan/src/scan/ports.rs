//! By which interfaces to ask, and why not by others.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use anyhow::{Context as _, Result};
use rustix::event::{Timespec, poll};
use wireline_engine::segment::{Gateway, Port, Span};
use wireline_host::default_interface::{DefaultRoute, default_interface, default_routes, usable};
use wireline_host::links::{AddressV4, Link, NotArpable, addresses_v4, links};
use wireline_host::netlink::{Netlink, Subsystem};
use wireline_net::Clock;
use wireline_packet::Mac;

use super::complaint::{Complaint, complain};

/// What this machine says of its interfaces.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub(crate) links: Vec<Link>,
    pub(crate) addresses: Vec<AddressV4>,
    pub(crate) routes: Vec<DefaultRoute>,
}

/// An interface to ask by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    /// Its name, or that of the alias that was asked for.
    pub(crate) name: String,
    /// Its number.
    pub(crate) index: u32,
    pub(crate) mac: Mac,
    /// What requests come from.
    pub(crate) address: Option<Ipv4Addr>,
    /// Of that address: the first and the last of its network, and its mask.
    pub(crate) network: Option<(Span, Ipv4Addr)>,
    /// All addresses, and their networks.
    pub(crate) own: Vec<Ipv4Addr>,
    pub(crate) networks: Vec<Span>,
    /// Routers by which a default route leaves there.
    pub(crate) gateways: Vec<Ipv4Addr>,
}

impl Facts {
    pub(crate) fn read() -> Result<Self> {
        let mut netlink = Netlink::open(Subsystem::Route).context("netlink")?;
        Ok(Self {
            links: links(&mut netlink).context("netlink")?,
            addresses: addresses_v4(&mut netlink).context("netlink")?,
            routes: default_routes(&mut netlink).unwrap_or_default(),
        })
    }

    /// The interfaces that are meant: a list of names, `all`, or nobody said.
    pub(crate) fn choose(
        &self,
        names: Option<&str>,
        localnet: bool,
    ) -> Result<Vec<Way>, Complaint> {
        let Some(names) = names else {
            let link = default_interface(&self.links, &self.addresses, &self.routes);
            let link = link.ok_or_else(|| {
                Complaint::machine("no interface that somebody could be asked on is up")
            })?;
            return self.way(&link.name).map(|way| vec![way]);
        };
        if names == "all" {
            let ready = usable(&self.links).into_iter().filter(|link| link.has_carrier());
            let ways: Result<Vec<_>, _> = ready.map(|link| self.way(&link.name)).collect();
            return ways.and_then(|mut ways| {
                // Without an address there is no network of it.
                ways.retain(|way| !localnet || way.network.is_some());
                let none = "no interface that somebody could be asked on is up and has a carrier";
                if ways.is_empty() { Err(Complaint::machine(none)) } else { Ok(ways) }
            });
        }
        let mut ways: Vec<Way> = Vec::new();
        for name in names.split(',') {
            let way = self.way(name)?;
            if !ways.contains(&way) {
                ways.push(way);
            }
        }
        Ok(ways)
    }

    /// The interface of that name, or the one whose address has that label.
    fn way(&self, name: &str) -> Result<Way, Complaint> {
        let label = self.addresses.iter().find(|address| address.label == name);
        let link = self.links.iter().find(|link| match label {
            Some(label) => link.index == label.index,
            None => link.name == name,
        });
        let link = link.ok_or_else(|| {
            Complaint::machine(format!("{name}: No such device exists{}", self.hint(name)))
        })?;
        let mac = link.arpable().map_err(|why| self.not_arpable(name, why))?;
        if !link.is_up() {
            let hint = self.hint(name);
            let why = format!("{name}: it is down: ip link set {name} up{hint}");
            return Err(Complaint::machine(why));
        }
        let own: Vec<_> = self.addresses.iter().filter(|own| own.index == link.index).collect();
        let first = own.iter().find(|own| own.label == name).or(own.first()).copied();
        let network = |own: &AddressV4| Span::network(own.local, own.prefix);
        Ok(Way {
            name: name.to_owned(),
            index: link.index,
            mac,
            address: first.map(|own| own.local),
            network: first.map(|own| (network(own), mask(own.prefix))),
            own: own.iter().map(|own| own.local).collect(),
            networks: own.iter().map(|own| network(own)).collect(),
            gateways: self.gateways(link.index),
        })
    }

    fn not_arpable(&self, name: &str, why: NotArpable) -> Complaint {
        let hint = self.hint(name);
        Complaint::machine(format!(
            "Could not obtain MAC address for interface {name}: {why}{hint}"
        ))
    }

    fn gateways(&self, index: u32) -> Vec<Ipv4Addr> {
        let routes = self.routes.iter().filter(|route| route.index == index);
        let v4 = |route: &DefaultRoute| match route.gateway {
            Some(IpAddr::V4(gateway)) => Some(gateway),
            _ => None,
        };
        routes.filter_map(v4).collect()
    }

    /// Which others would do.
    fn hint(&self, name: &str) -> String {
        let others = usable(&self.links).into_iter().filter(|link| link.name != name);
        let others: Vec<_> = others.map(|link| link.name.as_str()).collect();
        match others[..] {
            [] => String::new(),
            _ => format!(" (usable: {})", others.join(", ")),
        }
    }

    /// Whether there is somebody at the other end.
    pub(crate) fn has_carrier(&self, index: u32) -> bool {
        self.links.iter().any(|link| link.index == index && link.has_carrier())
    }

    pub(crate) fn is_no_arp(&self, index: u32) -> bool {
        self.links.iter().any(|link| link.index == index && link.is_no_arp())
    }
}

/// Waits until all have a carrier, as long as that may take.
pub(crate) fn await_carriers(facts: &Facts, ways: &[Way], patience: Duration) -> Result<()> {
    let until = Clock.now() + patience;
    let mut latest = None;
    loop {
        let facts = latest.as_ref().unwrap_or(facts);
        let Some(dead) = ways.iter().find(|way| !facts.has_carrier(way.index)) else {
            return Ok(());
        };
        if Clock.now() >= until {
            let (name, hint) = (&dead.name, facts.hint(&dead.name));
            let why = format!(
                "{name}: no carrier: nobody is at the other end of the cable (--wait-carrier waits){hint}"
            );
            return Err(Complaint::machine(why).into());
        }
        // Nothing is polled: it only passes the time, and a signal ends the program.
        let moment = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };
        let _ = poll(&mut [], Some(&moment));
        latest = Some(Facts::read()?);
    }
}

/// What a person should know before it begins.
pub(crate) fn warn(facts: &Facts, way: &Way, has_sender: bool) {
    let name = &way.name;
    if facts.is_no_arp(way.index) {
        complain(&format!("WARNING: {name} has ARP switched off (NOARP): asking all the same"));
    }
    if way.address.is_none() && !has_sender {
        complain(&format!(
            "WARNING: Could not obtain IP address for interface {name}. Using 0.0.0.0 for\n\
             the source address, which may not be what you want.\n\
             Either configure {name} with an IP address, or manually specify the address\n\
             with the --arpspa option."
        ));
    }
}

impl Way {
    /// For the engine, with the tag of a VLAN.
    pub(crate) fn port(&self, flow: u32, vlan: Option<u16>, gateway: Option<Mac>) -> Port {
        let gateways = self.gateways.iter();
        Port {
            flow,
            vlan,
            mac: self.mac,
            address: self.address,
            own: self.own.clone(),
            networks: self.networks.clone(),
            gateways: gateways.map(|address| Gateway { address: *address, mac: gateway }).collect(),
            targets: wireline_engine::segment::Targets::default(),
        }
    }
}

fn mask(prefix: u8) -> Ipv4Addr {
    let hosts = u32::MAX.checked_shr(u32::from(prefix)).unwrap_or(0);
    (!hosts).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wireline_host::links::flags;

    fn link(index: u32, name: &str, flags: u32) -> Link {
        let address = vec![2, 0, 0, 0, 0, u8::try_from(index).unwrap()];
        Link { index, name: name.into(), flags, hardware: 1, address, ..Link::default() }
    }

    fn facts() -> Facts {
        let up = flags::UP | flags::LOWER_UP;
        let lo = Link { hardware: 772, address: vec![0; 6], ..link(1, "lo", up | flags::LOOPBACK) };
        let address = |index, label: &str, last| AddressV4 {
            index,
            label: label.into(),
            local: [192, 0, 2, last].into(),
            peer: [192, 0, 2, last].into(),
            broadcast: [192, 0, 2, 255].into(),
            prefix: 24,
        };
        Facts {
            links: vec![
                lo,
                link(2, "docker0", up),
                link(3, "eth0", up),
                link(4, "eth1", flags::UP),
                link(5, "eth2", 0),
            ],
            addresses: vec![address(3, "eth0", 7), address(3, "eth0:1", 8)],
            routes: vec![DefaultRoute {
                index: 3,
                gateway: Some([192, 0, 2, 1].into()),
                metric: 0,
                is_v6: false,
            }],
        }
    }

    fn refused(name: &str) -> String {
        facts().choose(Some(name), false).unwrap_err().to_string()
    }

    #[test]
    fn default_is_where_the_default_route_leaves() {
        let ways = facts().choose(None, false).unwrap();
        let [way] = &ways[..] else { panic!("{ways:?}") };
        assert_eq!((way.name.as_str(), way.address), ("eth0", Some([192, 0, 2, 7].into())));
        assert_eq!(way.gateways, [Ipv4Addr::from([192, 0, 2, 1])]);
        assert_eq!(way.network.unwrap().1, Ipv4Addr::from([255, 255, 255, 0]));
    }

    #[test]
    fn several_are_a_list_or_all_that_work() {
        let names = |text| {
            let ways = facts().choose(Some(text), false).unwrap();
            ways.into_iter().map(|way| way.name).collect::<Vec<_>>()
        };
        assert_eq!(names("eth0,docker0,eth0"), ["eth0", "docker0"]);
        assert_eq!(names("all"), ["docker0", "eth0"], "without those that have no carrier");
    }

    #[test]
    fn alias_is_its_interface_with_its_own_address() {
        let ways = facts().choose(Some("eth0:1"), false).unwrap();
        assert_eq!((ways[0].index, ways[0].address), (3, Some([192, 0, 2, 8].into())));
    }

    #[test]
    fn refusal_says_why_and_which_would_do() {
        let usable = "(usable: docker0, eth0, eth1)";
        for (name, why) in [
            ("nosuch", "No such device exists"),
            ("eth2", "it is down: ip link set eth2 up"),
            ("lo", "Could not obtain MAC address for interface lo: it is the loopback"),
        ] {
            let text = refused(name);
            assert!(text.contains(why) && text.ends_with(usable), "{text}");
        }
    }

    #[test]
    fn cable_that_is_out_is_an_error() {
        let facts = facts();
        let ways = facts.choose(Some("eth1"), false).unwrap();
        let why = await_carriers(&facts, &ways, Duration::ZERO).unwrap_err();
        assert!(why.to_string().contains("eth1: no carrier"), "{why}");
    }
}
