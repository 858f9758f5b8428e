use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Resource, getrlimit};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use wireline_engine::{Instant, Transmit};

use crate::icmp_setup::ask_for_errors;
use crate::privilege::raised;
use crate::probe::{Framing, ProbeSocket};
use crate::socket_options::{bind_device, set_ip_options};
use crate::{Channel, Error, Family, Heard, Outbox, Result, SocketOptions, sys};

/// What a [`ProbeSockets`] is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeKind {
    /// UDP: needs no privilege.
    Udp,
    /// UDP-Lite (RFC 3828) with its checksum over so many octets; `None` is all. Needs no privilege.
    UdpLite(Option<u16>),
    /// Raw, of this IP protocol: what is sent begins with the transport header.
    Raw(u8),
}

/// Sockets of one kind and family, one for each flow: the probes of a flow share a source port.
pub struct ProbeSockets {
    sockets: Vec<ProbeSocket>,
    family: Family,
    kind: ProbeKind,
}

/// How many descriptors this process may have (`RLIMIT_NOFILE`), those that it has included.
#[must_use]
pub fn descriptor_limit() -> u64 {
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

impl ProbeSockets {
    /// Opens one socket for each of `flows` flows.
    pub fn open(family: Family, kind: ProbeKind, flows: u32) -> Result<Self> {
        let framing = match (family, kind) {
            (Family::V4, ProbeKind::Raw(_)) => Framing::Ipv4Header,
            _ => Framing::Bare,
        };
        let sockets = raised(|| {
            (0..flows.max(1))
                .map(|flow| Ok(ProbeSocket::new(open(family, kind)?, framing, flow)))
                .collect::<Result<_>>()
        })?;
        Ok(Self { sockets, family, kind })
    }

    /// Binds to an interface by name, with privilege where an old kernel wants it.
    pub fn bind_device(&self, device: &str) -> Result<()> {
        let mut all = self.sockets.iter();
        let bound = raised(|| all.try_for_each(|probe| bind_device(&probe.socket, device)));
        bound.map_err(Error::call(format!("SO_BINDTODEVICE {device}")))
    }

    /// Marks what is sent (`SO_MARK`), which needs `CAP_NET_ADMIN` or `CAP_NET_RAW`.
    pub fn set_mark(&self, mark: u32) -> io::Result<()> {
        raised(|| self.sockets.iter().try_for_each(|probe| probe.socket.set_mark(mark)))
    }

    /// IPv4 options of every datagram; a source route needs `CAP_NET_RAW`.
    pub fn set_ip_options(&self, options: &[u8]) -> io::Result<()> {
        let set = |probe: &ProbeSocket| set_ip_options(probe.as_fd(), options);
        raised(|| self.sockets.iter().try_for_each(set))
    }

    /// Applies the options to each. Where a port is told it is the first flow's, and each other's is one
    /// higher.
    pub fn configure(&mut self, options: &SocketOptions) -> Result<()> {
        /// A reply may be as long as a datagram, but nobody looks past its beginning.
        const OCTETS: usize = 2048;
        for (probe, flow) in self.sockets.iter_mut().zip(0..) {
            let port = options.port.map(|port: u16| port.saturating_add(flow));
            let options = SocketOptions { port, ..options.clone() };
            options.apply(&probe.socket, self.family == Family::V6)?;
            ask_for_errors(probe.as_fd(), self.family)?;
            if let ProbeKind::UdpLite(Some(coverage)) = self.kind {
                cover(&probe.socket, coverage)?;
            }
            if matches!(self.kind, ProbeKind::Raw(_)) {
                // It is connected now, and hears the target only.
                let _ = probe.socket.detach_filter();
            }
            probe.make_room(16, OCTETS, options.stamps);
        }
        Ok(())
    }

    /// The addresses that they are bound to, by flow: the port is 0 where there is none.
    #[must_use]
    pub fn addresses(&self) -> Vec<Option<SocketAddr>> {
        let address = |probe: &ProbeSocket| probe.socket.local_addr().ok()?.as_socket();
        self.sockets.iter().map(address).collect()
    }

    /// Which socket a datagram leaves by.
    fn index(&self, transmit: &Transmit) -> usize {
        usize::try_from(transmit.flow).unwrap_or(0) % self.sockets.len()
    }

    /// Raw sockets know no ports, and those of IPv6 refuse them.
    fn destination(&self, transmit: &Transmit) -> SockAddr {
        let mut to = transmit.destination;
        if matches!(self.kind, ProbeKind::Raw(_)) {
            to.set_port(0);
        }
        to.into()
    }
}

fn open(family: Family, kind: ProbeKind) -> Result<Socket> {
    let domain = match family {
        Family::V4 => Domain::IPV4,
        Family::V6 => Domain::IPV6,
    };
    let (ty, protocol) = match kind {
        ProbeKind::Udp => (Type::DGRAM, Protocol::UDP),
        ProbeKind::UdpLite(_) => (Type::DGRAM, Protocol::from(libc::IPPROTO_UDPLITE)),
        ProbeKind::Raw(protocol) => (Type::RAW, Protocol::from(i32::from(protocol))),
    };
    let socket = Socket::new(domain, ty, Some(protocol)).map_err(Error::call("socket"))?;
    socket.set_nonblocking(true).map_err(Error::call("fcntl(O_NONBLOCK)"))?;
    if matches!(kind, ProbeKind::Raw(_)) {
        pass_nothing_yet(&socket);
    }
    Ok(socket)
}

/// Until it is connected a raw socket hears the whole machine's datagrams of its protocol.
fn pass_nothing_yet(socket: &Socket) {
    // Where it fails there is more to read and to ignore.
    let _ = socket.attach_filter(&[socket2::SockFilter::new(0x06, 0, 0, 0)]);
}

/// How much of a datagram the checksum covers (udplite(7)).
fn cover(socket: &Socket, octets: u16) -> Result<()> {
    const UDPLITE_SEND_CSCOV: i32 = 10;
    sys::set_int(socket.as_fd(), libc::IPPROTO_UDPLITE, UDPLITE_SEND_CSCOV, octets.into())
        .map_err(Error::call("UDPLITE_SEND_CSCOV"))
}

impl Channel for ProbeSockets {
    fn send(&mut self, outbox: &Outbox, heard: &mut dyn FnMut(Instant, Heard<'_>)) {
        for (transmit, contents) in outbox.iter() {
            let to = self.destination(transmit);
            let index = self.index(transmit);
            let Some(probe) = self.sockets.get_mut(index) else { continue };
            // An ICMP error about an earlier probe would make the call fail and this one stay here.
            let _ = probe.socket.take_error();
            probe.transmit(&[(transmit, to, contents)], heard);
        }
    }

    fn receive(&mut self, expected: usize, heard: &mut dyn FnMut(Instant, Heard<'_>)) -> usize {
        let ready = if let [_] = self.sockets.as_slice() {
            vec![true]
        } else {
            ready(self.fds(), PollFlags::IN)
        };
        let ready = self.sockets.iter_mut().zip(ready).filter(|(_, ready)| *ready);
        ready.map(|(probe, _)| probe.receive(expected, heard)).sum()
    }

    fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.sockets.iter().map(AsFd::as_fd)
    }

    fn port(&self, transmit: &Transmit) -> Option<u16> {
        let probe = self.sockets.get(self.index(transmit))?;
        let has_ports = !matches!(self.kind, ProbeKind::Raw(_));
        let address = has_ports.then(|| probe.socket.local_addr().ok()?.as_socket())??;
        Some(address.port()).filter(|port| *port != 0)
    }
}

/// Which descriptors have something to say: an error always counts.
pub(crate) fn ready<'a>(
    fds: impl Iterator<Item = BorrowedFd<'a>>,
    interest: PollFlags,
) -> Vec<bool> {
    let mut fds: Vec<_> = fds.map(|fd| PollFd::from_borrowed_fd(fd, interest)).collect();
    // What cannot be told now is told at the next look.
    let _ = poll(&mut fds, Some(&Timespec::default()));
    fds.iter().map(|fd| !fd.revents().is_empty()).collect()
}
