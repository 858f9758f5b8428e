//! Names to addresses.
//!
//! The system is asked as every other program asks it (getaddrinfo(3)), so that answers are the same; in a thread, for
//! that may wait as long as it likes. Knows no DNS message: whoever is to be asked instead is handed in
//! ([`Asker`](crate::spec::Asker)).

mod given;
mod hosts;

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::{OnceCell, oneshot};
use tokio::time::Instant;

use crate::event::{Event, NameSource};
use crate::failure::{Failure, Kind};
use crate::spec::{Asker, ConnectSpec, Family};
use crate::tell::Tell;

pub(crate) use given::elsewhere;

/// What was found stays for this long (curl's `CURLOPT_DNS_CACHE_TIMEOUT`).
const KEPT: Duration = Duration::from_secs(60);
/// Names that are remembered.
const MOST: usize = 4096;

/// A name that is to be found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Name<'a> {
    pub(crate) host: &'a str,
    pub(crate) port: u16,
    /// Of an IPv6 address (RFC 6874): an interface's name or number.
    pub(crate) zone: Option<&'a str>,
    /// Whether it is a proxy's.
    pub(crate) is_proxy: bool,
}

/// What a question came to: addresses, and who said so.
pub(crate) type Found = (Vec<IpAddr>, NameSource);

/// Names that were found in this run. Several who ask at the same time wait for one answer.
#[derive(Debug, Default)]
pub(crate) struct Names {
    known: RefCell<HashMap<(String, Family), Rc<Entry>>>,
}

#[derive(Debug)]
struct Entry {
    found: OnceCell<Found>,
    since: Instant,
}

/// Finds it; never empty.
pub(crate) async fn resolve(
    name: Name<'_>,
    spec: &ConnectSpec,
    names: &Names,
    tell: &Tell,
) -> Result<Vec<SocketAddr>, Failure> {
    let begin = tell.now();
    let (addresses, source) = match known(name, spec) {
        Some(found) => found,
        None => ask(name, spec, names, tell).await?,
    };
    let addresses: Vec<_> = addresses.into_iter().filter(|one| is_of(spec.family, *one)).collect();
    let (host, took) = (name.host.to_owned(), tell.now().saturating_sub(begin));
    let sockets: Result<Vec<_>, _> =
        addresses.iter().map(|one| socket_address(*one, name)).collect();
    let is_literal = source == NameSource::Literal;
    tell.event(&Event::Resolved { host, addresses, source, took });
    match sockets? {
        none if none.is_empty() && is_literal => {
            Err(Failure::new(Kind::Connect, "Could not connect to server"))
        }
        none if none.is_empty() => Err(not_found(name)),
        sockets => Ok(sockets),
    }
}

/// Without asking anybody.
fn known(name: Name<'_>, spec: &ConnectSpec) -> Option<Found> {
    if let Some(given) = given::override_for(&spec.overrides, name.host, name.port) {
        return Some((given.to_vec(), NameSource::Override));
    }
    if let Ok(address) = name.host.parse() {
        return Some((vec![address], NameSource::Literal));
    }
    is_localhost(name.host).then(|| {
        let both = vec![IpAddr::V6(Ipv6Addr::LOCALHOST), IpAddr::V4(Ipv4Addr::LOCALHOST)];
        (both, NameSource::Loopback)
    })
}

/// `localhost` and what is below it (RFC 6761 §6.3).
fn is_localhost(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let last = host.rsplit('.').next().unwrap_or_default();
    last.eq_ignore_ascii_case("localhost")
}

async fn ask(
    name: Name<'_>,
    spec: &ConnectSpec,
    names: &Names,
    tell: &Tell,
) -> Result<Found, Failure> {
    let entry = names.entry(name.host, spec.family, Instant::now());
    if let Some((addresses, _)) = entry.found.get() {
        return Ok((addresses.clone(), NameSource::Cache));
    }
    if spec.asker.is_none() && (spec.doh.is_some() || !spec.name_servers.is_empty()) {
        return Err(Failure::new(
            Kind::Setup,
            "nobody is there to ask a name server that was named",
        ));
    }
    tell.event(&Event::Resolving { host: name.host.to_owned(), port: name.port });
    let asking = async {
        let found = match &spec.asker {
            Some(asker) => ask_other(asker, name.host, spec.family).await,
            None => ask_system(name.host, spec.family).await,
        };
        match found {
            Ok(found) if found.0.is_empty() => Err("no addresses".to_owned()),
            other => other,
        }
    };
    let found = entry.found.get_or_try_init(|| asking).await;
    found.cloned().map_err(|why| {
        tell.note(format!("{}: {why}", name.host));
        not_found(name)
    })
}

