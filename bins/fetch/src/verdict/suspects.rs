//! Parts of the time, each with its explanation.

use std::time::Duration;

use wireline_host::sockets::TcpInfo;
use wireline_http::account::{Account, Handshake, Hop, Span};
use wireline_http::event::{Attempt, Medium, NameSource, Outcome, Why};
use wireline_http::tls::What;

use super::Suspect;
use crate::reports::figures::{many, ms, octets, rate};
use crate::reports::ladder;

/// A round trip shorter than that is not far.
const NEAR: Duration = Duration::from_millis(2);
/// A body shorter than that is not large.
const LARGE: u64 = 1_000_000;

/// All of them.
pub(super) fn suspects(account: &Account) -> Vec<Suspect> {
    let mut found: Vec<Suspect> = account.hops.iter().flat_map(of_hop).collect();
    found.extend(redirects(account));
    found.extend(account.hops.iter().filter_map(retry));
    found
}

fn of_hop(hop: &Hop) -> Vec<Suspect> {
    let rtt = ladder::rtt(hop);
    let one = [name(hop), addresses(hop), syn(hop), tunnel(hop), thought(hop, rtt), body(hop, rtt)];
    let mut found: Vec<Suspect> = one.into_iter().flatten().collect();
    found.extend(hop.handshakes.iter().filter_map(|shake| flights(shake, rtt)));
    found.extend(distance(hop, rtt));
    found
}

fn name(hop: &Hop) -> Option<Suspect> {
    let lookup = hop.lookup.as_ref()?;
    let cost = lookup.span.length();
    let who = match &lookup.source {
        NameSource::System { in_hosts: true } => "it is in /etc/hosts, and was still slow",
        NameSource::System { in_hosts: false } => "the system's resolver was asked (getaddrinfo)",
        NameSource::Server(_) => "a name server that was named was asked",
        NameSource::Https(_) => "DNS over HTTPS was asked, with a connection of its own",
        _ => return None,
    };
    let what = format!("the name {} took {} to find", lookup.host, ms(cost));
    let source = match &lookup.source {
        NameSource::Server(server) => format!("{who}: {server}"),
        NameSource::Https(url) => format!("{who}: {url}"),
        _ => who.to_owned(),
    };
    Some(Suspect::new(cost, what).with(source))
}

/// An address that was waited for, or failed, before the one that won.
fn addresses(hop: &Hop) -> Option<Suspect> {
    let won = hop.attempts.iter().find(|one| one.outcome == Outcome::Won)?;
    let (began, first) = hop.trying.iter().min_by_key(|(at, _)| *at)?;
    if *first == won.to {
        return None;
    }
    let cost = won.began.saturating_sub(*began);
    let fate = |one: &Attempt| match &one.outcome {
        Outcome::Failed(why) => {
            format!("{} failed after {}: {why}", one.to, ms(one.ended.saturating_sub(one.began)))
        }
        _ => {
            format!("{} did not answer within {}", one.to, ms(one.ended.saturating_sub(one.began)))
        }
    };
    let lost = hop.attempts.iter().filter(|one| one.to != won.to).map(fate);
    let mut suspect = Suspect::new(
        cost,
        format!("the first address ({first}) led nowhere: {} later {} was tried", ms(cost), won.to),
    );
    suspect.evidence.extend(lost);
    Some(suspect)
}

/// The kernel repeats a SYN after 1 s, 3 s, 7 s (RFC 6298 §2.1).
fn syn(hop: &Hop) -> Option<Suspect> {
    let link = hop.link.as_ref()?;
    let info = TcpInfo::parse(&link.tcp_info)?;
    let again = info.total_retrans();
    let won = hop.attempts.iter().find(|one| one.outcome == Outcome::Won)?;
    let rtt = Duration::from_micros(info.rtt().into());
    let cost = won.ended.saturating_sub(won.began).saturating_sub(rtt);
    (again > 0).then(|| {
        let lost = if again == 1 { "a SYN" } else { "SYNs" };
        Suspect::new(cost, format!("{lost} lost: connecting took {} longer", ms(cost))).with(
            format!(
                "TCP_INFO: SYN repeated {}; the first after 1 s (RFC 6298 \u{a7}2.1)",
                many(again, "time")
            ),
        )
    })
}

