//! Which reply belongs to which request.

use std::collections::HashMap;
use std::net::Ipv4Addr;

use wireline_packet::arp::{LENGTH, Message, operation};
use wireline_packet::ethernet::Frame;

/// Remembers requests until somebody answers. Takes whole frames, in both directions.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    /// The first request for each address that has not answered.
    requests: HashMap<Ipv4Addr, Vec<u8>>,
    /// Hosts whose exchange was given out.
    given: usize,
}

impl Pairs {
    /// Hosts that are explained: who wants more has seen enough.
    pub(crate) const MOST: usize = 16;

    /// Requests that are remembered, in the order of asking: a /16.
    const REMEMBERED: usize = 1 << 16;

    /// Takes in a frame that left.
    pub(crate) fn sent(&mut self, frame: &[u8]) {
        if self.is_done() || self.requests.len() >= Self::REMEMBERED {
            return;
        }
        if let Some(message) = message(frame) {
            self.requests.entry(message.target.address).or_insert_with(|| frame.to_vec());
        }
    }

    /// Takes in a frame that came. Returns the request that it answers, of each host once.
    pub(crate) fn received(&mut self, frame: &[u8]) -> Option<Vec<u8>> {
        if self.is_done() {
            return None;
        }
        let message =
            message(frame).filter(|message| message.header.operation != operation::REQUEST)?;
        let request = self.requests.remove(&message.sender.address)?;
        self.given += 1;
        Some(request)
    }

    /// Whether nothing more will be given out.
    pub(crate) fn is_done(&self) -> bool {
        self.given >= Self::MOST
    }
}

fn message(frame: &[u8]) -> Option<Message<'_>> {
    let payload = Frame::parse(frame).ok()?.payload;
    Message::parse(payload.get(..LENGTH)?).ok()
}
