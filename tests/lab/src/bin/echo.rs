//! `wireline-echo`: the plainest client and server, for the lab's tests of itself.
//!
//! It shares no code with what the lab is there to test.
//!
//! ```text
//! wireline-echo ping ADDRESS COUNT    ICMP echo, 5 ms apart: a line "SEQUENCE RTT_NS" for each reply
//! wireline-echo serve ADDRESS:PORT    says "ready", then sends one TCP connection's octets back
//! wireline-echo send ADDRESS:PORT N   sends N octets by TCP, and says "intact" if they come back
//! wireline-echo probe ADDRESS:PORT TTL COUNT OCTETS
//!                                     COUNT UDP datagrams with OCTETS of data, 5 ms apart: a line
//!                                     "ADDRESS HEX" for each ICMP error that comes
//! ```
#![forbid(unsafe_code)]

use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use pnet_packet::util::checksum;
use rustix::thread::nanosleep;
use rustix::time::{ClockId, Timespec, clock_gettime};
use socket2::{Domain, Protocol, Socket, Type};

const PACE: Timespec = Timespec { tv_sec: 0, tv_nsec: 5_000_000 };
/// How long a missing reply is waited for, and a second one to the same request.
const PATIENCE: Duration = Duration::from_millis(500);
/// How long after the last answer to a probe no other is expected.
const SILENCE: Duration = Duration::from_millis(300);
const AFTERMATH: Duration = Duration::from_millis(50);
const USAGE: &str = "wireline-echo ping ADDRESS COUNT | serve ADDRESS:PORT | send ADDRESS:PORT N \
    | probe ADDRESS:PORT TTL COUNT OCTETS";

fn main() -> io::Result<()> {
    let args: Vec<_> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["ping", address, count] => ping(parse(address)?, parse(count)?),
        ["serve", address] => serve(parse(address)?),
        ["send", address, octets] => send(parse(address)?, parse(octets)?),
        ["probe", address, ttl, count, octets] => {
            probe(parse(address)?, parse(ttl)?, parse(count)?, &vec![0; parse(octets)?])
        }
        _ => Err(io::Error::other(USAGE)),
    }
}

fn parse<T: std::str::FromStr>(text: &str) -> io::Result<T> {
    text.parse().map_err(|_| io::Error::other(format!("{text:?}: {USAGE}")))
}

fn ping(address: IpAddr, count: u16) -> io::Result<()> {
    let (domain, protocol, header) = match address {
        IpAddr::V4(_) => (Domain::IPV4, Protocol::ICMPV4, 20),
        IpAddr::V6(_) => (Domain::IPV6, Protocol::ICMPV6, 0),
    };
    let mut socket = Socket::new(domain, Type::RAW, Some(protocol))?;
    socket.connect(&SocketAddr::new(address, 0).into())?;
    socket.set_read_timeout(Some(PATIENCE))?;
    let sender = socket.try_clone()?;
    let sending = std::thread::spawn(move || send_requests(&sender, address, count));
    let (mut buffer, mut replies) = ([0; 2048], 0);
    while let Ok(length) = socket.read(&mut buffer) {
        replies += u16::from(report(&buffer[header.min(length)..length], address)?);
        if replies == count {
            socket.set_read_timeout(Some(AFTERMATH))?;
        }
    }
    sending.join().map_err(|_| io::Error::other("the sender panicked"))?
}

fn send_requests(mut socket: &Socket, address: IpAddr, count: u16) -> io::Result<()> {
    for sequence in 1..=count {
        let mut request = vec![if address.is_ipv4() { 8 } else { 128 }, 0, 0, 0];
        request.extend(ident());
        request.extend(sequence.to_be_bytes());
        request.extend(now().to_be_bytes());
        if address.is_ipv4() {
            let sum = checksum(&request, 1).to_be_bytes();
            request[2..4].copy_from_slice(&sum);
        }
        socket.write_all(&request)?;
        // A signal only makes the next request early.
        let _ = nanosleep(&PACE);
    }
    Ok(())
}

/// Says one line and returns true, if this is a reply to us: the request's time is in its payload.
fn report(message: &[u8], address: IpAddr) -> io::Result<bool> {
    let [kind, _, _, _, a, b, high, low, sent @ ..] = message else { return Ok(false) };
    let Some(sent) = sent.first_chunk() else { return Ok(false) };
    let reply = if address.is_ipv4() { 0 } else { 129 };
    if (*kind, [*a, *b]) != (reply, ident()) {
        return Ok(false);
    }
    let rtt = now().wrapping_sub(u64::from_be_bytes(*sent));
    writeln!(io::stdout(), "{} {rtt}", u16::from_be_bytes([*high, *low]))?;
    Ok(true)
}

fn ident() -> [u8; 2] {
    let [.., a, b] = std::process::id().to_be_bytes();
    [a, b]
}

/// Nanoseconds since some moment.
fn now() -> u64 {
    let now = clock_gettime(ClockId::Monotonic);
    (now.tv_sec * 1_000_000_000 + now.tv_nsec).cast_unsigned()
}

fn probe(address: SocketAddr, ttl: u32, count: u16, data: &[u8]) -> io::Result<()> {
    let (domain, protocol) = match address {
        SocketAddr::V4(_) => (Domain::IPV4, Protocol::ICMPV4),
        SocketAddr::V6(_) => (Domain::IPV6, Protocol::ICMPV6),
    };
    let errors = UdpSocket::from(Socket::new(domain, Type::RAW, Some(protocol))?);
    errors.set_read_timeout(Some(SILENCE))?;
    // Unconnected, so that an error does not fail the next sending.
    let sender = Socket::new(domain, Type::DGRAM, None)?;
    match address {
        SocketAddr::V4(_) => sender.set_ttl_v4(ttl)?,
        SocketAddr::V6(_) => sender.set_unicast_hops_v6(ttl)?,
    }
    for _ in 0..count {
        sender.send_to(data, &address.into())?;
        // A signal only makes the next one early.
        let _ = nanosleep(&PACE);
    }
    let mut buffer = [0; 2048];
    while let Ok((length, from)) = errors.recv_from(&mut buffer) {
        // Of IPv6 only errors, which have no number above: neighbours are found by ICMP too.
        if address.is_ipv6() && buffer[0] > 127 {
            continue;
        }
        write!(io::stdout(), "{} ", from.ip())?;
        for octet in &buffer[..length] {
            write!(io::stdout(), "{octet:02x}")?;
        }
        writeln!(io::stdout())?;
    }
    Ok(())
}

fn serve(address: SocketAddr) -> io::Result<()> {
    let listener = TcpListener::bind(address)?;
    writeln!(io::stdout(), "ready")?;
    let (mut stream, _) = listener.accept()?;
    let mut sink = stream.try_clone()?;
    io::copy(&mut stream, &mut sink)?;
    sink.shutdown(Shutdown::Write)
}

fn send(address: SocketAddr, octets: u32) -> io::Result<()> {
    let pattern: Vec<u8> = (0..octets).flat_map(u32::to_be_bytes).take(octets as usize).collect();
    let mut stream = TcpStream::connect(address)?;
    let mut sink = stream.try_clone()?;
    let sent = pattern.clone();
    let sending = std::thread::spawn(move || {
        sink.write_all(&sent)?;
        sink.shutdown(Shutdown::Write)
    });
    let mut back = Vec::new();
    stream.read_to_end(&mut back)?;
    sending.join().map_err(|_| io::Error::other("the sender panicked"))??;
    writeln!(io::stdout(), "{}", if back == pattern { "intact" } else { "damaged" })
}
