use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;

use dns_lookup::getnameinfo;

use crate::lookups::{Answer, Lookups};

/// Reverse names, looked up beside the work.
///
/// Threads ask the system's resolver, each one address at a time; whoever wants a name asks for it,
/// goes on, and looks again when the descriptor says that something has come. A name is decoration:
/// nothing ever waits here.
#[derive(Debug)]
pub struct Names(Lookups<SocketAddr, String>);

/// What is known of an address's name. One that is known was chosen by a stranger: escape it before
/// printing.
pub type Name = Answer<String>;

impl Names {
    /// Starts so many threads, which end when this is dropped and their present questions are answered.
    pub fn start(at_once: usize) -> io::Result<Self> {
        let worker = |_| |address, _: &UnixStream| name(address);
        Lookups::start("names", (0..at_once.max(1)).map(worker)).map(Self)
    }

    /// The name of an address, asked for if this is the first time. There is none past a few
    /// thousand addresses.
    pub fn get(&mut self, address: SocketAddr) -> &Name {
        self.0.get(address)
    }

    /// Takes in the answers that have come.
    pub fn collect(&mut self) {
        self.0.collect();
    }
}

/// Readable when there is something to [`collect`](Names::collect).
impl AsFd for Names {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// The name of an address, waited for. A stranger chose it: escape it before printing.
#[must_use]
pub fn host_name(address: IpAddr) -> Option<String> {
    name(SocketAddr::new(address, 0))
}

fn name(address: SocketAddr) -> Option<String> {
    /// `NI_NAMEREQD` of Linux: a number is not a name.
    const NAME_REQUIRED: i32 = 8;
    getnameinfo(&address, NAME_REQUIRED).ok().map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    #[test]
    fn loopback_is_named_by_the_hosts_file_after_a_while() {
        let mut names = Names::start(1).unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        assert_eq!(names.get(address), &Name::Pending);
        let mut fds = [PollFd::new(&names, PollFlags::IN)];
        poll(&mut fds, Some(&Timespec { tv_sec: 30, tv_nsec: 0 })).unwrap();
        names.collect();
        assert_ne!(names.get(address), &Name::Pending);
    }
}
