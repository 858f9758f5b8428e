//! `--story`: what happened, step for step, in the words of textbooks.

use wireline_http::account::Hop;
use wireline_http::event::{Medium, NameSource, Why};
use wireline_http::{Url, Version};

use super::figures::{many, ms};
use super::{Page, Told, Tone, attempts, verdict};

mod answer;
mod fields;
mod secure;
mod status;

/// Writes it.
pub(super) fn write(page: &mut Page, told: &Told<'_>) {
    let mut story = Story { page, step: 0 };
    for hop in &told.account.hops {
        story.hop(hop, told);
    }
    verdict::write(story.page, told.account);
}

/// A story that is being told.
struct Story<'a> {
    page: &'a mut Page,
    step: usize,
}

impl Story<'_> {
    /// The next step.
    fn step(&mut self, title: &str) {
        self.step = self.step.saturating_add(1);
        self.page.heading(&format!("{}. {title}", self.step));
    }

    fn say(&mut self, text: &str) {
        self.page.text("   ", 3, Tone::Plain, text);
    }

    /// A line with something in front of it.
    fn item(&mut self, lead: &str, width: usize, text: &str) {
        let indent = width.saturating_add(6);
        let lead = self.page.painted(Tone::Bold, &format!("     {lead}"));
        self.page.text(&lead, indent, Tone::Plain, text);
    }

    fn hop(&mut self, hop: &Hop, told: &Told<'_>) {
        self.url(hop);
        let is_reused = hop.link.as_ref().is_some_and(|link| link.medium.is_none());
        if is_reused {
            self.step("A connection from before is used again");
            self.say("Name, TCP and TLS are not needed: the connection was kept open (RFC 9112 \u{a7}9.3).");
        } else {
            self.name(hop, told);
            self.connect(hop);
            self.secure(hop);
        }
        self.request(hop);
        self.response(hop);
        self.ending(hop);
    }

    fn url(&mut self, hop: &Hop) {
        let title = match hop.why {
            Why::First => "The URL is taken apart (RFC 3986)".to_owned(),
            Why::Redirect(status) => {
                format!("The server sent us on ({status}): another URL is taken apart")
            }
            Why::Challenge(status) => format!(
                "The server wants to know who asks ({status}): asked again, with credentials"
            ),
            Why::Again => "The kept connection was dead: asked again on a new one".to_owned(),
            Why::Retry => "It is tried again".to_owned(),
        };
        self.step(&title);
        self.say(&hop.url);
        let Ok(url) = Url::parse(&hop.url, None, true) else { return };
        let scheme = if url.is_secure() {
            "HTTP, protected by TLS"
        } else {
            "HTTP, in the clear: everybody on the way can read it"
        };
        self.item("scheme", 9, &format!("{}: {scheme}", url.scheme));
        self.item("host", 9, &format!("{}: whom to ask", url.host));
        let port = url.effective_port();
        let given =
            if url.port.is_some() { "as the URL says" } else { "as always with this scheme" };
        self.item("port", 9, &format!("{port}: {given}"));
        self.item("path", 9, &format!("{}: what to ask for", url.path));
        if let Some(query) = &url.query {
            self.item("query", 9, &format!("{query}: for the server to make of it what it will"));
        }
        if let Some(fragment) = &url.fragment {
            self.item("fragment", 9, &format!("{fragment}: stays here, it is never sent"));
        }
    }

    fn name(&mut self, hop: &Hop, told: &Told<'_>) {
        let Some(lookup) = &hop.lookup else {
            if let Some((_, name)) = &hop.asked_name {
                self.step(&format!("The name {name} is looked up, in vain"));
                self.say(
                    "Nobody knows an address for it: without one there is nothing to connect to.",
                );
            }
            return;
        };
        if lookup.source == NameSource::Literal {
            return;
        }
        self.step(&format!("The name {} becomes addresses", lookup.host));
        let took = match lookup.source {
            NameSource::Override | NameSource::Loopback | NameSource::Cache => String::new(),
            _ => format!(" It took {}.", ms(lookup.span.length())),
        };
        self.say(&format!("{}{took}", source(&lookup.source)));
        for address in lookup.addresses.iter().take(20) {
            let record = if address.is_ipv6() { "AAAA" } else { "A" };
            self.item(record, 5, &address.to_string());
        }
        for walk in told.walks.iter().filter(|walk| walk.name == lookup.host) {
            walk.write(self.page);
        }
    }

    fn connect(&mut self, hop: &Hop) {
        if hop.trying.is_empty() && hop.link.is_none() {
            return;
        }
        let medium = hop.link.as_ref().and_then(|link| link.medium.as_ref());
        let title = match medium {
            Some(Medium::Quic) => "A connection is made: QUIC over UDP (RFC 9000)",
            Some(Medium::Unix(_)) => "A connection is made: a socket on this machine",
            Some(Medium::Proxied { .. }) => "A connection is made, to a proxy: TCP (RFC 9293)",
            Some(Medium::Tcp) => "A connection is made: TCP (RFC 9293)",
            None => "A connection is tried",
        };
        self.step(title);
        if hop.trying.len() > 1 {
            self.say("There are several addresses. They are tried one soon after the other, IPv6 first; the first that answers wins (Happy Eyeballs, RFC 8305):");
        }
        for row in attempts::rows(hop) {
            let took = row.took.map(|took| format!(", after {took}")).unwrap_or_default();
            self.item(
                &row.to,
                row.to.chars().count(),
                &format!("begun at {}, {}{took}", row.began, row.words),
            );
        }
        self.handshake(hop, medium);
    }

    fn handshake(&mut self, hop: &Hop, medium: Option<&Medium>) {
        let took = hop.phases().connect.map(|span| ms(span.length())).unwrap_or_default();
        match medium {
            Some(Medium::Tcp | Medium::Proxied { .. }) => {
                self.say(&format!(
                    "Three segments open it: SYN (we ask, with our first sequence number), SYN-ACK (the server agrees, with its \
                     own), ACK (we confirm). From the first to the second is one round trip. In all: {took}."
                ));
                if let Some(rtt) = super::ladder::rtt(hop) {
                    self.say(&format!("The kernel measured a round trip of {} (TCP_INFO).", ms(rtt)));
                }
            }
            Some(Medium::Quic) => self.say("There is no handshake of its own: TLS's messages go in its first packets, so that both are done in one round trip (RFC 9001)."),
            _ => {}
        }
        if let (Some(Medium::Proxied { proxy }), Some(tunnel)) = (medium, hop.tunnel) {
            self.say(&format!(
                "The proxy {proxy} was asked to connect us on; that took {}.",
                ms(tunnel.length())
            ));
        }
        if let Some(link) = &hop.link
            && let (Some(local), Some(remote)) = (link.local, link.remote)
        {
            self.say(&format!("It is known by its four numbers: {local} here, {remote} there."));
        }
    }

    fn request(&mut self, hop: &Hop) {
        if hop.request.raw.is_empty() {
            return;
        }
        self.step("The request is sent");
        let version = hop.version.unwrap_or_default();
        self.say(carried(version));
        let text = String::from_utf8_lossy(&hop.request.raw);
        for (at, line) in text.lines().filter(|line| !line.is_empty()).take(100).enumerate() {
            let meaning = if at == 0 {
                Some("method, target, version: what to do, with what")
            } else {
                fields::asked(line)
            };
            self.quoted(line, meaning);
        }
        self.say("An empty line ends the head.");
        if hop.request.body > 0 {
            self.say(&format!("{} of body follow it.", many(hop.request.body, "octet")));
        }
    }

    /// A line of a head, and what it means.
    fn quoted(&mut self, line: &str, meaning: Option<&str>) {
        // A cookie may be as long as a page.
        let cut: String = line.chars().take(200).collect();
        let dots = if cut.len() < line.len() { " ..." } else { "" };
        self.page.row(&[(Tone::Cold, &format!("     {cut}{dots}"))]);
        if let Some(meaning) = meaning {
            self.page.text("", 9, Tone::Dim, meaning);
        }
    }
}

