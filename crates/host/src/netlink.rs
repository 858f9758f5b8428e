//! Questions to the kernel over netlink(7), and its answers in order.
//!
//! One buffer serves for everything that is received. Nothing that arrives is believed: sender,
//! sequence numbers and lengths are looked at, and what does not fit is an error and no panic.

use std::io;
use std::ops::ControlFlow;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::io::{Errno, retry_on_intr};
use rustix::net::netlink::{SOCK_DIAG, SocketAddrNetlink};
use rustix::net::sockopt::{Timeout, set_socket_timeout};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvFlags, ReturnFlags, SendFlags, SocketFlags, SocketType,
    bind, getsockname, recvmsg, sendto, socket_with,
};

mod message;

pub use message::{Attributes, BadMessage, Message, Messages, push_attribute};
use message::{Header, flags, kinds};

/// Which part of the kernel to speak with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subsystem {
    /// Interfaces, addresses, routes, neighbours (rtnetlink(7)).
    Route,
    /// Sockets (`sock_diag(7)`).
    SockDiag,
}

/// A netlink socket. It stays in the network namespace in which it was opened.
#[derive(Debug)]
pub struct Netlink {
    fd: OwnedFd,
    buffer: Box<[u8]>,
    port: u32,
    sequence: u32,
    is_midway: bool,
}

/// How a dump ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dumped {
    /// The kernel says that what was dumped changed meanwhile (`NLM_F_DUMP_INTR`).
    pub is_interrupted: bool,
    /// Whoever took the messages wanted no more.
    pub is_stopped: bool,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NetlinkError {
    /// A system call failed.
    #[error("{call}")]
    Call {
        /// Its name, as the manual has it.
        call: &'static str,
        /// What it returned.
        source: io::Error,
    },
    /// The kernel answered with an errno, and on some kernels with a sentence.
    #[error("netlink{}", message.as_ref().map(|text| format!(": {text}")).unwrap_or_default())]
    Refused {
        /// Such as `ENOENT`: nothing of the kind.
        #[source]
        source: io::Error,
        /// What the kernel says of it (`NLMSGERR_ATTR_MSG`).
        message: Option<String>,
    },
    /// Messages were lost, because they came faster than they were read (`ENOBUFS`).
    #[error("netlink: messages were lost")]
    Lost,
    /// An answer longer than the buffer.
    #[error("netlink: an answer was cut off")]
    CutOff,
    /// An answer that contradicts itself.
    #[error(transparent)]
    Bad(#[from] BadMessage),
}

/// In octets: the kernel fills no more at once, however much room there is.
const BUFFER: usize = 32 << 10;

/// For an answer that the kernel has at hand, always.
const PATIENCE: Duration = Duration::from_secs(10);

/// What becomes of something that is there already, or is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write {
    /// It has to be there.
    Change,
    /// It must not be there (`NLM_F_CREATE`, `NLM_F_EXCL`).
    Create,
    /// Either way, it is as asked for afterwards (`NLM_F_CREATE`, `NLM_F_REPLACE`).
    Put,
}

/// What ends an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// `NLMSG_DONE`.
    Done,
    /// The first message of it.
    Reply,
    /// `NLMSG_ERROR` with no error.
    Acknowledgement,
}

impl Netlink {
    /// Opens a socket to ask with.
    pub fn open(subsystem: Subsystem) -> Result<Self, NetlinkError> {
        Self::subscribe(subsystem, 0)
    }

    /// Opens a socket that hears what the kernel tells everybody: `groups` has a bit for each group,
    /// the lowest for number 1.
    pub fn subscribe(subsystem: Subsystem, groups: u32) -> Result<Self, NetlinkError> {
        let protocol = match subsystem {
            Subsystem::Route => None,
            Subsystem::SockDiag => Some(SOCK_DIAG),
        };
        let (family, flags) = (AddressFamily::NETLINK, SocketFlags::CLOEXEC);
        let fd = socket_with(family, SocketType::RAW, flags, protocol).map_err(call("socket"))?;
        bind(&fd, &SocketAddrNetlink::new(0, groups)).map_err(call("bind"))?;
        set_socket_timeout(&fd, Timeout::Recv, Some(PATIENCE)).map_err(call("setsockopt"))?;
        let own = getsockname(&fd).and_then(SocketAddrNetlink::try_from);
        let port = own.map_err(call("getsockname"))?.pid();
        let buffer = vec![0; BUFFER].into();
        Ok(Self { fd, buffer, port, sequence: 0, is_midway: false })
    }

