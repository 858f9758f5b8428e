//! Queries one after the other: each is a lookup, whose steps are carried out and whose events are shown.

use std::io::{self, Write};
use std::net::IpAddr;
use std::ops::ControlFlow;

use wireline_cli::{Exit, Refusal};
use wireline_dns::lookup::{
    Ask, Clocks, Ending, Event, Failure, Heard, Lookup, Notice, Server, Step,
};
use wireline_dns::tsig::Key;
use wireline_dns::{Header, Transport, idn};
use wireline_engine::Instant;
use wireline_net::Clock;

use crate::carriers::Carriers;
use crate::config::System;
use crate::layout::Layout;
use crate::options::{CommandLine, Globals, Options, Query};
use crate::printer::Printer;
use crate::{debug, exit};

/// What a run of queries has.
pub(crate) struct Run<'a, W: Write> {
    system: &'a System,
    globals: &'a Globals,
    key: Option<Key>,
    carriers: Carriers,
    shown: Show<W>,
    /// The exit code so far, as dig counts it.
    exit: Exit,
}

impl<'a, W: Write> Run<'a, W> {
    /// Begins; `to` need have no buffer.
    pub(crate) fn new(system: &'a System, globals: &'a Globals, key: Option<Key>, to: W) -> Self {
        Self {
            system,
            globals,
            key,
            carriers: Carriers::new(globals.source),
            shown: Show {
                printer: Printer::new(to),
                debug: globals.debug,
                gravest: exit::ANSWERED,
                closed: None,
            },
            exit: exit::ANSWERED,
        }
    }

    /// Asks all queries of a command line, in their order.
    fn all(&mut self, line: &CommandLine) -> anyhow::Result<Exit> {
        // dig finds the servers of all queries before it asks the first.
        line.queries.iter().try_for_each(crate::validate::check)?;
        let servers = line.queries.iter().map(|query| self.system.servers(&query.options));
        let servers = servers.collect::<Result<Vec<_>, _>>()?;
        for (query, servers) in line.queries.iter().zip(servers) {
            self.query_and_validate(query, servers)?;
        }
        Ok(self.exit)
    }

    /// Asks one that stands by itself.
    pub(crate) fn alone(&mut self, query: &Query) -> anyhow::Result<()> {
        crate::validate::check(query)?;
        let servers = self.system.servers(&query.options)?;
        self.query_and_validate(query, servers)
    }

    fn query_and_validate(&mut self, query: &Query, servers: Vec<Server>) -> anyhow::Result<()> {
        let validated = query.options.validate.is_some().then(|| servers.clone());
        self.query(query, servers)?;
        validated.map_or(Ok(()), |servers| self.validate(query, servers))
    }

    /// Lets others ask about something, and tell what comes of it.
    fn beside(
        &mut self,
        ask: impl FnOnce(&mut dyn FnMut(&str) -> io::Result<()>) -> anyhow::Result<Exit>,
    ) -> anyhow::Result<Exit> {
        let printer = &mut self.shown.printer;
        printer.start(Clock.wall(), self.globals.json)?;
        let exit = ask(&mut |text| printer.beside(text))?;
        printer.count(exit != exit::NO_REPLY);
        Ok(exit)
    }

