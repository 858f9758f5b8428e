//! Why something is not done, in arp-scan's own words where it has some: scripts look for `ERROR:` at the
//! start of a line.

use std::fmt;
use std::io::{self, Write as _};
use std::process::ExitCode;

use wireline_cli::{Exit, Refusal, escape};

/// The machine, a file or the command line does not allow it.
pub(crate) const CANNOT: Exit = Exit::FAILED;

/// One or more lines that are printed as they are, without the program's name before them.
#[derive(Debug)]
pub(crate) struct Complaint(String);

impl Complaint {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// A line that begins as most of arp-scan's do.
    pub(crate) fn error(text: impl fmt::Display) -> Self {
        Self(format!("ERROR: {text}"))
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Complaint {}

/// Runs a body and turns its result into an exit code, as [`wireline_cli::run`] does for tools whose errors
/// begin with their names. arp-scan has 1 for whatever goes wrong.
pub(crate) fn run(
    program: &str,
    compat: bool,
    body: impl FnOnce() -> anyhow::Result<Exit>,
) -> ExitCode {
    match body() {
        Err(why) if why.downcast_ref::<Complaint>().is_some() => {
            complain(&format!("{why}"));
            failed(compat).into()
        }
        Err(why) if compat => {
            wireline_cli::run(
                program,
                || Err(Refusal::new(failed(true), format!("{why:#}")).into()),
            )
        }
        other => wireline_cli::run(program, || other),
    }
}

/// The exit status of what could not be done.
pub(crate) const fn failed(compat: bool) -> Exit {
    if compat { Exit(1) } else { CANNOT }
}

/// Lines on stderr.
pub(crate) fn complain(text: &str) {
    let lines: Vec<_> = text.lines().map(escape).collect();
    // Nothing is left to tell if stderr is closed.
    let _ = writeln!(io::stderr(), "{}", lines.join("\n"));
}
