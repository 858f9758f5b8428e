//! `--compare`: the same URL over HTTP/1.1, 2 and 3, by IPv4 and IPv6, with a new TLS session and one from before.

use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use wireline_http::agent::Agent;
use wireline_http::spec::{Family, Versions};
use wireline_http::{Failure, Kind, Version};

use super::{Outcome, Subject, once};
use crate::reports::Look;
use crate::sink::Shared;

mod event;
mod table;

pub use event::Event;

/// No server takes longer to say its first word over QUIC; where no UDP passes, nothing comes at all.
const PATIENCE_WITH_QUIC: Duration = Duration::from_secs(3);

/// A way to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Way {
    pub(crate) version: Version,
    pub(crate) family: Family,
    pub(crate) session: Session,
}

/// What is known of the server from before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Session {
    /// Nothing.
    Cold,
    /// A TLS session, over a new connection.
    Resumed,
    /// As `Resumed`, with the request in the first flight (0-RTT).
    Early,
}

impl Session {
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Cold => "cold",
            Self::Resumed => "resumed",
            Self::Early => "0-RTT",
        }
    }
}

impl Way {
    pub(crate) fn version_text(self) -> String {
        format!("HTTP/{}", self.version)
    }

    pub(crate) const fn family_text(self) -> &'static str {
        match self.family {
            Family::V6 => "IPv6",
            _ => "IPv4",
        }
    }

    /// `HTTP/2 IPv4 cold`.
    pub(crate) fn text(self) -> String {
        [&self.version_text(), " ", self.family_text(), " ", self.session.text()].concat()
    }
}

/// What came of a way.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) way: Way,
    pub(crate) came: Came,
}

