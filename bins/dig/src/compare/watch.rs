//! `--watch`: the same again and again, until the answer is another one, or with `--compare` until all
//! servers agree. Only what changes is shown.

use std::io;
use std::time::Duration;

use rustix::event::Timespec;
use wireline_cli::Exit;
use wireline_net::Clock;

use super::event::{Comparison, Event};
use super::{Candidate, ask, text};
use crate::exit;
use crate::json;
use crate::options::{Globals, Query};

/// After so long nothing is waited for any more.
const LONGEST: Duration = Duration::from_secs(24 * 3600);
/// No server is asked more often than this.
const SHORTEST: Duration = Duration::from_millis(100);

/// Asks once, or as often as it takes.
pub(crate) fn run(
    globals: &Globals,
    query: &Query,
    candidates: &[Candidate],
    write: &mut dyn FnMut(&str) -> io::Result<()>,
) -> anyhow::Result<Exit> {
    let mut show = |comparison: &Comparison| {
        if globals.json {
            write(&json::text(Clock.wall(), &Event::Compare(comparison.clone())))
        } else {
            write(&text::table(comparison))
        }
    };
    let first = ask(globals, query, candidates);
    show(&first)?;
    let Some(interval) = globals.watch else { return Ok(first.exit()) };
    let (began, mut looks, mut last) = (Clock.now(), 1, first.clone());
    let outcome = loop {
        if globals.compare && last.agree {
            break "agree";
        }
        if !globals.compare && !is_same(&first, &last) {
            break "changed";
        }
        if Clock.now().since(began) >= LONGEST {
            break "gave_up";
        }
        wait(interval.max(SHORTEST));
        let next = ask(globals, query, candidates);
        looks += 1;
        if !is_same(&last, &next) {
            show(&next)?;
        }
        last = next;
    };
    let time = Clock.now().since(began);
    let time_ms = time.as_secs_f64() * 1e3;
    if globals.json {
        write(&json::text(Clock.wall(), &Event::Watch { outcome, looks, time_ms }))?;
    } else {
        write(&format!(
            ";; {} after {looks} looks in {:.0} s\n",
            words(outcome),
            time.as_secs_f64()
        ))?;
    }
    Ok(if outcome == "gave_up" { exit::DIFFERENT } else { last.exit_of_watch() })
}

fn words(outcome: &str) -> &'static str {
    match outcome {
        "agree" => "all servers agree",
        "changed" => "the answer has changed",
        _ => "given up",
    }
}

/// Whether two looks brought the same codes and records from each server.
fn is_same(one: &Comparison, other: &Comparison) -> bool {
    let both = one.servers.iter().zip(&other.servers);
    let mut same = both.map(|(one, other)| {
        (&one.status, &one.answers, &one.error) == (&other.status, &other.answers, &other.error)
    });
    same.all(|same| same)
}

fn wait(time: Duration) {
    let time = Timespec::try_from(time).ok();
    // Interrupted is early, and early is no harm.
    let _ = rustix::event::poll(&mut [], time.as_ref());
}

impl Comparison {
    /// What a watch that has come to its end was for has happened, whatever the answers are.
    fn exit_of_watch(&self) -> Exit {
        match self.exit() {
            exit::NO_REPLY => exit::NO_REPLY,
            _ => exit::ANSWERED,
        }
    }
}
