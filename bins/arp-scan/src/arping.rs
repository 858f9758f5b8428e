//! One host by its address, as arping of iputils asks: who has it, does anybody have it, it is mine.

mod args;
mod carrier;
mod config;
mod interface;
pub mod json;
mod text;

use std::ffi::OsString;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr};
use std::process::ExitCode;

use anyhow::Result;
use wireline_cli::{Exit, Grammar, Output, Refusal, Render, parse};
use wireline_engine::arping::{Arping, Ending, Enough, Event, Summary};
use wireline_engine::errno_text;
use wireline_host::links::Link;
use wireline_host::vendors::Vendors;
use wireline_host::{Family, Target};
use wireline_net::{
    Attachment, Clock, FrameFilter, PacketSockets, Signals, Stamps, drive, drop_privileges,
};
use wireline_packet::Mac;
use wireline_tool::{Lookup, Printer, Reading};

use args::ArpingArgs;
use carrier::Carried;
use config::{Config, Mode};
use interface::{Interfaces, Unfit};

/// Two machines have the address, with `--check`.
const CONFLICT: Exit = Exit(3);

/// By which way, from whom and to whom.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub(crate) interface: String,
    pub(crate) own: Mac,
    pub(crate) source: Ipv4Addr,
    pub(crate) target: Ipv4Addr,
}

pub(crate) fn main(program: &str, words: &[OsString]) -> ExitCode {
    let grammar = Grammar { usage: Exit::FAILED, missing: ("", Exit::FAILED) };
    match parse::<ArpingArgs>(program, words, grammar) {
        Ok(args) => wireline_cli::run(program, || run(program, &args)),
        Err(code) => code,
    }
}

fn run(program: &str, args: &ArpingArgs) -> Result<Exit> {
    if args.version {
        let version = env!("CARGO_PKG_VERSION");
        // Whoever does not read it has read enough.
        let _ = writeln!(
            std::io::stdout(),
            "arping from wireline {version}, compatible with iputils 20221126"
        );
        return Ok(Exit(0));
    }
    let [destination] = args.destinations.as_slice() else { return Ok(usage()) };
    if args.short_help {
        return Ok(usage());
    }
    let config = Config::new(args, destination)?;
    match ask(program, &config) {
        Err(why) if !config.json => match why.downcast_ref::<Unfit>() {
            Some(unfit) => {
                unfit.tell(config.quiet);
                Ok(Exit::FAILED)
            }
            None => Err(why),
        },
        other => other,
    }
}

/// What iputils answers to words that it does not understand.
fn usage() -> Exit {
    let help = <ArpingArgs as clap::CommandFactory>::command().render_help().to_string();
    // Nothing is left to tell if stderr is closed.
    let _ = write!(std::io::stderr(), "\n{help}");
    Exit::FAILED
}

fn ask(program: &str, config: &Config) -> Result<Exit> {
    let mut interfaces = Interfaces::read()?;
    let target = Target::numeric(&config.destination, Family::V4).and_then(|target| v4(&target));
    let links = match (&config.interface, target) {
        (Some(name), _) => vec![interfaces.named(name)?],
        (None, Some(target)) => vec![interfaces.towards(target, config.mode)?],
        (None, None) => interfaces.likely(),
    };
    // In this order: the sockets need privilege; the resolver, and all that follows, must not have it.
    let sockets = open(&links)?;
    drop_privileges()?;
    let target = target.map_or_else(|| resolve(&config.destination), Ok)?;
    let link = match (&config.interface, links.as_slice()) {
        (Some(_), [named]) => named.clone(),
        _ => interfaces.towards(target, config.mode)?,
    };
    // None only if the route has changed meanwhile.
    let place = links.iter().position(|open| open.index == link.index);
    let place = place.ok_or_else(|| anyhow::anyhow!("{}: not open", link.name))?;
    let way = Way {
        own: interface::own(&link),
        source: interface::source(program, config, &link, target)?,
        interface: link.name.clone(),
        target,
    };
    let flow = u32::try_from(place).unwrap_or(0);
    let engine = config.engine(flow, way.own, (way.source, way.target));
    let mut printer = printer(program, config, way);
    let signals = Signals::new()?;
    let mut arping = Arping::new(engine, Clock.now());
    let mut channel = Carried { sockets, interfaces, index: link.index };
    drive(&mut arping, &mut channel, &signals, &mut printer)?;
    let summary = printer.finish().map_err(write_error)?;
    Ok(summary.map_or(Exit(0), |summary| exit(config, &summary)))
}

fn open(links: &[Link]) -> Result<PacketSockets> {
    let attachment = |link: &Link| Attachment { interface: link.index, filter: FrameFilter::ARP };
    let attachments: Vec<_> = links.iter().map(attachment).collect();
    Ok(PacketSockets::open(&attachments, Stamps::Transmit)?)
}

fn resolve(name: &str) -> Result<Ipv4Addr> {
    let target = Target::resolve(name, Family::V4)?;
    Ok(v4(&target).ok_or_else(|| {
        let why = "Address family for hostname not supported";
        Refusal::new(Exit::FAILED, format!("{name}: {why}"))
    })?)
}

fn v4(target: &Target) -> Option<Ipv4Addr> {
    match target.address().ip() {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    }
}

fn printer(program: &str, config: &Config, way: Way) -> Printer<Event, Summary> {
    let (program, quiet, mode) = (program.to_owned(), config.quiet, config.mode);
    let render: Box<dyn Render<Event>> = if config.json {
        Box::new(json::Json { way, mode, vendor, quiet })
    } else {
        Box::new(text::Text { program, way, quiet })
    };
    let reading = Reading {
        addresses: |_| Vec::new(),
        summary: |event| match event {
            Event::Summary(summary) => Some(*summary.clone()),
            _ => None,
        },
    };
    Printer::new(Output::new(render), Lookup::numeric(), reading)
}

fn vendor(mac: Mac) -> Option<String> {
    Vendors::built_in().name(mac).map(str::to_owned)
}

fn write_error(why: std::io::Error) -> anyhow::Error {
    if why.kind() == std::io::ErrorKind::BrokenPipe {
        return why.into();
    }
    Refusal::new(Exit::FAILED, format!("write error: {}", errno_text(&why))).into()
}

/// Whether anybody has the address, where that was the question and was put.
fn in_use(mode: Mode, summary: &Summary) -> Option<bool> {
    let is_known = summary.received > 0 || summary.sent > 0;
    (mode == Mode::Detect && is_known).then_some(summary.received > 0)
}

fn exit(config: &Config, summary: &Summary) -> Exit {
    if config.check && summary.conflicts + summary.rivals > 0 {
        return CONFLICT;
    }
    if summary.sent == 0 && summary.received == 0 {
        return Exit::FAILED;
    }
    let is_good = match config.mode {
        Mode::Detect => summary.received == 0,
        Mode::Announce => true,
        Mode::Ask => has_enough(config, summary),
    };
    Exit(u8::from(!is_good))
}

/// By the manual of iputils, which answers more than there were requests do not make worse.
fn has_enough(config: &Config, summary: &Summary) -> bool {
    match (config.enough, config.deadline, config.count) {
        (Enough::First, ..) | (_, Some(_), None) => summary.received > 0,
        (_, Some(_), Some(count)) if summary.ending != Ending::Stopped => summary.received >= count,
        _ => summary.received >= summary.sent,
    }
}
