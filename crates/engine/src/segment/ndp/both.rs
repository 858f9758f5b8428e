//! Both families at once: one run, one channel, one summary.

use std::io;

use super::{Discovery, NAMELESS};
use crate::segment::{self, Event, Scan, Source, Stopped};
use crate::{Datagrams, Engine, Instant, Refusal, Reply, Stamp, Transmit};

/// A scan and a discovery that share their frames. Hosts that the one finds are guesses for the other, so that
/// ports are to be the same, in the same order.
pub struct Both {
    scan: Option<Scan>,
    discovery: Discovery,
    /// The scan's, held back until the discovery has ended.
    summary: Option<Box<segment::Summary>>,
    is_told: bool,
    /// Whose turn it is to send first.
    is_scans_turn: bool,
    start: Option<Event>,
}

impl Both {
    /// Without a scan it is the discovery, with a start and a summary.
    #[must_use]
    pub fn new(scan: Option<Scan>, discovery: Discovery) -> Self {
        let is_alone = scan.is_none();
        Self {
            start: is_alone.then_some(Event::Start { hosts: 0 }),
            summary: is_alone.then(Box::default),
            scan,
            discovery,
            is_told: false,
            is_scans_turn: true,
        }
    }

    /// The scan, until it has told its summary.
    fn scanning(&mut self) -> Option<&mut Scan> {
        self.scan.as_mut().filter(|_| self.summary.is_none())
    }

    /// What the discovery has to tell of what a scan found.
    fn pass(&mut self, event: Event) -> Option<Event> {
        match event {
            Event::Summary(summary) => {
                if summary.stopped.is_some() {
                    self.discovery.handle_stop(Instant::ZERO);
                }
                self.summary = Some(summary);
                None
            }
            Event::Host(host) => {
                if host.source != Source::Own {
                    self.discovery.guess(host.port, host.mac);
                }
                Some(Event::Host(host))
            }
            other => Some(other),
        }
    }

    fn end(&mut self) -> Option<Event> {
        if self.is_told || !self.discovery.is_finished() {
            return None;
        }
        let mut summary = self.summary.clone()?;
        summary.ipv6 = Some(Box::new(self.discovery.summary().clone()));
        self.is_told = true;
        Some(Event::Summary(summary))
    }
}

impl Engine for Both {
    type Event = Event;

    fn next_timeout(&self) -> Option<Instant> {
        let scan = self.scan.as_ref().filter(|_| self.summary.is_none());
        let scan = scan.and_then(Engine::next_timeout);
        [scan, self.discovery.next_timeout()].into_iter().flatten().min()
    }

    fn handle_timeout(&mut self, now: Instant) {
        if let Some(scan) = self.scanning() {
            scan.handle_timeout(now);
        }
        self.discovery.handle_timeout(now);
    }

    fn poll_event(&mut self) -> Option<Event> {
        if let Some(start) = self.start.take() {
            return Some(start);
        }
        while let Some(event) = self.scanning().and_then(Engine::poll_event) {
            if let Some(event) = self.pass(event) {
                return Some(event);
            }
        }
        self.discovery.poll_event().or_else(|| self.end())
    }

    fn handle_stop(&mut self, now: Instant) {
        if let Some(scan) = self.scanning() {
            scan.handle_stop(now);
        }
        if self.scan.is_none()
            && let Some(summary) = &mut self.summary
        {
            summary.stopped = Some(Stopped::Asked);
        }
        self.discovery.handle_stop(now);
    }

    fn handle_query(&mut self, now: Instant) {
        if let Some(scan) = self.scanning() {
            scan.handle_query(now);
        }
    }

    fn is_finished(&self) -> bool {
        self.is_told
    }
}

impl Datagrams for Both {
    /// In turn: a scan that goes as fast as the machine can would leave no room.
    fn poll_transmit(&mut self, now: Instant, contents: &mut Vec<u8>) -> Option<Transmit> {
        self.is_scans_turn = !self.is_scans_turn;
        if self.is_scans_turn
            && let Some(transmit) = self.scanning().and_then(|it| it.poll_transmit(now, contents))
        {
            return Some(transmit);
        }
        let transmit = self.discovery.poll_transmit(now, contents);
        transmit.or_else(|| self.scanning()?.poll_transmit(now, contents))
    }

    fn expected(&self) -> usize {
        let scan = self.scan.as_ref().map_or(0, Datagrams::expected);
        scan.max(self.discovery.expected())
    }

    fn handle_reply(&mut self, now: Instant, reply: Reply<'_>) {
        if let Some(scan) = self.scanning() {
            scan.handle_reply(now, reply);
        }
        self.discovery.handle_reply(now, reply);
    }

    fn handle_stamp(&mut self, stamp: Stamp) {
        if stamp.id != NAMELESS
            && let Some(scan) = self.scanning()
        {
            scan.handle_stamp(stamp);
        }
    }

    fn handle_refusal(&mut self, now: Instant, refusal: Refusal<'_>) {
        if let Some(scan) = self.scanning() {
            scan.handle_refusal(now, refusal);
        }
        self.discovery.handle_refusal(now, refusal);
    }

    fn handle_unsent(&mut self, now: Instant, transmit: &Transmit, why: &io::Error) {
        if transmit.destination.is_ipv6() {
            self.discovery.handle_unsent(now, transmit, why);
        } else if let Some(scan) = self.scanning() {
            scan.handle_unsent(now, transmit, why);
        }
    }

    fn handle_drops(&mut self, now: Instant, flow: u32, count: u64) {
        if let Some(scan) = self.scanning() {
            Datagrams::handle_drops(scan, now, flow, count);
        } else if let Some(summary) = &mut self.summary {
            summary.dropped += count;
        }
    }
}
