//! Who may be asked, how much each is given at once, and who is left alone for a while.

use std::net::SocketAddr;
use std::time::Duration;

use wireline_engine::Instant;

use super::window::Window;
use super::{Asked, Manner, Over};

/// How long a server that refuses is left alone.
pub(super) const PAUSE: Duration = Duration::from_millis(100);

/// All of them, by their numbers.
#[derive(Debug, Default)]
pub(super) struct Servers {
    all: Vec<Server>,
    /// Whether one is left alone for a moment.
    holds: bool,
}

/// One address that is asked.
#[derive(Debug)]
struct Server {
    address: SocketAddr,
    /// By [`Over`].
    lanes: [Lane; 2],
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
    held_until: Option<Instant>,
}

/// Who is the first to be looked at.
#[derive(Clone, Copy, Debug)]
pub(super) enum First {
    /// The next after the one that was asked last.
    After(u8),
    /// Each in its turn.
    InTurn(u64),
}

impl Servers {
    /// Makes known whom a question may be asked.
    pub(super) fn meet(&mut self, manner: &Manner, now: Instant) {
        for asked in &manner.servers {
            let needed = usize::from(asked.server) + 1;
            while self.all.len() < needed.min(Asked::MOST) {
                let lanes = [Lane::new(now), Lane::new(now)];
                self.all.push(Server { address: asked.address, lanes });
            }
            if let Some(server) = self.all.get_mut(needed - 1) {
                server.address = asked.address;
            }
        }
    }

    pub(super) fn address(&self, server: u8) -> Option<SocketAddr> {
        self.all.get(usize::from(server)).map(|server| server.address)
    }

    pub(super) fn lane(&mut self, server: u8, over: Over) -> Option<&mut Lane> {
        Some(&mut self.all.get_mut(usize::from(server))?.lanes[over as usize])
    }

    /// Who is asked: the first of those with room, and one that is silent only if all are.
    pub(super) fn choose(&mut self, manner: &Manner, over: Over, first: First) -> Option<u8> {
        let servers = &manner.servers;
        let start = match first {
            First::After(last) => {
                servers.iter().position(|asked| asked.server == last).map_or(0, |n| n + 1)
            }
            First::InTurn(turn) => usize::try_from(turn).unwrap_or(0),
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

    /// Whether nobody of these need be waited for.
    pub(super) fn is_hopeless(&mut self, manner: &Manner, over: Over, now: Instant) -> bool {
        let mut servers = manner.servers.iter().map(|asked| asked.server);
        servers.all(|server| self.lane(server, over).is_some_and(|lane| lane.is_hopeless(now)))
    }

    /// Leaves one alone for a while.
    pub(super) fn hold(&mut self, server: u8, over: Over, now: Instant) {
        if let Some(lane) = self.lane(server, over) {
            lane.held_until = Some(now + PAUSE);
            self.holds = true;
        }
    }

    /// Those that were left alone for long enough may be asked again.
    pub(super) fn let_go(&mut self, now: Instant) {
        if !self.holds {
            return;
        }
        self.holds = false;
        for lane in self.all.iter_mut().flat_map(|server| &mut server.lanes) {
            lane.held_until = lane.held_until.filter(|until| *until > now);
            self.holds |= lane.held_until.is_some();
        }
    }

    /// When the next may be asked again.
    pub(super) fn next(&self) -> Option<Instant> {
        let lanes = self.all.iter().filter(|_| self.holds).flat_map(|server| &server.lanes);
        lanes.filter_map(|lane| lane.held_until).min()
    }
}

impl Lane {
    fn new(now: Instant) -> Self {
        Self { window: Window::new(now), silent_since: None, refused_since: None, held_until: None }
    }

    /// Whether nobody need wait for room: it has been silent, or refusing, for long. It is still tried, by
    /// one query at a time.
    fn is_hopeless(&self, now: Instant) -> bool {
        const SILENCE: Duration = Duration::from_secs(30);
        const REFUSAL: Duration = Duration::from_secs(5);
        let for_long = |since: Option<Instant>, long| since.is_some_and(|at| now.since(at) > long);
        self.window.is_silent() && for_long(self.silent_since, SILENCE)
            || for_long(self.refused_since, REFUSAL)
    }
}
