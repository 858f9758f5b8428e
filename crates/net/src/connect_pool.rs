use std::collections::VecDeque;
use std::io;
use std::mem::MaybeUninit;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::event::{Timespec, epoll};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use wireline_engine::{Answer, Handshake, Instant, Transmit};

use crate::icmp_setup::ask_for_errors;
use crate::probe::{origin, refusal};
use crate::socket_options::bind_device;
use crate::sys::{self, Batch};
use crate::{Channel, Clock, Error, Family, Heard, Outbox, Result, SocketOptions};

/// Very many TCP connections that are opened and at once given up with RST, of either family: each datagram sent
/// here is a first segment, its contents ignored. Needs no privilege.
///
/// What is heard of each, once: a `Handshake` (with the kernel's round trip and how often the first segment was
/// sent again), or a `Refusal` whose flow is the [`Transmit::id`], or that it is unsent.
pub struct ConnectPool {
    options: SocketOptions,
    device: Option<String>,
    patience: Duration,
    queue: OwnedFd,
    attempts: Vec<Option<Attempt>>,
    free: Vec<usize>,
    ready: Vec<usize>,
    /// Sockets whose connection was refused, of IPv4 and of IPv6: to open one costs more than to use it again.
    spare: [Vec<Socket>; 2],
    /// Accepted ones that are kept for a while, and until when.
    held: VecDeque<(Instant, usize)>,
    hold: Option<Duration>,
    errors: Batch,
}

struct Attempt {
    id: u32,
    is_accepted: bool,
    socket: Socket,
}

impl ConnectPool {
    /// None yet; `options` and `device` are for each of them. Who says nothing for `patience` is
    /// [`Answer::Silence`].
    pub fn new(options: SocketOptions, device: Option<String>, patience: Duration) -> Result<Self> {
        let queue = epoll::create(epoll::CreateFlags::CLOEXEC);
        let pool = Self {
            options,
            device,
            patience,
            queue: queue.map_err(Error::call("epoll_create1"))?,
            attempts: Vec::new(),
            free: Vec::new(),
            ready: Vec::new(),
            spare: [Vec::new(), Vec::new()],
            held: VecDeque::new(),
            hold: None,
            errors: Batch::new(1, 1280),
        };
        pool.attempt_socket()?;
        Ok(pool)
    }

    /// An interface or an address that is not there is told before the first connection, and once.
    fn attempt_socket(&self) -> Result<()> {
        if self.device.is_none() && self.options.source.is_none() && self.options.port.is_none() {
            return Ok(());
        }
        let any = if self.options.source.is_some_and(|source| source.is_ipv6()) {
            IpAddr::from(Ipv6Addr::UNSPECIFIED)
        } else {
            Ipv4Addr::UNSPECIFIED.into()
        };
        self.socket(&Transmit::new((any, 0).into(), 0)).map(drop)
    }

    /// Keeps each accepted connection for so long, or until it is reset, and then tells a second `Handshake` of it:
    /// [`Answer::Silence`] where the other end never offered to take any data, which is what a SYN proxy does whose
    /// server is not there; else [`Answer::Refused`] where it was reset, and [`Answer::Accepted`].
    #[must_use]
    pub fn hold(mut self, hold: Duration) -> Self {
        self.hold = Some(hold);
        self
    }

    /// How many are under way.
    #[must_use]
    pub fn open(&self) -> usize {
        self.attempts.len() - self.free.len()
    }

