//! What answers, refusals and failures come to.

use std::io::{self, ErrorKind};
use std::time::Duration;

use wireline_packet::tcp::{Options, Segment};

use super::event::{Event, Port, SynAck};
use super::syn::{self, Said};
use super::{Method, Phase, Scan, micros};
use crate::tcp::{Refused, Verdict};
use crate::{Instant, Origin, Refusal, Reply};

impl Scan {
    pub(super) fn settle(
        &mut self,
        target: u64,
        verdict: Verdict,
        mut port: impl FnMut(&Self) -> Option<Port>,
    ) {
        if self.is_over() || !self.settled.set(target) {
            return;
        }
        self.settled_count += 1;
        let host = target / self.ports();
        if !matches!(verdict, Verdict::Local { .. } | Verdict::Filtered { .. }) {
            self.heard_hosts.set(host);
        }
        if verdict == Verdict::Open && self.config.max_open.is_some() {
            *self.open_of.entry(host).or_default() += 1;
        }
        self.report.count(host, &verdict, 1);
        self.summary.counts.add(&verdict, 1);
        if self.config.tell.tells(&verdict)
            && let Some(port) = port(self)
        {
            self.events.push_back(Event::Port(Port { verdict, ..port }));
        }
        self.finish_if_idle();
    }

    /// An event without what only an answer says.
    pub(super) fn plain(&self, target: u64) -> Option<Port> {
        let address = self.address(target)?;
        Some(Port {
            address: address.ip(),
            port: address.port(),
            verdict: Verdict::Open,
            syn_sent: self.round,
            syn_ack: None,
            hop_limit: None,
            rtt: None,
            verified: None,
        })
    }

    /// When a target was last asked, as far as is known.
    pub(super) fn asked_at(&self, now: Instant, target: u64, echo: Option<u32>) -> Option<Instant> {
        let noted = || self.sent_at.as_ref()?.get(usize::try_from(target).ok()?).copied();
        let ago = micros(now).wrapping_sub(echo.or_else(noted)?);
        // Somebody else's idea of time.
        (ago < 60_000_000).then(|| Instant::from_nanos(now.as_nanos() - u64::from(ago) * 1000))
    }

    fn round_trip(&self, at: Instant, target: u64) -> Option<Duration> {
        let sent = self.stamps.get(&u32::try_from(target).ok()?)?;
        at.checked_since(*sent)
    }

    pub(super) fn hear_segment(
        &mut self,
        now: Instant,
        reply: &Reply<'_>,
        segment: &Segment<'_>,
    ) -> Option<()> {
        let target = self.target(reply.source.ip(), segment.source_port)?;
        if self.settled.get(target) || !self.config.source_ports.contains(&segment.destination_port)
        {
            return None;
        }
        let said = syn::said(segment, self.template.sequence(target))?;
        let options = Options::read(segment.options);
        let echo = options.timestamps.map(|stamp| stamp.echo).filter(|echo| *echo != 0);
        self.rate.answered(now, self.asked_at(now, target, echo));
        self.summary.answered_late += u64::from(self.round > 1);
        let rtt = self.round_trip(reply.at.unwrap_or(now), target);
        let verdict = if said == Said::Open { Verdict::Open } else { Verdict::Closed };
        let syn_ack = (said == Said::Open).then(|| offered(segment, &options));
        let hop_limit = reply.hop_limit;
        self.settle(target, verdict, |scan| {
            Some(Port { syn_ack, hop_limit, rtt, ..scan.plain(target)? })
        });
        self.stamps.remove(&u32::try_from(target).unwrap_or(u32::MAX));
        Some(())
    }

    /// The target of an ICMP error or of a failure of our own.
    fn refused_target(&self, refusal: &Refusal<'_>) -> Option<u64> {
        if self.config.method == Method::Connect {
            return Some(refusal.flow.into());
        }
        let (source, destination, sequence) = syn::quoted(refusal.quoted)?;
        let target = self.target(refusal.destination.ip(), destination)?;
        let is_ours = self.config.source_ports.contains(&source);
        (is_ours && sequence == self.template.sequence(target)).then_some(target)
    }

    pub(super) fn hear_refusal(&mut self, now: Instant, refusal: &Refusal<'_>) -> Option<()> {
        let target = self.refused_target(refusal)?;
        let asked = self.address(target)?.ip();
        let verdict = match refusal.origin {
            Origin::Icmp { from, .. } => {
                let is_ours = from != asked && self.config.own.contains(&from);
                let refused = Refused::new(refusal.origin, is_ours)?;
                refused.verdict()?
            }
            Origin::Local(errno) => Verdict::of(errno, None, self.round),
        };
        self.land(target);
        self.rate.answered(now, self.asked_at(now, target, None));
        if let Verdict::Local { errno } = verdict {
            self.fail(now, target, errno);
            return Some(());
        }
        let host = target / self.ports();
        if matches!(verdict, Verdict::NoNeighbour | Verdict::NoRoute) && !self.heard_hosts.get(host)
        {
            self.down.insert(host, verdict);
            self.finish_if_idle();
            return Some(());
        }
        let hop_limit = refusal.hop_limit;
        self.settle(target, verdict, |scan| Some(Port { hop_limit, ..scan.plain(target)? }));
        Some(())
    }

    /// One connection fewer is under way.
    pub(super) fn land(&mut self, target: u64) {
        if self.config.method == Method::Connect && !self.settled.get(target) {
            self.in_flight = self.in_flight.saturating_sub(1);
        }
    }

    pub(super) fn finish_if_idle(&mut self) {
        if self.is_idle() && !self.is_over() {
            self.phase = Phase::Reporting;
        }
    }

    /// This machine could not ask: it tries again, with less at once, and says so where that is of no use.
    pub(super) fn fail(&mut self, now: Instant, target: u64, errno: i32) {
        const TRIES: u32 = 10;
        let Ok(id) = u32::try_from(target) else { return };
        self.summary.local_errors += 1;
        self.summary.errno = Some(errno);
        self.rate.cut();
        let tries = self.tries.entry(id).or_default();
        *tries += 1;
        let may_pass = passes(errno) && *tries < TRIES;
        if may_pass {
            // Ten times in more than half a second.
            self.rate.pause(now + Duration::from_millis(10) * *tries);
            self.retries.push_back(id);
            let left = usize::try_from(self.in_flight).unwrap_or(usize::MAX);
            self.config.at_once = self.config.at_once.min(left).max(1);
            if matches!(self.phase, Phase::Waiting(_)) {
                self.phase = Phase::Sending;
            }
            return;
        }
        self.settle(target, Verdict::Local { errno }, |scan| scan.plain(target));
    }
}

/// Whether a failure may be over in a moment: no room, no descriptors, no ports.
fn passes(errno: i32) -> bool {
    /// ENFILE, EMFILE and ENOBUFS (errno(3)) have no kind of their own.
    const FULL: [i32; 3] = [23, 24, 105];
    let kind = io::Error::from_raw_os_error(errno).kind();
    FULL.contains(&errno)
        || matches!(
            kind,
            ErrorKind::WouldBlock | ErrorKind::OutOfMemory | ErrorKind::AddrNotAvailable
        )
}

const fn offered(segment: &Segment<'_>, options: &Options) -> SynAck {
    SynAck {
        window: segment.window,
        mss: options.max_segment_size,
        window_scale: options.window_scale,
        sack: options.sack_permitted,
        timestamps: options.timestamps.is_some(),
    }
}
