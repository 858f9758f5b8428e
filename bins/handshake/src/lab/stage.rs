//! What a scenario plays on: sockets of both ends, the wire's faults, and what the kernel says of all this.

use std::fs;
use std::io::{self, Read as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use nix::sys::socket::{setsockopt, sockopt};
use socket2::{Domain, SockRef, Socket, Type};
use wireline_engine::tcp::End;
use wireline_host::Family;
use wireline_host::sockets::{Details, InetSocket, Protocol, Request, Sockets, State, States};
use wireline_packet::tcp::Segment;

use super::rooms::{CLIENT, Rooms, SERVER};
use super::wire::{Fate, Orders, Passing, Rule};

/// What becomes known while a scenario is played.
#[derive(Clone, Debug)]
pub(super) enum Event {
    Passing(Passing),
    /// A sentence about a connection, by the client's port.
    Said(u16, String),
    /// A connection has been seen enough of, by the client's port, and what there is to learn from it.
    Over(u16, Vec<String>),
}

pub(super) struct Stage {
    pub(super) rooms: Rooms,
    pub(super) orders: Arc<Orders>,
    pub(super) tell: Sender<Event>,
    /// Closed when the play is to end before its time.
    pub(super) go_on: Receiver<()>,
}

/// The end came before the play's.
#[derive(Debug, thiserror::Error)]
#[error("interrupted")]
pub(super) struct Interrupted;

/// How long a call that should end may take: a SYN is sent again after 1, 3 and 7 seconds.
const PATIENCE: Duration = Duration::from_secs(10);

impl Stage {
    /// Says something about a connection, behind what was seen of it so far.
    pub(super) fn note(&self, port: u16, text: impl Into<String>) -> Result<()> {
        self.quiet()?;
        self.event(Event::Said(port, text.into()));
        Ok(())
    }

    /// What is to be learnt of a connection, which is not looked at any more.
    pub(super) fn lesson(&self, port: u16, lines: &[&str]) -> Result<()> {
        self.quiet()?;
        self.event(Event::Over(port, lines.iter().map(|line| (*line).to_owned()).collect()));
        Ok(())
    }

    fn event(&self, event: Event) {
        // Nobody listens any more when the play is to end.
        let _ = self.tell.send(event);
    }

    /// Lets time pass.
    pub(super) fn rest(&self, time: Duration) -> Result<()> {
        match self.go_on.recv_timeout(time) {
            Err(RecvTimeoutError::Timeout) => Ok(()),
            _ => Err(Interrupted.into()),
        }
    }

    /// Waits until nothing is on the way and nobody has said anything for a while.
    pub(super) fn quiet(&self) -> Result<()> {
        const LOOK: Duration = Duration::from_millis(5);
        // A delayed acknowledgment may take 40 ms on Linux.
        const LONG_ENOUGH: u32 = 12;
        let (mut seen, mut looks) = (usize::MAX, 0);
        while looks < LONG_ENOUGH {
            self.rest(LOOK)?;
            let now = self.orders.seen.load(Ordering::Relaxed);
            looks = if now == seen && self.orders.is_idle() { looks + 1 } else { 0 };
            seen = now;
        }
        Ok(())
    }

    /// Waits until so many segments more than `before` have been seen.
    pub(super) fn await_segments(&self, before: usize, more: usize) -> Result<()> {
        for _ in 0..PATIENCE.as_millis() / 5 {
            if self.orders.seen.load(Ordering::Relaxed) >= before + more {
                return Ok(());
            }
            self.rest(Duration::from_millis(5))?;
        }
        bail!("nothing came over the wire for {} seconds", PATIENCE.as_secs())
    }

    pub(super) fn seen(&self) -> usize {
        self.orders.seen.load(Ordering::Relaxed)
    }

    /// The wire loses so many of these.
    pub(super) fn lose(&self, from: End, which: fn(&Segment<'_>) -> bool, times: u32) {
        self.orders.add(Rule { from, which, times, fate: Fate::Lost });
    }

    /// The wire marks so many of these.
    pub(super) fn mark(&self, from: End, which: fn(&Segment<'_>) -> bool, times: u32) {
        self.orders.add(Rule { from, which, times, fate: Fate::Marked });
    }

    /// Sets a parameter of TCP at one end (ip-sysctl).
    pub(super) fn sysctl(&self, end: End, name: &str, value: &str) -> Result<()> {
        let path = format!("/proc/sys/net/ipv4/{name}");
        self.rooms.enter(end)?;
        let written = fs::write(&path, value);
        written
            .with_context(|| format!("this scenario has to set {path}, which cannot be done here"))
    }

    /// A socket of an end, bound to a port of its own, or to one that is free.
    pub(super) fn socket(&self, end: End, port: u16) -> Result<Socket> {
        self.rooms.enter(end)?;
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).context("socket")?;
        socket.set_reuse_address(end == End::Server || port != 0)?;
        socket.set_tcp_nodelay(true)?;
        socket.bind(&at(end, port).into()).context("bind")?;
        Ok(socket)
    }

    /// A server that listens.
    pub(super) fn listen(&self, port: u16, backlog: i32) -> Result<TcpListener> {
        let socket = self.socket(End::Server, port)?;
        socket.listen(backlog).context("listen")?;
        socket.set_read_timeout(Some(PATIENCE))?;
        Ok(socket.into())
    }

    /// Begins to connect, and does not wait.
    pub(super) fn begin(&self, socket: &Socket, to: SocketAddr) -> Result<u16> {
        socket.set_nonblocking(true)?;
        // Which is to say that it has begun.
        let _ = socket.connect(&to.into());
        socket.set_nonblocking(false)?;
        port_of(socket)
    }

    /// Connects; `None` for what is refused or not answered.
    pub(super) fn connect(&self, socket: Socket, to: SocketAddr) -> Result<(TcpStream, u16)> {
        let port = self.begin(&socket, to)?;
        let stream = TcpStream::from(socket);
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        self.await_connection(&stream)?;
        Ok((stream, port))
    }

    /// Waits until a connection that was begun has come about.
    pub(super) fn await_connection(&self, stream: &TcpStream) -> Result<()> {
        for _ in 0..PATIENCE.as_millis() / 2 {
            if stream.peer_addr().is_ok() {
                return Ok(());
            }
            if let Some(why) = stream.take_error()? {
                return Err(why.into());
            }
            self.rest(Duration::from_millis(2))?;
        }
        bail!("connect: no answer")
    }

    /// A connection with a server of its own, both ends of it, once the server has it.
    pub(super) fn pair(&self, port: u16) -> Result<Pair> {
        let listener = self.listen(port, 8)?;
        self.pair_with(&listener)
    }

    /// As [`Self::pair`], with a listener that is there.
    pub(super) fn pair_with(&self, listener: &TcpListener) -> Result<Pair> {
        let socket = self.socket(End::Client, 0)?;
        let (client, port) = self.connect(socket, listener.local_addr()?)?;
        let server = self.accept(listener)?;
        Ok(Pair { client, server, port })
    }

    /// The next connection that waits in a listener's queue.
    pub(super) fn accept(&self, listener: &TcpListener) -> Result<TcpStream> {
        listener.set_nonblocking(true)?;
        for _ in 0..PATIENCE.as_millis() / 2 {
            match listener.accept() {
                Ok((stream, _)) => {
                    stream.set_nonblocking(false)?;
                    stream.set_read_timeout(Some(PATIENCE))?;
                    SockRef::from(&stream).set_tcp_nodelay(true)?;
                    return Ok(stream);
                }
                Err(why) if why.kind() == io::ErrorKind::WouldBlock => {
                    self.rest(Duration::from_millis(2))?
                }
                Err(why) => return Err(why.into()),
            }
        }
        bail!("accept: nobody came")
    }

    /// What an end's kernel has of its sockets of TCP (`sock_diag(7)`), once all is quiet.
    pub(super) fn kernel(&self, end: End) -> Result<Vec<InetSocket>> {
        self.quiet()?;
        self.rooms.enter(end)?;
        let mut all = Vec::new();
        let request = Request {
            protocol: Protocol::Tcp,
            family: Family::V4,
            states: States::ALL,
            details: Details::default(),
            bytecode: &[],
        };
        Sockets::open().inet(&request, |socket| {
            all.push(socket);
            ControlFlow::Continue(())
        })?;
        Ok(all)
    }

    /// In which state an end's kernel has a connection, by the client's port.
    pub(super) fn state(&self, end: End, port: u16) -> Result<&'static str> {
        let has = |socket: &InetSocket| [socket.local.port, socket.remote.port].contains(&port);
        let all = self.kernel(end)?;
        Ok(all.iter().find(|socket| has(socket)).map_or("CLOSED", |socket| name(socket.state)))
    }
}

/// A connection with both its ends in our hands.
pub(super) struct Pair {
    pub(super) client: TcpStream,
    pub(super) server: TcpStream,
    /// The client's.
    pub(super) port: u16,
}

/// As RFC 9293 §3.3.2 has it.
const fn name(state: State) -> &'static str {
    match state {
        State::Established => "ESTABLISHED",
        State::SynSent => "SYN_SENT",
        State::SynReceived | State::NewSynReceived => "SYN_RCVD",
        State::FinWait1 => "FIN_WAIT_1",
        State::FinWait2 => "FIN_WAIT_2",
        State::TimeWait => "TIME_WAIT",
        State::CloseWait => "CLOSE_WAIT",
        State::LastAck => "LAST_ACK",
        State::Listen => "LISTEN",
        State::Closing => "CLOSING",
        State::Close | State::BoundInactive | State::Other(_) => "CLOSED",
    }
}

