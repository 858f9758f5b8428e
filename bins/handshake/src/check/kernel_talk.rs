//! One whole connection of the kernel's: opened, listened to, spoken to, half closed and closed.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use rustix::event::PollFlags;
use wireline_engine::Instant;
use wireline_engine::tcp::End;
use wireline_engine::tcp::battery::{Closed, Said};
use wireline_host::sockets::TcpInfo;
use wireline_net::{Clock, Connection, Progress, Read, Signals};

use super::args::Config;
use super::found::Results;
use super::kernel::{Woken, open, wait};

/// How long a server may take to speak first, and to answer.
const MANNERS: Duration = Duration::from_millis(300);

struct Talk<'a> {
    connection: Connection,
    signals: &'a Signals,
    opened_at: Instant,
    /// When our data was written.
    spoke_at: Option<Instant>,
    said: Said,
    /// FIN or RST of the server's.
    closed: Option<Closed>,
    has_finished: bool,
    interrupted: bool,
}

pub(super) fn talk(
    config: &Config,
    remote: SocketAddr,
    deadline: Instant,
    signals: &Signals,
    results: &mut Results,
) -> Result<()> {
    let until = deadline.min(Clock.now() + config.patience);
    let Some((connection, progress)) = open(config, remote, until, signals)? else {
        results.interrupted = true;
        return Ok(());
    };
    if progress != Progress::Open {
        return Ok(());
    }
    // Without stamps there is no round trip of data.
    let _ = connection.ask_for_stamps();
    let mut talk = Talk {
        connection,
        signals,
        opened_at: Clock.now(),
        spoke_at: None,
        said: Said::default(),
        closed: None,
        has_finished: false,
        interrupted: false,
    };
    talk.run(config, deadline);
    results.interrupted |= talk.interrupted;
    results.closed = talk.closed;
    results.said = Some(talk.said);
    talk.connection.reset();
    Ok(())
}

impl Talk<'_> {
    fn run(&mut self, config: &Config, deadline: Instant) {
        self.listen(deadline.min(Clock.now() + MANNERS), true);
        if self.is_over() {
            return;
        }
        if !config.send.is_empty() {
            self.say(&config.send);
            self.listen(deadline.min(Clock.now() + 2 * config.patience), false);
            self.hear_acknowledgement();
        }
        if self.interrupted || matches!(self.closed, Some(Closed::Reset { .. })) {
            return;
        }
        // Only of a connection that is gone already.
        let _ = self.connection.finish();
        self.has_finished = true;
        if self.closed.is_none() {
            self.listen(deadline.min(Clock.now() + 2 * config.patience), false);
        }
        if self.closed.is_none() && !self.interrupted {
            self.closed = Some(self.without_their_fin());
        }
    }

    fn is_over(&self) -> bool {
        self.interrupted || matches!(self.closed, Some(Closed::Reset { .. }))
    }

    fn say(&mut self, data: &[u8]) {
        self.said.is_acknowledged = Some(false);
        self.spoke_at = Some(Clock.now());
        if let Err(why) = self.connection.write(data) {
            self.failed(&why);
        }
    }

    /// Reads until there is nothing for so long; a greeting is enough where one is awaited.
    fn listen(&mut self, until: Instant, is_greeting: bool) {
        let mut buffer = Vec::new();
        while self.closed.is_none() && !self.interrupted {
            buffer.clear();
            match self.connection.read(&mut buffer, 16 * 1024) {
                Ok(Read::Octets(count)) => {
                    self.heard(count, is_greeting);
                    if is_greeting || Clock.now() >= until {
                        return;
                    }
                }
                Ok(Read::End) => {
                    let first = if self.has_finished { End::Client } else { End::Server };
                    self.closed = Some(Closed::Fin(first));
                }
                Err(why) => self.failed(&why),
                Ok(Read::Nothing) => match self.wait(until, is_greeting) {
                    Woken::Ready => {}
                    Woken::TimedOut => return,
                    Woken::Stopped => self.interrupted = true,
                },
            }
        }
    }

    /// The error queue wakes too, and is emptied here.
    fn wait(&mut self, until: Instant, is_greeting: bool) -> Woken {
        let has_answer = self.said.octets > 0 && !self.has_finished && !is_greeting;
        let until = if has_answer { until.min(Clock.now() + MANNERS) } else { until };
        let woken = wait(Some((&self.connection, PollFlags::IN)), until, self.signals);
        self.connection.data_stamps();
        woken
    }

    fn heard(&mut self, count: usize, is_greeting: bool) {
        if self.said.first_byte.is_none() && !self.has_finished {
            self.said.first_byte = Some(Clock.now().since(self.spoke_at.unwrap_or(self.opened_at)));
            self.said.has_greeted = is_greeting;
        }
        let count = u64::try_from(count).unwrap_or(0);
        if self.has_finished {
            self.said.octets_after_fin += count;
        } else {
            self.said.octets += count;
        }
    }

    fn failed(&mut self, _why: &std::io::Error) {
        let at_once = !self.has_finished && self.said.is_acknowledged.is_none();
        self.closed = Some(Closed::Reset { after_fin: self.has_finished, at_once });
    }

    fn hear_acknowledgement(&mut self) {
        let stamps = self.connection.data_stamps();
        let unacked = TcpInfo::parse(&self.connection.info()).map(|info| info.unacked());
        if stamps.acknowledged.is_some() || unacked == Some(0) && self.closed.is_none() {
            self.said.is_acknowledged = Some(true);
        }
        self.said.rtt = stamps.sent.zip(stamps.acknowledged).map(|(sent, at)| at.since(sent));
    }

    fn without_their_fin(&self) -> Closed {
        /// `TCP_FIN_WAIT2` (`linux/tcp_states.h`): our FIN is acknowledged.
        const FIN_WAIT_2: u8 = 5;
        let state = TcpInfo::parse(&self.connection.info()).map(|info| info.state());
        if state == Some(FIN_WAIT_2) { Closed::HalfOnly } else { Closed::Ignored }
    }
}
