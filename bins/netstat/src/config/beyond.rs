//! Which flags `--diagnose`, `--watch`, `--explain` and `--pretty` go with: what would change nothing is
//! refused by name, and not swallowed.

use wireline_cli::Refusal;

use super::Mode;
use crate::args::Args;
use crate::family::Family;

/// The mode that these flags make of another.
pub(super) fn mode(args: &Args, families: &[Family], mode: Mode) -> Result<Mode, Refusal> {
    let flags = &args.beyond;
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
    Ok(mode)
}

/// These are about sockets.
fn tables(args: &Args, flag: &str, mode: Mode) -> Result<(), Refusal> {
    let mode = match mode {
        Mode::Routes(_) => "-r",
        Mode::Interfaces => "-i",
        Mode::Groups => "-g",
        Mode::Statistics => "-s",
        Mode::Sockets | Mode::Diagnosis => return refuse(flag, &[("-C", args.mode.cache)]),
    };
    refuse(flag, &[(mode, true)])
}

fn not_for_a_diagnosis(args: &Args, families: &[Family]) -> [(&'static str, bool); 13] {
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
        ("--explain", args.beyond.explain),
        ("--pretty", args.beyond.pretty),
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
