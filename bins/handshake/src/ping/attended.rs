//! The engine with what it asks for beside it: names that are looked up anew, and a file that is kept up to date.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use wireline_engine::tcp::tcping::{Event, Target, TargetSummary, Tcping};
use wireline_engine::{
    Control, Datagrams, Engine, Handshake, Instant, Refusal, Reply, Stamp, Transmit,
};
use wireline_host::Family;

use super::prometheus;

/// How often a lookup under way is asked whether it has come, and how often the file is written.
const LOOK: Duration = Duration::from_millis(20);
const WRITE: Duration = Duration::from_secs(1);

/// Answers to come: a place in the list, and its addresses.
type Answers = (Sender<(usize, Vec<IpAddr>)>, Receiver<(usize, Vec<IpAddr>)>);

pub(super) struct Attended {
    engine: Tcping,
    /// The names, by place in the list.
    hosts: Vec<String>,
    family: Family,
    answers: Answers,
    lookups: usize,
    /// When it was last told the time.
    now: Instant,
    look_at: Instant,
    file: Option<PathBuf>,
    write_at: Instant,
    /// What the file could not be written for.
    pub(super) failure: Option<io::Error>,
}

impl Attended {
    pub(super) fn new(
        engine: Tcping,
        hosts: Vec<String>,
        family: Family,
        file: Option<PathBuf>,
        now: Instant,
    ) -> Self {
        let (answers, lookups, failure) = (channel(), 0, None);
        Self {
            engine,
            hosts,
            family,
            answers,
            lookups,
            now,
            look_at: now,
            file,
            write_at: now + WRITE,
            failure,
        }
    }

    /// All targets' counts so far.
    pub(super) fn summaries(&self, now: Instant) -> Vec<TargetSummary> {
        self.engine.summaries(now)
    }

    /// Writes the file, if there is to be one.
    pub(super) fn write(&mut self, now: Instant) {
        let Some(file) = &self.file else { return };
        let text = prometheus::text(&self.engine.summaries(now));
        if let Err(why) = prometheus::replace(file, &text) {
            self.failure.get_or_insert(why);
        }
    }

    fn look_up(&mut self, index: usize, target: &Target) {
        let host = self.hosts.get(index).map_or(&*target.name, String::as_str).to_owned();
        let (family, sender) = (self.family, self.answers.0.clone());
        let work = move || {
            let found = wireline_host::Target::resolve(&host, family);
            let addresses = found.map_or(Vec::new(), |found| found.addresses);
            // Nobody waits any more where the run is over.
            let _ = sender.send((index, addresses.iter().map(SocketAddr::ip).collect()));
        };
        match thread::Builder::new().spawn(work) {
            Ok(_) => {
                self.lookups += 1;
                self.look_at = self.now + LOOK;
            }
            Err(_) => self.engine.handle_addresses(index, &[]),
        }
    }
}

impl Engine for Attended {
    type Event = Event;

    fn next_timeout(&self) -> Option<Instant> {
        if self.engine.is_finished() {
            return None;
        }
        let look = (self.lookups > 0).then_some(self.look_at);
        let write = self.file.as_ref().map(|_| self.write_at);
        self.engine.next_timeout().into_iter().chain(look).chain(write).min()
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.now = now;
        while let Ok((index, addresses)) = self.answers.1.try_recv() {
            self.lookups -= 1;
            self.engine.handle_addresses(index, &addresses);
        }
        self.engine.handle_timeout(now);
        if self.look_at <= now {
            self.look_at = now + LOOK;
        }
        if self.write_at <= now {
            self.write_at = now + WRITE;
            self.write(now);
        }
    }

    fn poll_event(&mut self) -> Option<Event> {
        let event = self.engine.poll_event()?;
        if let Event::Resolve { target, index } = &event {
            self.look_up(*index, target);
        }
        Some(event)
    }

    fn handle_stop(&mut self, now: Instant) {
        self.engine.handle_stop(now);
    }

    fn handle_query(&mut self, now: Instant) {
        self.engine.handle_query(now);
    }

    fn handle_control(&mut self, now: Instant, control: Control) {
        self.engine.handle_control(now, control);
    }

    fn is_finished(&self) -> bool {
        self.engine.is_finished()
    }
}

impl Datagrams for Attended {
    fn poll_transmit(&mut self, now: Instant, contents: &mut Vec<u8>) -> Option<Transmit> {
        self.engine.poll_transmit(now, contents)
    }

    fn expected(&self) -> usize {
        self.engine.expected()
    }

    fn handle_reply(&mut self, now: Instant, reply: Reply<'_>) {
        self.engine.handle_reply(now, reply);
    }

    fn handle_stamp(&mut self, stamp: Stamp) {
        self.engine.handle_stamp(stamp);
    }

    fn handle_refusal(&mut self, now: Instant, refusal: Refusal<'_>) {
        self.engine.handle_refusal(now, refusal);
    }

    fn handle_port(&mut self, id: u32, port: u16) {
        self.engine.handle_port(id, port);
    }

    fn handle_handshake(&mut self, now: Instant, handshake: Handshake) {
        self.engine.handle_handshake(now, handshake);
    }

    fn handle_unsent(&mut self, now: Instant, transmit: &Transmit, why: &io::Error) {
        self.engine.handle_unsent(now, transmit, why);
    }

    fn handle_drops(&mut self, now: Instant, flow: u32, count: u64) {
        self.engine.handle_drops(now, flow, count);
    }
}
