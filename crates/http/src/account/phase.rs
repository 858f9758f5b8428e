//! Phases of a hop, one behind the other.

use std::time::Duration;

use super::{Handshake, Hop, Span};
use crate::event::Medium;

/// A phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// The name is looked up.
    Name,
    /// TCP's handshake, or a proxy's tunnel.
    Connect,
    /// TLS's handshake, or QUIC's.
    Secure,
    /// The request goes out.
    Send,
    /// The server thinks, and the way there and back.
    Wait,
    /// The response comes.
    Receive,
}

/// Phases of a hop, one behind the other. What there was not is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Phases {
    /// The name was looked up.
    pub name: Option<Span>,
    /// TCP's handshake, or a proxy's tunnel, too; of all addresses that were tried. With QUIC there is none.
    pub connect: Option<Span>,
    /// TLS's handshake, or QUIC's.
    pub secure: Option<Span>,
    /// The request went out.
    pub send: Option<Span>,
    /// The server thought, and the way there and back.
    pub wait: Option<Span>,
    /// The response came.
    pub receive: Option<Span>,
}

impl Phases {
    /// Those that there were, in order.
    pub fn all(self) -> impl Iterator<Item = (Phase, Span)> {
        let all = [
            (Phase::Name, self.name),
            (Phase::Connect, self.connect),
            (Phase::Secure, self.secure),
            (Phase::Send, self.send),
            (Phase::Wait, self.wait),
            (Phase::Receive, self.receive),
        ];
        all.into_iter().filter_map(|(phase, span)| Some((phase, span?)))
    }
}

impl Hop {
    /// Its phases.
    #[must_use]
    pub fn phases(&self) -> Phases {
        let sent = self.request.span;
        let first = self.first_byte;
        Phases {
            name: self.lookup.as_ref().map(|one| one.span),
            connect: self.connect(),
            secure: self.secure(),
            send: sent,
            wait: sent.zip(first).map(|(sent, to)| Span { from: sent.to, to }),
            receive: first.zip(self.end.as_ref()).map(|(from, end)| Span { from, to: end.at }),
        }
    }

    /// From the first address that was tried to the connection, through all proxies.
    fn connect(&self) -> Option<Span> {
        let link = self.link.as_ref()?;
        let medium = link.medium.as_ref()?;
        if *medium == Medium::Quic {
            return None;
        }
        let began = self.attempts.iter().map(|one| one.began).min();
        let from = began.or_else(|| Some(self.lookup.as_ref()?.span.to)).unwrap_or(self.began);
        Some(Span { from, to: self.tunnel.map_or(link.at, |tunnel| tunnel.to.max(link.at)) })
    }

    fn secure(&self) -> Option<Span> {
        let with_server = self.handshakes.iter().rfind(|one| !one.is_proxy)?;
        with_server.facts.is_some().then_some(with_server.span)
    }

    /// The phase in which it ended before that phase did, and from when until when it was in it; `None` where there is
    /// a whole response.
    #[must_use]
    pub fn unfinished(&self) -> Option<(Phase, Span)> {
        let to = self.ended?;
        let span = |phase, from: Duration| Some((phase, Span { from: from.min(to), to }));
        let Some(sent) = self.request.span else { return self.unreached(to) };
        match (self.first_byte, &self.end) {
            (_, Some(_)) => None,
            (Some(first), None) => span(Phase::Receive, first),
            (None, None) => span(Phase::Wait, sent.to),
        }
    }

    /// As `unfinished`, of what never came to a request.
    fn unreached(&self, to: Duration) -> Option<(Phase, Span)> {
        let span = |phase, from: Duration| Some((phase, Span { from: from.min(to), to }));
        let shaken = self.handshakes.iter().rfind(|one| one.facts.is_none());
        if let Some(began) = shaken.and_then(Handshake::began) {
            return span(Phase::Secure, began);
        }
        if let Some(link) = &self.link {
            let is_secure = self.url.starts_with("https:") && link.medium.is_some();
            return span(if is_secure { Phase::Secure } else { Phase::Send }, link.at);
        }
        let first = self.trying.iter().map(|(at, _)| *at).min();
        match (first, &self.lookup, &self.asked_name) {
            (Some(first), ..) => span(Phase::Connect, first),
            (None, Some(lookup), _) => span(Phase::Connect, lookup.span.to),
            (None, None, Some((asked, _))) => span(Phase::Name, *asked),
            (None, None, None) => None,
        }
    }
}

impl Handshake {
    /// When its first octet went; `None` where that is not known.
    #[must_use]
    pub fn began(&self) -> Option<Duration> {
        if self.facts.is_some() {
            return Some(self.span.from);
        }
        self.steps.iter().map(|step| step.at).min()
    }
}
