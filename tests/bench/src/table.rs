//! One bench's result as aligned text: a row for ours, one for the peer, and their ratio. Of the
//! notes each program's first is told.

use std::fmt;

use crate::stats::median;

/// What a column shows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    /// With its unit.
    pub(crate) name: &'static str,
    pub(crate) decimals: usize,
}

/// A column's head and how many decimals its figures have.
pub(crate) const fn column(name: &'static str, decimals: usize) -> Column {
    Column { name, decimals }
}

/// What one program came to.
#[derive(Clone, Debug)]
pub(crate) struct Rounds {
    pub(crate) program: &'static str,
    /// A row of them for each round.
    pub(crate) figures: Vec<Vec<f64>>,
    /// From the rounds in which something was not as it should be.
    pub(crate) notes: Vec<String>,
}

/// Medians of both, and what is to be said about them.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) title: String,
    pub(crate) columns: Vec<Column>,
    pub(crate) ours: Rounds,
    pub(crate) peer: Rounds,
}

impl Rounds {
    /// No rounds yet.
    pub(crate) const fn of(program: &'static str) -> Self {
        Self { program, figures: Vec::new(), notes: Vec::new() }
    }

    fn median(&self, column: usize) -> f64 {
        let figures: Vec<_> = self.figures.iter().filter_map(|row| row.get(column)).collect();
        median(&figures.into_iter().copied().filter(|f| f.is_finite()).collect::<Vec<_>>())
    }
}

impl Table {
    fn rows(&self) -> [Vec<String>; 4] {
        let mut rows = [
            vec![String::new()],
            vec![self.ours.program.to_owned()],
            vec![self.peer.program.to_owned()],
            vec!["ours:peer".to_owned()],
        ];
        for (index, column) in self.columns.iter().enumerate() {
            let (ours, peer) = (self.ours.median(index), self.peer.median(index));
            rows[0].push(column.name.to_owned());
            rows[1].push(number(ours, column.decimals));
            rows[2].push(number(peer, column.decimals));
            rows[3].push(ratio(ours, peer));
        }
        rows
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.title)?;
        let rows = self.rows();
        for row in &rows {
            write!(f, "\n  {:<width$}", row[0], width = widest(&rows, 0))?;
            for (index, cell) in row.iter().enumerate().skip(1) {
                write!(f, "  {cell:>width$}", width = widest(&rows, index))?;
            }
        }
        for Rounds { program, notes, figures } in [&self.ours, &self.peer] {
            if let Some(first) = notes.first() {
                let (few, all) = (notes.len(), figures.len());
                write!(f, "\n  note: {program}, {few} of {all} rounds: {first}")?;
            }
        }
        Ok(())
    }
}

fn widest(rows: &[Vec<String>], column: usize) -> usize {
    rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0)
}

fn number(figure: f64, decimals: usize) -> String {
    if figure.is_finite() { format!("{figure:.decimals$}") } else { "-".to_owned() }
}

/// Of sizes, whatever their signs: an error of -7 is half of one of 14.
fn ratio(ours: f64, peer: f64) -> String {
    let ratio = ours.abs() / peer.abs();
    number(ratio, if ratio < 0.1 { 4 } else { 2 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounds(program: &'static str, figures: &[[f64; 2]]) -> Rounds {
        let figures = figures.iter().map(|row| row.to_vec()).collect();
        Rounds { figures, ..Rounds::of(program) }
    }

    #[test]
    fn a_table_is_aligned_and_has_medians() {
        let mut table = Table {
            title: "x: a test".to_owned(),
            columns: vec![column("wall s", 2), column("error us", 1)],
            ours: rounds("ours", &[[1.0, -7.0], [3.0, -7.5], [2.0, -6.0]]),
            peer: rounds("a peer", &[[4.0, f64::NAN], [4.0, 35.0]]),
        };
        table.peer.notes.push("it failed".to_owned());
        assert_eq!(
            table.to_string(),
            "x: a test
             wall s  error us
  ours         2.00      -7.0
  a peer       4.00      35.0
  ours:peer    0.50      0.20
  note: a peer, 1 of 2 rounds: it failed"
        );
    }

    #[test]
    fn what_is_missing_is_a_dash() {
        assert_eq!(ratio(1.0, f64::NAN), "-");
        assert_eq!(ratio(1.0, 0.0), "-");
    }
}
