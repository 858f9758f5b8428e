//! The loop: what arrives goes through a lane into the schedule, and leaves when it is due.
//!
//! It decides nothing about a frame.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::time::Duration;

use wireline_lab::{Direction, Fate, Frame, Link};

use crate::clock::now;
use crate::lane::{Lane, Parcel};
use crate::port::{Arrival, Port};
use crate::schedule::Schedule;
use crate::waiting::wait;

/// How long before a frame is due the loop stops sleeping, in nanoseconds: a sleeper may be woken
/// late.
const SPIN: u64 = 200_000;
/// How many frames of one port are taken at a time, so that departures never wait for arrivals.
const BATCH: usize = 64;
/// An Ethernet frame and what the kernel may have merged into it.
const LONGEST: usize = 1 << 16;

#[derive(Debug)]
pub(crate) struct Relay {
    /// The first host's and the second's.
    ports: [Port; 2],
    /// From the first port to the second, and back.
    lanes: [Lane; 2],
    schedule: Schedule,
    log: File,
}

impl Relay {
    pub(crate) fn new(link: Link, ports: [Port; 2], log: File) -> Self {
        let [there, back] = link.ways;
        let lanes = [(Direction::AToB, there), (Direction::BToA, back)]
            .map(|(direction, way)| Lane::new(direction, link.seed, way));
        Self { ports, lanes, schedule: Schedule::default(), log }
    }

    /// Relays until stdin ends.
    pub(crate) fn run(&mut self) -> io::Result<()> {
        let mut buffer = vec![0; LONGEST];
        while self.wait()? {
            self.arrivals(0, &mut buffer)?;
            self.arrivals(1, &mut buffer)?;
            self.departures()?;
        }
        for mut parcel in std::mem::take(&mut self.schedule).into_rest() {
            parcel.frame.fate = Fate::Unsent;
            self.record(&parcel.frame)?;
        }
        Ok(())
    }

    /// Sleeps until there may be something to do. False at the end of stdin.
    fn wait(&self) -> io::Result<bool> {
        let sleep = self.schedule.next().map(|due| due.saturating_sub(now()).saturating_sub(SPIN));
        let has_spoken = wait(&self.ports, sleep.map(Duration::from_nanos))?;
        Ok(!has_spoken || io::stdin().lock().read(&mut [0; 64])? > 0)
    }

    fn arrivals(&mut self, from: usize, buffer: &mut [u8]) -> io::Result<()> {
        for _ in 0..BATCH {
            match self.ports[from].receive(buffer)? {
                Arrival::Frame(length, at) => self.admit(from, buffer[..length].to_vec(), at)?,
                Arrival::Stray => {}
                Arrival::Nothing => break,
            }
        }
        Ok(())
    }

    fn admit(&mut self, from: usize, octets: Vec<u8>, arrived: u64) -> io::Result<()> {
        for parcel in self.lanes[from].take(octets, arrived) {
            match parcel.due {
                Some(due) => self.schedule.add(due, parcel),
                None => self.record(&parcel.frame)?,
            }
        }
        Ok(())
    }

    fn departures(&mut self) -> io::Result<()> {
        while let Some((due, parcel)) = self.schedule.take_due(now()) {
            let Parcel { octets, mut frame, .. } = parcel;
            let to = &self.ports[match frame.direction {
                Direction::AToB => 1,
                Direction::BToA => 0,
            }];
            // Before and not after: by the time `send` returns, the other host may have replied.
            let left = now();
            if to.send(&octets) {
                frame.left_ns = Some(left);
                frame.late_ns = left.saturating_sub(due);
            } else {
                frame.fate = Fate::Unsent;
            }
            self.record(&frame)?;
        }
        Ok(())
    }

    /// Writes at once, so that a link that is killed has told all that it did.
    fn record(&mut self, frame: &Frame) -> io::Result<()> {
        let mut line = serde_json::to_vec(frame)?;
        line.push(b'\n');
        self.log.write_all(&line)
    }
}
