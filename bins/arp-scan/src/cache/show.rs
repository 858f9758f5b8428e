//! The table: what of it is asked for, and the names in it.

use std::collections::HashMap;
use std::io::{self, BufWriter, Write};
use std::net::IpAddr;

use wireline_cli::{Exit, JsonLines, Refusal, Render as _, Streams, escape};
use wireline_engine::errno_text;
use wireline_host::links::{Link, links};
use wireline_host::neighbours::{self, Neighbour};
use wireline_host::netlink::{Netlink, NetlinkError, Subsystem};

use super::grammar::Asked;
use super::names::Names;
use super::row::{Counts, Event, Row, is_visible};
use super::text::{self, Layout, Style};
use super::{FAILED, explain, host};

/// How many rows are made at once: so many names are looked up side by side.
const BATCH: usize = 2048;

/// Shows the entries, as net-tools' arp does.
pub(crate) fn show(asked: &Asked) -> anyhow::Result<Exit> {
    let wanted = match asked.operands.first() {
        Some(name) => Some(host::resolve(name, asked.tables()).map_err(failure)?),
        None => None,
    };
    let read = || -> Result<_, NetlinkError> {
        let mut netlink = Netlink::open(Subsystem::Route)?;
        // Links first: an interface that comes meanwhile has a number, and no name.
        let links = links(&mut netlink)?;
        Ok((links, list(&mut netlink, asked)?))
    };
    let (links, entries) = read().map_err(|why| failure(text_of(&why)))?;
    wireline_net::drop_privileges()?;
    let (rows, counts) = select(&entries, &links, asked, wanted);
    let mut out = BufWriter::new(io::stdout().lock());
    let written = write(asked, rows, counts, wanted, &mut out).and_then(|()| out.flush());
    written.map_err(write_error)?;
    Ok(Exit(0))
}

/// A dump that the kernel calls interrupted may lack entries: it is read once more.
fn list(netlink: &mut Netlink, asked: &Asked) -> Result<Vec<Neighbour>, NetlinkError> {
    match neighbours::list(netlink, asked.tables()) {
        Err(NetlinkError::Lost) => neighbours::list(netlink, asked.tables()),
        done => done,
    }
}

/// The rows that are asked for, and what was counted.
fn select(
    entries: &[Neighbour],
    links: &[Link],
    asked: &Asked,
    wanted: Option<IpAddr>,
) -> (Vec<Row>, Counts) {
    let links: HashMap<u32, &Link> = links.iter().map(|link| (link.index, link)).collect();
    let mut counts = Counts::default();
    let mut rows = Vec::new();
    for entry in entries.iter().filter(|entry| is_visible(entry)) {
        counts.entries += 1;
        if wanted.is_some_and(|address| address != entry.address) {
            continue;
        }
        let row = Row::new(entry, links.get(&entry.index).copied());
        let is_other_kind = asked.hardware.is_some_and(|hardware| hardware.number != row.hardware);
        let is_elsewhere = asked.device.as_deref().is_some_and(|device| {
            // Of every interface is of none in particular, as in the kernel's table.
            row.iface.as_deref().unwrap_or("*") != device
        });
        if !is_other_kind && !is_elsewhere {
            rows.push(row);
        }
    }
    counts.found = rows.len() as u64;
    counts.skipped = counts.entries - counts.found;
    (rows, counts)
}

fn write(
    asked: &Asked,
    mut rows: Vec<Row>,
    counts: Counts,
    wanted: Option<IpAddr>,
    out: &mut impl Write,
) -> io::Result<()> {
    if asked.explain {
        for row in &mut rows {
            row.explanation = Some(explain::sentence(row));
        }
    }
    if asked.json {
        json(out, &Event::Start { v: 1, table: "neighbours" })?;
    }
    let style = if asked.all && !asked.linux { Style::Bsd } else { Style::Linux };
    let is_empty = rows.is_empty();
    let mut names = Names::new(asked.numeric);
    // Widths need every name where an address of IPv6 may be longer than a column.
    let at_once = if asked.v6 { rows.len() } else { BATCH };
    let mut is_first = true;
    for batch in rows.chunks_mut(at_once.max(1)) {
        names.fill(batch);
        let layout = Layout::new(style, asked.states, batch);
        if is_first && !asked.json {
            layout.heading(out)?;
        }
        is_first = false;
        for row in batch {
            if asked.json {
                json(out, &Event::Neighbour(row))?;
            } else {
                layout.row(row, out)?;
            }
        }
    }
    if asked.json {
        return json(out, &Event::Summary(counts));
    }
    if asked.verbose {
        text::counts(counts, out)?;
    }
    if is_empty {
        nothing_found(asked, counts, wanted, out)?;
    }
    Ok(())
}

/// In the words of the original, which are no error of it.
fn nothing_found(
    asked: &Asked,
    counts: Counts,
    wanted: Option<IpAddr>,
    out: &mut impl Write,
) -> io::Result<()> {
    match (wanted, asked.operands.first()) {
        (Some(address), Some(name)) if !asked.all => {
            writeln!(out, "{} ({address}) -- no entry", escape(name))
        }
        _ if asked.hardware.is_some() || wanted.is_some() || asked.device.is_some() => {
            writeln!(out, "arp: in {} entries no match found.", counts.entries)
        }
        _ => Ok(()),
    }
}

fn json(out: &mut impl Write, event: &Event<'_>) -> io::Result<()> {
    let at = wireline_net::Clock.wall();
    let mut to = Streams { out, err: &mut io::stderr() };
    JsonLines { tool: "arp-scan" }.event(at, event, &mut to)
}

fn text_of(why: &NetlinkError) -> String {
    match why.errno() {
        Some(number) => format!("{why}: {}", errno_text(&io::Error::from_raw_os_error(number))),
        None => why.to_string(),
    }
}

fn failure(text: String) -> anyhow::Error {
    super::Bare(text).into()
}

/// Results that could not be written: in the words of coreutils, unless the reader has gone.
fn write_error(why: io::Error) -> anyhow::Error {
    if why.kind() == io::ErrorKind::BrokenPipe {
        return why.into();
    }
    Refusal::new(FAILED, format!("write error: {}", errno_text(&why))).into()
}
