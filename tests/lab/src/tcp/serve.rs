//! A listener's thread for each port and family, and a thread for each connection.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use rustix::thread::{NanosleepRelativeResult, nanosleep};
use socket2::{Domain, SockRef, Socket, Type};

use crate::behaviour::{Behaviour, Order};

/// For ports whose behaviour does not say.
const BACKLOG: i32 = 128;

/// Listens, and serves from then on.
pub(crate) fn listen(order: &Order) -> io::Result<()> {
    for address in [
        SocketAddr::from((Ipv4Addr::UNSPECIFIED, order.port)),
        (Ipv6Addr::UNSPECIFIED, order.port).into(),
    ] {
        let listener = open(address, &order.behaviour)
            .map_err(|why| io::Error::new(why.kind(), format!("{address}: {why}")))?;
        let behaviour = order.behaviour.clone();
        thread::spawn(move || accept_all(&listener, &behaviour));
    }
    Ok(())
}

fn open(address: SocketAddr, behaviour: &Behaviour) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    if *behaviour == Behaviour::Deaf {
        socket.set_recv_buffer_size(2048)?;
    }
    socket.bind(&address.into())?;
    let backlog = if let Behaviour::Full(backlog) = behaviour { *backlog } else { BACKLOG };
    socket.listen(backlog)?;
    Ok(socket)
}

fn accept_all(listener: &Socket, behaviour: &Behaviour) {
    if matches!(behaviour, Behaviour::Full(_)) {
        loop {
            thread::park();
        }
    }
    loop {
        if let Behaviour::Slow(time) = behaviour {
            rest(*time);
        }
        let Ok((stream, _)) = listener.accept() else { continue };
        let behaviour = behaviour.clone();
        // What a peer makes of a connection is its own affair.
        thread::spawn(move || serve(stream.into(), &behaviour).ok());
    }
}

fn serve(mut stream: TcpStream, behaviour: &Behaviour) -> io::Result<()> {
    match behaviour {
        Behaviour::Echo | Behaviour::Slow(_) => echo(&mut stream),
        Behaviour::Banner(text) => {
            stream.write_all(format!("{text}\r\n").as_bytes())?;
            echo(&mut stream)
        }
        Behaviour::Close(octets) => {
            stream.write_all(&pattern(*octets))?;
            close_first(stream)
        }
        Behaviour::Reply(octets) => {
            read_some(&mut stream)?;
            stream.write_all(&pattern(*octets))?;
            close_first(stream)
        }
        Behaviour::Reset(octets) => {
            read_some(&mut stream)?;
            stream.write_all(&pattern(*octets))?;
            SockRef::from(&stream).set_linger(Some(Duration::ZERO))
        }
        Behaviour::Abort => SockRef::from(&stream).set_linger(Some(Duration::ZERO)),
        Behaviour::ResetUnread => stream.peek(&mut [0]).map(drop),
        Behaviour::Half(octets) => {
            read_all(&mut stream)?;
            let octets = pattern(*octets);
            for part in octets.chunks(octets.len().div_ceil(3).max(1)) {
                stream.write_all(part)?;
                rest(Duration::from_millis(50));
            }
            Ok(())
        }
        Behaviour::LateClose(time) => {
            read_all(&mut stream)?;
            rest(*time);
            Ok(())
        }
        Behaviour::Silent | Behaviour::Deaf | Behaviour::Full(_) => loop {
            thread::park();
        },
        Behaviour::Discard => read_all(&mut stream),
    }
}

fn echo(stream: &mut TcpStream) -> io::Result<()> {
    let mut reading = stream.try_clone()?;
    io::copy(&mut reading, stream).map(drop)
}

/// FIN now; what the peer still sends is read, or else the kernel would make RST of it.
fn close_first(mut stream: TcpStream) -> io::Result<()> {
    stream.shutdown(Shutdown::Write)?;
    read_all(&mut stream)
}

fn read_some(stream: &mut TcpStream) -> io::Result<()> {
    stream.read(&mut [0; 4096]).map(drop)
}

fn read_all(stream: &mut TcpStream) -> io::Result<()> {
    io::copy(stream, &mut io::sink()).map(drop)
}

/// The alphabet, over and over.
fn pattern(octets: usize) -> Vec<u8> {
    (b'a'..=b'z').cycle().take(octets).collect()
}

fn rest(time: Duration) {
    let Ok(mut left) = time.try_into() else { return };
    while let NanosleepRelativeResult::Interrupted(rest) = nanosleep(&left) {
        left = rest;
    }
}
