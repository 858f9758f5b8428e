//! The table of mtr with commas.

use std::borrow::Cow;
use std::io;
use std::time::Duration;

use wireline_cli::{Render, Streams, escape};
use wireline_engine::trace::cycles::{Event, Hop, Report};

use super::table::{Table, notes};

pub(super) struct Csv {
    pub(super) table: Table,
    /// The target as it was named.
    pub(super) target: String,
}

impl Csv {
    fn write(&self, at: Duration, report: &Report, to: &mut Streams<'_>) -> io::Result<()> {
        let titles: Vec<_> = self.table.fields.iter().map(|field| field.title).collect();
        let titles: String = titles.iter().flat_map(|title| [*title, ","]).collect();
        writeln!(to.out, "Mtr_Version,Start_Time,Status,Host,Hop,Ip,{titles}")?;
        for hop in &report.hops {
            writeln!(to.out, "{}", self.row(at, hop))?;
        }
        notes(report, to)
    }

    fn row(&self, at: Duration, hop: &Hop) -> String {
        let seen = hop.addresses.first();
        let name = seen.map_or_else(|| "???".to_owned(), |seen| self.table.name(seen.address));
        let start = [
            concat!("WIRELINE.", env!("CARGO_PKG_VERSION")).to_owned(),
            at.as_secs().to_string(),
            "OK".to_owned(),
            quoted(&escape(&self.target)).into_owned(),
            hop.hop.to_string(),
            quoted(&name).into_owned(),
        ];
        let values = self.table.fields.iter().map(|field| field.plain(hop));
        start.into_iter().chain(values).collect::<Vec<_>>().join(",")
    }
}

impl Render<Event> for Csv {
    fn event(&mut self, at: Duration, event: &Event, to: &mut Streams<'_>) -> io::Result<()> {
        match event {
            Event::Start(start) => {
                self.target.clone_from(&start.target);
                Ok(())
            }
            Event::Cycle(cycle) => {
                self.table.ask(&cycle.hops);
                Ok(())
            }
            Event::Report(report) => self.write(at, report, to),
        }
    }
}

/// As RFC 4180 §2 has it.
fn quoted(text: &str) -> Cow<'_, str> {
    if text.contains([',', '"']) {
        format!("\"{}\"", text.replace('"', "\"\"")).into()
    } else {
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_of_a_stranger_make_no_columns() {
        assert_eq!(quoted("a,b\"c"), "\"a,b\"\"c\"");
        assert_eq!(quoted("r1.example"), "r1.example");
    }
}
