//! Requests sent ahead over one connection of HTTP/1.1 (RFC 9112 §9.3.2), for whoever wants to see how that goes.
//!
//! Apart from all other transfers: nothing is followed, repeated or kept, and all of it ends by a deadline.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, ReadHalf, WriteHalf};
use tokio::time::{Instant, timeout};

use crate::agent::core::Core;
use crate::agent::delivery::{Delivery, Stop};
use crate::agent::exchange::{Line, receive};
use crate::agent::hop::Hop;
use crate::agent::pool::Held;
use crate::agent::run::Ending;
use crate::agent::transfer::{Transfer, Verdict};
use crate::codec::{self, Item};
use crate::event::{Event, Why};
use crate::failure::{Failure, Kind};
use crate::spec::{Body, Job, Versions};
use crate::tell::{Tell, Teller};
use crate::transport::{Stream, Want};

/// Requests at the most.
const MOST: usize = 1000;
/// For all of it, where the first specification has no limit.
const PATIENCE: Duration = Duration::from_secs(30);
/// Octets that are received at once.
const BUFFER: usize = 64 * 1024;

/// One of the requests.
struct Lane {
    hop: Hop,
    transfer: Transfer,
    tell: Tell,
    ending: Ending,
    outcome: Option<Result<(), Failure>>,
}

/// Sends them all, and reads what comes: each observer is told of its own, on one clock.
pub(super) async fn run(core: &Rc<Core>, jobs: Vec<Job>) {
    let begin = Instant::now();
    let limit = jobs.first().and_then(|job| job.spec.limits.total).filter(|one| !one.is_zero());
    let mut lanes: Vec<Lane> = jobs.into_iter().map(|job| Lane::new(core, job, begin)).collect();
    let limit = limit.unwrap_or(PATIENCE);
    let failure = match timeout(limit, all(core, &mut lanes)).await {
        Ok(Ok(())) => None,
        Ok(Err(failure)) => Some(failure),
        Err(_) => {
            let text = format!("Operation timed out after {} milliseconds", limit.as_millis());
            Some(Failure::new(Kind::TimedOut, text))
        }
    };
    let other = || Failure::new(Kind::Empty, "no response came");
    for mut lane in lanes {
        let missing = || Err(failure.clone().unwrap_or_else(other));
        let outcome = lane.outcome.take().unwrap_or_else(missing);
        let _ = lane.ending.end(outcome);
    }
}

impl Lane {
    fn new(core: &Rc<Core>, job: Job, begin: Instant) -> Self {
        let Job { url, spec, observer } = job;
        let tell = Teller::new(begin, observer);
        let hop = Hop::first(url.clone(), &spec, 0, Why::First);
        let transfer = Transfer::new(Rc::clone(core), Tell::clone(&tell), spec, url);
        let ending = Ending::new(Tell::clone(&tell));
        Self { hop, transfer, tell, ending, outcome: None }
    }

    fn tell_hop(&self) {
        let (url, method) = (self.hop.url.effective(), self.hop.method(&self.transfer.spec));
        self.tell.event(&Event::Hop { url, method, why: self.hop.why });
    }
}

async fn all(core: &Core, lanes: &mut [Lane]) -> Result<(), Failure> {
    check(lanes)?;
    let Some(first) = lanes.first() else { return Ok(()) };
    first.tell_hop();
    let (url, spec) = (&first.hop.url, &first.transfer.spec);
    let versions = Versions::Http11;
    let want = Want { url, spec, versions, elsewhere: None, deadline: None };
    let held = core.pool.get(want, true, &first.tell).await?;
    for lane in lanes.iter().skip(1) {
        lane.tell_hop();
        let (connection, local, remote) = (held.about.number, held.about.local, held.about.remote);
        lane.tell.event(&Event::Reused { connection, local, remote });
        lane.tell.event(&Event::Ready { version: held.about.version });
    }
    exchange(held, lanes).await
}

