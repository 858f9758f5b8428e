//! Entries made and deleted: what the ioctls of arp(7) do, over rtnetlink(7).

use std::fs;
use std::io;
use std::net::IpAddr;

use wireline_host::links::{Link, links};
use wireline_host::neighbours::{self, Kind, LinkAddress, OnLink, on_link};
use wireline_host::netlink::{Netlink, NetlinkError};

use super::request::{Request, Source};

/// `errno` of Linux.
mod errno {
    pub(super) const ENOENT: i32 = 2;
    pub(super) const ENXIO: i32 = 6;
    pub(super) const ENODEV: i32 = 19;
    pub(super) const EINVAL: i32 = 22;
}

/// Why something was not done.
#[derive(Debug)]
pub(crate) enum Failure {
    /// An error of the kernel's, or one that its ioctl would have: printed behind what was tried.
    Kernel { call: &'static str, why: io::Error },
    /// There is no such entry.
    NoEntry,
    /// Said behind the program's name.
    Complaint(String),
}

/// Makes an entry (`SIOCSARP`). `hardware` is the type of `-H`, where it was given; what is said of it goes to
/// `tell`.
pub(crate) fn set(
    netlink: &mut Netlink,
    request: &Request,
    hardware: Option<u16>,
    tell: impl Fn(&str),
) -> Result<(), Failure> {
    let known = links(netlink).map_err(|why| kernel("SIOCSARP", &why))?;
    let (address, kind) = match &request.hardware {
        Source::Typed(mac) => (LinkAddress::from(*mac), hardware.unwrap_or(1)),
        Source::Device(name) => of_device(&known, name, hardware, &tell)?,
        Source::None => return Err(Failure::Complaint("need hardware address".to_owned())),
    };
    tell("SIOCSARP()");
    make(netlink, request, &known, address, kind).map_err(|why| kernel("SIOCSARP", &why))
}

/// Deletes an entry (`SIOCDARP`): that of a neighbour, or where there is none, a proxy entry.
pub(crate) fn delete(
    netlink: &mut Netlink,
    request: &Request,
    tell: impl Fn(&str),
) -> Result<(), Failure> {
    let known = links(netlink).map_err(|why| kernel("SIOCDARP", &why))?;
    let scope = request.scope;
    // Without either word, whichever there is.
    let (is_private, is_public) = (scope.private || !scope.public, scope.public || !scope.private);
    if is_private {
        tell("SIOCDARP(dontpub)");
        match delete_private(netlink, request, &known) {
            Ok(()) => return Ok(()),
            Err(why) if !is_nothing(&why) => return Err(kernel("SIOCDARP(dontpub)", &why)),
            Err(_) if !is_public => return Err(Failure::NoEntry),
            Err(_) => {}
        }
    }
    tell("SIOCDARP(pub)");
    match delete_public(netlink, request, &known) {
        Err(why) if is_nothing(&why) => Err(Failure::NoEntry),
        done => done.map_err(|why| kernel("SIOCDARP(pub)", &why)),
    }
}

fn make(
    netlink: &mut Netlink,
    request: &Request,
    known: &[Link],
    address: LinkAddress,
    kind: u16,
) -> Result<(), NetlinkError> {
    // Whoever may do nothing is told that, whatever else is wrong.
    neighbours::may_change(netlink)?;
    let is_public = request.scope.public;
    check(request, is_public)?;
    let named = named(request, known)?;
    if named.is_some_and(|link| link.hardware != kind) {
        return Err(refused(errno::EINVAL));
    }
    if is_public {
        let has = |link: &&Link| link.hardware == kind && link.address == address.octets();
        let link =
            named.or_else(|| known.iter().find(has)).ok_or_else(|| refused(errno::ENODEV))?;
        if request.mask.is_some() {
            return proxy_all(Some(link), true);
        }
        return neighbours::put(netlink, request.address, link.index, &Kind::Proxy);
    }
    let link = match named {
        Some(link) => link,
        None => by_route(netlink, request.address, known)?,
    };
    if link.hardware != kind {
        return Err(refused(errno::EINVAL));
    }
    let kind = if request.is_temporary { Kind::Temporary } else { Kind::Permanent };
    neighbours::put(netlink, request.address, link.index, &kind(address))
}

fn delete_private(
    netlink: &mut Netlink,
    request: &Request,
    known: &[Link],
) -> Result<(), NetlinkError> {
    neighbours::may_change(netlink)?;
    check(request, false)?;
    let link = match named(request, known)? {
        Some(link) => link,
        None => by_route(netlink, request.address, known)?,
    };
    neighbours::delete(netlink, request.address, link.index)
}

fn delete_public(
    netlink: &mut Netlink,
    request: &Request,
    known: &[Link],
) -> Result<(), NetlinkError> {
    neighbours::may_change(netlink)?;
    check(request, true)?;
    let link = named(request, known)?;
    if request.mask.is_some() {
        return proxy_all(link, false);
    }
    neighbours::delete_proxy(netlink, request.address, link.map_or(0, |link| link.index))
}

/// What arp(7) takes no request without: a mask and `dontpub` are of proxy entries, and the mask is nothing.
fn check(request: &Request, is_public: bool) -> Result<(), NetlinkError> {
    let has_public_words = request.mask.is_some() || request.dont_publish;
    let has_odd_mask = request.mask.is_some_and(|mask| !mask.is_unspecified());
    let is_wrong = (has_public_words && !is_public) || has_odd_mask;
    if is_wrong { Err(refused(errno::EINVAL)) } else { Ok(()) }
}

fn named<'a>(request: &Request, known: &'a [Link]) -> Result<Option<&'a Link>, NetlinkError> {
    let Some(name) = &request.device else { return Ok(None) };
    find(known, name).map(Some).ok_or_else(|| refused(errno::ENODEV))
}

