//! Sentences about caches.

use wireline_http::cache::{Explanation, Verdict};

use super::again::{Answer, Checked, Outcome};
use crate::reports::figures::{ms, octets};

/// Characters of a URL, or another text of a stranger's, that a line has.
const LONGEST: usize = 200;

/// A text that is no longer than that.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// With a capital letter and a full stop.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), letters.as_str())
}

/// All of it in one sentence.
pub(super) fn summary(told: &Explanation) -> String {
    let Explanation { private, shared, .. } = told;
    match (private.is_storable, shared.is_storable) {
        (false, false) => "No cache may keep it: each request goes to the origin.".to_owned(),
        (true, false) => format!("Only the user's own cache may keep it, and {}.", use_of(private)),
        (false, true) => format!("Only shared caches may keep it, and {}.", use_of(shared)),
        (true, true) if use_of(private) == use_of(shared) => {
            format!("Any cache may keep it, and {}.", use_of(private))
        }
        (true, true) => format!(
            "Any cache may keep it: the user's own, and {}; a shared one, and {}.",
            use_of(private),
            use_of(shared)
        ),
    }
}

fn use_of(verdict: &Verdict) -> String {
    match verdict.left {
        _ if verdict.is_always_checked => "must ask the origin before each use".to_owned(),
        left @ 1.. => format!("use it for {left} s more without asking"),
        _ => "must ask the origin before using it, as it is stale".to_owned(),
    }
}

/// What was done for `Checked`.
pub(super) fn asked(checked: &Checked) -> String {
    let conditions: Vec<String> =
        checked.conditions.iter().map(|(name, value)| format!("{name}: {}", cut(value))).collect();
    format!("Asked again, with {}", conditions.join(" and "))
}

/// What came of it.
pub(super) fn outcome(checked: &Checked) -> Vec<String> {
    let (first, conditional) = (octets(checked.first.length()), &checked.conditional);
    let whole = || checked.whole.as_ref().map(size).unwrap_or_default();
    let answer = answer(conditional);
    let mut all = match &checked.outcome {
        Outcome::NotModified => vec![
            format!("{answer}: no body in place of {first}."),
            "Asked once more without a condition: the body is the same, the 304 is true."
                .to_owned(),
        ],
        Outcome::NotModifiedUnsure => vec![
            format!("{answer}: no body in place of {first}."),
            format!(
                "Asked once more without a condition, to compare the bodies: {}.",
                checked.whole.as_ref().map(self::answer).unwrap_or_default()
            ),
        ],
        Outcome::NotModifiedButDifferent => vec![
            format!("{answer}: no body in place of {first}."),
            format!(
                "Asked once more without a condition, the body is another ({} now): the 304 keeps an old body in caches.",
                whole()
            ),
        ],
        Outcome::SentAgain => vec![format!(
            "{answer}, and the same body again ({first}): the server does not heed the condition, each check costs the whole body."
        )],
        Outcome::Changed => vec![format!(
            "{answer}, and another body ({} now, {first} before): it has changed meanwhile.",
            size(conditional)
        )],
        Outcome::ChangedUnderSameTag => vec![format!(
            "{answer}, and another body ({} now, {first} before) under the same ETag: the tag does not tell one from the other.",
            size(conditional)
        )],
        Outcome::Unexpected => {
            vec![format!("{answer}: neither 304 nor the body; a cache has nothing to go on with.")]
        }
        Outcome::Failed => vec![format!("{answer}.")],
    };
    if !checked.lacks.is_empty() {
        let lacks = checked.lacks.join(", ");
        all.push(format!(
            "The 304 lacks {lacks}, which the response had: caches cannot renew that (RFC 9110 §15.4.5)."
        ));
    }
    all
}

fn size(answer: &Answer) -> String {
    octets(answer.body.length())
}

fn answer(answer: &Answer) -> String {
    match (&answer.failure, answer.status) {
        (Some(why), _) => format!("It failed after {}: {}", ms(answer.took), cut(why)),
        (None, Some(status)) => format!("The server answers {status} after {}", ms(answer.took)),
        (None, None) => "Nothing came".to_owned(),
    }
}

#[cfg(test)]
mod tests;
