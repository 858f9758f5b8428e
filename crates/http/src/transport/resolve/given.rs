//! What a person gave instead of a name server's answers: `--resolve` and `--connect-to`.

use std::net::IpAddr;

use crate::spec::{Elsewhere, Override};

/// The addresses given for this host and port. Later ones replace earlier ones of the same host and port; `*` is for
/// hosts that have none of their own.
pub(super) fn override_for<'a>(
    given: &'a [Override],
    host: &str,
    port: u16,
) -> Option<&'a [IpAddr]> {
    let last = |wanted: &str| {
        let mut fitting =
            given.iter().rev().filter(|one| one.port == port && is_same(&one.host, wanted));
        fitting.next().map(|one| one.addresses.as_slice()).filter(|them| !them.is_empty())
    };
    last(host).or_else(|| last("*"))
}

/// Where to go instead: the first that fits. Host and port are the URL's.
pub(crate) fn elsewhere(given: &[Elsewhere], host: &str, port: u16) -> Option<(String, u16)> {
    let fits = |one: &&Elsewhere| {
        one.host.as_deref().is_none_or(|wanted| is_same(wanted, host))
            && one.port.is_none_or(|wanted| wanted == port)
    };
    let one = given.iter().find(fits)?;
    let to_host = one.to_host.as_deref().unwrap_or(host);
    Some((bare(to_host).to_owned(), one.to_port.unwrap_or(port)))
}

fn is_same(one: &str, other: &str) -> bool {
    bare(one).eq_ignore_ascii_case(bare(other))
}

/// Without the brackets of an IPv6 address.
fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(host: &str, port: u16, addresses: &[&str]) -> Override {
        let addresses = addresses.iter().map(|one| one.parse().unwrap()).collect();
        Override { host: host.to_owned(), port, addresses }
    }

    #[test]
    fn last_override_of_a_host_and_port_counts() {
        let list = [given("a.example", 80, &["192.0.2.1"]), given("A.example", 80, &["192.0.2.2"])];
        let found = override_for(&list, "a.example", 80).unwrap();
        assert_eq!(found, ["192.0.2.2".parse::<IpAddr>().unwrap()]);
        assert_eq!(override_for(&list, "a.example", 81), None);
    }

    #[test]
    fn star_is_for_hosts_without_their_own() {
        let list = [given("a.example", 80, &["192.0.2.1"]), given("*", 80, &["192.0.2.9"])];
        let own = override_for(&list, "a.example", 80).unwrap();
        assert_eq!(own, ["192.0.2.1".parse::<IpAddr>().unwrap()]);
        assert!(override_for(&list, "b.example", 80).is_some());
    }

    #[test]
    fn removal_leaves_nothing() {
        let list = [given("a.example", 80, &["192.0.2.1"]), given("a.example", 80, &[])];
        assert_eq!(override_for(&list, "a.example", 80), None);
    }

    #[test]
    fn first_fitting_place_is_taken_and_empty_parts_stay() {
        let place = |host: Option<&str>, port, to_host: Option<&str>, to_port| Elsewhere {
            host: host.map(str::to_owned),
            port,
            to_host: to_host.map(str::to_owned),
            to_port,
        };
        let list = [
            place(Some("a.example"), Some(443), Some("[2001:db8::1]"), Some(8443)),
            place(None, Some(80), None, Some(8080)),
        ];
        assert_eq!(elsewhere(&list, "A.example", 443), Some(("2001:db8::1".to_owned(), 8443)));
        assert_eq!(elsewhere(&list, "b.example", 80), Some(("b.example".to_owned(), 8080)));
        assert_eq!(elsewhere(&list, "b.example", 443), None);
    }
}