/// Whoever cannot be asked twice is not asked ahead (RFC 9112 §9.3.2), and one connection leads to one server.
fn check(lanes: &[Lane]) -> Result<(), Failure> {
    let refuse = |text: &str| Err(Failure::new(Kind::Setup, text));
    let Some(first) = lanes.first() else { return Ok(()) };
    if lanes.len() > MOST {
        return refuse("more requests than are sent ahead");
    }
    for lane in lanes {
        let spec = &lane.transfer.spec;
        if !first.hop.url.is_same_origin(&lane.hop.url) {
            return refuse("requests that are pipelined go to one server");
        }
        let method = lane.hop.method(spec);
        let is_safe = matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS");
        if !is_safe || !matches!(spec.request.body, Body::None) {
            return refuse("only GET, HEAD and OPTIONS without a body can be pipelined");
        }
        if !super::hop::is_spoken(&lane.hop.url.scheme) {
            let text = format!("Protocol \"{}\" not supported", lane.hop.url.scheme);
            return Err(Failure::new(Kind::UnsupportedProtocol, text));
        }
    }
    Ok(())
}

async fn exchange(held: Held, lanes: &mut [Lane]) -> Result<(), Failure> {
    let mut heads = Vec::with_capacity(lanes.len());
    let mut asked = Vec::with_capacity(lanes.len());
    for lane in &*lanes {
        let request = lane.transfer.request(&lane.hop, &held)?;
        asked.push(Delivery::new(&lane.transfer, &lane.hop).asked(&request));
        heads.push(request.encode(held.about.is_absolute)?);
    }
    let Line::H1(line) = held.line else {
        return Err(Failure::new(Kind::Setup, "the server does not speak HTTP/1.1"));
    };
    let tells: Vec<Tell> = lanes.iter().map(|lane| Tell::clone(&lane.tell)).collect();
    let sent = Cell::new(0);
    let (reader, writer) = tokio::io::split(line.into_stream());
    let sending = async {
        send(writer, heads, &tells, &sent).await;
        // What was not sent is missed by whoever reads.
        std::future::pending().await
    };
    let mut reading = Reading { reader, buffer: Vec::new(), start: 0, end: 0 };
    super::race(reading.all(lanes, asked, &sent, held.about.number), sending).await
}

/// All heads in one piece, as a pipeline does; each is told once its last octet went.
async fn send(
    mut writer: WriteHalf<Stream>,
    heads: Vec<Vec<u8>>,
    tells: &[Tell],
    sent: &Cell<usize>,
) {
    let mut ends = Vec::with_capacity(heads.len());
    let mut octets = Vec::new();
    for (head, tell) in heads.into_iter().zip(tells) {
        octets.extend_from_slice(&head);
        ends.push(octets.len());
        tell.event(&Event::RequestHead { raw: head.into(), is_tunnel: false });
    }
    let mut written: usize = 0;
    while let Some(rest) = octets.get(written..).filter(|rest| !rest.is_empty()) {
        match writer.write(rest).await {
            Ok(0) | Err(_) => return,
            Ok(more) => written = written.saturating_add(more),
        }
        if writer.flush().await.is_err() {
            return;
        }
        let whole = ends.iter().filter(|end| **end <= written).count();
        for tell in tells.iter().take(whole).skip(sent.get()) {
            tell.event(&Event::RequestSent { body: 0 });
        }
        sent.set(whole);
    }
    // Not dropped while somebody reads: that would say that nothing more is wanted.
    std::future::pending::<()>().await;
}

/// What is received.
struct Reading {
    reader: ReadHalf<Stream>,
    buffer: Vec<u8>,
    /// Where what was received and not yet read begins and ends.
    start: usize,
    end: usize,
}

impl Reading {
    /// One response after the other, as they were asked for.
    async fn all(
        &mut self,
        lanes: &mut [Lane],
        asked: Vec<codec::Asked>,
        sent: &Cell<usize>,
        connection: u64,
    ) -> Result<(), Failure> {
        let count = lanes.len();
        for (at, (lane, asked)) in lanes.iter_mut().zip(asked).enumerate() {
            let outcome = self.one(lane, asked, at, sent).await;
            let is_open = matches!(outcome, Ok(true));
            if at.saturating_add(1) == count && self.end > self.start {
                let text = format!(
                    "{} octets behind the last response, which nobody asked for",
                    self.end.saturating_sub(self.start)
                );
                lane.tell.event(&Event::Oddity { text });
            }
            lane.tell.event(&Event::Left { connection, is_open });
            let ends = match &outcome {
                Ok(true) => None,
                Ok(false) => Some(closed("closed", at.saturating_add(1), count)),
                Err(why) if why.kind == Kind::Empty => Some(closed("closed", at, count)),
                Err(why) if why.kind == Kind::Send => Some(closed("broke", at, count)),
                Err(why) => Some(Failure::new(
                    why.kind,
                    format!("the response before it failed: {}", why.text),
                )),
            };
            let outcome = outcome.map(drop);
            lane.outcome = match (&ends, &outcome) {
                // The first that is missing is missing for the same reason.
                (Some(ends), Err(why)) if matches!(why.kind, Kind::Empty | Kind::Send) => {
                    Some(Err(ends.clone()))
                }
                _ => Some(outcome),
            };
            if let Some(ends) = ends {
                return Err(ends);
            }
        }
        Ok(())
    }

