//! Whole Ethernet frames, by one packet socket for each interface (packet(7)).
//!
//! Nobody else's frames are asked for (no promiscuous mode), and what the filter does not let through never
//! leaves the kernel.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::os::fd::{AsFd as _, BorrowedFd};

use socket2::{Domain, Socket, Type};
use wireline_engine::{Instant, Reply, Stage, Stamp, Transmit};

use crate::clock::Timeline;
use crate::control::Received;
use crate::frame_filter::LONGEST;
use crate::ledger::Ledger;
use crate::mmsg::refusal;
use crate::privilege::raised;
use crate::sys::{self, Batch};
use crate::{Channel, Clock, Error, FrameFilter, Heard, Outbox, Result, Stamps};

/// One interface, and what to hear there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Its number (`ifindex`).
    pub interface: u32,
    /// Which frames.
    pub filter: FrameFilter,
}

/// What the kernel counted (`PACKET_STATISTICS`), since the sockets were opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Frames that the filters let through, those that there was no room for included.
    pub received: u64,
    /// Of those, such as there was no room for.
    pub dropped: u64,
}

impl Statistics {
    /// Adds the counters of a packet socket, which start anew thereby, and says how many frames it dropped.
    pub(crate) fn gather(&mut self, socket: BorrowedFd<'_>) -> u64 {
        let mut counters = [0; 8];
        let (level, name) = (libc::SOL_PACKET, libc::PACKET_STATISTICS);
        if sys::get_bytes(socket, level, name, &mut counters).is_err() {
            return 0;
        }
        let [a, b, c, d, rest @ ..] = counters;
        let (received, dropped) = (u32::from_ne_bytes([a, b, c, d]), u32::from_ne_bytes(rest));
        self.received += u64::from(received);
        self.dropped += u64::from(dropped);
        dropped.into()
    }
}

/// One socket for each interface. A flow is the place of its interface among those that were given.
///
/// Contents are whole frames without their checksum, in both directions: a VLAN's tag that the kernel took
/// out of one is back in its place. Destinations and sources mean nothing, and are `0.0.0.0:0`.
pub struct PacketSockets {
    ports: Vec<Port>,
    batch: Batch,
    timeline: Timeline,
    /// A frame whose tag has been put back.
    frame: Vec<u8>,
}

struct Port {
    socket: Socket,
    stamps: Stamps,
    /// Of what left, where that was asked for.
    ledger: Ledger,
    statistics: Statistics,
    /// Frames since the kernel's counters were read.
    unread: usize,
    last: Look,
}

/// What the last look at a queue found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    /// As many frames as there was room for: there may be more.
    Full,
    /// All there were. Another look at once would find nothing.
    All,
    /// Nothing, or there was none.
    Nothing,
}

/// Frames in one system call.
const SLOTS: usize = 256;

/// Octets of the queue of a socket that may have what it asks for: some 40,000 answers.
const QUEUE: usize = 16 << 20;

/// Where it may not; the kernel grants what it will.
const MODEST_QUEUE: usize = 4 << 20;

/// What stands where others have an address.
const NOBODY: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0));

impl PacketSockets {
    /// Needs `CAP_NET_RAW`. With [`Stamps::Transmit`] the engine is told when a frame left, which costs as much
    /// as to send it.
    pub fn open(attachments: &[Attachment], stamps: Stamps) -> Result<Self> {
        let ports = attachments.iter().enumerate().map(|(place, attachment)| {
            let failed = |(call, returned): (&'static str, io::Error)| match returned.kind() {
                io::ErrorKind::PermissionDenied if call == SOCKET => Error::FramesNotPermitted,
                _ => Error::Interface { place, interface: attachment.interface, call, returned },
            };
            Port::open(attachment, stamps).map_err(failed)
        });
        let ports = ports.collect::<Result<_>>()?;
        let batch = Batch::nameless(SLOTS, LONGEST as usize);
        Ok(Self { ports, batch, timeline: Timeline::new(), frame: Vec::new() })
    }

    /// What the kernel counted at all interfaces together.
    pub fn statistics(&mut self) -> Statistics {
        self.ports.iter_mut().fold(Statistics::default(), |sum, port| {
            port.count();
            Statistics {
                received: sum.received + port.statistics.received,
                dropped: sum.dropped + port.statistics.dropped,
            }
        })
    }
}

const SOCKET: &str = "socket";

/// `ETH_P_ALL`: a socket for one protocol hears tagged frames without their tags.
pub(crate) const EVERY_PROTOCOL: u16 = 3;

/// `PACKET_MR_ALLMULTI`.
const ALL_GROUPS: u16 = 2;

