//! A packet socket on one interface, see `packet(7)`.

use std::io::{self, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd};

use nix::cmsg_space;
use nix::errno::Errno;
use nix::ifaddrs::getifaddrs;
use nix::sys::socket::{
    AddressFamily, ControlMessageOwned, LinkAddr, MsgFlags, SockFlag, SockProtocol, SockType, bind,
    recvmsg, send, setsockopt, socket, sockopt,
};
use nix::sys::time::TimeSpec;

use crate::clock::{nanoseconds, now};

/// `PACKET_OUTGOING`: a frame that this machine sends, which the socket sees too.
const OUTGOING: u8 = 4;
/// More than the default, since the machine may keep us waiting. In bytes.
const BUFFER: usize = 4 << 20;

#[derive(Debug)]
pub(crate) struct Port {
    socket: OwnedFd,
    index: usize,
}

/// What one look at a port may find.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// A frame of so many octets, and when it came.
    Frame(usize, u64),
    /// One that is not ours to relay.
    Stray,
    /// Nothing yet.
    Nothing,
}

impl Port {
    pub(crate) fn open(interface: &str) -> io::Result<Self> {
        let missing = || io::Error::other(format!("no interface {interface:?}"));
        let mut addresses = getifaddrs()?.filter(|entry| entry.interface_name == interface);
        let address = addresses.find_map(|entry| entry.address?.as_link_addr().copied());
        let address = address.ok_or_else(missing)?;
        let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
        let socket = socket(AddressFamily::Packet, SockType::Raw, flags, SockProtocol::EthAll)?;
        setsockopt(&socket, sockopt::ReceiveTimestampns, &true)?;
        setsockopt(&socket, sockopt::RcvBuf, &BUFFER)?;
        bind(socket.as_raw_fd(), &address)?;
        Ok(Self { socket, index: address.ifindex() })
    }

    pub(crate) fn receive(&self, buffer: &mut [u8]) -> io::Result<Arrival> {
        let mut control = cmsg_space!(TimeSpec);
        let mut parts = [IoSliceMut::new(buffer)];
        let message = recvmsg::<LinkAddr>(
            self.socket.as_raw_fd(),
            &mut parts,
            Some(&mut control),
            MsgFlags::MSG_DONTWAIT,
        );
        let message = match message {
            // ENETDOWN: the interface went down, and may come up again.
            Err(Errno::EAGAIN | Errno::EINTR | Errno::ENETDOWN) => return Ok(Arrival::Nothing),
            message => message?,
        };
        // Before it was bound the socket took frames from everywhere.
        let is_ours = |from: LinkAddr| from.ifindex() == self.index && from.pkttype() != OUTGOING;
        if !message.address.is_some_and(is_ours) {
            return Ok(Arrival::Stray);
        }
        let arrived = message.cmsgs()?.find_map(|control| match control {
            ControlMessageOwned::ScmTimestampns(time) => {
                Some(nanoseconds(time.tv_sec(), time.tv_nsec()))
            }
            _ => None,
        });
        Ok(Arrival::Frame(message.bytes, arrived.unwrap_or_else(now)))
    }

    /// Whether the kernel took the frame.
    pub(crate) fn send(&self, frame: &[u8]) -> bool {
        send(self.socket.as_raw_fd(), frame, MsgFlags::empty()).is_ok()
    }
}

impl AsFd for Port {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
