//! A transfer told afterwards: what its observer saw, by hop and by phase.
//!
//! Computes nothing that an [`Event`] does not say, and knows no layout.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use wireline_tls as tls;

use crate::event::{Attempt, Event, Medium, NameSource, Why};
use crate::failure::Failure;
use crate::head::{Fields, Head, Version};

mod phase;

pub use phase::{Phase, Phases};

/// Steps, attempts, notes and interim heads that are kept of a hop: a server sends as many as it likes.
const MOST: usize = 1000;
/// Hops that are kept.
const MOST_HOPS: usize = 200;

/// All of a transfer.
#[derive(Clone, Debug, Default)]
pub struct Account {
    /// Its hops, in order.
    pub hops: Vec<Hop>,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// When it was over.
    pub ended: Option<Duration>,
}

/// A request and what came of it. Times are since the transfer began.
#[derive(Clone, Debug)]
pub struct Hop {
    /// Where to.
    pub url: String,
    /// How.
    pub method: String,
    /// Why.
    pub why: Why,
    /// When.
    pub began: Duration,
    /// When its name was asked for, and which; also where nobody knew it.
    pub asked_name: Option<(Duration, String)>,
    /// How its name was found; `None` where a connection was there.
    pub lookup: Option<Lookup>,
    /// Addresses whose trial began, and when.
    pub trying: Vec<(Duration, SocketAddr)>,
    /// Addresses that were tried, in the order in which that ended.
    pub attempts: Vec<Attempt>,
    /// What it went over.
    pub link: Option<Link>,
    /// When a proxy had opened the tunnel, and how long that took.
    pub tunnel: Option<Span>,
    /// TLS with a proxy, and with the server.
    pub handshakes: Vec<Handshake>,
    /// What was spoken.
    pub version: Option<Version>,
    /// The request.
    pub request: Sent,
    /// Interim heads (1xx).
    pub interim: Vec<(Duration, Head)>,
    /// The first octet of the response.
    pub first_byte: Option<Duration>,
    /// The final head.
    pub head: Option<(Duration, Head)>,
    /// Fields behind the body.
    pub trailers: Option<Fields>,
    /// When the response ended, and how.
    pub end: Option<End>,
    /// What was odd about the response.
    pub oddities: Vec<String>,
    /// When the next began, or all was over.
    pub ended: Option<Duration>,
    /// Where it led on, and what about that is noteworthy.
    pub redirect: Option<(String, Vec<String>)>,
    /// What came before it is tried again: why, and how long after.
    pub retry: Option<(String, Duration)>,
}

/// How a name was found.
#[derive(Clone, Debug)]
pub struct Lookup {
    /// The name.
    pub host: String,
    /// Addresses.
    pub addresses: Vec<std::net::IpAddr>,
    /// Who said so.
    pub source: NameSource,
    /// When and how long.
    pub span: Span,
}

/// From when to when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Since the transfer began.
    pub from: Duration,
    /// Since the transfer began.
    pub to: Duration,
}

impl Span {
    /// How long.
    #[must_use]
    pub const fn length(self) -> Duration {
        self.to.saturating_sub(self.from)
    }
}

/// What a request went over.
#[derive(Clone, Debug)]
pub struct Link {
    /// Its number.
    pub number: u64,
    /// What it is; `None` where it is from before.
    pub medium: Option<Medium>,
    /// Our end.
    pub local: Option<SocketAddr>,
    /// The other end.
    pub remote: Option<SocketAddr>,
    /// When it was there.
    pub at: Duration,
    /// `struct tcp_info` at that time.
    pub tcp_info: Vec<u8>,
    /// Whether it stays.
    pub is_left_open: Option<bool>,
}

/// A handshake of TLS.
#[derive(Clone, Debug, Default)]
pub struct Handshake {
    /// Its steps, in order.
    pub steps: Vec<tls::Step>,
    /// What the certificates say; `None` where none came.
    pub examined: Option<Box<tls::Examined>>,
    /// What was agreed; `None` where it failed.
    pub facts: Option<Box<tls::Facts>>,
    /// From its first octet to its last.
    pub span: Span,
    /// Whether that was with a proxy.
    pub is_proxy: bool,
}

/// A request as it was sent.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    /// Its head.
    pub raw: Bytes,
    /// Octets of its body.
    pub body: u64,
    /// From ready to sent.
    pub span: Option<Span>,
}

