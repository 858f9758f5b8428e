//! What is told of a transfer at its end, in place of its body. None of it is curl's.

use std::net::{IpAddr, SocketAddr};

use super::Group::{Dns, Http, Important, Report, Tls};
use super::{Act, Opt, switch, word};
use crate::grammar::{Done, Misuse, Reading, Word};
use crate::reports::{Color, TraceDns};

/// Requests of `--pipeline`.
const MOST_PIPELINED: usize = 100;

pub(super) const OPTIONS: &[Opt] = &[
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
