//! From what happens in a transfer to what is told of it.

use std::time::Duration;

use wireline_http::account::Account;
use wireline_http::event::{Attempt, Medium, NameSource, Outcome, Why};
use wireline_http::tls::{Step, What};
use wireline_http::{Event as Happening, Failure, Fields, Head, Report};

use super::{Chained, Event, Phases, ends, harmless_url, lossy, ms, named};

impl Event {
    /// What is told of it, where something is.
    pub(crate) fn of(event: &Happening, shows_secrets: bool) -> Option<Self> {
        Some(match event {
            Happening::Hop { url, method, why } => {
                let (why, why_status) = because(*why);
                Self::Hop {
                    url: harmless_url(url, shows_secrets),
                    method: method.clone(),
                    why,
                    why_status,
                }
            }
            Happening::Resolved { host, addresses, source, took } => {
                let (source, server) = said_by(source);
                let (host, addresses) = (host.clone(), addresses.clone());
                Self::Name { host, addresses, source, server, took_ms: ms(*took) }
            }
            Happening::Attempt(attempt) => tried(attempt),
            Happening::Connected { .. } | Happening::Reused { .. } => connected(event)?,
            Happening::Tunnel { proxy, to, took } => {
                Self::Tunnel { proxy: proxy.clone(), to: to.clone(), took_ms: ms(*took) }
            }
            Happening::Tls(step) => stepped(step),
            Happening::Secured { .. } => secured(event)?,
            Happening::RequestHead { raw, is_tunnel } => asked(raw, *is_tunnel, shows_secrets),
            Happening::RequestSent { body } => Self::Sent { octets: *body },
            Happening::FirstByte => Self::FirstByte {},
            Happening::ResponseHead { head, is_tunnel } => {
                answered(head, *is_tunnel, shows_secrets)
            }
            Happening::Trailers { fields, .. } => {
                Self::Trailers { fields: named(fields, shows_secrets) }
            }
            Happening::ResponseEnd { carried, decoded, .. } => {
                Self::BodyEnd { carried: *carried, decoded: *decoded }
            }
            Happening::Redirecting { to, notes } => {
                Self::Redirect { to: harmless_url(to, shows_secrets), notes: notes.clone() }
            }
            Happening::Retrying { why, after, left, .. } => {
                Self::Retry { why: why.clone(), after_ms: ms(*after), left: *left }
            }
            Happening::Oddity { text } => Self::Finding { text: text.clone() },
            _ => return None,
        })
    }

    /// Of a transfer that is over.
    pub(crate) fn summary(
        report: &Report,
        account: &Account,
        failure: Option<&Failure>,
        total: Duration,
        shows_secrets: bool,
    ) -> Self {
        let phases = account.hops.last().map(|hop| Phases::of(&hop.phases()));
        Self::Summary {
            url: harmless_url(&report.url, shows_secrets),
            status: report.head.as_ref().map(|head| head.status),
            version: report.version.map(|version| version.to_string()),
            exit_code: failure.map_or(0, |failure| crate::exit::of(failure.kind).0),
            error: failure.map(|failure| failure.text.clone()),
            redirects: report.redirects,
            retries: report.retries,
            connections: report.connects,
            received: report.received_body,
            sent: report.sent_body,
            phases: phases.unwrap_or_default(),
            total_ms: ms(total),
        }
    }
}

const fn because(why: Why) -> (&'static str, Option<u16>) {
    match why {
        Why::First => ("first", None),
        Why::Redirect(status) => ("redirect", Some(status)),
        Why::Challenge(status) => ("challenge", Some(status)),
        Why::Again => ("again", None),
        Why::Retry => ("retry", None),
    }
}

fn said_by(source: &NameSource) -> (&'static str, Option<String>) {
    match source {
        NameSource::Literal => ("literal", None),
        NameSource::Override => ("override", None),
        NameSource::Cache => ("cache", None),
        NameSource::Loopback => ("loopback", None),
        NameSource::System { in_hosts: true } => ("hosts", None),
        NameSource::System { in_hosts: false } => ("system", None),
        NameSource::Server(server) => ("server", Some(server.to_string())),
        NameSource::Https(url) => ("https", Some(url.clone())),
    }
}

