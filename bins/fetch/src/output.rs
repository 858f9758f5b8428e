//! What becomes of a transfer on this machine: what a person asked for, without the flags' names.

use std::path::PathBuf;

use wireline_cli::Color;

use crate::reports::Reports;

/// Where the body goes, and what is told.
#[derive(Clone, Debug, Default)]
pub(crate) struct OutputSpec {
    /// Where the body goes.
    pub(crate) to: To,
    /// The directory of files (`--output-dir`).
    pub(crate) directory: Option<PathBuf>,
    /// Directories that are not there are made (`--create-dirs`).
    pub(crate) creates_directories: bool,
    /// Permissions of files that are made, less the umask (`--create-file-mode`); `None` for 0666.
    pub(crate) file_mode: Option<u32>,
    /// What becomes of a file that is there.
    pub(crate) existing: Existing,
    /// Go on where a file ends, or at an octet (`-C`).
    pub(crate) resume: Option<Resume>,
    /// A retry goes on from what came before it, as with `-C -`, and what was there before is written over.
    pub(crate) resumes_retries: bool,
    /// Heads are part of the output (`-i`, `-I`).
    pub(crate) includes_heads: bool,
    /// Answers of proxies to CONNECT are no part of that (`--suppress-connect-headers`).
    pub(crate) hides_tunnel_heads: bool,
    /// Names of fields are bold on a terminal, unless `--no-styled-output`.
    pub(crate) is_plain: bool,
    /// Heads are written there (`-D`); `-` is stdout, `%` stderr.
    pub(crate) dump_heads: Option<PathBuf>,
    /// The file gets the time of Last-Modified (`-R`).
    pub(crate) keeps_time: bool,
    /// What was written is removed where the transfer fails (`--remove-on-error`).
    pub(crate) removes_on_error: bool,
    /// Every write is seen at once (`-N`).
    pub(crate) is_unbuffered: bool,
    /// The `ETag` is saved there (`--etag-save`); `-` is stdout.
    pub(crate) etag_save: Option<PathBuf>,
    /// `-s`.
    pub(crate) is_silent: bool,
    /// `-S`.
    pub(crate) shows_errors: bool,
    /// How progress is shown.
    pub(crate) progress: Progress,
    /// How much is told of the transfer.
    pub(crate) talk: Talk,
    /// Each line of it with the time (`--trace-time`).
    pub(crate) talks_time: bool,
    /// Each line of it with numbers of transfer and connection (`--trace-ids`).
    pub(crate) talks_ids: bool,
    /// What is told at the end in place of the body.
    pub(crate) reports: Reports,
    /// Whether reports have colours.
    pub(crate) color: Color,
    /// What is written at the end (`-w`).
    pub(crate) write_out: Option<String>,
    /// Diagnostics go there (`--stderr`); `-` is stdout.
    pub(crate) stderr: Option<PathBuf>,
    /// Octets that a terminal obeys are not shown as what they are (`--raw` on a terminal, and `-o -`).
    pub(crate) is_raw: bool,
}

/// Where the body goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum To {
    /// Stdout, because nothing was said.
    #[default]
    Terminal,
    /// Stdout, because that was said (`-o -`).
    Stdout,
    /// A file (`-o`).
    File(PathBuf),
    /// A file named as in the URL (`-O`).
    RemoteName,
    /// A file named as the server says (`-O -J`).
    RemoteHeaderName,
    /// Nowhere (`--out-null`).
    Nowhere,
    /// Nowhere, as a report takes its place on stdout. Heads (`-i`) go there, too.
    Report,
}

/// What becomes of a file that is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Existing {
    /// It is written over; one that the server named is not.
    #[default]
    Usual,
    /// It is written over in any case (`--clobber`).
    Over,
    /// Another name is taken: `name.1` (`--no-clobber`).
    Another,
    /// Nothing is fetched (`--skip-existing`).
    Skip,
}

/// From where on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resume {
    /// Where the file ends (`-C -`).
    FromFile,
    /// This octet.
    At(u64),
}

/// How progress is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Progress {
    /// curl's meter, where the body does not go to a terminal.
    #[default]
    Meter,
    /// A bar (`-#`).
    Bar,
    /// Not at all (`-s`, `--no-progress-meter`).
    None,
}

/// How much is told of a transfer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Talk {
    /// Nothing.
    #[default]
    Nothing,
    /// Heads and notes, on stderr (`-v`, and more with `-vv` and on).
    Verbose(u8),
    /// All octets in hexadecimal and as text, in a file (`--trace`).
    Trace(PathBuf),
    /// All octets as text, in a file (`--trace-ascii`).
    TraceAscii(PathBuf),
}
