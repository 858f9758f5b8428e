//! Lines on stderr that are no part of a transfer: errors, warnings, notes; in curl's forms.

/// Without terminal or `COLUMNS`.
const COLUMNS: usize = 79;

/// `fetch: (6) Could not resolve host: x`.
pub(crate) fn error(code: u8, text: &str) -> String {
    format!("fetch: ({code}) {}\n", wireline_cli::escape(text.trim_end()))
}

/// `Warning: ` or `Note: ` before each line, lines broken at blanks as curl breaks them.
pub(crate) fn wrapped(prefix: &str, text: &str, columns: Option<usize>) -> String {
    let width = columns.unwrap_or(COLUMNS).checked_sub(prefix.len()).filter(|width| *width > 0);
    let text = wireline_cli::escape(text);
    let mut characters: Vec<char> = text.chars().collect();
    let mut out = String::new();
    while let Some(width) = width.filter(|width| characters.len() > *width) {
        let blank = characters.iter().take(width).rposition(char::is_ascii_whitespace);
        // Without a blank it is broken in the middle.
        let rest = characters.split_off(blank.filter(|at| *at > 0).map_or(width, |at| at + 1));
        line(&mut out, prefix, &characters);
        characters = rest;
    }
    line(&mut out, prefix, &characters);
    out
}

fn line(out: &mut String, prefix: &str, characters: &[char]) {
    out.push_str(prefix);
    out.extend(characters);
    out.push('\n');
}

/// How long a retry waits and what is left, as curl 8 says it.
pub(crate) fn retrying(why: &str, after: std::time::Duration, left: u32) -> String {
    let seconds = match (after.as_secs(), after.subsec_millis()) {
        (1, 0) => "1 second".to_owned(),
        (whole, 0) => format!("{whole} seconds"),
        (whole, milliseconds) => format!("{whole}.{milliseconds:03} seconds"),
    };
    let tries = if left == 1 { "retry" } else { "retries" };
    let separator = if why.starts_with('(') { " " } else { ": " };
    format!("Problem{separator}{why}. Will retry in {seconds}. {left} {tries} left.")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn errors_are_one_line_and_harmless() {
        assert_eq!(error(6, "Could not resolve host: x"), "fetch: (6) Could not resolve host: x\n");
        assert_eq!(error(8, "a\x1b[2J\nb\n"), "fetch: (8) a\\027[2J\\010b\n");
    }

    #[test]
    fn long_warnings_are_broken_as_curl_breaks_them() {
        let path = "/tmp/outlab/nodir/aaaaaaaaaaaaaaaaaaaa/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb/cccccccccccccccccccccccc/x";
        let text = format!("Failed to open the file {path}: No such file or directory");
        let curls = "Warning: Failed to open the file \n\
            Warning: /tmp/outlab/nodir/aaaaaaaaaaaaaaaaaaaa/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n\
            Warning: /cccccccccccccccccccccccc/x: No such file or directory\n";
        assert_eq!(wrapped("Warning: ", &text, None), curls);
        assert_eq!(wrapped("Note: ", "abc", Some(6)), "Note: abc\n", "no room to break in");
    }

    #[test]
    fn retries_count_in_words() {
        assert_eq!(
            retrying("timeout", Duration::from_secs(1), 3),
            "Problem: timeout. Will retry in 1 second. 3 retries left."
        );
        assert_eq!(
            retrying("(retrying all errors)", Duration::from_millis(2500), 1),
            "Problem (retrying all errors). Will retry in 2.500 seconds. 1 retry left."
        );
    }
}
