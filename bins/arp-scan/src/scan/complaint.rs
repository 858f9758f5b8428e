//! Why something is not done: in arp-scan's own words where it has some that name what is wrong, and else as
//! `arp-scan: what: why`.

use std::fmt;
use std::io::{self, Write as _};
use std::process::ExitCode;

use wireline_cli::{Exit, Refusal, escape};

/// What arp-scan has for whatever goes wrong.
const REFUSED: Exit = Exit(1);

/// What is told where the program ends for it.
#[derive(Debug)]
pub(crate) struct Complaint {
    text: String,
    /// Whether the text stands alone, without the program's name.
    is_bare: bool,
    /// With `--compat`: lines that stand alone.
    peers: Option<String>,
    exit: Exit,
}

impl Complaint {
    /// Something that arp-scan has no words for, or none that name what is wrong.
    pub(crate) fn new(text: impl fmt::Display) -> Self {
        Self { text: text.to_string(), is_bare: false, peers: None, exit: REFUSED }
    }

    /// In arp-scan's words.
    pub(crate) fn error(text: impl fmt::Display) -> Self {
        Self::same(format_args!("ERROR: {text}"))
    }

    /// In arp-scan's words, which begin with no `ERROR:`.
    pub(crate) fn same(text: impl fmt::Display) -> Self {
        Self { is_bare: true, ..Self::new(text) }
    }

    /// The machine does not allow it, which arp-scan does not tell from a mistake.
    pub(crate) fn machine(text: impl fmt::Display) -> Self {
        let peers = Some(format!("ERROR: {text}"));
        Self { peers, exit: Exit::FAILED, ..Self::new(text) }
    }

    /// What arp-scan says there.
    pub(crate) fn peers(self, text: impl Into<String>) -> Self {
        Self { peers: Some(text.into()), ..self }
    }

    /// In the words that are wanted.
    fn told(self, compat: bool) -> Self {
        match self.peers {
            Some(text) if compat => Self { text, is_bare: true, peers: None, exit: REFUSED },
            _ => self,
        }
    }
}

/// As arp-scan has it.
impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.peers.as_ref().unwrap_or(&self.text))
    }
}

impl std::error::Error for Complaint {}

/// Runs a body and turns its result into an exit code, as [`wireline_cli::run`] does.
pub(crate) fn run(
    program: &str,
    compat: bool,
    body: impl FnOnce() -> anyhow::Result<Exit>,
) -> ExitCode {
    let result = match body() {
        Ok(exit) => Ok(exit),
        Err(why) => match why.downcast::<Complaint>().map(|complaint| complaint.told(compat)) {
            Ok(Complaint { text, is_bare: true, exit, .. }) => {
                complain(&text);
                return exit.into();
            }
            Ok(Complaint { text, exit, .. }) => Err(Refusal::new(exit, text).into()),
            // A reader who has gone is no error.
            Err(why) if compat && why.downcast_ref::<io::Error>().is_none() => {
                Err(Refusal::new(REFUSED, format!("{why:#}")).into())
            }
            Err(why) => Err(why),
        },
    };
    wireline_cli::run(program, || result)
}

/// The exit status of what the machine did not allow.
pub(crate) const fn failed(compat: bool) -> Exit {
    if compat { REFUSED } else { Exit::FAILED }
}

/// Lines on stderr.
pub(crate) fn complain(text: &str) {
    let lines: Vec<_> = text.lines().map(escape).collect();
    // Nothing is left to tell if stderr is closed.
    let _ = writeln!(io::stderr(), "{}", lines.join("\n"));
}
