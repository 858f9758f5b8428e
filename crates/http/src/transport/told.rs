//! An observer for tests, that keeps what it is told.

use std::cell::RefCell;
use std::future::poll_fn;
use std::ops::ControlFlow;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use tokio::time::Instant;

use crate::event::Event;
use crate::failure::Failure;
use crate::head::Head;
use crate::observer::Observer;
use crate::report::Report;
use crate::tell::{Tell, Teller};

/// What was told.
#[derive(Clone, Default)]
pub(crate) struct Told(Rc<RefCell<Vec<Event>>>);

impl Told {
    pub(crate) fn has(&self, wanted: impl Fn(&Event) -> bool) -> bool {
        self.0.borrow().iter().any(wanted)
    }

    pub(crate) fn all<T>(&self, wanted: impl Fn(&Event) -> Option<T>) -> Vec<T> {
        self.0.borrow().iter().filter_map(wanted).collect()
    }
}

impl Observer for Told {
    fn event(&mut self, _at: Duration, event: &Event) {
        self.0.borrow_mut().push(event.clone());
    }

    fn begin(&mut self, _head: &Head) -> Result<(), Failure> {
        Ok(())
    }

    fn body(&mut self, _octets: &[u8]) -> Result<(), Failure> {
        Ok(())
    }

    fn restart(&mut self) -> Result<u64, Failure> {
        Ok(0)
    }

    fn done(&mut self, _report: &Report, _result: Result<(), Failure>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

pub(crate) fn told() -> (Tell, Told) {
    let told = Told::default();
    (Teller::new(Instant::now(), Box::new(told.clone())), told)
}

/// Runs it, as the agent does.
pub(crate) fn run<T>(what: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build();
    runtime.unwrap().block_on(what)
}

/// Both at the same time.
pub(crate) async fn both<A, B>(
    one: impl Future<Output = A>,
    other: impl Future<Output = B>,
) -> (A, B) {
    let (mut one, mut other) = (pin!(one), pin!(other));
    let (mut first, mut second) = (None, None);
    poll_fn(|cx| {
        if first.is_none()
            && let Poll::Ready(done) = one.as_mut().poll(cx)
        {
            first = Some(done);
        }
        if second.is_none()
            && let Poll::Ready(done) = other.as_mut().poll(cx)
        {
            second = Some(done);
        }
        match (first.take(), second.take()) {
            (Some(one), Some(other)) => Poll::Ready((one, other)),
            (one, other) => {
                (first, second) = (one, other);
                Poll::Pending
            }
        }
    })
    .await
}
