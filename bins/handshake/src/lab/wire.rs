//! The wire between the two ends: it takes time, and loses what it is told to.
//!
//! It tells of every segment as a tap at the client's end would, and of those that are lost before they are there.

use std::collections::VecDeque;
use std::io;
use std::net::IpAddr;
use std::os::fd::{AsFd as _, AsRawFd as _, OwnedFd};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result};
use nix::errno::Errno;
use nix::ifaddrs::getifaddrs;
use nix::sys::socket::{
    AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, bind, recv, send, socket,
};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use wireline_engine::Instant;
use wireline_engine::tcp::End;
use wireline_net::Clock;
use wireline_packet::ipv4;
use wireline_packet::tcp::{Flags, Segment};

use super::rooms::{SIDES, mac};

/// From one end to the other: long enough to see what crosses on the way.
pub(super) const DELAY: Duration = Duration::from_millis(5);

/// What happens to a segment on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Arrives,
    Lost,
    /// It arrives with the mark of a router that is nearly full (CE, RFC 3168 §5).
    Marked,
}

/// Which segments, of whom, something happens to, and to how many of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    pub(super) from: End,
    pub(super) which: fn(&Segment<'_>) -> bool,
    pub(super) times: u32,
    pub(super) fate: Fate,
}

/// A segment at the client's end of the wire: when it came out of the client, or got there.
#[derive(Clone, Debug)]
pub(super) struct Passing {
    pub(super) at: Instant,
    pub(super) wall: Duration,
    /// From the IP header on.
    pub(super) packet: Vec<u8>,
    pub(super) fate: Fate,
}

/// What the wire and those who use it share.
#[derive(Debug, Default)]
pub(super) struct Orders {
    rules: Mutex<Vec<Rule>>,
    /// When each SYN-ACK came out of the server, and its ISN.
    answers: Mutex<Vec<(Instant, u32)>>,
    /// Segments on the way.
    under_way: AtomicUsize,
    /// Segments so far.
    pub(super) seen: AtomicUsize,
    stop: AtomicBool,
}

impl Orders {
    pub(super) fn add(&self, rule: Rule) {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner).push(rule);
    }

    /// Nothing happens to any segment from now on.
    pub(super) fn clear(&self) {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// When each SYN-ACK came out of the server, and its ISN.
    pub(super) fn answers(&self) -> Vec<(Instant, u32)> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_idle(&self) -> bool {
        self.under_way.load(Ordering::Relaxed) == 0
    }

    fn fate(&self, from: End, segment: &Segment<'_>) -> Fate {
        let mut rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        let rule = rules
            .iter_mut()
            .find(|rule| rule.from == from && rule.times > 0 && (rule.which)(segment));
        rule.map_or(Fate::Arrives, |rule| {
            rule.times -= 1;
            rule.fate
        })
    }
}

/// What is on the way.
#[derive(Debug)]
struct Parcel {
    due: Instant,
    to: End,
    /// Nothing where it is lost.
    frame: Option<Vec<u8>>,
    /// What to tell when it is there.
    news: Option<Passing>,
}

/// Both sides, in the namespace in which it was opened.
#[derive(Debug)]
pub(super) struct Wire {
    sides: [OwnedFd; 2],
    /// As long for all, so that it stays in order.
    later: VecDeque<Parcel>,
    orders: Arc<Orders>,
}

impl Wire {
    pub(super) fn open(orders: &Arc<Orders>) -> Result<Self> {
        let sides = [side(SIDES[0])?, side(SIDES[1])?];
        Ok(Self { sides, later: VecDeque::new(), orders: Arc::clone(orders) })
    }

    /// Carries until it is told to stop.
    pub(super) fn run(mut self, tell: &dyn Fn(Passing)) -> io::Result<()> {
        let mut buffer = vec![0; 1 << 16];
        while !self.orders.stop.load(Ordering::Relaxed) {
            self.wait()?;
            for end in [End::Client, End::Server] {
                while let Some(length) = receive(&self.sides[end as usize], &mut buffer)? {
                    self.take(end, &buffer[..length], tell);
                }
            }
            self.deliver(tell)?;
        }
        Ok(())
    }

    fn wait(&self) -> io::Result<()> {
        const LONGEST: Duration = Duration::from_millis(20);
        let due = self.later.front().map(|parcel| parcel.due.since(Clock.now()));
        let wait =
            Timespec::try_from(due.unwrap_or(LONGEST).min(LONGEST)).map_err(io::Error::other)?;
        let [client, server] = &self.sides;
        let mut fds = [PollFd::new(client, PollFlags::IN), PollFd::new(server, PollFlags::IN)];
        match poll(&mut fds, Some(&wait)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(why) => Err(why.into()),
        }
    }

