//! TLS's handshake, message for message: when each came or went, and how long it took to deal with it.

use std::time::Duration;

use wireline_http::account::{Handshake, Hop};
use wireline_http::event::Medium;
use wireline_http::tls::{Facts, Step, What};

use super::figures::ms;
use super::{Page, Tone};

/// A pause that is worth a word.
const PAUSE: Duration = Duration::from_millis(5);

/// Writes it.
pub(super) fn write(page: &mut Page, hop: &Hop, shake: &Handshake) {
    let with = if shake.is_proxy { "proxy" } else { "server" };
    let is_quic = hop.link.as_ref().is_some_and(|link| link.medium == Some(Medium::Quic));
    let inside = if is_quic { ", inside QUIC" } else { "" };
    let agreed = shake.facts.as_ref().map_or_else(
        || "it failed".to_owned(),
        |facts| format!("{}, {}", agreed(facts), ms(shake.span.length())),
    );
    page.heading(&format!("TLS with the {with}{inside}: {agreed}"));
    page.row(&[(Tone::Dim, &format!("  {:>10} {:>10}  message", "at", "dealt with"))]);
    for step in sorted(shake) {
        let Some((tone, text)) = line(step, page) else { continue };
        let took = step.took.map(ms).unwrap_or_default();
        let left = format!("  {:>10} {took:>10}  ", ms(step.at));
        page.row(&[(Tone::Plain, &left), (tone, &text)]);
    }
    for pause in pauses(shake, rtt(hop)) {
        page.text("", 2, Tone::Note, &pause.sentence());
    }
}

/// `TLSv1.3, TLS_AES_128_GCM_SHA256, X25519, h2, full`.
pub(super) fn agreed(facts: &Facts) -> String {
    let kind = facts.kind.map(|kind| match kind {
        "Full" => "full handshake",
        "Resumed" => "resumed session",
        "FullWithHelloRetryRequest" => "full handshake with HelloRetryRequest",
        other => other,
    });
    let early = match facts.early {
        Some(true) => Some("early data taken (0-RTT)"),
        Some(false) => Some("early data refused"),
        None => None,
    };
    let alpn = facts.alpn.as_ref().map(|alpn| format!("ALPN {alpn}"));
    let parts = [facts.version.as_deref(), facts.cipher.as_deref(), facts.group.as_deref()];
    let parts = parts.into_iter().chain([alpn.as_deref(), kind, early]);
    parts.flatten().collect::<Vec<_>>().join(", ")
}

/// Steps in the order in which they happened.
pub(super) fn sorted(shake: &Handshake) -> Vec<&Step> {
    let mut steps: Vec<&Step> = shake.steps.iter().collect();
    steps.sort_by_key(|step| step.at);
    steps
}

fn line(step: &Step, page: &Page) -> Option<(Tone, String)> {
    let arrow = if step.sent {
        page.glyph("\u{2500}\u{25b6}", "->")
    } else {
        page.glyph("\u{25c0}\u{2500}", "<-")
    };
    let size = match step.octets {
        0 => String::new(),
        octets => format!(", {octets} octets"),
    };
    Some(match &step.what {
        What::Message(name, _) => (Tone::Plain, format!("{arrow} {name}{size}")),
        What::Encrypted => (Tone::Dim, format!("{arrow} encrypted record{size}")),
        What::Alert(name) => (Tone::Bad, format!("{arrow} alert: {name}")),
        What::ChainChecked(count) => {
            let what = if *count == 1 { "certificate" } else { "certificates" };
            (Tone::Dim, format!("   chain of {count} {what} checked"))
        }
        What::Done(_) => (Tone::Good, "   done".to_owned()),
        _ => return None,
    })
}

/// A time in which nothing came though we had said all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pause {
    /// From our last octet.
    pub(crate) length: Duration,
    /// What came then.
    pub(crate) before: &'static str,
    /// How much of it the way there and back takes, where that is known.
    pub(crate) rtt: Option<Duration>,
}

impl Pause {
    /// What is left of it for the server.
    pub(crate) fn own(&self) -> Duration {
        self.length.saturating_sub(self.rtt.unwrap_or_default())
    }

    /// In words.
    pub(crate) fn sentence(&self) -> String {
        let way = self.rtt.map_or_else(String::new, |rtt| {
            format!(
                " ({} after our last octet, of which the way takes {})",
                ms(self.length),
                ms(rtt)
            )
        });
        format!("the server took {} before {}{way}", ms(self.own()), self.before)
    }
}

/// Where a server took its time.
pub(crate) fn pauses(shake: &Handshake, rtt: Option<Duration>) -> Vec<Pause> {
    let mut sent = None;
    let mut found = Vec::new();
    let is_over = |step: &&Step| matches!(step.what, What::Done(_));
    let steps = sorted(shake);
    let end = steps.iter().find(|one| is_over(one)).map_or(Duration::MAX, |done| done.at);
    for step in steps.into_iter().filter(|step| step.at <= end) {
        let name = match &step.what {
            What::Message(name, _) => *name,
            What::Alert(_) => "an alert",
            _ if step.sent => "",
            _ => continue,
        };
        if step.sent {
            sent = Some(step.at);
        } else if let Some(last) = sent.take() {
            let pause = Pause { length: step.at.saturating_sub(last), before: name, rtt };
            found.extend((pause.own() >= PAUSE).then_some(pause));
        }
    }
    found
}

/// The way there and back, as far as the kernel has measured it: the shortest.
pub(crate) fn rtt(hop: &Hop) -> Option<Duration> {
    use wireline_host::sockets::TcpInfo;
    let link = hop.link.as_ref()?;
    let at_first = TcpInfo::parse(&link.tcp_info);
    let at_end = hop.end.as_ref().and_then(|end| TcpInfo::parse(&end.tcp_info));
    let shortest =
        at_end.as_ref().and_then(TcpInfo::min_rtt).filter(|us| *us != u32::MAX && *us > 0);
    let some = [shortest, at_first.map(|info| info.rtt()), at_end.map(|info| info.rtt())];
    let micros = some.into_iter().flatten().filter(|us| *us > 0).min()?;
    Some(Duration::from_micros(micros.into()))
}
