//! Who sees a transfer as it goes.

use std::ops::ControlFlow;
use std::time::Duration;

use crate::event::Event;
use crate::failure::Failure;
use crate::head::Head;
use crate::report::Report;

/// Whoever sees a transfer as it goes, and takes what comes. All calls are made on one thread, and must not block for
/// longer than a write to a file does.
pub trait Observer {
    /// Something happened, `at` after the transfer began.
    fn event(&mut self, at: Duration, event: &Event);

    /// Whether [`Event::Octets`] is wanted, which costs.
    fn wants_octets(&self) -> bool {
        false
    }

    /// The final head of what will be delivered (not of a redirect that is followed). A failure ends the transfer.
    fn begin(&mut self, head: &Head) -> Result<(), Failure>;

    /// A part of the body, decoded where that was asked for. A failure ends the transfer.
    fn body(&mut self, octets: &[u8]) -> Result<(), Failure>;

    /// All will begin again (a retry): what was delivered is not to be kept. Where delivery can go on from what is there
    /// already, how many octets that is.
    fn restart(&mut self) -> Result<u64, Failure>;

    /// It is over: nothing more is told of it. `Break`: no more transfers (`--fail-early`).
    fn done(&mut self, report: &Report, result: Result<(), Failure>) -> ControlFlow<()>;

    /// How far it is: octets of body received and sent, and how many there will be. Some times a second.
    fn progress(&mut self, _at: Duration, _progress: &Progress) {}
}

/// How far a transfer is. Octets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Of the body, as carried.
    pub received: u64,
    /// How many there will be, where that is known.
    pub to_receive: Option<u64>,
    /// Of the request's body.
    pub sent: u64,
    /// How many there will be, where that is known.
    pub to_send: Option<u64>,
}
