//! The two layouts of net-tools' arp, to the octet.

use std::borrow::Cow;
use std::io::{self, Write};

use wireline_cli::escape;

use super::row::{Counts, Row};

/// Which layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Columns (`-e`).
    Linux,
    /// Half a sentence a row (`-a`).
    Bsd,
}

/// How wide columns are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) style: Style,
    /// Of addresses and names, which are cut off there.
    address: usize,
    /// Of hardware addresses.
    hardware: usize,
    /// Of names of interfaces, before a state.
    interface: usize,
    /// Whether states are shown.
    states: bool,
}

/// In octets, of the kernel's table: what is longer is not in it.
const HARDWARE_SHOWN: usize = 3 * 9 - 1;

impl Layout {
    /// Columns as net-tools has them, and as wide as they need to be where there is what it cannot show.
    pub(crate) fn new(style: Style, states: bool, rows: &[Row]) -> Self {
        let of_v6 = || rows.iter().filter(|row| row.address.is_ipv6());
        let longest =
            |width: fn(&Row) -> usize, least| of_v6().map(width).max().unwrap_or(0).max(least);
        let interface = rows.iter().map(|row| interface(row).chars().count()).max();
        Self {
            style,
            address: longest(|row| title(row).chars().count(), 23),
            hardware: longest(|row| row.hwaddress.as_ref().map_or(0, String::len), 20),
            interface: interface.unwrap_or(0).max("Iface".len()),
            states,
        }
    }

    /// The line above columns.
    pub(crate) fn heading(&self, to: &mut impl Write) -> io::Result<()> {
        if self.style == Style::Bsd {
            return Ok(());
        }
        let Self { address, hardware, interface, .. } = *self;
        write!(
            to,
            "{:<address$}  {:<8}{:<hardware$}{:<6}{:<15} ",
            "Address", "HWtype", "HWaddress", "Flags", "Mask"
        )?;
        if self.states {
            writeln!(to, "{:<interface$} State", "Iface")
        } else {
            writeln!(to, "Iface")
        }
    }

    /// One entry.
    pub(crate) fn row(&self, row: &Row, to: &mut impl Write) -> io::Result<()> {
        match self.style {
            Style::Linux => self.columns(row, to)?,
            Style::Bsd => sentence(row, self.states, to)?,
        }
        if let Some(text) = &row.explanation {
            writeln!(to, "    {}", escape(text))?;
        }
        Ok(())
    }

    fn columns(&self, row: &Row, to: &mut impl Write) -> io::Result<()> {
        let Self { address, hardware, interface: width, .. } = *self;
        let (kind, known) = match (row.hwtype, &row.hwaddress) {
            _ if row.proxy => ("*", "<from_interface>"),
            (Some(kind), Some(known)) => (kind, known.get(..HARDWARE_SHOWN).unwrap_or(known)),
            _ => ("", "(incomplete)"),
        };
        let title = title(row);
        write!(to, "{title:<address$.address$}  {kind:<8.8}{known:<hardware$.hardware$}")?;
        write!(to, "{:<6}{:<15} ", row.flags_mask, "")?;
        if self.states {
            writeln!(to, "{:<width$} {}", interface(row), row.state_text())
        } else {
            writeln!(to, "{}", interface(row))
        }
    }
}

fn sentence(row: &Row, states: bool, to: &mut impl Write) -> io::Result<()> {
    let name = row.name.as_deref().map_or(Cow::Borrowed("?"), escape);
    write!(to, "{name} ({}) at ", row.address)?;
    match (row.hwtype, &row.hwaddress) {
        _ if row.proxy => write!(to, "<from_interface> ")?,
        (Some(kind), Some(known)) => {
            write!(to, "{} [{kind}] ", known.get(..HARDWARE_SHOWN).unwrap_or(known))?;
        }
        _ => write!(to, "<incomplete> ")?,
    }
    if row.permanent {
        write!(to, "PERM ")?;
    }
    if row.proxy {
        write!(to, "PUB ")?;
    }
    write!(to, "on {}", interface(row))?;
    if states {
        write!(to, " {}", row.state_text())?;
    }
    writeln!(to)
}

/// What is counted (`-v`).
pub(crate) fn counts(counts: Counts, to: &mut impl Write) -> io::Result<()> {
    let Counts { entries, skipped, found } = counts;
    writeln!(to, "Entries: {entries}\tSkipped: {skipped}\tFound: {found}")
}

/// The name, or where there is none the address.
fn title(row: &Row) -> Cow<'_, str> {
    row.name.as_deref().map_or_else(|| Cow::Owned(row.address.to_string()), escape)
}

fn interface(row: &Row) -> Cow<'_, str> {
    row.iface.as_deref().map_or(Cow::Borrowed("*"), escape)
}

impl Row {
    /// As ip(8) writes it.
    fn state_text(&self) -> &'static str {
        if self.proxy { "PROXY" } else { self.state.name() }
    }
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
