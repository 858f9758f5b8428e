//! `--timing`: every phase of every hop.

use std::fmt::Write as _;

use wireline_http::account::Hop;
use wireline_http::event::Why;

use super::figures::{ms, octets};
use super::{Page, Told, Tone, attempts, chain, ladder, link, verdict, waterfall};

/// Writes it.
pub(super) fn write(page: &mut Page, told: &Told<'_>) {
    let account = told.account;
    let end = account.ended.unwrap_or_default();
    for (number, hop) in account.hops.iter().enumerate() {
        page.gap();
        heading(page, number, hop);
        waterfall::write(page, hop, end);
    }
    for hop in &account.hops {
        attempts::write(page, hop);
        if hop.link.as_ref().is_some_and(|link| link.medium.is_some()) {
            link::write(page, hop);
        }
        for shake in &hop.handshakes {
            ladder::write(page, hop, shake);
            chain::write_where_bad(page, shake);
        }
    }
    for walk in told.walks {
        walk.write(page);
    }
    verdict::write(page, account);
}

/// `GET http://a/` and what came of it.
fn heading(page: &mut Page, number: usize, hop: &Hop) {
    let why = match hop.why {
        Why::First => String::new(),
        Why::Redirect(status) => format!("{number}. redirect ({status}): "),
        Why::Challenge(status) => format!("{number}. with credentials, after {status}: "),
        Why::Again => format!("{number}. once more, on a new connection: "),
        Why::Retry => format!("{number}. retry: "),
    };
    let request = format!("{why}{} {}", hop.method, hop.url);
    page.row(&[(Tone::Bold, &request)]);
    let used = hop.link.as_ref().filter(|link| link.medium.is_none());
    let used =
        used.map_or_else(String::new, |link| format!(", over connection {} again", link.number));
    page.text("  ", 2, Tone::Plain, &format!("{}{used}", outcome(hop)));
}

/// What came of a hop, in a line.
pub(super) fn outcome(hop: &Hop) -> String {
    let Some((_, head)) = &hop.head else {
        return match hop.unfinished() {
            Some((phase, span)) => {
                format!("no response: it ended after {} of {}", ms(span.length()), doing(phase))
            }
            None => "no response".to_owned(),
        };
    };
    let reason = String::from_utf8_lossy(&head.reason);
    let mut text = format!("HTTP/{} {} {reason}", head.version, head.status).trim_end().to_owned();
    match &hop.end {
        Some(end) => {
            let _ = write!(text, ", {}", octets(end.carried));
            if end.decoded != end.carried && end.decoded > 0 {
                let _ = write!(text, ", decoded {}", octets(end.decoded));
            }
        }
        None => text.push_str(", cut short"),
    }
    if let Some((to, _)) = &hop.redirect {
        let _ = write!(text, ", on to {to}");
    }
    if let Some((why, after)) = &hop.retry {
        let _ = write!(text, ", tried again after {} ({why})", ms(*after));
    }
    text
}

/// A phase, as what was being done.
pub(crate) const fn doing(phase: wireline_http::account::Phase) -> &'static str {
    use wireline_http::account::Phase as P;
    match phase {
        P::Name => "looking up the name",
        P::Connect => "connecting",
        P::Secure => "shaking hands (TLS)",
        P::Send => "sending the request",
        P::Wait => "waiting for the response",
        P::Receive => "receiving the response",
    }
}
