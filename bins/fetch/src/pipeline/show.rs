//! The page.

use std::time::Duration;

use super::told::{Seen, Told, Way, WayTold};
use crate::reports::lines::{Event, Line};
use crate::reports::{Look, Page, Tone, many, ms};

mod verdict;

/// Requests that are shown of a way; of more, the first and the last of them.
const SHOWN: usize = 24;
/// Columns of a path.
const PATH: usize = 18;
/// Columns beside path and bar.
const BESIDE: usize = 43;

/// All of it as a text.
pub(super) fn page(told: &Told, look: Look) -> String {
    let mut page = Page::new(look);
    let count = told.ways.first().map_or(0, |way| way.seen.len());
    let requests = many(count as u64, "request");
    page.row(&[(Tone::Bold, &format!("{requests} to {}", cut(&told.url, 200)))]);
    page.text(
        "",
        2,
        Tone::Dim,
        "Times in ms, since the first request of each way; bars are of one scale.",
    );
    let scale = told.ways.iter().map(longest).max().unwrap_or_default();
    for way in &told.ways {
        show(&mut page, way, scale, told.url.starts_with("http:"));
    }
    page.heading("Verdict");
    let mut sentences = verdict::sentences(told).into_iter();
    if let Some(first) = sentences.next() {
        page.text("  ", 2, Tone::Bold, &first);
    }
    for one in sentences {
        page.text("  - ", 4, Tone::Plain, &one);
    }
    page.finish()
}

/// All of it in lines of JSON.
pub(super) fn lines(told: &Told, shows_secrets: bool, exit_code: u8) -> Vec<Line> {
    let mut all: Vec<Line> = told.ways.iter().flat_map(|way| way.lines(shows_secrets)).collect();
    let verdict = verdict::sentences(told);
    all.push(Line { event: Event::PipelineSummary { verdict, exit_code }, transfer: 0 });
    all
}

fn longest(way: &WayTold) -> Duration {
    let last = way.seen.iter().filter_map(|one| one.end.or(one.first)).max();
    last.unwrap_or_default().saturating_sub(way.began())
}

fn show(page: &mut Page, way: &WayTold, scale: Duration, is_without_tls: bool) {
    let (count, answered) = (way.seen.len(), way.answered());
    let name = way.way.name();
    if answered == 0 && way.seen.iter().all(|one| one.status.is_none()) {
        page.heading(name);
        let why = way.failure().map_or("nothing came", |why| why.text.as_str());
        let is_clear = way.way == Way::Http2 && is_without_tls;
        let what = if is_clear { "Not spoken without TLS, as it seems" } else { "Not to be had" };
        page.text("", 2, Tone::Note, &format!("{what}: {}", cut(why, 200)));
        return;
    }
    let total = way.total().map_or_else(
        || format!("{answered} of {count} answered"),
        |total| format!("all answered after {}", ms(total)),
    );
    let connections = many(way.connections() as u64, "connection");
    page.heading(&format!("{name}: {total}, {connections}"));
    let width = page.width().saturating_sub(PATH + BESIDE);
    page.row(&[(
        Tone::Dim,
        &format!(
            "{:>4}  {:<PATH$} {:>3}  {:width$} {:>8} {:>8} {:>8}",
            "", "path", "", "", "sent", "first", "end"
        ),
    )]);
    let hidden = count.saturating_sub(SHOWN);
    for (at, one) in way.seen.iter().enumerate() {
        if hidden > 0 && at == SHOWN / 2 {
            page.row(&[(Tone::Dim, &format!("      ... {hidden} more"))]);
        }
        if hidden == 0 || at < SHOWN / 2 || at >= count.saturating_sub(SHOWN / 2) {
            row(page, at, one, way.began(), scale, width);
        }
    }
    complaints(page, way);
}

fn row(page: &mut Page, at: usize, one: &Seen, began: Duration, scale: Duration, width: usize) {
    let since = |time: Option<Duration>| time.map(|time| time.saturating_sub(began));
    let status = one.status.map_or_else(|| "-".to_owned(), |status| status.to_string());
    let bar = Bar::of(one, began, scale, width);
    let (number, path) = (at.saturating_add(1), cut_left(path(&one.url), PATH));
    let figures = format!(
        " {:>8} {:>8} {:>8}",
        figure(since(one.sent)),
        figure(since(one.first)),
        figure(since(one.end))
    );
    let wait = page.glyph("\u{b7}", ".").repeat(bar.wait);
    let body =
        if one.failure.is_some() { "x" } else { page.glyph("\u{2588}", "#") }.repeat(bar.body);
    let tone = if one.failure.is_some() { Tone::Bad } else { Tone::Good };
    page.row(&[
        (
            Tone::Plain,
            &format!("{number:>4}  {path:<PATH$} {status:>3}  {}", " ".repeat(bar.before)),
        ),
        (Tone::Dim, &wait),
        (tone, &body),
        (Tone::Plain, &" ".repeat(bar.behind)),
        (Tone::Plain, &figures),
    ]);
}

/// Columns: nothing, waiting for the first octet, receiving, nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bar {
    before: usize,
    wait: usize,
    body: usize,
    behind: usize,
}

impl Bar {
    fn of(one: &Seen, began: Duration, scale: Duration, width: usize) -> Self {
        let Some(sent) = one.sent else {
            return Self { before: 0, wait: 0, body: 0, behind: width };
        };
        let column = |time: Duration| {
            let part = time.saturating_sub(began).as_micros().saturating_mul(width as u128);
            let column = part.checked_div(scale.as_micros()).unwrap_or_default();
            usize::try_from(column).unwrap_or(width).min(width)
        };
        // What was answered is seen, however quickly.
        let end = column(one.end.or(one.first).unwrap_or(sent)).max(1);
        let first = column(one.first.unwrap_or(sent)).min(end.saturating_sub(1));
        let before = column(sent).min(first);
        let (wait, body) = (first.saturating_sub(before), end.saturating_sub(first));
        Self { before, wait, body, behind: width.saturating_sub(end) }
    }
}

fn complaints(page: &mut Page, way: &WayTold) {
    let mut told: Vec<&str> = Vec::new();
    let failures =
        way.seen.iter().filter_map(|one| one.failure.as_ref()).map(|why| why.text.as_str());
    let oddities = way.seen.iter().flat_map(|one| one.oddities.iter().map(String::as_str));
    for text in failures.chain(oddities) {
        if !told.contains(&text) && told.len() < 8 {
            told.push(text);
            page.text("      ", 6, Tone::Note, &cut(text, 200));
        }
    }
}

/// Milliseconds, without the unit.
fn figure(time: Option<Duration>) -> String {
    time.map_or_else(|| "-".to_owned(), |time| format!("{:.1}", time.as_secs_f64() * 1e3))
}

/// Path and query.
fn path(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/")
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Its end, which is what differs.
fn cut_left(text: &str, most: usize) -> String {
    let text = wireline_cli::escape(text);
    let count = text.chars().count();
    if count <= most {
        return text.into_owned();
    }
    let rest = text.chars().skip(count.saturating_sub(most.saturating_sub(2)));
    ["..".to_owned(), rest.collect()].concat()
}

#[cfg(test)]
mod tests;
