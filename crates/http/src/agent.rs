//! Transfers, done over connections that are kept.
//!
//! From the outside in: `run` (which transfers at a time), `transfer` (tries, and requests that follow from each other),
//! `pool` (connections), `exchange` (one request and its response), `delivery` (what comes of a response).

pub(crate) mod core;
pub(crate) mod delivery;
pub(crate) mod exchange;
pub(crate) mod hop;
mod limits;
mod pipeline;
pub(crate) mod pool;
pub(crate) mod record;
pub(crate) mod request;
mod retry;
mod run;
pub(crate) mod transfer;
pub(crate) mod upload;

use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use tokio::runtime::{Builder, Runtime};

use crate::agent::core::Core;
use crate::agent::pool::Pool;
use crate::alt_svc::AltServices;
use crate::cookie::Jar;
use crate::hsts::Hsts;
use crate::spec::Job;

/// Does transfers, over connections that it keeps. The runtime lives in here and is seen by nobody else.
#[derive(Debug)]
pub struct Agent {
    runtime: Runtime,
    core: Rc<Core>,
}

/// What transfers share and leave behind.
#[derive(Debug, Default)]
pub struct Shared {
    /// Cookies; `None` where nobody asked for them.
    pub cookies: Option<Jar>,
    /// Hosts that are reached by TLS alone.
    pub hsts: Option<Hsts>,
    /// Other ways to hosts.
    pub alt_services: Option<AltServices>,
    /// Open connections that are kept at the most; 0 for a usual number.
    pub most_idle: usize,
}

/// How many transfers at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parallel {
    /// Together.
    pub most: usize,
    /// To one host; `None` for as many as there are.
    pub most_per_host: Option<usize>,
    /// New connections rather than waiting for one that can carry more (`--parallel-immediate`).
    pub is_immediate: bool,
}

/// Idle connections that are kept where nobody says how many.
const IDLE: usize = 32;

impl Agent {
    /// With what is known from before.
    pub fn new(shared: Shared) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_io().enable_time().build()?;
        let most_idle = if shared.most_idle == 0 { IDLE } else { shared.most_idle };
        let core = Rc::new(Core::new(shared, Pool::new(most_idle)));
        Ok(Self { runtime, core })
    }

    /// Does them, in order where they are not done at the same time. Each is asked for when its turn comes: what one
    /// left behind (cookies, files) is there for the next.
    pub fn run(&self, jobs: &mut dyn Iterator<Item = Job>, parallel: Parallel) {
        self.core.pool.set_immediate(parallel.is_immediate);
        if self.core.shared.borrow().most_idle == 0 {
            self.core.pool.keep_at_least(parallel.most);
        }
        if parallel.most <= 1 {
            self.runtime.block_on(run::serial(&self.core, jobs));
        } else {
            let local = tokio::task::LocalSet::new();
            local.block_on(&self.runtime, run::parallel(&self.core, jobs, parallel));
        }
    }

    /// Sends requests ahead over one new connection of HTTP/1.1, without waiting for responses (RFC 9112 §9.3.2). All are
    /// told on one clock. Nothing is followed or tried again; it ends by the first one's limit, or within half a minute.
    pub fn pipeline(&self, jobs: Vec<Job>) {
        self.runtime.block_on(pipeline::run(&self.core, jobs));
    }

    /// Closes all connections. What is known of servers stays: TLS sessions, cookies, where they are.
    pub fn hang_up(&self) {
        self.runtime.block_on(self.core.pool.close());
    }

    /// What is shared.
    #[must_use]
    pub fn shared(&self) -> &RefCell<Shared> {
        &self.core.shared
    }
}

impl Drop for Agent {
    /// Says goodbye, where that is a datagram that must be sent before the runtime ends.
    fn drop(&mut self) {
        if self.core.pool.has_goodbyes() {
            self.runtime.block_on(self.core.pool.close());
        }
    }
}

/// Whichever is over first.
pub(crate) async fn race<T>(one: impl Future<Output = T>, other: impl Future<Output = T>) -> T {
    let (mut one, mut other) = (pin!(one), pin!(other));
    poll_fn(|cx| match one.as_mut().poll(cx) {
        Poll::Pending => other.as_mut().poll(cx),
        ready @ Poll::Ready(_) => ready,
    })
    .await
}

/// Seconds since 1970.
fn wall() -> i64 {
    i64::try_from(wireline_net::Clock.wall().as_secs()).unwrap_or(i64::MAX)
}

/// From the kernel. Where that has none, it is not secret, but still there.
fn random<const N: usize>() -> [u8; N] {
    let mut octets = [0; N];
    let _ = rustix::rand::getrandom(&mut octets, rustix::rand::GetRandomFlags::empty());
    octets
}

#[cfg(test)]
mod tests;
