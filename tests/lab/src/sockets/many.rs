//! Many sockets of one kind, in as many processes as it takes.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{
    IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket,
};
use std::os::unix::net::UnixStream;
use std::process::{Child, ChildStdin, Command, Stdio};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use socket2::{Domain, Socket, Type};

/// Sockets of one process: as many as nearly every machine allows.
const OF_ONE: usize = 16_000;

/// What is kept open, here or by others.
#[derive(Default)]
pub(crate) struct Many {
    streams: Vec<TcpStream>,
    listeners: Vec<TcpListener>,
    sockets: Vec<Socket>,
    datagrams: Vec<UdpSocket>,
    unix: Vec<UnixStream>,
    children: Vec<(Child, Option<ChildStdin>)>,
}

impl Drop for Many {
    fn drop(&mut self) {
        for (child, stdin) in &mut self.children {
            drop(stdin.take());
            let _ = child.wait();
        }
    }
}

pub(crate) fn make(kind: &str, count: &str, is_v6: bool) -> io::Result<Many> {
    // A child is told its number behind the count.
    let (count, child) = count.split_once('/').unwrap_or((count, ""));
    let count: usize = count.parse().map_err(io::Error::other)?;
    if child.is_empty() && count > OF_ONE {
        return by_others(kind, count, is_v6);
    }
    let maximum = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?;
    let child: u16 = child.parse().unwrap_or(0);
    let mut many = Many::default();
    match kind {
        "established" | "half-closed" | "time-wait" => {
            many.connect(kind, count / 2, is_v6, child)?;
        }
        "udp" => many.bind(count, is_v6, child)?,
        "unix" => many.pair(count / 2)?,
        "waiting" => many.wait(count, is_v6)?,
        "stalled" => many.stall(count / 2, is_v6)?,
        _ => return Err(io::Error::other(format!("{kind}: no such kind"))),
    }
    Ok(many)
}

fn by_others(kind: &str, count: usize, is_v6: bool) -> io::Result<Many> {
    let mut many = Many::default();
    let mut left = count;
    for number in 1.. {
        let share = left.min(OF_ONE);
        many.children.push(child(kind, &format!("{share}/{number}"), is_v6)?);
        left -= share;
        if left == 0 {
            break;
        }
    }
    Ok(many)
}

fn child(kind: &str, count: &str, is_v6: bool) -> io::Result<(Child, Option<ChildStdin>)> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args([kind, count]).args(is_v6.then_some("v6"));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let stdout = child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line)?;
    if line != "ready\n" {
        return Err(io::Error::other("a process of mine failed"));
    }
    let stdin = child.stdin.take();
    Ok((child, stdin))
}

impl Many {
    fn connect(&mut self, kind: &str, count: usize, is_v6: bool, child: u16) -> io::Result<()> {
        let address = SocketAddr::new(address(is_v6, child), 5000 + if is_v6 { child } else { 0 });
        let listener = TcpListener::bind(address)?;
        for _ in 0..count {
            let client = TcpStream::connect(address)?;
            let server = listener.accept()?.0;
            match kind {
                "time-wait" => client.shutdown(Shutdown::Write)?,
                "half-closed" => {
                    client.shutdown(Shutdown::Write)?;
                    self.streams.extend([client, server]);
                }
                _ => self.streams.extend([client, server]),
            }
        }
        self.listeners.push(listener);
        Ok(())
    }

    /// So many ask for a connection, and nobody accepts one; four may wait.
    fn wait(&mut self, count: usize, is_v6: bool) -> io::Result<()> {
        let address = SocketAddr::new(address(is_v6, 0), 5000);
        let listener = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        listener.set_reuse_address(true)?;
        listener.bind(&address.into())?;
        listener.listen(4)?;
        self.sockets.push(listener);
        for _ in 0..count {
            let client = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
            client.set_nonblocking(true)?;
            // Which is to say that it has begun.
            let _ = client.connect(&address.into());
            self.sockets.push(client);
        }
        Ok(())
    }

    /// So many write as much as they can, to somebody who does not read.
    fn stall(&mut self, count: usize, is_v6: bool) -> io::Result<()> {
        let first = self.streams.len();
        self.connect("established", count, is_v6, 0)?;
        for mut client in self.streams[first..].iter().step_by(2) {
            client.set_nonblocking(true)?;
            while client.write(&[0; 4096]).is_ok() {}
        }
        Ok(())
    }

    fn bind(&mut self, count: usize, is_v6: bool, child: u16) -> io::Result<()> {
        for _ in 0..count {
            self.datagrams.push(UdpSocket::bind((address(is_v6, child), 0))?);
        }
        Ok(())
    }

    fn pair(&mut self, count: usize) -> io::Result<()> {
        for _ in 0..count {
            self.unix.extend(<[_; 2]>::from(UnixStream::pair()?));
        }
        Ok(())
    }
}

/// Each process has an address of its own, so that ports are not short; IPv6 has but one loopback.
fn address(is_v6: bool, child: u16) -> IpAddr {
    let [high, low] = child.to_be_bytes();
    if is_v6 { Ipv6Addr::LOCALHOST.into() } else { Ipv4Addr::new(127, 1, high, low.max(1)).into() }
}
