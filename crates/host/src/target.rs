use std::net::{IpAddr, SocketAddr};

use dns_lookup::{AddrInfo, AddrInfoHints, LookupError, getaddrinfo};

/// Which addresses will do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Family {
    /// Whichever the system's resolver puts first (RFC 6724).
    #[default]
    Any,
    /// `-4`.
    V4,
    /// `-6`.
    V6,
}

/// Who a probe is for: the name as typed, and what it turned out to mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// As typed.
    pub name: String,
    /// The name that the resolver calls the official one; as typed where it gives none.
    pub canonical: String,
    /// The addresses in the resolver's order, at least one. IPv6 ones keep their scope.
    pub addresses: Vec<SocketAddr>,
    /// Whether it was typed as an address, in any of the forms that `inet_aton(3)` knows.
    pub is_numeric: bool,
}

/// A name without an address of the family asked for.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {why}")]
pub struct UnknownHost {
    name: String,
    why: String,
}

/// `netdb.h` of Linux.
mod flags {
    pub(super) const AI_CANONNAME: i32 = 0x0002;
    pub(super) const AI_NUMERICHOST: i32 = 0x0004;
    pub(super) const SOCK_DGRAM: i32 = 2;
    pub(super) const AF_UNSPEC: i32 = 0;
    pub(super) const AF_INET: i32 = 2;
    pub(super) const AF_INET6: i32 = 10;
}

impl Target {
    /// Looks up a name as every other program here does (getaddrinfo(3): `/etc/hosts`, mDNS, DNS).
    /// A numeric address is taken as it is, without a query.
    pub fn resolve(name: &str, family: Family) -> Result<Self, UnknownHost> {
        if let Some(target) = Self::numeric(name, family) {
            return Ok(target);
        }
        let found =
            lookup(name, family, flags::AI_CANONNAME).map_err(|why| UnknownHost::new(name, why))?;
        let canonical = found.iter().find_map(|info| info.canonname.clone());
        Ok(Self::new(name, canonical, addresses(&found), false))
    }

    /// An address in any of the forms that `inet_aton(3)` knows, without a look at any name.
    #[must_use]
    pub fn numeric(name: &str, family: Family) -> Option<Self> {
        // The common case of all, for which libc need not be asked.
        if let Ok(address) = name.parse::<IpAddr>()
            && family.admits(address)
        {
            return Some(Self::new(name, None, vec![SocketAddr::new(address, 0)], true));
        }
        let found = lookup(name, family, flags::AI_NUMERICHOST).ok()?;
        Some(Self::new(name, None, addresses(&found), true))
    }

    fn new(
        name: &str,
        canonical: Option<String>,
        addresses: Vec<SocketAddr>,
        is_numeric: bool,
    ) -> Self {
        let canonical =
            canonical.filter(|name| !name.is_empty()).unwrap_or_else(|| name.to_owned());
        Self { name: name.to_owned(), canonical, addresses, is_numeric }
    }

    /// The address to use.
    #[expect(clippy::missing_panics_doc, reason = "`resolve` makes none without an address")]
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        *self.addresses.first().expect("see `resolve`")
    }
}

/// At least one address, or why there is none.
fn lookup(name: &str, family: Family, flags: i32) -> Result<Vec<AddrInfo>, LookupError> {
    /// `EAI_NONAME` of Linux.
    const NO_NAME: i32 = -2;
    let address = match family {
        Family::Any => flags::AF_UNSPEC,
        Family::V4 => flags::AF_INET,
        Family::V6 => flags::AF_INET6,
    };
    let hints = AddrInfoHints { flags, address, socktype: flags::SOCK_DGRAM, protocol: 0 };
    let found: Vec<_> =
        getaddrinfo(Some(name), None, Some(hints))?.filter_map(Result::ok).collect();
    if found.is_empty() { Err(LookupError::new(NO_NAME)) } else { Ok(found) }
}

fn addresses(found: &[AddrInfo]) -> Vec<SocketAddr> {
    found.iter().map(|info| info.sockaddr).collect()
}

impl UnknownHost {
    fn new(name: &str, why: LookupError) -> Self {
        let why = std::io::Error::from(why).to_string();
        // gai_strerror(3) alone, without what the crate says before it.
        let why = why.rsplit_once(": ").map_or(why.as_str(), |(_, text)| text).to_owned();
        Self { name: name.to_owned(), why }
    }
}

impl Family {
    const fn admits(self, address: IpAddr) -> bool {
        match self {
            Self::Any => true,
            Self::V4 => address.is_ipv4(),
            Self::V6 => address.is_ipv6(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_an_address_needs_no_lookup() {
        for (typed, meant) in [
            ("192.0.2.7", "192.0.2.7:0"),
            ("0", "0.0.0.0:0"),
            ("127.1", "127.0.0.1:0"),
            ("2130706433", "127.0.0.1:0"),
            ("0x7f.1", "127.0.0.1:0"),
            ("2001:db8::1", "[2001:db8::1]:0"),
        ] {
            let target = Target::resolve(typed, Family::Any).unwrap();
            assert_eq!((target.address().to_string().as_str(), target.is_numeric), (meant, true));
            assert_eq!((target.name.as_str(), target.canonical.as_str()), (typed, typed));
        }
    }

    #[test]
    fn a_scope_is_kept() {
        let target = Target::resolve("fe80::1%lo", Family::Any).unwrap();
        let SocketAddr::V6(address) = target.address() else { panic!("{target:?}") };
        assert!(address.scope_id() > 0);
    }

    #[test]
    fn address_of_the_other_family_is_refused_in_the_resolvers_words() {
        let err = Target::resolve("192.0.2.7", Family::V6).unwrap_err();
        assert_eq!(err.to_string(), "192.0.2.7: Address family for hostname not supported");
    }

    #[test]
    fn what_cannot_be_a_name_is_unknown_and_no_panic() {
        for name in ["", "nowhere.invalid", &"x".repeat(300), "a\0b"] {
            assert!(Target::resolve(name, Family::Any).is_err(), "{name:?}");
        }
    }
}
