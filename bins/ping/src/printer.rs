//! Between the engine and the renderer: holds a line back while the names in it are looked up, and
//! remembers how the run went.

use std::collections::VecDeque;
use std::io;
use std::ops::ControlFlow;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use wireline_cli::Output;
use wireline_engine::Instant;
use wireline_engine::echo::{Event, Summary};
use wireline_net::{Clock, Sink};

use crate::names::Lookup;

/// How long a line waits for a name.
const PATIENCE: Duration = Duration::from_secs(1);

pub(crate) struct Printer {
    output: Output<Event>,
    names: Lookup,
    held: VecDeque<Held>,
    wake: Option<std::os::fd::OwnedFd>,
    /// The end of the run, once it has come.
    pub(crate) summary: Option<Summary>,
    /// What became of the last write.
    pub(crate) written: io::Result<()>,
}

struct Held {
    wall: Duration,
    until: Instant,
    event: Event,
}

impl Printer {
    pub(crate) fn new(output: Output<Event>, names: Lookup) -> Self {
        let wake = names.names().and_then(|names| names.borrow().as_fd().try_clone_to_owned().ok());
        Self { output, names, held: VecDeque::new(), wake, summary: None, written: Ok(()) }
    }

    /// Prints what is held, with the names that come within a moment.
    pub(crate) fn finish(mut self) -> io::Result<Option<Summary>> {
        while let Some(until) = self.deadline() {
            let left = Timespec::try_from(until - Clock.now()).unwrap_or_default();
            let mut fds: Vec<_> =
                self.wake.iter().map(|fd| PollFd::new(fd, PollFlags::IN)).collect();
            // Interrupted or not, the deadline is looked at again.
            let _ = poll(&mut fds, Some(&left));
            if self.settled().is_break() {
                break;
            }
        }
        self.written.map(|()| self.summary)
    }

    fn write(
        &mut self,
        write: impl FnOnce(&mut Output<Event>) -> io::Result<()>,
    ) -> ControlFlow<()> {
        if self.written.is_ok() {
            self.written = write(&mut self.output);
        }
        if self.written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    fn release(&mut self) -> ControlFlow<()> {
        if let Some(names) = self.names.names() {
            names.borrow_mut().collect();
        }
        while let Some(front) = self.held.front() {
            if !self.names.is_ready(&front.event) && Clock.now() < front.until {
                break;
            }
            if let Some(Held { wall, event, .. }) = self.held.pop_front() {
                self.write(|output| output.event(wall, &event))?;
            }
        }
        ControlFlow::Continue(())
    }
}

impl Sink<Event> for Printer {
    fn event(&mut self, event: Event) -> ControlFlow<()> {
        if let Event::Summary(summary) = &event {
            self.summary = Some(summary.clone());
        }
        let wall = Clock.wall();
        if self.held.is_empty() && self.names.is_ready(&event) {
            return self.write(|output| output.event(wall, &event));
        }
        self.held.push_back(Held { wall, until: Clock.now() + PATIENCE, event });
        ControlFlow::Continue(())
    }

    fn settled(&mut self) -> ControlFlow<()> {
        self.release()?;
        self.write(Output::flush)
    }

    fn deadline(&self) -> Option<Instant> {
        self.held.front().map(|held| held.until)
    }

    fn wake(&self) -> Option<BorrowedFd<'_>> {
        self.wake.as_ref().map(std::os::fd::AsFd::as_fd)
    }
}
