//! What is told of a transfer at its end, in place of its body. None of it is curl's.

use std::net::{IpAddr, SocketAddr};

use super::Group::{Dns, Http, Important, Report, Tls};
use super::{Act, Opt, switch, word};
use crate::grammar::{Done, Misuse, Reading, Word};
use wireline_cli::Color;

use crate::reports::TraceDns;

/// Requests of `--pipeline`.
const MOST_PIPELINED: usize = 100;

pub(super) const OPTIONS: &[Opt] = &[
    switch(
        "compare",
        '-',
        &[Important, Report],
        "Try HTTP/1.1, 2, 3 over IPv4 and IPv6",
        |r, on| {
            r.globals.measure.compares = on;
        },
    ),
    word(
        ("har", '-', "<file>"),
        &[Report],
        "Write all of the run to this file (HAR 1.2)",
        |r, word| {
            r.globals.shown.reports.har = Some(word.path()?);
            Ok(())
        },
    ),
    word(("interval", '-', "<seconds>"), &[Report], "Between two runs of --runs", |r, word| {
        r.globals.measure.interval = word.seconds()?;
        Ok(())
    }),
    word(("runs", '-', "<number>"), &[Report], "So many times, and percentiles", |r, word| {
        let runs = u32::try_from(word.count()?).ok().filter(|runs| (1..=MOST_RUNS).contains(runs));
        r.globals.measure.runs = Some(runs.ok_or(Misuse::TooLarge)?);
        Ok(())
    }),
    switch("secrets", '-', &[Report], "Show logins and cookies in JSON and HAR", |r, on| {
        r.globals.shown.reports.secrets = on;
    }),
    switch("warm", '-', &[Report], "Keep the connection between runs", |r, on| {
        r.globals.measure.is_warm = on;
    }),
    word(
        ("color", '-', "<when>"),
        &[Report],
        "Colours in reports: auto, always, never",
        |r, word| {
            r.globals.shown.color = match word.text()?.as_str() {
                "auto" => Color::Auto,
                "always" => Color::Always,
                "never" => Color::Never,
                _ => return Err(Misuse::BadlyUsed),
            };
            Ok(())
        },
    ),
    switch("doctor", '-', &[Report, Tls], "Say all that is wrong with certificates", |r, on| {
        r.globals.shown.reports.doctor = on;
    }),
    switch(
        "explain-cache",
        '-',
        &[Report, Http],
        "Say what caches may do, and ask again",
        |r, on| {
            r.globals.shown.reports.cache = on;
        },
    ),
    switch(
        "lint",
        '-',
        &[Report, Http],
        "Say what is not as it should be in responses",
        |r, on| {
            r.globals.shown.reports.lint = on;
        },
    ),
    word(
        ("pipeline", '-', "<number>"),
        &[Report, Http],
        "Send so many requests at once, and one after the other",
        |r, word| {
            let count: usize = word.text()?.parse().map_err(|_| Misuse::BadNumber)?;
            if !(1..=MOST_PIPELINED).contains(&count) {
                return Err(Misuse::TooLarge);
            }
            r.globals.shown.reports.pipeline = Some(count);
            Ok(())
        },
    ),
    switch("story", '-', &[Important, Report], "Tell every step in plain words", |r, on| {
        r.globals.shown.reports.story = on;
    }),
    switch("timing", '-', &[Important, Report], "Show where the time went", |r, on| {
        r.globals.shown.reports.timing = on;
    }),
    Opt {
        long: "trace-dns",
        short: None,
        word: "[=<address>]",
        groups: &[Report, Dns],
        help: "Follow the name from the root down, or from this server",
        act: Act::MayEqual(trace_dns),
    },
];

/// As many as there is a reason for.
const MOST_RUNS: u32 = 10_000;

/// Whether a word behind `--json` is curl's: what is to be sent. JSON, or `@` and a file; not a URL, even if its host is
/// an address in brackets, nor an option.
pub(super) fn is_data(word: &[u8]) -> bool {
    match word.trim_ascii_start() {
        [b'{' | b'@', ..] => true,
        [b'[', ..] => !is_address(word.trim_ascii()),
        _ => serde_json::from_slice::<serde::de::IgnoredAny>(word).is_ok(),
    }
}

/// `[2001:db8::1]`, with what a URL has behind it.
fn is_address(word: &[u8]) -> bool {
    let inside = word.strip_prefix(b"[").unwrap_or_default();
    let end = inside.iter().position(|octet| *octet == b']').unwrap_or(0);
    let (address, rest) = inside.split_at_checked(end).unwrap_or_default();
    let address = address.split(|octet| *octet == b'%').next().unwrap_or_default();
    let is_whole = matches!(rest, [b']'] | [b']', b':' | b'/' | b'?' | b'#', ..]);
    let text = std::str::from_utf8(address).unwrap_or_default();
    is_whole && text.parse::<std::net::Ipv6Addr>().is_ok()
}

/// Whether a word behind `-n` is a number of runs: nobody means a host of that name.
pub(super) fn runs(word: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(word).ok().filter(|text| !text.starts_with(['+', '0']))?;
    text.parse().ok().filter(|runs| (1..=MOST_RUNS).contains(runs))
}

/// `192.0.2.1`, `192.0.2.1:5353`, `[2001:db8::1]:53`.
fn trace_dns(r: &mut Reading, word: Option<&Word<'_>>) -> Done {
    let from = match word {
        None => TraceDns::Root,
        Some(word) => {
            let text = word.text()?;
            let whole = text.parse::<SocketAddr>().ok();
            let server = whole.or_else(|| Some(SocketAddr::new(text.parse::<IpAddr>().ok()?, 53)));
            TraceDns::From(server.ok_or(Misuse::BadlyUsed)?)
        }
    };
    r.globals.shown.reports.trace_dns = Some(from);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn word_behind_json_is_data_or_it_is_not() {
        for (word, want) in [
            (r#"{"a":1}"#, true),
            (" {not json", true),
            ("@file", true),
            ("@-", true),
            ("[1,2]", true),
            ("[", true),
            ("[]", true),
            ("[dead:beef", true),
            ("\"text\"", true),
            ("17", true),
            ("null", true),
            ("-3.5e2", true),
            ("[::1]", false),
            ("[2001:db8::1]:8443/x", false),
            ("[fe80::1%25eth0]/", false),
            ("http://a/", false),
            ("localhost:80", false),
            ("example.com", false),
            ("127.0.0.1", false),
            ("-o", false),
            ("--timing", false),
            ("", false),
            ("file.json", false),
        ] {
            assert_eq!(is_data(word.as_bytes()), want, "{word}");
        }
    }

    #[test]
    fn word_behind_n_is_a_number_of_runs_or_a_url() {
        let known = [("20", Some(20)), ("1", Some(1)), ("10000", Some(10_000))];
        for (word, want) in known {
            assert_eq!(runs(word.as_bytes()), want, "{word}");
        }
        for word in ["0", "10001", "+5", "007", "-5", "20x", "localhost", "", "1.5"] {
            assert_eq!(runs(word.as_bytes()), None, "{word}");
        }
    }
}
