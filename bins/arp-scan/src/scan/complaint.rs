//! Why something is not done: `arp-scan: what: why`, or in arp-scan's own line where it has one that says as much;
//! with `--compat` wherever it has one.

use std::fmt;
use std::io::{self, Write as _};
use std::process::ExitCode;

use wireline_cli::{Exit, Refusal, escape};

/// The machine, a file or the command line does not allow it.
const CANNOT: Exit = Exit::FAILED;

/// What is told where the program ends for it.
#[derive(Debug)]
pub(crate) struct Complaint {
    ours: String,
    /// Lines that stand alone, without the program's name.
    peers: Option<String>,
    /// Its lines do for both.
    alike: bool,
}

impl Complaint {
    /// Something that arp-scan has no words for.
    pub(crate) fn new(text: impl fmt::Display) -> Self {
        Self { ours: text.to_string(), peers: None, alike: false }
    }

    /// An error of arp-scan's, in its own line.
    pub(crate) fn of_peer(text: impl fmt::Display) -> Self {
        Self { alike: true, ..Self::error(text) }
    }

    /// In the form of arp-scan's errors with `--compat`, whether it has that one or not.
    pub(crate) fn error(text: impl fmt::Display) -> Self {
        Self::new(&text).peers(format!("ERROR: {text}"))
    }

    /// The same for such as begin with no `ERROR:`.
    pub(crate) fn same(text: impl fmt::Display) -> Self {
        Self { alike: true, ..Self::new(&text).peers(text.to_string()) }
    }

    /// What arp-scan says there.
    pub(crate) fn peers(self, text: impl Into<String>) -> Self {
        Self { peers: Some(text.into()), ..self }
    }
}

/// As arp-scan has it.
impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.peers.as_ref().unwrap_or(&self.ours))
    }
}

impl std::error::Error for Complaint {}

/// Runs a body and turns its result into an exit code, as [`wireline_cli::run`] does. arp-scan has 1 for
/// whatever goes wrong.
pub(crate) fn run(
    program: &str,
    compat: bool,
    body: impl FnOnce() -> anyhow::Result<Exit>,
) -> ExitCode {
    let refused = |text: String| Err(Refusal::new(failed(compat), text).into());
    let result = match body() {
        Ok(exit) => Ok(exit),
        Err(why) => match why.downcast::<Complaint>() {
            Ok(Complaint { peers: Some(text), alike, .. }) if compat || alike => {
                complain(&text);
                return failed(compat).into();
            }
            Ok(complaint) => refused(complaint.ours),
            // A reader who has gone is no error.
            Err(why) if compat && why.downcast_ref::<io::Error>().is_none() => {
                refused(format!("{why:#}"))
            }
            Err(why) => Err(why),
        },
    };
    wireline_cli::run(program, || result)
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
