//! From where things happen to who sees them.

use std::cell::{RefCell, RefMut};
use std::rc::Rc;
use std::time::Duration;

use tokio::time::Instant;

use crate::{Event, Observer};

/// A transfer's observer and clock, shared by all that is done for it on the runtime's one thread.
pub(crate) struct Teller {
    begin: Instant,
    observer: RefCell<Box<dyn Observer>>,
    wants_octets: bool,
}

/// Clones tell the same.
pub(crate) type Tell = Rc<Teller>;

impl Teller {
    pub(crate) fn new(begin: Instant, observer: Box<dyn Observer>) -> Tell {
        let wants_octets = observer.wants_octets();
        Rc::new(Self { begin, observer: RefCell::new(observer), wants_octets })
    }

    /// Since the transfer began.
    pub(crate) fn now(&self) -> Duration {
        self.begin.elapsed()
    }

    /// It happens now.
    pub(crate) fn event(&self, event: &Event) {
        self.observer.borrow_mut().event(self.now(), event);
    }

    /// It happened at that time.
    pub(crate) fn event_at(&self, at: Duration, event: &Event) {
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
}
