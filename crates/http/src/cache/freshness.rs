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

pub(super) fn reasons(control: &Control, told: &Explanation) -> Vec<Statement> {
    let mut all = Vec::new();
    let mut state = |about, text: String, clause| all.push(Statement { about, text, clause });
    state(About::Age, format!("it is {} s old", told.age), "RFC 9111 §4.2.3");
    let Explanation { private, shared, .. } = told;
    if (private.source, private.lifetime) == (shared.source, shared.lifetime) {
        state(About::Freshness, fresh("caches", private), clause(private.source));
    } else {
        state(About::Freshness, fresh("a private cache", private), clause(private.source));
        state(About::Freshness, fresh("a shared cache", shared), clause(shared.source));
    }
    if private.is_always_checked {
        state(
            About::Revalidation,
            "no-cache: the origin is asked before each use".to_owned(),
            "RFC 9111 §5.2.2.4",
        );
    }
    if control.has("must-revalidate") {
        state(
            About::Revalidation,
            "must-revalidate: once stale, it is not used before the origin said yes".to_owned(),
            "RFC 9111 §5.2.2.2",
        );
    }
    if control.has("proxy-revalidate") {
        state(
            About::Revalidation,
            "proxy-revalidate: the same for shared caches".to_owned(),
            "RFC 9111 §5.2.2.8",
        );
    }
    if let Some(seconds) = private.while_revalidating {
        state(
            About::Revalidation,
            format!("once stale, it may be used for {seconds} s more while the origin is asked"),
            "RFC 5861 §3",
        );
    }
    if let Some(seconds) = control.seconds("stale-if-error") {
        state(
            About::Revalidation,
            format!("once stale, it may be used for {seconds} s more where the origin fails"),
            "RFC 5861 §4",
        );
    }
    if control.has("immutable") {
        state(
            About::Revalidation,
            "immutable: while fresh, a reload does not ask either".to_owned(),
            "RFC 8246 §2",
        );
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
    let state = if *left > 0 {
        format!("fresh for {left} s more")
    } else {
        format!("stale since {} s", left.unsigned_abs())
    };
    format!("for {whose} it is {state}: {why} gives it {lifetime} s")
}

fn clause(source: Source) -> &'static str {
    match source {
        Source::SharedMaxAge => "RFC 9111 §5.2.2.10",
        Source::MaxAge => "RFC 9111 §5.2.2.1",
        Source::Expires => "RFC 9111 §5.3",
        Source::Heuristic => "RFC 9111 §4.2.2",
        Source::Nothing => "RFC 9111 §4.2.1",
    }
}
