//! `-z`: only what has changed since.

use std::os::unix::fs::MetadataExt as _;

use wireline_http::date;

use crate::grammar::{Reading, Word};

/// A date, or else a file whose date is meant; `-` before it for what has not changed since.
pub(super) fn time(r: &mut Reading, word: &Word<'_>) {
    let (is_older, text) = match word.bytes() {
        [b'-', text @ ..] => (true, text),
        text => (false, text.strip_prefix(b"+").unwrap_or(text)),
    };
    let found = date::parse_typed(text).or_else(|| {
        let path = Word::new(text).maybe_path();
        let found = std::fs::metadata(path).map(|one| one.mtime());
        found.map_err(|why| r.warn(&format!("Failed to get filetime: {}", words(&why)))).ok()
    });
    if found.is_none() {
        r.warn(
            "Illegal date format for -z, --time-cond (and not a filename). Disabling time condition. See curl_getdate(3) \
             for valid date syntax.",
        );
    }
    r.op.spec.request.time_condition = found.map(|time| (time, is_older));
}

/// As C has them, without the number.
fn words(why: &std::io::Error) -> String {
    let text = why.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}
