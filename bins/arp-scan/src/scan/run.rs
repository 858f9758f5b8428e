//! From the command line to the exit status, on a network or without one.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal as _};
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use wireline_cli::Exit;
use wireline_engine::errno_text;
use wireline_engine::segment::ndp::{self, Both, Discovery};
use wireline_engine::segment::{self, Linger, Order, Pace, Scan, Sender, Targets};
use wireline_host::neighbours::{self, Changes};
use wireline_host::netlink::{Netlink, Subsystem};
use wireline_host::vendors::Vendors;
use wireline_net::{
    ArpFrames, Attachment, Channel, Clock, Error, FrameFilter, PacketSockets, Signals, Sink as _,
    Stamps, drive, drop_privileges, is_superuser, seed,
};
use wireline_packet::arp::operation;
use wireline_tool::Printer;

use super::Args;
use super::carrier::Watched;
use super::complaint::{Complaint, complain, failed};
use super::config::{Config, is_offline};
use super::expected::{Expected, pin};
use super::ipv6;
use super::modes;
use super::offline::{self, Tape};
use super::ports::{self, Facts, Way};
use super::save::Save;
use super::tap::Tap;
use super::targets::Spans;
use super::teller::{Cache, Teller, printer};
use super::vendors;
use crate::compare_cache::{Row, Scanned, compare};
use crate::event::{self, Event, Interface, Summary};
use crate::explain::Pairs;
use crate::watch::read_baseline;

/// Fewer answered than `--limit` wants.
const TOO_FEW: Exit = Exit(1);

/// `--check` has something to say.
pub(crate) const FOUND: Exit = Exit(3);

/// Files that are opened by whoever called, and not with powers that only the program has.
#[derive(Default)]
struct Files {
    targets: Option<Box<dyn BufRead>>,
    save: Option<File>,
    baseline: Option<File>,
}

impl Files {
    fn open(args: &Args) -> Result<Self, Complaint> {
        let targets = args.who.file.as_deref().map(open_targets).transpose()?;
        let save = args.files.pcapsavefile.as_deref().map(|path| {
            let failed =
                |why| Complaint::same(format!("pcap_dump_open: {path}: {}", errno_text(&why)));
            File::create(path).map_err(failed)
        });
        let baseline = crate::watch::open_baseline(args)?;
        Ok(Self { targets, save: save.transpose()?, baseline })
    }
}

pub(crate) fn open_targets(path: &str) -> Result<Box<dyn BufRead>, Complaint> {
    if path == "-" {
        return Ok(Box::new(io::stdin().lock()));
    }
    let failed = |why| Complaint::same(format!("Cannot open {path}: {}", errno_text(&why)));
    Ok(Box::new(BufReader::new(File::open(path).map_err(failed)?)))
}

pub(crate) fn run(args: &Args) -> Result<Exit> {
    modes::check(args)?;
    if args.watch.watch.is_some() {
        return crate::watch::run(args);
    }
    let config = Config::new(args)?;
    check(args)?;
    if is_offline(args) { without_network(args, config) } else { on_network(args, config) }
}

/// What does not go together.
fn check(args: &Args) -> Result<(), Complaint> {
    let who = &args.who;
    if who.file.is_none() && !who.localnet && args.targets.is_empty() && !who.ipv6 {
        return Err(Complaint::error(
            "No target hosts on command line and neither --file or --localnet options given",
        ));
    }
    if who.localnet && !args.targets.is_empty() {
        let why = "You can not specify targets with the --localnet option";
        return Err(Complaint::error(why));
    }
    if who.localnet && who.file.is_some() {
        let why = "You can not specify both --file and --localnet options";
        return Err(Complaint::error(why));
    }
    let files = &args.files;
    if files.readpktfromfile.is_some() && files.writepkttofile.is_some() {
        let why = "You can not specify both --readpktfromfile and --writepkttofile options";
        return Err(Complaint::new(why));
    }
    ipv6::check(args)?;
    if args.learn.explain && files.writepkttofile.is_some() {
        return Err(Complaint::new("--explain needs answers, and --writepkttofile has none"));
    }
    if is_offline(args) && args.verdict.cache {
        return Err(Complaint::new("--cache needs a network, and a file is none"));
    }
    if is_offline(args) && args.verdict.pin_gateway.is_some() {
        return Err(Complaint::new("--pin-gateway needs a network, and a file is none"));
    }
    if args.verdict.baseline.is_some() && files.writepkttofile.is_some() {
        return Err(Complaint::new("--baseline needs answers, and --writepkttofile has none"));
    }
    if is_offline(args) && who.ipv6 {
        return Err(Complaint::new("--ipv6 needs a network, and a file is none"));
    }
    if is_offline(args) && who.localnet {
        return Err(Complaint::new("Could not obtain interface IP address and netmask"));
    }
    Ok(())
}

