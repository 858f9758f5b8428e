//! `--pcapsavefile`: what was answered, as frames.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufWriter};
use std::net::Ipv4Addr;
use std::os::fd::BorrowedFd;

use rustix::event::PollFd;
use wireline_engine::segment::{Accept, Targets};
use wireline_engine::{Instant, Transmit};
use wireline_net::{Channel, Clock, Heard, Outbox};
use wireline_packet::arp::{Message, operation};
use wireline_packet::capture::{Record, Writer};
use wireline_packet::layers::LinkType;
use wireline_packet::ethernet::Frame;

/// A file of frames that answer somebody's request.
pub(crate) struct Save {
    writer: Writer<BufWriter<File>>,
    targets: Vec<Targets>,
    accept: Accept,
    /// Those whose first answer is enough, as far as they have answered.
    answered: Option<HashSet<Ipv4Addr>>,
    failed: io::Result<()>,
}

impl Save {
    pub(crate) fn new(
        file: File,
        snap: u32,
        accept: Accept,
        first_only: bool,
        targets: Vec<Targets>,
    ) -> io::Result<Self> {
        let writer = Writer::new(BufWriter::new(file), snap)?;
        let answered = first_only.then(HashSet::new);
        Ok(Self { writer, targets, accept, answered, failed: Ok(()) })
    }

    /// Keeps a frame if it answers.
    pub(crate) fn frame(&mut self, at: std::time::Duration, octets: &[u8]) {
        self.record(Record {
            link_type: LinkType::ETHERNET,
            interface: 0,
            at,
            length: u32::try_from(octets.len()).unwrap_or(u32::MAX),
            contents: octets,
        });
    }

    /// The same of one that was kept in part.
    pub(crate) fn record(&mut self, record: Record<'_>) {
        if self.failed.is_err() {
            return;
        }
        if self.is_answer(record.contents) {
            self.failed = self.writer.write_cut(record.at, record.contents, record.length);
        }
    }

    fn is_answer(&mut self, octets: &[u8]) -> bool {
        let Ok(frame) = Frame::parse(octets) else { return false };
        let Ok(message) = Message::parse(frame.payload) else { return false };
        let sender = message.sender.address;
        let is_reply = message.header.operation == operation::REPLY && message.is_consistent();
        let counts = is_reply || self.accept == Accept::Anything;
        counts
            && self.targets.iter().any(|targets| targets.position(sender).is_some())
            && self.answered.as_mut().is_none_or(|answered| answered.insert(sender))
    }

    /// Whether all of it is on the disk.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.failed?;
        self.writer.flush()
    }
}

/// A channel whose answers are saved.
pub(crate) struct Saved<C> {
    pub(crate) channel: C,
    pub(crate) save: Option<Save>,
}

impl<C: Channel> Channel for Saved<C> {
    fn send(&mut self, outbox: &Outbox, heard: &mut dyn FnMut(Instant, Heard<'_>)) {
        self.channel.send(outbox, heard);
    }

    fn receive(&mut self, expected: usize, heard: &mut dyn FnMut(Instant, Heard<'_>)) -> usize {
        let Some(save) = &mut self.save else { return self.channel.receive(expected, heard) };
        let (now, wall) = (Clock.now(), Clock.wall());
        self.channel.receive(expected, &mut |at, what| {
            if let Heard::Reply(reply) = what {
                let age = reply.at.map_or_else(Default::default, |at| now - at);
                save.frame(wall.saturating_sub(age), reply.contents);
            }
            heard(at, what);
        })
    }

    fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.channel.fds()
    }

    fn polled(&self) -> impl Iterator<Item = PollFd<'_>> {
        self.channel.polled()
    }

    fn port(&self, transmit: &Transmit) -> Option<u16> {
        self.channel.port(transmit)
    }
}
