//! The wire: whole datagrams of both families, in and out.
//!
//! A packet socket, because it writes any IP header to anybody without a route, and because it
//! sees the datagram before the kernel has an opinion of it. An answer goes to the neighbour that
//! the request came from. It never fragments and never reassembles.

use std::io;
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd};

use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, LinkAddr, MsgFlags, SockFlag, SockProtocol, SockType, recvfrom, sendto,
    setsockopt, socket, sockopt,
};

/// Every interface of the namespace, the loopback among them.
#[derive(Debug)]
pub(crate) struct Link {
    socket: OwnedFd,
    buffer: Vec<u8>,
}

impl Link {
    /// Needs `CAP_NET_RAW` in the namespace.
    pub(crate) fn open() -> io::Result<Self> {
        const RECEIVE_BUFFER: usize = 8 << 20;
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        let kind = SockType::Datagram;
        let socket = socket(AddressFamily::Packet, kind, flags, SockProtocol::EthAll)?;
        // Needs CAP_NET_ADMIN in the first user namespace. Without it a flood loses requests.
        let _ = setsockopt(&socket, sockopt::RcvBufForce, &RECEIVE_BUFFER);
        Ok(Self { socket, buffer: vec![0; 0x1_0000] })
    }

    /// A datagram addressed to this host, and who sent it. `None`: none is waiting.
    pub(crate) fn receive(&mut self) -> io::Result<Option<(&[u8], LinkAddr)>> {
        /// `PACKET_HOST` of packet(7): neither our own output nor what others send to others.
        const TO_THIS_HOST: u8 = 0;
        loop {
            match recvfrom::<LinkAddr>(self.socket.as_raw_fd(), &mut self.buffer) {
                Ok((octets, Some(from))) if from.pkttype() == TO_THIS_HOST => {
                    return Ok(Some((&self.buffer[..octets], from)));
                }
                Ok(_) | Err(Errno::EINTR | Errno::ENETDOWN) => {}
                Err(Errno::EAGAIN) => return Ok(None),
                Err(why) => return Err(why.into()),
            }
        }
    }

    /// Sends a datagram as it is. A full queue loses it, as a wire would.
    pub(crate) fn send(&self, datagram: &[u8], to: &LinkAddr) -> io::Result<()> {
        match sendto(self.socket.as_raw_fd(), datagram, to, MsgFlags::empty()) {
            Ok(_) | Err(Errno::EAGAIN | Errno::ENOBUFS) => Ok(()),
            Err(why) => Err(why.into()),
        }
    }
}

impl AsFd for Link {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}