    /// What writes.
    pub(crate) const fn printer(&mut self) -> &mut Printer<W> {
        &mut self.shown.printer
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
    fn query(&mut self, query: &Query, servers: Vec<Server>) -> anyhow::Result<()> {
        let greeting = query.greeting.as_ref().map(|greeting| {
            let found = greeting.server.as_ref();
            let found = found.map_or(0, |word| self.system.addresses(word).map_or(0, |a| a.len()));
            greeting.text(crate::VERSION, found)
        });
        let layout = Layout::new(query, self.globals);
        self.shown.printer.begin(Clock.wall(), layout, greeting.as_deref())?;
        check_idn(query)?;
        let config = self.system.config(query, servers, self.key.clone());
        let clocks = Clocks { now: Clock.now(), wall: Clock.wall() };
        let mut lookup = Lookup::new(config, wireline_net::seed(), clocks);
        let ending = self.steps(query, &mut lookup)?;
        if lookup.was_ready() && !self.globals.exit_code {
            // As dig does: what could be sent makes good what could not.
            self.exit = exit::ANSWERED;
        }
        let is_broken = ending == Ending::Broken;
        match ending {
            Ending::Fatal { why, code } => {
                let code =
                    if self.exit == exit::NO_REPLY && code < 9 { self.exit } else { Exit(code) };
                return Err(Refusal::new(code, why).into());
            }
            ending => self.exit = exit::graver(self.exit, exit::of_ending(&ending)),
        }
        if self.globals.exit_code {
            self.exit = exit::graver(self.exit, self.shown.gravest);
            if is_broken && self.shown.gravest == exit::ANSWERED {
                // What came was no answer, and nothing else has said so.
                self.exit = exit::NO_REPLY;
            }
        }
        Ok(())
    }

    fn validate(&mut self, query: &Query, servers: Vec<Server>) -> anyhow::Result<()> {
        let Self { system, globals, carriers, shown, .. } = self;
        let layout = Layout::new(query, globals);
        let mut write = |text: &str| shown.printer.beside(text);
        let verdict = crate::validate::run(system, query, servers, carriers, &layout, &mut write)?;
        if self.globals.exit_code {
            self.exit = exit::graver(self.exit, verdict);
        }
        Ok(())
    }

    fn steps(&mut self, query: &Query, lookup: &mut Lookup) -> anyhow::Result<Ending> {
        loop {
            match lookup.poll() {
                Step::Tell(event) => self.shown.event(&event),
                Step::Ask(ask) => self.ask(query, lookup, &ask, Lookup::handle),
                Step::AskAll(asks) => self.ask_all(query, lookup, &asks),
                Step::Resolve(name) => lookup.handle_addresses(self.resolve(&name.to_string())),
                Step::Done(ending) => return Ok(ending),
            }
            if let Some(why) = self.shown.closed.take() {
                return Err(why.into());
            }
        }
    }

    fn resolve(&self, name: &str) -> Result<Vec<IpAddr>, String> {
        let name = if name == "." { name } else { name.trim_end_matches('.') };
        let addresses = self.system.addresses(name).map_err(str::to_owned)?;
        Ok(addresses.into_iter().map(|address| address.ip()).collect())
    }

    fn ask(
        &mut self,
        query: &Query,
        lookup: &mut Lookup,
        ask: &Ask,
        handle: impl Fn(&mut Lookup, Heard<'_>, Instant) -> ControlFlow<()>,
    ) {
        let opened = self.open(query, ask);
        let Self { carriers, shown, .. } = self;
        let mut heard = |heard: Heard<'_>| {
            let flow = handle(lookup, heard, Clock.now());
            shown.pass_on(lookup).map_or(flow, ControlFlow::Break)
        };
        match opened {
            Ok(()) => carriers.carry(ask, &mut heard),
            // The last that is heard of it, whatever is said to that.
            Err(why) => drop(heard(Heard::Unconnected(why))),
        }
    }

    /// Connects, where that is more than a matter of the kernel's.
    fn open(&mut self, query: &Query, ask: &Ask) -> Result<(), Failure> {
        if self.globals.debug {
            debug::say(&debug::of_ask(ask));
        }
        if let Some(session) = self.carriers.open(query, ask)? {
            self.shown.closed = self.shown.printer.session(Clock.wall(), session).err();
        }
        Ok(())
    }

    fn ask_all(&mut self, query: &Query, lookup: &mut Lookup, asks: &[Ask]) {
        if asks.iter().all(|ask| ask.transport == Transport::Udp) {
            let Self { carriers, shown, .. } = self;
            carriers.carry_all(query, asks, &mut |at, heard| {
                let flow = lookup.handle_of(at, heard, Clock.now());
                shown.pass_on(lookup).map_or(flow, ControlFlow::Break)
            });
        } else {
            for (at, ask) in asks.iter().enumerate() {
                self.ask(query, lookup, ask, |lookup, heard, now| lookup.handle_of(at, heard, now));
            }
        }
        lookup.handle_end();
    }
}

/// What is shown, and what of it counts for `--exit-code`.
struct Show<W> {
    printer: Printer<W>,
    /// `-d`.
    debug: bool,
    /// The gravest of what the answers said.
    gravest: Exit,
    /// Why no more is written, once that is so.
    closed: Option<io::Error>,
}

impl<W: Write> Show<W> {
    fn event(&mut self, event: &Event) {
        if self.debug
            && let Some(line) = debug::of_event(event)
        {
            debug::say(&line);
        }
        let said = match event {
            Event::Answer(answer) if !answer.is_interim => rcode_of(&answer.message.octets),
            Event::Notice(Notice::BadCertificate { .. }) => exit::NO_REPLY,
            Event::Notice(
                Notice::NoTransfersHere { .. }
                | Notice::TransferFailed
                | Notice::TransferWithoutSoa,
            ) => exit::REFUSED,
            Event::Notice(Notice::BadSignature { .. } | Notice::BadPacket { .. }) => {
                exit::OTHER_RCODE
            }
            _ => exit::ANSWERED,
        };
        self.gravest = exit::graver(self.gravest, said);
        self.closed = self.printer.event(Clock.wall(), event).err();
    }