fn without_network(args: &Args, mut config: Config) -> Result<Exit> {
    let started = Clock.now();
    drop_privileges()?;
    let tape = Tape::open(&args.files)?;
    let mut printer = printer(&config);
    if let Some(snap) = tape.snap() {
        // What a file has of a frame is kept.
        config.snap = snap;
        let interface = Interface { interface: None, mac: None, address: None, vlan: None };
        let _ = printer.event(Event::Interface(interface));
        let _ = printer.settled();
    }
    let files = Files::open(args)?;
    let vendors = load_vendors(args, &config);
    let spans = read_targets(args, &config, files.targets)?;
    let targets: Targets = spans.spans.into_iter().collect();
    config.scan.ports = offline::ports(&config, &targets);
    config.scan.own = false;
    finish_config(&mut config, &targets)?;
    // All of a file counts, whatever was enough.
    let scan = segment::Config { limit: None, linger: Linger::FULL, ..config.scan.clone() };
    let facts = event::Facts {
        interfaces: vec![None; config.scan.ports.len()],
        vendor: Box::new(|mac| vendors.name(mac).map(str::to_owned)),
    };
    let mut teller = Teller::new(facts, printer, shown(&config));
    teller.explain(args.learn.explain.then(|| Rc::new(RefCell::new(Pairs::offline()))));
    teller.played = (!config.json).then_some(Duration::ZERO);
    teller.expected = read_baseline(args, files.baseline)?.map(Expected::new);
    let ports = config.scan.ports.clone();
    let mut save = saving(files.save, &config, vec![targets])?;
    let mut scan = Scan::new(scan, started);
    let read = tape.run(&mut scan, started, &mut teller, &mut save);
    teller.missing(&ports);
    let summary = teller.finish(|summary| {
        // Nobody was asked, and nobody is missing.
        (summary.incomplete, summary.stopped, summary.complete) = (0, None, true);
        summary.elapsed = Clock.now() - started;
    });
    read?;
    save.map(Save::finish).transpose().context("--pcapsavefile")?;
    Ok(exit(&config, &summary?, None))
}

