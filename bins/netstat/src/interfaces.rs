//! `-i`: interfaces and their aliases.

use std::collections::HashMap;

use wireline_cli::Exit;
use wireline_host::ProcNet;
use wireline_host::links::{
    AddressV4, AddressV6, Link, Statistics, Traffic, addresses_v4, flags, links,
    parse_addresses_v6, parse_statistics,
};
use wireline_host::netlink::{Netlink, Subsystem};

use crate::config::Config;
use crate::event::{self, Event};
use crate::interface_text::{self, NAMES};
use crate::output::{Output, complain};

/// One row: an interface, or an alias of one.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) link: Link,
    pub(crate) v4: Vec<AddressV4>,
    pub(crate) v6: Vec<AddressV6>,
    /// An alias has none of its own.
    pub(crate) statistics: Option<Statistics>,
}

pub(crate) fn show(config: &Config, output: &mut Output) -> anyhow::Result<Exit> {
    let rows = rows(config.all)?;
    if output.is_json() {
        output.start("interfaces")?;
        for row in &rows {
            output.row(&event(row))?;
        }
        output.end()?;
        return Ok(Exit(0));
    }
    if config.extend == 0 {
        output.text(format_args!("{}", interface_text::HEADING))?;
    } else {
        output.text(format_args!("Kernel Interface table\n"))?;
    }
    for row in &rows {
        match config.extend {
            0 => output.text(format_args!("{}\n", interface_text::line(row)))?,
            _ => output.text(format_args!("{}\n", interface_text::block(row)))?,
        }
    }
    Ok(Exit(0))
}

/// The rows in the order of their names: of those that are up, or of all.
fn rows(all: bool) -> anyhow::Result<Vec<Row>> {
    let mut netlink = Netlink::open(Subsystem::Route)?;
    let (links, v4) = (links(&mut netlink)?, addresses_v4(&mut netlink)?);
    let files = ProcNet::new();
    let statistics = files.read("dev").unwrap_or_else(|why| {
        let why = wireline_engine::errno_text(&why);
        complain(&format!("Warning: cannot open /proc/net/dev ({why}). Limited output.\n"));
        String::new()
    });
    // A kernel without IPv6 has no addresses of it.
    let v6 = parse_addresses_v6(&files.read("if_inet6").unwrap_or_default());
    let mut rows = join(links, &v4, &v6, parse_statistics(&statistics));
    rows.retain(|row| all || row.link.flags & flags::UP != 0);
    rows.sort_by_cached_key(|row| order(&row.name));
    Ok(rows)
}

fn join(
    links: Vec<Link>,
    v4: &[AddressV4],
    v6: &[AddressV6],
    statistics: Vec<Statistics>,
) -> Vec<Row> {
    let mut statistics: HashMap<_, _> =
        statistics.into_iter().map(|row| (row.interface.clone(), row)).collect();
    let mut rows = Vec::new();
    for link in links {
        let own: Vec<_> = v4.iter().filter(|address| address.index == link.index).collect();
        let mut labels: Vec<&str> = own.iter().map(|address| address.label.as_str()).collect();
        labels.retain(|label| *label != link.name);
        labels.sort_unstable();
        labels.dedup();
        for label in std::iter::once(link.name.as_str()).chain(labels) {
            let of_label = own.iter().filter(|address| address.label == label);
            rows.push(Row {
                name: label.to_owned(),
                v4: of_label.copied().cloned().collect(),
                v6: v6.iter().filter(|address| address.interface == label).cloned().collect(),
                statistics: statistics.remove(label),
                link: link.clone(),
            });
        }
    }
    rows
}

/// A name as it is sorted: what stands before the number at its end, the number, that of the alias, and
/// the whole, so that eth10 comes after eth2, and eth2:1 between them.
fn order(name: &str) -> (String, u64, u64, String) {
    let (base, alias) = match name.split_once(':') {
        Some((base, alias)) if has_number(base) && alias.bytes().all(|b| b.is_ascii_digit()) => {
            (base, alias.parse().unwrap_or(u64::MAX))
        }
        _ => (name, 0),
    };
    let start = base.trim_end_matches(|c: char| c.is_ascii_digit());
    let number = base[start.len()..].parse().unwrap_or(0);
    (start.to_owned(), number, alias, name.to_owned())
}

fn has_number(base: &str) -> bool {
    base.ends_with(|c: char| c.is_ascii_digit())
}

fn event(row: &Row) -> Event {
    let octets = row.link.address.iter().map(|octet| format!("{octet:02x}"));
    let address = octets.collect::<Vec<_>>().join(":");
    let traffic = |traffic: Traffic| event::Traffic {
        bytes: traffic.bytes,
        packets: traffic.packets,
        errors: traffic.errors,
        dropped: traffic.dropped,
        overruns: traffic.fifo,
    };
    let named = NAMES.iter().filter(|(bit, _)| row.link.flags & bit != 0);
    Event::Interface(event::Interface {
        name: row.name.clone(),
        index: row.link.index,
        up: row.link.flags & flags::UP != 0,
        flags: named.map(|(_, name)| *name).collect(),
        mtu: row.link.mtu,
        hardware: row.link.hardware,
        hardware_address: (!address.is_empty()).then_some(address),
        queue: row.link.queue,
        addresses: addresses(row),
        received: row.statistics.as_ref().map(|counted| traffic(counted.received)),
        sent: row.statistics.as_ref().map(|counted| traffic(counted.sent)),
    })
}

fn addresses(row: &Row) -> Vec<event::Address> {
    let v4 = row.v4.iter().map(|address| event::Address {
        address: address.local.into(),
        prefix: address.prefix,
        broadcast: Some(address.broadcast).filter(|to| !to.is_unspecified()),
        peer: Some(address.peer).filter(|peer| *peer != address.local),
    });
    let v6 = row.v6.iter().map(|address| event::Address {
        address: address.address.into(),
        prefix: address.prefix,
        broadcast: None,
        peer: None,
    });
    v4.chain(v6).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_by_the_number_at_their_end() {
        let sorted = [
            "C1",
            "a09",
            "a9",
            "a9:9",
            "a9:10",
            "a10",
            "a9:b",
            "a9b",
            "c2",
            "c10",
            "c1.5",
            "c1.5:2",
            "c1.10",
            "c1x",
            "d0",
            "d0:1",
            "d.2@x",
            "d0:longal",
            "d0p",
            "lo",
            "lo:5",
            "pp",
            "z0",
            "z00",
        ];
        let mut names = sorted;
        names.reverse();
        names.sort_by_cached_key(|name| order(name));
        assert_eq!(names, sorted, "as seen of net-tools 2.10");
    }
}
