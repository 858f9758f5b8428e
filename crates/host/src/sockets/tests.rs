use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsFd;
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::fstat;

use super::*;

/// Numbers that are the same in every run (xorshift).
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn new() -> Self {
        Self(0x9e37_79b9_7f4a_7c15)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(super) fn octet(&mut self) -> u8 {
        self.next().to_le_bytes()[7]
    }

    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap() % end
    }
}

/// Without what `/proc/net/tcp` does not tell, and what changes from one moment to the next.
pub(super) fn as_proc_has_it(mut socket: InetSocket) -> InetSocket {
    (socket.cookie, socket.interface, socket.extra) = (None, 0, None);
    if socket.state == State::Listen {
        socket.send_queue = 0;
    }
    if socket.timer.kind == TimerKind::DelayedAck {
        socket.timer.kind = TimerKind::Off;
    }
    socket.timer.expires = Duration::ZERO;
    socket
}

fn read(sockets: &mut Sockets, request: &Request<'_>) -> Vec<InetSocket> {
    let mut rows = Vec::new();
    let read = sockets.inet(request, |socket| {
        rows.push(socket);
        ControlFlow::Continue(())
    });
    assert!(!read.unwrap().is_stopped);
    rows
}

/// Listeners, connections and datagram sockets of both families, as many as there are ports for.
struct Own {
    listeners: Vec<TcpListener>,
    streams: Vec<TcpStream>,
    datagrams: Vec<UdpSocket>,
}

impl Own {
    fn new() -> Self {
        let mut own = Self { listeners: Vec::new(), streams: Vec::new(), datagrams: Vec::new() };
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(listener) = TcpListener::bind(address) else { continue };
            for _ in 0..5 {
                own.streams.push(TcpStream::connect(listener.local_addr().unwrap()).unwrap());
                own.streams.push(listener.accept().unwrap().0);
            }
            own.listeners.push(listener);
            own.datagrams.push(UdpSocket::bind(address).unwrap());
        }
        own
    }

    fn inodes(&self) -> Vec<u32> {
        let listeners = self.listeners.iter().map(AsFd::as_fd);
        let streams = self.streams.iter().map(AsFd::as_fd);
        let all = listeners.chain(streams).chain(self.datagrams.iter().map(AsFd::as_fd));
        all.map(|fd| fstat(fd).unwrap().st_ino.try_into().unwrap()).collect()
    }
}

#[test]
fn netlink_and_files_say_the_same_of_our_own_sockets() {
    let own = Own::new();
    let inodes = own.inodes();
    for protocol in [Protocol::Tcp, Protocol::Udp] {
        let ours = |mut sockets: Sockets| -> Vec<_> {
            let rows = read(&mut sockets, &Request::new(protocol)).into_iter();
            let rows = rows.filter(|row| inodes.contains(&row.inode));
            rows.map(as_proc_has_it).collect()
        };
        let (netlink, files) = (ours(Sockets::open()), ours(Sockets::files(PROC)));
        assert!(netlink.len() >= if protocol == Protocol::Tcp { 11 } else { 1 });
        assert_eq!(netlink, files, "{protocol:?}, in the same order");
    }
}

#[test]
fn listeners_alone_are_the_listeners_of_all() {
    let own = Own::new();
    let port = own.listeners[0].local_addr().unwrap().port();
    let request = Request { states: States::LISTEN, ..Request::new(Protocol::Tcp) };
    let rows = read(&mut Sockets::open(), &request);
    assert!(rows.iter().all(|row| row.state == State::Listen));
    assert!(rows.iter().any(|row| row.local.port == port && row.send_queue > 0));
}

#[test]
fn details_come_with_those_who_asked() {
    let own = Own::new();
    let port = own.listeners[0].local_addr().unwrap().port();
    let request = Request { details: Details::ALL, ..Request::new(Protocol::Tcp) };
    let rows = read(&mut Sockets::open(), &request);
    let row = rows.iter().find(|row| row.local.port == port && row.state == State::Established);
    let row = row.unwrap();
    assert!(row.tcp_info().unwrap().rtt() > 0 && row.memory().unwrap().send_buffer > 0);
    assert!(row.extra.as_ref().unwrap().congestion.is_some());
}

