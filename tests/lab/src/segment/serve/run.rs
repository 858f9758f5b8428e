//! The loop: what comes goes to the crowd, and what that answers leaves when it is due.
//!
//! It decides nothing about a frame.

use std::fs::File;
use std::io::{self, BufWriter, Read as _, Write as _};
use std::slice;
use std::time::Duration;

use wireline_lab::segment::{Flood, Order};

use crate::clock::now;
use crate::crowd::{Crowd, Sending};
use crate::flood::Flooding;
use crate::frame::{Request, is_arp};
use crate::port::{Arrival, Port};
use crate::schedule::Schedule;
use crate::waiting::wait;

/// How many frames are taken or sent at a time, so that nothing holds up the others.
const BATCH: u32 = 256;
/// An Ethernet frame and what the kernel may have merged into it.
const LONGEST: usize = 1 << 16;

#[derive(Debug)]
pub(crate) struct Run {
    port: Port,
    log: BufWriter<File>,
    scanner: [u8; 6],
    crowd: Crowd,
    later: Schedule<Sending>,
    flooding: Option<Flooding>,
    /// What came on stdin after the last end of line.
    line: Vec<u8>,
}

impl Run {
    pub(crate) fn new(port: Port, log: File, scanner: [u8; 6]) -> Self {
        let (crowd, later) = (Crowd::default(), Schedule::new());
        let log = BufWriter::new(log);
        Self { port, log, scanner, crowd, later, flooding: None, line: Vec::new() }
    }

    /// Answers until stdin ends.
    pub(crate) fn run(&mut self) -> io::Result<()> {
        let mut buffer = vec![0; LONGEST];
        while self.wait()? {
            self.arrivals(&mut buffer)?;
            self.departures();
            self.flood();
        }
        // What was sent before the end of stdin is in the log.
        while self.arrivals(&mut buffer)? == BATCH {}
        self.log.flush()
    }

    /// Carries out what a test wants.
    pub(crate) fn obey(&mut self, order: Order) {
        match order {
            Order::Claim(claim) => self.crowd.join(claim),
            Order::Leave(address) => self.crowd.leave(address),
            Order::Send(frame, times) => {
                self.send(Sending { after: Duration::ZERO, times, frame });
            }
            Order::Flood(flood) => self.set_flood(flood),
        }
    }

    pub(crate) fn set_flood(&mut self, flood: Option<Flood>) {
        self.flooding = flood.map(|flood| Flooding::start(flood, self.scanner, now()));
    }

    /// Sleeps until there may be something to do. False at the end of stdin.
    fn wait(&mut self) -> io::Result<bool> {
        let flood = self.flooding.as_ref().map(|flooding| flooding.wait(now()));
        let later = self.later.wait(Duration::from_nanos(now()));
        let sleep = flood.into_iter().chain(later).min();
        let has_spoken = wait(slice::from_ref(&self.port), sleep)?;
        if has_spoken { self.listen() } else { Ok(true) }
    }

    /// Takes orders, a line each. False at the end.
    fn listen(&mut self) -> io::Result<bool> {
        let mut chunk = [0; 4096];
        let count = io::stdin().lock().read(&mut chunk)?;
        self.line.extend_from_slice(&chunk[..count]);
        while let Some(end) = self.line.iter().position(|octet| *octet == b'\n') {
            let line: Vec<_> = self.line.drain(..=end).collect();
            self.obey(serde_json::from_slice(&line)?);
            writeln!(io::stdout(), "done")?;
        }
        Ok(count > 0)
    }

    /// Takes what has come, but no more than so many frames. How many it were.
    fn arrivals(&mut self, buffer: &mut [u8]) -> io::Result<u32> {
        for taken in 0..BATCH {
            match self.port.receive(buffer)? {
                Arrival::Frame(length, at) => self.take(&buffer[..length], at)?,
                Arrival::Stray => {}
                Arrival::Nothing => return Ok(taken),
            }
        }
        Ok(BATCH)
    }

    fn take(&mut self, frame: &[u8], at_ns: u64) -> io::Result<()> {
        if !is_arp(frame) {
            return Ok(());
        }
        writeln!(self.log, "{at_ns} {}", data_encoding::HEXLOWER.encode(frame))?;
        let Some(request) = Request::parse(frame) else { return Ok(()) };
        for sending in self.crowd.answer(&request) {
            if sending.after.is_zero() {
                self.send(sending);
            } else {
                let due = Duration::from_nanos(at_ns).saturating_add(sending.after);
                self.later.add(due, sending);
            }
        }
        Ok(())
    }

    /// What falls due on the way waits for the next turn: a storm is due without end.
    fn departures(&mut self) {
        let now = Duration::from_nanos(now());
        while let Some(sending) = self.later.pop(now) {
            self.send(sending);
        }
    }

    /// A storm goes out in parts. What the kernel does not take is lost.
    fn send(&mut self, mut sending: Sending) {
        for _ in 0..sending.times.min(BATCH) {
            self.port.send(&sending.frame);
        }
        sending.times = sending.times.saturating_sub(BATCH);
        if sending.times > 0 {
            self.later.add(Duration::from_nanos(now()), sending);
        }
    }

    fn flood(&mut self) {
        let Some(flooding) = &mut self.flooding else { return };
        for _ in 0..flooding.due(now()).min(u64::from(BATCH)) {
            self.port.send(&flooding.frame);
            flooding.sent += 1;
        }
    }
}
