//! Many questions at once: `-f FILE`, or many names as arguments.
//!
//! What is printed of each answer is what a single query prints; only how they are asked differs. A line
//! that needs more than one question and one answer (a transfer, a trace, another transport) is asked alone
//! when its turn comes.

mod secure;
mod sink;
mod source;
mod summary;

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, BufWriter, IsTerminal as _, Write};
use std::path::Path;
use std::rc::Rc;

use wireline_cli::{Exit, Progress, Refusal};
use wireline_dns::batch::{Batch, Config, Order, Over, carrier};
use wireline_dns::tsig::Key;
use wireline_net::{Carrier, Clock, Flows, Signals, drive};

use crate::batch_file;
use crate::config::System;
use crate::exit;
use crate::options::{CommandLine, Query};
use crate::run::Run;

use sink::Sink;
use source::{Input, Lines, Questions, Shared};

/// So many queries of one command line are asked one after the other.
const FEW: usize = 8;

/// Whether a command line is asked as a batch.
pub(crate) fn is_wanted(line: &CommandLine) -> bool {
    let globals = &line.globals;
    let is_paced = globals.jobs.is_some() || globals.rate.is_some();
    let is_many = line.queries.len() > if is_paced { 1 } else { FEW };
    globals.batch.is_some() || globals.retry_file.is_some() || is_many
}

/// Asks all, and says how it ended.
pub(crate) fn run(line: &CommandLine, system: &System, key: Option<Key>) -> anyhow::Result<Exit> {
    let globals = &line.globals;
    let shared = Rc::new(RefCell::new(Shared::default()));
    let (lines, total) = lines(line)?;
    let stdin = lines.stdin();
    let secure = secure::options(line);
    let has_key = key.is_some();
    let questions =
        Questions::new(lines, system, globals, has_key, secure.clone(), Rc::clone(&shared));
    let (order, in_order) = (Order::Completion, !globals.json || globals.in_order);
    let config = Config {
        jobs: globals.jobs,
        rate: globals.rate,
        order: if in_order { Order::Input } else { order },
        seed: wireline_net::seed(),
    };
    let mut batch = Batch::new(config, questions, Clock.now());
    let page = Rc::new(RefCell::new(BufWriter::with_capacity(1 << 16, io::stdout().lock())));
    let mut run = Run::new(system, globals, key, Page(Rc::clone(&page)));
    run.printer().start(Clock.wall(), globals.json)?;
    let failed = globals.retry_file.as_deref().map(create).transpose()?;
    let mut sink = Sink::new(run, Rc::clone(&shared), page, failed, progress(total), stdin);
    let signals = Signals::new()?;
    if let Some(options) = secure {
        let mut sessions = secure::sessions(options, system, globals, shared)?;
        drive(&mut batch, &mut sessions, &signals, &mut sink)?;
        return sink.finish(0);
    }
    let mut flows = Flows::new(of_flow, globals.source);
    drive(&mut batch, &mut flows, &signals, &mut sink)?;
    sink.finish(flows.overflowed())
}

fn of_flow(flow: u32) -> Carrier {
    match carrier(flow) {
        Over::Datagrams => Carrier::Datagrams,
        Over::Stream => Carrier::Stream,
    }
}

/// Where questions come from, and how many there are, where that is known.
fn lines(line: &CommandLine) -> Result<(Lines, Option<u64>), Refusal> {
    // Without a name dig asks for the root, but not where a file has names.
    let is_default =
        |query: &Query| query.name == "." && query.options.kind == wireline_dns::RecordType::NS;
    let has_file = line.globals.batch.is_some();
    let queries = line.queries.iter().filter(|query| !(has_file && is_default(query)));
    let queries: Vec<_> = queries.cloned().collect();
    let count = u64::try_from(queries.len()).unwrap_or(0);
    let Some(path) = &line.globals.batch else {
        return Ok((Lines::of(queries, None), Some(count)));
    };
    let why = |why: io::Error| {
        let why = wireline_engine::errno_text(&why);
        Refusal::new(
            exit::BATCH_FILE,
            format!("couldn't open batch file '{}': {why}", path.display()),
        )
    };
    let (input, total) = if path.as_os_str() == "-" {
        (Input::stdin().map_err(why)?, None)
    } else {
        (Input::file(File::open(path).map_err(why)?), total(path))
    };
    let pending = input.pending();
    let lines = batch_file::Batch::new(input, line.defaults.clone());
    Ok((Lines::of(queries, Some((lines, pending))), total))
}

/// Lines of a file that somebody watches being asked; of no other.
fn total(path: &Path) -> Option<u64> {
    if !is_watched() || !path.is_file() {
        return None;
    }
    let mut file = BufReader::new(File::open(path).ok()?);
    let mut count = 0;
    loop {
        let octets = file.fill_buf().ok()?;
        let length = octets.len();
        if length == 0 {
            return Some(count);
        }
        count += octets.iter().fold(0, |sum, octet| sum + u64::from(*octet == b'\n'));
        file.consume(length);
    }
}

/// Lines on a terminal are progress enough.
fn is_watched() -> bool {
    io::stderr().is_terminal() && !io::stdout().is_terminal()
}

fn progress(total: Option<u64>) -> Option<Progress> {
    is_watched().then(|| match total {
        Some(total) => Progress::new(total, "names"),
        None => Progress::endless("asking"),
    })
}

fn create(path: &Path) -> Result<BufWriter<File>, Refusal> {
    let why = |why: io::Error| {
        let why = wireline_engine::errno_text(&why);
        Refusal::new(exit::BATCH_FILE, format!("{}: {why}", path.display()))
    };
    File::create(path).map(BufWriter::new).map_err(why)
}

/// Standard output that is written to when the events of a moment are told, and not after each.
pub(crate) struct Page<W: Write>(Rc<RefCell<BufWriter<W>>>);

impl<W: Write> Write for Page<W> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