impl Names {
    fn entry(&self, host: &str, family: Family, now: Instant) -> Rc<Entry> {
        let mut known = self.known.borrow_mut();
        if known.len() >= MOST {
            known.clear();
        }
        let fresh = || Rc::new(Entry { found: OnceCell::new(), since: now });
        let entry = known.entry((host.to_ascii_lowercase(), family)).or_insert_with(fresh);
        if now.saturating_duration_since(entry.since) > KEPT {
            *entry = fresh();
        }
        Rc::clone(entry)
    }
}

fn not_found(name: Name<'_>) -> Failure {
    if name.is_proxy {
        let text = format!("Could not resolve proxy: {}", name.host);
        return Failure::new(Kind::ProxyName, text);
    }
    Failure::new(Kind::Name, format!("Could not resolve host: {}", name.host))
}

fn is_of(family: Family, address: IpAddr) -> bool {
    match family {
        Family::Any => true,
        Family::V4 => address.is_ipv4(),
        Family::V6 => address.is_ipv6(),
    }
}

fn socket_address(address: IpAddr, name: Name<'_>) -> Result<SocketAddr, Failure> {
    match (address, name.zone) {
        (IpAddr::V6(v6), Some(zone)) => {
            let scope = scope(zone).ok_or_else(|| {
                let text = format!("Invalid zoneid: {zone}; No such device");
                Failure::new(Kind::Connect, text)
            })?;
            Ok(SocketAddr::V6(SocketAddrV6::new(v6, name.port, 0, scope)))
        }
        _ => Ok(SocketAddr::new(address, name.port)),
    }
}

fn scope(zone: &str) -> Option<u32> {
    if let Ok(number) = zone.parse() {
        return Some(number);
    }
    if zone.is_empty() || zone.contains('/') || zone.starts_with('.') {
        return None;
    }
    let path = std::path::Path::new("/sys/class/net").join(zone).join("ifindex");
    std::fs::read_to_string(path).ok()?.trim().parse().ok()
}

/// getaddrinfo(3), in a thread. A thread that is not waited for any longer goes on alone, and is nobody's.
pub(crate) async fn ask_system(host: &str, family: Family) -> Result<Found, String> {
    let owned = host.to_owned();
    in_thread(move || {
        let hints = dns_lookup::AddrInfoHints {
            socktype: dns_lookup::SockType::Stream.into(),
            address: match family {
                Family::Any => 0,
                Family::V4 => dns_lookup::AddrFamily::Inet.into(),
                Family::V6 => dns_lookup::AddrFamily::Inet6.into(),
            },
            ..dns_lookup::AddrInfoHints::default()
        };
        let found = dns_lookup::getaddrinfo(Some(&owned), None, Some(hints));
        let found = found.map_err(|why| reason(&std::io::Error::from(why)))?;
        let addresses = found.flatten().map(|one| one.sockaddr.ip()).collect();
        let in_hosts = hosts::has(&owned);
        Ok((addresses, NameSource::System { in_hosts }))
    })
    .await
}

fn reason(why: &std::io::Error) -> String {
    let text = why.to_string();
    text.strip_prefix("failed to lookup address information: ").unwrap_or(&text).to_owned()
}

async fn ask_other(asker: &Asker, host: &str, family: Family) -> Result<Found, String> {
    let (asker, host) = (asker.clone(), host.to_owned());
    in_thread(move || (asker.0)(&host, family)).await
}

async fn in_thread(
    work: impl FnOnce() -> Result<Found, String> + Send + 'static,
) -> Result<Found, String> {
    let (sender, receiver) = oneshot::channel();
    let thread = std::thread::Builder::new().name("names".to_owned()).spawn(move || {
        let _ = sender.send(work());
    });
    thread.map_err(|why| why.to_string())?;
    receiver.await.map_err(|_| "nobody answered".to_owned())?
}

#[cfg(test)]
mod tests;