fn on_network(args: &Args, mut config: Config) -> Result<Exit> {
    let started = Clock.now();
    // Before the links are read, so that nothing is missed in between.
    let changes = Changes::of_links().ok();
    let facts = Facts::read()?;
    let ways = facts.choose(args.who.interface.as_deref(), args.who.localnet)?;
    ports::await_carriers(&facts, &ways, config.wait_carrier)?;
    // In this order: the sockets need privilege; the resolver, and all that follows, must not have it. The
    // superuser's files may be out of its reach afterwards, and nobody else is to open any with privilege.
    let early = is_superuser().then(|| Files::open(args)).transpose()?;
    let sockets = open(&ways, &config)?;
    drop_privileges()?;
    let files = early.map_or_else(|| Files::open(args), Ok)?;
    if args.verdict.fingerprint {
        return fingerprint(args, config, &ways, sockets, files.targets);
    }
    config.text.several = ways.len() > 1 || config.vlans.len() > 1;
    let mut printer = printer(&config);
    introduce(&facts, &ways, &config, &mut printer);
    refuse_spoofing(&config, &ways)?;
    let discovery = args.who.ipv6.then(|| ipv6::discovery(args, &ways, &config)).transpose()?;
    let vendors = load_vendors(args, &config);
    let hosts = read_ports(args, &mut config, &ways, files.targets)?;
    if args.learn.explain && hosts.is_empty() && discovery.is_some() {
        let why = "--explain has ARP alone to explain, and there are no targets of IPv4";
        return Err(Complaint::new(why).into());
    }
    if discovery.is_none() || !hosts.is_empty() {
        finish_config(&mut config, &hosts)?;
    }
    let baseline = read_baseline(args, files.baseline)?;
    if config.is_gateway_pinned {
        pin(&mut config.scan.ports, &ways, config.gateway, baseline.as_ref())?;
    }
    let interfaces = each(&ways, &config).map(|(way, _)| Some(way.name.clone())).collect();
    let vendor = Box::new(|mac| vendors.name(mac).map(str::to_owned));
    let facts = event::Facts { interfaces, vendor };
    let mut teller = Teller::new(facts, printer, shown(&config));
    let targets = config.scan.ports.iter().map(|port| port.targets.clone()).collect();
    let save = saving(files.save, &config, targets)?;
    let pairs = args.learn.explain.then(Rc::default);
    teller.explain(pairs.clone());
    if args.who.ipv6 {
        teller.join();
    }
    teller.expected = baseline.map(Expected::new);
    let indices = || each(&ways, &config).map(|(way, _)| way.index).collect();
    teller.cache = args.verdict.cache.then(|| Cache { indices: indices(), heard: Vec::new() });
    let sockets = Watched::new(sockets, changes, &ways);
    let mut channel = Tap { channel: sockets, save, pairs };
    let signals = Signals::new()?;
    let scan = (!hosts.is_empty()).then(|| config.scan.clone());
    let driven = ask(scan, discovery, &mut channel, &signals, &mut teller);
    if let Some(cache) = teller.cache.take() {
        teller.cached(rows(&config, &ways, &cache)?);
    }
    teller.missing(&config.scan.ports);
    let statistics = channel.channel.sockets.statistics();
    let summary = teller.finish(|summary| {
        summary.count(statistics.received, statistics.dropped);
        summary.elapsed = Clock.now() - started;
    });
    driven?;
    channel.save.map(Save::finish).transpose().context("--pcapsavefile")?;
    let summary = summary?;
    if let Some(why) = summary.error.as_ref().filter(|_| config.compat) {
        complain(&format!("ERROR: failed to send packet: {why}"));
    }
    Ok(exit(&config, &summary, signals.stopped_by()))
}

/// The ways in, and what a person should know of them before it begins.
fn introduce(facts: &Facts, ways: &[Way], config: &Config, printer: &mut Printer<Event, ()>) {
    for (way, vlan) in each(ways, config) {
        let (interface, mac, address) = (Some(way.name.clone()), Some(way.mac), way.address);
        // Whether somebody reads it shows later.
        let _ = printer.event(Event::Interface(Interface { interface, mac, address, vlan }));
    }
    let _ = printer.settled();
    let has_sender = config.scan.request.sender_address != Sender::Port;
    for way in ways {
        ports::warn(facts, way, has_sender);
    }
}

/// Asks by ARP, by NDP or by both at once, to the end.
fn ask(
    scan: Option<segment::Config>,
    discovery: Option<ndp::Config>,
    channel: &mut impl Channel,
    signals: &Signals,
    teller: &mut Teller<'_>,
) -> Result<(), Error> {
    let now = Clock.now();
    let scan = scan.map(|config| Scan::new(config, now));
    match (scan, discovery) {
        (Some(mut scan), None) => drive(&mut scan, channel, signals, teller),
        (scan, discovery) => {
            let discovery = Discovery::new(discovery.unwrap_or_default(), now);
            drive(&mut Both::new(scan, discovery), channel, signals, teller)
        }
    }
}

fn fingerprint(
    args: &Args,
    mut config: Config,
    ways: &[Way],
    mut sockets: PacketSockets,
    file: Option<Box<dyn BufRead>>,
) -> Result<Exit> {
    let vendors = load_vendors(args, &config);
    read_ports(args, &mut config, ways, file)?;
    let plan = super::fingerprint::plan(args, &config, ways)?;
    crate::fingerprint::run(plan, &mut sockets, &vendors)
}

