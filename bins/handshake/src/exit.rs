//! Exit codes of all verbs. Of several targets the worst counts, which is the greatest, unless `--exit-any`.

use std::io;

use anyhow::{Error, Result};
use rustix::io::Errno;
use wireline_cli::{Exit, Refusal};
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
        Verdict::Closed | Verdict::Proxied => CLOSED,
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

/// The result of a verb, where an error of the kernel has its code, too: 7 where this machine ran out of something, 8
/// where there was no room for what was found.
pub(crate) fn sorted(result: Result<Exit>) -> Result<Exit> {
    result.map_err(|why| match why.chain().find_map(errno).and_then(of_errno) {
        Some(exit) if !why.is::<Refusal>() => Refusal::new(exit, words(&why)).into(),
        _ => why,
    })
}

fn errno(cause: &(dyn std::error::Error + 'static)) -> Option<Errno> {
    let of_file = cause.downcast_ref::<io::Error>().and_then(io::Error::raw_os_error);
    let of_call = || cause.downcast_ref::<wireline_net::Error>()?.errno();
    of_file.or_else(of_call).map(Errno::from_raw_os_error)
}

fn of_errno(errno: Errno) -> Option<Exit> {
    match errno {
        Errno::MFILE | Errno::NFILE | Errno::NOMEM | Errno::NOBUFS => Some(LOCAL),
        Errno::NOSPC | Errno::DQUOT | Errno::FBIG | Errno::IO => Some(INCOMPLETE),
        _ => None,
    }
}

/// Without what Rust adds to an errno.
fn words(why: &Error) -> String {
    let text = format!("{why:#}");
    match text.rsplit_once(" (os error ") {
        Some((words, rest)) if rest.ends_with(')') => words.to_owned(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lack_of_descriptors_and_of_room_have_their_codes() {
        let of = |errno: Errno| sorted(Err(io::Error::from(errno).into())).unwrap_err();
        let exit = |why: &Error| format!("{:?}", why.downcast_ref::<Refusal>());
        assert!(exit(&of(Errno::MFILE)).contains("Exit(7)"));
        let full = of(Errno::NOSPC);
        assert!(exit(&full).contains("Exit(8)"));
        assert!(!full.to_string().contains("os error"), "{full}");
        assert!(!of(Errno::PIPE).is::<Refusal>(), "a closed pipe ends quietly");
    }
}