/// What came.
#[derive(Clone, Debug)]
pub(crate) enum Came {
    /// An answer; what about it is noteworthy.
    Answer(Box<Outcome>, Option<&'static str>),
    /// The way is not there; why.
    Absent(String),
    /// It should be there.
    Failed(Failure),
}

impl Row {
    pub(crate) fn answer(&self) -> Option<&Outcome> {
        match &self.came {
            Came::Answer(outcome, _) => Some(outcome),
            _ => None,
        }
    }
}

/// Tries all ways; the exit code.
pub(crate) fn run(subject: &Subject, shared: &Rc<Shared>) -> Result<u8, Failure> {
    let reports = &subject.output.reports;
    let url = crate::json::harmless_url(&subject.url.effective(), reports.secrets);
    if reports.json {
        shared.line(&Event::Start { v: 1, url: url.clone() });
    }
    rehearse(subject)?;
    let mut rows: Vec<Row> = Vec::new();
    for version in [Version::Http11, Version::Http2, Version::Http3] {
        for family in [Family::V4, Family::V6] {
            let offers_h3 = rows.iter().filter_map(Row::answer).any(offers_h3);
            for row in tried(subject, version, family, offers_h3)? {
                if reports.json {
                    shared.line(&Event::compared(&row));
                }
                rows.push(row);
            }
        }
    }
    judge(&mut rows);
    let code = code(&rows);
    if reports.json {
        shared.line(&Event::summary(&rows, code));
    } else {
        let look = Look::of_stdout(subject.output.color);
        shared.text(&table::page(&url, &rows, look));
    }
    Ok(code)
}

/// The first transfer pays for what all use (pages of the program, the name in caches, the server's first word): one that
/// is not shown does. Where nobody answers it ends soon.
fn rehearse(subject: &Subject) -> Result<(), Failure> {
    let mut spec = subject.spec.clone();
    let most = Duration::from_secs(1);
    spec.limits.connect = Some(spec.limits.connect.map_or(most, |asked| asked.min(most)));
    once(&subject.agent()?, &subject.url, &Arc::new(spec));
    Ok(())
}

/// A version over a family of addresses, with each kind of session.
fn tried(
    subject: &Subject,
    version: Version,
    family: Family,
    offers_h3: bool,
) -> Result<Vec<Row>, Failure> {
    let way = |session| Way { version, family, session };
    let cold = way(Session::Cold);
    if let Some(why) = absent(subject, cold) {
        return Ok(vec![Row { way: cold, came: Came::Absent(why.to_owned()) }]);
    }
    let agent = subject.agent()?;
    let first = once(&agent, &subject.url, &spec(subject, cold));
    let came = came(first, cold, offers_h3);
    let mut rows = vec![Row { way: cold, came }];
    let is_there = rows.iter().any(|row| row.answer().is_some());
    if !is_there || !subject.url.is_secure() {
        return Ok(rows);
    }
    let again = |way: Way| again(&agent, subject, way, offers_h3);
    rows.push(again(way(Session::Resumed)));
    if version == Version::Http3 {
        rows.extend(early(subject, way(Session::Early), offers_h3)?);
    }
    Ok(rows)
}

impl Row {
    /// Whether the request went in the first flight.
    fn is_early(&self) -> bool {
        let last = self.answer().and_then(|outcome| outcome.report.tls.as_ref());
        last.is_some_and(|tls| tls.early == Some(true))
    }
}

/// With the request in the first flight. Sessions of those who may do so are kept apart from others': one more transfer
/// that is not shown gets one.
fn early(subject: &Subject, way: Way, offers_h3: bool) -> Result<Option<Row>, Failure> {
    let agent = subject.agent()?;
    once(&agent, &subject.url, &spec(subject, way));
    Ok(Some(again(&agent, subject, way, offers_h3)).filter(Row::is_early))
}

/// Over a new connection, with what is known of the server.
fn again(agent: &Agent, subject: &Subject, way: Way, offers_h3: bool) -> Row {
    agent.hang_up();
    let outcome = once(agent, &subject.url, &spec(subject, way));
    let came = came(outcome, way, offers_h3);
    Row { way, came: noted(came, way.session) }
}

/// What TLS made of it.
fn noted(came: Came, session: Session) -> Came {
    let Came::Answer(outcome, None) = came else { return came };
    let tls = outcome.report.tls.as_ref();
    let note = match (session, tls.and_then(|tls| tls.kind)) {
        (Session::Resumed, Some(kind)) if kind != "Resumed" => Some("not resumed"),
        _ => None,
    };
    Came::Answer(outcome, note)
}

fn spec(subject: &Subject, way: Way) -> Arc<wireline_http::Spec> {
    let mut spec = subject.spec.clone();
    spec.connect.family = way.family;
    spec.versions = match way.version {
        Version::Http2 if subject.url.is_secure() => Versions::Http2,
        Version::Http2 => Versions::Http2PriorKnowledge,
        Version::Http3 => Versions::Http3Only,
        _ => Versions::Http11,
    };
    if way.version == Version::Http3 {
        let asked = spec.limits.connect.unwrap_or(PATIENCE_WITH_QUIC);
        spec.limits.connect = Some(asked.min(PATIENCE_WITH_QUIC));
    }
    spec.tls.may_send_early = way.session == Session::Early;
    spec.tls.forgets = false;
    Arc::new(spec)
}

/// Why a way cannot be there, whoever is asked.
fn absent(subject: &Subject, way: Way) -> Option<&'static str> {
    let host = subject.url.host.trim_matches(['[', ']']);
    match (host.parse::<IpAddr>(), way.family) {
        (Ok(IpAddr::V4(_)), Family::V6) => return Some("the URL has an IPv4 address"),
        (Ok(IpAddr::V6(_)), Family::V4) => return Some("the URL has an IPv6 address"),
        _ => {}
    }
    let is_plain = !subject.url.is_secure();
    (is_plain && way.version == Version::Http3).then_some("HTTP/3 is for https alone")
}

/// Whether a response says that there is HTTP/3 (RFC 7838 §3).
fn offers_h3(outcome: &Outcome) -> bool {
    let head = outcome.report.head.as_ref();
    let mut said = head.into_iter().flat_map(|head| head.fields.all("alt-svc"));
    said.any(|value| value.windows(3).any(|three| three == b"h3="))
}