#[test]
fn one_socket_is_found_by_its_ends_and_not_by_others() {
    let own = Own::new();
    let (local, remote) =
        (own.streams[0].local_addr().unwrap(), own.streams[0].peer_addr().unwrap());
    let end = |end: std::net::SocketAddr| Endpoint { address: end.ip(), port: end.port() };
    let (protocol, interface) = (Protocol::Tcp, 0);
    let tuple = Tuple { protocol, local: end(local), remote: end(remote), interface };
    let mut sockets = Sockets::open();
    let found = sockets.find(&tuple, Details::TCP_INFO).unwrap().unwrap();
    assert_eq!(
        (found.local, found.remote, found.state),
        (tuple.local, tuple.remote, State::Established)
    );
    assert!(found.tcp_info().is_some());
    let nowhere = Tuple {
        local: Endpoint { port: 0, ..tuple.local },
        remote: Endpoint { port: 0, ..tuple.remote },
        ..tuple
    };
    assert_eq!(sockets.find(&nowhere, Details::NONE).unwrap(), None);
}

#[test]
fn datagram_socket_is_found_by_its_ends_too() {
    let (one, other) =
        (UdpSocket::bind("127.0.0.1:0").unwrap(), UdpSocket::bind("127.0.0.1:0").unwrap());
    one.connect(other.local_addr().unwrap()).unwrap();
    let end = |socket: &UdpSocket| {
        let end = socket.local_addr().unwrap();
        Endpoint { address: end.ip(), port: end.port() }
    };
    let (protocol, interface) = (Protocol::Udp, 0);
    let connected = Tuple { protocol, local: end(&one), remote: end(&other), interface };
    let bound = Tuple { local: end(&other), remote: Endpoint::default(), ..connected };
    for (tuple, state) in [(connected, State::Established), (bound, State::Close)] {
        let found = Sockets::open().find(&tuple, Details::MEMORY).unwrap().unwrap();
        assert_eq!((found.local, found.remote, found.state), (tuple.local, tuple.remote, state));
        assert!(found.memory().is_some());
    }
}

#[test]
fn socket_with_another_cookie_is_gone_and_not_closed() {
    let own = Own::new();
    let mut sockets = Sockets::open();
    let rows = read(&mut sockets, &Request::new(Protocol::Tcp));
    let inode = u32::try_from(fstat(&own.streams[0]).unwrap().st_ino).unwrap();
    let row = rows.into_iter().find(|row| row.inode == inode);
    let mut row = row.unwrap();
    let cookie = row.cookie.map(|cookie| cookie ^ 1 << 40);
    let err = sockets.destroy(&InetSocket { cookie, ..row.clone() }).unwrap_err();
    assert!(!matches!(err, DestroyError::Other(_)), "{err}");
    let err = sockets.destroy(&InetSocket { cookie: None, ..row.clone() }).unwrap_err();
    assert!(matches!(err, DestroyError::Unsupported));
    // The right one is closed, for those who may.
    match sockets.destroy(&row) {
        Ok(()) => {
            row.state = State::Close;
            assert!(matches!(sockets.destroy(&row), Err(DestroyError::Gone)));
        }
        Err(DestroyError::NotPermitted | DestroyError::Unsupported) => {}
        Err(err) => panic!("{err}"),
    }
}

#[test]
fn closed_sockets_are_heard_of() {
    let mut closings = Closings::open().unwrap();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let port = socket.local_addr().unwrap().port();
    drop(socket);
    for _ in 0..100 {
        let mut fds = [PollFd::new(&closings, PollFlags::IN)];
        poll(&mut fds, Some(&Timespec { tv_sec: 10, tv_nsec: 0 })).unwrap();
        let mut is_ours = false;
        let each = |closed| {
            if let Closed::Socket(socket) = closed {
                is_ours |= socket.local.port == port && socket.protocol == Protocol::Udp;
            }
        };
        closings.take(each).unwrap();
        if is_ours {
            return;
        }
    }
    panic!("nothing was heard of port {port}");
}

