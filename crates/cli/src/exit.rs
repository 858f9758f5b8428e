use std::io::{self, Write as _};
use std::process::ExitCode;

use crate::escape;

/// How a run ended, as the number that scripts look at. Each binary names its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit(pub u8);

impl Exit {
    /// What nearly every tool returns when it could not do what it was asked.
    pub const FAILED: Self = Self(2);
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.0)
    }
}

/// Something that was asked for and will not be done, with the exit code that the peer has for it.
#[derive(Debug)]
pub struct Refusal {
    exit: Exit,
    message: String,
}

impl Refusal {
    /// A refusal in the words of one line.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into() }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}

/// The body of every `main`: runs a tool and turns its result into an exit code.
///
/// An error is printed once, as `tool: what: why`. A closed stdout is not an error: whoever was
/// reading has read enough (`ping host | head -3`).
pub fn run(tool: &str, body: impl FnOnce() -> anyhow::Result<Exit>) -> ExitCode {
    let exit = body().unwrap_or_else(|err| {
        if is_broken_pipe(&err) {
            return Exit(0);
        }
        // Nothing is left to tell if stderr is closed too.
        let _ = writeln!(io::stderr(), "{tool}: {}", escape(&format!("{err:#}")));
        err.downcast_ref::<Refusal>().map_or(Exit::FAILED, |refusal| refusal.exit)
    });
    exit.into()
}

fn is_broken_pipe(err: &anyhow::Error) -> bool {
    err.chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|err| err.kind() == io::ErrorKind::BrokenPipe)
}
