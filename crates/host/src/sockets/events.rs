//! Sockets as they are closed (`SKNLGRP_*_DESTROY`). Nobody tells of those that are opened.

use std::os::fd::{AsFd, BorrowedFd};

use rustix::net::sockopt::set_socket_recv_buffer_size_force;

use super::{Details, InetSocket, Protocol, diag};
use crate::netlink::{Message, Netlink, NetlinkError, Subsystem};

/// Hears of every TCP and UDP socket that is closed in the network namespace where it was opened.
#[derive(Debug)]
pub struct Closings(Netlink);

/// What was heard.
#[derive(Clone, Debug, PartialEq)]
pub enum Closed {
    /// A socket as it was at its end.
    Socket(Box<InetSocket>),
    /// Some, nobody knows how many: they came faster than they were taken.
    Lost,
}

/// A bit each for TCP and UDP of both families (`linux/sock_diag.h`, `enum sknetlink_groups`).
const GROUPS: u32 = 0b1111;

/// In octets, of which a socket takes about a thousand.
const ROOM: usize = 16 << 20;

impl Closings {
    /// Starts to listen.
    pub fn open() -> Result<Self, NetlinkError> {
        Netlink::subscribe(Subsystem::SockDiag, GROUPS).map(Self)
    }

    /// Makes room for many that are closed at once, for which `CAP_NET_ADMIN` is needed. Without it there
    /// is as much as everybody has: a few hundred.
    pub fn make_room(&self) {
        // What is lost is told, with or without.
        let _ = set_socket_recv_buffer_size_force(&self.0, ROOM);
    }

    /// Takes what has come, without waiting: one batch, or nothing where nothing has come.
    pub fn take(&mut self, mut each: impl FnMut(Closed)) -> Result<(), NetlinkError> {
        match self.0.heard() {
            Ok(messages) => {
                let messages = messages.into_iter().flatten().flatten();
                messages.filter_map(closed).for_each(each);
                Ok(())
            }
            Err(NetlinkError::Lost) => {
                each(Closed::Lost);
                Ok(())
            }
            Err(err) => Err(err),
        }
    }
}

fn closed(message: Message<'_>) -> Option<Closed> {
    if message.kind != diag::BY_FAMILY {
        return None;
    }
    let protocol = diag::protocol(message.payload).unwrap_or(Protocol::Tcp);
    let mut socket = diag::parse(message.payload, protocol, Details::ALL)?;
    // One less than nothing: what the kernel counts for the socket itself has gone already.
    if socket.send_queue == u32::MAX {
        socket.send_queue = 0;
    }
    Some(Closed::Socket(Box::new(socket)))
}

/// Readable when there is something to [`take`](Closings::take).
impl AsFd for Closings {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