/// How a response ended.
#[derive(Clone, Debug)]
pub struct End {
    /// When.
    pub at: Duration,
    /// Octets of the body, as carried.
    pub carried: u64,
    /// Octets of the body, decoded.
    pub decoded: u64,
    /// `struct tcp_info` at that time.
    pub tcp_info: Vec<u8>,
}

impl Account {
    /// Takes what an observer was told.
    pub fn event(&mut self, at: Duration, event: &Event) {
        match event {
            Event::Hop { url, method, why } => {
                self.close(at);
                self.open(Hop::new(url, method, *why, at));
            }
            Event::Done { failure } => {
                self.close(at);
                self.ended = Some(at);
                self.failure.clone_from(failure);
            }
            other => {
                if let Some(hop) = self.hops.last_mut() {
                    hop.event(at, other);
                }
            }
        }
    }

    fn close(&mut self, at: Duration) {
        if let Some(hop) = self.hops.last_mut() {
            hop.ended.get_or_insert(at);
        }
    }

    fn open(&mut self, hop: Hop) {
        if self.hops.len() < MOST_HOPS {
            self.hops.push(hop);
        }
    }
}

impl Hop {
    fn new(url: &str, method: &str, why: Why, began: Duration) -> Self {
        Self {
            url: url.to_owned(),
            method: method.to_owned(),
            why,
            began,
            lookup: None,
            asked_name: None,
            trying: Vec::new(),
            attempts: Vec::new(),
            link: None,
            tunnel: None,
            handshakes: Vec::new(),
            version: None,
            request: Sent::default(),
            interim: Vec::new(),
            first_byte: None,
            head: None,
            trailers: None,
            end: None,
            oddities: Vec::new(),
            ended: None,
            redirect: None,
            retry: None,
        }
    }

    fn event(&mut self, at: Duration, event: &Event) {
        match event {
            Event::Resolving { .. }
            | Event::Resolved { .. }
            | Event::Trying { .. }
            | Event::Attempt(_) => self.searched(at, event),
            Event::Connected { .. } | Event::Reused { .. } | Event::Left { .. } => {
                self.linked(at, event);
            }
            Event::Tunnel { took, .. } => {
                self.tunnel = Some(Span { from: at.saturating_sub(*took), to: at });
            }
            Event::Tls(_) | Event::Certificates { .. } | Event::Secured { .. } => {
                self.secured(at, event);
            }
            Event::Ready { .. } | Event::RequestHead { .. } | Event::RequestSent { .. } => {
                self.asked(at, event);
            }
            Event::Redirecting { to, notes } => self.redirect = Some((to.clone(), notes.clone())),
            Event::Retrying { why, after, .. } => self.retry = Some((why.clone(), *after)),
            other => self.answered(at, other),
        }
    }

    fn searched(&mut self, at: Duration, event: &Event) {
        match event {
            Event::Resolving { host, .. } => self.asked_name = Some((at, host.clone())),
            Event::Trying { to } => keep(&mut self.trying, (at, *to)),
            Event::Resolved { host, addresses, source, took } => {
                let (host, addresses, source) = (host.clone(), addresses.clone(), source.clone());
                let span = Span { from: at.saturating_sub(*took), to: at };
                self.lookup = Some(Lookup { host, addresses, source, span });
            }
            Event::Attempt(attempt) => keep(&mut self.attempts, attempt.clone()),
            _ => {}
        }
    }

    fn linked(&mut self, at: Duration, event: &Event) {
        match event {
            Event::Connected { connection, medium, local, remote, tcp_info } => {
                self.link = Some(Link {
                    number: *connection,
                    medium: Some(medium.clone()),
                    local: *local,
                    remote: *remote,
                    at,
                    tcp_info: tcp_info.clone(),
                    is_left_open: None,
                });
            }
            Event::Reused { connection, local, remote } => {
                self.link = Some(Link {
                    number: *connection,
                    medium: None,
                    local: *local,
                    remote: *remote,
                    at,
                    tcp_info: Vec::new(),
                    is_left_open: None,
                });
            }
            Event::Left { is_open, .. } => {
                if let Some(link) = &mut self.link {
                    link.is_left_open = Some(*is_open);
                }
            }
            _ => {}
        }
    }

