//! Columns as printf(3) makes them, which counts bytes, and addresses as `inet_ntop(3)` writes them.

use std::net::{IpAddr, Ipv6Addr};

use wireline_cli::escape;

/// Filled up with blanks to so many bytes.
pub(crate) fn left(text: &str, width: usize) -> String {
    let text = escape(text);
    format!("{text}{:1$}", "", width.saturating_sub(text.len()))
}

/// Cut at so many bytes, and filled up to them.
pub(crate) fn cut(text: &str, width: usize) -> String {
    left(up_to(&escape(text), width), width)
}

/// Its whole letters in so many bytes.
pub(crate) fn up_to(text: &str, width: usize) -> &str {
    let fits = |end: &usize| text.is_char_boundary(*end);
    let end = (0..=width.min(text.len())).rev().find(fits).unwrap_or(0);
    &text[..end]
}

/// Of a v4-mapped address only the IPv4 one, as netstat shows it; of a v4-compatible one its end with dots.
pub(crate) fn address(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => v6(address),
    }
}

fn v6(address: Ipv6Addr) -> String {
    let [a, b, c, d] = address.to_bits().to_be_bytes()[12..] else { unreachable!("16 octets") };
    let segments = address.segments();
    match segments {
        [0, 0, 0, 0, 0, 0xffff, ..] => format!("{a}.{b}.{c}.{d}"),
        [0, 0, 0, 0, 0, 0, high, _] if high > 0 => format!("::{a}.{b}.{c}.{d}"),
        _ => address.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_of_bytes_and_hold_nothing_that_moves_a_cursor() {
        assert_eq!(left("ä", 4), "ä  ");
        assert_eq!(left("longer", 4), "longer");
        assert_eq!(cut("longer", 4), "long");
        assert_eq!(cut("aaaä", 4), "aaa ", "half a letter is none");
        assert_eq!(left("\u{1b}[2J", 4), "\\027[2J");
    }

    #[test]
    fn addresses_are_those_of_libc() {
        for (given, shown) in [
            ("::10.0.0.1", "::10.0.0.1"),
            ("::ffff:10.0.0.1", "10.0.0.1"),
            ("::1", "::1"),
            ("::", "::"),
            ("::1:0", "::0.1.0.0"),
            ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
            ("ff02::1:ff00:1", "ff02::1:ff00:1"),
        ] {
            assert_eq!(address(given.parse().unwrap()), shown, "{given}");
        }
    }
}
