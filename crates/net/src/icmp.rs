use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::{SockAddr, Socket};
use wireline_engine::echo::SocketKind;
use wireline_engine::{Instant, Origin, Refusal, Reply, Stage, Stamp, Transmit};
use wireline_packet::ipv4;

use crate::clock::Timeline;
use crate::icmp_options::bind_device;
use crate::icmp_setup::{ask_for_ancillary_data, ident_filter, open};
use crate::ledger::Ledger;
use crate::privilege::raised;
use crate::sys::{Batch, ExtendedError, Received};
use crate::{Channel, Clock, Error, Heard, IcmpOptions, Outbox, Result, sys};

/// Which version of IP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

/// A non-blocking ICMP socket.
pub struct IcmpSocket {
    socket: Socket,
    family: Family,
    kind: SocketKind,
    options: IcmpOptions,
    replies: Batch,
    errors: Batch,
    ledger: Ledger,
    timeline: Timeline,
    /// Look at the error queue only after this many looks at the ordinary one.
    patience: u32,
    looks: u32,
    strangers: Strangers,
    opened: Instant,
}

/// Whether replies to other programs' requests are heard.
#[derive(Clone, Copy, Debug)]
enum Strangers {
    /// None has been so far.
    Unheard { ident: u16 },
    /// They are left out, or do not matter.
    LeftOut,
}

impl IcmpSocket {
    /// Opens the least privileged socket that the machine allows, or a raw one where it must be.
    pub fn open(family: Family, must_be_raw: bool) -> Result<Self> {
        let (socket, kind) = raised(|| open(family, must_be_raw))?;
        socket.set_nonblocking(true).map_err(Error::call("fcntl(O_NONBLOCK)"))?;
        // Stamping is switched on in the background: the earlier it is asked for, the likelier that
        // the first reply has a stamp.
        IcmpOptions::default()
            .stamps
            .request(socket.as_fd())
            .map_err(Error::call("setsockopt(SO_TIMESTAMPING)"))?;
        Ok(Self {
            socket,
            family,
            kind,
            options: IcmpOptions::default(),
            replies: Batch::new(1, 2048),
            errors: Batch::new(1, ERROR_OCTETS),
            ledger: Ledger::default(),
            timeline: Timeline::new(),
            patience: 0,
            looks: 0,
            strangers: Strangers::LeftOut,
            opened: Clock.now(),
        })
    }

    /// Which kind [`open`](Self::open) got.
    #[must_use]
    pub const fn kind(&self) -> SocketKind {
        self.kind
    }

    /// Binds to an interface by name, with privilege where an old kernel wants it.
    pub fn bind_device(&self, device: &str) -> Result<()> {
        let bound = raised(|| bind_device(&self.socket, device));
        bound.map_err(Error::call(format!("SO_BINDTODEVICE {device}")))
    }

    /// Marks what is sent (`SO_MARK`), which needs `CAP_NET_ADMIN` or `CAP_NET_RAW`.
    pub fn set_mark(&self, mark: u32) -> io::Result<()> {
        raised(|| self.socket.set_mark(mark))
    }

    /// Applies the options and makes room for up to `slots` replies at once.
    pub fn configure(&mut self, options: IcmpOptions, slots: usize) -> Result<()> {
        /// What a datagram holds at the most: a reply may be longer than its request.
        const LONGEST: usize = 65_535;
        options.apply(&self.socket, self.family == Family::V6)?;
        ask_for_ancillary_data(self.socket.as_fd(), self.family, self.kind)?;
        self.replies = Batch::new(slots, LONGEST);
        self.errors = Batch::new(slots.min(64), ERROR_OCTETS);
        self.options = options;
        Ok(())
    }

    /// Waits until stamping is switched on, which the kernel does in the background once a socket has
    /// asked for it: a reply that comes before has no stamp. Opening is the first thing done, so that
    /// some of the time has passed already.
    pub fn await_stamping(&self) {
        const TAKES: Duration = Duration::from_micros(300);
        let left = (self.opened + TAKES).since(Clock.now());
        if let Ok(left) = Timespec::try_from(left) {
            // Interrupted or not, what may be missing is one stamp.
            let _ = poll(&mut [], Some(&left));
        }
    }

