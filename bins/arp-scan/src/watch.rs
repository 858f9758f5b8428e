//! `--watch`: who comes to a segment, goes from it and changes on it, and what is kept of that.

pub(crate) mod baseline;
pub mod event;
mod first;
mod options;
mod sink;
pub(crate) mod state;
pub(crate) mod text;

use std::fs::File;
use std::path::Path;

use anyhow::Result;
use wireline_cli::{Exit, JsonLines, Output, Render};
use wireline_engine::errno_text;
use wireline_engine::segment::Span;
use wireline_engine::watch::{Config, Gateway, Place, Port, Record, Targets, Watch};
use wireline_host::vendors::Vendors;
use wireline_net::{Clock, Signals, drive, drop_privileges};

use crate::scan::Args;
use crate::scan::complaint::{Complaint, complain};
use crate::scan::config::Config as ScanConfig;
use crate::scan::ports::{self, Facts as Machine, Way};
use crate::scan::run::{
    FOUND, each, load_vendors, local_targets, open, open_targets, read_targets,
};
use crate::scan::targets::Spans;
use baseline::Baseline;
use event::{Event, Facts};
use options::Options;
use sink::Teller;
use state::{Contents, Saved, StateFile};

/// What was kept of the segment.
struct Files {
    state: Option<StateFile>,
    baseline: Option<File>,
}

impl Files {
    fn open(args: &Args) -> Result<Self, Complaint> {
        let state = args.watch.state.as_deref();
        let state = state.map(|path| StateFile::open(Path::new(path))).transpose();
        let state = state.map_err(|why| Complaint::new(format!("--state: {why}")))?;
        Ok(Self { state, baseline: open_baseline(args)? })
    }
}

/// What `--baseline` names; to be read when nothing is left of what the program may more than its caller.
pub(crate) fn open_baseline(args: &Args) -> Result<Option<File>, Complaint> {
    let path = args.verdict.baseline.as_deref();
    let failed =
        |path: &str, why: &_| Complaint::new(format!("--baseline: {path}: {}", errno_text(why)));
    path.map(|path| File::open(path).map_err(|why| failed(path, &why))).transpose()
}

/// Hosts as they were saved.
pub(crate) fn read_baseline(
    args: &Args,
    file: Option<File>,
) -> Result<Option<Baseline>, Complaint> {
    let (Some(file), Some(path)) = (file, args.verdict.baseline.as_deref()) else {
        return Ok(None);
    };
    let failed = |why| Complaint::new(format!("--baseline: {path}: {}", errno_text(&why)));
    Ok(Some(Baseline::new(heed(state::read(file).map_err(failed)?, path))))
}

/// Hosts as the last watch left them.
fn read_state(args: &Args, state: Option<&StateFile>) -> Result<Vec<Saved>, Complaint> {
    let (Some(state), Some(path)) = (state, args.watch.state.as_deref()) else {
        return Ok(Vec::new());
    };
    let failed = |why| Complaint::new(format!("--state: {why}"));
    Ok(heed(state.read().map_err(failed)?, path))
}

/// What a file has; what is wrong with it is said.
fn heed(contents: Contents, path: &str) -> Vec<Saved> {
    for why in &contents.errors {
        complain(&format!("WARNING: {path}: {why}"));
    }
    if contents.more_errors > 0 {
        complain(&format!("WARNING: {path}: {} more lines like that", contents.more_errors));
    }
    contents.hosts
}

pub(crate) fn run(args: &Args) -> Result<Exit> {
    let options = Options::new(args)?;
    let mut scan = ScanConfig::new(args)?;
    // A watch wants all that is said, and no stamps of what it sends.
    (scan.compat, scan.stamps) = (false, false);
    let machine = Machine::read()?;
    let ways = machine.choose(args.who.interface.as_deref(), args.who.localnet)?;
    ports::await_carriers(&machine, &ways, scan.wait_carrier)?;
    // In this order: what root may open it may not once its capabilities are gone; and what a program with
    // another's user may open is not for its caller.
    let early = is_own_user().then(|| Files::open(args)).transpose()?;
    let sockets = open(&ways, &scan)?;
    drop_privileges()?;
    let Files { state, baseline } = early.map_or_else(|| Files::open(args), Ok)?;
    let known = read_state(args, state.as_ref())?;
    let baseline = read_baseline(args, baseline)?;
    for way in &ways {
        ports::warn(&machine, way, false);
    }
    let vendors = load_vendors(args, &scan);
    let mut config = configure(&options, &ways, &scan);
    config.targets = targets(args, &mut scan, &ways, &config.ports)?;
    config.gateways = gateways(&options, &ways, &config)?;
    let expected = add_saved(&mut config, &ways, &known, baseline.as_ref());
    let facts = Facts { interfaces: names(&ways), vendor: vendor_of(vendors) };
    let elsewhere = known.into_iter().filter(|saved| place(saved, &ways).is_none()).collect();
    let mut teller = Teller::new(output(&scan), facts, baseline, state, elsewhere);
    teller.expected = if options.passive { Vec::new() } else { expected };
    let (signals, mut sockets) = (Signals::new()?, sockets);
    let mut watch = Watch::new(config, Clock.now());
    let driven = drive(&mut watch, &mut sockets, &signals, &mut teller);
    let alarms = teller.finish()?;
    driven?;
    Ok(if scan.check && alarms > 0 { FOUND } else { Exit(0) })
}