/// A call that failed.
type Failed = (&'static str, io::Error);

impl Port {
    /// Bound last, so that it hears nothing before the filter is there.
    fn open(attachment: &Attachment, stamps: Stamps) -> Result<Self, Failed> {
        let failed = |call| move |why| (call, why);
        let socket = raised(|| Socket::new(Domain::PACKET, Type::RAW, None));
        let socket = socket.map_err(failed(SOCKET))?;
        let filter = attachment.filter.program();
        socket.attach_filter(&filter).map_err(failed("setsockopt(SO_ATTACH_FILTER)"))?;
        make_room(&socket);
        ask_for_tags(&socket).map_err(failed("setsockopt(PACKET_AUXDATA)"))?;
        stamps.request(socket.as_fd()).map_err(failed("setsockopt(SO_TIMESTAMPING)"))?;
        let interface = i32::try_from(attachment.interface).unwrap_or(i32::MAX);
        sys::bind_packet(&socket, interface, EVERY_PROTOCOL).map_err(failed("bind"))?;
        // An interface that is not up can be bound to, and says so afterwards (packet(7), ENETDOWN).
        match socket.take_error() {
            Ok(Some(why)) | Err(why) => return Err(("bind", why)),
            Ok(None) => {}
        }
        if attachment.filter.icmpv6 {
            hear_groups(&socket, interface);
        }
        let (ledger, statistics) = (Ledger::default(), Statistics::default());
        Ok(Self { socket, stamps, ledger, statistics, unread: 0, last: Look::Nothing })
    }

    /// Reads the kernel's counters and says how many frames were dropped.
    fn count(&mut self) -> u64 {
        self.unread = 0;
        self.statistics.gather(self.socket.as_fd())
    }

    /// Sends frames in order. Where one does not leave for want of room or of a link, those behind it are not
    /// tried: when to try again is the engine's affair.
    fn send(&mut self, run: &[(&Transmit, &[u8])], heard: &mut dyn FnMut(Instant, Heard<'_>)) {
        let mut rest = run;
        self.expect_answers();
        while let [(first, _), after @ ..] = rest {
            let contents = rest.iter().map(|(_, contents)| *contents);
            match sys::send_connected(self.socket.as_fd(), contents) {
                Ok(sent) => {
                    let (sent, unsent) = rest.split_at(sent.clamp(1, rest.len()));
                    self.note(sent);
                    rest = unsent;
                }
                Err(why) if why.kind() == io::ErrorKind::Interrupted => {}
                Err(why) if concerns_all(&why) => {
                    self.count_anew();
                    return tell_unsent(rest, &why, heard);
                }
                Err(why) => {
                    self.count_anew();
                    heard(Clock.now(), Heard::Unsent(first, &why));
                    rest = after;
                }
            }
        }
    }
}

impl Port {
    /// What is sent may be answered before the call returns.
    fn expect_answers(&mut self) {
        if self.last == Look::All {
            self.last = Look::Nothing;
        }
    }

    fn note(&mut self, sent: &[(&Transmit, &[u8])]) {
        if self.stamps != Stamps::Receive {
            for (transmit, _) in sent {
                self.ledger.sent(transmit.id);
            }
        }
    }

    /// Whether a frame that did not leave has used up a number of the stamps is not told, so they start anew.
    fn count_anew(&mut self) {
        if self.stamps != Stamps::Receive {
            self.ledger.restart();
            // As when it was first asked for: it can only fail on a closed socket.
            let _ = self.stamps.request(self.socket.as_fd());
        }
    }
}

/// Whether what is wrong with one frame is wrong with the next: no room, no link, no interface any more.
fn concerns_all(why: &io::Error) -> bool {
    matches!(
        why.raw_os_error(),
        Some(
            libc::EAGAIN
                | libc::ENOBUFS
                | libc::ENOMEM
                | libc::ENETDOWN
                | libc::ENXIO
                | libc::ENODEV
        )
    )
}

/// The machine's limits may be lower, which costs frames of a storm, and those are counted.
pub(crate) fn make_room(socket: &Socket) {
    let octets = i32::try_from(QUEUE).unwrap_or(i32::MAX);
    let (level, name) = (libc::SOL_SOCKET, libc::SO_RCVBUFFORCE);
    let forced = raised(|| sys::set_int(socket.as_fd(), level, name, octets));
    if forced.is_err() {
        let _ = socket.set_recv_buffer_size(MODEST_QUEUE);
    }
}

/// To be told of tags that the kernel takes out, and not to hear what this machine sends.
fn ask_for_tags(socket: &Socket) -> io::Result<()> {
    let on = |name| sys::set_int(socket.as_fd(), libc::SOL_PACKET, name, 1);
    // Before Linux 4.20 the filter alone leaves our own frames out.
    let _ = on(libc::PACKET_IGNORE_OUTGOING);
    on(libc::PACKET_AUXDATA)
}

/// Asks the interface for all multicast frames: solicitations and reports go to groups that this machine is
/// not in. Where that fails fewer are overheard.
fn hear_groups(socket: &Socket, interface: i32) {
    // `struct packet_mreq`: interface, kind, length of the address, address.
    let mut request = [0; 16];
    request[..4].copy_from_slice(&interface.to_ne_bytes());
    request[4..6].copy_from_slice(&ALL_GROUPS.to_ne_bytes());
    let (level, name) = (libc::SOL_PACKET, libc::PACKET_ADD_MEMBERSHIP);
    let _ = sys::set_bytes(socket.as_fd(), level, name, &request);
}

impl Channel for PacketSockets {
    fn send(&mut self, outbox: &Outbox, heard: &mut dyn FnMut(Instant, Heard<'_>)) {
        let all: Vec<_> = outbox.iter().collect();
        for run in all.chunk_by(|(one, _), (next, _)| one.flow == next.flow) {
            let flow = run.first().and_then(|(first, _)| usize::try_from(first.flow).ok());
            match flow.and_then(|flow| self.ports.get_mut(flow)) {
                Some(port) => port.send(run, heard),
                None => tell_unsent(run, &io::Error::from_raw_os_error(libc::ENODEV), heard),
            }
        }
    }

    fn receive(&mut self, expected: usize, heard: &mut dyn FnMut(Instant, Heard<'_>)) -> usize {
        (0..self.ports.len()).map(|place| self.receive_at(place, expected, heard)).sum()
    }

    fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.ports.iter().map(|port| port.socket.as_fd())
    }
}

fn tell_unsent(
    run: &[(&Transmit, &[u8])],
    why: &io::Error,
    heard: &mut dyn FnMut(Instant, Heard<'_>),
) {
    let now = Clock.now();
    for (transmit, _) in run {
        heard(now, Heard::Unsent(transmit, why));
    }
}

impl PacketSockets {
    fn receive_at(
        &mut self,
        place: usize,
        expected: usize,
        heard: &mut dyn FnMut(Instant, Heard<'_>),
    ) -> usize {
        let flow = u32::try_from(place).unwrap_or(u32::MAX);
        self.read_stamps(place, heard);
        let Some(port) = self.ports.get_mut(place) else { return 0 };
        let limit = if port.last == Look::Full { SLOTS } else { expected.clamp(1, SLOTS) };
        // What has come since makes the socket readable.
        if std::mem::replace(&mut port.last, Look::Nothing) == Look::All {
            return 0;
        }
        let received = self.batch.receive(port.socket.as_fd(), limit, 0);
        port.last = match received {
            Ok(count) if count == limit => Look::Full,
            Ok(_) => Look::All,
            Err(_) => Look::Nothing,
        };
        match received {
            Ok(count) => {
                port.unread += count;
                self.tell(flow, heard);
                self.tell_drops(place, flow, heard);
                count
            }
            // The link is gone, and this is told once.
            Err(why) if concerns_all(&why) && why.kind() != io::ErrorKind::WouldBlock => {
                let errno = why.raw_os_error().unwrap_or(libc::ENETDOWN);
                heard(Clock.now(), Heard::Refusal(refusal(flow, NOBODY, errno)));
                1
            }
            Err(_) => 0,
        }
    }

    fn tell(&mut self, flow: u32, heard: &mut dyn FnMut(Instant, Heard<'_>)) {
        let now = Clock.now();
        self.timeline.refresh(now);
        for received in self.batch.iter() {
            let at = received.stamp.map(|stamp| self.timeline.instant(stamp));
            let contents = whole(&received, &mut self.frame);
            let reply = Reply { source: NOBODY, hop_limit: None, at, options: &[], flow, contents };
            heard(now, Heard::Reply(reply));
        }
    }

    /// Frames are dropped when the queue is full, and no queue is full before it holds as many as this.
    fn tell_drops(&mut self, place: usize, flow: u32, heard: &mut dyn FnMut(Instant, Heard<'_>)) {
        const FEWEST: usize = 128;
        let Some(port) = self.ports.get_mut(place) else { return };
        if port.unread >= FEWEST
            && let dropped @ 1.. = port.count()
        {
            heard(Clock.now(), Heard::Dropped(flow, dropped));
        }
    }

    fn read_stamps(&mut self, place: usize, heard: &mut dyn FnMut(Instant, Heard<'_>)) {
        let Some(port) = self.ports.get(place) else { return };
        if port.stamps == Stamps::Receive {
            return;
        }
        while let Ok(1..) = self.batch.receive(port.socket.as_fd(), SLOTS, libc::MSG_ERRQUEUE) {
            let now = Clock.now();
            self.timeline.refresh(now);
            for received in self.batch.iter() {
                if let Some((number, at)) = departure(&received)
                    && let Some(id) = port.ledger.id(number)
                {
                    let at = self.timeline.instant(at);
                    heard(now, Heard::Stamp(Stamp { id, stage: Stage::Sent, at }));
                }
            }
        }
    }
}

/// Which frame left, by the kernel's number, and when.
fn departure(received: &Received<'_>) -> Option<(u32, u64)> {
    let error = received.error?;
    let has_left = error.origin == libc::SO_EE_ORIGIN_TIMESTAMPING && error.info == 0;
    has_left.then_some((error.data, received.stamp?))
}

/// The frame with its tag; `frame` is room for that.
fn whole<'a>(received: &Received<'a>, frame: &'a mut Vec<u8>) -> &'a [u8] {
    let Some((tag, (addresses, rest))) = received.tag.zip(received.contents.split_at_checked(12))
    else {
        return received.contents;
    };
    frame.clear();
    frame.extend_from_slice(addresses);
    for half in tag {
        frame.extend_from_slice(&half.to_be_bytes());
    }
    frame.extend_from_slice(rest);
    frame
}

#[cfg(test)]
mod tests;
