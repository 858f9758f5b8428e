//! One path, beside the peers: hops that answer and hops that do not, far away and next door.

use anyhow::{Result, ensure};
use wireline_lab::Path;

use crate::bed::Bed;
use crate::bench::{Bench, Count, Outcome, Scheduling, Side};
use crate::programs::Peer;
use crate::stats::count;
use crate::table::{Column, column};

/// Answers, the target's too: traceroute asks three times a hop, mtr once.
const COLUMNS: &[Column] = &[column("wall s", 3), column("CPU ms", 1), column("answers", 0)];

/// Routers and the target, hop h at 5 h ms.
const HOPS: u8 = 20;

/// One pattern and one peer each.
pub(crate) const ALL: [Bench; 11] = [
    bench("20 hops that all answer", Peer::Traceroute, all_answer, plain),
    bench("the same, the peer with -N 96", Peer::Traceroute, all_answer, at_once),
    bench("the same, a probe a hop", Peer::Mtr, all_answer, report),
    bench("hops 5 to 7 silent", Peer::Traceroute, three_silent, plain),
    bench("the same, the peer with -N 96", Peer::Traceroute, three_silent, at_once),
    bench("every even hop silent", Peer::Traceroute, evens_silent, plain),
    bench("the same, the peer with -N 96", Peer::Traceroute, evens_silent, at_once),
    bench("nothing after hop 15", Peer::Traceroute, dead_after, plain),
    bench("the same, the peer with -N 96", Peer::Traceroute, dead_after, at_once),
    bench("20 hops without latency", Peer::Traceroute, next_door, near),
    bench("the same, the peer with -N 96", Peer::Traceroute, next_door, near_at_once),
];

const fn bench(
    about: &'static str,
    peer: Peer,
    prepare: fn(&Bed<'_>),
    once: fn(&Bed<'_>, Side) -> Result<Outcome>,
) -> Bench {
    Bench {
        name: "trace",
        about,
        peer,
        columns: COLUMNS,
        scheduling: Scheduling::Ordinary,
        rounds: Count::AsAsked,
        prepare,
        once,
    }
}

fn all_answer(bed: &Bed<'_>) {
    bed.lead_into(&Path::new(HOPS));
}

fn three_silent(bed: &Bed<'_>) {
    bed.lead_into(&Path::new(HOPS).silent([5, 6, 7]));
}

fn evens_silent(bed: &Bed<'_>) {
    bed.lead_into(&Path::new(HOPS).silent_evens());
}

fn dead_after(bed: &Bed<'_>) {
    bed.lead_into(&Path::new(HOPS).dead_after(15));
}

fn next_door(bed: &Bed<'_>) {
    bed.begin_chain(HOPS.into());
}

fn plain(bed: &Bed<'_>, side: Side) -> Result<Outcome> {
    times(bed, side, "-n 203.0.113.9")
}

/// Ours needs no telling.
fn at_once(bed: &Bed<'_>, side: Side) -> Result<Outcome> {
    times(bed, side, if side == Side::Peer { "-n -N 96 203.0.113.9" } else { "-n 203.0.113.9" })
}

fn near(bed: &Bed<'_>, side: Side) -> Result<Outcome> {
    times(bed, side, "-n 10.1.20.2")
}

fn near_at_once(bed: &Bed<'_>, side: Side) -> Result<Outcome> {
    times(bed, side, if side == Side::Peer { "-n -N 96 10.1.20.2" } else { "-n 10.1.20.2" })
}

fn report(bed: &Bed<'_>, side: Side) -> Result<Outcome> {
    match side {
        Side::Ours => times(bed, side, "-n -q 1 203.0.113.9"),
        Side::Peer => outcome(bed, side, "-n -r -c 1 203.0.113.9", |line| {
            usize::from(line.contains("|--") && !line.contains("???"))
        }),
    }
}

fn times(bed: &Bed<'_>, side: Side, args: &str) -> Result<Outcome> {
    outcome(bed, side, args, |line| line.matches(" ms").count())
}

fn outcome(bed: &Bed<'_>, side: Side, args: &str, answers: fn(&str) -> usize) -> Result<Outcome> {
    let run = bed.run(side, args)?;
    run.succeeded()?;
    let answers: usize = run.stdout.lines().skip(1).map(answers).sum();
    ensure!(answers > 0, "nobody answered: {}", run.end());
    let figures = vec![run.wall.as_secs_f64(), run.cpu.as_secs_f64() * 1e3, count(answers)];
    let note = run.stderr.lines().last().map(str::to_owned);
    Ok(Outcome { figures, note })
}
