//! A page of text for a terminal: its width, its characters, its colours.

use std::fmt::Write as _;

use wireline_cli::{Color, escape, speaks_utf8};

/// No fewer columns make sense, and more make long lines.
const WIDTHS: std::ops::RangeInclusive<usize> = 60..=140;
/// Columns where there is no terminal.
const WIDTH: usize = 80;

/// What a terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// Columns.
    pub(crate) width: usize,
    /// It has characters past ASCII.
    pub(crate) unicode: bool,
    /// It has colours.
    pub(crate) colored: bool,
}

impl Look {
    /// Of stdout.
    pub(crate) fn of_stdout(color: Color) -> Self {
        let stdout = rustix::stdio::stdout();
        let is_terminal = rustix::termios::isatty(stdout);
        let said = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        let size = rustix::termios::tcgetwinsize(stdout).ok().filter(|_| is_terminal);
        let width = said.or_else(|| size.map(|size| usize::from(size.ws_col)));
        let width = width.filter(|width| *width > 0).unwrap_or(WIDTH);
        Self {
            width: width.clamp(*WIDTHS.start(), *WIDTHS.end()),
            unicode: speaks_utf8(),
            colored: color.is_on(is_terminal),
        }
    }
}

/// What a piece of text is; its colour says nothing that the text does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Dim,
    Bold,
    Good,
    Note,
    Bad,
    Cold,
}

impl Tone {
    /// Numbers of ECMA-48's SGR.
    const fn sgr(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Dim => "2",
            Self::Bold => "1",
            Self::Good => "32",
            Self::Note => "33",
            Self::Bad => "31",
            Self::Cold => "36",
        }
    }
}

/// A text that grows line by line. What a stranger wrote is made harmless here.
#[derive(Debug)]
pub(crate) struct Page {
    look: Look,
    out: String,
}

impl Page {
    pub(crate) const fn new(look: Look) -> Self {
        Self { look, out: String::new() }
    }

    pub(crate) fn finish(self) -> String {
        self.out
    }

    pub(crate) const fn width(&self) -> usize {
        self.look.width
    }

    /// One of two characters, or texts, by what can be shown.
    pub(crate) const fn glyph(&self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.look.unicode { unicode } else { ascii }
    }

    /// A text in its colour, harmless, as it can be shown.
    pub(crate) fn painted(&self, tone: Tone, text: &str) -> String {
        let text = self.shown(text);
        if !self.look.colored || tone.sgr().is_empty() || text.trim().is_empty() {
            return text;
        }
        ["\x1b[", tone.sgr(), "m", &text, "\x1b[0m"].concat()
    }

    /// Harmless, and in ASCII what is ours past it.
    fn shown(&self, text: &str) -> String {
        let text = escape(text);
        if self.look.unicode {
            return text.into_owned();
        }
        text.replace('\u{a7}', "section ").replace('\u{b7}', ";").replace('\u{b1}', "+-")
    }

    /// An empty line, where there is something above it.
    pub(crate) fn gap(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// A line of pieces.
    pub(crate) fn row(&mut self, pieces: &[(Tone, &str)]) {
        for (tone, text) in pieces {
            let text = self.painted(*tone, text);
            self.out.push_str(&text);
        }
        let kept = self.out.trim_end_matches(' ').len();
        self.out.truncate(kept);
        self.out.push('\n');
    }

    /// A heading, with an empty line before it.
    pub(crate) fn heading(&mut self, text: &str) {
        self.gap();
        self.text("", 0, Tone::Bold, text);
    }

    /// A text in lines that fit, behind `indent` blanks; the first has `lead` in their place.
    pub(crate) fn text(&mut self, lead: &str, indent: usize, tone: Tone, text: &str) {
        let text = self.shown(text);
        let width = self.look.width.saturating_sub(indent).max(20);
        for (at, line) in fold(&text, width).iter().enumerate() {
            let lead = if at == 0 { lead } else { "" };
            let _ = write!(self.out, "{lead:<indent$}");
            let line = self.painted(tone, line);
            self.out.push_str(&line);
            self.out.push('\n');
        }
    }
}

/// Breaks a text at blanks into pieces of no more than `width` columns; a longer word stays whole, so that it can be
/// copied.
fn fold(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let used = line.chars().count();
        if used > 0 && used.saturating_add(1).saturating_add(word.chars().count()) > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const PLAIN: Look = Look { width: 80, unicode: false, colored: false };

    #[test]
    fn lines_are_broken_at_blanks_and_words_stay_whole() {
        assert_eq!(fold("one two three", 7), ["one two", "three"]);
        assert_eq!(fold("a abcdefghi", 3), ["a", "abcdefghi"]);
        assert!(fold("  ", 5).is_empty());
    }

    #[test]
    fn what_a_stranger_wrote_does_nothing_to_a_terminal() {
        let mut page = Page::new(Look { colored: true, ..PLAIN });
        page.row(&[(Tone::Bad, "a\x1b[2J\n"), (Tone::Plain, " \u{a7} b  ")]);
        page.text("- ", 2, Tone::Plain, "x\ry");
        assert_eq!(page.finish(), "\x1b[31ma\\027[2J\\010\x1b[0m section  b\n- x\\013y\n");
    }
}
