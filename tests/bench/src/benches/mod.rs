//! The benches, one a file.

mod accuracy;
mod flood;
mod interval;
mod many;
mod start;

use crate::bench::Bench;

/// In the order in which they run.
pub(crate) const ALL: [Bench; 8] = [
    start::BENCH,
    flood::BENCH,
    accuracy::BENCH,
    many::SWEEP,
    many::SILENT,
    interval::SECOND,
    interval::TENTH,
    interval::HUNDREDTH,
];

/// What they are called.
pub(crate) fn names() -> String {
    let mut names: Vec<_> = ALL.iter().map(|bench| bench.name).collect();
    names.dedup();
    names.join(", ")
}
