//! `--watch`: what opens, closes and changes, from one look to the next.
//!
//! What has changed is found by `changes`, which knows no clock. On a terminal the table stands in its
//! place; elsewhere each change is a line.

mod changes;
mod lines;
mod screen;

use std::ops::ControlFlow;
use std::os::fd::AsFd as _;
use std::time::Duration;

use anyhow::Result;
use changes::{Changes, Watch};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use screen::Screen;
use wireline_engine::Instant;
use wireline_host::sockets::filter::Filter;
use wireline_host::sockets::{Details, InetSocket, Protocol};
use wireline_net::{Clock, Signals};
use wireline_tool::Keys;

use crate::filtering::Sieve;
use crate::output::Output;
use crate::sockets::{Choice, Numeric, Programs, Shown, Source};

/// One look, and what has changed since the one before.
struct Look<'a> {
    /// Those of now.
    rows: &'a [InetSocket],
    changes: &'a Changes,
    is_first: bool,
    /// Of now, and of before: who has gone had a name then.
    programs: &'a Programs,
    before: &'a Programs,
}

/// Until somebody has seen enough.
pub(crate) fn show(
    choice: Choice,
    shown: Shown,
    filter: &Filter,
    interval: Duration,
    output: &mut Output,
) -> Result<()> {
    // A look waits for no name server.
    let numeric = Numeric { hosts: true, ..shown.numeric };
    let shown = Shown { numeric, ..shown };
    let signals = Signals::new()?;
    let mut view = View::open(shown, output)?;
    let sieve = Sieve::new(filter);
    let watched = looks((choice, shown, &sieve), interval, &signals, &mut view, output);
    // A terminal is left as it was, whatever happened.
    view.close(output)?;
    watched?;
    Ok(sieve.finish()?)
}

fn looks(
    (choice, shown, sieve): (Choice, Shown, &Sieve),
    interval: Duration,
    signals: &Signals,
    view: &mut View,
    output: &mut Output,
) -> Result<()> {
    let (mut watch, mut before) = (Watch::default(), Programs::default());
    let (mut next, mut is_first) = (Clock.now(), true);
    loop {
        let rows = rows(choice, shown, sieve)?;
        let programs = if shown.programs { programs(&rows, output)? } else { Programs::default() };
        let changes = watch.look(Clock.now(), &rows);
        let (rows, changes, programs) = (&rows, &changes, programs);
        let look = Look { rows, changes, is_first, programs: &programs, before: &before };
        view.show(&look, shown, output)?;
        (before, is_first) = (programs, false);
        next = after(next, interval, Clock.now());
        if wait(next, signals, view).is_break() {
            return Ok(());
        }
    }
}

enum View {
    InPlace(Screen, Option<Keys>),
    Lines,
    Json,
}

impl View {
    fn open(shown: Shown, output: &mut Output) -> Result<Self> {
        if output.is_json() {
            return Ok(Self::Json);
        }
        if rustix::termios::isatty(rustix::stdio::stdout()) {
            let keys = Keys::open();
            return Ok(Self::InPlace(Screen::open(shown.wide, output)?, keys));
        }
        Ok(Self::Lines)
    }

    fn show(&mut self, look: &Look<'_>, shown: Shown, output: &mut Output) -> Result<()> {
        match self {
            Self::InPlace(screen, _) => screen.show(look, shown, output)?,
            // Whoever reads the first line knows that what changes from now on will be told.
            Self::Lines if look.is_first => lines::header(shown, output)?,
            Self::Json if look.is_first => output.start("changes")?,
            Self::Lines => lines::show(look, shown, output)?,
            Self::Json => lines::json(look, shown, output)?,
        }
        output.flush()
    }

    fn close(self, output: &mut Output) -> Result<()> {
        match self {
            Self::InPlace(..) => Screen::close(output)?,
            Self::Lines => {}
            Self::Json => output.end()?,
        }
        output.flush()
    }

    const fn keys(&self) -> Option<&Keys> {
        match self {
            Self::InPlace(_, keys) => keys.as_ref(),
            Self::Lines | Self::Json => None,
        }
    }
}

/// TCP counts what goes through, and tells it only if asked.
fn rows(choice: Choice, shown: Shown, sieve: &Sieve) -> Result<Vec<InetSocket>> {
    let mut rows = Vec::new();
    let details = |protocol| match protocol {
        Protocol::Tcp => Details::TCP_INFO,
        other => shown.details(other),
    };
    Source::filtered(sieve).inet_with(choice, details, &mut |row| {
        rows.push(row.clone());
        Ok(())
    })?;
    Ok(rows)
}

fn programs(rows: &[InetSocket], output: &Output) -> Result<Programs> {
    Programs::find(rows.iter().map(|row| row.inode).collect(), output.is_json())
}

/// The next look, on the grid of those before; what was missed is not made up for.
fn after(last: Instant, interval: Duration, now: Instant) -> Instant {
    let next = last + interval;
    if next > now { next } else { now + interval }
}

/// Until then, or until somebody wants no more: a signal, or `q`.
fn wait(until: Instant, signals: &Signals, view: &View) -> ControlFlow<()> {
    loop {
        let left = until.since(Clock.now());
        if signals.stop() {
            return ControlFlow::Break(());
        }
        if left.is_zero() {
            return ControlFlow::Continue(());
        }
        let mut fds = vec![PollFd::from_borrowed_fd(signals.as_fd(), PollFlags::IN)];
        fds.extend(view.keys().map(|keys| PollFd::from_borrowed_fd(keys.as_fd(), PollFlags::IN)));
        let timeout = Timespec::try_from(left).ok();
        // Of nothing but the end of its reader.
        fds.push(PollFd::from_borrowed_fd(rustix::stdio::stdout(), PollFlags::empty()));
        // A signal ends the wait and is looked at above.
        let _ = poll(&mut fds, timeout.as_ref());
        if fds.last().is_some_and(|out| out.revents().intersects(PollFlags::ERR | PollFlags::HUP)) {
            return ControlFlow::Break(());
        }
        signals.drain();
        let pressed = view.keys().map(Keys::pressed).unwrap_or_default();
        if pressed.iter().any(|key| matches!(key, b'q' | b'Q')) {
            return ControlFlow::Break(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_on_a_grid_until_one_is_late() {
        let (at, second) = (Instant::from_millis, Duration::from_secs(1));
        assert_eq!(after(at(5000), second, at(5200)), at(6000));
        assert_eq!(after(at(5000), second, at(7500)), at(8500), "and not two at once");
    }
}
