use std::cell::RefCell;
use std::net::{Ipv6Addr, SocketAddr};
use std::rc::Rc;

use wireline_cli::escape;
use wireline_host::{Name, Names, interface_name};

/// What an address is called in a line, without anybody waiting for it: a printer asks early and holds
/// lines back for a while, a renderer prints what there is.
#[derive(Clone, Debug, Default)]
pub struct Lookup {
    names: Option<Rc<RefCell<Names>>>,
}

impl Lookup {
    /// Addresses only.
    #[must_use]
    pub const fn numeric() -> Self {
        Self { names: None }
    }

    /// Names where there are any, so many looked up at once. Where no thread can be started there are
    /// none.
    #[must_use]
    pub fn named(at_once: usize) -> Self {
        Self { names: Names::start(at_once).ok().map(|names| Rc::new(RefCell::new(names))) }
    }

    /// Whether there are never any names.
    pub(crate) const fn is_numeric(&self) -> bool {
        self.names.is_none()
    }

    /// The names that are being looked up, if any are.
    pub(crate) fn names(&self) -> Option<&Rc<RefCell<Names>>> {
        self.names.as_ref()
    }

    /// The name, escaped, if it has come and says more than the address.
    #[must_use]
    pub fn name(&self, address: SocketAddr) -> Option<String> {
        let name = self.names.as_ref()?.borrow_mut().get(address).clone();
        match name {
            Name::Known(name) if name != numeric(address) => Some(escape(&name).into_owned()),
            _ => None,
        }
    }

    /// `192.0.2.1`, or `name (192.0.2.1)` where the name is known.
    #[must_use]
    pub fn text(&self, address: SocketAddr) -> String {
        let number = numeric(address);
        match self.name(address) {
            Some(name) => format!("{name} ({number})"),
            None => number,
        }
    }

    /// Whether the names of all of these have come, or will not.
    pub(crate) fn is_ready(&self, addresses: &[SocketAddr]) -> bool {
        let Some(names) = &self.names else { return true };
        let mut names = names.borrow_mut();
        // Each is asked for, so that all are on their way.
        addresses.iter().filter(|address| *names.get(**address) == Name::Pending).count() == 0
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
