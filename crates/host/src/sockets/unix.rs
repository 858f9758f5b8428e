//! Sockets of unix(7): by `sock_diag(7)`, and as `/proc/net/unix` has them.

use std::fs::File;
use std::ops::{BitOr, ControlFlow};

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use super::{Memory, Reading, Sockets, SocketsError, Source, State, States, diag};
use crate::lines::each_line;
use crate::netlink::Attributes;

/// A socket of unix(7), as `sock_diag(7)` has it. How often it is referred to, and its flags, are told
/// in `/proc/net/unix` only: see [`UnixEntry`].
#[derive(Clone, Debug, PartialEq)]
pub struct UnixSocket {
    /// How it carries data.
    pub kind: UnixKind,
    /// [`Listen`](State::Listen), [`Established`](State::Established), or
    /// [`Close`](State::Close) where it is not connected.
    pub state: State,
    /// By which the descriptors of processes are known.
    pub inode: u32,
    /// What no other socket since the start of the machine has had.
    pub cookie: u64,
    /// As it was bound: a path, or a zero octet and anything at all. `None` without a name.
    pub name: Option<Vec<u8>>,
    /// Of the file that it is bound to: its inode, and its device as the kernel numbers them.
    pub file: Option<(u32, u32)>,
    /// The inode of the socket at the other end.
    pub peer: Option<u32>,
    /// Octets to read; of a listener, connections not accepted yet.
    pub recv_queue: Option<u32>,
    /// Octets sent and not read by the peer; of a listener, how many connections may wait.
    pub send_queue: Option<u32>,
    /// The memory that it takes.
    pub memory: Option<Memory>,
    /// Whose it is. Kernels before 5.3 do not tell.
    pub uid: Option<u32>,
    /// 1: nothing more is received; 2: nothing more is sent; 3: both.
    pub shutdown: Option<u8>,
}

/// How a socket carries data (socket(2)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnixKind {
    /// `SOCK_STREAM`.
    Stream,
    /// `SOCK_DGRAM`.
    Datagram,
    /// `SOCK_SEQPACKET`.
    Packets,
    /// A number that is of none of these.
    Other(u16),
}

/// What may be asked for beside kind, state and inode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UnixDetails(u32);

/// A line of `/proc/net/unix`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnixEntry<'a> {
    /// How often it is referred to.
    pub references: u32,
    /// 0.
    pub protocol: u32,
    /// `0x10000` of one that listens (`__SO_ACCEPTCON`).
    pub flags: u32,
    /// `SOCK_STREAM` (1), `SOCK_DGRAM` (2), `SOCK_SEQPACKET` (5).
    pub kind: u32,
    /// `SS_*` of `linux/net.h`: 0 free, 1 unconnected, 2 connecting, 3 connected, 4 disconnecting.
    pub state: u32,
    /// By which the descriptors of processes are known.
    pub inode: u32,
    /// As the kernel writes it: `@` for each zero octet. What was bound with a newline in its name
    /// ends there. `None` without a name.
    pub path: Option<&'a [u8]>,
}

/// `struct unix_diag_req`.
#[derive(Clone, Copy, Default, IntoBytes, Immutable)]
#[repr(C)]
struct Question {
    family: u8,
    protocol: u8,
    padding: u16,
    states: u32,
    inode: u32,
    show: u32,
    cookie: [u32; 2],
}

/// `struct unix_diag_msg`.
#[derive(Clone, Copy, FromBytes, Immutable, KnownLayout)]
#[repr(C)]
struct Answer {
    family: u8,
    kind: u8,
    state: u8,
    padding: u8,
    inode: u32,
    cookie: [u32; 2],
}

/// `UNIX_DIAG_*`.
mod tells {
    pub(super) const NAME: u16 = 0;
    pub(super) const FILE: u16 = 1;
    pub(super) const PEER: u16 = 2;
    pub(super) const QUEUES: u16 = 4;
    pub(super) const MEMORY: u16 = 5;
    pub(super) const SHUTDOWN: u16 = 6;
    pub(super) const UID: u16 = 7;
}

const AF_UNIX: u8 = 1;

impl Sockets {
    /// Hands over the sockets of unix(7). There is no way but netlink: see
    /// [`unix_entries`](Self::unix_entries).
    pub fn unix(
        &mut self,
        states: States,
        details: UnixDetails,
        mut each: impl FnMut(UnixSocket) -> ControlFlow<()>,
    ) -> Result<Reading, SocketsError> {
        let netlink = self.netlink.as_mut().map_err(|err| err.again())?;
        let (states, show) = (states.bits(), details.0);
        let question = Question { family: AF_UNIX, states, show, ..Question::default() };
        let dumped = netlink.dump(diag::BY_FAMILY, question.as_bytes(), |message| {
            match UnixSocket::parse(message.payload) {
                Some(socket) => each(socket),
                None => ControlFlow::Continue(()),
            }
        });
        Ok(Reading::from(dumped?))
    }

