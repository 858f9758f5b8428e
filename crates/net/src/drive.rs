use std::io;
use std::ops::ControlFlow;
use std::os::fd::{AsFd as _, BorrowedFd};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use wireline_engine::{
    Control, Datagrams, Handshake, Instant, Quotation, Refusal, Reply, Stamp, Transmit,
};

use crate::{Clock, Error, Result, Signals};

/// Something that datagrams go out of and come in by.
pub trait Channel {
    /// Sends what is in the outbox, in order, and tells what became of what did not leave.
    fn send(&mut self, outbox: &Outbox, heard: &mut dyn FnMut(Instant, Heard<'_>));

    /// Takes in what is waiting, at most a batch of it, and says how much that was. About `expected`
    /// datagrams are.
    fn receive(&mut self, expected: usize, heard: &mut dyn FnMut(Instant, Heard<'_>)) -> usize;

    /// All that is open.
    fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>>;

    /// What to poll, and for what; errors always wake.
    fn polled(&self) -> impl Iterator<Item = PollFd<'_>> {
        self.fds().map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN))
    }

    /// The port that a datagram left from, or the identifier, where the kernel chose it.
    fn port(&self, _transmit: &Transmit) -> Option<u16> {
        None
    }
}

/// What a channel has to tell an engine.
#[derive(Clone, Copy, Debug)]
pub enum Heard<'a> {
    /// A datagram came in.
    Reply(Reply<'a>),
    /// One that went out was refused on the way.
    Refusal(Refusal<'a>),
    /// An ICMP error came in, and this is what it quotes.
    Quotation(Quotation<'a>),
    /// One that went out has this source port, or identifier.
    Port(u32, u16),
    /// One went out, at this time.
    Stamp(Stamp),
    /// A connection was answered.
    Handshake(Handshake),
    /// One could not go out.
    Unsent(&'a Transmit, &'a io::Error),
    /// So many came in by this flow that the kernel had no room for.
    Dropped(u32, u64),
}

/// Who is told what happens.
pub trait Sink<E> {
    /// Takes in an event. Breaks when there is nobody left to tell.
    fn event(&mut self, event: E) -> ControlFlow<()>;

    /// All events of the moment have been told: they may be shown.
    fn settled(&mut self) -> ControlFlow<()>;

    /// When to call [`settled`](Self::settled) if nothing happens before.
    fn deadline(&self) -> Option<Instant> {
        None
    }

    /// What somebody in front of the screen asks for, until `None`.
    fn control(&mut self) -> Option<Control> {
        None
    }

    /// Other things to poll, on whose input [`settled`](Self::settled) is called.
    fn wakes(&self) -> Vec<BorrowedFd<'_>> {
        Vec::new()
    }
}

/// Datagrams on their way to a channel; their buffers are used again and again.
#[derive(Debug, Default)]
pub struct Outbox {
    slots: Vec<(Option<Transmit>, Vec<u8>)>,
    filled: usize,
}

impl Outbox {
    /// Datagrams that leave by one system call at the most.
    pub const LIMIT: usize = 64;

    /// One datagram.
    #[cfg(test)]
    pub(crate) fn of(transmit: Transmit, contents: &[u8]) -> Self {
        Self { slots: vec![(Some(transmit), contents.to_vec())], filled: 1 }
    }

    fn fill(&mut self, engine: &mut impl Datagrams, now: Instant) {
        self.filled = 0;
        while self.filled < Self::LIMIT {
            if self.filled == self.slots.len() {
                self.slots.push(Default::default());
            }
            let (transmit, contents) = &mut self.slots[self.filled];
            *transmit = engine.poll_transmit(now, contents);
            if transmit.is_none() {
                break;
            }
            self.filled += 1;
        }
    }

    /// What is to be sent, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Transmit, &[u8])> {
        let filled = self.slots.iter().take(self.filled);
        filled.filter_map(|(transmit, contents)| Some((transmit.as_ref()?, contents.as_slice())))
    }
}

/// Runs an engine on a real channel until it is finished, handing each event to `sink`.
///
/// A `sink` that breaks (the reader of our output has gone) stops the engine as a signal would.
pub fn drive<E: Datagrams>(
    engine: &mut E,
    channel: &mut impl Channel,
    signals: &Signals,
    sink: &mut impl Sink<E::Event>,
) -> Result<()> {
    let clock = Clock;
    let mut outbox = Outbox::default();
    let (mut now, mut is_stopping) = (clock.now(), false);
    loop {
        outbox.fill(engine, now);
        if outbox.filled > 0 {
            channel.send(&outbox, &mut |now, heard| hear(engine, now, heard));
        }
        if tell(engine, sink).is_break() {
            engine.handle_stop(now);
            // There is nobody to tell the rest to.
            while engine.poll_event().is_some() {}
        }
        if engine.is_finished() {
            return Ok(());
        }
        let is_told = obey(engine, signals, now, &mut is_stopping);
        while let Some(control) = sink.control() {
            engine.handle_control(now, control);
        }
        // The reply to a request across a fast link is there before the call that sent it returns.
        let (expected, mut latest) = (engine.expected(), None);
        let count = channel.receive(expected, &mut |at, heard| {
            latest = Some(at);
            hear(engine, at, heard);
        });
        // What comes of a signal is told first: there may be nothing else to wait for.
        if count == 0 && outbox.filled < Outbox::LIMIT && !is_told {
            wait(channel, signals, sink, engine, clock)?;
            latest = None;
        }
        // A flood looks at the clock once for each reply.
        now = latest.unwrap_or_else(|| clock.now());
        engine.handle_timeout(now);
    }
}

fn hear(engine: &mut impl Datagrams, now: Instant, heard: Heard<'_>) {
    match heard {
        Heard::Reply(reply) => engine.handle_reply(now, reply),
        Heard::Refusal(refusal) => engine.handle_refusal(now, refusal),
        Heard::Quotation(quotation) => engine.handle_quotation(now, quotation),
        Heard::Port(id, port) => engine.handle_port(id, port),
        Heard::Stamp(stamp) => engine.handle_stamp(stamp),
        Heard::Handshake(handshake) => engine.handle_handshake(now, handshake),
        Heard::Unsent(transmit, why) => engine.handle_unsent(now, transmit, why),
        Heard::Dropped(flow, count) => engine.handle_drops(now, flow, count),
    }
}

fn tell<E: Datagrams>(engine: &mut E, sink: &mut impl Sink<E::Event>) -> ControlFlow<()> {
    let mut told = false;
    while let Some(event) = engine.poll_event() {
        sink.event(event)?;
        told = true;
    }
    if told { sink.settled() } else { ControlFlow::Continue(()) }
}

/// Does what signals ask for, and says whether they have just asked for something.
fn obey(
    engine: &mut impl Datagrams,
    signals: &Signals,
    now: Instant,
    is_stopping: &mut bool,
) -> bool {
    let asks = signals.query();
    if asks {
        engine.handle_query(now);
    }
    let stops = signals.stop();
    if stops {
        engine.handle_stop(now);
    }
    asks || stops && !std::mem::replace(is_stopping, stops)
}

/// Waits for input, for the engine's deadline or for a signal.
fn wait<E: Datagrams>(
    channel: &impl Channel,
    signals: &Signals,
    sink: &mut impl Sink<E::Event>,
    engine: &E,
    clock: Clock,
) -> Result<()> {
    // ppoll(2) underneath: nanoseconds, where poll(2) and tokio's timer wheel have milliseconds.
    let until = [engine.next_timeout(), sink.deadline()].into_iter().flatten().min();
    let timeout = until.map(|until| Timespec::try_from(until - clock.now()));
    let timeout = timeout.transpose().map_err(|_| io::ErrorKind::InvalidInput.into());
    let timeout = timeout.map_err(Error::call::<io::Error>("ppoll"))?;
    let input = |fd| PollFd::from_borrowed_fd(fd, PollFlags::IN);
    let mut fds = vec![input(signals.as_fd())];
    fds.extend(channel.polled());
    let ours = fds.len();
    fds.extend(sink.wakes().into_iter().map(input));
    match poll(&mut fds, timeout.as_ref()) {
        Ok(_) | Err(rustix::io::Errno::INTR) => {}
        Err(err) => return Err(Error::call("ppoll")(err)),
    }
    let awake = |fd: &PollFd<'_>| !fd.revents().is_empty();
    let (signalled, woken) = (awake(&fds[0]), fds[ours..].iter().any(awake));
    drop(fds);
    if signalled {
        signals.drain();
    }
    if woken || sink.deadline().is_some_and(|deadline| clock.now() >= deadline) {
        // Nobody left to tell is noticed at the next event.
        let _ = sink.settled();
    }
    Ok(())
}
