//! Long options: what BIND's dig does not have, and refuses.

use std::time::Duration;

use crate::number::decimal;
use crate::reader::Reader;
use crate::stop::{End, Stop};

/// What an option is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flag {
    Json,
    Jobs,
    Rate,
    InOrder,
    RetryFile,
    ExitCode,
    Compare,
    Watch,
    Interval,
    Explain,
    Pin,
    Help,
    Version,
}

/// An option.
pub(crate) struct Long {
    /// Its name, without `--`.
    pub name: &'static str,
    /// What its value is called, if it takes one.
    pub value: Option<&'static str>,
    /// What it does.
    pub what: &'static str,
    /// What it is about.
    pub flag: Flag,
}

const fn long(
    name: &'static str,
    value: Option<&'static str>,
    what: &'static str,
    flag: Flag,
) -> Long {
    Long { name, value, what, flag }
}

/// All of them.
pub(crate) const TABLE: &[Long] = &[
    long("json", None, "one JSON object a line", Flag::Json),
    long(
        "jobs",
        Some("N"),
        "queries under way at once; otherwise as many as the servers bear",
        Flag::Jobs,
    ),
    long("rate", Some("N"), "queries a second at the most", Flag::Rate),
    long("in-order", None, "answers in the order of the names with --json too", Flag::InOrder),
    long("retry-file", Some("FILE"), "write there the names that got no answer", Flag::RetryFile),
    long(
        "exit-code",
        None,
        "let NXDOMAIN, SERVFAIL and refused transfers show in the exit status",
        Flag::ExitCode,
    ),
    long("compare", None, "ask all servers, and show where they differ", Flag::Compare),
    long("watch", None, "ask again until the answer changes, or all servers agree", Flag::Watch),
    long(
        "interval",
        Some("SECONDS"),
        "from one look of --watch to the next; 10 if not given",
        Flag::Interval,
    ),
    long(
        "explain",
        None,
        "walk the resolution, and say what each step and field means",
        Flag::Explain,
    ),
    long("pin", Some("SHA256"), "key that the server may have (base64), as +tls-pin", Flag::Pin),
    long("help", None, "print help", Flag::Help),
    long("version", None, "print version", Flag::Version),
];

/// Between two looks, if nobody says.
const INTERVAL: Duration = Duration::from_secs(10);

fn find(text: &str) -> Option<(&'static Long, Option<&str>)> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (text, None),
    };
    let found = TABLE.iter().find(|long| long.name == name)?;
    (value.is_none() || found.value.is_some()).then_some((found, value))
}

/// Whether an option takes the word behind it; `None` if there is no such option.
pub(crate) fn wants_word(text: &str) -> Option<bool> {
    find(text).map(|(long, value)| long.value.is_some() && value.is_none())
}

impl Reader<'_> {
    /// A long option, without its `--`.
    pub(crate) fn long(&mut self, text: &str) -> Result<(), Stop> {
        let Some((long, value)) = find(text) else {
            return Err(Stop::usage(format!("Invalid option: --{text}")));
        };
        let value = match (long.value, value) {
            (Some(_), None) => self.value_of(long.name)?,
            (_, value) => value.unwrap_or_default().to_owned(),
        };
        let globals = &mut self.state.globals;
        match long.flag {
            Flag::Json => globals.json = true,
            Flag::Jobs => {
                let jobs = number(long, &value)?;
                globals.jobs = Some(usize::try_from(jobs).unwrap_or(usize::MAX));
            }
            Flag::Rate => globals.rate = Some(number(long, &value)?),
            Flag::InOrder => globals.in_order = true,
            Flag::RetryFile => globals.retry_file = Some(value.into()),
            Flag::ExitCode => globals.exit_code = true,
            Flag::Compare => globals.compare = true,
            Flag::Watch => globals.watch = globals.watch.or(Some(INTERVAL)),
            Flag::Interval => globals.watch = Some(seconds(long, &value)?),
            Flag::Explain => globals.explain = true,
            Flag::Pin => return self.plus(&format!("tls-pin={value}")),
            Flag::Help => return Err(Stop::end(End::Help)),
            Flag::Version => return Err(Stop::end(End::Version)),
        }
        Ok(())
    }
}

/// At least 1.
fn number(long: &Long, value: &str) -> Result<u32, Stop> {
    let wrong = || Stop::fatal(format!("--{}: not a number above 0: {value}", long.name));
    decimal(value, u32::MAX).ok().filter(|number| *number > 0).ok_or_else(wrong)
}

/// At least a millisecond, at most a day.
fn seconds(long: &Long, value: &str) -> Result<Duration, Stop> {
    let wrong =
        || Stop::fatal(format!("--{}: not from 0.001 to 86400 seconds: {value}", long.name));
    let seconds = value.parse::<f64>().ok().filter(|seconds| (0.001..=86400.0).contains(seconds));
    seconds.map(Duration::from_secs_f64).ok_or_else(wrong)
}
