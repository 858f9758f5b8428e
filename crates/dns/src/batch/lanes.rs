//! Who is asked, and whether there is room.

use std::net::SocketAddr;
use std::time::Duration;

use wireline_engine::Instant;

use super::window::Window;
use super::{Asked, Batch, Manner, Over, Source};

/// One address that is asked.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) address: SocketAddr,
    /// By [`Over`].
    pub(super) lanes: [Lane; 2],
}

/// One server over one carrier.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) window: Window,
    /// Since when nothing has been heard, though something was sent.
    pub(super) silent_since: Option<Instant>,
    /// Since when it refuses.
    pub(super) refused_since: Option<Instant>,
    /// After a refusal nothing is sent until then.
    pub(super) held_until: Option<Instant>,
}

impl Lane {
    pub(super) fn new(now: Instant) -> Self {
        Self { window: Window::new(now), silent_since: None, refused_since: None, held_until: None }
    }

    /// Whether nobody need wait for room: it has been silent, or refusing, for long. It is still tried, by
    /// one query at a time.
    pub(super) fn is_hopeless(&self, now: Instant) -> bool {
        const SILENCE: Duration = Duration::from_secs(30);
        const REFUSAL: Duration = Duration::from_secs(5);
        let for_long = |since: Option<Instant>, long| since.is_some_and(|at| now.since(at) > long);
        self.window.is_silent() && for_long(self.silent_since, SILENCE)
            || for_long(self.refused_since, REFUSAL)
    }
}

impl<S: Source> Batch<S> {
    /// Makes known whom a question may be asked.
    pub(super) fn meet(&mut self, manner: &Manner, now: Instant) {
        for asked in &manner.servers {
            let needed = usize::from(asked.server) + 1;
            while self.servers.len() < needed.min(Asked::MOST) {
                let lanes = [Lane::new(now), Lane::new(now)];
                self.servers.push(Server { address: asked.address, lanes });
            }
            if let Some(server) = self.servers.get_mut(needed - 1) {
                server.address = asked.address;
            }
        }
    }

    /// Who is asked: of those with room the next after `last`, and one that is silent only if all are.
    pub(super) fn choose(&mut self, manner: &Manner, over: Over, last: Option<u8>) -> Option<u8> {
        let servers = &manner.servers;
        let start = match last {
            Some(last) => {
                servers.iter().position(|asked| asked.server == last).map_or(0, |n| n + 1)
            }
            // In turn.
            None => usize::try_from(self.tally.summary.questions).unwrap_or(0),
        };
        let mut silent = None;
        for n in 0..servers.len() {
            let server = servers[(start + n) % servers.len()].server;
            let Some(lane) = self.lane(server, over) else { continue };
            if lane.held_until.is_some() || lane.window.room() == 0 {
                continue;
            }
            if !lane.window.is_silent() {
                return Some(server);
            }
            silent = silent.or(Some(server));
        }
        silent
    }

    pub(super) fn is_hopeless(&mut self, manner: &Manner, over: Over, now: Instant) -> bool {
        let mut lanes = manner.servers.iter().map(|asked| asked.server);
        lanes.all(|server| self.lane(server, over).is_some_and(|lane| lane.is_hopeless(now)))
    }

    /// Servers that were left alone for long enough may be asked again.
    pub(super) fn let_go(&mut self, now: Instant) {
        self.holds = false;
        for lane in self.servers.iter_mut().flat_map(|server| &mut server.lanes) {
            lane.held_until = lane.held_until.filter(|until| *until > now);
            self.holds |= lane.held_until.is_some();
        }
    }
}
