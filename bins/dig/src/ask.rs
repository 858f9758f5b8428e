//! Carries queries by datagrams and connections, and hands the others on to what can.

use std::borrow::Cow;
use std::io;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::time::Duration;

use wireline_dns::Transport;
use wireline_dns::lookup::{Ask, Carrier, Expects, Failure, Heard};
use wireline_engine::{Instant, errno_text};
use wireline_net::{Clock, Tcp, Udp};
use wireline_packet::proxy::Via;

use crate::options::Proxy;

/// Room for the largest datagram.
const ROOM: usize = 65_535;

/// Datagrams and plain connections.
pub(crate) struct Plain {
    source: Option<SocketAddr>,
    buffer: Vec<u8>,
    kept: Option<(SocketAddr, Tcp)>,
    /// What is told before a query: in each datagram, and at the beginning of a connection.
    pub(crate) proxy: Option<Proxy>,
}

impl Plain {
    /// Sends from `source`, or from where the kernel chooses.
    pub(crate) const fn new(source: Option<SocketAddr>) -> Self {
        Self { source, buffer: Vec::new(), kept: None, proxy: None }
    }

    fn room(&mut self) -> &mut [u8] {
        self.buffer.resize(ROOM, 0);
        &mut self.buffer
    }

    fn by_datagram(&mut self, ask: &Ask, heard: &mut dyn FnMut(Heard<'_>) -> ControlFlow<()>) {
        let udp = match Udp::connect(ask.server.address, self.source) {
            Ok(udp) => udp,
            Err(why) => return end(heard(Heard::Unconnected(failure(&why)))),
        };
        let deadline = Clock.now() + ask.timeout;
        // What sending says is said again by receiving.
        let _ = udp.send(&self.datagram(ask));
        if heard(Heard::Ready { local: udp.local() }).is_break() {
            return;
        }
        let room = self.room();
        loop {
            let flow = match udp.receive(room, deadline) {
                Ok(length) => heard(Heard::Message(room.get(..length).unwrap_or_default())),
                Err(why) => return end(heard(Heard::Failed(failure(&why)))),
            };
            if flow.is_break() {
                return;
            }
        }
    }

    fn datagram<'a>(&self, ask: &'a Ask) -> Cow<'a, [u8]> {
        match self.proxy {
            None => Cow::Borrowed(&ask.octets),
            Some(proxy) => Cow::Owned([proxy.header(Via::Datagram), ask.octets.clone()].concat()),
        }
    }

    fn connect(&self, ask: &Ask, deadline: Instant) -> io::Result<Tcp> {
        let mut tcp = Tcp::connect(ask.server.address, self.source, deadline)?;
        if let Some(proxy) = self.proxy {
            tcp.greet(&proxy.header(Via::Stream), deadline)?;
        }
        Ok(tcp)
    }

    fn by_connection(&mut self, ask: &Ask, heard: &mut dyn FnMut(Heard<'_>) -> ControlFlow<()>) {
        let deadline = Clock.now() + ask.timeout;
        let kept = self.kept.take().filter(|(server, _)| *server == ask.server.address);
        let connected = kept.map_or_else(|| self.connect(ask, deadline), |(_, tcp)| Ok(tcp));
        let mut tcp = match connected {
            Ok(tcp) => tcp,
            Err(why) => return end(heard(Heard::Unconnected(failure(&why)))),
        };
        let sent = tcp.send(&ask.octets, Clock.now() + ask.timeout);
        if heard(Heard::Ready { local: tcp.local() }).is_break() {
            return;
        }
        let outcome = sent.and_then(|()| listen(&mut tcp, ask, heard));
        match outcome {
            Ok(()) if ask.keeps_open => self.kept = Some((ask.server.address, tcp)),
            Ok(()) => {}
            Err(why) => end(heard(Heard::Failed(failure(&why)))),
        }
    }
}

/// A failure is the last thing heard, whatever the taker says to it.
fn end(_flow: ControlFlow<()>) {}

fn listen(
    tcp: &mut Tcp,
    ask: &Ask,
    heard: &mut dyn FnMut(Heard<'_>) -> ControlFlow<()>,
) -> io::Result<()> {
    let mut deadline = Clock.now() + ask.timeout;
    loop {
        let message = tcp.receive(deadline)?;
        if heard(Heard::Message(message)).is_break() {
            return Ok(());
        }
        if ask.expects == Expects::Transfer {
            deadline = Clock.now() + ask.timeout;
        }
    }
}

impl Carrier for Plain {
    fn ask(&mut self, ask: &Ask, heard: &mut dyn FnMut(Heard<'_>) -> ControlFlow<()>) {
        match ask.transport {
            Transport::Udp => self.by_datagram(ask, heard),
            _ => self.by_connection(ask, heard),
        }
    }
}

impl Plain {
    /// Carries several queries by datagrams at once; each is told by its number.
    pub(crate) fn ask_all(
        &mut self,
        asks: &[Ask],
        heard: &mut dyn FnMut(usize, Heard<'_>) -> ControlFlow<()>,
    ) {
        let mut open = Vec::new();
        for (at, ask) in asks.iter().enumerate() {
            match Udp::connect(ask.server.address, self.source) {
                Ok(udp) => {
                    let _ = udp.send(&self.datagram(ask));
                    if heard(at, Heard::Ready { local: udp.local() }).is_continue() {
                        open.push((at, udp));
                    }
                }
                Err(why) => end(heard(at, Heard::Unconnected(failure(&why)))),
            }
        }
        let timeout = asks.first().map_or(Duration::ZERO, |ask| ask.timeout);
        self.hear_all(open, Clock.now() + timeout, heard);
    }

    fn hear_all(
        &mut self,
        mut open: Vec<(usize, Udp)>,
        deadline: Instant,
        heard: &mut dyn FnMut(usize, Heard<'_>) -> ControlFlow<()>,
    ) {
        let room = self.room();
        while !open.is_empty() {
            let sockets: Vec<_> = open.iter().map(|(at, udp)| (*at, udp)).collect();
            let (at, flow) = match Udp::receive_any(&sockets, room, deadline) {
                Ok((at, Ok(length))) => {
                    (at, heard(at, Heard::Message(room.get(..length).unwrap_or_default())))
                }
                Ok((at, Err(why))) => {
                    end(heard(at, Heard::Failed(failure(&why))));
                    (at, ControlFlow::Break(()))
                }
                Err(why) => {
                    for (at, _) in open {
                        end(heard(at, Heard::Failed(failure(&why))));
                    }
                    return;
                }
            };
            if flow.is_break() {
                open.retain(|(number, _)| *number != at);
            }
        }
    }
}

/// What the kernel said, in BIND's words.
pub(crate) fn failure(why: &io::Error) -> Failure {
    use io::ErrorKind as Kind;
    match why.kind() {
        Kind::TimedOut => Failure::TimedOut,
        Kind::ConnectionRefused => Failure::Refused,
        Kind::ConnectionReset | Kind::BrokenPipe => Failure::Reset,
        Kind::UnexpectedEof => Failure::EndOfFile,
        Kind::NetworkUnreachable => Failure::NetworkUnreachable,
        Kind::HostUnreachable => Failure::HostUnreachable,
        Kind::AddrNotAvailable => Failure::AddressNotAvailable,
        Kind::AddrInUse => Failure::AddressInUse,
        Kind::PermissionDenied => Failure::PermissionDenied,
        _ => Failure::Other(errno_text(why)),
    }
}