/// What a transfer says of the way that it took.
fn came(outcome: Outcome, way: Way, offers_h3: bool) -> Came {
    let Some(failure) = outcome.failure.clone() else {
        return match outcome.report.version {
            Some(version) if version != way.version && way.version == Version::Http2 => {
                Came::Absent(format!("the server chose HTTP/{version}"))
            }
            _ => Came::Answer(Box::new(outcome), None),
        };
    };
    let has_begun = outcome.account.hops.iter().any(|hop| hop.head.is_some());
    if has_begun {
        return Came::Failed(failure);
    }
    match (failure.kind, way.version) {
        (Kind::Name, _) => Came::Absent(nameless(way)),
        (kind, Version::Http3) if !offers_h3 && is_silence(kind) => {
            Came::Absent("no answer over QUIC, and no Alt-Svc that offers it".to_owned())
        }
        (_, Version::Http2) if is_connected(&outcome) && is_plain(&outcome) => {
            Came::Absent("no HTTP/2 without TLS".to_owned())
        }
        _ => Came::Failed(failure),
    }
}

fn is_connected(outcome: &Outcome) -> bool {
    outcome.account.hops.iter().any(|hop| hop.link.is_some())
}

fn is_plain(outcome: &Outcome) -> bool {
    !outcome.report.url.starts_with("https:")
}

const fn is_silence(kind: Kind) -> bool {
    matches!(kind, Kind::TimedOut | Kind::Connect | Kind::QuicConnect | Kind::Http3)
}

/// The name has no address of that family.
fn nameless(way: Way) -> String {
    format!("no {} address", way.family_text())
}

/// A name that has no address at all is a failure; one that has none of a family is not.
fn judge(rows: &mut [Row]) {
    let has_answer = rows.iter().any(|row| !matches!(row.came, Came::Absent(_)));
    if has_answer {
        return;
    }
    for row in rows {
        if let Came::Absent(why) = &row.came
            && *why == nameless(row.way)
        {
            row.came = Came::Failed(Failure::new(Kind::Name, why.clone()));
        }
    }
}

/// The first failure's.
fn code(rows: &[Row]) -> u8 {
    let failed = rows.iter().find_map(|row| match &row.came {
        Came::Failed(failure) => Some(crate::exit::of(failure.kind).0),
        _ => None,
    });
    failed.unwrap_or(0)
}

/// Something that all answers should have in common, and do not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// `status`, `length`, `sha256`, or a field's name.
    pub(crate) what: &'static str,
    /// Each value with the ways that it came by; `None` where there was none.
    pub(crate) values: Vec<(Option<String>, Vec<String>)>,
}

/// Fields by which answers are told apart.
const FIELDS: [&str; 11] = [
    "content-type",
    "content-encoding",
    "content-language",
    "cache-control",
    "etag",
    "last-modified",
    "location",
    "server",
    "vary",
    "alt-svc",
    "strict-transport-security",
];

/// What differs.
pub(crate) fn differences(rows: &[Row]) -> Vec<Difference> {
    let answers: Vec<_> = rows.iter().filter_map(|row| Some((row.way, row.answer()?))).collect();
    let told = |what, value: &dyn Fn(&Outcome) -> Option<String>| {
        let mut values: Vec<(Option<String>, Vec<String>)> = Vec::new();
        for (way, outcome) in &answers {
            let value = value(outcome);
            match values.iter_mut().find(|(one, _)| *one == value) {
                Some((_, ways)) => ways.push(way.text()),
                None => values.push((value, vec![way.text()])),
            }
        }
        (values.len() > 1).then_some(Difference { what, values })
    };
    let status = told("status", &|outcome| outcome.status().map(|status| status.to_string()));
    let length = told("length", &|outcome| Some(outcome.octets.to_string()));
    let digest = told("sha256", &|outcome| Some(outcome.digest.clone()));
    let fields = FIELDS.into_iter().filter_map(|name| {
        told(name, &|outcome| {
            let head = outcome.report.head.as_ref()?;
            head.fields.get(name).map(crate::json::lossy)
        })
    });
    [status, length, digest].into_iter().flatten().chain(fields).collect()
}

#[cfg(test)]
mod tests;
