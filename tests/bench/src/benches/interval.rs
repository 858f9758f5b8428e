//! How far apart requests really are, on the wire and on the mean: an error here is drift.

use anyhow::{Result, ensure};

use crate::bed::Bed;
use crate::bench::{Bench, Count, Outcome, Scheduling, Side};
use crate::programs::Peer;
use crate::stats::{count, deviation, mean};
use crate::table::{Column, column};
use crate::wire::Witness;

/// One a second.
pub(crate) const SECOND: Bench = bench("ping -i 1 -c 5", |bed, side| once(bed, side, 1.0, 5));
/// Ten a second.
pub(crate) const TENTH: Bench = bench("ping -i 0.1 -c 30", |bed, side| once(bed, side, 0.1, 30));
/// A hundred a second.
pub(crate) const HUNDREDTH: Bench =
    bench("ping -i 0.01 -c 300", |bed, side| once(bed, side, 0.01, 300));

const COLUMNS: &[Column] = &[
    column("wall s", 3),
    column("CPU s", 4),
    column("distance ms", 4),
    column("error %", 4),
    column("sd us", 1),
];

const fn bench(about: &'static str, once: fn(&Bed<'_>, Side) -> Result<Outcome>) -> Bench {
    Bench {
        name: "interval",
        about,
        peer: Peer::Iputils,
        columns: COLUMNS,
        scheduling: Scheduling::Ordinary,
        rounds: Count::AsAsked,
        prepare: |_| (),
        once,
    }
}

fn once(bed: &Bed<'_>, side: Side, seconds: f64, requests: usize) -> Result<Outcome> {
    let witness = Witness::at(&bed.near)?;
    let run = bed.run(side, &format!("-q -i {seconds} -c {requests} 192.0.2.2"))?;
    let departures = witness.tell()?.departures();
    run.succeeded()?;
    ensure!(departures.len() == requests, "{} of {requests} captured", departures.len());
    let distances: Vec<_> = departures.windows(2).map(|pair| pair[1] - pair[0]).collect();
    ensure!(count(distances.len()) > 0.0, "nothing to measure");
    let distance = mean(&distances) / 1e3;
    let error = (distance / (seconds * 1e3) - 1.0) * 100.0;
    let (wall, cpu) = (run.wall.as_secs_f64(), run.cpu.as_secs_f64());
    Ok(Outcome { figures: vec![wall, cpu, distance, error, deviation(&distances)], note: None })
}
