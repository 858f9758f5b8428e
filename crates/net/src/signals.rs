use std::io::Read as _;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGALRM, SIGINT, SIGQUIT, SIGTERM};

use crate::{Error, Result};

/// Ctrl-C, SIGTERM and Ctrl-\, as something to look at and something to poll.
///
/// A flag alone can be set between the moment it is read and the moment the wait begins, and then
/// the pipe wakes it; a loop that never waits looks at the flags only.
#[derive(Debug)]
pub struct Signals {
    pipe: UnixStream,
    stop: Arc<AtomicBool>,
    /// The last signal that asked for an end, by its number.
    stopped_by: Arc<AtomicUsize>,
    query: Arc<AtomicBool>,
}

impl Signals {
    /// From here on these signals no longer kill the process.
    pub fn new() -> Result<Self> {
        let (pipe, write) = UnixStream::pair().map_err(Error::call("socketpair"))?;
        pipe.set_nonblocking(true).map_err(Error::call("fcntl"))?;
        let signals =
            Self { pipe, stop: Arc::default(), stopped_by: Arc::default(), query: Arc::default() };
        for signal in [SIGINT, SIGTERM, SIGALRM] {
            let number = usize::try_from(signal).unwrap_or(0);
            signal_hook::flag::register_usize(signal, Arc::clone(&signals.stopped_by), number)
                .map_err(Error::call("sigaction"))?;
        }
        for (signal, flag) in [
            (SIGINT, &signals.stop),
            (SIGTERM, &signals.stop),
            (SIGALRM, &signals.stop),
            (SIGQUIT, &signals.query),
        ] {
            let write = write.try_clone().map_err(Error::call("dup"))?;
            // The flag first: whoever is woken by the pipe must find it set.
            signal_hook::flag::register(signal, Arc::clone(flag))
                .map_err(Error::call("sigaction"))?;
            signal_hook::low_level::pipe::register(signal, write)
                .map_err(Error::call("sigaction"))?;
        }
        Ok(signals)
    }

    /// Whether an end was asked for.
    #[must_use]
    pub fn stop(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// The number of the signal that asked for an end, if one did.
    #[must_use]
    pub fn stopped_by(&self) -> Option<u8> {
        u8::try_from(self.stopped_by.load(Ordering::Relaxed)).ok().filter(|_| self.stop())
    }

    /// Whether a status was asked for since the last look.
    pub(crate) fn query(&self) -> bool {
        self.query.load(Ordering::Relaxed) && self.query.swap(false, Ordering::Relaxed)
    }

    /// Empties the pipe.
    pub fn drain(&self) {
        let mut octets = [0; 64];
        while (&self.pipe).read(&mut octets).is_ok_and(|n| n > 0) {}
    }
}

impl AsFd for Signals {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.pipe.as_fd()
    }
}
