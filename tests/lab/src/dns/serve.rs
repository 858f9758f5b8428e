//! Sockets and threads: a thread for the datagrams of an address, one for its connections, and one for
//! each connection and each answer that takes its time.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use rustix::event::{Timespec, poll};
use wireline_dns::RecordType;
use wireline_lab::Asked;

use crate::answer::Server;
use crate::hostile::{self, Step};
use crate::log::Log;
use crate::message::Query;
use crate::transfer;

/// Listens wherever a server is to be.
pub(crate) fn start(server: &Arc<Server>, log: &Arc<Log>) -> io::Result<()> {
    for at in server.orders.at.clone() {
        if !server.orders.tcp_only {
            let socket = UdpSocket::bind(at)?;
            let here = Here { at, server: Arc::clone(server), log: Arc::clone(log) };
            thread::spawn(move || here.datagrams(&socket));
        }
        if !server.orders.udp_only {
            let listener = TcpListener::bind(at)?;
            let here = Here { at, server: Arc::clone(server), log: Arc::clone(log) };
            thread::spawn(move || here.connections(&listener));
        }
    }
    Ok(())
}

/// A server at one of its addresses.
#[derive(Clone)]
struct Here {
    at: SocketAddr,
    server: Arc<Server>,
    log: Arc<Log>,
}

impl Here {
    fn datagrams(&self, socket: &UdpSocket) {
        let mut buffer = vec![0; 65535];
        loop {
            // What a datagram of ours has met is told by the next call, and is not ours to end at.
            let Ok((length, from)) = socket.recv_from(&mut buffer) else { continue };
            let octets = buffer.get(..length).unwrap_or_default();
            self.log(from, false, octets);
            let Some(query) = Query::parse(octets) else { continue };
            let steps = self.steps(&query, false);
            if steps.iter().all(|step| matches!(step, Step::Send(_) | Step::FromElsewhere(_))) {
                self.send(socket, from, steps);
                continue;
            }
            let (here, socket) = (self.clone(), socket.try_clone());
            thread::spawn(move || socket.map(|socket| here.send(&socket, from, steps)));
        }
    }

    fn send(&self, socket: &UdpSocket, to: SocketAddr, steps: Vec<Step>) {
        for step in steps {
            // Whoever does not listen any more, does not.
            let _ = match step {
                Step::Wait(time) => {
                    wait(time);
                    Ok(())
                }
                Step::Send(octets) => socket.send_to(&octets, to).map(drop),
                Step::FromElsewhere(octets) => UdpSocket::bind((self.at.ip(), 0))
                    .and_then(|other| other.send_to(&octets, to))
                    .map(drop),
                _ => Ok(()),
            };
        }
    }

    fn connections(&self, listener: &TcpListener) {
        for stream in listener.incoming().flatten() {
            let here = self.clone();
            thread::spawn(move || here.connection(stream));
        }
    }

    fn connection(&self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let from = stream.peer_addr()?;
        loop {
            let mut length = [0; 2];
            stream.read_exact(&mut length)?;
            let mut octets = vec![0; usize::from(u16::from_be_bytes(length))];
            stream.read_exact(&mut octets)?;
            self.log(from, true, &octets);
            let Some(query) = Query::parse(&octets) else { return Ok(()) };
            for step in self.steps(&query, true) {
                if !perform(&mut stream, step)? {
                    return Ok(());
                }
            }
        }
    }

    fn steps(&self, query: &Query, tcp: bool) -> Vec<Step> {
        if self.server.hostile.as_ref().is_some_and(|origin| query.name.is_in(origin)) {
            return hostile::steps(&self.server, query, tcp);
        }
        if [RecordType::AXFR, RecordType::IXFR].contains(&query.kind) && tcp {
            let messages = transfer::messages(&self.server, query);
            return messages.into_iter().map(Step::Send).collect();
        }
        let reply = self.server.answer(query);
        let octets = if tcp { reply.octets() } else { reply.datagram(query) };
        vec![Step::Send(transfer::signed(&self.server, query, octets))]
    }

    fn log(&self, from: SocketAddr, tcp: bool, octets: &[u8]) {
        self.log.write(&Asked { server: self.at, from, tcp, octets: octets.to_vec() });
    }
}

/// Whether the connection goes on.
fn perform(stream: &mut TcpStream, step: Step) -> io::Result<bool> {
    match step {
        Step::Wait(time) => wait(time),
        Step::Send(octets) | Step::FromElsewhere(octets) => stream.write_all(&framed(&octets))?,
        Step::Raw(octets) => stream.write_all(&octets)?,
        Step::Dribble(octets, pause) => {
            for octet in framed(&octets) {
                stream.write_all(&[octet])?;
                wait(pause);
            }
        }
        Step::Again(octets, count) => {
            for _ in 0..count {
                stream.write_all(&framed(&octets))?;
            }
        }
        Step::Close => {
            stream.shutdown(Shutdown::Both)?;
            return Ok(false);
        }
        Step::Reset => {
            // With nothing to linger for, what is left is a reset (tcp(7)).
            socket2::SockRef::from(&*stream).set_linger(Some(Duration::ZERO))?;
            return Ok(false);
        }
        Step::Hang => {
            stream.read_to_end(&mut Vec::new())?;
            return Ok(false);
        }
    }
    Ok(true)
}

fn framed(octets: &[u8]) -> Vec<u8> {
    let length = u16::try_from(octets.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes()[..], octets].concat()
}

fn wait(time: Duration) {
    if let Ok(time) = Timespec::try_from(time) {
        let _ = poll(&mut [], Some(&time));
    }
}
