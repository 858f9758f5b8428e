//! What one ping costs as a process: most runs of `ping` are short.

use anyhow::Result;

use crate::bed::Bed;
use crate::bench::{Bench, Count, Outcome, Scheduling, Side};
use crate::programs::Peer;
use crate::table::column;

pub(crate) const BENCH: Bench = Bench {
    name: "start",
    about: "ping -c1 127.0.0.1, the whole process",
    peer: Peer::Iputils,
    columns: &[column("wall ms", 3), column("CPU ms", 3)],
    scheduling: Scheduling::Ordinary,
    rounds: Count::Always(200),
    prepare: |_| (),
    once,
};

fn once(bed: &Bed<'_>, side: Side) -> Result<Outcome> {
    let run = bed.run(side, "-c1 127.0.0.1")?;
    run.succeeded()?;
    let [wall, cpu] = [run.wall, run.cpu].map(|time| time.as_secs_f64() * 1e3);
    Ok(Outcome { figures: vec![wall, cpu], note: None })
}
