//! The words of an expectation.

use std::time::Duration;

use super::{Comparison, Complaint, Span};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Token<'a> {
    Word(&'a str),
    Number(f64),
    Time(Duration),
    Compare(Comparison),
    Not,
    And,
    Or,
    Open,
    Close,
}

/// Signs, the longer before what they begin with.
const SIGNS: [(&str, Token<'_>); 11] = [
    ("&&", Token::And),
    ("||", Token::Or),
    ("==", Token::Compare(Comparison::Equal)),
    ("!=", Token::Compare(Comparison::Unequal)),
    ("<=", Token::Compare(Comparison::LessOrEqual)),
    (">=", Token::Compare(Comparison::GreaterOrEqual)),
    ("<", Token::Compare(Comparison::Less)),
    (">", Token::Compare(Comparison::Greater)),
    ("!", Token::Not),
    ("(", Token::Open),
    (")", Token::Close),
];

/// Cuts a text into words and signs.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token<'_>, Span)>, Complaint> {
    let mut tokens = Vec::new();
    let mut from = 0;
    while let Some(rest) = text.get(from..).filter(|rest| !rest.is_empty()) {
        let blank = rest.len() - rest.trim_start().len();
        if blank > 0 {
            from += blank;
            continue;
        }
        let (token, length) =
            token(rest).map_err(|why| Complaint { at: place(text, from), why })?;
        tokens.push((token, Span { from, to: from + length }));
        from += length;
    }
    Ok(tokens)
}

/// Which character, from 1, begins after so many octets.
pub(super) fn place(text: &str, octets: usize) -> usize {
    text.char_indices().take_while(|(at, _)| *at < octets).count() + 1
}

/// The first token of a text that begins with one, and its length in octets.
fn token(rest: &str) -> Result<(Token<'_>, usize), String> {
    if let Some((sign, token)) = SIGNS.into_iter().find(|(sign, _)| rest.starts_with(sign)) {
        return Ok((token, sign.len()));
    }
    let is_part = |part: char| part.is_alphanumeric() || matches!(part, '_' | '.' | '-');
    let length = rest.find(|part| !is_part(part)).unwrap_or(rest.len());
    let word = rest.get(..length).unwrap_or_default();
    match rest.chars().next() {
        Some('0'..='9' | '.') => Ok((quantity(word)?, length)),
        Some(first) if first.is_alphabetic() => Ok((Token::Word(word), length)),
        Some('=') => Err("'=' compares nothing: '==' does".to_owned()),
        Some(sign @ ('&' | '|')) => Err(format!("'{sign}' is written twice")),
        other => Err(format!("'{}' means nothing here", other.unwrap_or_default())),
    }
}

/// `1460`, `2.5` or `20ms`.
fn quantity(word: &str) -> Result<Token<'static>, String> {
    let digits = word.find(|part: char| !matches!(part, '0'..='9' | '.')).unwrap_or(word.len());
    let (digits, unit) = word.split_at(digits);
    let wrong = || format!("'{word}' is no number, nor a time in us, ms or s");
    let number: f64 = digits.parse().map_err(|_| wrong())?;
    let seconds = match unit {
        "" => return Ok(Token::Number(number)),
        "us" | "µs" => number / 1e6,
        "ms" => number / 1e3,
        "s" => number,
        _ => return Err(wrong()),
    };
    Duration::try_from_secs_f64(seconds).map(Token::Time).map_err(|_| wrong())
}