fn tried(attempt: &Attempt) -> Event {
    let (outcome, error) = match &attempt.outcome {
        Outcome::Won => ("won", None),
        Outcome::Failed(why) => ("failed", Some(why.clone())),
        Outcome::Abandoned => ("abandoned", None),
    };
    Event::Attempt {
        address: attempt.to.ip(),
        port: attempt.to.port(),
        began_ms: ms(attempt.began),
        took_ms: ms(attempt.ended.saturating_sub(attempt.began)),
        outcome,
        error,
    }
}

fn connected(event: &Happening) -> Option<Event> {
    let (connection, medium, local, remote) = match event {
        Happening::Connected { connection, medium, local, remote, .. } => {
            (*connection, Some(medium), *local, *remote)
        }
        Happening::Reused { connection, local, remote } => (*connection, None, *local, *remote),
        _ => return None,
    };
    let ((local, local_port), (remote, remote_port)) = (ends(local), ends(remote));
    let (kind, via) = match medium {
        None => (None, None),
        Some(Medium::Tcp) => (Some("tcp"), None),
        Some(Medium::Proxied { proxy }) => (Some("proxied"), Some(proxy.clone())),
        Some(Medium::Unix(path)) => (Some("unix"), Some(path.clone())),
        Some(Medium::Quic) => (Some("quic"), None),
    };
    let is_reused = medium.is_none();
    Some(Event::Connection {
        connection,
        is_reused,
        medium: kind,
        via,
        local,
        local_port,
        remote,
        remote_port,
    })
}

fn stepped(step: &Step) -> Event {
    let name = match &step.what {
        What::Message(name, _) => (*name).to_owned(),
        What::Encrypted => "encrypted".to_owned(),
        What::ChainChecked(count) => format!("chain of {count} checked"),
        What::ChangeCipherSpec => "ChangeCipherSpec".to_owned(),
        What::Alert(name) => format!("alert {name}"),
        What::Keys(label) => format!("keys {label}"),
        What::Done(kind) => format!("done {kind}"),
        _ => "other".to_owned(),
    };
    let (is_sent, octets) = (step.sent, step.octets);
    Event::TlsStep { step: name, is_sent, octets, took_ms: step.took.map(ms) }
}

fn secured(event: &Happening) -> Option<Event> {
    let Happening::Secured { facts, took, is_proxy } = event else { return None };
    Some(Event::Tls {
        version: facts.version.clone(),
        cipher: facts.cipher.clone(),
        group: facts.group.clone(),
        alpn: facts.alpn.clone(),
        is_resumed: facts.kind.map(|kind| kind == "Resumed"),
        is_early: facts.early,
        verified: facts.verified.name.clone(),
        fault: facts.verified.fault.as_ref().map(ToString::to_string),
        chain: facts.chain.iter().map(Chained::of).collect(),
        is_proxy: *is_proxy,
        took_ms: ms(*took),
    })
}

/// A request as it is sent, read again.
fn asked(raw: &[u8], is_tunnel: bool, shows_secrets: bool) -> Event {
    let (line, fields) = request(raw);
    Event::Request { line, fields: named(&fields, shows_secrets), is_tunnel }
}

/// The line and the fields of a request's head.
pub(crate) fn request(raw: &[u8]) -> (String, Fields) {
    let mut lines = raw.split(|octet| *octet == b'\n').map(<[u8]>::trim_ascii);
    let line = lines.next().map(lossy).unwrap_or_default();
    let mut fields = Fields::default();
    for field in lines.filter(|line| !line.is_empty()) {
        let at = field.iter().position(|octet| *octet == b':').unwrap_or(field.len());
        let (name, value) = field.split_at_checked(at).unwrap_or_default();
        fields.push(name, value.strip_prefix(b":").unwrap_or_default().trim_ascii());
    }
    (line, fields)
}

fn answered(head: &Head, is_tunnel: bool, shows_secrets: bool) -> Event {
    let fields = named(&head.fields, shows_secrets);
    if head.status < 200 {
        return Event::Interim { status: head.status, fields };
    }
    let (version, reason) = (head.version.to_string(), lossy(&head.reason));
    Event::Response { version, status: head.status, reason, fields, is_tunnel }
}
