//! How long a response is fresh, and how old it is (RFC 9111 §4.2).

use super::control::{self, Control};
use super::{About, Explanation, Source, Statement, Verdict};
use crate::date;
use crate::head::Fields;

/// RFC 9111 §4.2.3: what its `Age` or its `Date` says, whichever is more, and how long we have it.
pub(super) fn age(fields: &Fields, received: i64, now: i64) -> u64 {
    let told = fields.text("age").map_or(0, control::seconds);
    let made = fields.get("date").and_then(date::parse_http).unwrap_or(received);
    let apparent = u64::try_from(received.saturating_sub(made)).unwrap_or_default();
    let resident = u64::try_from(now.saturating_sub(received)).unwrap_or_default();
    told.max(apparent).saturating_add(resident)
}

/// All but whether it may be kept.
pub(super) fn verdict(
    fields: &Fields,
    control: &Control,
    age: u64,
    received: i64,
    is_shared: bool,
) -> Verdict {
    let (source, lifetime) = lifetime(fields, control, received, is_shared);
    let signed = |seconds: u64| i64::try_from(seconds).unwrap_or(i64::MAX);
    Verdict {
        is_storable: false,
        lifetime,
        source,
        left: signed(lifetime).saturating_sub(signed(age)),
        is_always_checked: control.has_whole("no-cache"),
        is_never_stale: control.has("must-revalidate")
            || (is_shared && (control.has("proxy-revalidate") || control.has("s-maxage"))),
        while_revalidating: control.seconds("stale-while-revalidate"),
    }
}

/// RFC 9111 §4.2.1, §4.2.2.
fn lifetime(fields: &Fields, control: &Control, received: i64, is_shared: bool) -> (Source, u64) {
    if let Some(seconds) = control.seconds("s-maxage").filter(|_| is_shared) {
        return (Source::SharedMaxAge, seconds);
    }
    if let Some(seconds) = control.seconds("max-age") {
        return (Source::MaxAge, seconds);
    }
    let made = fields.get("date").and_then(date::parse_http).unwrap_or(received);
    let span = |from: i64, to: i64| u64::try_from(to.saturating_sub(from)).unwrap_or_default();
    if let Some(expires) = fields.get("expires") {
        // What is no date, `0` above all, has passed (RFC 9111 §5.3).
        return (
            Source::Expires,
            date::parse_http(expires).map_or(0, |expires| span(made, expires)),
        );
    }
    match fields.get("last-modified").and_then(date::parse_http) {
        Some(changed) => (Source::Heuristic, span(changed, made) / 10),
        None => (Source::Nothing, 0),
    }
}

/// Directives that say what becomes of it once stale: name, what it says, who says so.
const THEN: [(&str, &str, &str); 4] = [
    (
        "must-revalidate",
        "once stale, it is not used before the origin said yes: must-revalidate",
        "RFC 9111 §5.2.2.2",
    ),
    (
        "proxy-revalidate",
        "once stale, shared caches do not use it before the origin said yes: proxy-revalidate",
        "RFC 9111 §5.2.2.8",
    ),
    ("immutable", "while fresh, a reload does not ask either: immutable", "RFC 8246 §2"),
    (
        "must-understand",
        "only caches that know its status keep it: must-understand",
        "RFC 9111 §5.2.2.3",
    ),
];

pub(super) fn reasons(fields: &Fields, control: &Control, told: &Explanation) -> Vec<Statement> {
    let mut all = Vec::new();
    let mut state = |about, text: String, field: &str, clause| {
        all.push(Statement { about, text, field: super::quoted(fields, field), clause });
    };
    let is_kept = told.private.is_storable || told.shared.is_storable;
    let by = if fields.get("age").is_some() { "Age" } else { "Date" };
    state(About::Age, format!("it is {} s old", told.age), by, "RFC 9111 §4.2.3");
    let Explanation { private, shared, .. } = told;
    let mut freshness = |whose: &str, verdict: &Verdict| {
        if verdict.is_storable || !is_kept {
            let (field, clause) = clause(verdict.source);
            state(About::Freshness, fresh(whose, verdict), field, clause);
        }
    };
    if (private.source, private.lifetime) == (shared.source, shared.lifetime) {
        freshness("caches", private);
    } else {
        freshness("a private cache", private);
        freshness("a shared cache", shared);
    }
    if private.is_always_checked {
        let text = "the origin is asked before each use, however fresh it is: no-cache".to_owned();
        state(About::Revalidation, text, "Cache-Control", "RFC 9111 §5.2.2.4");
    }
    for (_, text, clause) in THEN.into_iter().filter(|(name, ..)| control.has(name)) {
        state(About::Revalidation, text.to_owned(), "Cache-Control", clause);
    }
    let after = [
        (
            private.while_revalidating,
            "while the origin is asked: stale-while-revalidate",
            "RFC 5861 §3",
        ),
        (
            control.seconds("stale-if-error"),
            "where the origin fails: stale-if-error",
            "RFC 5861 §4",
        ),
    ];
    for (seconds, when, clause) in after {
        if let Some(seconds) = seconds {
            let text = format!("once stale, it may be used for {seconds} s more {when}");
            state(About::Revalidation, text, "Cache-Control", clause);
        }
    }
    all
}

fn fresh(whose: &str, verdict: &Verdict) -> String {
    let why = match verdict.source {
        Source::SharedMaxAge => "s-maxage",
        Source::MaxAge => "max-age",
        Source::Expires => "Expires less Date",
        Source::Heuristic => "a tenth of the time since Last-Modified, as nothing else is said,",
        Source::Nothing => {
            return format!("for {whose} it is never fresh: nothing says for how long");
        }
    };
    let Verdict { lifetime, left, .. } = verdict;
    let state = match *left {
        left @ 1.. => format!("fresh for {left} s more"),
        0 => "stale from now on".to_owned(),
        left => format!("stale since {} s", left.unsigned_abs()),
    };
    format!("for {whose} it is {state}: {why} gives it {lifetime} s")
}

/// The field, and who says that it counts.
fn clause(source: Source) -> (&'static str, &'static str) {
    match source {
        Source::SharedMaxAge => ("Cache-Control", "RFC 9111 §5.2.2.10"),
        Source::MaxAge => ("Cache-Control", "RFC 9111 §5.2.2.1"),
        Source::Expires => ("Expires", "RFC 9111 §5.3"),
        Source::Heuristic => ("Last-Modified", "RFC 9111 §4.2.2"),
        Source::Nothing => ("", "RFC 9111 §4.2.1"),
    }
}
