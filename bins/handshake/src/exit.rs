//! Exit codes of all verbs. Of several targets the worst counts, which is the greatest, unless `--exit-any`.

use wireline_cli::Exit;
use wireline_engine::tcp::Verdict;

/// Open, or all that was expected.
pub(crate) const OPEN: Exit = Exit(0);
/// Closed by RST, or an expectation that does not hold.
pub(crate) const CLOSED: Exit = Exit(1);
/// Words that make no sense.
pub(crate) const USAGE: Exit = Exit(2);
/// A file that cannot be read.
pub(crate) const FILES: Exit = Exit(2);
/// Nobody answered.
pub(crate) const FILTERED: Exit = Exit(3);
/// Rejected or unreachable: ICMP, no route, no neighbour.
pub(crate) const REJECTED: Exit = Exit(4);
/// A name that is not found.
pub(crate) const NAME: Exit = Exit(5);
/// What was asked for needs a privilege that is not there.
pub(crate) const PRIVILEGE: Exit = Exit(6);
/// This machine ran out of something: descriptors, ports.
pub(crate) const LOCAL: Exit = Exit(7);
/// Ended, and is not complete: frames dropped, interrupted.
pub(crate) const INCOMPLETE: Exit = Exit(8);

/// The code of one target's verdict.
pub(crate) const fn of(verdict: &Verdict) -> Exit {
    match verdict {
        Verdict::Open => OPEN,
        Verdict::Closed => CLOSED,
        Verdict::Filtered { .. } => FILTERED,
        Verdict::Rejected { .. }
        | Verdict::Unreachable { .. }
        | Verdict::NoNeighbour
        | Verdict::NoRoute => REJECTED,
        Verdict::Local { .. } => LOCAL,
    }
}

/// The worse of two.
pub(crate) const fn worse(a: Exit, b: Exit) -> Exit {
    if a.0 < b.0 { b } else { a }
}
