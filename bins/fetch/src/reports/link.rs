//! What is known of a connection: its ends, and what the kernel says of TCP.

use std::time::Duration;

use wireline_host::sockets::TcpInfo;
use wireline_http::account::{Hop, Link};
use wireline_http::event::Medium;

use super::figures::{many, ms, octets, rate};
use super::{Page, Tone};

/// A body shorter than that says nothing about a rate.
const ENOUGH: u64 = 64_000;

/// Writes it, where there was a connection.
pub(super) fn write(page: &mut Page, hop: &Hop) {
    let Some(link) = &hop.link else { return };
    page.heading(&title(link));
    if let Some(info) = TcpInfo::parse(&link.tcp_info) {
        page.text("  connected", 14, Tone::Plain, &at_first(&info));
    }
    let end = hop.end.as_ref();
    if let Some(info) = end.and_then(|end| TcpInfo::parse(&end.tcp_info)) {
        page.text("  at the end", 14, Tone::Plain, &at_last(&info));
    }
    let received = hop.phases().receive.zip(end).filter(|(_, end)| end.carried >= ENOUGH);
    if let Some((span, end)) = received {
        let speed = rate(per_second(end.carried, span.length()));
        let text = format!("{} in {}: {speed}", octets(end.carried), ms(span.length()));
        page.text("  received", 14, Tone::Plain, &text);
    }
}

/// `Connection 0: TCP from a to b, new, left open`.
pub(super) fn title(link: &Link) -> String {
    let what = match &link.medium {
        Some(Medium::Tcp) => "TCP".to_owned(),
        Some(Medium::Quic) => "QUIC (over UDP)".to_owned(),
        Some(Medium::Unix(path)) => format!("Unix socket {path}"),
        Some(Medium::Proxied { proxy }) => format!("TCP to the proxy {proxy}"),
        None => "used again".to_owned(),
    };
    let ends = match (link.local, link.remote) {
        (Some(local), Some(remote)) => format!(", from {local} to {remote}"),
        (None, Some(remote)) => format!(", to {remote}"),
        _ => String::new(),
    };
    let kept = match link.is_left_open {
        Some(true) => ", kept for the next request",
        Some(false) => ", closed after the response",
        None => "",
    };
    format!("Connection {}: {what}{ends}{kept}", link.number)
}

fn at_first(info: &TcpInfo) -> String {
    let mut parts = vec![format!("round trip {} \u{b1} {}", us(info.rtt()), us(info.rttvar()))];
    let again = info.total_retrans();
    parts.push(if again == 0 {
        "SYN answered at once".to_owned()
    } else {
        format!("SYN repeated {}", many(again, "time"))
    });
    parts.push(format!("{} allowed in flight (cwnd)", many(info.snd_cwnd(), "segment")));
    parts.push(format!("of {} octets", info.snd_mss()));
    parts.join(", ")
}

fn at_last(info: &TcpInfo) -> String {
    let mut parts = vec![format!("round trip {}", us(info.rtt()))];
    if let Some(least) = info.min_rtt().filter(|least| *least != u32::MAX) {
        parts.push(format!("{} at the least", us(least)));
    }
    let sent = info.segs_out().unwrap_or_default();
    parts.push(format!("{} of {} sent repeated", info.total_retrans(), many(sent, "segment")));
    parts.push(format!("cwnd {}", many(info.snd_cwnd(), "segment")));
    if let Some(late) = info.rcv_ooopack().filter(|late| *late > 0) {
        parts.push(format!("{} came out of order", many(late, "segment")));
    }
    // Of a mere request it says nothing.
    let has_sent = info.bytes_sent().is_some_and(|sent| sent >= ENOUGH);
    if let Some(pace) = info.delivery_rate().filter(|_| has_sent) {
        parts.push(format!("what was sent was delivered at {}", rate(pace)));
    }
    parts.join(", ")
}

fn us(microseconds: u32) -> String {
    ms(Duration::from_micros(microseconds.into()))
}

/// Octets a second.
pub(crate) fn per_second(octets: u64, time: Duration) -> u64 {
    let us = time.as_micros().max(1);
    u64::try_from(u128::from(octets).saturating_mul(1_000_000) / us).unwrap_or(u64::MAX)
}
