//! A run: from what was meant to an exit code.

use std::io::{self, Write as _};

use wireline_cli::Exit;
use wireline_http::agent::{Agent, Parallel};

use crate::complain;
use crate::config::Config;
use crate::jobs::Jobs;
use crate::notice::Notices;
use crate::sink::{self, Shared};
use crate::{exit, store};

/// Transfers what a command line asks for.
pub(crate) fn run(config: Config, said: &Notices) -> Exit {
    if let Some(count) = config.globals.shown.reports.pipeline {
        return crate::pipeline::run(config, count, said);
    }
    let Config { globals, operations } = config;
    let Some(first) = operations.first() else { return exit::SETUP };
    let what = sink::Run { is_parallel: globals.is_parallel, fails_early: globals.fails_early };
    let shared = match Shared::open(&first.output, what) {
        Ok(shared) => shared,
        Err(failure) => {
            let code = exit::of(failure.kind);
            say(&Notices(said.0.clone() + &complain::error(code.0, &failure.text)));
            return code;
        }
    };
    if globals.measure.is_any() {
        say(said);
        crate::measure::run(operations, &globals.measure, &shared);
        return shared.finish();
    }
    let mut later = said.clone();
    let known = store::load(&operations, now(), &mut later);
    say(&later);
    let agent = match Agent::new(known) {
        Ok(agent) => agent,
        Err(why) => {
            say(&Notices(format!("fetch: {why}\n")));
            return exit::SETUP;
        }
    };
    let parallel = Parallel {
        most: if globals.is_parallel { globals.most } else { 1 },
        most_per_host: globals.most_per_host,
        is_immediate: globals.is_immediate,
    };
    let files = store::files(&operations);
    let between = globals.between.filter(|_| !globals.is_parallel);
    agent.run(&mut Jobs::new(operations, between, shared.clone()), parallel);
    let mut complaints = Notices::default();
    store::save(&files, &agent.shared().borrow(), now(), &mut complaints);
    say(&complaints);
    shared.finish()
}

/// Nobody is left to tell where that fails.
fn say(said: &Notices) {
    if !said.0.is_empty() {
        let _ = io::stderr().lock().write_all(said.0.as_bytes());
    }
}

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    i64::try_from(wireline_net::Clock.wall().as_secs()).unwrap_or(i64::MAX)
}
