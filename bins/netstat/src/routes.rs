//! `-r`: routes, family by family.

use std::net::IpAddr;

use wireline_cli::{Exit, Refusal};
use wireline_host::ProcNet;
use wireline_host::routes::{RouteV4, RouteV6, flags, parse_v4, parse_v6};

use crate::config::{Config, Tables};
use crate::event::{Event, Route};
use crate::family::Family;
use crate::names::Names;
use crate::output::{Output, complain, complain_of};
use crate::routes_text::{self, letters_v4, letters_v6};

/// The families that were named, up to the first that there is nothing of.
pub(crate) fn show(
    config: &Config,
    tables: Tables,
    names: &mut Names,
    output: &mut Output,
) -> anyhow::Result<Exit> {
    let default = [Family::Inet];
    let families = if config.families.is_empty() { &default[..] } else { &config.families };
    if output.is_json() {
        output.start("routes")?;
    }
    let each = |family| tables.each().iter().map(move |tables| (family, *tables));
    for (family, tables) in families.iter().flat_map(each) {
        let exit = match family {
            Family::Inet => v4(config, tables, names, output)?,
            Family::Inet6 => v6(tables, names, output)?,
            other => {
                output.flush()?;
                foreign(*other, output)?
            }
        };
        if exit != Exit(0) {
            return Ok(exit);
        }
    }
    if output.is_json() {
        output.end()?;
    }
    Ok(Exit(0))
}

fn v4(
    config: &Config,
    tables: Tables,
    names: &mut Names,
    output: &mut Output,
) -> anyhow::Result<Exit> {
    let file = if tables == Tables::Cache { "rt_cache" } else { "route" };
    let text = match ProcNet::new().read(file) {
        Ok(text) => text,
        Err(why) => {
            output.flush()?;
            complain_of(&format!("/proc/net/{file}"), &why);
            return refused(output, "INET (IPv4) not configured in this system.");
        }
    };
    let routes = parse_v4(&text);
    if !output.is_json() {
        output.text(format_args!("{}", routes_text::heading_v4(tables, config.extend)))?;
    }
    // Recent kernels have no cache of routes, and of what older ones have here nothing is known.
    let is_there = routes.is_some() || tables == Tables::Cache;
    // The original has no columns for a third -e, and shows nothing.
    let shown = routes.iter().flatten().filter(|_| output.is_json() || config.extend <= 2);
    let rows: Vec<_> = shown.filter(|route| route.flags & flags::UP != 0).collect();
    for route in rows {
        if output.is_json() {
            output.row(&event_v4(route))?;
        } else {
            let line = routes_text::line_v4(route, config.extend, names);
            output.text(format_args!("{line}\n"))?;
        }
    }
    // A namespace that never had a route has no table, and the original fails of it.
    Ok(if is_there { Exit(0) } else { Exit(1) })
}

fn v6(tables: Tables, names: &mut Names, output: &mut Output) -> anyhow::Result<Exit> {
    let text = match ProcNet::new().read("ipv6_route") {
        Ok(text) => text,
        Err(why) => {
            output.flush()?;
            complain_of("/proc/net/ipv6_route", &why);
            return refused(output, "INET6 (IPv6) not configured in this system.");
        }
    };
    if !output.is_json() {
        output.text(format_args!("{}", routes_text::heading_v6(tables)))?;
    }
    let wanted = |route: &RouteV6| (route.flags & flags::CACHE != 0) == (tables == Tables::Cache);
    for route in parse_v6(&text).iter().filter(|route| wanted(route)) {
        if output.is_json() {
            output.row(&event_v6(route))?;
        } else {
            output.text(format_args!("{}\n", routes_text::line_v6(route, names)))?;
        }
    }
    Ok(Exit(0))
}

/// What the original says, on stdout, of a family that the kernel does not have.
fn refused(output: &mut Output, why: &str) -> anyhow::Result<Exit> {
    if output.is_json() {
        return Err(Refusal::new(Exit(1), why).into());
    }
    output.text(format_args!("{why}\n"))?;
    Ok(Exit(1))
}

/// Families that no machine of today has, in the words of the original.
fn foreign(family: Family, output: &mut Output) -> anyhow::Result<Exit> {
    const NONE: &str = "No such file or directory";
    match family {
        Family::Ax25 => {
            complain(&format!("/proc/net/ax25_route: {NONE}\n"));
            refused(output, "AX.25 not configured in this system.")
        }
        Family::Netrom => {
            let second = "/proc/net/nr_neigh: Invalid argument";
            complain(&format!("/proc/net/nr_nodes: {NONE}\n{second}\n"));
            refused(output, "NET/ROM not configured in this system.")
        }
        Family::Ipx => {
            complain(&format!("{NONE}\n"));
            let files = "/proc/net/ipx/route or /proc/net/ipx_route";
            refused(output, &format!("IPX routing not in file {files} found."))
        }
        Family::X25 => refused(output, "X.25 not configured in this system."),
        Family::Ddp => {
            complain(&format!("Error opening /proc/net/atalk_route: {NONE}\n"));
            complain("DDP (AppleTalk) not configured on this system.\n");
            Ok(Exit(1))
        }
        Family::Rose => {
            complain(&format!("/proc/net/rose_nodes: {NONE}\n"));
            complain("ROSE not configured in this system.\n");
            Ok(Exit(1))
        }
        Family::Bluetooth | Family::Ash => {
            complain(&format!("Address family `{}' not supported.\n", family.name()));
            Ok(crate::USAGE)
        }
        Family::Inet | Family::Inet6 | Family::Unix | Family::Econet => {
            complain(&format!("No routing for address family `{}'.\n", family.name()));
            Ok(crate::USAGE)
        }
    }
}

fn event_v4(route: &RouteV4) -> Event {
    let mask = route.mask.to_bits();
    let is_prefix = mask.leading_ones() + mask.trailing_zeros() >= 32;
    let prefix = u8::try_from(mask.leading_ones()).ok().filter(|_| is_prefix);
    let set = |value: u32| (value != 0).then_some(value);
    Event::Route(Route {
        destination: route.destination.into(),
        prefix,
        gateway: Some(route.gateway.into()).filter(|gateway: &IpAddr| !gateway.is_unspecified()),
        source: None,
        source_prefix: None,
        interface: Some(route.interface.clone()).filter(|name| name != "*"),
        flags: letters_v4(route.flags),
        reject: route.flags & flags::REJECT != 0,
        cached: false,
        metric: route.metric,
        mss: set(route.mss),
        window: set(route.window),
        irtt_ms: set(route.irtt).map(f64::from),
    })
}

fn event_v6(route: &RouteV6) -> Event {
    let source = (route.source_prefix > 0).then_some(route.source.into());
    let next_hop = Some(route.next_hop.into());
    Event::Route(Route {
        destination: route.destination.into(),
        prefix: Some(route.prefix),
        gateway: next_hop.filter(|gateway: &IpAddr| !gateway.is_unspecified()),
        source,
        source_prefix: source.map(|_| route.source_prefix),
        interface: Some(route.interface.clone()),
        flags: letters_v6(route.flags),
        reject: route.flags & flags::REJECT != 0,
        cached: route.flags & flags::CACHE != 0,
        metric: route.metric,
        mss: None,
        window: None,
        irtt_ms: None,
    })
}
