//! The words and signs of a filter.

/// A word or a sign, and where it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token<'a> {
    /// Counted in characters, from 1.
    pub(super) at: usize,
    pub(super) text: &'a str,
}

/// The longer ones first.
const SIGNS: [&str; 13] = ["==", "!=", "<=", ">=", "&&", "||", "=", "!", "<", ">", "&", "|", "("];

/// Cuts a text into words and signs. Between square brackets, and behind a backslash, nothing is a sign.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let (mut rest, mut at) = (text, 1);
    while let Some(first) = rest.chars().next() {
        let length = if first.is_whitespace() { first.len_utf8() } else { length(rest) };
        let (token, after) = rest.split_at(length);
        if !first.is_whitespace() {
            tokens.push(Token { at, text: token });
        }
        at += token.chars().count();
        rest = after;
    }
    tokens
}

/// In bytes, of the token at the beginning.
fn length(text: &str) -> usize {
    if let Some(sign) = sign(text) {
        return sign.len();
    }
    let (mut is_bracketed, mut is_escaped) = (false, false);
    let end = text.char_indices().find(|(place, character)| {
        let is_part = std::mem::take(&mut is_escaped) || (is_bracketed && *character != ']');
        if character.is_whitespace() {
            return true;
        }
        match character {
            '\\' if !is_part => is_escaped = true,
            '[' if !is_part => is_bracketed = true,
            ']' => is_bracketed = false,
            _ => {}
        }
        !is_part && sign(&text[*place..]).is_some()
    });
    end.map_or(text.len(), |(place, _)| place)
}

fn sign(text: &str) -> Option<&'static str> {
    if text.starts_with(')') {
        return Some(")");
    }
    SIGNS.into_iter().find(|sign| text.starts_with(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> String {
        let tokens = tokens(text).into_iter();
        let tokens: Vec<_> = tokens.map(|token| format!("{}:{}", token.at, token.text)).collect();
        tokens.join(" ")
    }

    #[test]
    fn signs_need_no_blanks_around_them() {
        assert_eq!(
            cut("(sport>=:80|!dst=[::1]:9)"),
            "1:( 2:sport 7:>= 9::80 12:| 13:! 14:dst 17:= 18:[::1]:9 25:)"
        );
        assert_eq!(cut(" a  ==b!=c&&d||e "), "2:a 5:== 7:b 8:!= 10:c 11:&& 13:d 14:|| 16:e");
        assert_eq!(cut(""), "");
    }

    #[test]
    fn pattern_may_have_signs_in_brackets_and_behind_backslashes() {
        assert_eq!(cut(r"src /a[!b]\(*"), r"1:src 5:/a[!b]\(*");
        assert_eq!(cut("src [a b"), "1:src 5:[a 8:b", "a blank ends a word");
        assert_eq!(cut("é=ü"), "1:é 2:= 3:ü", "counted in characters");
    }
}
