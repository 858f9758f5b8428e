//! `~/.digrc`: options for every run.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// Words of a line that dig takes, without the program's name.
const WORDS: usize = 61;
/// More is no file of options.
const OCTETS: u64 = 1 << 20;

/// Words of each line, in order; none if there is no such file.
pub(crate) fn lines(home: Option<&Path>) -> Vec<Vec<String>> {
    let Some(file) = home.and_then(|home| File::open(home.join(".digrc")).ok()) else {
        return Vec::new();
    };
    let mut text = Vec::new();
    let mut file = BufReader::new(file.take(OCTETS));
    if file.read_to_end(&mut text).is_err() {
        return Vec::new();
    }
    let words = |line: std::io::Result<String>| -> Option<Vec<String>> {
        Some(line.ok()?.split_ascii_whitespace().take(WORDS).map(str::to_owned).collect())
    };
    text.lines().filter_map(words).collect()
}
