//! Figures for people.

use std::time::Duration;

/// `0.31 ms`, `51.2 ms`, `302.9 ms`, `12.3 s`.
pub(crate) fn ms(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1e3;
    match ms {
        ..9.995 => format!("{ms:.2} ms"),
        ..9999.95 => format!("{ms:.1} ms"),
        _ => format!("{:.1} s", ms / 1e3),
    }
}

/// `612 octets`, `64.0 kB`, `1.1 GB`: powers of ten.
pub(crate) fn octets(count: u64) -> String {
    match count {
        1 => "1 octet".to_owned(),
        0..10_000 => format!("{count} octets"),
        _ => format!("{}B", scaled(count)),
    }
}

/// `8.4 Mbit/s`, of octets a second.
pub(crate) fn rate(octets: u64) -> String {
    format!("{}bit/s", scaled(octets.saturating_mul(8)))
}

#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
fn scaled(count: u64) -> String {
    let count = count as f64;
    match count {
        ..1e3 => format!("{count} "),
        ..1e6 => format!("{:.1} k", count / 1e3),
        ..1e9 => format!("{:.1} M", count / 1e6),
        _ => format!("{:.1} G", count / 1e9),
    }
}

/// `1 segment`, `10 segments`.
pub(crate) fn many(count: impl Into<u64>, what: &str) -> String {
    let count = count.into();
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits_or_four() {
        let text = |us| ms(Duration::from_micros(us));
        assert_eq!(
            [7, 9_994, 9_996, 51_240, 302_970, 9_999_960].map(text),
            ["0.01 ms", "9.99 ms", "10.0 ms", "51.2 ms", "303.0 ms", "10.0 s"]
        );
    }

    #[test]
    fn sizes_are_exact_while_they_are_short() {
        let some = [0, 1, 9_999, 64_000, 1_073_741_824];
        assert_eq!(some.map(octets), ["0 octets", "1 octet", "9999 octets", "64.0 kB", "1.1 GB"]);
        assert_eq!(
            [10, 1_050_000, 5_000_000_000].map(rate),
            ["80 bit/s", "8.4 Mbit/s", "40.0 Gbit/s"]
        );
    }
}
