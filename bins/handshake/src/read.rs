//! `handshake read`: the connections of a capture file. It needs no privilege, and gives up what it has.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufReader, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory as _, Parser};
use wireline_cli::{Exit, Grammar, JsonLines, Output, Refusal, parse, run};
use wireline_engine::errno_text;
use wireline_net::{Clock, drop_privileges};
use wireline_packet::capture::{Error, Reader, Record, pcapng};
use wireline_packet::layers;

use crate::connections::{
    Amount, CaptureFile, Collector, Filter, Gallery, Passing, Totals, Wanted,
};
use crate::exit::{self, USAGE};
use crate::ladder::{Choice, Drawing, Form, OutputFlags};

/// What may be asked for.
#[derive(Debug, Parser)]
#[command(
    name = "read",
    bin_name = "handshake read",
    args_override_self = true,
    about = "Draw the connections of a capture file",
    after_help = "Exit code: 0 if there was a connection, 1 if none, 2 if the file is no capture, 8 if it ends \
        in the midst of something or more was in it than could be followed.",
    override_usage = "handshake read [OPTIONS] FILE [FILTER]...\n       tcpdump -w - | handshake read -"
)]
struct Args {
    /// A file of tcpdump, tshark or Wireshark (pcap or pcapng); - for stdin
    file: PathBuf,

    /// Only connections with one end so: host ADDRESS, net ADDRESS/LENGTH, port N or N-M
    filter: Vec<String>,

    /// Only the connection with this number in the table, from 1; may be repeated
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    stream: Vec<u32>,

    /// Only the first so many connections
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    count: Option<u32>,

    /// Do not draw: one line a connection, which is what comes of more than ten
    #[arg(long, conflicts_with = "all")]
    list: bool,

    /// Draw all connections, however many
    #[arg(long)]
    all: bool,

    #[command(flatten)]
    output: OutputFlags,
}

pub(crate) fn command() -> clap::Command {
    Args::command()
}

pub(crate) fn main(words: &[OsString]) -> ExitCode {
    let grammar = Grammar { usage: USAGE, missing: ("a capture file is needed", USAGE) };
    match parse::<Args>("handshake read", words, grammar) {
        Ok(args) => run("handshake read", || exit::sorted(read(&args))),
        Err(exit) => exit,
    }
}

fn read(args: &Args) -> Result<Exit> {
    drop_privileges()?;
    let choice = args.output.choice()?;
    let filter = Filter::parse(&args.filter)?;
    let amount = args.amount(&choice)?;
    let reader = open(&args.file)?;
    let mut capture = choice.pcapng().map(CaptureFile::open).transpose()?;
    let gallery = Gallery::new(Drawing::open(&choice)?, amount);
    let (numbers, count, from_their_start) = (args.stream.clone(), args.count, false);
    let wanted = Wanted { filter, numbers, count, from_their_start };
    let name =
        if is_stdin(&args.file) { "stdin".to_owned() } else { args.file.display().to_string() };
    let mut collector = Collector::new(wanted, gallery, name.clone());
    // What came before an error is shown.
    let ended = all(reader, &mut collector, capture.as_mut());
    let totals = collector.finish()?;
    capture.as_mut().map_or(Ok(()), CaptureFile::flush)?;
    let failed = match ended {
        Ok(()) => None,
        Err(Failed::Output(why)) => return Err(why.into()),
        Err(Failed::File(why)) => Some(why.to_string()),
    };
    report(&name, &totals, failed.as_deref(), is_json(&choice))
}

impl Args {
    fn amount(&self, choice: &Choice) -> Result<Amount> {
        let is_text = choice
            .outputs
            .iter()
            .all(|(form, file)| *form == Form::Pcapng || *form == Form::Text && file.is_none());
        match (self.list, is_text) {
            (true, true) => Ok(Amount::None),
            (true, false) => {
                Err(Refusal::new(USAGE, "--list: a table is text, on stdout, and nothing else")
                    .into())
            }
            (false, true) if !self.all && self.stream.is_empty() => Ok(Amount::Few),
            _ => Ok(Amount::All),
        }
    }
}

