//! How many requests one process gets answered when it waits for nothing else. Ours has the
//! kernel's transmit stamps on, which the peer does without.

use anyhow::{Context as _, Result};

use crate::bed::Bed;
use crate::bench::{Bench, Count, Outcome, Scheduling, Side};
use crate::programs::Peer;
use crate::table::column;

const REQUESTS: u32 = 100_000;

pub(crate) const BENCH: Bench = Bench {
    name: "flood",
    about: "ping -q -f -c 100000 over a veth wire",
    peer: Peer::Iputils,
    columns: &[
        column("wall s", 3),
        column("CPU s", 3),
        column("replies/s", 0),
        column("CPU us/ping", 2),
    ],
    scheduling: Scheduling::Timed,
    rounds: Count::AsAsked,
    prepare: |_| (),
    once,
};

fn once(bed: &Bed<'_>, side: Side) -> Result<Outcome> {
    let run = bed.run(side, &format!("-q -f -c {REQUESTS} 192.0.2.2"))?;
    run.succeeded()?;
    let replies = replies(&run.stdout).context("no summary")?;
    let (wall, cpu) = (run.wall.as_secs_f64(), run.cpu.as_secs_f64());
    let figures = vec![wall, cpu, f64::from(replies) / wall, cpu * 1e6 / f64::from(REQUESTS)];
    let lost = REQUESTS.saturating_sub(replies);
    Ok(Outcome { figures, note: (lost > 0).then(|| format!("{lost} requests unanswered")) })
}

/// The count in `N packets transmitted, N received`.
fn replies(stdout: &str) -> Option<u32> {
    let summary = stdout.lines().find(|line| line.contains("packets transmitted"))?;
    summary.split(", ").nth(1)?.split(' ').next()?.parse().ok()
}
