//! The bench's witness, which the lab starts on a host: it captures ICMP echoes on an interface.
//!
//! ```text
//! wireline-bench --capture INTERFACE
//! ```
//!
//! It says `ready`, captures until stdin ends, and then says what it saw, a line each:
//! `request|reply IDENTIFIER SEQUENCE NANOSECONDS`. Times are the kernel's, see
//! `SO_TIMESTAMPNS` in `socket(7)`. It looks at the socket at intervals only: waking up for each
//! frame would slow down what it watches.

use std::io::{self, BufWriter, IoSliceMut, Write as _};
use std::os::fd::{AsRawFd as _, OwnedFd};

use anyhow::{Context as _, Result};
use nix::cmsg_space;
use nix::errno::Errno;
use nix::ifaddrs::getifaddrs;
use nix::sys::socket::{
    AddressFamily, ControlMessageOwned, LinkAddr, MsgFlags, SockFlag, SockProtocol, SockType, bind,
    recvmsg, setsockopt, socket, sockopt,
};
use nix::sys::time::TimeSpec;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::stdio::stdin;

use crate::echo::{Echo, Kind};

/// The first argument that means this.
pub(crate) const FLAG: &str = "--capture";

/// How often the socket is read: it has room for more than a hundred frames.
const PAUSE: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
/// No capture is longer: 60 seconds.
const MOST_PAUSES: usize = 1200;
/// No capture has more echoes.
const MOST_ECHOES: usize = 100_000;
/// More than the default where it is allowed. In bytes.
const BUFFER: usize = 4 << 20;
/// `PACKET_OUTGOING`: a frame that this host sends.
const OUTGOING: u8 = 4;

/// Captures until stdin ends.
pub(crate) fn main(mut words: impl Iterator<Item = String>) -> Result<()> {
    let socket = open(&words.next().context("no interface")?)?;
    writeln!(io::stdout(), "{}", crate::inside::READY)?;
    let mut echoes = Vec::new();
    for _ in 0..MOST_PAUSES {
        let ended = pause()?;
        drain(&socket, &mut echoes)?;
        if ended {
            break;
        }
    }
    let mut stdout = BufWriter::new(io::stdout().lock());
    for echo in echoes {
        writeln!(stdout, "{echo}")?;
    }
    Ok(stdout.flush()?)
}

fn open(interface: &str) -> Result<OwnedFd> {
    let mut addresses = getifaddrs()?.filter(|entry| entry.interface_name == interface);
    let address = addresses.find_map(|entry| entry.address?.as_link_addr().copied());
    let address = address.with_context(|| format!("no interface {interface:?}"))?;
    let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
    // Frames that leave are seen by a socket for every protocol only, see packet(7).
    let socket = socket(AddressFamily::Packet, SockType::Raw, flags, SockProtocol::EthAll)?;
    setsockopt(&socket, sockopt::ReceiveTimestampns, &true)?;
    setsockopt(&socket, sockopt::RcvBuf, &BUFFER)?;
    bind(socket.as_raw_fd(), &address)?;
    Ok(socket)
}

/// Sleeps for a pause, or until stdin ends, which is true.
fn pause() -> Result<bool> {
    let stdin = stdin();
    Ok(poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&PAUSE))? > 0)
}

fn drain(socket: &OwnedFd, echoes: &mut Vec<Echo>) -> Result<()> {
    while echoes.len() < MOST_ECHOES {
        match receive(socket) {
            Ok(echo) => echoes.extend(echo),
            Err(Errno::EAGAIN) => break,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// The next frame, if it is an echo: a request that leaves, or a reply that comes.
fn receive(socket: &OwnedFd) -> nix::Result<Option<Echo>> {
    let (mut frame, mut control) = ([0; 256], cmsg_space!(TimeSpec));
    let mut parts = [IoSliceMut::new(&mut frame)];
    let flags = MsgFlags::MSG_DONTWAIT;
    let message = recvmsg::<LinkAddr>(socket.as_raw_fd(), &mut parts, Some(&mut control), flags)?;
    let leaves = message.address.is_some_and(|from| from.pkttype() == OUTGOING);
    let time = message.cmsgs()?.find_map(|control| match control {
        ControlMessageOwned::ScmTimestampns(time) => Some(nanoseconds(time)),
        _ => None,
    });
    let bytes = message.bytes;
    let echo = time.and_then(|time| Echo::of(&frame[..bytes], time));
    Ok(echo.filter(|echo| leaves == (echo.kind == Kind::Request)))
}

/// Since 1970.
fn nanoseconds(time: TimeSpec) -> u64 {
    (time.tv_sec() * 1_000_000_000 + time.tv_nsec()).cast_unsigned()
}