#[test]
fn what_was_closed_unheard_is_said_to_be_lost() {
    let mut closings = Closings::open().unwrap();
    for _ in 0..4_000 {
        drop(UdpSocket::bind("127.0.0.1:0").unwrap());
    }
    // The kernel tells of them when it has the time, and a reader may keep up with that: the others
    // are given half a second to fill the socket.
    poll(&mut [], Some(&Timespec { tv_sec: 0, tv_nsec: 500_000_000 })).unwrap();
    let mut is_lost = false;
    closings.take(|closed| is_lost |= closed == Closed::Lost).unwrap();
    assert!(is_lost);
    closings.take(|closed| assert_ne!(closed, Closed::Lost, "told once")).unwrap();
}

#[test]
fn unix_sockets_have_their_names_either_way() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a b");
    let _listener = UnixListener::bind(&path).unwrap();
    let _pair = UnixDatagram::pair().unwrap();
    let name = path.to_str().unwrap().as_bytes();
    let mut inode = None;
    let mut sockets = Sockets::open();
    sockets
        .unix(States::ALL, UnixDetails::ALL, |socket| {
            if socket.name.as_deref().is_some_and(|octets| octets.starts_with(name)) {
                inode = Some(socket.inode);
            }
            ControlFlow::Continue(())
        })
        .unwrap();
    let mut entry = None;
    sockets
        .unix_entries(|line| {
            if line.path == Some(name) {
                entry = Some((line.inode, line.flags, line.kind, line.state));
            }
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(entry, Some((inode.unwrap(), 0x10000, 1, 1)));
}

#[test]
fn taking_can_be_stopped_and_begun_again() {
    let _own = Own::new();
    let mut sockets = Sockets::open();
    let request = Request::new(Protocol::Tcp);
    for _ in 0..3 {
        let read = sockets.inet(&request, |_| ControlFlow::Break(())).unwrap();
        assert!(read.is_stopped);
    }
    assert!(!read(&mut sockets, &request).is_empty());
}

/// `sport = :port` (`linux/inet_diag.h`): on to the end if it is, four octets past it if not.
fn port_is(port: u16) -> [u8; 8] {
    const LOCAL_PORT_IS: u8 = 11;
    let ([a, b], [c, d]) = (12_u16.to_ne_bytes(), port.to_ne_bytes());
    [LOCAL_PORT_IS, 8, a, b, 0, 0, c, d]
}

#[test]
fn filter_is_the_kernels_work_or_nobodys() {
    let own = Own::new();
    let port = own.listeners[0].local_addr().unwrap().port();
    let rows_with = |bytecode: &[u8]| {
        let mut ports = Vec::new();
        let request = Request { bytecode, ..Request::new(Protocol::Tcp) };
        let read = Sockets::open().inet(&request, |row| {
            ports.push(row.local.port);
            ControlFlow::Continue(())
        });
        (read.unwrap().is_filtered, ports)
    };
    let (is_filtered, ports) = rows_with(&port_is(port));
    assert!(is_filtered && ports.len() >= 6 && ports.iter().all(|found| *found == port));
    let (is_filtered, ports) = rows_with(&[255; 8]);
    assert!(!is_filtered && ports.iter().any(|found| *found != port), "a filter unheard of");
}

#[test]
fn table_that_is_nowhere_is_refused() {
    let mut sockets = Sockets::files("/nowhere");
    let each = |_| ControlFlow::Continue(());
    assert!(sockets.inet(&Request::new(Protocol::Tcp), each).is_err());
    let each = |_: UnixEntry<'_>| ControlFlow::Continue(());
    assert!(sockets.unix_entries(each).is_err());
}
