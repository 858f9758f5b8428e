//! ICMP errors whole, with the header of the datagram that they quote, which the error queue keeps to itself.

use std::os::fd::{AsFd, BorrowedFd};

use rustix::event::{PollFd, PollFlags};
use socket2::{Domain, Protocol, Socket, Type};
use wireline_engine::{Instant, Quotation};
use wireline_packet::{icmpv4, icmpv6, ipv4};

use crate::control::Received;
use crate::icmp_setup::pass_errors;
use crate::privilege::raised;
use crate::sys::Batch;
use crate::{Channel, Clock, Error, Family, Heard, Outbox, Result};

/// A raw socket that hears every ICMP error that comes to this machine, and sends nothing.
pub struct Quotes {
    socket: Socket,
    family: Family,
    batch: Batch,
}

impl Quotes {
    /// Errors that are read at a time. A flood of strangers' waits, and what there is no room for is lost.
    const AT_ONCE: usize = 16;
    /// Of an error: the kernel quotes less than this, and so do routers (RFC 1812 §4.3.2.3, RFC 4443 §2.4).
    const OCTETS: usize = 2048;

    /// Needs `CAP_NET_RAW`.
    pub fn open(family: Family) -> Result<Self> {
        let (domain, protocol) = match family {
            Family::V4 => (Domain::IPV4, Protocol::ICMPV4),
            Family::V6 => (Domain::IPV6, Protocol::ICMPV6),
        };
        let socket = raised(|| Socket::new(domain, Type::RAW, Some(protocol)))
            .map_err(Error::call("socket"))?;
        pass_errors(socket.as_fd(), family)?;
        Ok(Self { socket, family, batch: Batch::new(Self::AT_ONCE, Self::OCTETS) })
    }

    /// Tells a batch of what is waiting, and says how much that was.
    fn receive(&mut self, heard: &mut dyn FnMut(Instant, Heard<'_>)) -> usize {
        let count = self.batch.receive(self.socket.as_fd(), Self::AT_ONCE, 0).unwrap_or(0);
        if count > 0 {
            let now = Clock.now();
            let told = self.batch.iter().filter_map(|received| quotation(self.family, &received));
            told.for_each(|quotation| heard(now, Heard::Quotation(quotation)));
        }
        count
    }

    /// The kernel hands an error to raw sockets first, so that its quote is there when it is heard of.
    fn before(&mut self, what: &Heard<'_>, heard: &mut dyn FnMut(Instant, Heard<'_>)) -> usize {
        if matches!(what, Heard::Refusal(_)) { self.receive(heard) } else { 0 }
    }
}

fn quotation<'a>(family: Family, received: &Received<'a>) -> Option<Quotation<'a>> {
    let from = received.source?.ip();
    let (icmp_type, code, datagram) = match family {
        Family::V4 => {
            match icmpv4::Message::parse(ipv4::Header::parse(received.contents).ok()?.payload) {
                Ok(icmpv4::Message::Error { icmp_type, code, quoted, .. }) => {
                    (icmp_type, code, quoted)
                }
                _ => return None,
            }
        }
        // The kernel has looked at the checksum (RFC 3542 §3.1).
        Family::V6 => match icmpv6::Message::read(received.contents) {
            Ok(icmpv6::Message::Error { icmp_type, code, quoted, .. }) => (icmp_type, code, quoted),
            _ => return None,
        },
    };
    Some(Quotation { from, icmp_type, code, datagram })
}

/// A channel, and beside it the quotes of what is sent there, where this machine lets us hear them.
pub struct Quoted<C> {
    channel: C,
    quotes: Option<Quotes>,
}

impl<C: Channel> Quoted<C> {
    /// Without quotes it is the channel and no more.
    pub const fn new(channel: C, quotes: Option<Quotes>) -> Self {
        Self { channel, quotes }
    }
}

impl<C: Channel> Channel for Quoted<C> {
    fn send(&mut self, outbox: &Outbox, heard: &mut dyn FnMut(Instant, Heard<'_>)) {
        let Some(quotes) = &mut self.quotes else { return self.channel.send(outbox, heard) };
        // A call that is to send may bring errors of earlier probes.
        self.channel.send(outbox, &mut |now, what| {
            quotes.before(&what, heard);
            heard(now, what);
        });
        let now = Clock.now();
        for (transmit, _) in outbox.iter() {
            if let Some(port) = self.channel.port(transmit) {
                heard(now, Heard::Port(transmit.id, port));
            }
        }
    }

    fn receive(&mut self, expected: usize, heard: &mut dyn FnMut(Instant, Heard<'_>)) -> usize {
        let Some(quotes) = &mut self.quotes else { return self.channel.receive(expected, heard) };
        let mut count = 0;
        count += self.channel.receive(expected, &mut |now, what| {
            count += quotes.before(&what, heard);
            heard(now, what);
        });
        if count == 0 { quotes.receive(heard) } else { count }
    }

    fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        let quotes = self.quotes.as_ref().map(|quotes| quotes.socket.as_fd());
        self.channel.fds().chain(quotes)
    }

    fn polled(&self) -> impl Iterator<Item = PollFd<'_>> {
        let quotes = self.quotes.as_ref().map(|quotes| &quotes.socket);
        self.channel.polled().chain(quotes.map(|socket| PollFd::new(socket, PollFlags::IN)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of octets that a stranger sent from 192.0.2.1.
    fn read(family: Family, contents: &[u8]) -> Option<Vec<u8>> {
        let source = Some("192.0.2.1:0".parse().unwrap());
        let received = Received { contents, source, ..Received::default() };
        Some(quotation(family, &received)?.datagram.to_vec())
    }

    /// An IPv4 header, then a time exceeded that quotes four octets.
    const ERROR: [u8; 32] = [
        0x45, 0, 0, 32, 0, 0, 0, 0, 64, 1, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2, 11, 0, 0xf0, 0xf9, 0,
        0, 0, 0, 1, 2, 3, 4,
    ];

    #[test]
    fn errors_are_told_from_the_quoted_datagram_on() {
        assert_eq!(read(Family::V4, &ERROR), Some(vec![1, 2, 3, 4]));
        assert_eq!(read(Family::V6, &[3, 0, 0, 0, 0, 0, 0, 0, 9]), Some(vec![9]));
    }

    #[test]
    fn errors_cut_short_damaged_or_of_another_kind_are_nothing() {
        (0..ERROR.len()).for_each(|end| assert_eq!(read(Family::V4, &ERROR[..end]), None, "{end}"));
        for at in 20..ERROR.len() {
            let mut damaged = ERROR;
            damaged[at] ^= 1;
            assert_eq!(read(Family::V4, &damaged), None, "the checksum covers octet {at}");
        }
        for octets in [&[129, 0, 0, 0, 0, 0, 0, 0, 9][..], &[3; 7], &[]] {
            assert_eq!(read(Family::V6, octets), None);
        }
    }
}
