//! Queries one after the other: each is a lookup, whose steps are carried out and whose events are shown.

use std::io::{self, Write};
use std::net::IpAddr;
use std::ops::ControlFlow;

use wireline_cli::{Exit, Refusal};
use wireline_dns::lookup::{Ask, Carrier, Clocks, Ending, Event, Heard, Lookup, Server, Step};
use wireline_dns::tsig::{Algorithm, Key};
use wireline_net::Clock;

use crate::ask::Plain;
use crate::config::{System, is_plain};
use crate::exit;
use crate::key::Hash;
use crate::layout::Layout;
use crate::options::{CommandLine, Globals, Query};
use crate::printer::Printer;

/// What a run of queries has.
pub(crate) struct Run<'a, W: Write> {
    system: &'a System,
    globals: &'a Globals,
    key: Option<Key>,
    plain: Plain,
    printer: Printer<W>,
    /// The exit code so far, as dig counts it.
    exit: Exit,
    /// Why no more is written, once that is so.
    closed: Option<io::Error>,
}

impl<'a, W: Write> Run<'a, W> {
    /// Begins; `to` need have no buffer.
    pub(crate) fn new(system: &'a System, globals: &'a Globals, key: Option<Key>, to: W) -> Self {
        Self {
            system,
            globals,
            key,
            plain: Plain::new(globals.source),
            printer: Printer::new(to),
            exit: exit::ANSWERED,
            closed: None,
        }
    }

    /// Asks all queries of a command line, in their order.
    pub(crate) fn all(mut self, line: &CommandLine) -> anyhow::Result<Exit> {
        // dig finds the servers of all queries before it asks the first.
        let servers = line.queries.iter().map(|query| self.system.servers(&query.options));
        let servers = servers.collect::<Result<Vec<_>, _>>()?;
        for (query, servers) in line.queries.iter().zip(servers) {
            self.query(query, servers)?;
        }
        let finished = self.printer.finish(Clock.wall());
        finished?;
        Ok(self.exit)
    }

    /// Asks one that stands by itself.
    pub(crate) fn alone(&mut self, query: &Query) -> anyhow::Result<()> {
        self.query(query, self.system.servers(&query.options)?)
    }

    /// What writes.
    pub(crate) const fn printer(&mut self) -> &mut Printer<W> {
        &mut self.printer
    }

