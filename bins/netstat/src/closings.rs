//! Sockets as they are closed (`--events`), until somebody has seen enough.

use std::os::fd::AsFd as _;

use anyhow::{Context as _, Result};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use wireline_cli::{Exit, Refusal};
use wireline_host::Family;
use wireline_host::sockets::{Closed, Closings, InetSocket, Protocol};
use wireline_net::Signals;

use crate::event::{Event, Lost};
use crate::output::{Output, complain};
use crate::sockets::{Beside, Choice, Lines, Programs, Shown, json};

/// Tells of every one, one after the other.
pub(crate) fn show(choice: Choice, shown: Shown, output: &mut Output) -> Result<Exit> {
    let mut closings = Closings::open().map_err(failed)?;
    closings.make_room();
    let signals = Signals::new()?;
    // Who had one of them open is not known any more.
    let programs = Programs::default();
    let mut teller = Teller {
        choice,
        shown,
        lines: Lines::new(shown, &programs),
        beside: Beside::read(choice, shown)?,
    };
    teller.begin(output)?;
    while !signals.stop() {
        output.flush()?;
        wait(&closings, &signals)?;
        let mut told = Ok(());
        let taken = closings.take(|closed| {
            if told.is_ok() {
                told = teller.tell(closed, output);
            }
        });
        taken.map_err(failed)?;
        told?;
    }
    if output.is_json() {
        output.end()?;
    }
    Ok(Exit(0))
}

fn failed(why: impl std::error::Error + Send + Sync + 'static) -> anyhow::Error {
    let why = anyhow::Error::new(why);
    Refusal::new(Exit(1), format!("--events: {why:#}")).into()
}

fn wait(closings: &Closings, signals: &Signals) -> Result<()> {
    let interest = |fd| PollFd::from_borrowed_fd(fd, PollFlags::IN);
    let mut both = [interest(closings.as_fd()), interest(signals.as_fd())];
    match poll(&mut both, None) {
        // A signal is looked for by whoever called.
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(errno) => Err(errno).context("poll"),
    }
}

struct Teller<'a> {
    choice: Choice,
    shown: Shown,
    lines: Lines<'a>,
    beside: Beside,
}

impl Teller<'_> {
    fn begin(&self, output: &mut Output) -> Result<()> {
        if output.is_json() {
            return output.start("closed");
        }
        output.text(format_args!("Internet connections as they are closed\n"))?;
        output.bytes(self.lines.header().as_bytes())
    }

    fn tell(&mut self, closed: Closed, output: &mut Output) -> Result<()> {
        match closed {
            Closed::Lost if output.is_json() => output.row(&Event::Lost(Lost {})),
            Closed::Lost => {
                // In its place among the lines.
                output.flush()?;
                complain("netstat: --events: some closed sockets were missed: too many at once\n");
                Ok(())
            }
            Closed::Socket(row) if !takes(self.choice, &row) => Ok(()),
            Closed::Socket(row) if output.is_json() => {
                let mut socket = json::socket(&row);
                socket.owners = self.shown.programs.then(Vec::new);
                self.beside.add(&row, &mut socket);
                output.row(&Event::Closed(Box::new(socket)))
            }
            Closed::Socket(row) => {
                output.bytes(self.lines.row(&row))?;
                output.bytes(self.beside.lines(&row))
            }
        }
    }
}

const fn takes(choice: Choice, row: &InetSocket) -> bool {
    let is_of_family = match choice.family {
        Family::Any => true,
        Family::V4 => !row.is_v6(),
        Family::V6 => row.is_v6(),
    };
    let is_of_protocol = match row.protocol {
        Protocol::Tcp | Protocol::Mptcp => choice.tcp,
        Protocol::Udp => choice.udp,
        Protocol::UdpLite => choice.udplite,
        Protocol::Raw => choice.raw,
    };
    is_of_family && is_of_protocol
}
