//! Reports, made of what is told.

use std::time::Duration;

use crate::event::{Event, Medium, Why};
use crate::head::Head;
use crate::report::Report;
use wireline_tls as tls;

/// A report in the making.
#[derive(Debug, Default)]
pub(crate) struct Recorder {
    pub(crate) report: Report,
    /// When this try began, from which times count: those of a try before it are forgotten, as curl does.
    base: Duration,
    /// When this hop began. Times of hops are added up.
    hop: Duration,
    pub(crate) phase: Phase,
    /// When the first octet of a head came that is not whole.
    first: Option<Duration>,
}

/// What is being waited for: what a time-out is called after.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Phase {
    /// For a name.
    #[default]
    Resolving,
    /// For a connection.
    Connecting,
    /// For the rest.
    Exchanging,
}

impl Recorder {
    /// All begins again.
    pub(crate) fn begin_again(&mut self, at: Duration) {
        let before = std::mem::take(&mut self.report);
        self.report.retries = before.retries;
        self.report.times.queue = before.times.queue;
        (self.base, self.hop, self.first) = (at, at, None);
        self.phase = Phase::Resolving;
    }

    /// When this hop began, after the beginning of this try.
    pub(crate) const fn hop(&self) -> Duration {
        self.hop.saturating_sub(self.base)
    }

    /// Since this try began, at that time.
    pub(crate) const fn spent(&self, at: Duration) -> Duration {
        at.saturating_sub(self.base)
    }

    /// How long a response's head has been coming, at that time.
    pub(crate) fn head_takes(&self, at: Duration) -> Duration {
        self.first.map_or(Duration::ZERO, |first| at.saturating_sub(first))
    }

    pub(crate) fn note(&mut self, at: Duration, event: &Event) {
        let since = at.saturating_sub(self.hop);
        let report = &mut self.report;
        let times = &mut report.times;
        match event {
            Event::Hop { url, method, why } => self.begin_hop(at, url, method, *why),
            Event::Resolved { .. } => {
                times.name += since;
                self.phase = Phase::Connecting;
            }
            Event::Connected { connection, medium, local, remote, .. } => {
                report.connects += 1;
                report.is_proxied = matches!(medium, Medium::Proxied { .. });
                (report.connection, report.local, report.remote) =
                    (Some(*connection), *local, *remote);
                times.connect += since;
            }
            Event::Reused { connection, local, remote } => {
                (report.connection, report.local, report.remote) =
                    (Some(*connection), *local, *remote);
                times.name += since;
            }
            Event::Certificates { examined, is_proxy: false } => {
                // All that is known where they are not believed.
                let mut facts = tls::Facts { chain: examined.chain.clone(), ..Default::default() };
                facts.verified.fault.clone_from(&examined.fault);
                report.tls = Some(facts);
            }
            Event::Secured { facts, is_proxy, .. } if !is_proxy => {
                report.tls = Some(facts.as_ref().clone());
                times.secure += since;
            }
            Event::Ready { version } => {
                report.version = Some(*version);
                times.ready += since;
                self.phase = Phase::Exchanging;
            }
            Event::RequestHead { raw, .. } => report.sent_head += count(raw.len()),
            Event::RequestSent { .. } => times.sent += since,
            Event::FirstByte => {
                times.first += since;
                self.first = Some(at);
            }
            Event::ResponseHead { head, is_tunnel } => {
                note_head(report, head, *is_tunnel);
                if head.status >= 200 {
                    self.first = None;
                }
            }
            Event::Trailers { raw, .. } => report.received_head += count(raw.len()),
            Event::Retrying { .. } => report.retries += 1,
            Event::Done { .. } => times.total = at.saturating_sub(self.base),
            _ => {}
        }
    }

    fn begin_hop(&mut self, at: Duration, url: &str, method: &str, why: Why) {
        let report = &mut self.report;
        url.clone_into(&mut report.url);
        report.scheme = url.split("://").next().unwrap_or_default().to_ascii_lowercase();
        method.clone_into(&mut report.method);
        report.redirect_url = None;
        report.redirects += u32::from(matches!(why, Why::Redirect(_) | Why::Challenge(_)));
        if why != Why::First && why != Why::Retry {
            report.times.redirect = at.saturating_sub(self.base);
        }
        (self.hop, self.first) = (at, None);
        self.phase = Phase::Resolving;
    }
}

fn note_head(report: &mut Report, head: &Head, is_tunnel: bool) {
    report.received_head += count(head.raw.len());
    if is_tunnel {
        report.connect_status = head.status;
        if head.status / 100 == 2 {
            return;
        }
    } else {
        report.version = Some(head.version);
    }
    report.fields = u32::try_from(head.fields.len()).unwrap_or(u32::MAX);
    report.head = Some(head.clone());
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
