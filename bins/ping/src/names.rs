//! Names for the addresses in a line, without anybody waiting for them.

use std::cell::RefCell;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::rc::Rc;

use wireline_cli::escape;
use wireline_engine::echo::{Echoed, Event};
use wireline_host::{Name, Names, interface_name};
use wireline_packet::ipv4::Opt;

/// What an address is called in a line: `192.0.2.1`, or `name (192.0.2.1)` once the name is known.
///
/// The printer asks early and holds lines back for a while; the renderer prints what there is.
#[derive(Clone, Debug)]
pub(crate) struct Lookup {
    names: Option<Rc<RefCell<Names>>>,
    v4: bool,
}

impl Lookup {
    /// Addresses only.
    pub(crate) const fn numeric(v4: bool) -> Self {
        Self { names: None, v4 }
    }

    /// Names where there are any. Where no thread can be started there are none.
    pub(crate) fn named(v4: bool) -> Self {
        Self { names: Names::start().ok().map(|names| Rc::new(RefCell::new(names))), v4 }
    }

    /// Whether this run is over IPv4.
    pub(crate) const fn is_v4(&self) -> bool {
        self.v4
    }

    /// The names that are being looked up, if any are.
    pub(crate) fn names(&self) -> Option<&Rc<RefCell<Names>>> {
        self.names.as_ref()
    }

    /// The address as a line shows it.
    pub(crate) fn text(&self, address: SocketAddr) -> String {
        let number = numeric(address);
        let name = self.names.as_ref().map(|names| names.borrow_mut().get(address).clone());
        match name {
            Some(Name::Known(name)) if name != number => format!("{} ({number})", escape(&name)),
            _ => number,
        }
    }

    /// Whether every name that a line of this event may show has come, or will not.
    pub(crate) fn is_ready(&self, event: &Event) -> bool {
        let Some(names) = &self.names else { return true };
        let mut names = names.borrow_mut();
        // Each is asked for, so that all are on their way.
        let pending =
            addresses(event).into_iter().filter(|address| *names.get(*address) == Name::Pending);
        pending.count() == 0
    }
}

fn addresses(event: &Event) -> Vec<SocketAddr> {
    let v4 = |ip: &Ipv4Addr| SocketAddr::from((*ip, 0));
    match event {
        Event::Start(start) if start.address.is_ipv6() => vec![start.address],
        Event::Reply(Echoed { source, options, .. }) => {
            let mut all = vec![*source];
            for option in options {
                match option {
                    Opt::RecordRoute(route) | Opt::SourceRoute { route, .. } => {
                        all.extend(route.iter().map(v4));
                    }
                    Opt::Timestamps { entries, .. } => {
                        all.extend(entries.iter().filter_map(|e| e.0.as_ref().map(v4)));
                    }
                    _ => {}
                }
            }
            all
        }
        Event::Error(error) => vec![SocketAddr::new(error.from, 0)],
        _ => Vec::new(),
    }
}

/// Of one link only, for one host or for many (RFC 4291 §2.5.6, §2.7).
const fn is_link_local(address: Ipv6Addr) -> bool {
    address.is_unicast_link_local() || address.segments()[0] & 0xff0f == 0xff02
}

/// The address with the interface that a link-local one is on.
fn numeric(address: SocketAddr) -> String {
    match address {
        SocketAddr::V6(v6) if v6.scope_id() > 0 && is_link_local(*v6.ip()) => {
            let scope = interface_name(v6.scope_id()).unwrap_or_else(|_| v6.scope_id().to_string());
            format!("{}%{}", v6.ip(), escape(&scope))
        }
        other => other.ip().to_string(),
    }
}
