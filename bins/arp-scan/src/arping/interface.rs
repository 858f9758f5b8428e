//! By which interface to ask, and from which address.

use std::fmt;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use anyhow::Result;
use wireline_cli::{Exit, Refusal, escape};
use wireline_engine::errno_text;
use wireline_host::default_interface::usable;
use wireline_host::links::{AddressV4, Link, addresses_v4, flags, links};
use wireline_host::netlink::{Netlink, Subsystem};
use wireline_host::way_out;
use wireline_net::{NoRoute, Via, is_local, source_address};
use wireline_packet::Mac;

use super::config::{Config, Mode};

/// The interfaces of this machine.
pub(crate) struct Interfaces {
    netlink: Netlink,
    links: Vec<Link>,
    addresses: Vec<AddressV4>,
}

/// Why an interface will not do, in the words of iputils, which puts them on stdout.
#[derive(Debug)]
pub(crate) struct Unfit {
    name: String,
    why: &'static str,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Interface \"{}\" {}", self.name, self.why)
    }
}

impl std::error::Error for Unfit {}

impl Interfaces {
    pub(crate) fn read() -> Result<Self> {
        let mut netlink = Netlink::open(Subsystem::Route)?;
        let (links, addresses) = (links(&mut netlink)?, addresses_v4(&mut netlink)?);
        Ok(Self { netlink, links, addresses })
    }

    /// The one of this name.
    pub(crate) fn named(&self, name: &str) -> Result<Link> {
        let link = self.links.iter().find(|link| link.name == name);
        // iputils does not see an interface without any link-layer address.
        let link = link.filter(|link| !link.address.is_empty());
        let unknown = || Refusal::new(Exit::FAILED, format!("Device {name} not available."));
        Ok(fit(link.ok_or_else(unknown)?)?.clone())
    }

    /// The one by which the kernel would send to an address.
    pub(crate) fn towards(&mut self, target: Ipv4Addr, mode: Mode) -> Result<Link> {
        let way = way_out(&mut self.netlink, target)?;
        let owner = || self.addresses.iter().find(|address| address.local == target);
        let index = match way {
            // Whether somebody else has our address, and telling that it is ours, is a matter of the wire.
            Some(way) if way.is_local && mode != Mode::Ask => {
                owner().map_or(way.index, |address| address.index)
            }
            Some(way) => way.index,
            None => self.only().ok_or_else(undetermined)?.index,
        };
        let link = self.links.iter().find(|link| link.index == index);
        Ok(fit(link.ok_or_else(undetermined)?)?.clone())
    }

    /// The only one that would do, where no route tells.
    fn only(&self) -> Option<&Link> {
        match self.fitting().as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// All by which a name that is yet to be looked up may turn out to be reached.
    pub(crate) fn likely(&self) -> Vec<Link> {
        let has_address =
            |link: &Link| self.addresses.iter().any(|address| address.index == link.index);
        let only = self.only().map(|link| link.index);
        let is_likely = |link: &&Link| has_address(link) || Some(link.index) == only;
        self.fitting().into_iter().filter(is_likely).cloned().collect()
    }

    /// Whether there is a cable now, with somebody at its other end. Where nobody knows, there is.
    pub(crate) fn has_carrier(&mut self, index: u32) -> bool {
        let links = links(&mut self.netlink).unwrap_or_default();
        links.iter().find(|link| link.index == index).is_none_or(Link::has_carrier)
    }

    fn fitting(&self) -> Vec<&Link> {
        usable(&self.links).into_iter().filter(|link| fit(link).is_ok()).collect()
    }
}

fn undetermined() -> Refusal {
    let why = "Suitable device could not be determined. Please, use option -I.";
    Refusal::new(Exit::FAILED, why)
}

/// Whether iputils would ask on it.
fn fit(link: &Link) -> Result<&Link, Unfit> {
    let unfit = |why| Err(Unfit { name: link.name.clone(), why });
    match link.flags {
        _ if link.address.is_empty() => unfit("is not ARPable (no ll address)"),
        flags if flags & flags::UP == 0 => unfit("is down"),
        flags if flags & (flags::NO_ARP | flags::LOOPBACK) != 0 => unfit("is not ARPable"),
        _ if link.arpable().is_err() => unfit("is not ARPable (no ll address)"),
        _ => Ok(link),
    }
}

impl Unfit {
    /// Says so where iputils does.
    pub(crate) fn tell(&self, quiet: bool) {
        if !quiet {
            // Whoever does not read it has the exit code.
            let _ = writeln!(std::io::stdout(), "{}", escape(&self.to_string()));
        }
    }
}

/// The Ethernet address that frames come from.
pub(crate) fn own(link: &Link) -> Mac {
    link.mac().unwrap_or_default()
}

/// The address that requests come from.
pub(crate) fn source(
    program: &str,
    config: &Config,
    link: &Link,
    target: Ipv4Addr,
) -> Result<Ipv4Addr> {
    let announced = (config.mode == Mode::Announce).then_some(target);
    match config.source.filter(|source| !source.is_unspecified()).or(announced) {
        Some(source) if config.force || is_local(source.into()) => Ok(source),
        Some(_) => Err(Refusal::new(Exit::FAILED, "bind: Cannot assign requested address").into()),
        None if config.mode == Mode::Detect || config.source.is_some() => Ok(Ipv4Addr::UNSPECIFIED),
        None => routed(program, link, target),
    }
}

/// The one that the kernel would take on this interface, as if everybody were on its link.
fn routed(program: &str, link: &Link, target: Ipv4Addr) -> Result<Ipv4Addr> {
    let to = SocketAddr::from((target, 0));
    let via = Via { device: Some(&link.name), on_link: true, ..Via::default() };
    let asked = match source_address(to, via) {
        // Kernels before 5.7 want a capability for that.
        Err(NoRoute::Device(why)) => {
            let message = format!("WARNING: interface is ignored: {}", errno_text(&why));
            let _ = writeln!(std::io::stderr(), "{program}: {message}");
            source_address(to, Via { device: None, ..via })
        }
        other => other,
    };
    match asked {
        Ok(IpAddr::V4(source)) if !source.is_unspecified() => Ok(source),
        Ok(_) => Err(Refusal::new(Exit::FAILED, "no source address in not-DAD mode").into()),
        Err(why) => Err(Refusal::new(Exit::FAILED, unreachable(&why)).into()),
    }
}

fn unreachable(why: &NoRoute) -> String {
    match why {
        NoRoute::Broadcast => "connect: Permission denied".to_owned(),
        NoRoute::Device(why) | NoRoute::Bind(why) | NoRoute::Connect(why) => {
            format!("connect: {}", errno_text(why))
        }
        other => other.to_string(),
    }
}
