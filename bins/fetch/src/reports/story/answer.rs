//! The response, for a story.

use wireline_http::account::{Hop, Phase};

use super::Story;
use super::{fields, status};
use crate::reports::figures::{ms, octets, rate};
use crate::reports::per_second;
use crate::reports::timing::doing;

/// More fields than that are not explained.
const MOST: usize = 60;

impl Story<'_> {
    pub(super) fn response(&mut self, hop: &Hop) {
        for (at, head) in &hop.interim {
            self.step(&format!("At {} a word in between: {}", ms(*at), head.status));
            self.say(status::meaning(head.status));
        }
        let Some((_, head)) = &hop.head else { return };
        let reason = String::from_utf8_lossy(&head.reason);
        self.step(&format!("The server answers: {} {reason}", head.status));
        if let Some(wait) = hop.phases().wait {
            self.say(&format!(
                "The first octet came {} after the request was out.",
                ms(wait.length())
            ));
        }
        self.say(status::meaning(head.status));
        for field in head.fields.0.iter().take(MOST) {
            let name = String::from_utf8_lossy(&field.name);
            let value = String::from_utf8_lossy(&field.value);
            self.quoted(&format!("{name}: {value}"), fields::answered(&name));
        }
        for oddity in hop.oddities.iter().take(20) {
            self.say(&format!("Odd: {oddity}"));
        }
        self.body(hop);
    }

    fn body(&mut self, hop: &Hop) {
        let Some(end) = &hop.end else { return };
        if end.carried == 0 {
            self.say("There is no body.");
            return;
        }
        let took =
            hop.phases().receive.map(wireline_http::account::Span::length).unwrap_or_default();
        self.step(&format!("The body comes: {}", octets(end.carried)));
        let pace = rate(per_second(end.carried, took));
        self.say(&format!("It took {}, which is {pace}.", ms(took)));
        self.say(framing(hop));
        if end.decoded > 0 && end.decoded != end.carried {
            self.say(&format!(
                "It was compressed for the way (Content-Encoding, RFC 9110 \u{a7}8.4): decoded it has {}.",
                octets(end.decoded)
            ));
        }
        if let Some(trailers) = &hop.trailers {
            self.say("Behind it came more fields (trailers, RFC 9110 \u{a7}6.5):");
            for field in trailers.0.iter().take(MOST) {
                let name = String::from_utf8_lossy(&field.name);
                let value = String::from_utf8_lossy(&field.value);
                self.quoted(&format!("{name}: {value}"), None);
            }
        }
    }

    pub(super) fn ending(&mut self, hop: &Hop) {
        if let Some((phase, span)) = hop.unfinished() {
            self.step(&format!("It ends here, after {} of {}", ms(span.length()), doing(phase)));
            if phase == Phase::Receive {
                self.say("What came so far is not all there is.");
            }
            return;
        }
        if let Some((to, notes)) = &hop.redirect {
            self.say(&format!("Location leads on to {to}."));
            for note in notes {
                self.say(note);
            }
        }
        match hop.link.as_ref().and_then(|link| link.is_left_open) {
            Some(true) => self.say("The connection stays open, for the next request to the same server (RFC 9112 \u{a7}9.3)."),
            Some(false) => self.say("The connection is closed (RFC 9112 \u{a7}9.6)."),
            None => {}
        }
    }
}

/// How the body's end is known (RFC 9112 §6.3).
fn framing(hop: &Hop) -> &'static str {
    use wireline_http::Version as V;
    let Some((_, head)) = &hop.head else { return "" };
    if matches!(head.version, V::Http2 | V::Http3) {
        "Frames carry it; the last one says that it is the last."
    } else if head.fields.get("transfer-encoding").is_some() {
        "It came in chunks, each with its length before it; a chunk of length 0 is the end (RFC 9112 \u{a7}7.1)."
    } else if head.fields.get("content-length").is_some() {
        "Content-Length says how many octets there are; the last of them is the end (RFC 9112 \u{a7}6.2)."
    } else {
        "Nothing says how long it is: it ends where the server closes the connection (RFC 9112 \u{a7}6.3)."
    }
}