/// An address of an end.
pub(super) fn at(end: End, port: u16) -> SocketAddr {
    let address: Ipv4Addr = match end {
        End::Client => CLIENT,
        End::Server => SERVER,
    };
    (address, port).into()
}

pub(super) fn port_of(socket: &Socket) -> Result<u16> {
    let address = socket.local_addr()?.as_socket().context("an address")?;
    Ok(address.port())
}

/// Reads so many octets.
pub(super) fn read(mut stream: &TcpStream, octets: usize) -> Result<()> {
    stream.read_exact(&mut vec![0; octets]).context("read")
}

/// RST instead of FIN when it is closed (`SO_LINGER` of 0 seconds, socket(7)).
pub(super) fn abort(stream: TcpStream) -> Result<()> {
    SockRef::from(&stream).set_linger(Some(Duration::ZERO)).context("setsockopt(SO_LINGER)")?;
    drop(stream);
    Ok(())
}

/// Whether the kernel sends data with the SYN, if it has a cookie (`TCP_FASTOPEN_CONNECT`, tcp(7)).
pub(super) fn fast_open(socket: &Socket) -> Result<()> {
    setsockopt(socket, sockopt::TcpFastOpenConnect, &true)
        .context("setsockopt(TCP_FASTOPEN_CONNECT)")
}