fn is_own_user() -> bool {
    rustix::process::geteuid() == rustix::process::getuid()
}

fn vendor_of(vendors: Vendors) -> Box<dyn Fn(wireline_packet::Mac) -> Option<String>> {
    Box::new(move |mac| vendors.name(mac).map(str::to_owned))
}

fn names(ways: &[Way]) -> Vec<String> {
    ways.iter().map(|way| way.name.clone()).collect()
}

fn output(scan: &ScanConfig) -> Output<Event> {
    let render: Box<dyn Render<Event>> =
        if scan.json { Box::new(JsonLines { tool: "arp-scan" }) } else { Box::new(text::Text) };
    Output::new(render)
}

fn configure(options: &Options, ways: &[Way], scan: &ScanConfig) -> Config {
    let flow = |way: &Way| ways.iter().position(|other| other == way).unwrap_or(0);
    let port = |(way, vlan): (&Way, Option<u16>)| Port {
        place: Place { port: u32::try_from(flow(way)).unwrap_or(u32::MAX), vlan },
        mac: way.mac,
        addresses: way.own.iter().copied().zip(way.networks.iter().copied()).collect(),
    };
    Config {
        ports: each(ways, scan).map(port).collect(),
        listen_only: options.passive,
        recheck: options.recheck,
        lasting: options.lasting,
        interval: options.interval,
        unix: Clock.wall(),
        ..Config::default()
    }
}

/// Whom to ask to begin with: nobody, unless somebody was named.
fn targets(
    args: &Args,
    scan: &mut ScanConfig,
    ways: &[Way],
    ports: &[Port],
) -> Result<Vec<Targets>, Complaint> {
    if args.who.localnet && (args.who.file.is_some() || !args.targets.is_empty()) {
        return Err(Complaint::new("You can not specify targets with the --localnet option"));
    }
    let file = args.who.file.as_deref().map(open_targets).transpose()?;
    let given = read_targets(args, scan, file)?.spans;
    let (mut all, mut local) = (Vec::new(), Spans::default());
    for port in ports {
        let place = port.place;
        let way = usize::try_from(place.port).ok().and_then(|flow| ways.get(flow));
        let spans: Vec<Span> = match way {
            Some(way) if args.who.localnet => {
                local_targets(way, scan, &mut local)?.spans().collect()
            }
            _ => given.clone(),
        };
        all.extend(spans.into_iter().map(|span| Targets { place, span }));
    }
    Ok(all)
}

/// Who was known before, and who should be there: those are asked first, after the gateways, and returned.
fn add_saved(
    config: &mut Config,
    ways: &[Way],
    known: &[Saved],
    baseline: Option<&Baseline>,
) -> Vec<Targets> {
    let here = |saved: &Saved| place(saved, ways);
    let has_targets = !config.targets.is_empty();
    config.known = known
        .iter()
        .filter_map(|saved| {
            Some(Record {
                place: here(saved)?,
                address: saved.address,
                mac: saved.mac,
                former: saved.former.clone(),
                first_seen: saved.first_seen,
                last_seen: saved.last_seen,
                present: saved.present,
            })
        })
        .collect();
    let expected =
        baseline.into_iter().flat_map(Baseline::hosts).filter_map(|saved| match saved.address {
            std::net::IpAddr::V4(address) => {
                Some(Targets { place: here(saved)?, span: Span::one(address) })
            }
            std::net::IpAddr::V6(_) => None,
        });
    let guarded = config.gateways.iter().filter_map(|gateway| match gateway.address {
        _ if !has_targets && baseline.is_none() => None,
        address => Some(Targets { place: gateway.place, span: Span::one(address) }),
    });
    let first: Vec<_> = guarded.chain(expected).collect();
    config.targets = first::before(&first, &config.targets);
    first
}

/// Where a host was, if that is watched.
fn place(saved: &Saved, ways: &[Way]) -> Option<Place> {
    let by_name = |name: &String| ways.iter().position(|way| way.name == *name);
    let port = saved.interface.as_ref().map_or(Some(0), by_name)?;
    Some(Place { port: u32::try_from(port).ok()?, vlan: saved.vlan })
}

/// All routers by which a default route leaves; with --pin-gateway there must be one.
fn gateways(options: &Options, ways: &[Way], config: &Config) -> Result<Vec<Gateway>, Complaint> {
    let mut gateways = Vec::new();
    for port in &config.ports {
        let way = usize::try_from(port.place.port).ok().and_then(|flow| ways.get(flow));
        for &address in way.map(|way| way.gateways.as_slice()).unwrap_or_default() {
            gateways.push(Gateway { place: port.place, address, mac: options.gateway });
        }
    }
    if options.is_gateway_pinned && gateways.is_empty() {
        let why = "--pin-gateway: no default route leaves by what is watched";
        return Err(Complaint::new(why));
    }
    Ok(gateways)
}
