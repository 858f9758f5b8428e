//! A comparison as a table, and what it comes to.

use std::fmt::Write as _;

use wireline_cli::escape;

use super::event::{Comparison, Row};

/// The whole of a comparison.
pub(crate) fn table(comparison: &Comparison) -> String {
    let mut text = format!(
        ";; {} {} asked of {} servers\n\n",
        comparison.name,
        comparison.kind,
        comparison.servers.len()
    );
    let heads = ["SERVER", "OVER", "STATUS", "FLAGS", "TTL", "TIME", "SAYS"].map(str::to_owned);
    let lines: Vec<_> = std::iter::once(heads).chain(comparison.servers.iter().map(line)).collect();
    let width = |at: usize| lines.iter().map(|line| line[at].len()).max().unwrap_or(0);
    for line in &lines {
        let mut row = String::new();
        for (at, cell) in line.iter().enumerate() {
            // Numbers stand below their last digit.
            let _ = match at {
                4 | 5 => write!(row, "{cell:>width$}  ", width = width(at)),
                _ => write!(row, "{cell:<width$}  ", width = width(at)),
            };
        }
        let _ = writeln!(text, "{}", row.trim_end());
    }
    text.push('\n');
    text.push_str(&variants(comparison));
    text.push_str(&verdict(comparison));
    text
}

fn line(row: &Row) -> [String; 7] {
    let address = if row.port == 53 {
        row.server.to_string()
    } else {
        format!("{}#{}", row.server, row.port)
    };
    let name = escape(&row.server_name);
    let server =
        if *name == row.server.to_string() { address } else { format!("{name} ({address})") };
    let dash = || "-".to_owned();
    [
        server,
        row.transport.to_owned(),
        row.status
            .clone()
            .unwrap_or_else(|| escape(row.error.as_deref().unwrap_or("-")).into_owned()),
        if row.flags.is_empty() { dash() } else { row.flags.join(" ") },
        row.ttl_s.map_or_else(dash, |ttl| ttl.to_string()),
        row.time_ms.map_or_else(dash, |time| format!("{time:.1} ms")),
        format!("[{}]", row.variant),
    ]
}

/// The different answers, once each: the first whole, of others what they have more and less.
fn variants(comparison: &Comparison) -> String {
    let mut text = String::new();
    let first = comparison.servers.first();
    for number in 1..=comparison.variants {
        let Some(row) = comparison.servers.iter().find(|row| row.variant == number) else {
            continue;
        };
        let _ = writeln!(text, "[{number}] {}", summary(row));
        for answer in &row.answers {
            let is_new = number > 1 && first.is_some_and(|first| !first.answers.contains(answer));
            let _ = writeln!(text, "  {} {answer}", if is_new { '+' } else { ' ' });
        }
        let lacking = first.into_iter().flat_map(|first| &first.answers);
        for answer in lacking.filter(|answer| !row.answers.contains(*answer)) {
            let _ = writeln!(text, "  - {answer}");
        }
    }
    text
}

fn summary(row: &Row) -> String {
    match (&row.status, &row.error) {
        (Some(status), _) if row.answers.is_empty() => format!("{status}, no records"),
        (Some(status), _) => format!("{status}, {} records", row.answers.len()),
        (None, Some(why)) => format!("no answer: {}", escape(why)),
        (None, None) => "no answer".to_owned(),
    }
}

fn verdict(comparison: &Comparison) -> String {
    let what = if comparison.agree {
        "the servers agree".to_owned()
    } else {
        format!("the servers differ: {} different answers", comparison.variants)
    };
    let besides = match comparison.differ.as_slice() {
        [] => String::new(),
        differ => format!(" ({} not the same)", differ.join(" and ")),
    };
    format!(";; {what}{besides}\n")
}
