//! Flags that make no sense together: each pair is refused by name.

use wireline_cli::Refusal;

use crate::args::Args;
use crate::config::Mode;
use crate::family::Family;

type Given = (&'static str, bool);

/// Refuses the first pair that does not go together.
pub(crate) fn check(args: &Args, families: &[Family], mode: Mode) -> Result<(), Refusal> {
    let (flags, beyond) = (&args.output, &args.beyond);
    let details =
        [("--info", beyond.info), ("--memory", beyond.memory), ("--cgroup", beyond.cgroup)];
    let ways = [("--summary", beyond.summary), ("--events", beyond.events)];
    let places = [
        ("--net-ns", beyond.net_ns.is_some()),
        ("--pid-ns", beyond.pid_ns.is_some()),
        ("--all-ns", beyond.all_ns),
    ];
    let tables = tables(args);
    exclusive(&tables, &details)?;
    exclusive(&tables, &ways)?;
    exclusive(&ways[..1], &ways[1..])?;
    exclusive(&places[..1], &places[1..])?;
    exclusive(&places[1..2], &places[2..])?;
    exclusive(&places[2..], &others(args)[..4])?;
    exclusive(&details, &others(args)[..5])?;
    exclusive(&ways, &others(args))?;
    if let (true, Some((flag, _))) = (!args.operands.is_empty(), ways.iter().find(|way| way.1)) {
        return Err(Refusal::new(crate::USAGE, format!("filter expression: not with {flag}")));
    }
    if mode == Mode::Summary {
        exclusive(&ways[..1], &details)?;
        let rows = [("-p", flags.programs), ("-e", flags.extend > 0), ("-o", flags.timers)];
        exclusive(&ways[..1], &rows)?;
        exclusive(&ways[..1], &[("-W", flags.wide), ("-l", args.sockets.listening)])?;
    }
    if mode == Mode::Closings {
        let never = [
            ("--all-ns", beyond.all_ns),
            ("--memory", beyond.memory),
            ("--cgroup", beyond.cgroup),
            ("-o", flags.timers),
            ("-l", args.sockets.listening),
            ("-c", flags.continuous),
            ("-w", args.sockets.raw),
            ("-U", args.sockets.udplite),
            ("-x", families.contains(&Family::Unix)),
        ];
        exclusive(&ways[1..], &never)?;
    }
    Ok(())
}

/// What is neither of one namespace nor a listing comes first.
const fn others(args: &Args) -> [Given; 7] {
    let flags = &args.beyond;
    [
        ("--kill", flags.kill),
        ("--watch", flags.watch),
        ("--connection", !flags.connection.is_empty()),
        ("--diagnose", flags.diagnose),
        ("--pretty", flags.pretty),
        ("--explain", flags.explain),
        ("--filter", flags.filter.is_some()),
    ]
}

fn tables(args: &Args) -> [Given; 4] {
    let flags = &args.mode;
    [
        ("-r", flags.route > 0),
        ("-i", flags.interfaces > 0),
        ("-g", flags.groups),
        ("-s", flags.statistics > 0),
    ]
}

/// Of each of two lists there may be some, but not of both.
fn exclusive(some: &[Given], others: &[Given]) -> Result<(), Refusal> {
    let first = |list: &[Given]| list.iter().find(|(_, is_given)| *is_given).map(|(flag, _)| *flag);
    match (first(some), first(others)) {
        (Some(this), Some(that)) => {
            Err(Refusal::new(crate::USAGE, format!("{that}: not with {this}")))
        }
        _ => Ok(()),
    }
}
