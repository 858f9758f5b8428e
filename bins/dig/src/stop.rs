//! Why reading ends, in dig's words and with its exit codes.

use wireline_cli::Exit;

use crate::number::Fault;

/// What was typed makes no sense, or will not be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// For stdout, with its newline: dig says there which number was none.
    pub stdout: String,
    /// Why, without a newline.
    pub why: String,
    /// Whether the program's name stands before it.
    pub is_tagged: bool,
    /// Whether the short usage follows.
    pub with_usage: bool,
    /// What the process ends with: 1, or 10 where dig calls it an internal error.
    pub exit: Exit,
    /// What was asked for instead of a query.
    pub end: Option<End>,
}

/// What is printed instead of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Help, on stdout.
    Help,
    /// The version, on stderr.
    Version,
}

impl Stop {
    /// `dig: why`.
    pub(crate) fn fatal(why: impl Into<String>) -> Self {
        Self {
            stdout: String::new(),
            why: why.into(),
            is_tagged: true,
            with_usage: false,
            exit: Exit(1),
            end: None,
        }
    }

    /// `dig: Couldn't parse what`, where dig ends with 10.
    pub(crate) fn unparsed(why: impl Into<String>) -> Self {
        Self { exit: Exit(10), ..Self::fatal(why) }
    }

    /// `why`, and how it is to be used.
    pub(crate) fn usage(why: impl Into<String>) -> Self {
        Self { is_tagged: false, with_usage: true, ..Self::fatal(why) }
    }

    /// `why` alone.
    pub(crate) fn plain(why: impl Into<String>) -> Self {
        Self { is_tagged: false, ..Self::fatal(why) }
    }

    /// Help or the version.
    pub(crate) fn end(end: End) -> Self {
        Self { exit: Exit(0), end: Some(end), ..Self::plain("") }
    }

    /// Before it, on stdout: which number was none.
    pub(crate) fn after(self, what: &str, value: &str, fault: Fault) -> Self {
        Self { stdout: format!("invalid {what} '{value}': {fault}\n"), ..self }
    }

    /// All of stderr.
    #[must_use]
    pub fn stderr(&self, program: &str) -> String {
        let mut text = match (self.is_tagged, self.why.is_empty()) {
            (true, _) => format!("{program}: {}\n", self.why),
            (false, true) => String::new(),
            (false, false) => format!("{}\n", self.why),
        };
        if self.with_usage {
            text.push_str(crate::usage::SHORT);
            text.push_str(crate::usage::HINT);
        }
        text
    }
}