    /// What is not TCP over IPv4 goes nowhere.
    fn take(&mut self, from: End, frame: &[u8], tell: &dyn Fn(Passing)) {
        let (at, wall) = (Clock.now(), Clock.wall());
        let Some(packet) = frame.get(14..).filter(|_| frame[12..14] == [8, 0]) else { return };
        let Some((whole, fate)) = self.judge(from, packet) else { return };
        let arriving = if fate == Fate::Marked { marked(&whole) } else { whole.clone() };
        let frame = [&mac(from.other())[..], &mac(from), &[8, 0], &arriving].concat();
        let passing = Passing { at, wall, packet: whole, fate };
        let (due, to, frame) =
            (at + DELAY, from.other(), Some(frame).filter(|_| fate != Fate::Lost));
        self.orders.under_way.fetch_add(1, Ordering::Relaxed);
        let news = match from {
            End::Client => {
                self.tell(passing, tell);
                None
            }
            End::Server => Some(Passing { at: due, wall: wall + DELAY, ..passing }),
        };
        self.later.push_back(Parcel { due, to, frame, news });
    }

    fn tell(&self, passing: Passing, tell: &dyn Fn(Passing)) {
        tell(passing);
        self.orders.seen.fetch_add(1, Ordering::Relaxed);
    }

    /// The packet with its checksum, which the kernel leaves to whoever sends it, and what becomes of it.
    fn judge(&self, from: End, packet: &[u8]) -> Option<(Vec<u8>, Fate)> {
        let length = usize::from(u16::from_be_bytes([*packet.get(2)?, *packet.get(3)?]));
        let header = ipv4::Header::parse(packet.get(..length)?)
            .ok()
            .filter(|header| header.protocol == 6)?;
        let segment = Segment::parse(header.payload).ok()?;
        let ends: (IpAddr, IpAddr) = (header.source.into(), header.destination.into());
        let mut whole = packet[..length - header.payload.len()].to_vec();
        let mut out = Vec::new();
        segment.emit(ends.0, ends.1, &mut out);
        whole.append(&mut out);
        if is_syn_ack(&segment) {
            let mut answers = self.orders.answers.lock().unwrap_or_else(PoisonError::into_inner);
            answers.push((Clock.now(), segment.sequence));
        }
        Some((whole, self.orders.fate(from, &segment)))
    }

    fn deliver(&mut self, tell: &dyn Fn(Passing)) -> io::Result<()> {
        while self.later.front().is_some_and(|parcel| parcel.due <= Clock.now()) {
            let Some(Parcel { to, frame, news, .. }) = self.later.pop_front() else { break };
            // Told first: what it is answered with comes after it.
            if let Some(news) = news {
                self.tell(news, tell);
            }
            if let Some(frame) = frame {
                send(self.sides[to as usize].as_raw_fd(), &frame, MsgFlags::empty())?;
            }
            self.orders.under_way.fetch_sub(1, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// `None`: nothing waits.
fn receive(side: &OwnedFd, buffer: &mut [u8]) -> io::Result<Option<usize>> {
    match recv(side.as_raw_fd(), buffer, MsgFlags::MSG_DONTWAIT) {
        Ok(length) => Ok(Some(length)),
        Err(Errno::EAGAIN | Errno::EINTR | Errno::ENETDOWN) => Ok(None),
        Err(why) => Err(why.into()),
    }
}

/// A packet socket on one side of the wire (packet(7)).
fn side(name: &str) -> Result<OwnedFd> {
    let mut addresses = getifaddrs()?.filter(|entry| entry.interface_name == name);
    let address = addresses.find_map(|entry| entry.address?.as_link_addr().copied());
    let address = address.with_context(|| format!("{name}: no such interface"))?;
    let (kind, protocol) = (SockType::Raw, SockProtocol::EthAll);
    let socket = socket(AddressFamily::Packet, kind, SockFlag::SOCK_CLOEXEC, protocol)?;
    bind(socket.as_fd().as_raw_fd(), &address)?;
    nix::sys::socket::setsockopt(&socket, nix::sys::socket::sockopt::RcvBuf, &(1 << 20))?;
    Ok(socket)
}

/// The same packet with CE, and the checksum of its header mended for it (RFC 1624 §3).
fn marked(packet: &[u8]) -> Vec<u8> {
    const CE: u8 = 3;
    let mut packet = packet.to_vec();
    let old = u16::from_be_bytes([packet[0], packet[1]]);
    packet[1] |= CE;
    let new = u16::from_be_bytes([packet[0], packet[1]]);
    let sum = !u16::from_be_bytes([packet[10], packet[11]]);
    let mut mended = u32::from(sum) + u32::from(!old) + u32::from(new);
    mended = (mended & 0xffff) + (mended >> 16);
    mended = (mended & 0xffff) + (mended >> 16);
    let mended = !u16::try_from(mended).unwrap_or_default();
    packet[10..12].copy_from_slice(&mended.to_be_bytes());
    packet
}

pub(super) fn is_syn(segment: &Segment<'_>) -> bool {
    segment.flags.contains(Flags::SYN) && !segment.flags.contains(Flags::ACK)
}

pub(super) fn is_syn_ack(segment: &Segment<'_>) -> bool {
    segment.flags.contains(Flags::SYN) && segment.flags.contains(Flags::ACK)
}

pub(super) fn is_bare_ack(segment: &Segment<'_>) -> bool {
    segment.flags == Flags::ACK && segment.payload.is_empty()
}

pub(super) fn is_data(segment: &Segment<'_>) -> bool {
    !segment.payload.is_empty()
}

pub(super) fn is_anything(_: &Segment<'_>) -> bool {
    true
}
