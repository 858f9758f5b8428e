//! One socket in each state. Ports say which: 4001 `SYN_SENT`, 4002 `SYN_RECV`, 4003 `FIN_WAIT1`, 4004
//! `LAST_ACK`, 4005 `CLOSING`, 4006 `FIN_WAIT2` and `CLOSE_WAIT`, 4007 `TIME_WAIT`, 4008 full queues both ways,
//! 4009 a full queue of connections, 4010 a connection that nobody accepted, 4011 keepalive, 4012 an IPv4
//! client of an IPv6 listener, 4013 without an owner.

use std::io::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr as UnixAddr, UnixDatagram, UnixListener, UnixStream};

use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};
use std::time::Duration;

const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);
/// Whose text is longer than a column.
const LONG: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0x1111, 0x2222, 0x3333, 0x4444, 0x5555, 0x6666);

/// What is kept open.
#[derive(Default)]
pub(crate) struct Each {
    listeners: Vec<TcpListener>,
    streams: Vec<TcpStream>,
    sockets: Vec<Socket>,
    datagrams: Vec<UdpSocket>,
    unix: Vec<UnixStream>,
    unix_listeners: Vec<UnixListener>,
    unix_datagrams: Vec<UnixDatagram>,
}

pub(crate) fn make() -> io::Result<Each> {
    let mut each = Each::default();
    each.half_open()?;
    for ip in [V4, V6] {
        each.closed(ip)?;
        each.queues(ip)?;
    }
    each.odd_addresses()?;
    each.datagrams()?;
    each.unix()?;
    Ok(each)
}

impl Each {
    fn listen(&mut self, ip: IpAddr, port: u16) -> io::Result<SocketAddr> {
        let address = SocketAddr::new(ip, port);
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        socket.set_reuse_address(true)?;
        if ip.is_ipv6() {
            socket.set_only_v6(true)?;
        }
        socket.bind(&address.into())?;
        socket.listen(16)?;
        self.listeners.push(socket.into());
        Ok(address)
    }

    /// Both ends, the client's first.
    fn connect(&mut self, ip: IpAddr, port: u16) -> io::Result<(TcpStream, TcpStream)> {
        let address = self.listen(ip, port)?;
        let client = TcpStream::connect(address)?;
        let listener = self.listeners.last().ok_or(io::ErrorKind::NotFound)?;
        Ok((client, listener.accept()?.0))
    }

    /// A connection that has only begun.
    fn begin(&mut self, address: SocketAddr) -> io::Result<()> {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        // Which is to say that it has.
        let _ = socket.connect(&address.into());
        self.sockets.push(socket);
        Ok(())
    }

    fn half_open(&mut self) -> io::Result<()> {
        for ip in [V4, V6] {
            self.begin(SocketAddr::new(ip, 4001))?;
            let address = self.listen(ip, 4002)?;
            self.begin(address)?;
        }
        Ok(())
    }

    fn closed(&mut self, ip: IpAddr) -> io::Result<()> {
        use std::net::Shutdown::Write as End;
        let pair = self.connect(ip, 4003)?;
        pair.0.shutdown(End)?;
        self.streams.extend([pair.0, pair.1]);
        for port in [4004, 4005] {
            let (client, server) = self.connect(ip, port)?;
            let (first, second) = if port == 4004 { (client, server) } else { (server, client) };
            first.shutdown(End)?;
            std::thread::yield_now();
            second.shutdown(End)?;
            self.streams.extend([first, second]);
        }
        let (client, server) = self.connect(ip, 4006)?;
        client.shutdown(End)?;
        self.streams.extend([client, server]);
        drop(self.connect(ip, 4007)?);
        // Closed with something left to send, which the rules do not let through.
        let (mut client, server) = self.connect(ip, 4013)?;
        client.write_all(b"unsent")?;
        drop(client);
        self.streams.push(server);
        Ok(())
    }

