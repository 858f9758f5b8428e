use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use rustix::event::{Timespec, poll};
use socket2::SockAddr;
use wireline_engine::echo::SocketKind;
use wireline_engine::{Instant, Transmit};

use crate::icmp_setup::{ask_for_ancillary_data, ident_filter, open};
use crate::privilege::raised;
use crate::probe::{Framing, ProbeSocket};
use crate::socket_options::{bind_device, set_ip_options};
use crate::{Channel, Clock, Error, Heard, Outbox, Result, SocketOptions};

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
    probe: ProbeSocket,
    family: Family,
    kind: SocketKind,
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
        SocketOptions::default()
            .stamps
            .request(socket.as_fd())
            .map_err(Error::call("setsockopt(SO_TIMESTAMPING)"))?;
        let framing = match (family, kind) {
            (Family::V4, SocketKind::Raw) => Framing::Ipv4Header,
            _ => Framing::Bare,
        };
        let probe = ProbeSocket::new(socket, framing, 0);
        Ok(Self { probe, family, kind, strangers: Strangers::LeftOut, opened: Clock.now() })
    }

    /// Which kind [`open`](Self::open) got.
    #[must_use]
    pub const fn kind(&self) -> SocketKind {
        self.kind
    }

    /// Binds to an interface by name, with privilege where an old kernel wants it.
    pub fn bind_device(&self, device: &str) -> Result<()> {
        let bound = raised(|| bind_device(&self.probe.socket, device));
        bound.map_err(Error::call(format!("SO_BINDTODEVICE {device}")))
    }

    /// Marks what is sent (`SO_MARK`), which needs `CAP_NET_ADMIN` or `CAP_NET_RAW`.
    pub fn set_mark(&self, mark: u32) -> io::Result<()> {
        raised(|| self.probe.socket.set_mark(mark))
    }

    /// IPv4 options of every request; a source route needs `CAP_NET_RAW`.
    pub fn set_ip_options(&self, options: &[u8]) -> io::Result<()> {
        raised(|| set_ip_options(self.probe.as_fd(), options))
    }

    /// Applies the options and makes room for up to `slots` replies at once.
    pub fn configure(&mut self, options: &SocketOptions, slots: usize) -> Result<()> {
        /// What a datagram holds at the most: a reply may be longer than its request.
        const LONGEST: usize = 65_535;
        options.apply(&self.probe.socket, self.family == Family::V6)?;
        ask_for_ancillary_data(self.probe.as_fd(), self.family, self.kind)?;
        self.probe.make_room(slots, LONGEST, options.stamps);
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
        let is_foreign = |contents: &[u8]| matches!(contents, [kind, _, _, _, a, b, ..] if *kind == reply_type && [*a, *b] != ident.to_be_bytes());
        if self.probe.replies().any(|reply| is_foreign(reply.contents)) {
            self.strangers = Strangers::LeftOut;
            // Without it there is more to read and to ignore, and that is all.
            let _ = self.probe.socket.attach_filter(&ident_filter(self.family, ident));
        }
    }

    /// Reads stamps and errors once in so many looks for replies: for floods, where the round trip
    /// can wait for its stamp.
    pub fn read_stamps_lazily(&mut self) {
        self.probe.read_stamps_lazily();
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
        self.probe.transmit(&batch, heard);
    }
}

impl AsFd for IcmpSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.probe.as_fd()
    }
}

impl Channel for IcmpSocket {
    fn send(&mut self, outbox: &Outbox, heard: &mut dyn FnMut(Instant, Heard<'_>)) {
        self.send_ours(outbox, heard);
    }

    fn receive(&mut self, expected: usize, heard: &mut dyn FnMut(Instant, Heard<'_>)) -> usize {
        let count = self.probe.receive(expected, heard);
        if count > 0 {
            self.leave_strangers_out();
        }
        count
    }

    fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        std::iter::once(self.probe.as_fd())
    }

    fn port(&self, _transmit: &Transmit) -> Option<u16> {
        let is_chosen = self.kind == SocketKind::Datagram;
        let address = is_chosen.then(|| self.probe.socket.local_addr().ok()?.as_socket())??;
        Some(address.port()).filter(|ident| *ident != 0)
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
        self.v4.iter().chain(&self.v6).map(AsFd::as_fd)
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
