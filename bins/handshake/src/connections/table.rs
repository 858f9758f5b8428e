use std::io::{self, Write as _};
use std::time::Duration;

use wireline_engine::tcp::{ConnectionSummary, End, How, Opening};

use super::Totals;

/// One line a connection.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: Vec<(u32, [String; COLUMNS])>,
    left_out: u64,
}

const COLUMNS: usize = 9;
const TITLES: [&str; COLUMNS] =
    ["#", "client", "server", "opened", "closed", "rtt", "sent", "received", "again"];

/// Whether a column is a number, which stands to the right.
const IS_NUMBER: [bool; COLUMNS] = [true, false, false, false, false, true, true, true, true];

/// Lines that are kept.
const MOST: usize = 10_000;

impl Table {
    pub(super) fn push(&mut self, id: u32, summary: &ConnectionSummary) {
        if self.rows.len() < MOST {
            self.rows.push((id, row(id, summary)));
        } else {
            self.left_out += 1;
        }
    }

    /// Writes it in the order of the numbers.
    pub(super) fn print(mut self, totals: &Totals) -> io::Result<()> {
        self.rows.sort_unstable_by_key(|(id, _)| *id);
        let widths: [usize; COLUMNS] = std::array::from_fn(|column| {
            let cells = self.rows.iter().map(|(_, row)| row.get(column).map_or(0, String::len));
            cells.chain(TITLES.get(column).map(|title| title.len())).max().unwrap_or(0)
        });
        let mut out = io::BufWriter::new(io::stdout().lock());
        writeln!(out, "{}", line(&TITLES.map(str::to_owned), &widths))?;
        for (_, row) in &self.rows {
            writeln!(out, "{}", line(row, &widths))?;
        }
        if self.left_out > 0 {
            writeln!(out, "and {} more", self.left_out)?;
        }
        let Totals { told, segments, .. } = totals;
        writeln!(out, "{told} connections, {segments} segments; --stream # draws one")?;
        out.flush()
    }
}

fn line(row: &[String; COLUMNS], widths: &[usize; COLUMNS]) -> String {
    let cells = row.iter().zip(widths).zip(IS_NUMBER).map(|((cell, width), is_number)| {
        if is_number { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
    });
    cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
}

fn row(id: u32, summary: &ConnectionSummary) -> [String; COLUMNS] {
    let [client, server] = &summary.ends;
    [
        id.to_string(),
        summary.client.to_string(),
        summary.server.to_string(),
        opening(&summary.opening).to_owned(),
        closing(summary),
        summary.syn_rtt.map_or_else(|| "-".to_owned(), duration),
        client.octets.to_string(),
        server.octets.to_string(),
        (client.retransmissions + server.retransmissions).to_string(),
    ]
}

const fn opening(opening: &Opening) -> &'static str {
    match opening {
        Opening::Open => "open",
        Opening::HalfOpen => "half-open",
        Opening::Refused => "refused",
        Opening::Rejected { .. } => "rejected",
        Opening::Unanswered => "unanswered",
        Opening::Unseen => "unseen",
    }
}

fn closing(summary: &ConnectionSummary) -> String {
    let how = match summary.closing.how {
        How::Open => "-",
        How::Fin => "FIN",
        How::SimultaneousFin => "FIN by both at once",
        How::HalfClosed => "half, FIN",
        How::Closing => "not all, FIN",
        How::FinThenRst => "FIN, then RST",
        How::Rst => "RST",
        How::NeverOpen => "-",
    };
    match summary.closing.by {
        Some(End::Client) if how != "-" => format!("{how} by client"),
        Some(End::Server) if how != "-" => format!("{how} by server"),
        _ => how.to_owned(),
    }
}

fn duration(time: Duration) -> String {
    format!("{:.3} ms", time.as_secs_f64() * 1e3)
}
