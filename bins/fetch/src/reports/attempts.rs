//! Every address that was tried, and why it lost (RFC 8305).

use wireline_http::account::Hop;
use wireline_http::event::Outcome;

use super::figures::ms;
use super::{Page, Tone};

/// Writes a table, where more than one address was tried, or one in vain.
pub(super) fn write(page: &mut Page, hop: &Hop) {
    let is_plain = matches!(hop.attempts.as_slice(), [one] if one.outcome == Outcome::Won);
    if hop.trying.is_empty() || (hop.trying.len() == 1 && is_plain) {
        return;
    }
    page.heading("Addresses tried (Happy Eyeballs, RFC 8305)");
    page.row(&[(Tone::Dim, &format!("  {:>10} {:>10}  address", "began", "took"))]);
    for row in rows(hop) {
        let took = row.took.unwrap_or_default();
        let left = format!("  {:>10} {took:>10}  {:<28}", row.began, row.to);
        page.row(&[(Tone::Plain, &left), (row.tone, &format!(" {}", row.words))]);
    }
}

/// An address that was tried.
pub(super) struct Row {
    pub(super) began: String,
    /// `None`: until the end.
    pub(super) took: Option<String>,
    pub(super) to: String,
    pub(super) words: String,
    pub(super) tone: Tone,
}

/// In the order in which they were tried.
pub(super) fn rows(hop: &Hop) -> Vec<Row> {
    let row = |(at, to): &(std::time::Duration, std::net::SocketAddr)| {
        let began = ms(*at);
        let known = hop.attempts.iter().find(|one| one.to == *to && one.ended >= *at);
        let (words, tone) = match known.map(|one| &one.outcome) {
            Some(Outcome::Won) => ("connected".to_owned(), Tone::Good),
            Some(Outcome::Failed(why)) => (format!("failed: {why}"), Tone::Bad),
            Some(Outcome::Abandoned) => {
                ("given up: another was there first".to_owned(), Tone::Note)
            }
            None => ("no answer by the end".to_owned(), Tone::Bad),
        };
        let took = known.map(|one| ms(one.ended.saturating_sub(*at)));
        Row { began, took, to: to.to_string(), words, tone }
    };
    hop.trying.iter().map(row).collect()
}
