//! TCP segments of our own making, by raw sockets (raw(7)): what the kernel's TCP will not send, and what comes
//! back.
//!
//! The kernel's TCP hears what comes back too. Nobody listens at our ports, so it answers a SYN,ACK with RST, which
//! is what a half-open probe wants.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd};

use socket2::{Domain, Protocol, SockAddr, SockFilter, Socket, Type};
use wireline_engine::{Instant, Transmit};
use wireline_packet::tcp;

use crate::icmp_setup::ask_for_errors;
use crate::privilege::raised;
use crate::probe::{Framing, ProbeSocket};
use crate::socket_options::bind_device;
use crate::{Channel, Clock, Error, Family, Heard, Outbox, Result, SocketOptions, sys};

/// Which source ports are ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourcePorts {
    /// So many, of the kernel's choice.
    Any(u16),
    /// These.
    These(Vec<u16>),
    /// This one, and another of the kernel's choice: for where the first is itself asked.
    First(u16),
    /// These, which somebody else of this process holds ([`crate::Guard`]).
    Held(Vec<u16>),
}

/// Room for what comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentRoom {
    /// Segments that are read at once.
    pub slots: usize,
    /// Octets of each from its IP header on; what is longer is cut.
    pub octets: usize,
}

impl SegmentRoom {
    /// For whoever wants headers only, and many of them.
    pub const HEADERS: Self = Self { slots: 256, octets: 128 };
    /// For whoever reads data too.
    pub const WHOLE: Self = Self { slots: 16, octets: 65_535 };
}

/// A [`Channel`] whose contents are whole TCP segments, from the header on. The IP header is the kernel's.
///
/// A segment whose checksum is zero gets the right one here, for the source address that the kernel gives it: an
/// engine need not know that. What is heard: segments to our ports, whoever sent them, and ICMP errors about any
/// segment that this machine sent (also another program's: look at the ports in the quote). Their kernel stamps and
/// hop limits come along. All replies have flow 0.
pub struct SegmentSockets {
    ports: Vec<u16>,
    /// Bound and never listening, so that nobody else's connection gets one of our ports.
    _reserved: Vec<Socket>,
    sides: Vec<Side>,
    segments: Vec<Vec<u8>>,
}

struct Side {
    family: Family,
    probe: ProbeSocket,
    sources: Sources,
    /// Segments since the kernel's counter was read.
    unread: usize,
    dropped: u32,
}

/// The source address of what goes somewhere, as the kernel chooses it.
struct Sources {
    socket: Socket,
    fixed: Option<IpAddr>,
    known: HashMap<IpAddr, IpAddr>,
}

impl SegmentSockets {
    /// Needs `CAP_NET_RAW`, and nothing is heard before [`configure`](Self::configure).
    pub fn open(families: &[Family], ports: &SourcePorts) -> Result<Self> {
        let (ports, reserved) = reserve(families, ports)?;
        let sides = families.iter().map(|family| Side::open(*family, &ports));
        Ok(Self {
            sides: sides.collect::<Result<_>>()?,
            ports,
            _reserved: reserved,
            segments: Vec::new(),
        })
    }

    /// Our ports.
    #[must_use]
    pub fn ports(&self) -> &[u16] {
        &self.ports
    }

    /// Binds to an interface by name.
    pub fn bind_device(&self, device: &str) -> Result<()> {
        let bind = |side: &Side| {
            bind_device(&side.probe.socket, device)?;
            bind_device(&side.sources.socket, device)
        };
        raised(|| self.sides.iter().try_for_each(bind))
            .map_err(Error::call(format!("SO_BINDTODEVICE {device}")))
    }

    /// Marks what is sent (`SO_MARK`), which needs `CAP_NET_ADMIN` or `CAP_NET_RAW`.
    pub fn set_mark(&self, mark: u32) -> io::Result<()> {
        raised(|| self.sides.iter().try_for_each(|side| side.probe.socket.set_mark(mark)))
    }

