//! TLS, for a story.

use wireline_http::account::{Handshake, Hop};
use wireline_http::tls::What;

use super::Story;
use crate::reports::figures::ms;
use crate::reports::{Tone, chain, ladder};

impl Story<'_> {
    pub(super) fn secure(&mut self, hop: &Hop) {
        for shake in &hop.handshakes {
            let with = if shake.is_proxy { "the proxy" } else { "the server" };
            self.step(&format!("Keys are agreed upon with {with}: TLS (RFC 8446)"));
            self.say("Both prove to each other that they have the same keys, and the server proves who it is:");
            self.messages(shake);
            for pause in ladder::pauses(shake, ladder::rtt(hop)) {
                self.page.text("   ", 3, Tone::Note, &pause.sentence());
            }
            self.certificates(shake);
            match &shake.facts {
                Some(facts) => self.say(&format!(
                    "Agreed after {}: {}. From here on nobody on the way can read or change anything.",
                    ms(shake.span.length()),
                    ladder::agreed(facts)
                )),
                None => self.say("It failed: there is no session, and nothing was asked."),
            }
        }
    }

    fn messages(&mut self, shake: &Handshake) {
        let mut last = None;
        for step in ladder::sorted(shake) {
            let (name, meaning) = match &step.what {
                What::Message(name, number) => (*name, meaning(*number, name)),
                What::Alert(name) => {
                    (name.as_str(), "an alert: this end gives up, and says why (RFC 8446 \u{a7}6)")
                }
                _ => continue,
            };
            let way = if step.sent { "we say" } else { "they say" };
            let said = (step.sent, name);
            // Tickets come in pairs.
            if last.replace(said) == Some(said) {
                continue;
            }
            let lead = format!("   {:>10}  {way:<8}  ", ms(step.at));
            self.page.row(&[(Tone::Plain, &lead), (Tone::Cold, name)]);
            self.page.text("", 25, Tone::Dim, meaning);
        }
    }

    fn certificates(&mut self, shake: &Handshake) {
        if shake.examined.is_none() {
            return;
        }
        self.say("The server's certificate says whose key that is, signed by an authority, whose own is signed by the next, up to one that this machine trusts:");
        chain::write(self.page, shake);
    }
}

/// What a message is for (RFC 8446 §4, RFC 5246 §7.4).
fn meaning(number: u8, name: &str) -> &'static str {
    match (number, name) {
        (_, "HelloRetryRequest") => {
            "your key share is of a group that I do not take: say hello again with this one. That costs a round trip"
        }
        (0, _) => "begin again, please",
        (1, _) => {
            "what versions, ciphers, groups and protocols (ALPN) we can; our half of the key exchange; for which name (SNI)"
        }
        (2, _) => {
            "what was chosen of it, and their half of the key exchange: both can compute keys now"
        }
        (4, _) => "a ticket: with it the next session needs no certificate (resumption)",
        (8, _) => "the rest of what was chosen, already encrypted: the protocol (ALPN) above all",
        (11, _) => "the chain of certificates: who they say they are",
        (12, _) => "their half of the key exchange, signed (TLS 1.2)",
        (13, _) => "they want to know who we are, too: a certificate of ours",
        (14, _) => "that was all from them; our turn (TLS 1.2)",
        (15, _) => {
            "all that was said so far, signed with the certificate's key: the proof that it is theirs"
        }
        (16, _) => "our half of the key exchange (TLS 1.2)",
        (20, _) => "a checksum of all that was said, under the new keys: nobody changed any of it",
        (22, _) => "the authority's word that the certificate is not revoked (OCSP)",
        _ => "part of the handshake",
    }
}
