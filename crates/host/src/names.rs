use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use dns_lookup::getnameinfo;

/// Reverse names, looked up beside the work.
///
/// One thread asks the system's resolver, one address at a time; whoever wants a name asks for it,
/// goes on, and looks again when the descriptor says that something has come. A name is decoration:
/// nothing ever waits here.
#[derive(Debug)]
pub struct Names {
    known: HashMap<SocketAddr, Name>,
    questions: Sender<SocketAddr>,
    answers: Receiver<(SocketAddr, Option<String>)>,
    wake: UnixStream,
}

/// What is known of an address's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// Nothing yet.
    Pending,
    /// It has none, or it will not come.
    None,
    /// This one. It was chosen by a stranger: escape it before printing.
    Known(String),
}

impl Names {
    /// Addresses that are asked for at once, and kept. Past that, addresses have no names: whoever
    /// sends replies from a million addresses shall not fill our memory.
    const LIMIT: usize = 4096;

    /// Starts the thread, which ends when this is dropped and its present question is answered.
    pub fn start() -> std::io::Result<Self> {
        let (questions, asked) = channel();
        let (answer, answers) = channel();
        let (wake, waker) = UnixStream::pair()?;
        wake.set_nonblocking(true)?;
        waker.set_nonblocking(true)?;
        thread::Builder::new().name("names".into()).spawn(move || work(&asked, &answer, &waker))?;
        Ok(Self { known: HashMap::new(), questions, answers, wake })
    }

    /// The name of an address, asked for if this is the first time.
    pub fn get(&mut self, address: SocketAddr) -> &Name {
        if !self.known.contains_key(&address) && self.known.len() < Self::LIMIT {
            let asked = self.questions.send(address).is_ok();
            self.known.insert(address, if asked { Name::Pending } else { Name::None });
        }
        self.known.get(&address).unwrap_or(&Name::None)
    }

    /// Takes in the answers that have come.
    pub fn collect(&mut self) {
        let mut octets = [0; 64];
        while (&self.wake).read(&mut octets).is_ok_and(|n| n > 0) {}
        for (address, name) in self.answers.try_iter() {
            self.known.insert(address, name.map_or(Name::None, Name::Known));
        }
    }
}

/// Readable when there is something to [`collect`](Names::collect).
impl AsFd for Names {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.wake.as_fd()
    }
}

fn work(
    asked: &Receiver<SocketAddr>,
    answers: &Sender<(SocketAddr, Option<String>)>,
    wake: &UnixStream,
) {
    for address in asked {
        /// `NI_NAMEREQD` of Linux: a number is not a name.
        const NAME_REQUIRED: i32 = 8;
        let name = getnameinfo(&address, NAME_REQUIRED).ok().map(|(name, _)| name);
        if answers.send((address, name)).is_err() {
            return;
        }
        // A full pipe has enough in it to wake anybody.
        let _ = (&*wake).write(&[0]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    #[test]
    fn loopback_is_named_by_the_hosts_file_after_a_while() {
        let mut names = Names::start().unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        assert_eq!(names.get(address), &Name::Pending);
        let mut fds = [PollFd::new(&names, PollFlags::IN)];
        poll(&mut fds, Some(&Timespec { tv_sec: 30, tv_nsec: 0 })).unwrap();
        names.collect();
        assert_ne!(names.get(address), &Name::Pending);
    }
}
