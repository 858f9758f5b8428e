//! Lines become questions; what cannot be asked among many is set aside until its turn.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::os::fd::{AsFd as _, OwnedFd};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use wireline_dns::batch::{Asked, Manner, Next, Over, Question, Source, WireName};
use wireline_dns::lookup::{Mode, Server};
use wireline_dns::{Cookie, Name, RecordType, Transport, encode};

use crate::batch_file::{self, BadLine, Line};
use crate::config::System;
use crate::layout::Layout;
use crate::options::{Globals, Options, Query, Said};

/// Bits of a tag that say how the question is asked.
const WAY_BITS: u32 = 10;

/// What whoever asks and whoever prints both need.
#[derive(Default)]
pub(super) struct Shared {
    pub(super) ways: Vec<Rc<Way>>,
    pub(super) asides: HashMap<u64, Aside>,
    /// What is printed before an answer, by its question's tag.
    pub(super) greetings: HashMap<u64, String>,
    /// Whether there is no next line yet.
    pub(super) awaits: bool,
}

impl Shared {
    pub(super) fn way(&self, tag: u64) -> Option<Rc<Way>> {
        let way = usize::try_from(tag & ((1 << WAY_BITS) - 1)).ok()?;
        self.ways.get(way).map(Rc::clone)
    }
}

/// How some of the questions are asked and their answers shown.
pub(super) struct Way {
    options: Arc<Options>,
    manner: Rc<Manner>,
    pub(super) servers: Vec<Server>,
    /// What a stream is here.
    pub(super) stream: Transport,
    pub(super) layout: Layout,
    /// What the COOKIE of an answer begins with.
    pub(super) cookie: Option<[u8; 8]>,
    /// BADVERS and BADCOOKIE are no answers but reasons to ask otherwise.
    pub(super) negotiates: bool,
}

impl Way {
    /// A question of its own, as it was.
    pub(super) fn query(&self, name: String) -> Query {
        Query { name, greeting: None, options: Arc::clone(&self.options) }
    }
}

/// What is not asked among the others.
pub(super) enum Aside {
    Bad(BadLine),
    Said(Said),
    Alone(Box<Query>),
}

/// Queries of the command line, and then the lines of a file.
pub(super) struct Lines {
    queries: VecDeque<Query>,
    file: Option<(batch_file::Batch<Input>, Rc<Pending>)>,
}

impl Lines {
    pub(super) fn of(
        queries: Vec<Query>,
        file: Option<(batch_file::Batch<Input>, Rc<Pending>)>,
    ) -> Self {
        Self { queries: queries.into(), file }
    }

    /// What to poll for the next line, if that may take its time.
    pub(super) fn stdin(&self) -> Option<Rc<OwnedFd>> {
        self.file.as_ref()?.1.fd()
    }
}

/// What comes next from lines.
enum Item {
    Query(Query),
    Aside(Aside),
}

/// Questions as the engine takes them.
pub(super) struct Questions<'a> {
    lines: Lines,
    waiting: VecDeque<Item>,
    system: &'a System,
    globals: &'a Globals,
    has_key: bool,
    /// Whose TLS is that of all streams; `None` where they have none.
    secure: Option<Arc<Options>>,
    shared: Rc<RefCell<Shared>>,
    servers: Vec<std::net::SocketAddr>,
    count: u64,
    last: Option<(Arc<Options>, usize)>,
}

impl<'a> Questions<'a> {
    pub(super) fn new(
        lines: Lines,
        system: &'a System,
        globals: &'a Globals,
        has_key: bool,
        secure: Option<Arc<Options>>,
        shared: Rc<RefCell<Shared>>,
    ) -> Self {
        let (waiting, servers, last) = (VecDeque::new(), Vec::new(), None);
        Self { lines, waiting, system, globals, has_key, secure, shared, servers, count: 0, last }
    }

    /// Whether what carries these questions is what carries all of the batch.
    fn is_carried(&self, transport: Transport, options: &Options) -> bool {
        match &self.secure {
            Some(secure) => {
                let is_same = secure.tls == options.tls && secure.carrier == options.carrier;
                transport == Transport::Tls && is_same
            }
            None => matches!(transport, Transport::Udp | Transport::Tcp),
        }
    }

