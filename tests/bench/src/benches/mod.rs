//! The benches, one a file.

mod accuracy;
mod dns;
mod fetch;
mod flood;
mod handshake;
mod interval;
mod many;
mod segment;
mod sockets;
mod start;
mod trace;

use crate::bench::Bench;

/// In the order in which they run.
pub(crate) const ALL: [Bench; 56] = [
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
    sockets::ALL[0],
    sockets::ALL[1],
    sockets::ALL[2],
    sockets::ALL[3],
    sockets::ALL[4],
    sockets::ALL[5],
    sockets::ALL[6],
    sockets::ALL[7],
    sockets::ALL[8],
    sockets::ALL[9],
    sockets::ALL[10],
    sockets::ALL[11],
    sockets::MILLION,
    dns::ALL[0],
    dns::ALL[1],
    dns::ALL[2],
    dns::ALL[3],
    segment::ALL[0],
    segment::ALL[1],
    segment::ALL[2],
    segment::ALL[3],
    segment::ALL[4],
    segment::ALL[5],
    segment::ALL[6],
    segment::ALL[7],
    handshake::ALL[0],
    handshake::ALL[1],
    handshake::ALL[2],
    handshake::ALL[3],
    fetch::ALL[0],
    fetch::ALL[1],
    fetch::ALL[2],
    fetch::ALL[3],
    fetch::ALL[4],
    fetch::ALL[5],
    fetch::ALL[6],
    fetch::ALL[7],
];

/// What takes too long to be run with the rest.
pub(crate) const ON_REQUEST: &str = sockets::MILLION.name;

/// What they are called.
pub(crate) fn names() -> String {
    let mut names: Vec<_> = ALL.iter().map(|bench| bench.name).collect();
    names.dedup();
    names.join(", ")
}
