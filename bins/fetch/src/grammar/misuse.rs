//! What is wrong with a word, in curl's words, which scripts and people search for.

use super::Stop;

/// How the reading of an option ended.
pub(crate) type Done = Result<(), Misuse>;

/// What is wrong with a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Misuse {
    /// There is no such option.
    Unknown,
    /// curl has it, and we do not; why.
    Unsupported(&'static str),
    /// A word is missing behind it.
    NeedsWord,
    /// `--no-` before what is no switch.
    NotReversible,
    /// Nothing where there must be something.
    Blank,
    /// No number.
    BadNumber,
    /// A number below zero.
    Negative,
    /// A number past what is possible.
    TooLarge,
    /// Something else.
    BadlyUsed,
    /// A scheme that is not spoken.
    BadScheme,
    /// A file could not be read; that has been said.
    ReadError,
    /// Words behind the word, in a file of options.
    Trailing,
    /// No misuse: the reading ends here.
    Stop(Box<Stop>),
}

impl Misuse {
    /// In words, to stand behind `option --name: `.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Unknown => "is unknown",
            Self::Unsupported(why) => return format!("not supported ({why})"),
            Self::NeedsWord => "requires parameter",
            Self::NotReversible => "the given option cannot be reversed with a --no- prefix",
            Self::Blank => "blank argument where content is expected",
            Self::BadNumber => "expected a proper numerical parameter",
            Self::Negative => "expected a positive numerical parameter",
            Self::TooLarge => "too large number",
            Self::BadlyUsed | Self::Stop(_) => "is badly used here",
            Self::BadScheme => "a specified protocol is unsupported by fetch",
            Self::ReadError => "error encountered when reading a file",
            Self::Trailing => "had unsupported trailing garbage",
        }
        .to_owned()
    }

    /// The exit code that it leads to.
    pub(crate) const fn code(&self) -> u8 {
        match self {
            Self::ReadError => 26,
            _ => 2,
        }
    }
}
