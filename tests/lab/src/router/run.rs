//! The loop: what comes goes into the world, and what that answers leaves when it is due.
//!
//! It decides nothing about a packet.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::slice;
use std::time::Duration;

use wireline_lab::{Answer, Line, Path};

use crate::clock::{nanos, now};
use crate::packet::Packet;
use crate::port::{Arrival, Port};
use crate::schedule::Schedule;
use crate::sight;
use crate::waiting::wait;
use crate::world::{Outcome, World};

/// How long before an answer is due the loop stops sleeping: a sleeper may be woken late.
const SPIN: Duration = Duration::from_micros(200);
/// How many frames are taken at a time, so that departures never wait for arrivals.
const BATCH: usize = 64;
/// An Ethernet frame and what the kernel may have merged into it.
const LONGEST: usize = 1 << 16;

#[derive(Debug)]
pub(crate) struct Run {
    world: World,
    port: Port,
    later: Schedule<Departure>,
    log: File,
    /// Packets so far.
    seen: u64,
}

/// An answer on its way.
#[derive(Debug)]
struct Departure {
    frame: Vec<u8>,
    /// The packet that it answers, if it answers one.
    probe: Option<u64>,
    /// When it should leave.
    due_ns: u64,
}

impl Run {
    pub(crate) const fn new(path: Path, port: Port, log: File) -> Self {
        Self { world: World::new(path), port, later: Schedule::new(), log, seen: 0 }
    }

    /// Answers until stdin ends.
    pub(crate) fn run(&mut self) -> io::Result<()> {
        let mut buffer = vec![0; LONGEST];
        while self.wait()? {
            self.arrivals(&mut buffer)?;
            self.departures()?;
        }
        // What was sent before the end of stdin is in the log.
        while self.arrivals(&mut buffer)? == BATCH {}
        Ok(())
    }

    /// Sleeps until there may be something to do. False at the end of stdin.
    fn wait(&self) -> io::Result<bool> {
        let sleep = self.later.wait(Duration::from_nanos(now()));
        let sleep = sleep.map(|sleep| sleep.saturating_sub(SPIN));
        let has_spoken = wait(slice::from_ref(&self.port), sleep)?;
        Ok(!has_spoken || io::stdin().lock().read(&mut [0; 64])? > 0)
    }

    /// Takes what has come, but no more than so many frames. How many it were.
    fn arrivals(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        for taken in 0..BATCH {
            match self.port.receive(buffer)? {
                Arrival::Frame(length, at) => self.take(buffer[..length].to_vec(), at)?,
                Arrival::Stray => {}
                Arrival::Nothing => return Ok(taken),
            }
        }
        Ok(BATCH)
    }

    fn take(&mut self, frame: Vec<u8>, arrived_ns: u64) -> io::Result<()> {
        let Some(packet) = Packet::parse(frame) else { return Ok(()) };
        self.seen += 1;
        let number = self.seen;
        let Outcome { hop, end, answers } =
            self.world.take(&packet, Duration::from_nanos(arrived_ns));
        self.record(&Line::Probe(sight::of(&packet, number, (hop, end), arrived_ns)))?;
        for answer in answers {
            let due_ns = arrived_ns.saturating_add(nanos(answer.after));
            let probe = (!answer.is_about_a_stranger).then_some(number);
            let departure = Departure { frame: answer.frame, probe, due_ns };
            self.later.add(Duration::from_nanos(due_ns), departure);
        }
        Ok(())
    }

    fn departures(&mut self) -> io::Result<()> {
        while let Some(departure) = self.later.pop(Duration::from_nanos(now())) {
            // Before and not after: by the time `send` returns, the host may have it.
            let left_ns = now();
            let sent = self.port.send(&departure.frame);
            if let (true, Some(probe)) = (sent, departure.probe) {
                let late_ns = left_ns.saturating_sub(departure.due_ns);
                self.record(&Line::Answer(Answer { probe, left_ns, late_ns }))?;
            }
        }
        Ok(())
    }

    /// Writes at once, so that a path that is killed has told all that it did.
    fn record(&mut self, line: &Line) -> io::Result<()> {
        let mut text = serde_json::to_vec(line)?;
        text.push(b'\n');
        self.log.write_all(&text)
    }
}