    /// Whether another can come behind it.
    async fn one(
        &mut self,
        lane: &Lane,
        asked: codec::Asked,
        at: usize,
        sent: &Cell<usize>,
    ) -> Result<bool, Failure> {
        let mut delivery = Delivery::new(&lane.transfer, &lane.hop);
        let mut decoder = codec::Decoder::new(asked);
        loop {
            if self.start == self.end {
                match self.receive().await {
                    Ok(0) => return eof(&mut decoder, &mut delivery),
                    Ok(_) => {}
                    // Requests that nobody read reset the connection: as good as closed.
                    Err(why) if !delivery.has_begun() => {
                        return Err(Failure::new(Kind::Send, why.text));
                    }
                    Err(why) => return Err(why),
                }
            }
            if !delivery.has_begun() && sent.get() <= at {
                delivery.oddity("the answer began before its request was sent (RFC 9112 §9.2)");
            }
            delivery.came();
            if let Some(is_open) = self.read(&mut decoder, &mut delivery)? {
                delivery.end(Vec::new())?;
                return match delivery.verdict() {
                    Verdict::Fail(failure) => {
                        lane.tell.note(failure.text);
                        Ok(is_open)
                    }
                    Verdict::Deliver | Verdict::Pass | Verdict::Follow(_) => Ok(is_open),
                };
            }
        }
    }

    async fn receive(&mut self) -> Result<usize, Failure> {
        if self.buffer.is_empty() {
            self.buffer = vec![0; BUFFER];
        }
        let length = match self.reader.read(&mut self.buffer).await {
            Ok(length) => length,
            Err(why) if why.kind() == std::io::ErrorKind::UnexpectedEof => 0,
            Err(why) => return Err(receive(&why)),
        };
        (self.start, self.end) = (0, length);
        Ok(length)
    }

    /// What was received. `Some`: the response is whole.
    fn read(
        &mut self,
        decoder: &mut codec::Decoder,
        delivery: &mut Delivery<'_>,
    ) -> Result<Option<bool>, Failure> {
        loop {
            let octets = self.buffer.get_mut(self.start..self.end).unwrap_or_default();
            let codec::Step { consumed, item } = decoder.decode(octets)?;
            self.start = self.start.saturating_add(consumed);
            let Some(item) = item else { return Ok(None) };
            match item {
                Item::Body(octets) => match delivery.body(octets) {
                    Ok(()) => {}
                    Err(Stop::Enough) => return Ok(Some(false)),
                    Err(Stop::Failed(failure)) => return Err(failure),
                },
                Item::Interim(head) => delivery.interim(head),
                Item::Head(head) => {
                    let length = decoder.body_length();
                    delivery.head(head, decoder.transfer_codings(), length)?;
                }
                Item::Trailers { raw, fields } => delivery.trailers(raw, fields),
                Item::Oddity(text) => delivery.oddity(text),
                Item::End { keeps_alive } => return Ok(Some(keeps_alive)),
            }
        }
    }
}

fn eof(decoder: &mut codec::Decoder, delivery: &mut Delivery<'_>) -> Result<bool, Failure> {
    loop {
        match decoder.eof()? {
            Item::End { .. } => {
                delivery.end(Vec::new())?;
                return Ok(false);
            }
            Item::Oddity(text) => delivery.oddity(text),
            _ => {}
        }
    }
}

fn closed(how: &str, after: usize, of: usize) -> Failure {
    let text = format!("the server {how} the connection after {after} of {of} responses");
    Failure::new(Kind::Empty, text)
}

#[cfg(test)]
mod tests;
