//! A socket that datagrams leave by and come in by, with its error queue and its stamps: what ICMP,
//! UDP and raw sockets have in common.

use std::io;
use std::net::Ipv4Addr;
use std::os::fd::{AsFd, BorrowedFd};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::{SockAddr, Socket};
use wireline_engine::{Instant, Origin, Refusal, Reply, Stage, Stamp, Transmit};
use wireline_packet::{ipv4, tcp};

use crate::clock::Timeline;
use crate::control::{ExtendedError, Received};
use crate::ledger::Ledger;
use crate::sys::{Batch, Outgoing};
use crate::{Clock, Heard, Stamps, sys};

/// What comes before the transport header in what the socket hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// The IPv4 header (raw(7)).
    Ipv4Header,
    /// The IPv4 header of a TCP segment, which is passed over if its checksum is wrong.
    Ipv4Segment,
    /// Nothing.
    Bare,
}

/// One non-blocking socket and all that is heard by it.
pub(crate) struct ProbeSocket {
    pub(crate) socket: Socket,
    framing: Framing,
    flow: u32,
    stamps: Stamps,
    replies: Batch,
    errors: Batch,
    ledger: Ledger,
    timeline: Timeline,
    /// Look at the error queue only after this many looks at the ordinary one.
    patience: u32,
    looks: u32,
}

/// Octets of the quoted datagram to keep: the smallest that IPv6 lets anybody quote (RFC 4443 §2.4).
const ERROR_OCTETS: usize = 1280;

/// Batches of the error queue to read before replies get their turn.
const ERROR_BATCHES: u32 = 16;

impl ProbeSocket {
    /// A socket with room for one short reply at a time.
    pub(crate) fn new(socket: Socket, framing: Framing, flow: u32) -> Self {
        Self {
            socket,
            framing,
            flow,
            stamps: Stamps::default(),
            replies: Batch::new(1, 2048),
            errors: Batch::new(1, ERROR_OCTETS),
            ledger: Ledger::default(),
            timeline: Timeline::new(),
            patience: 0,
            looks: 0,
        }
    }

    /// Makes room for up to `slots` replies at once, of `octets` each, and remembers which stamps were
    /// asked for.
    pub(crate) fn make_room(&mut self, slots: usize, octets: usize, stamps: Stamps) {
        self.replies = Batch::new(slots, octets);
        self.errors = Batch::new(slots.min(64), ERROR_OCTETS);
        self.stamps = stamps;
    }

    /// Reads stamps and errors once in so many looks for replies: for floods, where the round trip
    /// can wait for its stamp.
    pub(crate) fn read_stamps_lazily(&mut self) {
        /// Stamps in one system call. The kernel keeps them in the room for replies: a few dozen are
        /// nothing there.
        const AT_ONCE: u16 = 64;
        self.patience = AT_ONCE.into();
        self.errors = Batch::new(AT_ONCE.into(), ERROR_OCTETS);
    }