    /// Shows what has happened while a query is still under way; something where nobody reads it any more.
    fn pass_on(&mut self, lookup: &mut Lookup) -> Option<()> {
        while let Some(event) = lookup.poll_event() {
            self.event(&event);
            if self.closed.is_some() {
                return Some(());
            }
        }
        None
    }
}

fn rcode_of(message: &[u8]) -> Exit {
    Header::parse(message).map_or(exit::OTHER_RCODE, |header| exit::of_rcode(header.rcode()))
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
    let looks_around = looks_around(line)?;
    if !looks_around && crate::batch::is_wanted(line) {
        return crate::batch::run(line, &system, key);
    }
    let mut run = Run::new(&system, globals, key, io::stdout().lock());
    let exit = match line.queries.first() {
        Some(query) if globals.compare || globals.watch.is_some() => {
            let candidates = crate::compare::candidates(&system, &line.queries)?;
            run.beside(|write| crate::compare::watch::run(globals, query, &candidates, write))?
        }
        Some(_) if globals.explain => {
            line.queries.iter().try_fold(exit::ANSWERED, |graver, query| {
                let exit =
                    run.beside(|write| crate::explain::run(&system, globals, query, write))?;
                anyhow::Ok(exit::graver(graver, exit))
            })?
        }
        _ => run.all(line)?,
    };
    run.shown.printer.finish(Clock.wall())?;
    Ok(exit)
}

/// Whether the name can be sent and shown as it was asked for. Names of replies are nobody's fault here: what
/// cannot be shown in another script is shown as it came.
fn check_idn(query: &Query) -> Result<(), Refusal> {
    let Query { name, options, .. } = query;
    let why = match (idn::to_ascii(name), idn::check(name)) {
        (Err(why), _) if options.idn_in => {
            format!("'{name}' is not a legal IDNA2008 name ({why}), use +noidnin")
        }
        (_, Err(why)) if options.idn_out => {
            format!("Bad ACE string '{name}' ({why}), use +noidnout")
        }
        _ => return Ok(()),
    };
    Err(Refusal::new(exit::USAGE, why))
}

/// Whether something else is done than to ask and to show the answers. What such a look would not heed is
/// refused.
fn looks_around(line: &CommandLine) -> Result<bool, Refusal> {
    let globals = &line.globals;
    let compares = globals.compare || globals.watch.is_some();
    let goes_on =
        |options: &Options| options.trace || options.nssearch || options.validate.is_some();
    let why = match (compares, globals.explain) {
        (false, false) => return Ok(false),
        (true, true) => "--explain goes with neither --compare nor --watch",
        _ if globals.batch.is_some() => "--compare, --watch and --explain take no -f",
        _ if globals.key.is_some() => "--compare, --watch and --explain take neither -k nor -y",
        _ if line.queries.iter().any(|query| goes_on(&query.options)) => {
            "--compare, --watch and --explain take no +trace, +nssearch or +validate"
        }
        _ => return Ok(true),
    };
    Err(Refusal::new(exit::USAGE, why.to_owned()))
}

fn read_key(source: &crate::key::KeySource) -> Result<Key, Refusal> {
    let key = source.read().map_err(|stop| Refusal::new(stop.exit, stop.why))?;
    if let Some(file) = &key.of_pair {
        let file = wireline_cli::escape(&file.to_string_lossy()).into_owned();
        debug::say(&format!("dig: {file}: Use of K* file pairs for HMAC is deprecated"));
    }
    let name = wireline_dns::Name::parse(key.name.as_bytes(), &wireline_dns::Name::root());
    let name = name.map_err(|why| Refusal::new(exit::FATAL, format!("{}: {why}", key.name)))?;
    Ok(Key {
        name,
        algorithm: key.algorithm.hash,
        secret: key.secret,
        length: Some(usize::from(key.algorithm.bits.div_ceil(8))).filter(|octets| *octets > 0),
    })
}