    /// Applies hop limit, traffic class, source address and stamps, and makes room. A source address counts for the
    /// sockets of its family; a port in `options` does not.
    pub fn configure(&mut self, options: &SocketOptions, room: SegmentRoom) -> Result<()> {
        let ports = &self.ports;
        self.sides.iter_mut().try_for_each(|side| side.configure(options, room, ports))
    }

    /// Closes what is of none of these families, and hears less.
    pub fn keep(&mut self, families: &[Family]) {
        self.sides.retain(|side| families.contains(&side.family));
    }

    /// The source address of what goes to `destination`.
    pub fn source(&mut self, destination: SocketAddr) -> io::Result<IpAddr> {
        let side = self.sides.iter_mut().find(|side| side.carries(destination));
        side.ok_or(io::ErrorKind::Unsupported)?.sources.get(destination)
    }
}

impl Side {
    fn open(family: Family, ports: &[u16]) -> Result<Self> {
        let domain = domain(family);
        let socket = raised(|| Socket::new(domain, Type::RAW, Some(Protocol::TCP)));
        let socket = socket.map_err(|why| match why.kind() {
            io::ErrorKind::PermissionDenied => Error::FramesNotPermitted,
            _ => Error::call("socket")(why),
        })?;
        socket.set_nonblocking(true).map_err(Error::call("fcntl(O_NONBLOCK)"))?;
        let filter = port_filter(family, ports, u32::MAX);
        socket.attach_filter(&filter).map_err(Error::call("setsockopt(SO_ATTACH_FILTER)"))?;
        make_room(&socket);
        let framing = if family == Family::V4 { Framing::Ipv4Segment } else { Framing::Bare };
        let probe = ProbeSocket::new(socket, framing, 0);
        Ok(Self { family, probe, sources: Sources::open(domain)?, unread: 0, dropped: 0 })
    }

    fn carries(&self, destination: SocketAddr) -> bool {
        destination.is_ipv4() == (self.family == Family::V4)
    }

    fn configure(
        &mut self,
        options: &SocketOptions,
        room: SegmentRoom,
        ports: &[u16],
    ) -> Result<()> {
        let is_ipv6 = self.family == Family::V6;
        let source = options.source.filter(|source| source.is_ipv6() == is_ipv6);
        self.sources.fixed = source.map(|source| source.ip());
        let socket = &self.probe.socket;
        SocketOptions { source, port: None, ..options.clone() }.apply(socket, is_ipv6)?;
        ask_for_errors(socket.as_fd(), self.family)?;
        if is_ipv6 {
            let (level, name) = (libc::IPPROTO_IPV6, libc::IPV6_RECVHOPLIMIT);
            sys::set_int(socket.as_fd(), level, name, 1)
                .map_err(Error::call("setsockopt(IPV6_RECVHOPLIMIT)"))?;
            // Of IPv6 the kernel looks at the checksum itself, and knows what need not have one (ipv6(7)).
            sys::set_int(socket.as_fd(), level, libc::IPV6_CHECKSUM, CHECKSUM_AT)
                .map_err(Error::call("setsockopt(IPV6_CHECKSUM)"))?;
        }
        let octets = u32::try_from(room.octets).unwrap_or(u32::MAX);
        let filter = port_filter(self.family, ports, octets);
        socket.attach_filter(&filter).map_err(Error::call("setsockopt(SO_ATTACH_FILTER)"))?;
        self.probe.make_room(room.slots, room.octets, options.stamps);
        Ok(())
    }

    /// Segments that there was no room for, since the last look.
    fn count_drops(&mut self) -> u64 {
        /// `SO_MEMINFO` (`linux/sock_diag.h`): nine counters, of which the last is the drops.
        const SO_MEMINFO: i32 = 55;
        let mut counters = [0; 36];
        self.unread = 0;
        let fd = self.probe.socket.as_fd();
        if sys::get_bytes(fd, libc::SOL_SOCKET, SO_MEMINFO, &mut counters).is_err() {
            return 0;
        }
        let [.., a, b, c, d] = counters;
        let total = u32::from_ne_bytes([a, b, c, d]);
        u64::from(total.wrapping_sub(std::mem::replace(&mut self.dropped, total)))
    }

