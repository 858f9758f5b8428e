//! What is told of a transfer with `-v` and `--trace`, from its events.
//!
//! How that looks is decided in [`crate::trace`].

use std::net::{IpAddr, SocketAddr};

use wireline_http::Event;
use wireline_http::event::{Attempt, Medium, NameSource, Outcome};

use crate::trace::Shown;

mod session;

pub(crate) use session::date;

/// Tells a transfer, event for event.
#[derive(Debug, Default)]
pub(crate) struct Narrator {
    /// Whom the hop is about.
    host: String,
    /// What comes is not looked at: it goes on elsewhere.
    is_leaving: bool,
    /// The connection is one from before, whose version is known.
    is_reused: bool,
    /// How far TLS is.
    session: session::Session,
}

impl Narrator {
    /// What an event has to say, in order.
    pub(crate) fn tell(&mut self, event: &Event, show: &mut dyn FnMut(&Shown<'_>)) {
        match event {
            Event::RequestHead { raw, .. } => show(&Shown::SentHead(raw)),
            Event::ResponseHead { head, .. } => lines(&head.raw, show),
            Event::Trailers { raw, .. } => lines(trailers(raw), show),
            Event::Octets { sent: false, .. } if self.is_leaving => {}
            Event::Octets { sent, octets } => show(&Shown::Data { sent: *sent, octets }),
            Event::Tls(step) => self.session.step(step, show),
            Event::Secured { facts, is_proxy, .. } => {
                self.session.secured(facts, *is_proxy, show);
            }
            other => self.note(other, &mut |text| show(&Shown::Info(text.into()))),
        }
    }

    fn note(&mut self, event: &Event, say: &mut dyn FnMut(String)) {
        match event {
            Event::Hop { url, .. } => {
                host_of(url).clone_into(&mut self.host);
                self.is_leaving = false;
            }
            Event::Resolving { host, .. } => self.host.clone_from(host),
            Event::Resolved { host, addresses, source, .. } => {
                resolved(host, addresses, source, say);
            }
            Event::Trying { to } => say(format!("  Trying {to}...")),
            Event::Attempt(attempt) => attempted(attempt, say),
            Event::Connected { medium, local, remote, .. } => {
                self.is_reused = false;
                say(self.connected(medium, *local, *remote));
            }
            Event::Reused { .. } => {
                self.is_reused = true;
                say(format!("Reusing existing connection with host {}", self.host));
            }
            Event::Tunnel { proxy, to, .. } => {
                say(format!("Tunnel to {to} through {proxy} established"));
            }
            Event::Ready { .. } if self.is_reused => {}
            Event::Ready { version } => say(using(*version)),
            Event::RequestSent { body: 0 } => say("Request completely sent off".to_owned()),
            Event::RequestSent { body } => say(format!("upload completely sent off: {body} bytes")),
            other => self.ending(other, say),
        }
    }

    fn ending(&mut self, event: &Event, say: &mut dyn FnMut(String)) {
        match event {
            Event::Oddity { text } | Event::Note(text) => say(text.clone()),
            Event::Left { connection, is_open: true } => {
                say(format!("Connection #{connection} to host {} left intact", self.host));
            }
            Event::Left { connection, .. } => say(format!("closing connection #{connection}")),
            Event::Redirecting { to, notes } => {
                self.is_leaving = true;
                for note in notes {
                    say(note.clone());
                }
                say(format!("Issue another request to this URL: '{to}'"));
            }
            Event::Done { failure: Some(failure) } => say(failure.text.clone()),
            _ => {}
        }
    }

    fn connected(
        &self,
        medium: &Medium,
        local: Option<SocketAddr>,
        remote: Option<SocketAddr>,
    ) -> String {
        let host = &self.host;
        if let Medium::Unix(path) = medium {
            return format!("Established connection to {host} ({path})");
        }
        let end = |end: Option<SocketAddr>| {
            end.map_or_else(String::new, |end| format!("{} port {}", end.ip(), end.port()))
        };
        format!("Established connection to {host} ({}) from {}", end(remote), end(local))
    }
}

fn lines(head: &[u8], show: &mut dyn FnMut(&Shown<'_>)) {
    head.split_inclusive(|octet| *octet == b'\n').for_each(|line| show(&Shown::ReceivedHead(line)));
}

/// Trailers without the empty line behind them, as curl shows and writes them.
pub(crate) fn trailers(raw: &[u8]) -> &[u8] {
    raw.strip_suffix(b"\r\n").filter(|rest| rest.is_empty() || rest.ends_with(b"\n")).unwrap_or(raw)
}

fn using(version: wireline_http::Version) -> String {
    use wireline_http::Version::{Http2, Http3, Http09, Http10, Http11};
    match version {
        Http09 | Http10 | Http11 => "using HTTP/1.x".to_owned(),
        Http2 | Http3 => format!("using HTTP/{version}"),
    }
}

fn resolved(host: &str, all: &[IpAddr], source: &NameSource, say: &mut dyn FnMut(String)) {
    match source {
        NameSource::Literal => return,
        NameSource::Loopback => {
            say(format!("Host {host} was resolved, as a name of this machine."));
        }
        NameSource::Override | NameSource::Cache => {
            return say(format!("Hostname {host} was found in DNS cache"));
        }
        NameSource::System { in_hosts: true } => {
            say(format!("Host {host} was resolved, from /etc/hosts."));
        }
        NameSource::System { .. } => say(format!("Host {host} was resolved.")),
        NameSource::Server(server) => say(format!("Host {host} was resolved, by {server}.")),
        NameSource::Https(url) => say(format!("Host {host} was resolved, by {url}.")),
    }
    say(format!("IPv6: {}", listed(all, IpAddr::is_ipv6)));
    say(format!("IPv4: {}", listed(all, IpAddr::is_ipv4)));
}

fn listed(all: &[IpAddr], is_wanted: fn(&IpAddr) -> bool) -> String {
    let some: Vec<_> = all.iter().filter(|one| is_wanted(one)).map(ToString::to_string).collect();
    if some.is_empty() { "(none)".to_owned() } else { some.join(", ") }
}

fn attempted(attempt: &Attempt, say: &mut dyn FnMut(String)) {
    if let Outcome::Failed(why) = &attempt.outcome {
        let to = attempt.to;
        say(format!("connect to {} port {} failed: {why}", to.ip(), to.port()));
    }
}

/// The host in a URL that was read before, for people.
fn host_of(url: &str) -> &str {
    let behind = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = behind.split(['/', '?', '#']).next().unwrap_or_default();
    let place = authority.rsplit('@').next().unwrap_or_default();
    match place.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => place.split(':').next().unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests;
