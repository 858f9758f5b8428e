//! From where things happen to who sees them.

use std::cell::{Cell, RefCell, RefMut};
use std::rc::Rc;
use std::time::Duration;

use tokio::time::Instant;

use crate::agent::record::Recorder;
use crate::failure::Failure;
use crate::report::Report;
use crate::{Event, Observer, Progress};

/// A transfer's observer and clock, shared by all that is done for it on the runtime's one thread.
///
/// The report is made here, from what is told: nobody can hear one thing and read another.
pub(crate) struct Teller {
    begin: Instant,
    observer: RefCell<Box<dyn Observer>>,
    wants_octets: bool,
    recorder: RefCell<Recorder>,
    /// How far it is; counted by whoever moves octets.
    pub(crate) counters: Counters,
}

/// How far a request and its response are. Octets of bodies.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) received: Cell<u64>,
    pub(crate) to_receive: Cell<Option<u64>>,
    pub(crate) sent: Cell<u64>,
    pub(crate) to_send: Cell<Option<u64>>,
    /// Decoded, and handed to the observer.
    pub(crate) delivered: Cell<u64>,
}

/// Clones tell the same.
pub(crate) type Tell = Rc<Teller>;

impl Teller {
    pub(crate) fn new(begin: Instant, observer: Box<dyn Observer>) -> Tell {
        let wants_octets = observer.wants_octets();
        let (observer, recorder) = (RefCell::new(observer), RefCell::default());
        let counters = Counters::default();
        Rc::new(Self { begin, observer, wants_octets, recorder, counters })
    }

    /// Since the transfer began.
    pub(crate) fn now(&self) -> Duration {
        self.begin.elapsed()
    }

    /// When it began.
    pub(crate) const fn begin(&self) -> Instant {
        self.begin
    }

    /// It happens now.
    pub(crate) fn event(&self, event: &Event) {
        self.event_at(self.now(), event);
    }

    /// It happened at that time.
    pub(crate) fn event_at(&self, at: Duration, event: &Event) {
        self.recorder.borrow_mut().note(at, event);
        self.observer.borrow_mut().event(at, event);
    }

    /// What a person who asks for everything is told.
    pub(crate) fn note(&self, text: impl Into<String>) {
        self.event(&Event::Note(text.into()));
    }

    pub(crate) const fn wants_octets(&self) -> bool {
        self.wants_octets
    }

    /// Not to be held over an await.
    pub(crate) fn observer(&self) -> RefMut<'_, Box<dyn Observer>> {
        self.observer.borrow_mut()
    }

    /// What is known so far. Not to be held over an await.
    pub(crate) fn recorder(&self) -> RefMut<'_, Recorder> {
        self.recorder.borrow_mut()
    }

    /// Tells how far it is.
    pub(crate) fn progress(&self) {
        let progress = self.counters.progress();
        self.observer.borrow_mut().progress(self.now(), &progress);
    }

    /// It is over.
    pub(crate) fn done(&self, failure: Option<&Failure>) -> Report {
        self.event(&Event::Done { failure: failure.cloned() });
        let mut report = self.recorder.borrow().report.clone();
        report.received_body = self.counters.received.get();
        report.sent_body = self.counters.sent.get();
        report.delivered = self.counters.delivered.get();
        report
    }
}

impl Counters {
    pub(crate) fn reset(&self) {
        self.received.set(0);
        self.to_receive.set(None);
        self.sent.set(0);
        self.to_send.set(None);
        self.delivered.set(0);
    }

    pub(crate) fn progress(&self) -> Progress {
        Progress {
            received: self.received.get(),
            to_receive: self.to_receive.get(),
            sent: self.sent.get(),
            to_send: self.to_send.get(),
        }
    }
}
