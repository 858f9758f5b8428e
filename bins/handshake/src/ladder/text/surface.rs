//! What a terminal can show: characters, colours, columns.

/// Columns at either side of the rails, blanks included.
pub(super) const GUTTER: usize = 13;

/// The characters that a ladder is made of.
#[derive(Debug)]
pub(super) struct Glyphs {
    pub(super) rail: char,
    pub(super) tee_right: char,
    pub(super) tee_left: char,
    pub(super) shaft: char,
    pub(super) dots: char,
    pub(super) right: char,
    pub(super) left: char,
    /// Where something ended on its way.
    pub(super) cross: char,
    pub(super) dot: char,
    pub(super) note: char,
    is_ascii: bool,
}

const UNICODE: Glyphs = Glyphs {
    rail: '│',
    tee_right: '├',
    tee_left: '┤',
    shaft: '─',
    dots: '┄',
    right: '▶',
    left: '◀',
    cross: '✗',
    dot: '·',
    note: '!',
    is_ascii: false,
};

const ASCII: Glyphs = Glyphs {
    rail: '|',
    tee_right: '|',
    tee_left: '|',
    shaft: '-',
    dots: '.',
    right: '>',
    left: '<',
    cross: 'x',
    dot: '-',
    note: '!',
    is_ascii: true,
};

impl Glyphs {
    pub(super) const fn of(is_unicode: bool) -> &'static Self {
        if is_unicode { &UNICODE } else { &ASCII }
    }

    /// Our own sentences as this terminal can show them, with clauses that stay in one row. What a stranger wrote
    /// stays as it is.
    pub(super) fn plain(&self, text: &str) -> String {
        let text = text.replace("RFC ", "RFC\u{a0}").replace("figure ", "figure\u{a0}");
        if self.is_ascii { text.replace('§', "sect.\u{a0}").replace('·', ";") } else { text }
    }
}

/// What a piece of text is; its colour says nothing that the text does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Dim,
    State,
    Open,
    Close,
    Note,
    Warn,
    Caption,
}

impl Tone {
    /// Numbers of ECMA-48's SGR.
    const fn sgr(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Dim => "2",
            Self::State => "1",
            Self::Open => "32",
            Self::Close => "36",
            Self::Note => "33",
            Self::Warn => "31",
            Self::Caption => "3",
        }
    }
}

/// Writes a text in its colour.
pub(super) fn paint(out: &mut String, tone: Tone, text: &str, is_colored: bool) {
    let sgr = tone.sgr();
    if !is_colored || sgr.is_empty() || text.trim().is_empty() {
        out.push_str(text);
        return;
    }
    out.extend(["\x1b[", sgr, "m", text, "\x1b[0m"]);
}

/// Columns of a text of ours.
pub(super) fn width_of(text: &str) -> usize {
    text.chars().count()
}

/// A text at the right end of so many columns.
pub(super) fn right(text: &str, width: usize) -> String {
    format!("{}{text}", " ".repeat(width.saturating_sub(width_of(text))))
}

/// Breaks a text at blanks into pieces of no more than `width` columns; a longer word is broken itself. A no-break
/// space becomes a blank.
pub(super) fn fold(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let mut word: Vec<char> = word.chars().collect();
        let used = width_of(&line);
        if used > 0 && used + 1 + word.len() > width {
            lines.push(std::mem::take(&mut line));
        }
        while word.len() > width {
            let rest = word.split_off(width);
            lines.push(word.into_iter().collect());
            word = rest;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines.iter().map(|line| line.replace('\u{a0}', " ")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_folded_at_blanks_and_long_words_anywhere() {
        assert_eq!(fold("one two three", 7), ["one two", "three"]);
        assert_eq!(fold("abcdefgh i", 3), ["abc", "def", "gh", "i"]);
        assert!(fold("  ", 5).is_empty());
        assert_eq!(fold("see RFC\u{a0}1 there", 9), ["see RFC 1", "there"]);
        assert_eq!(fold("seen RFC\u{a0}1", 8), ["seen", "RFC 1"]);
        assert_eq!(fold("a b", 0), ["a", "b"]);
    }

    #[test]
    fn color_ends_where_its_text_does() {
        let mut out = String::new();
        paint(&mut out, Tone::Warn, "RST", true);
        paint(&mut out, Tone::Warn, "RST", false);
        assert_eq!(out, "\x1b[31mRST\x1b[0mRST");
    }
}
