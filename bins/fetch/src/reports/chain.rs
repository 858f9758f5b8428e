//! A chain of certificates as a tree, with the verdict at each link, and everything that is wrong with it.

use wireline_http::account::Handshake;
use wireline_http::tls::{Diagnosis, Examined, Verdict};

use super::{Page, Told, Tone};
use crate::verbose::date;

/// `--doctor`: all chains of a transfer.
pub(super) fn write_all(page: &mut Page, told: &Told<'_>) {
    for hop in &told.account.hops {
        let shakes: Vec<_> = hop.handshakes.iter().filter(|one| one.examined.is_some()).collect();
        for shake in &shakes {
            page.gap();
            page.row(&[(Tone::Bold, &format!("Certificates of {}", who(shake, &hop.url)))]);
            write(page, shake);
        }
        if shakes.is_empty() {
            page.gap();
            page.row(&[(Tone::Bold, &format!("No certificates from {}", hop.url))]);
            page.text("", 2, Tone::Plain, why_none(hop));
        }
    }
    if told.account.hops.is_empty()
        && let Some(failure) = &told.account.failure
    {
        page.text("", 0, Tone::Bad, &failure.text);
    }
}

const fn why_none(hop: &wireline_http::account::Hop) -> &'static str {
    match (&hop.link, hop.handshakes.as_slice()) {
        (None, []) => "there was no connection",
        (Some(link), []) if link.medium.is_none() => {
            "the connection is one from before, whose certificates were seen then"
        }
        (Some(_), []) => "the connection is without TLS",
        (_, _) => {
            "none were sent before the handshake ended, or a session was resumed, which needs none"
        }
    }
}

fn who(shake: &Handshake, url: &str) -> String {
    let wanted = shake.examined.as_ref().and_then(|one| one.wanted.clone());
    let name = wanted.unwrap_or_else(|| url.to_owned());
    if shake.is_proxy { format!("the proxy {name}") } else { name }
}

/// The tree, where a chain was refused, or would have been but for `-k`.
pub(super) fn write_where_bad(page: &mut Page, shake: &Handshake) {
    let is_bad = shake.examined.as_ref().is_some_and(|one| one.fault.is_some());
    if is_bad {
        page.heading("Certificates");
        write(page, shake);
    }
}

/// The tree, and everything that is wrong.
pub(super) fn write(page: &mut Page, shake: &Handshake) {
    let Some(examined) = &shake.examined else { return };
    let diagnosis = examined.diagnosis();
    tree(page, &diagnosis, examined);
    findings(page, &diagnosis, examined, shake.facts.is_some());
}

/// The root at the top, as trees have it.
fn tree(page: &mut Page, diagnosis: &Diagnosis, examined: &Examined) {
    let mut links: Vec<_> = diagnosis.links.iter().collect();
    links.sort_by_key(|link| (link.verdict == Verdict::Stray, link.depth));
    for link in links {
        let (mark, tone) = mark(page, link.verdict);
        let branch = if link.depth > 0 { page.glyph("\u{2514}\u{2500} ", "`- ") } else { "" };
        let indent = link.depth.min(12).saturating_mul(3);
        let lead = format!(
            "{}{branch}",
            " ".repeat(indent.saturating_sub(3 * usize::from(link.depth > 0)))
        );
        page.row(&[
            (Tone::Plain, &format!("  {lead}")),
            (tone, mark),
            (Tone::Plain, &format!(" {}", link.subject)),
        ]);
        let own = examined.chain.iter().find(|one| one.subject == link.subject);
        let mut notes: Vec<String> = link.notes.clone();
        if let Some(own) = own.filter(|_| link.verdict != Verdict::Missing) {
            notes.push(format!(
                "until {}, key {}, {}",
                date(own.not_after_s),
                own.key,
                own.signature
            ));
        }
        for note in notes {
            page.text("", indent.saturating_add(5), Tone::Dim, &note);
        }
    }
}

const fn mark(page: &Page, verdict: Verdict) -> (&'static str, Tone) {
    match verdict {
        Verdict::Good => (page.glyph("\u{2713} good", "+ good"), Tone::Good),
        Verdict::Trusted => (page.glyph("\u{2713} trusted", "+ trusted"), Tone::Good),
        Verdict::Missing => ("? not sent", Tone::Note),
        Verdict::Stray => ("~ not of this chain", Tone::Note),
        Verdict::Bad => (page.glyph("\u{2717} bad", "x bad"), Tone::Bad),
    }
}

fn findings(page: &mut Page, diagnosis: &Diagnosis, examined: &Examined, is_used: bool) {
    for finding in &diagnosis.findings {
        let (word, tone) =
            if finding.is_fatal { ("refused", Tone::Bad) } else { ("note", Tone::Note) };
        let text = format!("{word}: {} [{}]", finding.text, finding.code);
        page.text("  ", 4, tone, &text);
        if let Some(remedy) = &finding.remedy {
            page.text("", 4, Tone::Plain, &format!("what helps: {remedy}"));
        }
    }
    let wanted = examined.wanted.as_deref().unwrap_or("the server");
    match (&examined.fault, is_used) {
        (None, _) => page.row(&[(
            Tone::Good,
            &format!("  believed: it is {wanted}'s, by an authority that is trusted"),
        )]),
        (Some(_), true) => page.row(&[(
            Tone::Bad,
            "  used all the same, as was asked for (-k): with whom is not known",
        )]),
        (Some(_), false) => {}
    }
}
