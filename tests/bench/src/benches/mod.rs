//! The benches, one a file.

mod accuracy;
mod flood;
mod interval;
mod many;
mod start;
mod trace;

use crate::bench::Bench;

/// In the order in which they run.
pub(crate) const ALL: [Bench; 19] = [
    start::BENCH,
    flood::BENCH,
    accuracy::BENCH,
    many::SWEEP,
    many::SILENT,
    interval::SECOND,
    interval::TENTH,
    interval::HUNDREDTH,
    trace::ALL[0],
    trace::ALL[1],
    trace::ALL[2],
    trace::ALL[3],
    trace::ALL[4],
    trace::ALL[5],
    trace::ALL[6],
    trace::ALL[7],
    trace::ALL[8],
    trace::ALL[9],
    trace::ALL[10],
];

/// What they are called.
pub(crate) fn names() -> String {
    let mut names: Vec<_> = ALL.iter().map(|bench| bench.name).collect();
    names.dedup();
    names.join(", ")
}