    fn socket(&self, transmit: &Transmit) -> Result<Socket> {
        let is_ipv6 = transmit.destination.is_ipv6();
        let (domain, family) =
            if is_ipv6 { (Domain::IPV6, Family::V6) } else { (Domain::IPV4, Family::V4) };
        let ty = Type::STREAM.nonblocking().cloexec();
        let socket =
            Socket::new_raw(domain, ty, Some(Protocol::TCP)).map_err(Error::call("socket"))?;
        if let Some(device) = &self.device {
            bind_device(&socket, device).map_err(Error::call("SO_BINDTODEVICE"))?;
        }
        self.options.apply_to_stream(&socket, is_ipv6)?;
        if let Some(limit) = transmit.hop_limit {
            let set = if is_ipv6 {
                socket.set_unicast_hops_v6(limit.into())
            } else {
                socket.set_ttl_v4(limit.into())
            };
            set.map_err(Error::call("setsockopt(IP_TTL)"))?;
        }
        ask_for_errors(socket.as_fd(), family)?;
        let _ = socket.set_tcp_user_timeout(Some(self.patience));
        Ok(socket)
    }

    /// One that is left over, or a new one.
    fn any_socket(&mut self, transmit: &Transmit) -> io::Result<Socket> {
        let spare = self.spare[usize::from(transmit.destination.is_ipv6())].pop();
        if let Some(socket) = spare.filter(|_| transmit.hop_limit.is_none()) {
            return Ok(socket);
        }
        self.socket(transmit).map_err(|why| match why {
            Error::Call { returned, .. } => returned,
            other => io::Error::other(other.to_string()),
        })
    }