    fn next_item(&mut self) -> Result<Option<Item>, NotYet> {
        if let Some(query) = self.lines.queries.pop_front() {
            return Ok(Some(Item::Query(query)));
        }
        if let Some(item) = self.waiting.pop_front() {
            return Ok(Some(item));
        }
        let Some((file, pending)) = &mut self.lines.file else { return Ok(None) };
        let awaits = pending.awaits();
        self.shared.borrow_mut().awaits = awaits;
        if awaits {
            return Err(NotYet);
        }
        match file.next() {
            None => return Ok(None),
            Some(Err(bad)) => return Ok(Some(Item::Aside(Aside::Bad(bad)))),
            Some(Ok(Line { queries, said, .. })) => {
                if said != Said::default() {
                    self.waiting.push_back(Item::Aside(Aside::Said(said)));
                }
                self.waiting.extend(queries.into_iter().map(Item::Query));
            }
        }
        self.next_item()
    }

    fn question(&mut self, query: Query) -> Next {
        let Some(way) = self.way(&query) else { return self.aside(Aside::Alone(Box::new(query))) };
        let name = match WireName::parse(query.name.as_bytes()) {
            Ok(name) => name,
            Err(why) => {
                let why = format!("'{}' is not a legal name ({why})", query.name);
                return self.aside(Aside::Bad(BadLine { number: 0, why }));
            }
        };
        let tag = self.tag(way);
        let mut shared = self.shared.borrow_mut();
        let Some(known) = shared.ways.get(way).map(Rc::clone) else { return Next::End };
        if let Some(mut greeting) = query.greeting {
            // The first of the run says more, and who is left out for the file's sake was not it.
            greeting.is_first |= tag >> WAY_BITS == 1;
            let is_named = !known.options.servers.is_empty();
            let servers = if is_named { known.servers.len() } else { 0 };
            shared.greetings.insert(tag, greeting.text(crate::VERSION, servers));
        }
        let (kind, class) = (known.options.kind, known.options.class);
        Next::Question(Question { tag, name, kind, class, manner: Rc::clone(&known.manner) })
    }

    fn aside(&mut self, aside: Aside) -> Next {
        let tag = self.tag(0);
        self.shared.borrow_mut().asides.insert(tag, aside);
        Next::Aside(tag)
    }

    fn tag(&mut self, way: usize) -> u64 {
        self.count += 1;
        self.count << WAY_BITS | way as u64
    }

    /// The way of a query that may be asked among others.
    fn way(&mut self, query: &Query) -> Option<usize> {
        if !query.name.is_ascii() {
            return None;
        }
        if let Some((options, way)) = &self.last
            && Arc::ptr_eq(options, &query.options)
        {
            return Some(*way);
        }
        let found = self.shared.borrow().ways.iter().position(|way| *way.options == *query.options);
        let way = match found {
            Some(way) => way,
            None => self.new_way(query)?,
        };
        self.last = Some((Arc::clone(&query.options), way));
        Some(way)
    }