    /// What holds for all queries.
    pub(crate) const fn globals(&self) -> &'a Globals {
        self.globals
    }

    /// The exit code so far.
    pub(crate) const fn exit(&self) -> Exit {
        self.exit
    }

    /// Asks one.
    pub(crate) fn query(&mut self, query: &Query, servers: Vec<Server>) -> anyhow::Result<()> {
        let greeting = query.greeting.as_ref().map(|greeting| {
            let found = greeting.server.as_ref();
            let found = found.map_or(0, |word| self.system.addresses(word).map_or(0, |a| a.len()));
            greeting.text(crate::VERSION, found)
        });
        let layout = Layout::new(&query.options, self.globals);
        self.printer.begin(Clock.wall(), layout, greeting.as_deref())?;
        let config = self.system.config(query, servers, self.key.clone());
        let clocks = Clocks { now: Clock.now(), wall: Clock.wall() };
        let mut lookup = Lookup::new(config, wireline_net::seed(), clocks);
        let ending = self.steps(query, &mut lookup)?;
        if lookup.was_ready() {
            // As dig does: what could be sent makes good what could not.
            self.exit = exit::ANSWERED;
        }
        match ending {
            Ending::Fatal { why, code } => {
                let code =
                    if self.exit == exit::NO_REPLY && code < 9 { self.exit } else { Exit(code) };
                return Err(Refusal::new(code, why).into());
            }
            ending => self.exit = exit::graver(self.exit, exit::of_ending(&ending)),
        }
        Ok(())
    }

    fn steps(&mut self, query: &Query, lookup: &mut Lookup) -> anyhow::Result<Ending> {
        loop {
            match lookup.poll() {
                Step::Tell(event) => self.show(&event),
                Step::Ask(ask) => self.ask(query, lookup, &ask),
                Step::AskAll(asks) => self.ask_all(query, lookup, &asks),
                Step::Resolve(name) => lookup.handle_addresses(self.resolve(&name.to_string())),
                Step::Done(ending) => return Ok(ending),
            }
            if let Some(why) = self.closed.take() {
                return Err(why.into());
            }
        }
    }

    fn resolve(&self, name: &str) -> Result<Vec<IpAddr>, String> {
        let name = if name == "." { name } else { name.trim_end_matches('.') };
        let addresses = self.system.addresses(name).map_err(str::to_owned)?;
        Ok(addresses.into_iter().map(|address| address.ip()).collect())
    }

    fn ask(&mut self, _query: &Query, lookup: &mut Lookup, ask: &Ask) {
        let Self { plain, printer, closed, .. } = self;
        let mut heard = |heard: Heard<'_>| {
            let flow = lookup.handle(heard, Clock.now());
            pass_on(lookup, printer, closed).map_or(flow, ControlFlow::Break)
        };
        if is_plain(ask.transport) {
            plain.ask(ask, &mut heard);
        }
    }

    fn ask_all(&mut self, query: &Query, lookup: &mut Lookup, asks: &[Ask]) {
        let is_datagrams = asks.iter().all(|ask| ask.transport == wireline_dns::Transport::Udp);
        if is_datagrams {
            let Self { plain, printer, closed, .. } = self;
            plain.ask_all(asks, &mut |at, heard| {
                let flow = lookup.handle_of(at, heard, Clock.now());
                pass_on(lookup, printer, closed).map_or(flow, ControlFlow::Break)
            });
        } else {
            for (at, ask) in asks.iter().enumerate() {
                self.ask_of(query, lookup, at, ask);
            }
        }
        lookup.handle_end();
    }

    fn ask_of(&mut self, _query: &Query, lookup: &mut Lookup, at: usize, ask: &Ask) {
        let Self { plain, printer, closed, .. } = self;
        let mut heard = |heard: Heard<'_>| {
            let flow = lookup.handle_of(at, heard, Clock.now());
            pass_on(lookup, printer, closed).map_or(flow, ControlFlow::Break)
        };
        if is_plain(ask.transport) {
            plain.ask(ask, &mut heard);
        }
    }

    fn show(&mut self, event: &Event) {
        self.closed = self.printer.event(Clock.wall(), event).err();
    }
}

/// Shows what has happened while a query is still under way; something where nobody reads it any more.
fn pass_on<W: Write>(
    lookup: &mut Lookup,
    printer: &mut Printer<W>,
    closed: &mut Option<io::Error>,
) -> Option<()> {
    while let Some(event) = lookup.poll_event() {
        if let Err(why) = printer.event(Clock.wall(), &event) {
            *closed = Some(why);
            return Some(());
        }
    }
    None
}

/// Runs a command line that was read: settles what the system has to say, gives up privilege, and asks.
pub(crate) fn run(line: &CommandLine) -> anyhow::Result<Exit> {
    let globals = &line.globals;
    let system = System::read(globals)?;
    let key = globals.key.as_ref().map(read_key).transpose()?;
    // A low port can be had only with privilege, and each query has a socket of its own.
    let is_low = |port| (1..1024).contains(&port);
    if !globals.source.is_some_and(|source| is_low(source.port())) {
        wireline_net::drop_privileges()?;
    }
    if crate::batch::is_wanted(line) {
        return crate::batch::run(line, &system, key);
    }
    Run::new(&system, globals, key, io::stdout().lock()).all(line)
}

fn read_key(source: &crate::key::KeySource) -> Result<Key, Refusal> {
    let key = source.read().map_err(|stop| Refusal::new(stop.exit, stop.why))?;
    let name = wireline_dns::Name::parse(key.name.as_bytes(), &wireline_dns::Name::root());
    let name = name.map_err(|why| Refusal::new(exit::FATAL, format!("{}: {why}", key.name)))?;
    Ok(Key {
        name,
        algorithm: match key.algorithm.hash {
            Hash::Md5 => Algorithm::Md5,
            Hash::Sha1 => Algorithm::Sha1,
            Hash::Sha224 => Algorithm::Sha224,
            Hash::Sha256 => Algorithm::Sha256,
            Hash::Sha384 => Algorithm::Sha384,
            Hash::Sha512 => Algorithm::Sha512,
        },
        secret: key.secret,
        length: Some(usize::from(key.algorithm.bits.div_ceil(8))).filter(|octets| *octets > 0),
    })
}