    fn secured(&mut self, at: Duration, event: &Event) {
        let is_begun = self.handshakes.last().is_some_and(|last| last.facts.is_none());
        let is_late = matches!(event, Event::Tls(step) if step.is_late());
        if is_late && self.handshakes.is_empty() {
            return;
        }
        if !is_begun && !is_late {
            keep(&mut self.handshakes, Handshake::default());
        }
        let Some(shake) = self.handshakes.last_mut() else { return };
        match event {
            Event::Tls(step) => keep(&mut shake.steps, step.clone()),
            Event::Certificates { examined, is_proxy } => {
                shake.examined = Some(examined.clone());
                shake.is_proxy = *is_proxy;
            }
            Event::Secured { facts, took, is_proxy } => {
                shake.facts = Some(facts.clone());
                shake.span = Span { from: at.saturating_sub(*took), to: at };
                shake.is_proxy = *is_proxy;
            }
            _ => {}
        }
    }

    fn asked(&mut self, at: Duration, event: &Event) {
        match event {
            Event::Ready { version } => {
                self.version = Some(*version);
                self.request.span = Some(Span { from: at, to: at });
            }
            Event::RequestHead { raw, is_tunnel: false } => self.request.raw = raw.clone(),
            Event::RequestSent { body } => {
                self.request.body = *body;
                let from = self.request.span.map_or(at, |span| span.from);
                self.request.span = Some(Span { from, to: at });
            }
            _ => {}
        }
    }

    fn answered(&mut self, at: Duration, event: &Event) {
        match event {
            Event::FirstByte => self.first_byte = Some(at),
            Event::ResponseHead { head, is_tunnel: false } if head.status < 200 => {
                keep(&mut self.interim, (at, head.clone()));
            }
            Event::ResponseHead { head, is_tunnel: false } => self.head = Some((at, head.clone())),
            Event::Trailers { fields, .. } => self.trailers = Some(fields.clone()),
            Event::ResponseEnd { carried, decoded, tcp_info } => {
                let tcp_info = tcp_info.clone();
                self.end = Some(End { at, carried: *carried, decoded: *decoded, tcp_info });
            }
            Event::Oddity { text } => keep(&mut self.oddities, text.clone()),
            _ => {}
        }
    }
}

/// A bounded list.
fn keep<T>(list: &mut Vec<T>, one: T) {
    if list.len() < MOST {
        list.push(one);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn hop(why: Why) -> Event {
        Event::Hop { url: "http://a/".to_owned(), method: "GET".to_owned(), why }
    }

    #[test]
    fn phases_lie_one_behind_the_other() {
        let mut account = Account::default();
        let source = NameSource::System { in_hosts: false };
        let head = Head { status: 200, ..Head::default() };
        let resolved =
            Event::Resolved { host: "a".to_owned(), addresses: Vec::new(), source, took: ms(4) };
        let connected = Event::Connected {
            connection: 0,
            medium: Medium::Tcp,
            local: None,
            remote: None,
            tcp_info: Vec::new(),
        };
        for (at, event) in [
            (0, hop(Why::First)),
            (5, resolved),
            (9, connected),
            (10, Event::Ready { version: Version::Http11 }),
            (11, Event::RequestSent { body: 0 }),
            (30, Event::FirstByte),
            (31, Event::ResponseHead { head, is_tunnel: false }),
            (40, Event::ResponseEnd { carried: 7, decoded: 7, tcp_info: Vec::new() }),
            (41, Event::Done { failure: None }),
        ] {
            account.event(ms(at), &event);
        }
        let phases = account.hops[0].phases();
        let span = |from, to| Some(Span { from: ms(from), to: ms(to) });
        assert_eq!(phases.name, span(1, 5));
        assert_eq!(phases.connect, span(5, 9));
        assert_eq!(phases.secure, None);
        assert_eq!((phases.send, phases.wait), (span(10, 11), span(11, 30)));
        assert_eq!(phases.receive, span(30, 40));
        assert_eq!(account.ended, Some(ms(41)));
    }

    #[test]
    fn what_a_server_repeats_without_end_is_kept_only_so_often() {
        let mut account = Account::default();
        account.event(ms(0), &hop(Why::First));
        for at in 0..5000 {
            let head = Head { status: 102, ..Head::default() };
            account.event(ms(at), &Event::ResponseHead { head, is_tunnel: false });
            account.event(ms(at), &hop(Why::Redirect(302)));
            account.event(ms(at), &Event::Oddity { text: "x".to_owned() });
        }
        assert_eq!(account.hops.len(), MOST_HOPS);
        assert!(account.hops.iter().all(|hop| hop.oddities.len() <= MOST));
    }
}
