use std::collections::VecDeque;
use std::os::fd::{AsFd, BorrowedFd};

use super::{Neighbour, told};
use crate::links::{self, Link};
use crate::netlink::{Netlink, NetlinkError, Subsystem};

/// What happened to neighbours and links, told as it happens.
#[derive(Debug)]
pub struct Changes {
    netlink: Netlink,
    heard: VecDeque<Change>,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// An entry is new, or is now so.
    Neighbour(Neighbour),
    /// An entry is gone.
    NeighbourGone(Neighbour),
    /// A link is new, or is now so.
    Link(Link),
    /// A link is gone.
    LinkGone(Link),
    /// More happened than there was room for: what is known is to be read again.
    Lost,
}

/// `RTMGRP_LINK`.
const LINKS: u32 = 0x1;
/// `RTMGRP_NEIGH`.
const NEIGHBOURS: u32 = 0x4;

impl Changes {
    /// Hears from now on. It is told of what has been changed, and not of what there is.
    pub fn subscribe() -> Result<Self, NetlinkError> {
        Self::of(LINKS | NEIGHBOURS)
    }

    /// As [`subscribe`](Self::subscribe), of links alone.
    pub fn of_links() -> Result<Self, NetlinkError> {
        Self::of(LINKS)
    }

    fn of(groups: u32) -> Result<Self, NetlinkError> {
        let netlink = Netlink::subscribe(Subsystem::Route, groups)?;
        Ok(Self { netlink, heard: VecDeque::new() })
    }

    /// The next change, without waiting; `None` where nothing has happened since.
    pub fn poll(&mut self) -> Result<Option<Change>, NetlinkError> {
        loop {
            if let Some(change) = self.heard.pop_front() {
                return Ok(Some(change));
            }
            match self.netlink.heard() {
                Ok(None) => return Ok(None),
                Ok(Some(messages)) => {
                    self.heard.extend(messages.flatten().filter_map(|message| change(&message)));
                }
                Err(NetlinkError::Lost) => return Ok(Some(Change::Lost)),
                Err(why) => return Err(why),
            }
        }
    }
}

fn change(message: &crate::netlink::Message<'_>) -> Option<Change> {
    if let Some((neighbour, is_there)) = told(message) {
        let change = if is_there { Change::Neighbour } else { Change::NeighbourGone };
        return Some(change(neighbour));
    }
    let (link, is_there) = links::told(message)?;
    Some(if is_there { Change::Link(link) } else { Change::LinkGone(link) })
}

/// Readable when something has happened.
impl AsFd for Changes {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.netlink.as_fd()
    }
}
