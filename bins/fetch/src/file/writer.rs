//! Octets into a file or stream, with few system calls.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

/// What is held back at the most; what is as long goes straight through.
const HELD: usize = 64 * 1024;

/// Where octets go.
#[derive(Debug)]
pub(crate) enum Target {
    Stdout,
    Stderr,
    File(File),
}

impl Target {
    fn fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Stdout => rustix::stdio::stdout(),
            Self::Stderr => rustix::stdio::stderr(),
            Self::File(file) => file.as_fd(),
        }
    }
}

/// Octets into a file or stream. What it holds back is lost unless [`Writer::flush`] is called.
#[derive(Debug)]
pub(crate) struct Writer {
    target: Target,
    held: Vec<u8>,
    /// Every write is seen at once.
    pub(crate) is_unbuffered: bool,
}

/// What could not be written.
#[derive(Debug)]
pub(crate) struct Unwritten {
    /// Octets that were to be written.
    pub(crate) passed: usize,
    /// Octets that were.
    pub(crate) written: usize,
    /// Why not all.
    pub(crate) why: io::Error,
}

impl Writer {
    pub(crate) fn new(target: Target) -> Self {
        Self { target, held: Vec::new(), is_unbuffered: false }
    }

    /// The next octets, now or later.
    pub(crate) fn put(&mut self, octets: &[u8]) -> Result<(), Unwritten> {
        if self.held.is_empty() && (self.is_unbuffered || octets.len() >= HELD) {
            return write_all(self.target.fd(), octets);
        }
        if self.held.len() + octets.len() > HELD {
            self.flush()?;
            return self.put(octets);
        }
        self.held.extend_from_slice(octets);
        if self.is_unbuffered { self.flush() } else { Ok(()) }
    }

    /// What was held back, now.
    pub(crate) fn flush(&mut self) -> Result<(), Unwritten> {
        let written = write_all(self.target.fd(), &self.held);
        // What could not be written once is not tried again.
        self.held.clear();
        written
    }

    /// The file, where it is one.
    pub(crate) fn file(&self) -> Option<&File> {
        match &self.target {
            Target::File(file) => Some(file),
            _ => None,
        }
    }

    /// Whether a person looks at it.
    pub(crate) fn is_terminal(&self) -> bool {
        rustix::termios::isatty(self.target.fd())
    }
}

fn write_all(fd: BorrowedFd<'_>, octets: &[u8]) -> Result<(), Unwritten> {
    let mut rest = octets;
    while !rest.is_empty() {
        match rustix::io::write(fd, rest) {
            Ok(written) => rest = rest.get(written..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => wait(fd),
            Err(why) => {
                let (passed, written) = (octets.len(), octets.len() - rest.len());
                return Err(Unwritten { passed, written, why: why.into() });
            }
        }
    }
    Ok(())
}

/// Somebody else made the stream non-blocking: until it takes more.
fn wait(fd: BorrowedFd<'_>) {
    // Whatever is wrong with it, the next write says.
    let _ = poll(&mut [PollFd::new(&fd, PollFlags::OUT)], None);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length(writer: &Writer) -> u64 {
        writer.file().unwrap().metadata().unwrap().len()
    }

    #[test]
    fn small_parts_wait_and_large_ones_do_not() {
        let mut writer = Writer::new(Target::File(tempfile::tempfile().unwrap()));
        writer.put(b"small").unwrap();
        assert_eq!(length(&writer), 0);
        writer.put(&vec![0; HELD]).unwrap();
        assert_eq!(length(&writer), 5 + HELD as u64, "in order, nothing held");
        writer.is_unbuffered = true;
        writer.put(b"x").unwrap();
        assert_eq!(length(&writer), 6 + HELD as u64);
    }

    #[test]
    fn a_full_disk_is_told_with_how_much_was_written() {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut writer = Writer::new(Target::File(full));
        let fault = writer.put(&vec![0; HELD]).unwrap_err();
        assert_eq!((fault.passed, fault.written), (HELD, 0));
        assert_eq!(fault.why.kind(), io::ErrorKind::StorageFull);
        writer.put(b"a").unwrap();
        assert!(writer.flush().is_err(), "what was held back is told at its end");
    }
}