    /// Hands over the lines of `/proc/net/unix`, in its order.
    pub fn unix_entries(
        &self,
        mut each: impl FnMut(UnixEntry<'_>) -> ControlFlow<()>,
    ) -> Result<Reading, SocketsError> {
        let path = self.proc.join("unix");
        let file = File::open(&path);
        let read = file.and_then(|file| {
            each_line(file, |line| match UnixEntry::parse(line) {
                Some(entry) => each(entry),
                None => ControlFlow::Continue(()),
            })
        });
        let end = read.map_err(|source| SocketsError::File { path, source })?;
        Ok(Reading { source: Source::Proc, is_stopped: end.is_break(), ..Reading::default() })
    }
}

impl UnixSocket {
    fn parse(payload: &[u8]) -> Option<Self> {
        let (answer, attributes) = Answer::read_from_prefix(payload).ok()?;
        let [low, high] = answer.cookie.map(u64::from);
        let mut socket = Self {
            kind: UnixKind::from_number(answer.kind.into()),
            state: State::from_number(answer.state),
            inode: answer.inode,
            cookie: high << 32 | low,
            name: None,
            file: None,
            peer: None,
            recv_queue: None,
            send_queue: None,
            memory: None,
            uid: None,
            shutdown: None,
        };
        for (kind, value) in Attributes::new(attributes) {
            socket.add(kind, value);
        }
        (answer.family == AF_UNIX).then_some(socket)
    }

    fn add(&mut self, kind: u16, value: &[u8]) {
        let pair = || <[u32; 2]>::read_from_prefix(value).ok().map(|([a, b], _)| (a, b));
        let number = || u32::read_from_prefix(value).ok().map(|(number, _)| number);
        match kind {
            tells::NAME if !value.is_empty() => self.name = Some(value.to_vec()),
            tells::FILE => self.file = pair(),
            tells::PEER => self.peer = number(),
            tells::QUEUES => (self.recv_queue, self.send_queue) = pair().unzip(),
            tells::MEMORY => self.memory = diag::memory(value),
            tells::SHUTDOWN => self.shutdown = value.first().copied(),
            tells::UID => self.uid = number(),
            _ => {}
        }
    }
}

impl<'a> UnixEntry<'a> {
    /// Reads one line: `Num: RefCount Protocol Flags Type St Inode Path`, the path with all its blanks.
    /// The title is none.
    fn parse(line: &'a [u8]) -> Option<Self> {
        use super::proc_table::{decimal, hexadecimal};
        let mut rest = line;
        word(&mut rest)?.strip_suffix(b":")?;
        let mut number = || word(&mut rest).and_then(hexadecimal);
        let (references, protocol, flags) = (number()?, number()?, number()?);
        let (kind, state) = (number()?, number()?);
        let inode = decimal(word(&mut rest)?)?;
        let path = rest.strip_prefix(b" ").filter(|path| !path.is_empty());
        Some(Self { references, protocol, flags, kind, state, inode, path })
    }
}

/// The next word, and what follows it from its blank on.
fn word<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let line = rest.trim_ascii_start();
    let end = line.iter().position(|octet| *octet == b' ').unwrap_or(line.len());
    let (word, after) = line.split_at(end);
    *rest = after;
    (!word.is_empty()).then_some(word)
}

impl UnixKind {
    /// The kind of a number (`SOCK_*`).
    #[must_use]
    pub const fn from_number(number: u16) -> Self {
        match number {
            1 => Self::Stream,
            2 => Self::Datagram,
            5 => Self::Packets,
            other => Self::Other(other),
        }
    }
}

impl UnixDetails {
    /// Nothing more.
    pub const NONE: Self = Self(0);
    /// [`UnixSocket::name`].
    pub const NAME: Self = Self(1);
    /// [`UnixSocket::file`].
    pub const FILE: Self = Self(1 << 1);
    /// [`UnixSocket::peer`].
    pub const PEER: Self = Self(1 << 2);
    /// [`UnixSocket::recv_queue`] and [`UnixSocket::send_queue`].
    pub const QUEUES: Self = Self(1 << 4);
    /// [`UnixSocket::memory`].
    pub const MEMORY: Self = Self(1 << 5);
    /// [`UnixSocket::uid`].
    pub const UID: Self = Self(1 << 6);
    /// All of them.
    pub const ALL: Self = Self(0b111_0111);
}

impl BitOr for UnixDetails {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

#[cfg(test)]
mod tests;
