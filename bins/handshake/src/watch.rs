//! `handshake watch`: other programs' connections, as they come by, or those of a command while it runs.

mod command;
mod owner;

use std::ffi::OsString;
use std::io::Write as _;
use std::os::fd::AsFd as _;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::{CommandFactory as _, Parser};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use wireline_cli::{Exit, Grammar, JsonLines, Output, Refusal, parse, run};
use wireline_engine::Instant;
use wireline_host::{interface_index, interface_name};
use wireline_net::{Clock, Direction, Error, Frame, Signals, Tap, drop_privileges};
use wireline_packet::capture::pcapng;
use wireline_packet::layers::{self, Content};

use crate::connections::{
    Amount, CaptureFile, Collector, Filter, Gallery, Passing, Totals, Wanted,
};
use crate::exit::{self, PRIVILEGE, USAGE};
use crate::ladder::{Drawing, Form, OutputFlags};
use crate::read::complain;
use command::Running;
use owner::Owners;

/// What may be asked for.
#[derive(Debug, Parser)]
#[command(
    name = "watch",
    args_override_self = true,
    about = "Draw other programs' connections as they come by, or those of a command",
    after_help = "Only connections that begin are drawn. It needs CAP_NET_RAW, which is given up before the \
        command starts: that runs as you, without privileges. Of a command, connections that are found to be \
        another program's are left out; a very short one whose owner was gone before it could be looked up is drawn.\n\n\
        Exit code: the command's (128 and the signal, if one killed it); else 0, 6 without CAP_NET_RAW, 8 if \
        packets were dropped.",
    override_usage = "handshake watch [OPTIONS] [FILTER]... [-- COMMAND [ARGUMENT]...]"
)]
struct Args {
    /// Only connections with one end so: host ADDRESS, net ADDRESS/LENGTH, port N or N-M
    filter: Vec<String>,

    /// At this interface alone, not at all of them
    #[arg(short = 'I', short_alias = 'i', long, value_name = "IF")]
    interface: Option<String>,

    /// End after so many connections
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    count: Option<u32>,

    /// End after so long
    #[arg(short, long, value_name = "SECONDS", value_parser = seconds)]
    timeout: Option<Duration>,

    /// Draw those that had begun before, too
    #[arg(long)]
    midway: bool,

    #[command(flatten)]
    output: OutputFlags,

    /// Run this, and draw its connections
    #[arg(last = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

fn seconds(word: &str) -> Result<Duration, String> {
    let seconds = word.parse::<f64>().map_err(|_| "a number of seconds is needed".to_owned())?;
    let time = Duration::try_from_secs_f64(seconds).ok().filter(|time| !time.is_zero());
    time.filter(|time| *time <= Duration::from_secs(1 << 30))
        .ok_or_else(|| "out of range".to_owned())
}

pub(crate) fn command() -> clap::Command {
    Args::command()
}

pub(crate) fn main(words: &[OsString]) -> ExitCode {
    let grammar = Grammar { usage: USAGE, missing: ("nothing is needed", USAGE) };
    match parse::<Args>("handshake watch", words, grammar) {
        Ok(args) => run("handshake watch", || exit::sorted(watch(&args))),
        Err(exit) => exit,
    }
}

/// Octets kept of each packet: whole ones, unless they are put together from many, for a capture file; else what
/// any headers have.
const WHOLE: u32 = 65_535;
const HEADERS: u32 = 256;

fn watch(args: &Args) -> Result<Exit> {
    let choice = args.output.choice()?;
    let filter = Filter::parse(&args.filter)?;
    let most = if choice.pcapng().is_some() { WHOLE } else { HEADERS };
    // In this order: what comes after the tap must not have its privilege.
    let tap = open_tap(args, &filter, most)?;
    drop_privileges()?;
    let signals = Signals::new()?;
    let capture = choice.pcapng().map(CaptureFile::open).transpose()?;
    let gallery = Gallery::new(Drawing::open(&choice)?, Amount::All);
    let (count, from_their_start) = (args.count, !args.midway);
    let wanted = Wanted { filter, numbers: Vec::new(), count, from_their_start };
    let view = args.interface.clone().unwrap_or_else(|| "all interfaces".to_owned());
    let collector = Collector::new(wanted, gallery, view);
    let running = Running::start(&args.command)?;
    let owners = running.as_ref().map(|running| Owners::of(running.id()));
    let mut watch = Watch { tap, capture, collector, owners, failure: None, dropped: 0 };
    let deadline = args.timeout.map(|timeout| Clock.now() + timeout);
    let status = watch.run(args, running, &signals, deadline)?;
    let is_json = choice.outputs.iter().any(|(form, file)| *form == Form::Json && file.is_none());
    watch.finish(status, is_json)
}

fn open_tap(args: &Args, filter: &Filter, most: u32) -> Result<Tap> {
    let index = args.interface.as_deref().map(interface_index).transpose();
    let name = args.interface.as_deref().unwrap_or_default();
    let index = index.map_err(|why| {
        Refusal::new(USAGE, format!("-I {name}: {}", wireline_engine::errno_text(&why)))
    })?;
    Tap::open(index, &filter.for_tap(), most).map_err(|why| match why {
        Error::FramesNotPermitted => Refusal::new(PRIVILEGE, why.to_string()).into(),
        why => anyhow::Error::from(why),
    })
}

struct Watch {
    tap: Tap,
    capture: Option<CaptureFile>,
    collector: Collector,
    /// Whose connections are wanted.
    owners: Option<Owners>,
    failure: Option<std::io::Error>,
    dropped: u64,
}

/// How long a connection that is over must be silent before it is drawn to its end.
const SILENCE: Duration = Duration::from_millis(300);

/// How long connections may take to come to their end after the command has.
const AFTERWARDS: Duration = Duration::from_secs(1);

impl Watch {
    /// Until a signal, the command's end, the time or the number that was asked for. Says how the command ended.
    fn run(
        &mut self,
        args: &Args,
        mut running: Option<Running>,
        signals: &Signals,
        mut deadline: Option<Instant>,
    ) -> Result<Option<Exit>> {
        let mut status = None;
        loop {
            self.wait(signals, running.is_some() || deadline.is_some())?;
            self.receive()?;
            self.collector.end_silent(Clock.wall(), SILENCE)?;
            if let Some(exit) = running.as_mut().map(Running::ended).transpose()?.flatten() {
                (status, running) = (Some(exit), None);
                deadline = Some(Clock.now() + AFTERWARDS);
            }
            let is_quiet = status.is_some() && !self.collector.has_open();
            let is_late = deadline.is_some_and(|deadline| Clock.now() >= deadline);
            let has_all = args.count.is_some_and(|count| self.collector.ended() >= count);
            if signals.stop() || is_late || has_all || is_quiet {
                break;
            }
        }
        if let Some(running) = &mut running {
            status = Some(running.stop()?);
        }
        self.receive()?;
        Ok(status)
    }