fn tunnel(hop: &Hop) -> Option<Suspect> {
    let cost = hop.tunnel?.length();
    let what = format!("the proxy took {} to open the tunnel", ms(cost));
    Some(Suspect::new(cost, what))
}

/// What a server did beyond the way there and back.
fn thought(hop: &Hop, rtt: Option<Duration>) -> Option<Suspect> {
    let wait = hop.phases().wait?.length();
    let cost = wait.saturating_sub(rtt.unwrap_or_default());
    let is_proxied = matches!(hop.link.as_ref()?.medium, Some(Medium::Proxied { .. }));
    let who = if is_proxied {
        "the server, and the way from the proxy to it, took"
    } else {
        "the server thought"
    };
    let way = rtt.map_or_else(
        || "what the way takes of it is not known".to_owned(),
        |rtt| format!("{} of waiting, less a round trip of {} (TCP_INFO)", ms(wait), ms(rtt)),
    );
    let suspect = Suspect::new(cost, format!("{who} {} before it answered", ms(cost))).with(way);
    Some(suspect.maybe(server_timing(hop, cost)))
}

/// What the server says itself (Server-Timing, W3C).
fn server_timing(hop: &Hop, cost: Duration) -> Option<String> {
    let (_, head) = hop.head.as_ref()?;
    let value = head.fields.text("server-timing")?;
    let durations = value.split([',', ';']).filter_map(|part| {
        let text = part.trim().strip_prefix("dur=")?;
        text.trim_matches('"').parse::<f64>().ok()
    });
    let most = durations
        .filter(|one| one.is_finite() && *one >= 0.0)
        .fold(None, |most: Option<f64>, one| Some(most.map_or(one, |most| most.max(one))))?;
    let said = Duration::try_from_secs_f64(most / 1e3).ok()?;
    let agrees = said.saturating_mul(2) >= cost && said <= cost.saturating_mul(2);
    let words = if agrees { "which agrees" } else { "which does not agree" };
    Some(format!("Server-Timing says {}, {words}", ms(said)))
}

/// A server's pauses within TLS's handshake.
fn flights(shake: &Handshake, rtt: Option<Duration>) -> Option<Suspect> {
    let pauses = ladder::pauses(shake, rtt);
    let cost = pauses.iter().map(ladder::Pause::own).sum();
    let first = pauses.first()?;
    let what = match pauses.as_slice() {
        [one] => one.sentence(),
        _ => format!("the server took {} within TLS's handshake", ms(cost)),
    };
    let mut suspect = Suspect::new(cost, what);
    if pauses.len() > 1 {
        suspect.evidence.extend(pauses.iter().map(ladder::Pause::sentence));
    }
    let steps = &shake.steps;
    let has_retry =
        steps.iter().any(|one| matches!(one.what, What::Message("HelloRetryRequest", _)));
    let is_far = rtt.is_some_and(|rtt| rtt >= NEAR);
    if !is_far && first.length > NEAR {
        suspect = suspect.with(
            "TCP's round trip is short: either the server is slow, or something near answers for it",
        );
    }
    Some(suspect.maybe(has_retry.then(|| retry_words().to_owned())))
}

const fn retry_words() -> &'static str {
    "HelloRetryRequest: the server wanted another group of the key exchange, which cost a round trip (RFC 8446 \u{a7}4.1.4)"
}

/// Round trips that nobody can save, and those that somebody could.
fn distance(hop: &Hop, rtt: Option<Duration>) -> Option<Suspect> {
    let rtt = rtt.filter(|rtt| *rtt >= NEAR)?;
    let mut trips: Vec<(u32, &str)> = Vec::new();
    let link = hop.link.as_ref()?;
    if matches!(link.medium, Some(Medium::Tcp | Medium::Proxied { .. })) {
        trips.push((1, "TCP"));
    }
    let shakes = hop.handshakes.iter().filter(|one| one.facts.is_some());
    trips.extend(shakes.map(|shake| (tls_trips(shake), "TLS")));
    if hop.first_byte.is_some() {
        trips.push((1, "the request"));
    }
    let count: u32 = trips.iter().map(|(count, _)| count).sum();
    let cost = rtt.saturating_mul(count);
    let whole = hop.phases();
    let parts = [whole.connect, whole.secure, whole.wait].into_iter().flatten();
    let all: Duration = parts.map(Span::length).sum();
    let words: Vec<String> =
        trips.iter().map(|(count, what)| format!("{count} for {what}")).collect();
    let what = format!(
        "the server is far away: {} of {} are {}",
        many(count, "round trip"),
        ms(rtt),
        ms(cost.min(all))
    );
    let mut suspect = Suspect::new(cost.min(all), what).with(words.join(", "));
    suspect = suspect.maybe(savings(hop));
    Some(suspect)
}

