//! dig's exit codes.

use wireline_cli::Exit;
use wireline_dns::Rcode;
use wireline_dns::lookup::Ending;

/// Every query had an answer, whatever it says.
pub(crate) const ANSWERED: Exit = Exit(0);
/// The command line makes no sense.
pub(crate) const USAGE: Exit = Exit(1);
/// The file of a batch cannot be read.
pub(crate) const BATCH_FILE: Exit = Exit(8);
/// No server gave an answer.
pub(crate) const NO_REPLY: Exit = Exit(9);
/// Anything that stops dig: an illegal name, a number out of range.
pub(crate) const FATAL: Exit = Exit(10);

/// With `--exit-code`: the name is not there.
pub(crate) const NXDOMAIN: Exit = Exit(2);
/// With `--exit-code`: the server failed.
pub(crate) const SERVFAIL: Exit = Exit(3);
/// With `--exit-code`: the server would not answer, or not transfer.
pub(crate) const REFUSED: Exit = Exit(4);
/// With `--exit-code`: any other code that is not NOERROR.
pub(crate) const OTHER_RCODE: Exit = Exit(5);

/// `--compare`: the servers do not agree; `--watch`: nothing has changed.
pub(crate) const DIFFERENT: Exit = Exit(6);
/// With `--exit-code`: `+validate` calls the answer bogus.
pub(crate) const BOGUS: Exit = Exit(7);

/// What an ending comes to.
pub(crate) const fn of_ending(ending: &Ending) -> Exit {
    match ending {
        Ending::Answered | Ending::Broken => ANSWERED,
        Ending::Unanswered => NO_REPLY,
        Ending::Fatal { code, .. } => Exit(*code),
    }
}

/// What an answer comes to with `--exit-code`.
pub(crate) const fn of_rcode(rcode: Rcode) -> Exit {
    match rcode {
        Rcode::NOERROR => ANSWERED,
        Rcode::NXDOMAIN => NXDOMAIN,
        Rcode::SERVFAIL => SERVFAIL,
        Rcode::REFUSED => REFUSED,
        _ => OTHER_RCODE,
    }
}

/// Of two, that which the run ends with: the graver one.
pub(crate) fn graver(one: Exit, other: Exit) -> Exit {
    Exit(one.0.max(other.0))
}
