//! Answers of a batch are printed as those of single queries are; what has none is told and listed.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::ops::ControlFlow;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::rc::Rc;
use std::time::Duration;

use wireline_cli::{Exit, Progress, escape};
use wireline_dns::batch::{Answer, Event, Failed, Over, Summary, Why};
use wireline_dns::lookup::{self, Exchanged, Failure, Notice, Server};
use wireline_dns::{Edns, Message, Name, Rcode, RecordType, Transport};
use wireline_net::Clock;

use super::Page;
use super::source::{Aside, Shared, Way};
use super::summary;
use crate::exit;
use crate::run::Run;
use crate::shown::Shown;

/// Takes the events of a batch.
pub(super) struct Sink<'a, W: Write> {
    run: Run<'a, Page<W>>,
    shared: Rc<RefCell<Shared>>,
    page: Rc<RefCell<BufWriter<W>>>,
    /// What had no answer is written here.
    failed: Option<BufWriter<File>>,
    progress: Option<Progress>,
    done: u64,
    exit: Exit,
    summary: Option<Box<Summary>>,
    /// Why nothing more is told, once that is so.
    ended: Option<anyhow::Error>,
    /// Where lines come from, if that may have to be waited for.
    stdin: Option<Rc<OwnedFd>>,
}

impl<'a, W: Write> Sink<'a, W> {
    pub(super) fn new(
        run: Run<'a, Page<W>>,
        shared: Rc<RefCell<Shared>>,
        page: Rc<RefCell<BufWriter<W>>>,
        failed: Option<BufWriter<File>>,
        progress: Option<Progress>,
        stdin: Option<Rc<OwnedFd>>,
    ) -> Self {
        let (exit, summary, ended) = (exit::ANSWERED, None, None);
        Self { run, shared, page, failed, progress, done: 0, exit, summary, ended, stdin }
    }

    /// The summary, and the exit code.
    pub(super) fn finish(mut self, overflowed: u64) -> anyhow::Result<Exit> {
        drop(self.progress.take());
        if let Some(mut failed) = self.failed.take() {
            failed.flush()?;
        }
        if let Some(why) = self.ended.take() {
            return Err(why);
        }
        let summary = self.summary.take().unwrap_or_default();
        self.run.printer().finish_batch(Clock.wall(), &summary::of(&summary, overflowed))?;
        self.page.borrow_mut().flush()?;
        if io::stderr().is_terminal() && !self.run.globals().json {
            // Nobody is left to tell if that fails.
            let _ = io::stderr().lock().write_all(summary::text(&summary, overflowed).as_bytes());
        }
        Ok(exit::graver(self.exit, self.run.exit()))
    }

    fn tell(&mut self, event: Event) -> anyhow::Result<()> {
        match event {
            Event::Answer(answer) => self.answer(answer),
            Event::Failed(failed) => self.fail(&failed),
            Event::Aside(tag) => {
                let aside = self.shared.borrow_mut().asides.remove(&tag);
                aside.map_or(Ok(()), |aside| self.aside(aside))
            }
            Event::Summary(summary) => {
                self.summary = Some(summary);
                Ok(())
            }
        }
    }

    /// A question's turn has come; `name` is what it was about, where no answer says so.
    fn begin(&mut self, at: Duration, tag: u64, name: Option<&Name>) -> io::Result<Option<Rc<Way>>> {
        let (way, greeting) = {
            let mut shared = self.shared.borrow_mut();
            let Some(way) = shared.way(tag) else { return Ok(None) };
            let has_greetings = !shared.greetings.is_empty();
            (way, has_greetings.then(|| shared.greetings.remove(&tag)).flatten())
        };
        let mut layout = way.layout.clone();
        layout.name = name.map(ToString::to_string).unwrap_or_default();
        self.run.printer().begin(at, layout, greeting.as_deref())?;
        Ok(Some(way))
    }

    fn answer(&mut self, answer: Answer) -> anyhow::Result<()> {
        let at = Clock.wall();
        let Some(way) = self.begin(at, answer.tag, None)? else { return Ok(()) };
        let was_truncated = answer.was_truncated;
        let told = told(at, answer, &way);
        let Some(message) = Message::parse(&told.message.octets) else { return Ok(()) };
        let facts = Facts::of(&message, &way);
        if way.negotiates && facts.wants_negotiation {
            let name = message.questions.first().map(|question| question.name.to_string());
            return self.alone(&way.query(name.unwrap_or_default()));
        }
        if self.run.globals().exit_code {
            self.exit = exit::graver(self.exit, exit::of_rcode(facts.rcode));
        }
        let printer = self.run.printer();
        if was_truncated {
            printer.event(at, &lookup::Event::Notice(Notice::Truncated))?;
        }
        let received = printer.has_statistics().then(|| received(at, &told));
        if facts.cookie.is_none() && !facts.is_malformed {
            printer.answer(at, &Shown::parsed(message, &told))?;
        } else {
            let Facts { cookie, is_malformed, .. } = facts;
            if is_malformed {
                printer.event(at, &lookup::Event::Notice(Notice::Malformed))?;
            }
            let told = lookup::Answer { cookie, is_malformed, ..told };
            printer.event(at, &lookup::Event::Answer(Box::new(told)))?;
        }
        if let Some(received) = received {
            printer.event(at, &lookup::Event::Received(received))?;
        }
        Ok(())
    }

