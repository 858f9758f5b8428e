//! Transfers, done over connections that are kept.

use std::cell::RefCell;
use std::io;

use crate::alt_svc::AltServices;
use crate::cookie::Jar;
use crate::hsts::Hsts;
use crate::spec::Job;

/// Does transfers, over connections that it keeps. The runtime lives in here and is seen by nobody else.
#[derive(Debug)]
pub struct Agent {
    shared: RefCell<Shared>,
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
    /// Open connections that are kept at the most.
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

impl Agent {
    /// With what is known from before.
    pub fn new(shared: Shared) -> io::Result<Self> {
        Ok(Self { shared: RefCell::new(shared) })
    }

    /// Does them, in order where they are not done at the same time. Each is asked for when its turn comes: what one
    /// left behind (cookies, files) is there for the next.
    pub fn run(&self, jobs: &mut dyn Iterator<Item = Job>, _parallel: Parallel) {
        for mut job in jobs {
            let report = crate::report::Report::default();
            let failure =
                crate::failure::Failure::new(crate::failure::Kind::Setup, "nothing is there yet");
            let _ = job.observer.done(&report, Err(failure));
        }
    }

    /// What is shared.
    #[must_use]
    pub fn shared(&self) -> &RefCell<Shared> {
        &self.shared
    }
}