    /// Sends in order; what fails is told and passed over.
    pub(crate) fn transmit(
        &mut self,
        batch: &[(&Transmit, SockAddr, &[u8])],
        heard: &mut dyn FnMut(Instant, Heard<'_>),
    ) {
        let mut rest = batch;
        let mut tries = Tries::default();
        while let [(first, ..), ..] = rest {
            match sys::send(self.socket.as_fd(), rest.iter().map(outgoing)) {
                Ok(sent) => {
                    rest[..sent].iter().for_each(|(transmit, ..)| self.ledger.sent(transmit.id));
                    rest = &rest[sent..];
                    tries = Tries::default();
                }
                Err(why) if tries.may_wait_after(&why) => self.await_room(),
                Err(why) => {
                    let found = self.after_failure(heard);
                    if tries.may_repeat_after(found) {
                        continue;
                    }
                    if found != Found::LocalError {
                        heard(Clock.now(), Heard::Unsent(first, &why));
                    }
                    rest = &rest[1..];
                }
            }
        }
    }

    /// A call to send may fail with the error of an earlier datagram, having sent nothing: reading
    /// the queue clears it. Whether it used up a number of the stamps is not told, so they start anew.
    fn after_failure(&mut self, heard: &mut dyn FnMut(Instant, Heard<'_>)) -> Found {
        let found = self.read_errors(heard);
        self.ledger.restart();
        // As when it was first asked for: it can only fail on a closed socket.
        let _ = self.stamps.request(self.socket.as_fd());
        found
    }

    /// Waits a moment for the socket or the interface to have room.
    fn await_room(&self) {
        let mut fds = [PollFd::from_borrowed_fd(self.socket.as_fd(), PollFlags::OUT)];
        let moment = Timespec { tv_sec: 0, tv_nsec: 10_000_000 };
        let _ = poll(&mut fds, Some(&moment));
    }

    /// Takes in a batch of replies and everything in the error queue, and says how much that was.
    /// About `expected` replies are waiting.
    pub(crate) fn receive(
        &mut self,
        expected: usize,
        heard: &mut dyn FnMut(Instant, Heard<'_>),
    ) -> usize {
        let received = self.replies.receive(self.socket.as_fd(), expected, 0).unwrap_or(0);
        self.looks += 1;
        let mut errors = Found::Nothing;
        if received == 0 || self.looks >= self.patience {
            self.looks = 0;
            // Before the replies are told: theirs are among the stamps.
            errors = self.read_errors(heard);
        }
        if received > 0 {
            let now = Clock.now();
            if self.looks == 0 {
                self.timeline.refresh(now);
            }
            self.replies().for_each(|reply| heard(now, Heard::Reply(reply)));
        }
        received + usize::from(errors != Found::Nothing)
    }

    /// Takes in everything in the error queue, of a socket whose input is nobody's affair.
    pub(crate) fn read_errors_only(&mut self, heard: &mut dyn FnMut(Instant, Heard<'_>)) {
        self.read_errors(heard);
    }

    /// The replies that came last.
    pub(crate) fn replies(&self) -> impl Iterator<Item = Reply<'_>> {
        self.replies.iter().filter_map(|received| self.reply(&received))
    }

    /// Takes in everything in the error queue: ICMP errors, local ones and stamps.
    fn read_errors(&mut self, heard: &mut dyn FnMut(Instant, Heard<'_>)) -> Found {
        let mut found = Found::Nothing;
        for _ in 0..ERROR_BATCHES {
            let count = self.errors.receive(self.socket.as_fd(), usize::MAX, libc::MSG_ERRQUEUE);
            let Ok(count @ 1..) = count else { break };
            let now = Clock.now();
            self.timeline.refresh(now);
            for received in self.errors.iter() {
                found = found.max(self.hear_error(now, &received, heard));
            }
            if count < self.errors.slots() {
                break;
            }
        }
        found
    }

    fn hear_error(
        &self,
        now: Instant,
        received: &Received<'_>,
        heard: &mut dyn FnMut(Instant, Heard<'_>),
    ) -> Found {
        let Some(error) = received.error else { return Found::Nothing };
        let Some(origin) = origin(&error) else {
            if let Some(stamp) = self.stamp(&error, received.stamp) {
                heard(now, Heard::Stamp(stamp));
            }
            return Found::Nothing;
        };
        let is_local = matches!(origin, Origin::Local(_));
        let at = received.stamp.filter(|_| !is_local).map(|stamp| self.timeline.instant(stamp));
        let refusal = refusal(origin, &error, received, self.flow);
        heard(now, Heard::Refusal(Refusal { at, ..refusal }));
        if is_local { Found::LocalError } else { Found::Errors }
    }

    fn stamp(&self, error: &ExtendedError, at: Option<u64>) -> Option<Stamp> {
        const SENT: u32 = 0;
        const QUEUED: u32 = 1;
        let stage = match error.info {
            SENT => Stage::Sent,
            QUEUED => Stage::Queued,
            _ => return None,
        };
        let is_stamp = error.origin == libc::SO_EE_ORIGIN_TIMESTAMPING;
        let id = self.ledger.id(error.data).filter(|_| is_stamp)?;
        Some(Stamp { id, stage, at: self.timeline.instant(at?) })
    }

    fn reply<'a>(&self, received: &Received<'a>) -> Option<Reply<'a>> {
        let at = received.stamp.map(|stamp| self.timeline.instant(stamp));
        let source = received.source?;
        let (hop_limit, options, contents) = match self.framing {
            Framing::Ipv4Header | Framing::Ipv4Segment => {
                let header = ipv4::Header::parse(received.contents).ok()?;
                if self.framing == Framing::Ipv4Segment && !is_sound(&header, received.contents) {
                    return None;
                }
                (Some(header.ttl), header.options, header.payload)
            }
            Framing::Bare => (received.hop_limit, received.options, received.contents),
        };
        Some(Reply { source, hop_limit, at, options, flow: self.flow, contents })
    }
}

impl AsFd for ProbeSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

fn outgoing<'a>((transmit, to, contents): &'a (&Transmit, SockAddr, &[u8])) -> Outgoing<'a> {
    Outgoing { to, contents, hop_limit: transmit.hop_limit }
}

/// Whether a TCP segment is what was sent, as far as its checksum tells: of one that was cut, nothing does.
fn is_sound(header: &ipv4::Header<'_>, datagram: &[u8]) -> bool {
    let total =
        datagram.get(2..4).map_or(0, |octets| usize::from(octets[0]) << 8 | usize::from(octets[1]));
    let ends = (header.source.into(), header.destination.into());
    datagram.len() < total || tcp::is_sound(ends.0, ends.1, header.payload)
}

/// What an error queue says of one datagram, but for when.
pub(crate) fn refusal<'a>(
    origin: Origin,
    error: &ExtendedError,
    received: &Received<'a>,
    flow: u32,
) -> Refusal<'a> {
    Refusal {
        origin,
        destination: received.source.unwrap_or((Ipv4Addr::UNSPECIFIED, 0).into()),
        flow,
        info: error.info,
        at: None,
        hop_limit: received.hop_limit,
        extensions_at: extensions_at(error),
        quoted: received.contents,
    }
}

