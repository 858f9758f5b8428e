//! What was seen, and what follows from it.

use std::time::Duration;

use wireline_http::fingerprint::Fingerprint;
use wireline_http::{self as http, Failure, Kind, Version};

use crate::json;
use crate::reports::lines::{Event, Line};

/// Oddities that are kept of a request.
const MOST: usize = 20;
/// What is shorter than this is no waiting.
const NOTHING: Duration = Duration::from_millis(10);

/// A way to send several requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// HTTP/1.1, the next once the last is answered.
    Alone,
    /// HTTP/1.1, all at once (RFC 9112 §9.3.2).
    Ahead,
    /// Streams of HTTP/2.
    Http2,
    /// Streams of HTTP/3.
    Http3,
}

impl Way {
    pub(super) const ALL: [Self; 4] = [Self::Alone, Self::Ahead, Self::Http2, Self::Http3];

    /// In JSON.
    const fn word(self) -> &'static str {
        match self {
            Self::Alone => "one_by_one",
            Self::Ahead => "pipelined",
            Self::Http2 => "http2",
            Self::Http3 => "http3",
        }
    }

    /// In words.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Alone => "HTTP/1.1, one after the other",
            Self::Ahead => "HTTP/1.1, pipelined",
            Self::Http2 => "HTTP/2, streams",
            Self::Http3 => "HTTP/3, streams",
        }
    }
}

/// All of it.
pub(super) struct Told {
    /// The server.
    pub(super) url: String,
    pub(super) ways: Vec<WayTold>,
}

/// How one way went.
pub(super) struct WayTold {
    pub(super) way: Way,
    /// A request each, in their order.
    pub(super) seen: Vec<Seen>,
}

/// A request. Times are since its way began.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    pub(super) url: String,
    pub(super) version: Option<Version>,
    pub(super) connection: Option<u64>,
    pub(super) sent: Option<Duration>,
    pub(super) first: Option<Duration>,
    pub(super) end: Option<Duration>,
    pub(super) status: Option<u16>,
    pub(super) body: Fingerprint,
    pub(super) oddities: Vec<String>,
    pub(super) failure: Option<Failure>,
}

impl Seen {
    pub(super) fn event(&mut self, at: Duration, event: &http::Event) {
        match event {
            http::Event::Hop { url, .. } => self.url.clone_from(url),
            http::Event::Ready { version } => self.version = Some(*version),
            http::Event::Connected { connection, .. } | http::Event::Reused { connection, .. } => {
                self.connection = Some(*connection);
            }
            http::Event::RequestHead { is_tunnel: false, .. } => self.sent = Some(at),
            http::Event::FirstByte => self.first = Some(at),
            http::Event::ResponseHead { head, is_tunnel: false } if head.status >= 200 => {
                self.status = Some(head.status);
            }
            http::Event::ResponseEnd { .. } => self.end = Some(at),
            http::Event::Oddity { text } if self.oddities.len() < MOST => {
                self.oddities.push(text.clone());
            }
            _ => {}
        }
    }

    /// From being sent to being answered whole.
    pub(super) fn took(&self) -> Option<Duration> {
        Some(self.end.filter(|_| self.failure.is_none())?.saturating_sub(self.sent?))
    }
}

/// That a response came late because of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Blocked {
    /// How many were.
    pub(super) count: usize,
    /// The longest wait.
    pub(super) most: Duration,
    /// Which held them up, from 0.
    pub(super) by: usize,
}

impl WayTold {
    /// When the first request was sent.
    pub(super) fn began(&self) -> Duration {
        self.seen.iter().filter_map(|one| one.sent).min().unwrap_or_default()
    }

    /// From the first request to the last response's end, where all were answered.
    pub(super) fn total(&self) -> Option<Duration> {
        let ends: Option<Vec<Duration>> =
            self.seen.iter().map(|one| one.took().and(one.end)).collect();
        Some(ends?.into_iter().max()?.saturating_sub(self.began()))
    }

