//! Names of addresses.

use std::net::Ipv6Addr;

use data_encoding::HEXLOWER;

/// Octets that dig has room for, a NUL among them.
const ROOM: usize = 1024;

/// `ip6.arpa` of an IPv6 address (RFC 3596 §2.5). Of anything else the parts between dots backwards, and
/// `in-addr.arpa`: so a part of an address will do, and the names of RFC 2317. `None` if it is too long.
pub(crate) fn name(text: &str) -> Option<String> {
    if let Ok(address) = text.parse::<Ipv6Addr>() {
        let digits = HEXLOWER.encode(&address.octets());
        let backwards: String = digits.chars().rev().flat_map(|digit| [digit, '.']).collect();
        return Some(format!("{backwards}ip6.arpa"));
    }
    if text.len() + ".in-addr.arpa.".len() >= ROOM {
        return None;
    }
    let parts: Vec<_> = text.split('.').rev().collect();
    Some(format!("{}.in-addr.arpa.", parts.join(".")))
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn parts_of_addresses_have_names() {
        assert_eq!(name("192.0.2.1").unwrap(), "1.2.0.192.in-addr.arpa.");
        assert_eq!(name("10.1").unwrap(), "1.10.in-addr.arpa.");
        assert_eq!(name("0-127.2.0.192").unwrap(), "192.0.2.0-127.in-addr.arpa.");
    }

    #[test]
    fn ipv6_has_nibbles() {
        let expected = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa";
        assert_eq!(name("2001:db8::1").unwrap(), expected);
    }

    #[test]
    fn endless_addresses_have_none() {
        assert_eq!(name(&"1.".repeat(50_000)), None);
        assert_eq!(name(&"1".repeat(1009)).map(|name| name.len()), Some(1023));
        assert_eq!(name(&"1".repeat(1010)), None);
    }
}
