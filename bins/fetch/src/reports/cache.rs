//! `--explain-cache`: what caches may do with the response, and whether the server answers as it promises.

pub(super) mod again;
mod words;

use wireline_http::account::Hop;
use wireline_http::cache::{self, Explanation, Request};

use super::page::Tone;
use super::{Page, Told};

pub(crate) use again::first as ask_again;

/// Writes it.
pub(super) fn write(page: &mut Page, told: &Told<'_>) {
    let Some(hop) = last(told) else {
        page.heading("Caches");
        page.text("", 2, Tone::Plain, "There is no response, and nothing to be kept.");
        return;
    };
    let Some(explanation) = explain(told, hop) else { return };
    let status = hop.head.as_ref().map_or(0, |(_, head)| head.status);
    page.heading(&format!("Caches: {status} of {} {}", hop.method, words::cut(&hop.url)));
    page.text("", 2, Tone::Bold, &words::summary(&explanation));
    for statement in &explanation.statements {
        page.text("  - ", 4, Tone::Plain, &words::sentence(&statement.to_string()));
    }
}

/// What is to be said of a hop's response.
pub(crate) fn explain(told: &Told<'_>, hop: &Hop) -> Option<Explanation> {
    let (at, head) = hop.head.as_ref()?;
    let request = Request::sent(&hop.method, &hop.url, &hop.request.raw);
    let since = told.account.ended.unwrap_or(*at).saturating_sub(*at);
    let since = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    let received = told.wall.saturating_sub(since);
    Some(cache::explain(&request, head, received, told.wall))
}

/// The hop whose response was the last.
pub(crate) fn last<'a>(told: &Told<'a>) -> Option<&'a Hop> {
    told.account.hops.iter().rfind(|hop| hop.head.is_some())
}
