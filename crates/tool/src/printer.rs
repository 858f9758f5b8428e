use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::rc::Rc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use wireline_cli::Output;
use wireline_engine::Instant;
use wireline_host::Names;
use wireline_net::{Clock, Sink};

use crate::Lookup;

/// How long a line waits for a name.
const PATIENCE: Duration = Duration::from_secs(1);

/// Between the engine and the renderer: holds an event back while the names in it are looked up, and
/// remembers how the run went.
pub struct Printer<E, S> {
    output: Output<E>,
    names: Lookup,
    reading: Reading<E, S>,
    held: VecDeque<Held<E>>,
    wakes: Vec<OwnedFd>,
    also: Option<IsReady<E>>,
    summary: Option<S>,
    written: io::Result<()>,
}

/// Whether an event has all that it waits for.
pub type IsReady<E> = Box<dyn Fn(&E) -> bool>;

/// What a printer must know of the events.
pub struct Reading<E, S> {
    /// The addresses that a line of this event may show by name.
    pub addresses: fn(&E) -> Vec<SocketAddr>,
    /// What to remember of the run, if this event says it.
    pub summary: fn(&E) -> Option<S>,
}

struct Held<E> {
    wall: Duration,
    until: Instant,
    event: E,
}

impl<E, S> Printer<E, S> {
    /// Nothing is held yet.
    #[must_use]
    pub fn new(output: Output<E>, names: Lookup, reading: Reading<E, S>) -> Self {
        let clone = |names: &Rc<RefCell<Names>>| names.borrow().as_fd().try_clone_to_owned().ok();
        let wakes = names.names().and_then(clone).into_iter().collect();
        let (held, written) = (VecDeque::new(), Ok(()));
        Self { output, names, reading, held, wakes, also: None, summary: None, written }
    }

    /// Waits for something else too: until `is_ready` of an event, to be asked again when `wake` is
    /// readable.
    #[must_use]
    pub fn wait_for(mut self, is_ready: IsReady<E>, wake: Option<OwnedFd>) -> Self {
        self.also = Some(is_ready);
        self.wakes.extend(wake);
        self
    }

    fn is_ready(&self, event: &E) -> bool {
        let is_named =
            self.names.is_numeric() || self.names.is_ready(&(self.reading.addresses)(event));
        // Both are asked, so that both are on their way.
        self.also.as_ref().is_none_or(|also| also(event)) && is_named
    }

    /// Prints what is held, with the names that come within a moment, and says what was remembered.
    pub fn finish(mut self) -> io::Result<Option<S>> {
        while let Some(until) = self.deadline() {
            let left = Timespec::try_from(until - Clock.now()).unwrap_or_default();
            let mut fds: Vec<_> =
                self.wakes.iter().map(|fd| PollFd::new(fd, PollFlags::IN)).collect();
            // Interrupted or not, the deadline is looked at again.
            let _ = poll(&mut fds, Some(&left));
            if self.settled().is_break() {
                break;
            }
        }
        self.written.map(|()| self.summary)
    }

    fn write(&mut self, write: impl FnOnce(&mut Output<E>) -> io::Result<()>) -> ControlFlow<()> {
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
            if !self.is_ready(&front.event) && Clock.now() < front.until {
                break;
            }
            if let Some(Held { wall, event, .. }) = self.held.pop_front() {
                self.write(|output| output.event(wall, &event))?;
            }
        }
        ControlFlow::Continue(())
    }
}

impl<E, S> Sink<E> for Printer<E, S> {
    fn event(&mut self, event: E) -> ControlFlow<()> {
        self.summary = (self.reading.summary)(&event).or(self.summary.take());
        let wall = Clock.wall();
        if self.held.is_empty() && self.is_ready(&event) {
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

    fn wakes(&self) -> Vec<BorrowedFd<'_>> {
        self.wakes.iter().map(AsFd::as_fd).collect()
    }
}