    fn queues(&mut self, ip: IpAddr) -> io::Result<()> {
        let (client, server) = self.connect(ip, 4008)?;
        for mut end in [&client, &server] {
            end.set_nonblocking(true)?;
            while end.write(&[0; 4096]).is_ok() {}
        }
        self.streams.extend([client, server]);
        let full = SocketAddr::new(ip, 4009);
        let listener = Socket::new(Domain::for_address(full), Type::STREAM, None)?;
        listener.set_reuse_address(true)?;
        listener.bind(&full.into())?;
        listener.listen(2)?;
        self.sockets.push(listener);
        for _ in 0..6 {
            self.begin(full)?;
        }
        let waiting = self.listen(ip, 4010)?;
        self.streams.push(TcpStream::connect(waiting)?);
        let (client, server) = self.connect(ip, 4011)?;
        let keepalive = TcpKeepalive::new().with_time(Duration::from_secs(5000));
        SockRef::from(&client).set_tcp_keepalive(&keepalive)?;
        self.streams.extend([client, server]);
        Ok(())
    }

    fn odd_addresses(&mut self) -> io::Result<()> {
        let any = TcpListener::bind((Ipv6Addr::UNSPECIFIED, 4012))?;
        self.streams.push(TcpStream::connect((Ipv4Addr::LOCALHOST, 4012))?);
        self.streams.push(any.accept()?.0);
        self.listeners.push(any);
        self.listeners.push(TcpListener::bind((Ipv4Addr::UNSPECIFIED, 22))?);
        let (client, server) = self.connect(LONG.into(), 33060)?;
        self.streams.extend([client, server]);
        // Bound and no more, which is in no list.
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.bind(&SocketAddr::new(V4, 4099).into())?;
        self.sockets.push(socket);
        Ok(())
    }

    fn datagrams(&mut self) -> io::Result<()> {
        for ip in [V4, V6, Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into()] {
            let port = if ip.is_unspecified() { 5002 } else { 5001 };
            let bound = Socket::new(Domain::for_address((ip, port).into()), Type::DGRAM, None)?;
            if ip.is_ipv6() {
                bound.set_only_v6(true)?;
            }
            bound.bind(&SocketAddr::new(ip, port).into())?;
            self.sockets.push(bound);
        }
        for ip in [V4, V6] {
            let connected = UdpSocket::bind((ip, 5003))?;
            connected.connect((ip, 5001))?;
            connected.send(b"unread")?;
            self.datagrams.push(connected);
            let domain = Domain::for_address((ip, 5004).into());
            let lite = Socket::new(domain, Type::DGRAM, Some(Protocol::from(136)));
            // Newer kernels have no UDP-Lite.
            if let Ok(lite) = lite {
                lite.bind(&SocketAddr::new(ip, 5004).into())?;
                self.sockets.push(lite);
            }
            let protocol = if ip.is_ipv6() { Protocol::ICMPV6 } else { Protocol::ICMPV4 };
            self.sockets.push(Socket::new(domain, Type::RAW, Some(protocol))?);
            let bound = Socket::new(domain, Type::RAW, Some(Protocol::from(255)))?;
            bound.bind(&SocketAddr::new(ip, 0).into())?;
            self.sockets.push(bound);
        }
        Ok(())
    }

    fn unix(&mut self) -> io::Result<()> {
        let listener = UnixListener::bind("/run/wireline.stream")?;
        let client = UnixStream::connect("/run/wireline.stream")?;
        let server = listener.accept()?.0;
        let waiting = UnixStream::connect("/run/wireline.stream")?;
        self.unix.extend([client, server, waiting]);
        self.unix_listeners.push(listener);
        for name in [&b"wireline abstract"[..], b"with\0nul and \x1b[31m"] {
            let address = UnixAddr::from_abstract_name(name)?;
            self.unix_listeners.push(UnixListener::bind_addr(&address)?);
        }
        let long = format!("/run/{}", "x".repeat(100));
        self.unix_datagrams.push(UnixDatagram::bind(long)?);
        let (one, other) = UnixDatagram::pair()?;
        self.unix_datagrams.extend([one, other, UnixDatagram::unbound()?]);
        let (one, other) = Socket::pair(Domain::UNIX, Type::SEQPACKET, None)?;
        self.sockets.extend([one, other]);
        self.sockets.push(Socket::new(Domain::UNIX, Type::STREAM, None)?);
        Ok(())
    }
}
