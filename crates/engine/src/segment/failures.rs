use std::io;
use std::time::Duration;

use super::{Scan, Stopped};
use crate::{Instant, errno_text};

/// Times in a row that the machine had no room for a request.
#[derive(Debug, Default)]
pub(super) struct Refusals {
    in_a_row: u32,
    /// The host that was asked first after the last one: if that request is refused, none has left since.
    pub(super) first: Option<u32>,
    until: Instant,
}

/// What to do when this machine does not send.
impl Scan {
    /// A request that was counted did not leave.
    pub(super) fn take_back(&mut self, host: u32) {
        let Some(state) = self.hosts.get_mut(host) else { return };
        state.unask();
        self.summary.retried -= u64::from(state.tries() > 0).min(self.summary.retried);
        self.summary.sent = self.summary.sent.saturating_sub(1);
        self.summary.unsent += 1;
    }

    /// The machine has no room for a request, which is tried again later. Whether it is to be tried at all.
    pub(super) fn put_off(&mut self, now: Instant, host: u32) -> bool {
        /// However often.
        const LONGEST: Duration = Duration::from_millis(100);
        self.again.push_back(host);
        let refusals = &mut self.refusals;
        // Otherwise it is one of those that were handed over together.
        if refusals.in_a_row == 0 || now >= refusals.until {
            let has_none_left = refusals.first.take() == Some(host);
            refusals.in_a_row = if has_none_left { refusals.in_a_row + 1 } else { 1 };
            let longest = LONGEST.max(self.config.send_interval);
            let doubled = 1_u32.checked_shl(refusals.in_a_row - 1).unwrap_or(u32::MAX);
            let pause = self.config.send_interval.saturating_mul(doubled).min(longest);
            refusals.until = now + pause;
            self.bucket.pause(now, pause);
        }
        self.refusals.in_a_row < self.config.send_tries.max(1)
    }

    /// Nothing leaves by a port any more.
    fn fail(&mut self, port: usize, why: &io::Error) {
        let Some(way) = self.ways.get_mut(port).filter(|way| !way.is_down) else { return };
        way.is_down = true;
        for host in self.hosts.of_port(port) {
            self.hosts.settle(host);
        }
        let hosts = &self.hosts;
        self.again.retain(|host| hosts.port(*host) != port);
        let stopped = Stopped::Unsent { port: Self::number(port), why: errno_text(why) };
        self.summary.stopped = Some(stopped);
    }

    /// Nothing leaves by the ports of a flow any more. If that is the end, the next timeout finds out: what else
    /// did not leave is still to be told.
    pub(super) fn fail_flow(&mut self, flow: u32, why: &io::Error) {
        for port in 0..self.config.ports.len() {
            if self.config.ports.get(port).is_some_and(|port| port.flow == flow) {
                self.fail(port, why);
            }
        }
    }
}

/// Whether there may be room later: `EAGAIN`, `ENOMEM`, `ENOBUFS` (errno(3)).
pub(super) fn is_full(why: &io::Error) -> bool {
    matches!(why.raw_os_error(), Some(11 | 12 | 105)) || why.kind() == io::ErrorKind::WouldBlock
}
