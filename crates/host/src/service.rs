use std::fs;

use dns_lookup::{AddrInfoHints, SockType, getaddrinfo};

/// The port of a service by name (`services(5)`), of UDP or of TCP.
#[must_use]
pub fn service_port(name: &str, is_tcp: bool) -> Option<u16> {
    let kind = if is_tcp { SockType::Stream } else { SockType::DGram };
    let hints = AddrInfoHints { socktype: kind.into(), ..AddrInfoHints::default() };
    let mut found = getaddrinfo(None, Some(name), Some(hints)).ok()?;
    found.find_map(|info| Some(info.ok()?.sockaddr.port()))
}

/// The number of an IP protocol by name or alias (`protocols(5)`).
#[must_use]
pub fn protocol_number(name: &str) -> Option<u8> {
    in_table(&fs::read_to_string("/etc/protocols").ok()?, name)
}

fn in_table(table: &str, name: &str) -> Option<u8> {
    table.lines().find_map(|line| {
        let mut words = line.split('#').next()?.split_whitespace();
        let (first, number) = (words.next()?, words.next()?.parse().ok()?);
        (first == name || words.any(|alias| alias == name)).then_some(number)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_are_found_by_name_and_by_alias() {
        let table = "# comment\nip\t0\tIP # internet\nicmp 1 ICMP\nbad\nworse x\n";
        assert_eq!(in_table(table, "icmp"), Some(1));
        assert_eq!(in_table(table, "ICMP"), Some(1));
        assert_eq!(in_table(table, "internet"), None, "a comment");
    }
}
