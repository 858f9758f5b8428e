//! Names of networks, which have a file of their own.

use std::net::Ipv4Addr;

/// The name of a network in a table such as `/etc/networks` (networks(5)). Whoever wrote it may have put
/// anything in it: escape it before printing.
#[must_use]
pub fn network_name(table: &str, network: Ipv4Addr) -> Option<&str> {
    table.lines().find_map(|line| {
        let mut words = line.split('#').next()?.split_whitespace();
        let name = words.next()?;
        (number(words.next()?)? == network).then_some(name)
    })
}

/// The network of a name, or of another name for it, in such a table.
#[must_use]
pub fn network_number(table: &str, name: &str) -> Option<Ipv4Addr> {
    table.lines().find_map(|line| {
        let mut words = line.split('#').next()?.split_whitespace();
        let official = words.next()?;
        let network = number(words.next()?)?;
        (official == name || words.any(|alias| alias == name)).then_some(network)
    })
}

/// As `inet_network(3)` reads it: up to four numbers, of base 10, 8 or 16, the octets from the left.
fn number(word: &str) -> Option<Ipv4Addr> {
    let mut octets = [0; 4];
    for (n, part) in word.split('.').enumerate() {
        *octets.get_mut(n)? = octet(part)?;
    }
    Some(octets.into())
}

fn octet(part: &str) -> Option<u8> {
    if let Some(part) = part.strip_prefix("0x").or_else(|| part.strip_prefix("0X")) {
        return u8::from_str_radix(part, 16).ok();
    }
    let base = if part.len() > 1 && part.starts_with('0') { 8 } else { 10 };
    u8::from_str_radix(part, base).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_found_however_they_are_written() {
        let table = "# a comment\nloopback 127.0.0.0\nbare\nbad 300.1\nlong 1.2.3.4.5\n\
                     short 10.21 # so\nhex 0xa.0x16\noctal 012.027\n";
        for (address, name) in [
            ([127, 0, 0, 0], Some("loopback")),
            ([10, 21, 0, 0], Some("short")),
            ([10, 22, 0, 0], Some("hex")),
            ([10, 23, 0, 0], Some("octal")),
            ([10, 24, 0, 0], None),
        ] {
            assert_eq!(network_name(table, address.into()), name, "{address:?}");
        }
        let table = "loopback 127.0.0.0 lo-net # not this\nbare\n";
        for name in ["loopback", "lo-net"] {
            assert_eq!(network_number(table, name), Some([127, 0, 0, 0].into()));
        }
        assert_eq!(network_number(table, "bare").or(network_number(table, "this")), None);
    }
}
