//! Who sees one of the requests.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::rc::Rc;
use std::time::Duration;

use wireline_engine::Instant;
use wireline_http::fingerprint::Fingerprint;
use wireline_http::{Event, Failure, Head, Observer, Report};
use wireline_net::Clock;

use super::told::{Seen, Way};

/// A request, and what is seen of it.
pub(super) struct Lane {
    began: Instant,
    seen: Rc<RefCell<Seen>>,
}

impl Lane {
    /// `began`: when its way did.
    pub(super) fn new(began: Instant) -> Self {
        Self { began, seen: Rc::default() }
    }

    pub(super) fn observer(&self, way: Way) -> Box<dyn Observer> {
        // What one request of many fails with, those behind it fail with, too.
        let ends_all = way != Way::Ahead;
        Box::new(Watch { began: self.began, base: None, ends_all, seen: Rc::clone(&self.seen) })
    }

    pub(super) fn into_seen(self) -> Seen {
        self.seen.take()
    }
}

struct Watch {
    began: Instant,
    /// When the transfer began, since its way did.
    base: Option<Duration>,
    ends_all: bool,
    seen: Rc<RefCell<Seen>>,
}

impl Observer for Watch {
    fn event(&mut self, at: Duration, event: &Event) {
        let now = || Clock.now().since(self.began);
        let base = *self.base.get_or_insert_with(|| now().saturating_sub(at));
        self.seen.borrow_mut().event(base.saturating_add(at), event);
    }

    fn begin(&mut self, _head: &Head) -> Result<(), Failure> {
        self.seen.borrow_mut().body = Fingerprint::default();
        Ok(())
    }

    fn body(&mut self, octets: &[u8]) -> Result<(), Failure> {
        self.seen.borrow_mut().body.put(octets);
        Ok(())
    }

    fn restart(&mut self) -> Result<u64, Failure> {
        Ok(0)
    }

    fn done(&mut self, _report: &Report, result: Result<(), Failure>) -> ControlFlow<()> {
        let is_failed = result.is_err();
        self.seen.borrow_mut().failure = result.err();
        if is_failed && self.ends_all { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
