//! The sockets of this machine: `sock_diag(7)`, and `/proc/net` where a kernel has none.
//!
//! Rows are handed over one by one and kept by nobody here, so that a million of them take no more
//! memory than a few. What is read is what was true while it was read: sockets come and go meanwhile.

use std::cell::Cell;
use std::ops::{BitOr, ControlFlow};
use std::path::{Path, PathBuf};
use std::{fs, io};

use rustix::io::Errno;

use crate::Family;
use crate::netlink::{Dumped, Netlink, NetlinkError, Subsystem};

mod diag;
mod events;
mod exact;
pub mod filter;
mod kind;
mod proc_table;
mod recent;
mod row;
mod tcp_info;
mod unix;

pub use events::{Closed, Closings};
pub use exact::{DestroyError, Tuple};
pub use kind::{Protocol, State, States, Timer, TimerKind};
use recent::Recent;
pub use row::{CongestionInfo, Endpoint, Extra, InetSocket, Memory, ShortName};
pub use tcp_info::TcpInfo;
pub use unix::{UnixDetails, UnixEntry, UnixKind, UnixSocket};

/// Reads the tables of one network namespace: that of the thread which opened it, and which is to read
/// them, as files are always those of the thread that opens them.
#[derive(Debug)]
pub struct Sockets {
    netlink: Result<Netlink, NetlinkError>,
    proc: PathBuf,
}

/// Which sockets, and what of them.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Of which protocol.
    pub protocol: Protocol,
    /// Of which family.
    pub family: Family,
    /// In which states. Without connections, none is looked at.
    pub states: States,
    /// What is wanted beside what a plain table shows.
    pub details: Details,
    /// A filter for the kernel (`INET_DIAG_REQ_BYTECODE`); none if empty. It may not be heeded: see
    /// [`Reading::is_filtered`].
    pub bytecode: &'a [u8],
}

/// What may be asked for beside what a plain table shows. Each costs time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Details(u8);

/// Where rows are from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// `sock_diag(7)`.
    #[default]
    Netlink,
    /// `/proc/net`: no details, no cookies, no interfaces, no filter by the kernel, listeners without
    /// the length of their queue.
    Proc,
}

/// How the reading of a table ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Where the rows are from.
    pub source: Source,
    /// Whoever took the rows wanted no more.
    pub is_stopped: bool,
    /// The kernel says that the table changed meanwhile. That it does not is no promise.
    pub is_interrupted: bool,
    /// The kernel has passed over what [`Request::bytecode`] does not let through. Where it has not,
    /// because it does not know the filter or has none, all rows were handed over.
    pub is_filtered: bool,
}

/// Why a table cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SocketsError {
    /// Neither by netlink nor from a file.
    #[error(transparent)]
    Netlink(#[from] NetlinkError),
    /// The file that was to stand in for netlink.
    #[error("{}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl SocketsError {
    /// Whether there is no such table here: the kernel was made without the protocol.
    #[must_use]
    pub fn is_absence(&self) -> bool {
        match self {
            Self::Netlink(err) => is_absence(err),
            Self::File { source, .. } => source.kind() == io::ErrorKind::NotFound,
        }
    }
}

/// Where tables are, of the thread that looks: a thread can be in a namespace of its own.
const PROC: &str = "/proc/thread-self/net";

/// How many rows of IPv6 are kept while those of IPv4 are handed over: 3.5 MiB of them.
const MOST_KEPT: usize = 1 << 15;

impl Sockets {
    /// Opens the kernel's tables. Where it has no `sock_diag(7)`, files are read instead.
    #[must_use]
    pub fn open() -> Self {
        Self { netlink: Netlink::open(Subsystem::SockDiag), proc: PROC.into() }
    }

    /// Reads files only, those of this folder: `/proc/thread-self/net`, or copies of what another
    /// machine has there.
    #[must_use]
    pub fn files(folder: impl Into<PathBuf>) -> Self {
        let source = Errno::PROTONOSUPPORT.into();
        Self { netlink: Err(NetlinkError::Call { call: "socket", source }), proc: folder.into() }
    }

    /// Hands over the sockets of a protocol: those of IPv4, then those of IPv6, each with listeners
    /// first and then in the order of the kernel's hash table, as in `/proc/net`.
    ///
    /// Rows are good even if an error follows, but not all there are. A socket that comes again because
    /// the table changed meanwhile is passed over.
    pub fn inet(
        &mut self,
        request: &Request<'_>,
        mut each: impl FnMut(InetSocket) -> ControlFlow<()>,
    ) -> Result<Reading, SocketsError> {
        let (mut recent, is_first) = (Recent::default(), Cell::new(true));
        let mut each = |socket: InetSocket| {
            is_first.set(false);
            if recent.has(&socket) { ControlFlow::Continue(()) } else { each(socket) }
        };
        let is_refused = |err: &NetlinkError| is_first.get() && is_absence(err);
        let mut refused = match self.by_netlink(request, &mut each) {
            Err(err) if is_refused(&err) => err,
            read => return Ok(read?),
        };
        if !request.bytecode.is_empty() {
            let request = Request { bytecode: &[], ..*request };
            refused = match self.by_netlink(&request, &mut each) {
                Err(err) if is_refused(&err) => err,
                read => return Ok(read?),
            };
        }
        // What has no table at all is refused in the words of netlink.
        let read = proc_table::read(&self.proc, request, &mut each);
        read.map_err(|file| file.unwrap_or_else(|| refused.into()))
    }

    fn by_netlink(
        &mut self,
        request: &Request<'_>,
        each: Each<'_>,
    ) -> Result<Reading, NetlinkError> {
        let in_one_walk = self.one_walk_will_do(request);
        let netlink = self.netlink.as_mut().map_err(|err| err.again())?;
        let read = if in_one_walk {
            both(netlink, request, each)
        } else {
            one_by_one(netlink, request, each)
        };
        Ok(Reading { is_filtered: !request.bytecode.is_empty(), ..read? })
    }

