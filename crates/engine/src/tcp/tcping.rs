//! TCP's opening, asked for over and over: many targets, each on a schedule of its own.
//!
//! It tells apart what other tools call a loss: a SYN that had to be sent again, a refusal, a rejection by
//! somebody on the way, silence, and what went wrong on this machine.

mod event;

use std::time::Duration;

pub use event::{
    Bucket, Carrier, Clock, Counts, End, Event, Probe, Reach, Rejecter, Rtt, Streaks, Summary,
    Target, TargetSummary, Turn,
};

/// Those who rejected probes are counted one by one up to here.
pub const REJECTERS: usize = 8;

/// What to ask, and how often.
#[derive(Clone, Debug)]
pub struct Config {
    /// What carries the probes.
    pub carrier: Carrier,
    /// From one probe of a target to the next of the same, by an absolute schedule.
    pub interval: Duration,
    /// Probes of each target; `None` is until stopped.
    pub count: Option<u64>,
    /// How long a try may wait for its answer.
    pub timeout: Duration,
    /// Stop this long after the start, whatever has been asked.
    pub max_time: Option<Duration>,
    /// Tries after the first, before a probe counts as failed.
    pub retries: u32,
    /// Look a target's name up anew after so many failures in a row.
    pub resolve_after: Option<u32>,
    /// Ask each target until it is this, and no longer.
    pub until: Option<Until>,
    /// Draws what a stranger could not guess: the sequence numbers of half-open probes.
    pub seed: u64,
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// The port is open.
    Open,
    /// The port is not: refused, rejected, unreachable or silent.
    Closed,
}
