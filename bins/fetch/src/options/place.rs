//! Hosts and ports in options: `--connect-to`, `--resolve`.

use std::net::IpAddr;

use wireline_http::spec::{Elsewhere, Override};

/// `host:port:to_host:to_port`, any of which may be empty; addresses of IPv6 in brackets.
pub(super) fn elsewhere(text: &str) -> Option<Elsewhere> {
    let (host, rest) = host(text)?;
    let (port, rest) = rest.split_once(':')?;
    let (to_host, to_port) = self::host(rest)?;
    Some(Elsewhere {
        host: some(host).map(str::to_lowercase),
        port: number(port)?,
        to_host: some(to_host).map(str::to_owned),
        to_port: number(to_port)?,
    })
}

/// `[+]host:port:address[,address]...`, or `-host:port`.
pub(crate) fn answer(text: &str) -> Option<Override> {
    if let Some(removed) = text.strip_prefix('-') {
        let (host, port) = host(removed)?;
        return Some(Override {
            host: host.to_lowercase(),
            port: port.parse().ok()?,
            addresses: Vec::new(),
        });
    }
    let (host, rest) = host(text.strip_prefix('+').unwrap_or(text))?;
    let (port, addresses) = rest.split_once(':')?;
    let addresses = addresses.split(',').map(address).collect::<Option<Vec<_>>>()?;
    Some(Override { host: host.to_lowercase(), port: port.parse().ok()?, addresses })
}

/// Up to the colon behind a host, without brackets, and what is behind the colon.
fn host(text: &str) -> Option<(&str, &str)> {
    match text.strip_prefix('[') {
        Some(inside) => {
            let (host, rest) = inside.split_once(']')?;
            Some((host, rest.strip_prefix(':')?))
        }
        None => text.split_once(':'),
    }
}

fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok()
}

const fn some(text: &str) -> Option<&str> {
    if text.is_empty() { None } else { Some(text) }
}

/// Nothing, or a port.
#[expect(clippy::option_option, reason = "no port is something else than no number")]
fn number(text: &str) -> Option<Option<u16>> {
    if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) }
}

#[cfg(test)]
mod tests {
    use super::{answer, elsewhere};

    #[test]
    fn parts_of_connect_to_may_be_empty_and_hosts_in_brackets() {
        let all = elsewhere("Example.com:443:[2001:db8::1]:8443").unwrap();
        assert_eq!(all.host.as_deref(), Some("example.com"));
        assert_eq!((all.port, all.to_port), (Some(443), Some(8443)));
        assert_eq!(all.to_host.as_deref(), Some("2001:db8::1"));
        let none = elsewhere(":::").unwrap();
        assert_eq!((none.host, none.port, none.to_host, none.to_port), (None, None, None, None));
        assert!(elsewhere("foo").is_none() && elsewhere("a:b:c:d").is_none());
    }

    #[test]
    fn answers_have_addresses_of_both_families() {
        let one = answer("+www.Example:80:192.0.2.1,[2001:db8::1]").unwrap();
        assert_eq!((one.host.as_str(), one.port, one.addresses.len()), ("www.example", 80, 2));
        assert_eq!(answer("-x:80").map(|one| one.addresses), Some(Vec::new()));
        for bad in ["foo", "a:80", "a:80:", "a:80:name", "a:99999:192.0.2.1"] {
            assert!(answer(bad).is_none(), "{bad}");
        }
    }
}