    /// For a packet, a signal, or a moment, in which connections come to their end.
    fn wait(&self, signals: &Signals, is_short: bool) -> Result<()> {
        let moment = Duration::from_millis(if is_short { 20 } else { 100 });
        let moment = Timespec::try_from(moment)?;
        let mut fds = [
            PollFd::from_borrowed_fd(self.tap.as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(signals.as_fd(), PollFlags::IN),
        ];
        match poll(&mut fds, Some(&moment)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(why) => return Err(std::io::Error::from(why).into()),
        }
        signals.drain();
        Ok(())
    }

    fn receive(&mut self) -> Result<()> {
        /// The clock and signals are looked at in between.
        const AT_ONCE: usize = 64;
        let Self { tap, capture, collector, owners, failure, .. } = self;
        for _ in 0..AT_ONCE {
            let count = tap.receive(&mut |frame| {
                if let Err(why) = take(&frame, collector, owners.as_mut(), capture.as_mut()) {
                    failure.get_or_insert(why);
                }
            })?;
            if let Some(why) = failure.take() {
                return Err(why.into());
            }
            if count == 0 {
                break;
            }
        }
        Ok(())
    }

    fn finish(mut self, status: Option<Exit>, is_json: bool) -> Result<Exit> {
        self.dropped = self.tap.statistics().dropped;
        let totals = self.collector.finish()?;
        self.capture.as_mut().map_or(Ok(()), CaptureFile::flush)?;
        if is_json {
            let others = self.owners.as_ref().map_or(0, Owners::others);
            let told = Told { totals: &totals, dropped: self.dropped, others };
            let mut output = Output::new(Box::new(JsonLines { tool: "handshake" }));
            output.event(Clock.wall(), &told)?;
            output.flush()?;
        }
        complain(&totals);
        if self.dropped > 0 {
            let what = "packets were dropped: what was drawn is not all";
            let _ = writeln!(std::io::stderr(), "handshake: {} {what}", self.dropped);
        }
        let is_complete = self.dropped == 0 && totals.given_up == 0;
        Ok(match status {
            Some(status) if status.0 != 0 => status,
            _ if !is_complete => exit::INCOMPLETE,
            _ => exit::OPEN,
        })
    }
}

/// What was seen, as one object.
#[derive(Debug, serde::Serialize)]
#[serde(tag = "event", rename = "watched")]
pub struct Told<'a> {
    #[serde(flatten)]
    totals: &'a Totals,
    /// Packets that the kernel had no room for.
    dropped: u64,
    /// Connections that were found to be other programs'.
    others: u32,
}

impl Told<'_> {
    /// What the event is called in JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        "watched"
    }

    /// One of them.
    #[must_use]
    pub const fn sample() -> Self {
        const TOTALS: &Totals = &Totals::sample();
        Self { totals: TOTALS, dropped: 2, others: 3 }
    }
}

fn take(
    frame: &Frame<'_>,
    collector: &mut Collector,
    owners: Option<&mut Owners>,
    capture: Option<&mut CaptureFile>,
) -> std::io::Result<()> {
    let Ok(packet) = layers::read(frame.link_type, frame.contents, frame.length) else {
        collector.pass_over();
        return Ok(());
    };
    if let (Some(owners), Content::Tcp { segment, .. }) = (owners, packet.content) {
        let source = (packet.source, segment.source_port).into();
        let destination = (packet.destination, segment.destination_port).into();
        let is_from_here = frame.direction == Direction::Out;
        if owners.is_anothers(source, destination, segment.flags, is_from_here) {
            return Ok(());
        }
    }
    let direction = match frame.direction {
        Direction::In => layers::Direction::In,
        Direction::Out => layers::Direction::Out,
    };
    let place = (frame.interface, direction);
    let is_wanted = collector.take(&Passing { at: frame.wall, place, packet })?;
    let Some(capture) = capture.filter(|_| is_wanted) else { return Ok(()) };
    let (at, length, contents) = (frame.wall, frame.length, frame.contents);
    let written = pcapng::Packet { interface: 0, at, length, contents, direction, comment: "" };
    let name = || interface_name(frame.interface).unwrap_or_default();
    capture.write((frame.link_type, frame.interface), name, &written)
}
