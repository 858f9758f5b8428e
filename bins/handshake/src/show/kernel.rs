//! A connection that the kernel makes, from connect(2) to the end of its teardown.

use std::io;
use std::net::SocketAddr;
use std::os::fd::AsFd as _;
use std::time::Duration;

use anyhow::Result;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use wireline_engine::Instant;
use wireline_engine::tcp::client::Until;
use wireline_engine::tcp::{End, Verdict};
use wireline_host::sockets::TcpInfo;
use wireline_net::{Clock, Connection, NoRoute, Progress, Read, Signals, Via, source_address};

use super::args::Close;
use super::inferred::Story;
use super::plan::{Plan, with_scope};
use super::report::Outcome;
use super::view::View;

/// Does it all, and says what came of it.
pub(crate) fn connect(
    plan: &Plan,
    data: &[u8],
    to: SocketAddr,
    signals: &Signals,
    view: &mut View,
) -> Result<Outcome> {
    let mut connection = match Connection::open(to, &plan.options(to)) {
        Ok(connection) => connection,
        Err(why) => {
            let failure = why.to_string();
            let errno = why.errno().ok_or(why)?;
            return Ok(Outcome {
                failure: Some(failure),
                ..Outcome::of(Verdict::of(errno, None, 0))
            });
        }
    };
    if let Some(local) = local(plan, &connection, to) {
        view.listen(local)?;
    }
    let began = Clock.now();
    let progress = if plan.fast_open.is_some() {
        let (progress, taken) = connection.connect_with(data);
        (progress, taken)
    } else {
        (connection.connect(), 0)
    };
    let talk = Talk {
        plan,
        signals,
        view,
        began,
        story: Story::default(),
        outcome: Outcome::default(),
        is_closed: false,
        is_reset: false,
    };
    talk.run(connection, progress, data)
}

/// Our end, before it connects: the address is the one that the kernel will take.
fn local(plan: &Plan, connection: &Connection, to: SocketAddr) -> Option<SocketAddr> {
    let bound = connection.local()?;
    if !bound.ip().is_unspecified() {
        return Some(bound);
    }
    let via = Via { device: plan.device.as_deref(), source: plan.source, ..Via::default() };
    let source: Result<_, NoRoute> = source_address(to, via);
    let mut local = with_scope(source.ok()?, to);
    local.set_port(bound.port());
    Some(local)
}

/// A connection under way.
struct Talk<'a> {
    plan: &'a Plan,
    signals: &'a Signals,
    view: &'a mut View,
    began: Instant,
    story: Story,
    outcome: Outcome,
    /// The other end's FIN came.
    is_closed: bool,
    /// RST came.
    is_reset: bool,
}

/// Why a wait ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Woken {
    Ready,
    Late,
    Stopped,
}

