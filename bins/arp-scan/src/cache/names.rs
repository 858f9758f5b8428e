//! Names of the hosts in a table, many looked up side by side.

use std::net::SocketAddr;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use wireline_engine::Instant;
use wireline_host::Name;
use wireline_net::Clock;

use super::row::Row;

/// How many questions are out at once.
const AT_ONCE: usize = 32;

/// For all names of a table together: who has no resolver has his table after that.
const PATIENCE: Duration = Duration::from_secs(6);

/// Who knows names, unless nobody wants them.
pub(crate) struct Names {
    until: Option<Instant>,
}

impl Names {
    pub(crate) fn new(numeric: bool) -> Self {
        Self { until: (!numeric).then(|| Clock.now() + PATIENCE) }
    }

    /// Puts names into rows. What is not known in time has none.
    pub(crate) fn fill(&mut self, rows: &mut [Row]) {
        let Some(until) = self.until else { return };
        let has_name = |row: &Row| !row.address.is_unspecified();
        let at_once = AT_ONCE.min(rows.len());
        // Without threads there are no names.
        let Ok(mut names) = wireline_host::Names::start(at_once) else { return };
        for row in rows.iter().filter(|row| has_name(row)) {
            names.get(SocketAddr::new(row.address, 0));
        }
        for row in rows.iter_mut().filter(|row| has_name(row)) {
            let address = SocketAddr::new(row.address, 0);
            while *names.get(address) == Name::Pending && wait(&names, until) {
                names.collect();
            }
            if let Name::Known(name) = names.get(address) {
                row.name = Some(name.clone());
            }
        }
    }
}

/// Whether something has come before it is too late.
fn wait(names: &wireline_host::Names, until: Instant) -> bool {
    let left = until.since(Clock.now());
    let timeout =
        Timespec { tv_sec: left.as_secs().cast_signed(), tv_nsec: i64::from(left.subsec_nanos()) };
    let mut fds = [PollFd::new(names, PollFlags::IN)];
    !left.is_zero() && poll(&mut fds, Some(&timeout)).is_ok_and(|ready| ready > 0)
}
