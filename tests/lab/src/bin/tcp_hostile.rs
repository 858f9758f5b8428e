//! `wireline-tcp-hostile`: hosts whose TCP says whatever it is told to, for end-to-end tests.
//!
//! `wireline-tcp-hostile BEHAVIOUR…` answers the segments to any port of 198.51.100.n and `2001:db8:bad::n` by the
//! n-th of its arguments, from 1. The words are in [`script`]. It prints `ready` once it listens and ends with its
//! standard input or after two million datagrams.
//!
//! It never speaks unasked. The kernel beside it must have neither these addresses nor forwarding, so that it
//! drops what comes for them in silence, and the other end a route by its link: [`wireline_lab::Host::hostile_tcp`].
#![forbid(unsafe_code)]

#[path = "../strange/link.rs"]
mod link;
#[path = "../strange/schedule.rs"]
mod schedule;
#[path = "../tcp/hostile/script.rs"]
mod script;
#[path = "../tcp/hostile/wire.rs"]
mod wire;

use std::io::{self, Read as _, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use nix::sys::socket::LinkAddr;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::time::{ClockId, clock_gettime};

use link::Link;
use schedule::Schedule;
use script::{Script, WORDS};
use wire::Heard;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let scripts: Option<Vec<Script>> = words.iter().map(|word| Script::named(word)).collect();
    let done = match scripts {
        Some(scripts) if !scripts.is_empty() => serve(&scripts),
        _ => Err(io::Error::other(format!("which behaviours? {}", WORDS.join(" ")))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            // With no standard error left there is nobody to tell.
            let _ = writeln!(io::stderr(), "wireline-tcp-hostile: {why}");
            ExitCode::FAILURE
        }
    }
}

fn serve(scripts: &[Script]) -> io::Result<()> {
    /// So many datagrams end the program, should a test forget to.
    const MOST: u32 = 2_000_000;
    let mut link = Link::open()?;
    let mut later = Schedule::new();
    let mut received = 0;
    writeln!(io::stdout(), "ready")?;
    while received < MOST && wait(&link, &later)? {
        while let Some((bytes, from)) = link.receive()? {
            received += 1;
            if let Some(heard) = Heard::parse(bytes) {
                plan(scripts, &heard, from, &mut later);
            }
        }
        while let Some((datagram, to)) = later.pop(now()) {
            link.send(&datagram, &to)?;
        }
    }
    Ok(())
}

fn plan(
    scripts: &[Script],
    heard: &Heard,
    from: LinkAddr,
    later: &mut Schedule<(Vec<u8>, LinkAddr)>,
) {
    let script =
        heard.target().and_then(|n| n.checked_sub(1)).and_then(|n| scripts.get(usize::from(n)));
    let now = now();
    for said in script.map(|script| script.answers(heard)).unwrap_or_default() {
        later.add(now.saturating_add(said.after), (heard.back(&said), from));
    }
}

/// Until there is something to do. `false`: standard input has ended.
fn wait(link: &Link, later: &Schedule<(Vec<u8>, LinkAddr)>) -> io::Result<bool> {
    let timeout = later.wait(now()).map(Timespec::try_from);
    let timeout = timeout.transpose().map_err(io::Error::other)?;
    let stdin = io::stdin();
    let mut fds = [PollFd::new(link, PollFlags::IN), PollFd::new(&stdin, PollFlags::IN)];
    match poll(&mut fds, timeout.as_ref()) {
        Ok(_) if !fds[1].revents().is_empty() => Ok(stdin.lock().read(&mut [0; 64])? > 0),
        Ok(_) | Err(rustix::io::Errno::INTR) => Ok(true),
        Err(why) => Err(why.into()),
    }
}

/// Since some fixed moment.
fn now() -> Duration {
    Duration::try_from(clock_gettime(ClockId::Monotonic)).unwrap_or_default()
}
