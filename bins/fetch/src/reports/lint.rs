//! `--lint`: what about the responses is not as it should be, the worst first.

use wireline_http::account::Hop;
use wireline_http::hygiene::{self, Finding, Grade, Response};

use super::figures::many;
use super::page::Tone;
use super::{Page, Told};

/// Characters of evidence that a line has.
const LONGEST: usize = 80;

/// Writes it: each response of the transfer with what was found.
pub(super) fn write(page: &mut Page, told: &Told<'_>) {
    let mut is_any = false;
    for (hop, found) in all(told) {
        is_any = true;
        let status = hop.head.as_ref().map_or(0, |(_, head)| head.status);
        page.heading(&format!("Lint: {status} of {} {}", hop.method, cut(&hop.url, 200)));
        findings(page, &found);
    }
    if !is_any {
        page.heading("Lint");
        page.text("", 2, Tone::Plain, "There is no response to be looked at.");
    }
}

/// Every hop that was answered, with what is to be said of the answer.
pub(crate) fn all<'a>(told: &'a Told<'_>) -> impl Iterator<Item = (&'a Hop, Vec<Finding>)> {
    let last = told.account.hops.iter().rposition(|hop| hop.head.is_some());
    let hops = told.account.hops.iter().enumerate();
    hops.filter_map(move |(at, hop)| {
        let (_, head) = hop.head.as_ref()?;
        let body = match told.sample {
            Some(sample) if Some(at) == last && !sample.is_decoded => sample.start.as_slice(),
            _ => &[],
        };
        let found = hygiene::look(&Response {
            head,
            trailers: hop.trailers.as_ref(),
            is_secure: hop.url.starts_with("https:"),
            body,
            oddities: &hop.oddities,
            now: told.wall,
        });
        Some((hop, found))
    })
}

fn findings(page: &mut Page, found: &[Finding]) {
    if found.is_empty() {
        page.text("", 2, Tone::Good, "Nothing to find fault with.");
        return;
    }
    page.text("", 2, Tone::Bold, &counted(found));
    for one in found {
        let (lead, tone) = match one.grade {
            Grade::Danger => ("  danger   ", Tone::Bad),
            Grade::Warning => ("  warning  ", Tone::Note),
            Grade::Hint => ("  hint     ", Tone::Plain),
        };
        let evidence = match one.evidence.as_str() {
            "" => String::new(),
            evidence => format!(": {}", cut(evidence, LONGEST)),
        };
        let text = format!("{}{evidence} ({})", cut(&one.what, 200), one.why);
        page.text(lead, 11, tone, &text);
    }
}

/// `2 dangers, 1 warning, 3 hints.`
fn counted(found: &[Finding]) -> String {
    let grades = [(Grade::Danger, "danger"), (Grade::Warning, "warning"), (Grade::Hint, "hint")];
    let counts = grades
        .map(|(grade, name)| (found.iter().filter(|one| one.grade == grade).count() as u64, name));
    let some: Vec<String> =
        counts.iter().filter(|(n, _)| *n > 0).map(|(n, name)| many(*n, name)).collect();
    format!("{}.", some.join(", "))
}

fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