/// Who refused a datagram; `None` for what is no refusal.
pub(crate) fn origin(error: &ExtendedError) -> Option<Origin> {
    match error.origin {
        libc::SO_EE_ORIGIN_LOCAL => Some(Origin::Local(i32::try_from(error.errno).unwrap_or(0))),
        libc::SO_EE_ORIGIN_ICMP | libc::SO_EE_ORIGIN_ICMP6 => Some(Origin::Icmp {
            from: error.offender?,
            icmp_type: error.icmp_type,
            code: error.code,
        }),
        _ => None,
    }
}

/// `struct sock_ee_data_rfc4884` (linux/errqueue.h): an offset, and flags of which one says that the
/// kernel found what is there to be invalid.
fn extensions_at(error: &ExtendedError) -> Option<usize> {
    const INVALID: u8 = 1;
    let [low, high, flags, _] = error.data.to_ne_bytes();
    let offset = u16::from_ne_bytes([low, high]);
    let is_icmp = error.origin != libc::SO_EE_ORIGIN_LOCAL;
    (is_icmp && offset > 0 && flags & INVALID == 0).then_some(offset.into())
}

/// What was in the error queue, the gravest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Found {
    Nothing,
    Errors,
    LocalError,
}

/// How often one datagram has been tried.
#[derive(Debug, Default)]
struct Tries {
    waits: u32,
    repeats: u32,
    /// In a row.
    unexplained: u32,
}

impl Tries {
    /// A second, in moments of ten milliseconds.
    const WAITS: u32 = 100;
    /// As many errors about earlier datagrams as may come between two calls.
    const REPEATS: u32 = 64;

    fn may_wait_after(&mut self, why: &io::Error) -> bool {
        let full = matches!(why.raw_os_error(), Some(libc::EAGAIN | libc::ENOBUFS | libc::ENOMEM));
        let interrupted = why.kind() == io::ErrorKind::Interrupted;
        self.waits += 1;
        (full || interrupted) && self.waits <= Self::WAITS
    }

    /// An error about an earlier datagram that the queue has no room for is told by the call alone: what
    /// is about this one is told by the second too.
    const fn may_repeat_after(&mut self, found: Found) -> bool {
        self.repeats += 1;
        self.unexplained = if matches!(found, Found::Nothing) { self.unexplained + 1 } else { 0 };
        match found {
            Found::Nothing => self.unexplained == 1 && self.repeats <= Self::REPEATS,
            Found::Errors => self.repeats <= Self::REPEATS,
            Found::LocalError => false,
        }
    }
}
