use std::borrow::Cow;
use std::fmt::Write as _;

use clap::ValueEnum;

/// What a stranger chose, made harmless to a terminal: host names, interface names, process names.
///
/// Control characters of both kinds (C0, C1), bidirectional overrides and other characters without a
/// picture become `\ddd` for each of their octets, the escape of master files (RFC 1035 §5.1). A
/// backslash stays: names with one are for reading, not for reading back.
#[must_use]
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_harmful(c) {
            for octet in c.encode_utf8(&mut [0; 4]).bytes() {
                // Writing to a String cannot fail.
                let _ = write!(safe, "\\{octet:03}");
            }
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// When there are colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Everywhere.
    Always,
    /// Nowhere.
    Never,
}

impl Color {
    /// Whether there are any, as <https://no-color.org> has it.
    #[must_use]
    pub fn is_on(self, is_terminal: bool) -> bool {
        let is_off = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb" || term.is_empty());
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => is_terminal && !is_off && !is_dumb,
        }
    }
}

/// Whether the locale has characters past ASCII (setlocale(3): the first that is set counts).
#[must_use]
pub fn speaks_utf8() -> bool {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].map(std::env::var_os);
    let first = set.into_iter().flatten().find(|value| !value.is_empty());
    let name = first.map(|value| value.to_string_lossy().to_ascii_uppercase()).unwrap_or_default();
    name.contains("UTF-8") || name.contains("UTF8")
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn what_moves_a_cursor_is_spelled_out() {
        assert_eq!(escape("a\x1b[2Jb\n\x7f"), "a\\027[2Jb\\010\\127");
        assert_eq!(escape("\u{9b}31m"), "\\194\\15531m", "a C1 control is two octets of UTF-8");
        assert_eq!(escape("user\u{202e}gpj.exe"), "user\\226\\128\\174gpj.exe");
    }

    #[test]
    fn ordinary_names_are_not_touched() {
        assert!(matches!(escape("bücher.example"), std::borrow::Cow::Borrowed(_)));
    }
}
