use std::net::IpAddr;

use ipnet::IpNet;

use crate::asn::{add_origin, parse_origin};

/// The origins that an answer gives an address: those of its most specific route objects (RFC 2622
/// §4, RFC 4012 §3), in their order. Nothing in an answer is believed to be well formed; a route that
/// the address is not in is no answer, and neither is the last line without its end.
pub(super) fn origins(answer: &[u8], address: IpAddr) -> Vec<u32> {
    let end = answer.iter().rposition(|octet| *octet == b'\n').unwrap_or(0);
    let answer = String::from_utf8_lossy(&answer[..end]);
    let (mut best, mut origins) = (0, Vec::new());
    // The prefix length of the object that this line is in, if it is a route for the address.
    let mut route = None;
    for line in answer.lines() {
        match attribute(line) {
            None if line.trim().is_empty() => route = None,
            Some(("route" | "route6", prefix)) => route = length(prefix, address),
            Some(("origin", origin)) => {
                let Some((length, origin)) = route.zip(parse_origin(origin)) else { continue };
                if length > best {
                    origins.clear();
                }
                if length >= best {
                    best = length;
                    add_origin(&mut origins, origin);
                }
            }
            _ => {}
        }
    }
    origins
}

/// The name of an attribute that matters and the first word of its value.
fn attribute(line: &str) -> Option<(&'static str, &str)> {
    let (name, value) = line.split_once(':')?;
    let names = ["route", "route6", "origin"].into_iter();
    let name = names.into_iter().find(|known| name.trim_end().eq_ignore_ascii_case(known))?;
    let value = value.split('#').next()?;
    Some((name, value.split_ascii_whitespace().next()?))
}

fn length(prefix: &str, address: IpAddr) -> Option<u8> {
    let prefix: IpNet = prefix.parse().ok()?;
    prefix.contains(&address).then_some(prefix.prefix_len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origin_is_found_among_the_other_attributes() {
        let answer = "% A comment: with a colon\n\n\
            route:          192.0.2.0/24\ndescr:          origin: AS1\n                origin: AS2\n\
            origin:         AS64496 # ours\nmnt-by:         X\nsource:         TEST\n\n\n";
        assert_eq!(found(answer), [64496]);
    }

    #[test]
    fn most_specific_route_has_the_word_wherever_it_stands() {
        let route = |len, origin| format!("route: 192.0.2.0/{len}\norigin: AS{origin}\n\n");
        for order in [[16, 24, 20], [24, 20, 16], [20, 16, 24]] {
            let answer: String = order.iter().map(|len| route(*len, *len)).collect();
            assert_eq!(found(&answer), [24], "{order:?}");
        }
    }

    #[test]
    fn distinct_origins_of_one_prefix_are_all_there() {
        let answer = "route: 192.0.2.0/24\norigin: AS2\n\nroute: 192.0.2.0/24\norigin: as1\n\n\
            route: 192.0.2.0/24\norigin: AS2\n\n";
        assert_eq!(found(answer), [2, 1]);
    }

    #[test]
    fn route6_is_for_ipv6() {
        let answer = "route6:     2001:db8::/32\r\norigin:     AS64496\r\n\r\n";
        assert_eq!(origins(answer.as_bytes(), "2001:db8::1".parse().unwrap()), [64496]);
    }

    #[test]
    fn what_is_not_about_the_address_is_no_answer() {
        for answer in [
            "",
            "%  No entries found for the selected source(s).\n\n\n",
            "origin: AS1\n",
            "route: 198.51.100.0/24\norigin: AS1\n",
            "route: 2001:db8::/32\norigin: AS1\n",
            "route: 192.0.2.0/24\n\norigin: AS1\n",
            "route: 192.0.2.0/24\nroute: nonsense\norigin: AS1\n",
            "route: 192.0.2.0/24\norigin: nobody\n",
            "route: 192.0.2.0/24\norigin:\n",
            "route: 192.0.2.0/24\norigin: AS4294967296\n",
            "route: 192.0.2.0/24\norigin: AS+1\n",
            "route: 192.0.2.0/24\norigin: AS644",
        ] {
            assert_eq!(found(answer), [], "{answer:?}");
        }
    }

    #[test]
    fn garbage_is_no_answer_and_no_panic() {
        let garbage: Vec<u8> = (0..=255).cycle().take(5000).collect();
        assert_eq!(origins(&garbage, "192.0.2.1".parse().unwrap()), []);
    }

    fn found(answer: &str) -> Vec<u32> {
        origins(answer.as_bytes(), "192.0.2.1".parse().unwrap())
    }
}