impl Talk<'_> {
    fn run(
        mut self,
        mut connection: Connection,
        (progress, taken): (Progress, usize),
        data: &[u8],
    ) -> Result<Outcome> {
        let errno = self.open(&mut connection, progress)?;
        self.take_figures(&connection, errno, connection.refused());
        if errno == 0 {
            self.story.opened(self.since(), self.outcome.info.as_ref());
            let said = data.get(taken..).unwrap_or_default();
            self.outcome.sent_octets = taken as u64;
            let talked = self.talk(&mut connection, said);
            self.outcome.note(talked);
            self.end(connection)?;
        } else {
            drop(connection);
        }
        self.settle()?;
        self.outcome.dropped = self.view.dropped();
        self.outcome.summary = self.view.summary();
        self.outcome.story = self.story.into_lines();
        Ok(self.outcome)
    }

    fn since(&self) -> Duration {
        Clock.now().since(self.began)
    }

    /// Until it is open, or is not: errno(3) then.
    fn open(&mut self, connection: &mut Connection, mut progress: Progress) -> Result<i32> {
        let deadline = self.plan.deadline(self.began);
        loop {
            match progress {
                Progress::Open => {
                    self.outcome.application = Some(self.since());
                    return Ok(0);
                }
                Progress::Failed(errno) => {
                    self.outcome.application = Some(self.since());
                    return Ok(errno);
                }
                Progress::Pending => {}
            }
            // What was seen is drawn later: that would be part of the time.
            match self.poll(Some(connection), PollFlags::OUT, false, deadline)? {
                Woken::Ready => progress = connection.progress(),
                Woken::Late => return Ok(Errno::TIMEDOUT.raw_os_error()),
                Woken::Stopped => {
                    self.outcome.is_stopped = true;
                    return Ok(Errno::TIMEDOUT.raw_os_error());
                }
            }
        }
    }

    fn take_figures(
        &mut self,
        connection: &Connection,
        errno: i32,
        refused: Option<wireline_engine::tcp::Refused>,
    ) {
        let info = TcpInfo::parse(&connection.info());
        let repeats = info.as_ref().map_or(0, TcpInfo::total_retrans);
        self.outcome.verdict = Verdict::of(errno, refused, repeats + 1);
        self.outcome.syn_sent = repeats + 1;
        self.story.asked(repeats);
        match self.outcome.verdict {
            Verdict::Closed => self.story.refused(self.since()),
            Verdict::NoRoute | Verdict::Local { .. } => self.outcome.syn_sent = 0,
            _ => {}
        }
        self.outcome.info = info;
        self.outcome.local = connection.local();
    }

    fn talk(&mut self, connection: &mut Connection, said: &[u8]) -> io::Result<()> {
        // Without stamps there is one figure less.
        let _ = connection.ask_for_stamps();
        let deadline = self.plan.deadline(Clock.now());
        self.say(connection, said, deadline)?;
        if self.plan.close == Close::Half {
            self.finish(connection)?;
        }
        self.hear(connection, deadline)?;
        let stamps = connection.data_stamps();
        let both = stamps.acknowledged.zip(stamps.sent);
        self.outcome.data_rtt = both.map(|(acknowledged, sent)| acknowledged.since(sent));
        if !self.plan.hold.is_zero() {
            let until = Clock.now() + self.plan.hold;
            self.read_until(connection, until, &mut |_| false)?;
        }
        Ok(())
    }

    fn say(
        &mut self,
        connection: &mut Connection,
        said: &[u8],
        deadline: Instant,
    ) -> io::Result<()> {
        let mut rest = said;
        while !rest.is_empty() {
            let written = connection.write(rest)?;
            if written > 0 {
                self.story.data(self.since(), End::Client, written);
                self.outcome.sent_octets += written as u64;
                rest = rest.get(written..).unwrap_or_default();
            } else if !self.may_go_on(Some(connection), PollFlags::OUT, deadline)? {
                break;
            }
        }
        Ok(())
    }

    /// As much as is wanted.
    fn hear(&mut self, connection: &mut Connection, deadline: Instant) -> io::Result<()> {
        let until = self.plan.until;
        match until {
            Until::Acknowledged if self.outcome.sent_octets == 0 => Ok(()),
            Until::Acknowledged => self.await_acknowledgment(connection, deadline),
            Until::Octets(wanted) => {
                self.read_until(connection, deadline, &mut |heard| heard >= wanted)
            }
            Until::Closed => self.read_until(connection, deadline, &mut |_| false),
        }
    }

    fn await_acknowledgment(
        &mut self,
        connection: &mut Connection,
        deadline: Instant,
    ) -> io::Result<()> {
        /// The error queue wakes us sooner, where there are stamps.
        const LOOK: Duration = Duration::from_millis(5);
        while connection.data_stamps().acknowledged.is_none() && Clock.now() < deadline {
            let unacked = TcpInfo::parse(&connection.info()).map_or(0, |info| info.unacked());
            if unacked == 0 || self.outcome.is_stopped {
                break;
            }
            self.may_go_on(Some(connection), PollFlags::empty(), deadline.min(Clock.now() + LOOK))?;
        }
        Ok(())
    }

    /// Reads what comes, until there is enough, the other end has closed or it is late.
    fn read_until(
        &mut self,
        connection: &mut Connection,
        deadline: Instant,
        enough: &mut dyn FnMut(u64) -> bool,
    ) -> io::Result<()> {
        const AT_ONCE: usize = 1 << 16;
        let mut octets = Vec::with_capacity(AT_ONCE);
        while !enough(self.outcome.received_octets) {
            octets.clear();
            let heard = if self.is_closed {
                Read::Nothing
            } else {
                connection.read(&mut octets, AT_ONCE)?
            };
            match heard {
                Read::Octets(count) => {
                    self.story.data(self.since(), End::Server, count);
                    self.outcome.received_octets += count as u64;
                    if Clock.now() < deadline && !self.signals.stop() {
                        continue;
                    }
                }
                Read::End => {
                    self.is_closed = true;
                    self.outcome.note_first(End::Server);
                    self.story.fin(self.since(), End::Server);
                    return Ok(());
                }
                Read::Nothing => {}
            }
            let awaited = if self.is_closed { None } else { Some(&mut *connection) };
            if !self.may_go_on(awaited, PollFlags::IN, deadline)? {
                return Ok(());
            }
        }
        Ok(())
    }

    fn finish(&mut self, connection: &Connection) -> io::Result<()> {
        connection.finish()?;
        self.outcome.note_first(End::Client);
        self.story.fin(self.since(), End::Client);
        Ok(())
    }

    /// Closes it as it was asked to.
    fn end(&mut self, mut connection: Connection) -> Result<()> {
        self.is_reset = self.outcome.is_reset_by.is_some();
        if self.is_reset {
            return Ok(());
        }
        let is_abrupt = self.outcome.is_stopped || self.plan.close == Close::Rst;
        if is_abrupt {
            self.reset(connection);
            return Ok(());
        }
        if self.plan.linger.is_some() {
            self.close_at_once(connection);
            return Ok(());
        }
        let deadline = self.plan.deadline(Clock.now());
        let closed = match self.plan.close {
            Close::None => {
                self.view.read()?;
                self.outcome.summary = self.view.summary();
                self.outcome.is_left_open = true;
                return self.free(connection);
            }
            Close::Server => self.read_until(&mut connection, deadline, &mut |_| false),
            Close::Half => self.read_until(&mut connection, deadline, &mut |_| false),
            Close::Fin | Close::Rst => {
                let finished = self.finish(&connection);
                // What came before RST can still be read.
                let read = self.read_until(&mut connection, deadline, &mut |_| false);
                finished.and(read)
            }
        };
        self.outcome.note(closed);
        if self.outcome.is_stopped {
            self.reset(connection);
            return Ok(());
        }
        if self.plan.close == Close::Server && self.is_closed {
            self.story.fin(self.since(), End::Client);
        }
        self.outcome.is_unfinished = !self.is_closed && self.outcome.is_reset_by.is_none();
        drop(connection);
        Ok(())
    }

    fn reset(&mut self, connection: Connection) {
        self.story.reset(self.since(), End::Client);
        self.outcome.is_reset_by = Some(End::Client);
        connection.reset();
    }

    /// What is not to be closed is drawn before it is.
    fn free(&mut self, connection: Connection) -> Result<()> {
        self.view.stop()?;
        connection.reset();
        Ok(())
    }

    fn close_at_once(&mut self, connection: Connection) {
        if self.plan.linger == Some(0) {
            self.reset(connection);
        } else {
            self.outcome.note_first(End::Client);
            self.story.fin(self.since(), End::Client);
            drop(connection);
        }
    }

    /// The kernel goes on alone: looks on until it has done.
    fn settle(&mut self) -> Result<()> {
        /// Time for what has left to come by.
        const MOMENT: Duration = Duration::from_millis(20);
        let is_open = self.outcome.verdict == Verdict::Open;
        let patience = if is_open && !self.outcome.is_stopped { self.plan.timeout } else { MOMENT };
        let deadline = Clock.now() + patience;
        while !self.outcome.is_left_open && self.view.is_seen() && !self.view.is_over() {
            if self.wait(None, PollFlags::IN, deadline)? != Woken::Ready {
                break;
            }
        }
        self.view.read()
    }

    fn may_go_on(
        &mut self,
        connection: Option<&mut Connection>,
        flags: PollFlags,
        deadline: Instant,
    ) -> io::Result<bool> {
        match self.wait(connection, flags, deadline).map_err(io::Error::other)? {
            Woken::Ready => Ok(true),
            Woken::Late => Ok(false),
            Woken::Stopped => {
                self.outcome.is_stopped = true;
                Ok(false)
            }
        }
    }

    /// Waits for the connection, and takes in what is seen meanwhile. Without a connection anything seen wakes.
    fn wait(
        &mut self,
        connection: Option<&mut Connection>,
        flags: PollFlags,
        deadline: Instant,
    ) -> Result<Woken> {
        let woken = self.poll(connection, flags, true, deadline)?;
        self.view.read()?;
        Ok(woken)
    }

    fn poll(
        &mut self,
        connection: Option<&mut Connection>,
        flags: PollFlags,
        is_looking: bool,
        deadline: Instant,
    ) -> Result<Woken> {
        let left = deadline.since(Clock.now());
        if self.signals.stop() && !self.outcome.is_stopped {
            return Ok(Woken::Stopped);
        }
        if left.is_zero() {
            return Ok(Woken::Late);
        }
        let timeout = Timespec::try_from(left)?;
        let signals = self.signals.as_fd();
        let mut fds = vec![PollFd::from_borrowed_fd(signals, PollFlags::IN)];
        let ours = connection.as_deref().map(|ours| PollFd::from_borrowed_fd(ours.as_fd(), flags));
        fds.extend(ours);
        let seen = self.view.fd().filter(|_| is_looking);
        fds.extend(seen.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN)));
        match poll(&mut fds, Some(&timeout)) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(why) => return Err(io::Error::from(why).into()),
        }
        drop(fds);
        if let Some(connection) = connection {
            // Or the next wait would not wait.
            connection.data_stamps();
        }
        Ok(Woken::Ready)
    }
}
