//! TLS in the words of `-v`.

use wireline_http::tls::{Certificate, Facts, Step, What};

use crate::trace::Shown;

/// How far TLS is, as far as its words depend on that.
#[derive(Debug, Default)]
pub(super) struct Session {
    /// A message that only TLS 1.2 has was there.
    is_old: bool,
    /// The message before.
    last: u8,
}

impl Session {
    pub(super) fn step(&mut self, step: &Step, show: &mut dyn FnMut(&Shown<'_>)) {
        let sent = step.sent;
        let way = if sent { "OUT" } else { "IN" };
        let mut say = |what: String| show(&Shown::Info(what.into()));
        match &step.what {
            What::Message(name, number) => {
                // RFC 5246 §7.4: ServerKeyExchange, ServerHelloDone, ClientKeyExchange. RFC 8446 §4.3.1: with 1.3
                // EncryptedExtensions follows ServerHello always.
                let is_after_hello = self.last == 2 && !matches!(number, 1 | 8);
                self.is_old |= is_after_hello || matches!(number, 12 | 14 | 16);
                self.last = *number;
                let (version, name) = (self.version(), spoken(name, *number));
                say(format!("{version} ({way}), TLS handshake, {name} ({number}):"));
            }
            What::ChangeCipherSpec => {
                let version = self.version();
                say(format!("{version} ({way}), TLS change cipher, Change cipher spec (1):"));
            }
            What::Alert(name) => say(format!("{} ({way}), TLS alert, {name}:", self.version())),
            What::Encrypted => {}
            _ => return,
        }
        if step.octets > 0 {
            show(&Shown::Tls { sent, octets: step.octets });
        }
    }

    const fn version(&self) -> &'static str {
        if self.is_old { "TLSv1.2" } else { "TLSv1.3" }
    }

    pub(super) fn secured(
        &mut self,
        facts: &Facts,
        is_proxy: bool,
        show: &mut dyn FnMut(&Shown<'_>),
    ) {
        *self = Self::default();
        let mut say = |what: String| show(&Shown::Info(what.into()));
        let parts = [&facts.version, &facts.cipher, &facts.group];
        let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        say(format!("SSL connection using {}", parts.join(" / ")));
        say(facts.alpn.as_ref().map_or_else(
            || "ALPN: server did not agree on a protocol. Uses default.".to_owned(),
            |alpn| format!("ALPN: server accepted {alpn}"),
        ));
        let who = if is_proxy { "Proxy" } else { "Server" };
        if let Some(certificate) = facts.chain.first() {
            say(format!("{who} certificate:"));
            shown(certificate).into_iter().for_each(&mut say);
        }
        say(verdict(facts));
    }
}

/// curl's words for messages; the names of RFC 8446 §4 where it has none.
fn spoken(name: &'static str, number: u8) -> &'static str {
    match number {
        0 => "Hello request",
        1 => "Client hello",
        2 => "Server hello",
        4 => "Newsession Ticket",
        5 => "End of early data",
        8 => "Encrypted Extensions",
        11 => "Certificate",
        12 => "Server key exchange",
        13 => "Request CERT",
        14 => "Server finished",
        15 => "CERT verify",
        16 => "Client key exchange",
        20 => "Finished",
        22 => "Certificate Status",
        24 => "Key update",
        _ => name,
    }
}

fn shown(certificate: &Certificate) -> Vec<String> {
    let mut lines = vec![
        format!(" subject: {}", certificate.subject),
        format!(" start date: {}", date(certificate.not_before_s)),
        format!(" expire date: {}", date(certificate.not_after_s)),
    ];
    if !certificate.names.is_empty() {
        lines.push(format!(" subjectAltName: {}", certificate.names.join(", ")));
    }
    lines.push(format!(" issuer: {}", certificate.issuer));
    lines.push(format!(" public key: {}", certificate.key));
    lines
}

fn verdict(facts: &Facts) -> String {
    match (&facts.verified.fault, facts.verified.is_nobody()) {
        (Some(fault), _) => {
            format!(" SSL certificate verification failed ({fault}), continuing anyway.")
        }
        (None, true) => " SSL certificate was not verified.".to_owned(),
        (None, false) => " SSL certificate verify ok.".to_owned(),
    }
}

/// `Nov 22 06:38:36 2026 GMT`, as OpenSSL writes dates.
pub(crate) fn date(seconds: i64) -> String {
    let Ok(when) = jiff::Timestamp::from_second(seconds) else { return format!("{seconds} s") };
    when.strftime("%b %e %H:%M:%S %Y GMT").to_string()
}