/// `--cache`: what the kernel has of the segments beside what was heard there.
fn rows(config: &Config, ways: &[Way], cache: &Cache) -> Result<Vec<Row>> {
    let mut netlink = Netlink::open(Subsystem::Route).context("netlink")?;
    let kernel = neighbours::list(&mut netlink, neighbours::Tables::Both).context("netlink")?;
    let was_asked = |index: u32, address: IpAddr| {
        let IpAddr::V4(address) = address else { return false };
        let ports = config.scan.ports.iter().zip(&cache.indices);
        ports
            .filter(|(_, own)| **own == index)
            .any(|(port, _)| port.targets.position(address).is_some())
    };
    let name = |index| {
        let way = ways.iter().find(|way| way.index == index);
        way.map(|way| way.name.clone()).unwrap_or_default()
    };
    let scanned = Scanned { was_asked: &was_asked, name: &name };
    Ok(compare(&kernel, &cache.heard, &scanned))
}

/// Every way onto a segment: an interface and a tag.
pub(crate) fn each<'a>(
    ways: &'a [Way],
    config: &'a Config,
) -> impl Iterator<Item = (&'a Way, Option<u16>)> {
    ways.iter().flat_map(|way| config.vlans.iter().map(move |vlan| (way, *vlan)))
}

pub(crate) fn open(ways: &[Way], config: &Config) -> Result<PacketSockets> {
    let attachment = |way: &Way| {
        // arp-scan hears what is sent to it alone.
        let to = config.scan.request.sender_mac.unwrap_or(way.mac);
        let arp = if config.compat { ArpFrames::To(to) } else { ArpFrames::All };
        Attachment { interface: way.index, filter: FrameFilter { arp, icmpv6: config.ipv6 } }
    };
    let attachments: Vec<_> = ways.iter().map(attachment).collect();
    let stamps = if config.stamps { Stamps::Transmit } else { Stamps::Receive };
    PacketSockets::open(&attachments, stamps).map_err(|why| match why {
        Error::FramesNotPermitted => Complaint::machine(format!(
            "{why}; without it there are --readpktfromfile and `arp-scan arp`"
        ))
        .into(),
        Error::Interface { place, .. } => {
            let name = ways.get(place).map_or("", |way| way.name.as_str());
            Complaint::machine(format!("{name}: {why}")).into()
        }
        why => why.into(),
    })
}

/// Replies that nobody asked for are believed: with somebody else's address they take it away.
fn refuse_spoofing(config: &Config, ways: &[Way]) -> Result<(), Complaint> {
    let request = &config.scan.request;
    let is_ours = match request.sender_address {
        Sender::Port => true,
        Sender::Target => false,
        Sender::Given(address) => ways.iter().all(|way| way.own.contains(&address)),
    };
    if request.header.operation != operation::REPLY || is_ours || config.force {
        return Ok(());
    }
    Err(Complaint::new(
        "--arpop=2 with an address that is not ours takes it from whoever has it: --force sends it",
    ))
}

pub(crate) fn load_vendors(args: &Args, config: &Config) -> Vendors {
    if config.text.quiet && !config.json {
        return Vendors::none();
    }
    vendors::load(&args.files, config.text.verbose, &mut |text| complain(&text))
}

/// The words of the command line and the lines of the file.
pub(crate) fn read_targets(
    args: &Args,
    config: &Config,
    file: Option<Box<dyn BufRead>>,
) -> Result<Spans, Complaint> {
    let mut spans = Spans::default();
    let warn = &mut |text: String| complain(&text);
    if let Some(file) = file {
        let name = args.who.file.as_deref().unwrap_or_default();
        spans.add_lines(name, file, config.reading, warn)?;
    }
    // arp-scan reads one or the other.
    if config.compat && args.who.file.is_some() {
        return Ok(spans);
    }
    let is_v6 = |word: &&String| args.who.ipv6 && ipv6::prefix(word).is_some();
    for word in args.targets.iter().filter(|word| !is_v6(word)) {
        spans.add(word, config.reading, warn)?;
    }
    Ok(spans)
}