    /// Its requests, as lines of JSON.
    pub(super) fn lines(&self, shows_secrets: bool) -> impl Iterator<Item = Line> {
        let began = self.began();
        let since = move |time: Option<Duration>| Some(json::ms(time?.saturating_sub(began)));
        let one = move |(at, one): (usize, &Seen)| Line {
            event: Event::Exchange {
                way: self.way.word(),
                number: at.saturating_add(1),
                url: json::harmless_url(&one.url, shows_secrets),
                connection: one.connection,
                sent_ms: since(one.sent),
                first_ms: since(one.first),
                end_ms: since(one.end),
                status: one.status,
                octets: one.body.length(),
                oddities: one.oddities.clone(),
                error: one.failure.as_ref().map(|why| why.text.clone()),
            },
            transfer: u64::try_from(at).unwrap_or(u64::MAX),
        };
        self.seen.iter().enumerate().map(one)
    }

    /// Answered, wholly.
    pub(super) fn answered(&self) -> usize {
        self.seen.iter().filter(|one| one.took().is_some()).count()
    }

    /// Connections that were used.
    pub(super) fn connections(&self) -> usize {
        let mut all: Vec<u64> = self.seen.iter().filter_map(|one| one.connection).collect();
        all.sort_unstable();
        all.dedup();
        all.len()
    }

    /// Why it did not go on: not that others were given up for it.
    pub(super) fn failure(&self) -> Option<&Failure> {
        let mut all = self.seen.iter().filter_map(|one| one.failure.as_ref());
        all.clone().find(|why| why.kind != Kind::Aborted).or_else(|| all.next())
    }

    /// Which responses waited for another, compared with how long each takes alone.
    pub(super) fn blocked(&self, alone: &Self) -> Option<Blocked> {
        let own: Vec<Option<Duration>> = alone.seen.iter().map(Seen::took).collect();
        // Nor is what is a tenth of the slowest: clocks and processors are shared.
        let nothing =
            own.iter().flatten().max().map_or(NOTHING, |slowest| NOTHING.max(*slowest / 10));
        let wait = |at: usize, one: &Seen| {
            let (took, own) = (one.took()?, own.get(at).copied()??);
            let wait = took.saturating_sub(own);
            (wait > nothing.max(own)).then_some((at, wait))
        };
        let late: Vec<(usize, Duration)> =
            self.seen.iter().enumerate().filter_map(|(at, one)| wait(at, one)).collect();
        let most = late.iter().map(|(_, wait)| *wait).max()?;
        let last = late.iter().map(|(at, _)| *at).max()?;
        let before = own.iter().take(last).enumerate();
        let (by, _) = before.max_by_key(|(at, own)| (**own, std::cmp::Reverse(*at)))?;
        Some(Blocked { count: late.len(), most, by })
    }

    /// A response that is the one to another request, as they are when asked for alone: which, and whose.
    pub(super) fn swapped(&self, alone: &Self) -> Option<(usize, usize)> {
        let same = |one: &Seen, other: &Seen| one.status == other.status && one.body == other.body;
        let pairs = self.seen.iter().zip(&alone.seen).enumerate();
        let whole = pairs.filter(|(_, (one, own))| one.took().is_some() && own.took().is_some());
        let mut wrong = whole.filter(|(_, (one, own))| !same(one, own) && one.url == own.url);
        let (at, (one, own)) = wrong.next()?;
        let place = alone.seen.iter().position(|other| other.url != own.url && same(one, other))?;
        Some((at, place))
    }
}

impl Told {
    pub(super) fn of(&self, way: Way) -> Option<&WayTold> {
        self.ways.iter().find(|one| one.way == way)
    }

    /// What requests one after the other failed with: where those do, the server does not answer.
    pub(super) fn failure(&self) -> Option<&Failure> {
        self.of(Way::Alone)?.failure()
    }
}