    /// Whether so few sockets are of IPv6 that they can be kept meanwhile (`/proc/net/sockstat6`).
    fn one_walk_will_do(&self, request: &Request<'_>) -> bool {
        let is_few = || v6_sockets(&self.proc).is_none_or(|count| count <= MOST_KEPT);
        self.netlink.is_ok()
            && request.protocol == Protocol::Tcp
            && request.family == Family::Any
            && (request.states == States::LISTEN || is_few())
    }
}

/// Whether an answer says that the kernel has no such table, or not for us: then there are files.
fn is_absence(err: &NetlinkError) -> bool {
    let absent = [
        Errno::NOENT,
        Errno::INVAL,
        Errno::PROTONOSUPPORT,
        Errno::ACCESS,
        Errno::PERM,
        Errno::OPNOTSUPP,
        Errno::AFNOSUPPORT,
    ];
    err.errno().is_some_and(|errno| absent.iter().any(|known| known.raw_os_error() == errno))
}

/// TCP sockets of IPv6, those in `TIME_WAIT` aside.
fn v6_sockets(proc: &Path) -> Option<usize> {
    let text = fs::read_to_string(proc.join("sockstat6")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("TCP6: inuse "))?;
    line.trim().parse().ok()
}

type Each<'a> = &'a mut dyn FnMut(InetSocket) -> ControlFlow<()>;

/// A dump for each family.
fn one_by_one(
    netlink: &mut Netlink,
    request: &Request<'_>,
    each: Each<'_>,
) -> Result<Reading, NetlinkError> {
    let mut read = Reading::default();
    for family in families(request.family) {
        read.add(of_family(netlink, request, *family, each)?);
        if read.is_stopped {
            break;
        }
    }
    Ok(read)
}

fn of_family(
    netlink: &mut Netlink,
    request: &Request<'_>,
    family: u8,
    each: Each<'_>,
) -> Result<Dumped, NetlinkError> {
    let question = diag::question(request, family)?;
    netlink.dump(diag::BY_FAMILY, &question, |message| {
        match diag::parse(message.payload, request.protocol, request.details) {
            Some(socket) => each(socket),
            None => ControlFlow::Continue(()),
        }
    })
}

/// One walk through the table for both families, where the kernel offers it. The rows of IPv6 are
/// kept until those of IPv4 are through; should there be too many, they are asked for again.
fn both(
    netlink: &mut Netlink,
    request: &Request<'_>,
    each: Each<'_>,
) -> Result<Reading, NetlinkError> {
    let mut kept = Vec::new();
    let mut has_room = true;
    let question = diag::legacy_question(request)?;
    let dumped = netlink.dump(diag::LEGACY_TCP, &question, |message| {
        let socket = diag::parse(message.payload, request.protocol, request.details);
        let Some(socket) = socket else { return ControlFlow::Continue(()) };
        if !socket.is_v6() {
            return each(socket);
        }
        if has_room {
            has_room = kept.len() < MOST_KEPT;
            kept.push(socket);
        }
        ControlFlow::Continue(())
    });
    let dumped = match dumped {
        Err(err) if is_absence(&err) => return one_by_one(netlink, request, each),
        dumped => dumped?,
    };
    let mut read = Reading::from(dumped);
    if read.is_stopped {
        return Ok(read);
    }
    if has_room {
        read.is_stopped = kept.into_iter().try_for_each(each).is_break();
    } else {
        drop(kept);
        read.add(of_family(netlink, request, diag::AF_INET6, each)?);
    }
    Ok(read)
}

const fn families(family: Family) -> &'static [u8] {
    match family {
        Family::Any => &[diag::AF_INET, diag::AF_INET6],
        Family::V4 => &[diag::AF_INET],
        Family::V6 => &[diag::AF_INET6],
    }
}

impl Reading {
    const fn add(&mut self, dumped: Dumped) {
        self.is_stopped |= dumped.is_stopped;
        self.is_interrupted |= dumped.is_interrupted;
    }
}

impl From<Dumped> for Reading {
    fn from(dumped: Dumped) -> Self {
        let mut read = Self::default();
        read.add(dumped);
        read
    }
}

impl Request<'_> {
    /// Every socket of a protocol, of both families, as plain as can be.
    #[must_use]
    pub const fn new(protocol: Protocol) -> Self {
        let (states, details) = (States::ALL, Details::NONE);
        Request { protocol, family: Family::Any, states, details, bytecode: &[] }
    }
}

impl Details {
    /// Nothing more.
    pub const NONE: Self = Self(0);
    /// [`Extra::tcp_info`], and with it both counts of [`Timer`]. A quarter more time.
    pub const TCP_INFO: Self = Self(1 << 1);
    /// [`Extra::congestion`] and what the algorithm tells.
    pub const CONGESTION: Self = Self(1 << 2 | 1 << 3);
    /// [`Extra::tos`], [`Extra::traffic_class`], [`Extra::class_id`].
    pub const TOS: Self = Self(1 << 4 | 1 << 5);
    /// [`Extra::memory`].
    pub const MEMORY: Self = Self(1 << 6);
    /// What the kernel tells without being asked: mark, cgroup, shutdown, options, the protocol of a
    /// raw socket and the one on top of it.
    pub const COMMON: Self = Self(1 << 7);
    /// All there is.
    pub const ALL: Self = Self(0xfe);

    /// As `idiag_ext` has them.
    const fn octet(self) -> u8 {
        self.0
    }
}

impl BitOr for Details {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

#[cfg(test)]
mod tests;
