//! Who sees a transfer for a person: files, heads, progress, texts at its end.
//!
//! It computes nothing that the events and the report do not say.

use std::ops::ControlFlow;
use std::rc::Rc;
use std::time::Duration;

use wireline_http::{Event, Failure, Head, Observer, Progress, Report, Url};

use crate::output::OutputSpec;

mod shared;

pub(crate) use shared::{Run, Shared};

/// What a transfer is of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origin {
    /// The URL as a person typed it, globs undone: `%{url}`.
    pub(crate) text: String,
    /// Read.
    pub(crate) url: Url,
    /// Which URL of the command line, from 0: `%{urlnum}`.
    pub(crate) number: u64,
    /// Which transfer of the run, from 0: `%{xfer_id}`.
    pub(crate) transfer: u64,
}

/// Everything that is made of one transfer.
pub(crate) struct Sink {
    shared: Rc<Shared>,
}

impl Sink {
    /// Finds the name of the file, and whether it is there; writes and creates nothing yet.
    ///
    /// A failure here is one of the transfer that does not take place: hand it to [`Shared::fail`].
    pub(crate) fn new(
        _spec: Rc<OutputSpec>,
        _origin: Origin,
        shared: Rc<Shared>,
    ) -> Result<Self, Failure> {
        Ok(Self { shared })
    }

    /// Whether nothing is to be fetched, as the file is there (`--skip-existing`). That has been told.
    pub(crate) fn is_skipped(&self) -> bool {
        false
    }

    /// Where to go on (`-C`), for `RequestSpec::resume_from`.
    pub(crate) fn resume_from(&self) -> u64 {
        0
    }
}

impl Observer for Sink {
    fn event(&mut self, _at: Duration, _event: &Event) {
        let _ = &self.shared;
    }

    fn begin(&mut self, _head: &Head) -> Result<(), Failure> {
        todo!("out")
    }

    fn body(&mut self, _octets: &[u8]) -> Result<(), Failure> {
        todo!("out")
    }

    fn restart(&mut self) -> Result<u64, Failure> {
        todo!("out")
    }

    fn done(&mut self, _report: &Report, _result: Result<(), Failure>) -> ControlFlow<()> {
        todo!("out")
    }

    fn progress(&mut self, _at: Duration, _progress: &Progress) {}
}
