//! Which reply belongs to which request.

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::os::fd::BorrowedFd;
use std::rc::Rc;

use rustix::event::PollFd;
use wireline_engine::{Instant, Transmit};
use wireline_net::{Channel, Heard, Outbox};
use wireline_packet::arp::{LENGTH, Message, operation};
use wireline_packet::ethernet::{Frame, ethertype};

/// A request, and the first reply to it: whole frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) request: Vec<u8>,
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
}

impl Pairs {
    /// Hosts that are explained: who wants more has seen enough.
    pub(crate) const MOST: usize = 16;

    /// Requests that are remembered, in the order of asking: a /16.
    const REMEMBERED: usize = 1 << 16;

    /// The exchange with a host that has answered, once.
    pub(crate) fn take(&mut self, address: Ipv4Addr) -> Option<Pair> {
        self.answered.remove(&address)
    }

    fn sent(&mut self, frame: &[u8]) {
        if self.count >= Self::MOST || self.requests.len() >= Self::REMEMBERED {
            return;
        }
        if let Some(message) = message(frame) {
            self.requests.entry(message.target.address).or_insert_with(|| frame.to_vec());
        }
    }

    fn received(&mut self, frame: &[u8]) {
        let is_answer = |message: &Message<'_>| message.header.operation != operation::REQUEST;
        if self.count >= Self::MOST {
            return;
        }
        let Some(message) = message(frame).filter(is_answer) else { return };
        let address = message.sender.address;
        let Some(request) = self.requests.get(&address) else { return };
        // Another request's, of somebody who asks from several addresses, is none.
        let asked = self::message(request).map(|request| request.sender.address);
        if asked == Some(message.target.address)
            && let Some(request) = self.requests.remove(&address)
        {
            self.answered.insert(address, Pair { request, reply: frame.to_vec() });
            self.count += 1;
        }
    }
}

fn message(frame: &[u8]) -> Option<Message<'_>> {
    let frame = Frame::parse(frame).ok().filter(|frame| frame.protocol == ethertype::ARP)?;
    Message::parse(frame.payload.get(..LENGTH)?).ok()
}

/// A channel that is listened in on.
pub(crate) struct Tap<C> {
    channel: C,
    pairs: Rc<RefCell<Pairs>>,
}

impl<C: Channel> Tap<C> {
    /// What is heard can be asked of the other thing that is returned.
    pub(crate) fn new(channel: C) -> (Self, Rc<RefCell<Pairs>>) {
        let pairs = Rc::default();
        (Self { channel, pairs: Rc::clone(&pairs) }, pairs)
    }

    /// The channel itself, for what else it can be asked.
    pub(crate) fn channel(&mut self) -> &mut C {
        &mut self.channel
    }
}

impl<C: Channel> Channel for Tap<C> {
    fn send(&mut self, outbox: &Outbox, heard: &mut dyn FnMut(Instant, Heard<'_>)) {
        outbox.iter().for_each(|(_, frame)| self.pairs.borrow_mut().sent(frame));
        self.channel.send(outbox, heard);
    }

    fn receive(&mut self, expected: usize, heard: &mut dyn FnMut(Instant, Heard<'_>)) -> usize {
        let pairs = &self.pairs;
        self.channel.receive(expected, &mut |at, what| {
            if let Heard::Reply(reply) = &what {
                pairs.borrow_mut().received(reply.contents);
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
        assert_eq!(pairs.take(YOU.address), Some(Pair { request: request(), reply: reply() }));
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
}
