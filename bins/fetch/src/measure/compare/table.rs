//! The table for people.

use std::time::Duration;

use super::super::PHASES;
use super::{Came, Row, differences};
use crate::reports::{Look, Page, Tone, figures};

/// Columns of a figure.
const WIDTH: usize = 9;
/// Columns of a way: version, family, session.
const WAY: usize = 23;

/// All of it.
pub(super) fn page(url: &str, rows: &[Row], look: Look) -> String {
    let mut page = Page::new(look);
    page.row(&[(Tone::Bold, url)]);
    page.gap();
    let names = PHASES.map(|name| format!("{name:>WIDTH$}")).concat();
    page.row(&[(Tone::Dim, &format!("{:WAY$}", "")), (Tone::Dim, &names), (Tone::Dim, "  ms")]);
    let best = rows.iter().filter_map(|row| Some((row.answer()?.total(), row.way.text())));
    let best = best.min().filter(|_| rows.iter().filter_map(Row::answer).count() > 1);
    for row in rows {
        line(&mut page, row, best.as_ref());
    }
    page.gap();
    answers(&mut page, rows);
    page.finish()
}

fn line(page: &mut Page, row: &Row, best: Option<&(Duration, String)>) {
    let way = format!(
        "{:<9}{:<5}{:<9}",
        row.way.version_text(),
        row.way.family_text(),
        row.way.session.text()
    );
    let (outcome, note) = match &row.came {
        Came::Answer(outcome, note) => (outcome, note.unwrap_or_default()),
        Came::Absent(why) => {
            page.row(&[(Tone::Dim, &way), (Tone::Dim, "  - "), (Tone::Dim, why)]);
            return;
        }
        Came::Failed(failure) => {
            let code = crate::exit::of(failure.kind).0;
            let text = format!("  failed: ({code}) {}", failure.text.trim_end());
            page.row(&[(Tone::Bad, &way), (Tone::Bad, &text)]);
            return;
        }
    };
    let figures: String = outcome.phases().into_iter().map(figure).collect();
    let is_best =
        best.is_some_and(|(total, way)| *total == outcome.total() && *way == row.way.text());
    let tone = if is_best { Tone::Good } else { Tone::Plain };
    let mark = if is_best { "  * " } else { "    " };
    page.row(&[(tone, &way), (tone, &figures), (tone, mark), (Tone::Note, note)]);
}

fn figure(span: Option<Duration>) -> String {
    let Some(span) = span else { return format!("{:>WIDTH$}", "-") };
    let ms = span.as_secs_f64() * 1e3;
    format!("{ms:>WIDTH$.2}")
}

/// What they have in common, and what not.
fn answers(page: &mut Page, rows: &[Row]) {
    let answered: Vec<_> = rows.iter().filter_map(Row::answer).collect();
    let Some(first) = answered.first() else {
        page.row(&[(Tone::Bad, "no answer")]);
        return;
    };
    if answered.len() > 1 {
        page.row(&[(
            Tone::Dim,
            "* the fastest; one transfer each, so small differences say little",
        )]);
    }
    let differences = differences(rows);
    if differences.is_empty() {
        let status = first.status().unwrap_or_default();
        let digest = first.digest.get(..12).unwrap_or_default();
        let who = match answered.len() {
            1 => "one answer".to_owned(),
            many => format!("the same from all {many}"),
        };
        let octets = figures::octets(first.octets);
        let text = format!("{who}: status {status}, {octets}, sha256 {digest}...");
        page.row(&[(Tone::Good, &text)]);
    }
    for one in differences {
        page.row(&[(Tone::Note, "differs: "), (Tone::Bold, one.what)]);
        for (value, ways) in one.values {
            let value = value.unwrap_or_else(|| "(none)".to_owned());
            let ways = shortened(&ways, rows);
            page.text("  ", 4, Tone::Plain, &[&ways, ": ", &value].concat());
        }
    }
}

/// Versions and families whose ways all agree are named once.
fn shortened(ways: &[String], rows: &[Row]) -> String {
    let all: Vec<_> = rows.iter().filter(|row| row.answer().is_some()).map(|row| row.way).collect();
    let mut names: Vec<String> = Vec::new();
    for way in all.iter().filter(|way| ways.contains(&way.text())) {
        let is_whole = |is_same: &dyn Fn(&super::Way) -> bool| {
            all.iter().filter(|one| is_same(one)).all(|one| ways.contains(&one.text()))
        };
        let name = if is_whole(&|one| one.version == way.version) {
            way.version_text()
        } else if is_whole(&|one| one.version == way.version && one.family == way.family) {
            [&way.version_text(), " ", way.family_text()].concat()
        } else {
            way.text()
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(", ")
}
