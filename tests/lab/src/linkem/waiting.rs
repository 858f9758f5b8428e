//! Sleeping between two turns of a loop.

use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

/// Until there is something to read, and no longer than `most`. Whether it is on stdin, which may be its end.
pub(crate) fn wait(ports: &[impl AsFd], most: Option<Duration>) -> io::Result<bool> {
    let most = most.map(Timespec::try_from).transpose().map_err(io::Error::other)?;
    let stdin = io::stdin();
    let ports = ports.iter().map(|port| PollFd::new(port, PollFlags::IN));
    let mut waiting: Vec<_> =
        std::iter::once(PollFd::new(&stdin, PollFlags::IN)).chain(ports).collect();
    match poll(&mut waiting, most.as_ref()) {
        Ok(_) => Ok(!waiting[0].revents().is_empty()),
        // A signal is no reason to end.
        Err(Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
