//! `--pcapsavefile`: what was answered, as frames.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufWriter};
use std::net::Ipv4Addr;

use wireline_engine::segment::{Accept, Targets};
use wireline_packet::arp::{Message, operation};
use wireline_packet::capture::{Record, Writer};
use wireline_packet::ethernet::Frame;
use wireline_packet::layers::LinkType;

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