    fn fail(&mut self, failed: &Failed) -> anyhow::Result<()> {
        self.exit = exit::graver(self.exit, exit::NO_REPLY);
        if let Some(file) = &mut self.failed {
            writeln!(file, "{} {} {}", failed.name, failed.class, failed.kind)?;
        }
        let at = Clock.wall();
        let Some(way) = self.begin(at, failed.tag, Some(&failed.name))? else { return Ok(()) };
        let printer = self.run.printer();
        if let Some(address) = failed.server {
            let (server, why) = (named(&way, address), failure(&failed.why));
            let notice = Notice::CommunicationError { server, why };
            printer.event(at, &lookup::Event::Notice(notice))?;
        }
        printer.event(at, &lookup::Event::Notice(Notice::NoServers))?;
        Ok(())
    }

    fn aside(&mut self, aside: Aside) -> anyhow::Result<()> {
        match aside {
            Aside::Bad(bad) => {
                self.exit = exit::graver(self.exit, exit::FATAL);
                let place =
                    if bad.number > 0 { format!("line {}: ", bad.number) } else { String::new() };
                self.complain(&format!("{place}{}", bad.why));
                Ok(())
            }
            Aside::Said(said) => {
                self.page.borrow_mut().flush()?;
                crate::say(&said);
                Ok(())
            }
            Aside::Alone(query) => self.alone(&query),
        }
    }

    /// Asked by itself, while the others wait. What is wrong with it does not end the batch.
    fn alone(&mut self, query: &crate::options::Query) -> anyhow::Result<()> {
        match self.run.alone(query) {
            Ok(()) => Ok(()),
            Err(why) if why.downcast_ref::<wireline_cli::Refusal>().is_some() => {
                self.exit = exit::graver(self.exit, exit::FATAL);
                self.complain(&why.to_string());
                Ok(())
            }
            Err(why) => Err(why),
        }
    }

    fn complain(&mut self, why: &str) {
        let line = format!("dig: {}\n", escape(why));
        let write = || io::stderr().lock().write_all(line.as_bytes());
        // Nobody is left to tell if that fails.
        let _ = match &self.progress {
            Some(progress) => progress.around(write),
            None => write(),
        };
    }
}

impl<W: Write> wireline_net::Sink<Event> for Sink<'_, W> {
    fn event(&mut self, event: Event) -> ControlFlow<()> {
        self.done += 1;
        if self.ended.is_none() {
            self.ended = self.tell(event).err();
        } else if let Event::Failed(failed) = &event
            && let Some(file) = &mut self.failed
        {
            // Nothing is shown any more, but it can be asked again.
            let _ = writeln!(file, "{} {} {}", failed.name, failed.class, failed.kind);
        }
        if self.ended.is_none() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    fn settled(&mut self) -> ControlFlow<()> {
        if let Some(progress) = &self.progress {
            progress.set(self.done);
        }
        if self.ended.is_none() {
            self.ended = self.page.borrow_mut().flush().err().map(Into::into);
        }
        if self.ended.is_none() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    fn wakes(&self) -> Vec<BorrowedFd<'_>> {
        let is_awaited = self.shared.borrow().awaits;
        self.stdin.iter().filter(|_| is_awaited).map(|fd| fd.as_fd()).collect()
    }
}

/// What is to be known of an answer before it is shown.
struct Facts {
    rcode: Rcode,
    cookie: Option<bool>,
    is_malformed: bool,
    wants_negotiation: bool,
}

impl Facts {
    fn of(message: &Message<'_>, way: &Way) -> Self {
        const BADVERS: u16 = 16;
        const BADCOOKIE: u16 = 23;
        let rcode = message.rcode();
        Self {
            rcode,
            cookie: way.cookie.and_then(|ours| is_cookie_good(message, ours)),
            is_malformed: message
                .fault
                .is_some_and(|fault| fault.kind != wireline_dns::FaultKind::Trailing),
            wants_negotiation: matches!(rcode.0, BADVERS | BADCOOKIE),
        }
    }
}

/// Whether the COOKIE begins with ours; `None` where there is none (RFC 7873 §5.3).
fn is_cookie_good(message: &Message<'_>, ours: [u8; 8]) -> Option<bool> {
    let opt = message.records.iter().find(|record| record.kind == RecordType::OPT)?;
    let mut reader = opt.rdata.reader();
    while let (Ok(code), Ok(length)) = (reader.u16(), reader.u16()) {
        let data = reader.take(usize::from(length)).ok()?;
        if code == Edns::COOKIE {
            return Some(data.starts_with(&ours));
        }
    }
    None
}

/// What a lookup would have told.
fn told(at: Duration, answer: Answer, way: &Way) -> lookup::Answer {
    let transport = match answer.over {
        Over::Datagrams => Transport::Udp,
        Over::Stream => way.stream,
    };
    let message = Exchanged {
        octets: answer.octets,
        server: named(way, answer.server),
        local: None,
        transport,
        sent: at.saturating_sub(answer.took),
        received: Some(at),
    };
    lookup::Answer {
        message,
        took: answer.took,
        signature: None,
        transfer: None,
        cookie: None,
        is_malformed: false,
        is_interim: false,
    }
}

fn received(at: Duration, told: &lookup::Answer) -> lookup::Received {
    lookup::Received {
        server: told.message.server.clone(),
        transport: told.message.transport,
        took: told.took,
        at,
        octets: told.message.octets.len(),
        transfer: None,
        signature: None,
    }
}

fn named(way: &Way, address: std::net::SocketAddr) -> Server {
    let known = way.servers.iter().find(|server| server.address == address);
    known.cloned().unwrap_or_else(|| Server { address, name: address.ip().to_string() })
}

fn failure(why: &Why) -> Failure {
    match why {
        Why::TimedOut => Failure::TimedOut,
        Why::Refused => Failure::Refused,
        Why::Unsent(why) => Failure::Other(why.clone()),
        Why::Stopped => Failure::Other("stopped".to_owned()),
    }
}