    fn connect(
        &mut self,
        transmit: &Transmit,
        heard: &mut dyn FnMut(Instant, Heard<'_>),
    ) -> io::Result<()> {
        let socket = self.any_socket(transmit)?;
        let to = SockAddr::from(transmit.destination);
        match socket.connect(&to) {
            Err(why) if why.raw_os_error() != Some(libc::EINPROGRESS) => return Err(why),
            _ => {}
        }
        let attempt = Attempt { id: transmit.id, is_accepted: false, socket };
        if self.hold.is_some() {
            return self.watch(attempt);
        }
        // A neighbour's answer is there by now, and this call makes the socket fit for use again.
        match attempt.socket.connect(&to) {
            Err(why) if why.raw_os_error() == Some(libc::ECONNREFUSED) => {
                self.conclude_refused(attempt, transmit, heard);
                Ok(())
            }
            Err(why) if why.raw_os_error() != Some(libc::EALREADY) => {
                self.tell_end(
                    Clock.now(),
                    &attempt,
                    Some(&why).filter(|why| !is_reset(why)),
                    heard,
                );
                Ok(())
            }
            _ => self.watch(attempt),
        }
    }

    fn conclude_refused(
        &mut self,
        attempt: Attempt,
        transmit: &Transmit,
        heard: &mut dyn FnMut(Instant, Heard<'_>),
    ) {
        let why = io::Error::from_raw_os_error(libc::ECONNREFUSED);
        self.tell_end(Clock.now(), &attempt, Some(&why), heard);
        if transmit.hop_limit.is_none()
            && self.options.port.is_none()
            && self.options.source.is_none()
        {
            self.spare[usize::from(transmit.destination.is_ipv6())].push(attempt.socket);
        }
    }

    /// Waits for what becomes of it.
    fn watch(&mut self, attempt: Attempt) -> io::Result<()> {
        let place = self.free.pop().unwrap_or_else(|| {
            self.attempts.push(None);
            self.attempts.len() - 1
        });
        let data = epoll::EventData::new_u64(u64::try_from(place).unwrap_or(u64::MAX));
        epoll::add(&self.queue, &attempt.socket, data, epoll::EventFlags::OUT)?;
        if let Some(slot) = self.attempts.get_mut(place) {
            *slot = Some(attempt);
        }
        Ok(())
    }

    fn await_ready(&mut self) {
        const AT_ONCE: usize = 256;
        self.ready.clear();
        let mut room = [MaybeUninit::uninit(); AT_ONCE];
        let Ok((events, _)) = epoll::wait(&self.queue, &mut room, Some(&Timespec::default()))
        else {
            return;
        };
        let place = |event: &epoll::Event| usize::try_from(event.data.u64()).ok();
        self.ready.extend(events.iter().filter_map(place));
    }

    /// Tells what became of one, and closes it.
    fn conclude(&mut self, place: usize, heard: &mut dyn FnMut(Instant, Heard<'_>)) {
        let Some(attempt) = self.attempts.get_mut(place).and_then(Option::take) else { return };
        if attempt.is_accepted {
            return self.conclude_held(place, &attempt, false, heard);
        }
        let now = Clock.now();
        let why = attempt.socket.take_error().unwrap_or_else(Some);
        // A connection that came about, and was reset before anybody looked.
        let was_reset = why.as_ref().is_some_and(is_reset);
        let why = why.filter(|why| !is_reset(why));
        let is_kept = self.hold.is_some() && why.is_none();
        if !is_kept {
            self.free.push(place);
        }
        if self.tell_end(now, &attempt, why.as_ref(), heard) == Some(Answer::Accepted) {
            // RST rather than FIN: neither end holds TIME_WAIT, and no port is used up.
            let _ = attempt.socket.set_linger(Some(Duration::ZERO));
            match was_reset {
                true if self.hold.is_some() => self.conclude_held(place, &attempt, true, heard),
                true => {}
                false => self.keep(now, place, attempt),
            }
        }
    }

    /// Tells how an attempt ended, by what its socket says and its error queue; the answer, if it was one.
    fn tell_end(
        &mut self,
        now: Instant,
        attempt: &Attempt,
        why: Option<&io::Error>,
        heard: &mut dyn FnMut(Instant, Heard<'_>),
    ) -> Option<Answer> {
        let errno = why.map(|why| why.raw_os_error().unwrap_or(0));
        if errno.is_some() && self.tell_refusal(now, attempt, heard) {
            return None;
        }
        let answer = match errno {
            None => Answer::Accepted,
            Some(libc::ETIMEDOUT) => Answer::Silence,
            Some(libc::ECONNREFUSED) => Answer::Refused,
            Some(errno) => {
                heard(now, Heard::Refusal(local(attempt.id, errno)));
                return None;
            }
        };
        let (rtt, retransmits) =
            if answer == Answer::Refused { (None, 0) } else { attempt.figures() };
        let handshake = Handshake { id: attempt.id, at: now, answer, rtt, retransmits };
        heard(now, Heard::Handshake(handshake));
        Some(answer)
    }

    fn keep(&mut self, now: Instant, place: usize, attempt: Attempt) {
        let Some(hold) = self.hold else { return };
        let data = epoll::EventData::new_u64(u64::try_from(place).unwrap_or(u64::MAX));
        // Errors and the end are always told.
        let _ = epoll::modify(&self.queue, &attempt.socket, data, epoll::EventFlags::empty());
        if let Some(slot) = self.attempts.get_mut(place) {
            *slot = Some(Attempt { is_accepted: true, ..attempt });
            self.held.push_back((now + hold, place));
        }
    }

    fn conclude_held(
        &mut self,
        place: usize,
        attempt: &Attempt,
        was_reset: bool,
        heard: &mut dyn FnMut(Instant, Heard<'_>),
    ) {
        self.free.push(place);
        self.held.retain(|(_, held)| *held != place);
        let takes_data = attempt.window().is_none_or(|window| window > 0);
        let was_reset = was_reset || !matches!(attempt.socket.take_error(), Ok(None));
        let answer = match (takes_data, was_reset) {
            (false, _) => Answer::Silence,
            (true, true) => Answer::Refused,
            (true, false) => Answer::Accepted,
        };
        let (rtt, retransmits) = attempt.figures();
        let now = Clock.now();
        heard(
            now,
            Heard::Handshake(Handshake { id: attempt.id, at: now, answer, rtt, retransmits }),
        );
    }

    fn conclude_overdue(&mut self, heard: &mut dyn FnMut(Instant, Heard<'_>)) -> usize {
        let mut count = 0;
        while let Some((until, place)) = self.held.front().copied()
            && Clock.now() >= until
        {
            self.held.pop_front();
            if let Some(attempt) = self.attempts.get_mut(place).and_then(Option::take) {
                self.conclude_held(place, &attempt, false, heard);
                count += 1;
            }
        }
        count
    }

    /// Whether an ICMP error ended it: the error queue says whose.
    fn tell_refusal(
        &mut self,
        now: Instant,
        attempt: &Attempt,
        heard: &mut dyn FnMut(Instant, Heard<'_>),
    ) -> bool {
        let mut is_told = false;
        while let Ok(1..) = self.errors.receive(attempt.socket.as_fd(), 1, libc::MSG_ERRQUEUE) {
            if let Some(received) = self.errors.iter().next()
                && let Some(error) = received.error
                && let Some(origin) = origin(&error)
                && !is_told
            {
                heard(now, Heard::Refusal(refusal(origin, &error, &received, attempt.id)));
                is_told = true;
            }
        }
        is_told
    }
}

impl Attempt {
    /// Octets that the other end takes (`tcpi_snd_wnd`, since Linux 5.4).
    fn window(&self) -> Option<u32> {
        const WINDOW: usize = 228;
        let mut octets = [0xff; 232];
        let (level, name) = (libc::IPPROTO_TCP, libc::TCP_INFO);
        sys::get_bytes(self.socket.as_fd(), level, name, &mut octets).ok()?;
        octets.get(WINDOW..)?.try_into().ok().map(u32::from_ne_bytes)
    }

    /// The kernel's round trip, and first segments sent again (`struct tcp_info`, `linux/tcp.h`).
    fn figures(&self) -> (Option<Duration>, u32) {
        const RTT: usize = 68;
        const TOTAL_RETRANSMITS: usize = 100;
        let mut octets = [0; 104];
        let (level, name) = (libc::IPPROTO_TCP, libc::TCP_INFO);
        let _ = sys::get_bytes(self.socket.as_fd(), level, name, &mut octets);
        let word = |at: usize| {
            let octets = octets.get(at..at + 4).and_then(|four| <[u8; 4]>::try_from(four).ok());
            octets.map_or(0, u32::from_ne_bytes)
        };
        let rtt = Some(word(RTT)).filter(|rtt| *rtt > 0);
        (rtt.map(|rtt| Duration::from_micros(rtt.into())), word(TOTAL_RETRANSMITS))
    }
}

/// The other end gave up a connection that there was.
fn is_reset(why: &io::Error) -> bool {
    matches!(why.raw_os_error(), Some(libc::ECONNRESET | libc::EPIPE))
}

fn local(id: u32, errno: i32) -> wireline_engine::Refusal<'static> {
    wireline_engine::Refusal::local(id, (Ipv4Addr::UNSPECIFIED, 0).into(), errno)
}

impl Channel for ConnectPool {
    fn send(&mut self, outbox: &Outbox, heard: &mut dyn FnMut(Instant, Heard<'_>)) {
        for (transmit, _) in outbox.iter() {
            if let Err(why) = self.connect(transmit, heard) {
                heard(Clock.now(), Heard::Unsent(transmit, &why));
            }
        }
    }

    fn receive(&mut self, _expected: usize, heard: &mut dyn FnMut(Instant, Heard<'_>)) -> usize {
        self.await_ready();
        let ready = std::mem::take(&mut self.ready);
        for place in &ready {
            self.conclude(*place, heard);
        }
        self.ready = ready;
        self.ready.len() + self.conclude_overdue(heard)
    }

    fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        std::iter::once(self.queue.as_fd())
    }

    fn port(&self, transmit: &Transmit) -> Option<u16> {
        let mut attempts = self.attempts.iter().flatten();
        let attempt = attempts.find(|attempt| attempt.id == transmit.id)?;
        Some(attempt.socket.local_addr().ok()?.as_socket()?.port())
    }
}