    /// Asks for everything of a kind (`NLM_F_DUMP`); `each` takes the messages as they come.
    ///
    /// What was taken before an error is to be thrown away. The rest of a dump that `each` stops is
    /// passed over when the next question is asked.
    pub fn dump(
        &mut self,
        kind: u16,
        payload: &[u8],
        each: impl FnMut(Message<'_>) -> ControlFlow<()>,
    ) -> Result<Dumped, NetlinkError> {
        self.send(kind, flags::DUMP, payload)?;
        self.answer(End::Done, each)
    }

    /// Asks for one thing; `each` takes it.
    pub fn get(
        &mut self,
        kind: u16,
        payload: &[u8],
        mut each: impl FnMut(Message<'_>),
    ) -> Result<(), NetlinkError> {
        self.send(kind, 0, payload)?;
        let each = |message: Message<'_>| {
            each(message);
            ControlFlow::Continue(())
        };
        self.answer(End::Reply, each).map(drop)
    }

    /// Has something done (`NLM_F_ACK`).
    pub fn command(&mut self, kind: u16, payload: &[u8]) -> Result<(), NetlinkError> {
        self.change(kind, Write::Change, payload)
    }

    /// As [`command`](Self::command), of something that may not be there yet, or may.
    pub fn change(&mut self, kind: u16, write: Write, payload: &[u8]) -> Result<(), NetlinkError> {
        let write = match write {
            Write::Change => 0,
            Write::Create => flags::CREATE | flags::EXCLUSIVE,
            Write::Put => flags::CREATE | flags::REPLACE,
        };
        self.send(kind, flags::ACK | write, payload)?;
        self.answer(End::Acknowledgement, |_| ControlFlow::Continue(())).map(drop)
    }

    /// What a subscription has heard, without waiting: one batch, or `None` where nothing waits.
    /// [`NetlinkError::Lost`] is told once, and what is heard after it is good.
    pub fn heard(&mut self) -> Result<Option<Messages<'_>>, NetlinkError> {
        match receive(&self.fd, &mut self.buffer, RecvFlags::DONTWAIT) {
            Ok(length) => Ok(Some(Messages::new(&self.buffer[..length]))),
            Err(NetlinkError::Call { source, .. })
                if source.kind() == io::ErrorKind::WouldBlock =>
            {
                Ok(None)
            }
            Err(err) => Err(err),
        }
    }

    fn send(&mut self, kind: u16, flags: u16, payload: &[u8]) -> Result<(), NetlinkError> {
        self.pass_over();
        self.sequence = self.sequence.wrapping_add(1);
        let flags = flags::REQUEST | flags;
        let request = Header::request(kind, flags, self.sequence, payload)
            .ok_or(BadMessage("a question too long"))?;
        let kernel = SocketAddrNetlink::new(0, 0);
        let sent = retry_on_intr(|| sendto(&self.fd, &request, SendFlags::empty(), &kernel));
        sent.map_err(call("sendto"))?;
        self.is_midway = true;
        Ok(())
    }

    /// The rest of an answer that nobody wanted to the end. The kernel makes the next part of it while
    /// one is taken, so that there is nothing to wait for.
    fn pass_over(&mut self) {
        while self.is_midway {
            let length = receive(&self.fd, &mut self.buffer, RecvFlags::DONTWAIT);
            let Ok(length) = length else { break };
            let ends = |kind| kind == kinds::DONE || kind == kinds::ERROR;
            let mut messages = Messages::new(&self.buffer[..length]).flatten();
            self.is_midway = !messages.any(|message| ends(message.kind));
        }
        self.is_midway = false;
    }

    fn answer(
        &mut self,
        end: End,
        mut each: impl FnMut(Message<'_>) -> ControlFlow<()>,
    ) -> Result<Dumped, NetlinkError> {
        let mut dumped = Dumped::default();
        loop {
            let length = receive(&self.fd, &mut self.buffer, RecvFlags::empty())?;
            for message in Messages::new(&self.buffer[..length]) {
                let message = message?;
                if message.sequence != self.sequence || message.port != self.port {
                    continue;
                }
                dumped.is_interrupted |= message.flags & flags::DUMP_INTERRUPTED != 0;
                match message.kind {
                    kinds::NOOP => {}
                    kinds::OVERRUN => return Err(NetlinkError::Lost),
                    kinds::DONE | kinds::ERROR => {
                        self.is_midway = false;
                        return message.verdict().map(|()| dumped);
                    }
                    _ if each(message).is_break() => {
                        return Ok(Dumped { is_stopped: true, ..dumped });
                    }
                    _ if end == End::Reply => {
                        self.is_midway = false;
                        return Ok(dumped);
                    }
                    _ => {}
                }
            }
        }
    }
}

/// Readable when a subscription has heard something.
impl AsFd for Netlink {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

/// One datagram of the kernel's; those of others are passed over.
fn receive(fd: &OwnedFd, buffer: &mut [u8], flags: RecvFlags) -> Result<usize, NetlinkError> {
    loop {
        let received = retry_on_intr(|| {
            let mut parts = [io::IoSliceMut::new(buffer)];
            recvmsg(fd, &mut parts, &mut RecvAncillaryBuffer::default(), flags)
        });
        let received = match received {
            Ok(received) => received,
            Err(Errno::NOBUFS) => return Err(NetlinkError::Lost),
            Err(errno) => return Err(call("recvmsg")(errno)),
        };
        let sender = received.address.and_then(|from| SocketAddrNetlink::try_from(from).ok());
        if sender.is_none_or(|sender| sender.pid() != 0) {
            continue;
        }
        if received.flags.contains(ReturnFlags::TRUNC) {
            return Err(NetlinkError::CutOff);
        }
        return Ok(received.bytes);
    }
}

impl NetlinkError {
    /// What the kernel said, in either way of saying it.
    #[must_use]
    pub fn errno(&self) -> Option<i32> {
        match self {
            Self::Call { source, .. } | Self::Refused { source, .. } => source.raw_os_error(),
            Self::Lost => Some(Errno::NOBUFS.raw_os_error()),
            Self::CutOff | Self::Bad(_) => None,
        }
    }

    /// The same of a socket that could not be opened, for whoever asks next.
    pub(crate) fn again(&self) -> Self {
        let source = self.errno().map_or(io::ErrorKind::Other.into(), io::Error::from_raw_os_error);
        Self::Call { call: "socket", source }
    }
}

fn call(call: &'static str) -> impl FnOnce(Errno) -> NetlinkError {
    move |errno| NetlinkError::Call { call, source: errno.into() }
}

#[cfg(test)]
mod tests;
