//! `/proc/net/tcp` and its like (`Documentation/networking/proc_net_tcp.rst`), for kernels without
//! `sock_diag(7)`, or without it for a protocol.

use std::fs::File;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use super::{
    Each, Endpoint, InetSocket, Protocol, Reading, Request, SocketsError, Source, State, Timer,
    TimerKind,
};
use crate::Family;
use crate::lines::each_line;

/// Milliseconds of `USER_HZ`, which is 100 a second everywhere.
const TICK: u64 = 10;

/// Reads the files of a protocol in a folder. A family whose file is not there has no sockets; the
/// error is `None` where no file is there at all.
pub(super) fn read(
    folder: &Path,
    request: &Request<'_>,
    each: Each<'_>,
) -> Result<Reading, Option<SocketsError>> {
    let mut read = Reading { source: Source::Proc, ..Reading::default() };
    let mut is_there = false;
    for name in names(request.protocol, request.family) {
        let path = folder.join(name);
        let failed = |source| Some(SocketsError::File { path: path.clone(), source });
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(err) if err.kind() == io::ErrorKind::NotFound => continue,
            Err(err) => return Err(failed(err)),
        };
        is_there = true;
        read.is_stopped = table(file, request, each).map_err(failed)?.is_break();
        if read.is_stopped {
            break;
        }
    }
    if is_there { Ok(read) } else { Err(None) }
}

const fn names(protocol: Protocol, family: Family) -> &'static [&'static str] {
    let both: &[&str] = match protocol {
        Protocol::Tcp => &["tcp", "tcp6"],
        Protocol::Udp => &["udp", "udp6"],
        Protocol::UdpLite => &["udplite", "udplite6"],
        Protocol::Raw => &["raw", "raw6"],
        Protocol::Mptcp => &[],
    };
    match (family, both) {
        (Family::V4, [v4, _]) => std::slice::from_ref(v4),
        (Family::V6, [_, v6]) => std::slice::from_ref(v6),
        _ => both,
    }
}

/// The title has no number in its first column, and so is no row.
fn table(
    file: impl io::Read,
    request: &Request<'_>,
    each: Each<'_>,
) -> io::Result<ControlFlow<()>> {
    each_line(file, |line| match parse(line, request.protocol) {
        Some(socket) if request.states.contains(socket.state) => each(socket),
        _ => ControlFlow::Continue(()),
    })
}

/// Reads one line; `None` where it is none of such a table.
pub(super) fn parse(line: &[u8], protocol: Protocol) -> Option<InetSocket> {
    let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    decimal(words.next()?.strip_suffix(b":")?)?;
    let (local, remote) = (endpoint(words.next()?)?, endpoint(words.next()?)?);
    let state = State::from_number(u8::try_from(hexadecimal(words.next()?)?).ok()?);
    let (send_queue, recv_queue) = pair(words.next()?)?;
    let (kind, ticks) = pair(words.next()?)?;
    let retransmits = hexadecimal(words.next()?)?;
    let uid = decimal(words.next()?)?;
    let probes = decimal(words.next()?)?;
    let inode = decimal(words.next()?)?;
    let kind = TimerKind::from_number(u8::try_from(kind).ok()?);
    let timer = Timer {
        kind,
        expires: Duration::from_millis(u64::from(ticks) * TICK),
        retransmits: saturated(retransmits),
        probes: saturated(probes),
    };
    Some(InetSocket {
        protocol,
        state,
        local,
        remote,
        interface: 0,
        cookie: None,
        recv_queue,
        send_queue,
        timer,
        uid,
        inode,
        extra: None,
    })
}

/// `0100007F:0CEA`: the address in words of 32 bits in the order of this machine, the port in the
/// usual one.
fn endpoint(word: &[u8]) -> Option<Endpoint> {
    let colon = word.iter().position(|octet| *octet == b':')?;
    let (address, port) = (&word[..colon], &word[colon + 1..]);
    let port = u16::try_from(hexadecimal(port)?).ok()?;
    let address = match address.len() {
        8 => Ipv4Addr::from(hexadecimal(address)?.to_ne_bytes()).into(),
        32 => {
            let mut octets = [0; 16];
            for (place, word) in octets.chunks_exact_mut(4).zip(address.chunks_exact(8)) {
                place.copy_from_slice(&hexadecimal(word)?.to_ne_bytes());
            }
            Ipv6Addr::from(octets).into()
        }
        _ => return None,
    };
    Some(Endpoint { address, port })
}

fn pair(word: &[u8]) -> Option<(u32, u32)> {
    let colon = word.iter().position(|octet| *octet == b':')?;
    // A negative number of ticks, of a timer that has ended, is written in 64 bits.
    let second = &word[colon + 1..];
    let second = if second.len() > 8 { Some(0) } else { hexadecimal(second) };
    Some((hexadecimal(&word[..colon])?, second?))
}

pub(super) fn hexadecimal(word: &[u8]) -> Option<u32> {
    if word.is_empty() || word.len() > 8 {
        return None;
    }
    word.iter().try_fold(0, |number, octet| {
        let digit = char::from(*octet).to_digit(16)?;
        Some(number << 4 | digit)
    })
}

pub(super) fn decimal(word: &[u8]) -> Option<u32> {
    if word.is_empty() {
        return None;
    }
    word.iter().try_fold(0_u32, |number, octet| {
        let digit = char::from(*octet).to_digit(10)?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

fn saturated(number: u32) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests;