const fn carried(version: Version) -> &'static str {
    match version {
        Version::Http2 => {
            "With HTTP/2 it goes as binary frames on a numbered stream, fields compressed by HPACK (RFC 9113, RFC 7541); as \
             text it would be:"
        }
        Version::Http3 => {
            "With HTTP/3 it goes as binary frames on a stream of QUIC, fields compressed by QPACK (RFC 9114, RFC 9204); as \
             text it would be:"
        }
        _ => {
            "HTTP/1 is text: a line that says what is wanted, then fields, one a line (RFC 9112 \u{a7}2):"
        }
    }
}

fn source(source: &NameSource) -> String {
    match source {
        NameSource::Literal => "It is an address already.".to_owned(),
        NameSource::Override => "--resolve said what it is; nobody was asked.".to_owned(),
        NameSource::Cache => "It was looked up before, in this run.".to_owned(),
        NameSource::Loopback => "Nobody was asked: this name is always the machine itself (RFC 6761 \u{a7}6.3).".to_owned(),
        NameSource::System { in_hosts: true } => {
            "The system was asked (getaddrinfo); /etc/hosts has a line for it, so DNS was not needed.".to_owned()
        }
        NameSource::System { in_hosts: false } => {
            "The system was asked (getaddrinfo), which asks whom /etc/nsswitch.conf and /etc/resolv.conf name: mostly a \
             resolver that asks DNS (RFC 1034)."
                .to_owned()
        }
        NameSource::Server(server) => format!("The name server {server} was asked over DNS (RFC 1035)."),
        NameSource::Https(url) => format!("{url} was asked: DNS over HTTPS (RFC 8484)."),
    }
}
