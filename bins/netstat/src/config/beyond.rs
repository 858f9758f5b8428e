//! Which flags `--diagnose`, `--watch`, `--explain` and `--pretty` go with: what would change nothing is
//! refused by name, and not swallowed.

use std::time::Duration;

use wireline_cli::Refusal;

use super::Mode;
use crate::args::Args;
use crate::family::Family;

/// The mode that these flags make of another.
pub(super) fn mode(args: &Args, families: &[Family], mode: Mode) -> Result<Mode, Refusal> {
    let flags = &args.beyond;
    let alone = [("--kill", flags.kill), ("--connection", !flags.connection.is_empty())];
    let modes = [
        ("--diagnose", flags.diagnose),
        ("--explain", flags.explain),
        ("--pretty", flags.pretty),
        ("--watch", flags.watch),
    ];
    for (flag, _) in modes.iter().filter(|(_, is_given)| *is_given) {
        refuse(flag, &alone)?;
    }
    if flags.diagnose {
        tables(args, "--diagnose", mode)?;
        refuse("--diagnose", &not_for_a_diagnosis(args, families))?;
        return Ok(Mode::Diagnosis);
    }
    if flags.explain {
        tables(args, "--explain", mode)?;
        refuse("--explain", &[("--watch", flags.watch)])?;
    }
    if flags.pretty {
        tables(args, "--pretty", mode)?;
        refuse("--pretty", &[("--json", args.output.json), ("--watch", flags.watch)])?;
    }
    if flags.watch {
        tables(args, "--watch", mode)?;
        refuse(
            "--watch",
            &[("-x", families.contains(&Family::Unix)), ("-c", args.output.continuous)],
        )?;
        return Ok(Mode::Changes(interval(flags.interval.as_deref())?));
    }
    match flags.interval {
        Some(_) => {
            Err(Refusal::new(crate::USAGE, "--interval goes with --watch only (try --help)"))
        }
        None => Ok(mode),
    }
}

/// In seconds: more often is not seen, and more seldom is not watching.
const INTERVALS: std::ops::RangeInclusive<f64> = 0.1..=3600.0;

fn interval(text: Option<&str>) -> Result<Duration, Refusal> {
    let Some(text) = text else { return Ok(Duration::from_secs(1)) };
    match text.parse() {
        Ok(seconds) if INTERVALS.contains(&seconds) => Ok(Duration::from_secs_f64(seconds)),
        _ => {
            let why = format!("--interval: {text}: not a number of seconds from 0.1 to 3600");
            Err(Refusal::new(crate::USAGE, why))
        }
    }
}

/// These are about sockets.
fn tables(args: &Args, flag: &str, mode: Mode) -> Result<(), Refusal> {
    let mode = match mode {
        Mode::Routes(_) => "-r",
        Mode::Interfaces => "-i",
        Mode::Groups => "-g",
        Mode::Statistics => "-s",
        Mode::Summary => "--summary",
        Mode::Closings => "--events",
        Mode::Sockets | Mode::Diagnosis | Mode::Changes(_) => {
            return refuse(flag, &[("-C", args.mode.cache)]);
        }
    };
    refuse(flag, &[(mode, true)])
}

fn not_for_a_diagnosis(args: &Args, families: &[Family]) -> [(&'static str, bool); 16] {
    let (sockets, output) = (&args.sockets, &args.output);
    [
        ("-u", sockets.udp),
        ("-U", sockets.udplite),
        ("-S", sockets.sctp),
        ("-w", sockets.raw),
        ("-2", sockets.l2cap),
        ("-f", sockets.rfcomm),
        ("-x", families.contains(&Family::Unix)),
        ("-l", sockets.listening),
        ("-e", output.extend > 0),
        ("-o", output.timers),
        ("--watch", args.beyond.watch),
        ("--interval", args.beyond.interval.is_some()),
        ("--explain", args.beyond.explain),
        ("--pretty", args.beyond.pretty),
        ("--filter", args.beyond.filter.is_some()),
        ("a filter", !args.operands.is_empty()),
    ]
}

/// The first that is given.
fn refuse(flag: &str, others: &[(&str, bool)]) -> Result<(), Refusal> {
    match others.iter().find(|(_, is_given)| *is_given) {
        Some((other, _)) => {
            Err(Refusal::new(crate::USAGE, format!("{flag} does not go with {other} (try --help)")))
        }
        None => Ok(()),
    }
}