fn is_json(choice: &Choice) -> bool {
    choice.outputs.iter().any(|(form, file)| *form == Form::Json && file.is_none())
}

fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

type Input = Reader<BufReader<Box<dyn Read>>>;

fn open(path: &Path) -> Result<Input> {
    let refused = |why: &str| Refusal::new(USAGE, format!("{}: {why}", path.display()));
    let input: Box<dyn Read> = if is_stdin(path) {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(path).map_err(|why| refused(&errno_text(&why)))?)
    };
    Ok(Reader::new(BufReader::new(input)).map_err(|why| refused(&words(&why)))?)
}

/// Without what Rust adds to an errno.
fn words(why: &Error) -> String {
    match why {
        Error::Read(why) => errno_text(why),
        other => other.to_string(),
    }
}

/// Why it ended before its end.
enum Failed {
    File(Error),
    Output(io::Error),
}

fn all(
    mut reader: Input,
    collector: &mut Collector,
    mut capture: Option<&mut CaptureFile>,
) -> Result<(), Failed> {
    while let Some(record) = reader.next_record().map_err(Failed::File)? {
        one(&record, collector, capture.as_deref_mut()).map_err(Failed::Output)?;
    }
    Ok(())
}

fn one(
    record: &Record<'_>,
    collector: &mut Collector,
    capture: Option<&mut CaptureFile>,
) -> io::Result<()> {
    let read = layers::read(record.link_type, record.contents, record.length);
    let Ok(packet) = read else {
        collector.pass_over();
        return Ok(());
    };
    let interface = packet.link.interface.unwrap_or(record.interface);
    let place = (interface, packet.link.direction);
    let is_wanted = collector.take(&Passing { at: record.at, place, packet })?;
    let Some(capture) = capture.filter(|_| is_wanted) else { return Ok(()) };
    let written = pcapng::Packet {
        interface: 0,
        at: record.at,
        length: record.length,
        contents: record.contents,
        direction: packet.link.direction,
        comment: "",
    };
    capture.write((record.link_type, record.interface), String::new, &written)
}

/// What was read, as one object.
#[derive(Debug, serde::Serialize)]
#[serde(tag = "event", rename = "capture")]
pub struct Told<'a> {
    file: &'a str,
    #[serde(flatten)]
    totals: &'a Totals,
    /// Why it could not be read to its end.
    error: Option<&'a str>,
}

impl Told<'_> {
    /// What the event is called in JSON.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        "capture"
    }

    /// One that was read to its end, and one that was not.
    #[must_use]
    pub const fn samples() -> [Self; 2] {
        const TOTALS: &Totals = &Totals::sample();
        const fn told(error: Option<&'static str>) -> Told<'static> {
            Told { file: "day.pcapng", totals: TOTALS, error }
        }
        [told(None), told(Some("it ends in the midst of a packet"))]
    }
}

fn report(name: &str, totals: &Totals, failed: Option<&str>, is_json: bool) -> Result<Exit> {
    if is_json {
        let told = Told { file: name, totals, error: failed };
        let mut output = Output::new(Box::new(JsonLines { tool: "handshake" }));
        output.event(Clock.wall(), &told)?;
        output.flush()?;
    }
    complain(totals);
    if let Some(why) = failed {
        return Err(Refusal::new(exit::INCOMPLETE, format!("{name}: {why}")).into());
    }
    Ok(match totals {
        Totals { given_up: 1.., .. } => exit::INCOMPLETE,
        Totals { told: 0, .. } => {
            return Err(Refusal::new(exit::CLOSED, format!("{name}: no such connection")).into());
        }
        _ => exit::OPEN,
    })
}

/// Says what was not looked at.
pub(crate) fn complain(totals: &Totals) {
    let tell = |count: u64, what: &str| {
        if count > 0 {
            // With no standard error left there is nobody to tell.
            let _ = writeln!(io::stderr(), "handshake: {count} {what}");
        }
    };
    tell(totals.broken, "headers of TCP were cut short or make no sense");
    tell(totals.fragments, "fragments of segments were not put together");
    tell(totals.given_up.into(), "connections were followed no further: too many at a time");
}

#[cfg(test)]
mod garbage;