    fn new_way(&mut self, query: &Query) -> Option<usize> {
        let options = &query.options;
        let servers = self.system.servers(options).ok()?;
        let config = self.system.config(query, servers, None);
        let form = &config.form;
        let padding = form.edns.as_ref().map_or(0, |edns| edns.padding);
        let is_transfer = matches!(form.kind, RecordType::AXFR | RecordType::IXFR);
        let is_plain = !self.has_key
            && config.mode == Mode::Plain
            && self.is_carried(config.transport, options)
            && config.search.is_none()
            && !config.shows_queries
            && options.validate.is_none()
            && options.carrier.proxy.is_none()
            && !is_transfer
            && !form.header_only
            && form.id.is_none()
            && padding == 0;
        if !is_plain || self.shared.borrow().ways.len() >= 1 << WAY_BITS {
            return None;
        }
        let seed = wireline_net::seed().to_be_bytes();
        let message = encode(form, &Name::root(), 0, &seed, 0);
        let asked = self.asked(&config.servers)?;
        let mut manner = Manner::of_query(&message, asked)?;
        let is_udp = config.transport == Transport::Udp;
        manner.over = if is_udp { Over::Datagrams } else { Over::Stream };
        manner.timeout = config.timeout.unwrap_or(Duration::from_secs(if is_udp { 5 } else { 10 }));
        manner.tries = options.asking.tries;
        manner.ignores_truncation = config.ignores_truncation;
        manner.passes_servfail = !config.stops_at_servfail;
        manner.mixes_case = config.mixes_case;
        let cookie = form.edns.as_ref().and_then(|edns| match &edns.cookie {
            Cookie::None => None,
            Cookie::Drawn => Some(seed),
            Cookie::Chosen(chosen) => chosen.get(..8)?.try_into().ok(),
        });
        let options_of = Arc::clone(options);
        let unnamed = Query { name: String::new(), greeting: None, options: options_of };
        let way = Way {
            options: Arc::clone(options),
            manner: Rc::new(manner),
            servers: config.servers,
            stream: if self.secure.is_some() { Transport::Tls } else { Transport::Tcp },
            layout: Layout::new(&unnamed, self.globals),
            cookie,
            negotiates: config.negotiates_edns || config.retries_bad_cookie,
        };
        let mut shared = self.shared.borrow_mut();
        shared.ways.push(Rc::new(way));
        Some(shared.ways.len() - 1)
    }

    /// Numbers for servers; none where there are too many.
    fn asked(&mut self, servers: &[Server]) -> Option<Vec<Asked>> {
        let number = |server: &Server| {
            let address = server.address;
            let known = self.servers.iter().position(|known| *known == address);
            let number = known.unwrap_or_else(|| {
                self.servers.push(address);
                self.servers.len() - 1
            });
            let server = u8::try_from(number).ok().filter(|_| number < Asked::MOST)?;
            Some(Asked { server, address })
        };
        servers.iter().map(number).collect()
    }
}

/// There is no next line yet.
struct NotYet;

impl Source for Questions<'_> {
    fn next(&mut self) -> Next {
        match self.next_item() {
            Err(NotYet) => Next::Pending,
            Ok(None) => Next::End,
            Ok(Some(Item::Query(query))) => self.question(query),
            Ok(Some(Item::Aside(aside))) => self.aside(aside),
        }
    }
}

/// A file, or what somebody writes while it is read.
pub(super) struct Input {
    reader: BufReader<Box<dyn Read>>,
    pending: Rc<Pending>,
}

/// Whether reading would wait.
#[derive(Default)]
pub(super) struct Pending {
    fd: Option<Rc<OwnedFd>>,
    has_octets: Cell<bool>,
}

impl Pending {
    /// Whether reading would wait.
    fn awaits(&self) -> bool {
        let Some(fd) = self.fd.as_ref().filter(|_| !self.has_octets.get()) else { return false };
        let at_once = Timespec { tv_sec: 0, tv_nsec: 0 };
        let mut fds = [PollFd::new(fd, PollFlags::IN)];
        !poll(&mut fds, Some(&at_once)).is_ok_and(|ready| ready > 0)
    }

    /// What to poll.
    pub(super) fn fd(&self) -> Option<Rc<OwnedFd>> {
        self.fd.clone()
    }
}

impl Input {
    pub(super) fn file(file: File) -> Self {
        Self { reader: BufReader::with_capacity(1 << 16, Box::new(file)), pending: Rc::default() }
    }

    pub(super) fn stdin() -> io::Result<Self> {
        let stdin = io::stdin();
        let fd = Rc::new(stdin.as_fd().try_clone_to_owned()?);
        let file: File = stdin.as_fd().try_clone_to_owned()?.into();
        let pending = Rc::new(Pending { fd: Some(fd), has_octets: Cell::new(false) });
        Ok(Self { reader: BufReader::with_capacity(1 << 16, Box::new(file)), pending })
    }

    pub(super) fn pending(&self) -> Rc<Pending> {
        Rc::clone(&self.pending)
    }
}

impl Read for Input {
    fn read(&mut self, octets: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(octets);
        self.pending.has_octets.set(!self.reader.buffer().is_empty());
        read
    }
}

impl BufRead for Input {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.reader.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.reader.consume(amount);
        self.pending.has_octets.set(!self.reader.buffer().is_empty());
    }
}
