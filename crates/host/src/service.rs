use std::collections::HashMap;
use std::fs;

use dns_lookup::{AddrInfoHints, SockType, getaddrinfo};

/// The port of a service by name (`services(5)`), of UDP or of TCP.
#[must_use]
pub fn service_port(name: &str, is_tcp: bool) -> Option<u16> {
    // getaddrinfo(3) takes numbers, too, of whose too great ones it keeps the last 16 bits.
    if !name.contains(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
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

/// The name of an IP protocol (`protocols(5)`).
#[must_use]
pub fn protocol_name(number: u8) -> Option<String> {
    let table = fs::read_to_string("/etc/protocols").ok()?;
    let name = table.lines().find_map(|line| {
        let mut words = line.split('#').next()?.split_whitespace();
        let (name, found) = (words.next()?, words.next()?.parse::<u8>().ok()?);
        (found == number).then_some(name)
    })?;
    Some(name.to_owned())
}

/// The names of ports (`services(5)`).
#[derive(Clone, Debug, Default)]
pub struct Services(HashMap<(u16, String), String>);

impl Services {
    /// As this machine has them; without its table there are none.
    #[must_use]
    pub fn read() -> Self {
        Self::parse(&fs::read_to_string("/etc/services").unwrap_or_default())
    }

    fn parse(table: &str) -> Self {
        let mut services = HashMap::new();
        for line in table.lines() {
            let mut words = line.split('#').next().unwrap_or_default().split_whitespace();
            let (Some(name), Some(at)) = (words.next(), words.next()) else { continue };
            let Some((port, protocol)) = at.split_once('/') else { continue };
            let Ok(port) = port.parse() else { continue };
            // The first one counts (getservbyport(3)).
            services.entry((port, protocol.to_owned())).or_insert_with(|| name.to_owned());
        }
        Self(services)
    }

    /// The name of a port of a protocol, such as `tcp`.
    #[must_use]
    pub fn name(&self, port: u16, protocol: &str) -> Option<&str> {
        self.0.get(&(port, protocol.to_owned())).map(String::as_str)
    }
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
    fn number_is_no_name() {
        for number in ["80", "99999", "+7", "-1", "", " 7"] {
            assert_eq!(service_port(number, true), None, "{number:?}");
        }
    }

    #[test]
    fn first_name_of_a_port_counts() {
        let table = "a 1/tcp b\nc 1/tcp\nd 1/udp # e\nbad\nworse x/tcp\nlarge 65536/tcp\n";
        let services = Services::parse(table);
        assert_eq!(services.name(1, "tcp"), Some("a"));
        assert_eq!(services.name(1, "udp"), Some("d"));
        assert_eq!(services.name(2, "udp"), None);
    }

    #[test]
    fn protocols_are_found_by_name_and_by_alias() {
        let table = "# comment\nip\t0\tIP # internet\nicmp 1 ICMP\nbad\nworse x\n";
        assert_eq!(in_table(table, "icmp"), Some(1));
        assert_eq!(in_table(table, "ICMP"), Some(1));
        assert_eq!(in_table(table, "internet"), None, "a comment");
    }
}