    fn receive(&mut self, expected: usize, heard: &mut dyn FnMut(Instant, Heard<'_>)) -> usize {
        /// No queue is full before it holds as many.
        const FEWEST: usize = 64;
        let count = self.probe.receive(expected, heard);
        self.unread += count;
        if self.unread >= FEWEST
            && let dropped @ 1.. = self.count_drops()
        {
            heard(Clock.now(), Heard::Dropped(0, dropped));
        }
        count
    }
}

impl Sources {
    fn open(domain: Domain) -> Result<Self> {
        let socket = Socket::new(domain, Type::DGRAM, Some(Protocol::UDP));
        let socket = socket.map_err(Error::call("socket"))?;
        Ok(Self { socket, fixed: None, known: HashMap::new() })
    }

    fn get(&mut self, destination: SocketAddr) -> io::Result<IpAddr> {
        /// Of a scan of more hosts each is asked for anew now and then.
        const MOST: usize = 4096;
        if let Some(source) = self.fixed.or_else(|| self.known.get(&destination.ip()).copied()) {
            return Ok(source);
        }
        let source = self.ask(destination)?;
        if self.known.len() >= MOST {
            self.known.clear();
        }
        self.known.insert(destination.ip(), source);
        Ok(source)
    }

    /// Connecting a UDP socket sends nothing (RFC 6724); its first connection would keep its source address.
    fn ask(&self, mut destination: SocketAddr) -> io::Result<IpAddr> {
        /// Needed, and never sent to.
        const PORT: u16 = 1025;
        destination.set_port(PORT);
        let _ = rustix::net::connect_unspec(&self.socket);
        self.socket.connect(&destination.into())?;
        let local = self.socket.local_addr()?.as_socket();
        local.map(|local| local.ip()).ok_or_else(|| io::ErrorKind::AddrNotAvailable.into())
    }
}

const fn domain(family: Family) -> Domain {
    match family {
        Family::V4 => Domain::IPV4,
        Family::V6 => Domain::IPV6,
    }
}

/// Ports that nobody else gets as long as the sockets are open: the same in each family.
fn reserve(families: &[Family], ports: &SourcePorts) -> Result<(Vec<u16>, Vec<Socket>)> {
    /// What is free in one family may be taken in the other.
    const TRIES: usize = 64;
    let (mut numbers, mut sockets) = (Vec::new(), Vec::new());
    match ports {
        SourcePorts::First(port) => {
            (numbers, sockets) = reserve(families, &SourcePorts::These(vec![*port]))?;
            let (others, more) = reserve(families, &SourcePorts::Any(1))?;
            numbers.extend(others);
            sockets.extend(more);
        }
        SourcePorts::These(these) => {
            for port in these {
                sockets.extend(
                    reserve_one(families, *port)
                        .map_err(Error::call(format!("source port {port}")))?
                        .1,
                );
                numbers.push(*port);
            }
        }
        SourcePorts::Held(these) => numbers.extend_from_slice(these),
        SourcePorts::Any(count) => {
            for _ in 0..*count {
                let mut found = reserve_one(families, 0);
                for _ in 0..TRIES {
                    if found.is_ok() {
                        break;
                    }
                    found = reserve_one(families, 0);
                }
                let (port, reserved) = found.map_err(Error::call("bind"))?;
                numbers.push(port);
                sockets.extend(reserved);
            }
        }
    }
    Ok((numbers, sockets))
}

fn reserve_one(families: &[Family], port: u16) -> io::Result<(u16, Vec<Socket>)> {
    let (mut port, mut sockets) = (port, Vec::new());
    for family in families {
        let socket = Socket::new(domain(*family), Type::STREAM, Some(Protocol::TCP))?;
        let any = match family {
            Family::V4 => IpAddr::from(Ipv4Addr::UNSPECIFIED),
            Family::V6 => {
                socket.set_only_v6(true)?;
                Ipv6Addr::UNSPECIFIED.into()
            }
        };
        socket.bind(&SocketAddr::new(any, port).into())?;
        port = socket.local_addr()?.as_socket().map_or(port, |local| local.port());
        sockets.push(socket);
    }
    Ok((port, sockets))
}

/// A program for the kernel's classic filter machine that lets segments to these ports through. A raw socket of
/// IPv4 sees the IP header first, one of IPv6 does not.
fn port_filter(family: Family, ports: &[u16], octets: u32) -> Vec<SockFilter> {
    const LOAD_HEADER_LENGTH: u16 = 0xb1;
    const LOAD_X: u16 = 0x01;
    const LOAD_HALF: u16 = 0x48;
    const JUMP_EQUAL: u16 = 0x15;
    const RETURN: u16 = 0x06;
    let find = if family == Family::V4 { LOAD_HEADER_LENGTH } else { LOAD_X };
    let mut program = vec![SockFilter::new(find, 0, 0, 0), SockFilter::new(LOAD_HALF, 0, 0, 2)];
    for port in ports {
        program.push(SockFilter::new(JUMP_EQUAL, 0, 1, (*port).into()));
        program.push(SockFilter::new(RETURN, 0, 0, octets));
    }
    program.push(SockFilter::new(RETURN, 0, 0, 0));
    program
}

/// The machine's limits may be lower, which costs segments of a storm, and those are counted.
fn make_room(socket: &Socket) {
    const QUEUE: i32 = 16 << 20;
    const MODEST: usize = 4 << 20;
    let (level, name) = (libc::SOL_SOCKET, libc::SO_RCVBUFFORCE);
    if raised(|| sys::set_int(socket.as_fd(), level, name, QUEUE)).is_err() {
        let _ = socket.set_recv_buffer_size(MODEST);
    }
}

/// Octets of the checksum in a TCP header.
const CHECKSUM: std::ops::Range<usize> = 16..18;
const CHECKSUM_AT: i32 = 16;

impl Channel for SegmentSockets {
    fn send(&mut self, outbox: &Outbox, heard: &mut dyn FnMut(Instant, Heard<'_>)) {
        let Self { sides, segments, .. } = self;
        for side in sides {
            let is_ipv4 = side.family == Family::V4;
            let ours = outbox.iter().filter(|(to, _)| to.destination.is_ipv4() == is_ipv4);
            let sources = &mut side.sources;
            let mut sealed: Vec<(&Transmit, SockAddr, usize)> = Vec::with_capacity(Outbox::LIMIT);
            for (transmit, contents) in ours {
                match seal(sources, transmit, contents, sealed.len(), segments) {
                    Ok(()) => sealed.push((transmit, portless(transmit.destination), sealed.len())),
                    Err(why) => heard(Clock.now(), Heard::Unsent(transmit, &why)),
                }
            }
            let batch: Vec<_> = sealed
                .into_iter()
                .map(|(transmit, to, place)| (transmit, to, segments[place].as_slice()))
                .collect();
            side.probe.transmit(&batch, heard);
        }
    }

    fn receive(&mut self, expected: usize, heard: &mut dyn FnMut(Instant, Heard<'_>)) -> usize {
        self.sides.iter_mut().map(|side| side.receive(expected, heard)).sum()
    }

    fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.sides.iter().map(|side| side.probe.as_fd())
    }
}

/// Copies a segment into its place, with its checksum.
fn seal(
    sources: &mut Sources,
    transmit: &Transmit,
    contents: &[u8],
    place: usize,
    segments: &mut Vec<Vec<u8>>,
) -> io::Result<()> {
    while segments.len() <= place {
        segments.push(Vec::new());
    }
    let Some(segment) = segments.get_mut(place) else { return Ok(()) };
    segment.clear();
    segment.extend_from_slice(contents);
    if segment.get(CHECKSUM) == Some(&[0, 0]) {
        let source = sources.get(transmit.destination)?;
        tcp::seal(source, transmit.destination.ip(), segment);
    }
    Ok(())
}

/// Raw sockets know no ports, and those of IPv6 refuse them.
fn portless(mut destination: SocketAddr) -> SockAddr {
    destination.set_port(0);
    destination.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn source_of_loopback_is_loopback_whoever_was_asked_for_before() {
        let mut sources = Sources::open(Domain::IPV4).unwrap();
        for address in ["127.0.0.1", "127.0.0.9", "127.0.0.1"] {
            let address: IpAddr = address.parse().unwrap();
            let source = sources.get(SocketAddr::new(address, 1)).unwrap();
            assert!(source.is_loopback(), "{source}");
        }
        assert!(sources.get("255.255.255.255:1".parse().unwrap()).is_err());
    }

    #[test]
    fn reserved_ports_are_nobody_elses() {
        let (ports, _held) = reserve(&[Family::V4, Family::V6], &SourcePorts::Any(3)).unwrap();
        assert_eq!(ports.len(), 3);
        for port in ports {
            assert!(std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_err());
            assert!(reserve(&[Family::V4], &SourcePorts::These(vec![port])).is_err());
        }
    }

    /// What a port says to a first segment, and from which hop limit and when.
    fn ask(sockets: &mut SegmentSockets, to: SocketAddr) -> Option<(u8, bool, bool)> {
        let segment = tcp::Segment {
            source_port: sockets.ports()[0],
            destination_port: to.port(),
            sequence: 7,
            acknowledgment: 0,
            flags: tcp::Flags::SYN,
            window: 1000,
            urgent: 0,
            options: &[],
            payload: &[],
        };
        let mut contents = Vec::new();
        segment.emit([0; 4].into(), [0; 4].into(), &mut contents);
        contents[CHECKSUM].fill(0);
        let transmit = Transmit::new(to, 9);
        let mut said = None;
        let outbox = Outbox::of(transmit, &contents);
        sockets.send(&outbox, &mut |_, heard| panic!("{heard:?}"));
        for _ in 0..200 {
            sockets.receive(16, &mut |_, heard| {
                if let Heard::Reply(reply) = heard
                    && let Ok(got) = tcp::Segment::parse(reply.contents)
                    && got.source_port == to.port()
                {
                    assert_eq!((got.acknowledgment, reply.source.ip()), (8, to.ip()));
                    said = Some((got.flags.0, reply.hop_limit == Some(64), reply.at.is_some()));
                }
            });
            if said.is_some() {
                break;
            }
            let mut fds: Vec<_> = sockets.polled().collect();
            let _ = rustix::event::poll(
                &mut fds,
                Some(&rustix::event::Timespec { tv_sec: 0, tv_nsec: 10_000_000 }),
            );
        }
        said
    }

    #[test]
    fn listener_and_nobody_answer_over_both_families() {
        let families = [Family::V4, Family::V6];
        let mut sockets = match SegmentSockets::open(&families, &SourcePorts::Any(2)) {
            Ok(sockets) => sockets,
            Err(Error::FramesNotPermitted) => return wireline_lab::not_tried("no raw sockets"),
            Err(why) => panic!("{why}"),
        };
        sockets.configure(&SocketOptions::default(), SegmentRoom::HEADERS).unwrap();
        for local in ["127.0.0.1:0", "[::1]:0"] {
            let listener = std::net::TcpListener::bind(local).unwrap();
            let address = listener.local_addr().unwrap();
            let (flags, has_hop_limit, _) = ask(&mut sockets, address).unwrap();
            assert_eq!((flags & 0x12, has_hop_limit), (0x12, true), "SYN, ACK");
            drop(listener);
            let (flags, ..) = ask(&mut sockets, address).unwrap();
            assert_eq!(flags & 0x14, 0x14, "RST, ACK");
            let own = SocketAddr::new(address.ip(), sockets.ports()[1]);
            assert_eq!(ask(&mut sockets, own).unwrap().0 & 0x14, 0x14, "nobody listens at ours");
        }
    }
}
