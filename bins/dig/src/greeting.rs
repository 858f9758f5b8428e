//! The first lines of dig's output: which words it was given.

use std::fmt::Write as _;

/// Octets of the whole that dig keeps (`MXNAME`, with the NUL).
const KEPT: usize = 1023;

/// What is printed before the first answer of a command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Greeting {
    /// The words after the program's name.
    pub words: Vec<String>,
    /// Whether it is the first of the run, which says more.
    pub is_first: bool,
    /// The last `@` word before the name: how many addresses it has is told, if it is the first greeting.
    pub server: Option<String>,
    /// Whether `+short` was known when it was made.
    pub short: bool,
}

impl Greeting {
    /// The lines, where `servers` is how many addresses [`Greeting::server`] has (0 without one).
    #[must_use]
    pub fn text(&self, version: &str, servers: usize) -> String {
        let mut text =
            format!("{}; <<>> DiG {version} <<>>", if self.is_first { "\n" } else { "" });
        for word in &self.words {
            text.push(' ');
            text.push_str(word);
        }
        cut(&mut text);
        text.push('\n');
        if self.is_first && servers > 0 {
            let plural = if servers > 1 { "s" } else { "" };
            let _ = writeln!(text, "; ({servers} server{plural} found)");
        }
        if self.is_first {
            text.push_str(";; global options:");
            text.push_str(if self.short { " +short +cmd\n" } else { " +cmd\n" });
        }
        cut(&mut text);
        text
    }
}

fn cut(text: &mut String) {
    let mut end = text.len().min(KEPT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
}