/// Round trips of a handshake (RFC 8446 §2, RFC 5246 §7.3).
fn tls_trips(shake: &Handshake) -> u32 {
    let Some(facts) = &shake.facts else { return 0 };
    let is_old = facts.version.as_deref() == Some("TLSv1.2");
    match (is_old, facts.kind) {
        (true, Some("Resumed")) => 1,
        (true, _) | (false, Some("FullWithHelloRetryRequest")) => 2,
        (false, _) => 1,
    }
}

fn savings(hop: &Hop) -> Option<String> {
    let shake = hop.handshakes.last()?;
    let facts = shake.facts.as_ref()?;
    match (facts.version.as_deref(), facts.kind) {
        (_, Some("FullWithHelloRetryRequest")) => Some(retry_words().to_owned()),
        (Some("TLSv1.2"), Some("Full")) => {
            Some("TLS 1.3 would save one of them, a resumed session too".to_owned())
        }
        _ => None,
    }
}

/// What took a body so long.
fn body(hop: &Hop, rtt: Option<Duration>) -> Option<Suspect> {
    let span = hop.phases().receive?;
    let (cost, end) = (span.length(), hop.end.as_ref()?);
    let info = TcpInfo::parse(&end.tcp_info);
    let pace = rate(crate::reports::per_second(end.carried, cost));
    let size = octets(end.carried);
    let what = if end.carried >= LARGE {
        format!("the body is large: {size} took {}, {pace}", ms(cost))
    } else {
        format!("the body came slowly: {size} in {}", ms(cost))
    };
    let out_of_order = info.as_ref().and_then(TcpInfo::rcv_ooopack).filter(|late| *late > 0);
    let lost = out_of_order.map(|late| {
        format!(
            "{} came out of order: something was lost or overtaken on the way",
            many(late, "segment")
        )
    });
    let trips = rtt.filter(|rtt| *rtt >= NEAR && end.carried < LARGE).and_then(|rtt| {
        let count = cost.as_nanos().checked_div(rtt.as_nanos())?;
        let is_slow_start = (1..=8).contains(&count) && end.carried > 14_000;
        is_slow_start.then(|| {
            format!(
                "that is {count} round trips of {}: TCP begins slowly (RFC 5681 \u{a7}3.1)",
                ms(rtt)
            )
        })
    });
    let held = (end.carried < LARGE && trips.is_none() && lost.is_none())
        .then(|| "nothing on the way accounts for it: the server sent it bit by bit".to_owned());
    Some(Suspect::new(cost, what).maybe(lost).maybe(trips).maybe(held))
}

fn redirects(account: &Account) -> Option<Suspect> {
    let last = account.hops.last()?;
    let count = account.hops.iter().filter(|hop| matches!(hop.why, Why::Redirect(_))).count();
    let from = account.hops.first()?.began;
    let cost = last.began.saturating_sub(from);
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    let mut suspect = Suspect::new(cost, format!("{} took {}", many(count, "redirect"), ms(cost)));
    for hop in &account.hops {
        if let (Some((to, _)), Some(ended)) = (&hop.redirect, hop.ended) {
            suspect = suspect.with(format!(
                "{}: {} on to {to}",
                ms(ended.saturating_sub(hop.began)),
                hop.url
            ));
        }
        if suspect.evidence.len() > 5 {
            break;
        }
    }
    let largest = account.hops.iter().flat_map(of_hop).max_by_key(|one| one.cost);
    let deeper = largest.filter(|one| one.cost.saturating_mul(2) > cost);
    (count > 0).then(|| suspect.maybe(deeper.map(|one| format!("of that: {}", one.what))))
}

fn retry(hop: &Hop) -> Option<Suspect> {
    let (why, after) = hop.retry.as_ref()?;
    Some(
        Suspect::new(*after, format!("it waited {} before it tried again", ms(*after)))
            .with(why.clone()),
    )
}