/// Gives each way its targets; says which they are all together.
fn read_ports(
    args: &Args,
    config: &mut Config,
    ways: &[Way],
    file: Option<Box<dyn BufRead>>,
) -> Result<Targets, Complaint> {
    let given: Targets = read_targets(args, config, file)?.spans.into_iter().collect();
    let mut all = Vec::new();
    let mut local = Spans::default();
    for (flow, way) in (0..).zip(ways) {
        let targets =
            if args.who.localnet { local_targets(way, config, &mut local)? } else { given.clone() };
        for vlan in config.vlans.clone() {
            let mut port = way.port(flow, vlan, config.gateway);
            port.targets = targets.clone();
            all.extend(targets.spans());
            config.scan.ports.push(port);
        }
    }
    Ok(all.into_iter().collect())
}

/// `--localnet`.
pub(crate) fn local_targets(
    way: &Way,
    config: &Config,
    spans: &mut Spans,
) -> Result<Targets, Complaint> {
    let name = &way.name;
    let (network, mask) = way.network.ok_or_else(|| {
        let why = "Could not obtain interface IP address and netmask";
        Complaint::new(format!("{why}: {name} has no IPv4 address"))
    })?;
    let text = format!("{}:{mask}", network.first());
    if config.text.verbose > 0 {
        complain(&format!("Using {text} for localnet"));
    }
    let before = spans.spans.len();
    spans.add(&text, config.reading, &mut |text| complain(&text))?;
    Ok(spans.spans[before..].iter().copied().collect())
}

/// What depends on how many there are.
fn finish_config(config: &mut Config, targets: &Targets) -> Result<(), Complaint> {
    if targets.is_empty() {
        return Err(Complaint::error("No hosts to process."));
    }
    let hosts = config.scan.ports.iter().map(|port| port.targets.len()).sum();
    let is_verdict_wanted = config.check || config.json || config.compat;
    if hosts == 1 && !is_verdict_wanted && config.scan.linger == Linger::FULL {
        config.scan.linger = Linger::BRIEF;
    }
    if !io::stdout().is_terminal() && io::stderr().is_terminal() && !config.json {
        config.scan.progress = Some(Duration::from_millis(100));
    }
    config.scan.order = config.order(hosts, seed())?;
    if config.text.verbose > 1 {
        let pace = match config.scan.pace {
            Pace::Every(interval) => format!("interval={} us", interval.as_micros()),
            Pace::Adaptive { start, most } => format!("{start} to {most} requests a second"),
        };
        match config.bandwidth.filter(|_| config.compat) {
            Some((octets, bits)) => {
                complain(&format!("DEBUG: pkt len={octets} bytes, bandwidth={bits} bps, {pace}"));
            }
            None => complain(&format!("DEBUG: {hosts} hosts, {pace}")),
        }
    }
    Ok(())
}

/// `-vvv`: the hosts in the order of asking.
fn shown(config: &Config) -> Vec<Ipv4Addr> {
    if config.text.verbose < 3 {
        return Vec::new();
    }
    let all: Vec<_> = config.scan.ports.iter().flat_map(|port| port.targets.iter()).collect();
    match &config.scan.order {
        Order::Permutation(order) => {
            let at = |place: &u32| all.get(usize::try_from(*place).ok()?).copied();
            order.iter().filter_map(at).collect()
        }
        Order::Given | Order::Shuffled(_) => all,
    }
}

fn saving(file: Option<File>, config: &Config, targets: Vec<Targets>) -> Result<Option<Save>> {
    let Some(file) = file else { return Ok(None) };
    let first_only = config.text.ignoredups;
    let save = Save::new(file, config.snap, config.scan.accept, first_only, targets);
    Ok(Some(save.context("--pcapsavefile")?))
}

fn exit(config: &Config, summary: &Summary, signal: Option<u8>) -> Exit {
    let responded = summary.responded + summary.ipv6_responded.unwrap_or(0);
    let is_enough = config.scan.limit.is_none_or(|limit| responded >= limit);
    match signal {
        _ if summary.error.is_some() => failed(config.compat),
        // What a shell makes of a signal, which is how the original ends.
        Some(signal) => Exit(128 + signal),
        None if config.check && summary.findings > 0 => FOUND,
        None if !is_enough => TOO_FEW,
        None => Exit(0),
    }
}
