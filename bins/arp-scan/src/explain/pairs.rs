//! Which reply belongs to which request.

use std::collections::HashMap;
use std::net::Ipv4Addr;

use wireline_packet::arp::{LENGTH, Message, operation};
use wireline_packet::ethernet::{Frame, ethertype};

/// A request, and the first reply to it: whole frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    /// `None` where frames come from a file of answers.
    pub(crate) request: Option<Vec<u8>>,
    pub(crate) reply: Vec<u8>,
}

/// Remembers requests until somebody answers, and both until somebody asks.
#[derive(Debug, Default)]
pub(crate) struct Pairs {
    /// The first request for each address that has not answered.
    requests: HashMap<Ipv4Addr, Vec<u8>>,
    answered: HashMap<Ipv4Addr, Pair>,
    /// Hosts that have answered.
    count: usize,
    /// There are no requests: every answer is taken.
    is_offline: bool,
}

impl Pairs {
    /// Hosts that are explained: who wants more has seen enough.
    pub(crate) const MOST: usize = 16;

    /// Requests that are remembered, in the order of asking: a /16.
    const REMEMBERED: usize = 1 << 16;

    /// For answers from a file.
    pub(crate) fn offline() -> Self {
        Self { is_offline: true, ..Self::default() }
    }

    /// The exchange with a host that has answered, once.
    pub(crate) fn take(&mut self, address: Ipv4Addr) -> Option<Pair> {
        self.answered.remove(&address)
    }

    /// Takes in a frame that is about to leave.
    pub(crate) fn sent(&mut self, frame: &[u8]) {
        if self.count >= Self::MOST || self.requests.len() >= Self::REMEMBERED {
            return;
        }
        if let Some(message) = message(frame) {
            self.requests.entry(message.target.address).or_insert_with(|| frame.to_vec());
        }
    }

    /// Takes in a frame that came.
    pub(crate) fn received(&mut self, frame: &[u8]) {
        let is_answer = |message: &Message<'_>| message.header.operation != operation::REQUEST;
        if self.count >= Self::MOST {
            return;
        }
        let Some(message) = message(frame).filter(is_answer) else { return };
        let address = message.sender.address;
        let request = self.requests.get(&address);
        // Another request's, of somebody who asks from several addresses, is none.
        let asked = request.and_then(|request| self::message(request));
        let is_its = asked.is_some_and(|asked| asked.sender.address == message.target.address);
        let is_new = self.is_offline && !self.answered.contains_key(&address);
        if is_its || is_new {
            let request = self.requests.remove(&address);
            self.answered.insert(address, Pair { request, reply: frame.to_vec() });
            self.count += 1;
        }
    }
}

fn message(frame: &[u8]) -> Option<Message<'_>> {
    let frame = Frame::parse(frame).ok().filter(|frame| frame.protocol == ethertype::ARP)?;
    Message::parse(frame.payload.get(..LENGTH)?).ok()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{ME, YOU, frame, message, reply, request};
    use super::*;
    use wireline_packet::Mac;
    use wireline_packet::arp::End;
    use wireline_packet::ethernet::Framing;

    #[test]
    fn reply_finds_the_request_that_it_answers_once() {
        let mut pairs = Pairs::default();
        pairs.sent(&request());
        pairs.received(&request());
        assert_eq!(pairs.take(YOU.address), None, "a request answers nothing");
        pairs.received(&reply()[..20]);
        let to_another = message(operation::REPLY, YOU, End { address: YOU.address, ..ME });
        pairs.received(&frame(ME.mac, None, Framing::Ethernet2, &to_another));
        assert_eq!(pairs.take(YOU.address), None, "an answer to somebody else");
        pairs.received(&reply());
        assert_eq!(
            pairs.take(YOU.address),
            Some(Pair { request: Some(request()), reply: reply() })
        );
        pairs.received(&reply());
        assert_eq!(pairs.take(YOU.address), None, "given out already");
    }

    #[test]
    fn nothing_is_kept_past_as_many_hosts_as_are_explained() {
        let mut pairs = Pairs::default();
        for n in 0..=u8::try_from(Pairs::MOST).unwrap() {
            let you = End { address: [192, 0, 2, n].into(), ..YOU };
            let asked = message(operation::REQUEST, ME, End { mac: Mac::ZERO, ..you });
            pairs.sent(&frame(Mac::BROADCAST, None, Framing::Ethernet2, &asked));
            let answer = message(operation::REPLY, you, ME);
            pairs.received(&frame(ME.mac, None, Framing::Ethernet2, &answer));
            assert_eq!(pairs.take(you.address).is_some(), usize::from(n) < Pairs::MOST, "{n}");
        }
        pairs.sent(&request());
        assert!(pairs.requests.is_empty());
    }

    #[test]
    fn answers_of_a_file_need_no_request() {
        let mut pairs = Pairs::offline();
        pairs.received(&reply());
        pairs.received(&reply());
        assert_eq!(pairs.take(YOU.address), Some(Pair { request: None, reply: reply() }));
    }
}
