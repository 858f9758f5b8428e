use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::retry_on_intr;
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, timerfd_create, timerfd_settime,
};

/// A connection to a server that is not trusted: it waits no longer than a second for a whole
/// answer, and takes in no more than 64 KiB.
#[derive(Debug)]
pub(super) struct Connection(TcpStream);

/// What a server said. Carriage returns are left out.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) text: Vec<u8>,
    pub(super) end: End,
}

/// How an answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// With two empty lines: the server may be asked again. (The RIPE Database and `IRRd` do so.)
    EmptyLines,
    /// With the connection (RFC 3912 §2).
    Close,
}

impl Connection {
    /// For the connection, and once more for each answer.
    const PATIENCE: Duration = Duration::from_secs(1);

    /// In octets.
    const LONGEST_ANSWER: usize = 64 << 10;

    pub(super) fn open(server: &SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(server, Self::PATIENCE)?;
        stream.set_nonblocking(true)?;
        Ok(Self(stream))
    }

    /// Whether the server has neither closed it nor said anything that was not asked for.
    pub(super) fn is_quiet(&self) -> bool {
        let mut octet = [0];
        self.0.peek(&mut octet).is_err_and(|why| why.kind() == ErrorKind::WouldBlock)
    }

    /// Asks, and waits for the whole of the answer, up to the first of these ends that it comes to.
    /// Anything else is an error: no end in time, or none within the limit; and that `nobody`, which
    /// is hung up then, wants it any more.
    pub(super) fn ask(
        &mut self,
        question: &str,
        end: End,
        nobody: BorrowedFd<'_>,
    ) -> io::Result<Said> {
        self.0.write_all(question.as_bytes())?;
        let alarm = alarm(Self::PATIENCE)?;
        let mut text = Vec::new();
        while text.len() <= Self::LONGEST_ANSWER {
            self.wait(&alarm, nobody)?;
            if self.read(&mut text)? == 0 {
                return Ok(Said { text, end: End::Close });
            }
            if end == End::EmptyLines && is_whole(&text) {
                return Ok(Said { text, end });
            }
        }
        Err(ErrorKind::InvalidData.into())
    }

    /// Reads what is there, and says how much that was.
    fn read(&mut self, text: &mut Vec<u8>) -> io::Result<usize> {
        let mut octets = [0; 4096];
        let count = match self.0.read(&mut octets) {
            // It was woken for nothing.
            Err(why) if matches!(why.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {
                return Ok(1);
            }
            other => other?,
        };
        text.extend(octets[..count].iter().filter(|octet| **octet != b'\r'));
        Ok(count)
    }

    /// Waits for something to read. The alarm goes first, or a server that never stops would stop it.
    fn wait(&self, alarm: &OwnedFd, nobody: BorrowedFd<'_>) -> io::Result<()> {
        let mut fds = [
            PollFd::from_borrowed_fd(nobody, PollFlags::empty()),
            PollFd::new(alarm, PollFlags::IN),
            PollFd::from_borrowed_fd(self.0.as_fd(), PollFlags::IN),
        ];
        retry_on_intr(|| poll(&mut fds, None))?;
        match fds.map(|fd| fd.revents().is_empty()) {
            [false, ..] => Err(ErrorKind::ConnectionAborted.into()),
            [_, false, _] => Err(ErrorKind::TimedOut.into()),
            _ => Ok(()),
        }
    }
}

/// Two empty lines at its end, with something before them.
fn is_whole(text: &[u8]) -> bool {
    text.ends_with(b"\n\n\n") && !text.trim_ascii().is_empty()
}

/// A descriptor that is readable after a while, so that nobody here need read a clock.
fn alarm(after: Duration) -> io::Result<OwnedFd> {
    let alarm = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::CLOEXEC)?;
    let it_value = Timespec::try_from(after).map_err(|_| ErrorKind::InvalidInput)?;
    let it_interval = Timespec { tv_sec: 0, tv_nsec: 0 };
    timerfd_settime(&alarm, TimerfdTimerFlags::empty(), &Itimerspec { it_interval, it_value })?;
    Ok(alarm)
}