    /// Says which identifier is ours. A raw socket hears everybody's replies; once it has heard a
    /// stranger's the kernel is asked to leave them out, and not before: compiling a filter costs more
    /// than most runs of ping.
    pub const fn set_ident(&mut self, ident: u16) {
        self.strangers = match self.kind {
            SocketKind::Raw => Strangers::Unheard { ident },
            SocketKind::Datagram => Strangers::LeftOut,
        };
    }

    fn leave_strangers_out(&mut self) {
        let Strangers::Unheard { ident } = self.strangers else { return };
        let reply_type = if self.family == Family::V4 { 0 } else { 129 };
        let is_foreign = |received: &Received<'_>| {
            let contents = self.reply(received).map(|reply| reply.contents);
            matches!(contents, Some([kind, _, _, _, a, b, ..]) if *kind == reply_type && [*a, *b] != ident.to_be_bytes())
        };
        if self.replies.iter().any(|received| is_foreign(&received)) {
            self.strangers = Strangers::LeftOut;
            // Without it there is more to read and to ignore, and that is all.
            let _ = self.socket.attach_filter(&ident_filter(self.family, ident));
        }
    }

    /// Reads stamps and errors once in so many looks for replies: for floods, where the round trip
    /// can wait for its stamp.
    pub fn read_stamps_lazily(&mut self) {
        /// Stamps in one system call. The kernel keeps them in the room for replies: a few dozen are
        /// nothing there.
        const AT_ONCE: u16 = 64;
        self.patience = AT_ONCE.into();
        self.errors = Batch::new(AT_ONCE.into(), ERROR_OCTETS);
    }

    /// Sends in order; what fails is told and passed over.
    fn transmit(
        &mut self,
        batch: &[(&Transmit, SockAddr, &[u8])],
        heard: &mut dyn FnMut(Instant, Heard<'_>),
    ) {
        let mut rest = batch;
        let mut tries = Tries::default();
        while let [(first, ..), ..] = rest {
            match sys::send(
                self.socket.as_fd(),
                rest.iter().map(|(_, to, contents)| (to, *contents)),
            ) {
                Ok(sent) => {
                    rest[..sent].iter().for_each(|(transmit, ..)| self.ledger.sent(transmit.id));
                    rest = &rest[sent..];
                    tries = Tries::default();
                }
                Err(why) if tries.may_wait_after(&why) => self.await_room(),
                Err(why) => {
                    let found = self.after_failure(heard);
                    if found == Found::Errors && tries.may_repeat() {
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
        let _ = self.options.stamps.request(self.socket.as_fd());
        found
    }

    /// Waits a moment for the socket or the interface to have room.
    fn await_room(&self) {
        let mut fds = [PollFd::from_borrowed_fd(self.socket.as_fd(), PollFlags::OUT)];
        let moment = Timespec { tv_sec: 0, tv_nsec: 10_000_000 };
        let _ = poll(&mut fds, Some(&moment));
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
        let nowhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        let destination = received.source.unwrap_or(nowhere).ip();
        let refusal = Refusal { origin, destination, info: error.info, quoted: received.contents };
        heard(now, Heard::Refusal(refusal));
        if matches!(origin, Origin::Local(_)) { Found::LocalError } else { Found::Errors }
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

    fn hear_replies(&self, now: Instant, heard: &mut dyn FnMut(Instant, Heard<'_>)) {
        for received in self.replies.iter() {
            if let Some(reply) = self.reply(&received) {
                heard(now, Heard::Reply(reply));
            }
        }
    }

    fn reply<'a>(&self, received: &Received<'a>) -> Option<Reply<'a>> {
        let at = received.stamp.map(|stamp| self.timeline.instant(stamp));
        let source = received.source?;
        let (hop_limit, options, contents) = match (self.family, self.kind) {
            (Family::V4, SocketKind::Raw) => {
                let header = ipv4::Header::parse(received.contents).ok()?;
                (Some(header.ttl), header.options, header.payload)
            }
            _ => (received.hop_limit, received.options, received.contents),
        };
        Some(Reply { source, hop_limit, at, options, contents })
    }

    /// Sends those of the outbox that are of this family.
    fn send_ours(&mut self, outbox: &Outbox, heard: &mut dyn FnMut(Instant, Heard<'_>)) {
        let is_ours =
            |transmit: &Transmit| transmit.destination.is_ipv6() == (self.family == Family::V6);
        let batch: Vec<_> = outbox
            .iter()
            .filter(|(transmit, _)| is_ours(transmit))
            .map(|(transmit, contents)| (transmit, SockAddr::from(transmit.destination), contents))
            .collect();
        self.transmit(&batch, heard);
    }
}

/// Who refused a datagram; `None` for what is no refusal.
fn origin(error: &ExtendedError) -> Option<Origin> {
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

impl AsFd for IcmpSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
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
}

impl Tries {
    /// A second, in moments of ten milliseconds.
    const WAITS: u32 = 100;
    const REPEATS: u32 = 8;

    fn may_wait_after(&mut self, why: &io::Error) -> bool {
        let full = matches!(why.raw_os_error(), Some(libc::EAGAIN | libc::ENOBUFS | libc::ENOMEM));
        let interrupted = why.kind() == io::ErrorKind::Interrupted;
        self.waits += 1;
        (full || interrupted) && self.waits <= Self::WAITS
    }

    fn may_repeat(&mut self) -> bool {
        self.repeats += 1;
        self.repeats <= Self::REPEATS
    }
}

/// Octets of the quoted datagram to keep: the smallest that IPv6 lets anybody quote (RFC 4443 §2.4).
const ERROR_OCTETS: usize = 1280;

/// Batches of the error queue to read before replies get their turn.
const ERROR_BATCHES: u32 = 16;

impl Channel for IcmpSocket {
    fn send(&mut self, outbox: &Outbox, heard: &mut dyn FnMut(Instant, Heard<'_>)) {
        self.send_ours(outbox, heard);
    }

    fn receive(&mut self, expected: usize, heard: &mut dyn FnMut(Instant, Heard<'_>)) -> usize {
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
            self.hear_replies(now, heard);
            self.leave_strangers_out();
        }
        received + usize::from(errors != Found::Nothing)
    }

    fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        std::iter::once(self.socket.as_fd())
    }
}

/// One socket for each family that is there.
#[derive(Default)]
pub struct IcmpSockets {
    /// For IPv4 targets.
    pub v4: Option<IcmpSocket>,
    /// For IPv6 targets.
    pub v6: Option<IcmpSocket>,
}

impl IcmpSockets {
    /// Opens one for each family in `families`. A family that the machine does not have is left
    /// out; if none is left, the first error is why.
    pub fn open(families: &[Family], must_be_raw: bool) -> Result<Self> {
        let mut sockets = Self::default();
        let mut refused = None;
        for family in families {
            match IcmpSocket::open(*family, must_be_raw) {
                Ok(socket) => *sockets.slot(*family) = Some(socket),
                Err(why) => refused = refused.or(Some(why)),
            }
        }
        match refused {
            Some(why) if sockets.v4.is_none() && sockets.v6.is_none() => Err(why),
            _ => Ok(sockets),
        }
    }

    /// The place of one family's.
    pub const fn slot(&mut self, family: Family) -> &mut Option<IcmpSocket> {
        match family {
            Family::V4 => &mut self.v4,
            Family::V6 => &mut self.v6,
        }
    }

    /// Those that are there.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut IcmpSocket> {
        self.v4.iter_mut().chain(&mut self.v6)
    }
}

impl Channel for IcmpSockets {
    fn send(&mut self, outbox: &Outbox, heard: &mut dyn FnMut(Instant, Heard<'_>)) {
        self.iter_mut().for_each(|socket| socket.send_ours(outbox, heard));
    }

    fn receive(&mut self, expected: usize, heard: &mut dyn FnMut(Instant, Heard<'_>)) -> usize {
        self.iter_mut().map(|socket| socket.receive(expected, heard)).sum()
    }

    fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.v4.iter().chain(&self.v6).map(|socket| socket.socket.as_fd())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_privileged_socket_is_opened_unless_a_raw_one_is_asked_for() {
        // Which of the two this machine allows is its own affair; that one works is ours.
        let sockets = IcmpSockets::open(&[Family::V4, Family::V6], false);
        match sockets {
            Ok(sockets) => assert!(sockets.fds().count() > 0),
            Err(why) => assert!(matches!(why, Error::NotPermitted), "{why}"),
        }
    }
}
