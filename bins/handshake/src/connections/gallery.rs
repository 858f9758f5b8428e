use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use wireline_engine::tcp::{Caption, ConnectionSummary, Line};

use super::Totals;
use super::table::Table;
use crate::ladder::{Drawing, Ending, Heading};

/// How many connections are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Amount {
    /// All, each as it goes.
    All,
    /// All if they are few, and else a table of them.
    Few,
    /// A table.
    None,
}

/// Shows connections: draws them, or has them in a table.
pub(crate) struct Gallery {
    drawing: Drawing,
    amount: Amount,
    held: BTreeMap<u32, Held>,
    table: Table,
}

/// A connection of which it is not known yet whether it will be drawn.
struct Held {
    heading: Heading,
    lines: Vec<Line>,
    left_out: u32,
    ending: Option<Ending>,
}

/// So many are few.
pub(crate) const FEW: usize = 10;

/// Lines that are held of each.
const LINES: usize = 5000;

impl Gallery {
    pub(crate) fn new(drawing: Drawing, amount: Amount) -> Self {
        let (held, table) = (BTreeMap::new(), Table::default());
        Self { drawing, amount, held, table }
    }

    pub(super) fn start(
        &mut self,
        id: u32,
        (client, server): (SocketAddr, SocketAddr),
        view: &str,
        started: Duration,
    ) -> io::Result<()> {
        let (host, title) = (None, Some(format!("connection {id}")));
        let view = view.to_owned();
        let heading = Heading { client, server, host, title, view, started };
        match self.amount {
            Amount::All => self.drawing.start(id, heading),
            Amount::Few if self.held.len() < FEW => {
                let held = Held { heading, lines: Vec::new(), left_out: 0, ending: None };
                self.held.insert(id, held);
                Ok(())
            }
            Amount::Few => {
                self.amount = Amount::None;
                self.held.clear();
                Ok(())
            }
            Amount::None => Ok(()),
        }
    }

    pub(super) fn line(&mut self, id: u32, line: Line) -> io::Result<()> {
        if self.amount == Amount::All {
            return self.drawing.line(id, &line);
        }
        if let Some(held) = self.held.get_mut(&id) {
            if held.lines.len() < LINES {
                held.lines.push(line);
            } else {
                held.left_out += 1;
            }
        }
        Ok(())
    }

    pub(super) fn end(
        &mut self,
        id: u32,
        summary: ConnectionSummary,
        remark: &str,
    ) -> io::Result<()> {
        let remarks = (!remark.is_empty()).then(|| remark.to_owned()).into_iter().collect();
        if self.amount != Amount::All {
            self.table.push(id, &summary);
        }
        let ending = ending(summary, remarks);
        if self.amount == Amount::All {
            return self.drawing.end(id, &ending);
        }
        if let Some(held) = self.held.get_mut(&id) {
            held.ending = Some(ending);
        }
        Ok(())
    }

    /// Shows what was held back.
    pub(super) fn finish(mut self, totals: &Totals) -> io::Result<()> {
        for (id, held) in std::mem::take(&mut self.held) {
            self.drawing.start(id, held.heading)?;
            held.lines.iter().try_for_each(|line| self.drawing.line(id, line))?;
            if held.left_out > 0 {
                let text = format!("{} more lines: --stream {id} draws them all", held.left_out);
                self.drawing.line(id, &Line::Caption(Caption { text }))?;
            }
            held.ending.iter().try_for_each(|ending| self.drawing.end(id, ending))?;
        }
        self.drawing.finish()?;
        if self.amount == Amount::None { self.table.print(totals) } else { Ok(()) }
    }
}

fn ending(summary: ConnectionSummary, remarks: Vec<String>) -> Ending {
    Ending {
        summary: Some(summary),
        kernel_rtt: None,
        application: None,
        data_rtt: None,
        time_wait_left: None,
        remarks,
    }
}
