//! A connection to a server that was given, for requests that are small and have small answers.
//!
//! What is sent and received over it is [`crate::agent::exchange`]'s, as in every transfer.

use std::cell::RefCell;
use std::ops::ControlFlow;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::agent::Shared;
use crate::agent::core::Core;
use crate::agent::delivery::Delivery;
use crate::agent::exchange::{Left, Line};
use crate::agent::hop::Hop;
use crate::agent::pool::Pool;
use crate::agent::request::Request;
use crate::agent::transfer::Transfer;
use crate::event::Why;
use crate::spec::Limits;
use crate::tell::Teller;
use crate::{Error, Event, Failure, Head, Observer, Report, Spec, Url, Version};

/// A response, whole.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) head: Head,
    pub(crate) body: Vec<u8>,
    /// From the request to the response's first octet.
    pub(crate) first: Duration,
    /// From the request to the response's end.
    pub(crate) total: Duration,
}

/// A connection that requests are sent over.
pub(crate) struct Link {
    /// Nothing, once somebody gave up in the middle of a response of HTTP/1: the rest of it is not the next one's.
    line: Mutex<Option<Line>>,
    version: Version,
    /// With nothing in it that requests could have in common.
    core: Rc<Core>,
    spec: Arc<Spec>,
    most: usize,
}

impl Link {
    /// Over `line`, for bodies of so many octets at the most.
    pub(crate) fn new(line: Line, most: usize) -> Self {
        let limits = Limits { file_size: u64::try_from(most).ok(), ..Limits::default() };
        let core = Core::new(Shared::default(), Pool::default());
        Self {
            version: line.version(),
            line: Mutex::new(Some(line)),
            core: Rc::new(core),
            spec: Arc::new(Spec { limits, ..Spec::default() }),
            most,
        }
    }

    /// Whether it is not known to be closed.
    pub(crate) async fn is_usable(&self) -> bool {
        self.line.lock().await.as_ref().is_some_and(Line::is_usable)
    }

    /// Sends a request, after those that are under way where the version wants that, and reads the response.
    pub(crate) async fn exchange(&self, request: &mut Request) -> Result<Response, Error> {
        let mut place = self.line.lock().await;
        if let Some(mut line) = place.as_ref().and_then(Line::share) {
            drop(place);
            return self.over(&mut line, request).await.map(|(response, _)| response);
        }
        let mut line = place.take().ok_or(Error::Closed)?;
        let (response, left) = self.over(&mut line, request).await?;
        *place = left.is_open.then_some(line);
        Ok(response)
    }

    async fn over(
        &self,
        line: &mut Line,
        request: &mut Request,
    ) -> Result<(Response, Left), Error> {
        let taken = Rc::new(RefCell::new(Vec::new()));
        let tell = Teller::new(Instant::now(), Box::new(Taker(Rc::clone(&taken))));
        let (core, spec) = (Rc::clone(&self.core), Arc::clone(&self.spec));
        let transfer = Transfer::new(core, Rc::clone(&tell), spec, Url::default());
        let hop = Hop::first(Url::default(), &self.spec, 0, Why::First);
        let exchanged = line.exchange(request, &mut Delivery::new(&transfer, &hop)).await;
        let left = exchanged.map_err(|why| Error::broken(why.failure, self.version, self.most))?;
        let Report { head, times, .. } = tell.done(None);
        let (head, body) = (head.ok_or(Error::Closed)?, taken.take());
        Ok((Response { head, body, first: times.first, total: times.total }, left))
    }
}

/// Takes a body.
struct Taker(Rc<RefCell<Vec<u8>>>);

impl Observer for Taker {
    fn event(&mut self, _at: Duration, _event: &Event) {}

    fn begin(&mut self, _head: &Head) -> Result<(), Failure> {
        Ok(())
    }

    fn body(&mut self, octets: &[u8]) -> Result<(), Failure> {
        self.0.borrow_mut().extend_from_slice(octets);
        Ok(())
    }

    fn restart(&mut self) -> Result<u64, Failure> {
        self.0.borrow_mut().clear();
        Ok(0)
    }

    fn done(&mut self, _report: &Report, _result: Result<(), Failure>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}