/// By its name, or by another name of it.
fn find<'a>(known: &'a [Link], name: &str) -> Option<&'a Link> {
    let by_name = known.iter().find(|link| link.name == name);
    by_name.or_else(|| {
        // The kernel would cut an alias off.
        let index = Some(name).filter(|name| !name.contains(':'))?;
        let index = wireline_host::interface_index(index).ok()?;
        known.iter().find(|link| link.index == index)
    })
}

fn by_route<'a>(
    netlink: &mut Netlink,
    address: IpAddr,
    known: &'a [Link],
) -> Result<&'a Link, NetlinkError> {
    let found = match on_link(netlink, address)? {
        OnLink::Interface(index) => known.iter().find(|link| link.index == index),
        OnLink::Here => {
            known.iter().find(|link| link.flags & wireline_host::links::flags::LOOPBACK != 0)
        }
    };
    found.ok_or_else(|| refused(errno::ENODEV))
}

/// What a mask of nothing means: this machine answers for whatever it has a route to.
fn proxy_all(link: Option<&Link>, on: bool) -> Result<(), NetlinkError> {
    let name = link.map_or("all", |link| link.name.as_str());
    let path = format!("/proc/sys/net/ipv4/conf/{name}/proxy_arp");
    let written = fs::write(path, if on { "1" } else { "0" });
    written.map_err(|source| NetlinkError::Refused { source, message: None })
}

/// The hardware address of an interface, and of what kind it is.
fn of_device(
    known: &[Link],
    name: &str,
    hardware: Option<u16>,
    tell: &impl Fn(&str),
) -> Result<(LinkAddress, u16), Failure> {
    let link = find(known, name).ok_or_else(|| {
        Failure::Complaint(format!("cant get HW-Address for `{name}': No such device."))
    })?;
    if hardware.is_some_and(|hardware| hardware != link.hardware) {
        return Err(Failure::Complaint("protocol type mismatch.".to_owned()));
    }
    let address = LinkAddress::new(&link.address);
    let address = address.ok_or_else(|| Failure::Complaint(format!("{name}: no HW-Address")))?;
    let kind = super::hardware::Hardware::name_of(link.hardware);
    tell(&format!("device `{name}' has HW address {kind} `{address}'."));
    Ok((address, link.hardware))
}

fn refused(number: i32) -> NetlinkError {
    NetlinkError::Refused { source: io::Error::from_raw_os_error(number), message: None }
}

fn is_nothing(why: &NetlinkError) -> bool {
    matches!(why.errno(), Some(errno::ENOENT | errno::ENXIO))
}

fn kernel(call: &'static str, why: &NetlinkError) -> Failure {
    match why.errno() {
        Some(number) => Failure::Kernel { call, why: io::Error::from_raw_os_error(number) },
        None => Failure::Complaint(why.to_string()),
    }
}
