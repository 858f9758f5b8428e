//! What all transfers of a run share: streams, and what became of it.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use wireline_cli::Exit;
use wireline_engine::Instant;
use wireline_http::{Failure, Job, Kind};
use wireline_net::Clock;

use crate::file::{Target, Unwritten, Writer};
use crate::har::Har;
use crate::meter::Many;
use crate::output::{OutputSpec, Talk};
use crate::{complain, exit, terminal};

/// What is known of a run before it begins.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Run {
    /// Several transfers at a time (`-Z`).
    pub(crate) is_parallel: bool,
    /// The first failure ends it (`--fail-early`).
    pub(crate) fails_early: bool,
}

/// What all transfers of a run share: stdout, stderr (or what stands for it), the file of `--trace`, the one meter of
/// `-Z`, the exit code.
pub(crate) struct Shared {
    pub(super) run: Run,
    pub(super) clock: Clock,
    began: Instant,
    pub(super) stdout: RefCell<Writer>,
    pub(super) stdout_is_terminal: bool,
    /// `None`: it is stdout (`--stderr -`).
    stderr: Option<RefCell<Writer>>,
    pub(super) stderr_is_terminal: bool,
    /// Where `-v` and `--trace` write.
    trace: Trace,
    /// Files that several transfers write to, one behind the other (`-D`).
    files: RefCell<BTreeMap<PathBuf, Rc<RefCell<Writer>>>>,
    pub(super) many: RefCell<Many>,
    /// What a person sees of the transfer that runs.
    pub(super) bar: RefCell<Option<wireline_cli::Progress>>,
    /// Transfers that are over, for a file of all of the run.
    pub(super) har: RefCell<Har>,
    outcome: Cell<u8>,
    /// What follows from transfers that are over.
    follow_ups: RefCell<VecDeque<Job>>,
}

enum Trace {
    Stdout,
    Stderr,
    File(RefCell<Writer>),
}

impl Shared {
    /// Opens what `--stderr` and `--trace` name. Of several specs (`--next`) the first says where that is.
    pub(crate) fn open(spec: &OutputSpec, run: Run) -> Result<Rc<Self>, Failure> {
        let (stderr, complaint) = stderr(spec.stderr.as_deref());
        let stdout = Writer::new(Target::Stdout);
        let is_seen = stdout.is_terminal();
        let is_told = stderr.as_ref().map_or(is_seen, |own| own.borrow().is_terminal());
        let shared = Self::over(spec, run, (stdout, is_seen), (stderr, is_told))?;
        if let Some(text) = complaint {
            shared.warn(spec, &text);
        }
        Ok(shared)
    }

    /// Over these streams, of which a person may look at either.
    fn over(
        spec: &OutputSpec,
        run: Run,
        (mut stdout, stdout_is_terminal): (Writer, bool),
        (stderr, stderr_is_terminal): (Option<RefCell<Writer>>, bool),
    ) -> Result<Rc<Self>, Failure> {
        stdout.is_unbuffered = stdout_is_terminal || spec.is_unbuffered;
        let clock = Clock;
        Ok(Rc::new(Self {
            run,
            clock,
            began: clock.now(),
            stdout: RefCell::new(stdout),
            stdout_is_terminal,
            stderr,
            stderr_is_terminal,
            trace: trace(&spec.talk)?,
            files: RefCell::default(),
            many: RefCell::default(),
            bar: RefCell::default(),
            har: RefCell::default(),
            outcome: Cell::new(0),
            follow_ups: RefCell::default(),
        }))
    }

    /// Over files, for tests: as they are, or as if they were terminals.
    #[cfg(test)]
    pub(super) fn of_files(
        spec: &OutputSpec,
        stdout: std::fs::File,
        stderr: std::fs::File,
        is_terminal: bool,
    ) -> Rc<Self> {
        Self::of_run(spec, Run::default(), stdout, stderr, is_terminal)
    }

    /// As `of_files`, of this run.
    #[cfg(test)]
    pub(super) fn of_run(
        spec: &OutputSpec,
        run: Run,
        stdout: std::fs::File,
        stderr: std::fs::File,
        is_terminal: bool,
    ) -> Rc<Self> {
        let stdout = (Writer::new(Target::File(stdout)), is_terminal);
        let mut stderr = Writer::new(Target::File(stderr));
        stderr.is_unbuffered = true;
        Self::over(spec, run, stdout, (Some(RefCell::new(stderr)), is_terminal)).unwrap()
    }

    /// A failure before a transfer could begin: told as `spec` has it, and the exit code from now on.
    pub(crate) fn fail(&self, spec: &OutputSpec, failure: &Failure) {
        self.complain(spec, failure);
        self.ended_with(exit::of(failure.kind).0);
    }

    /// The line of a failure, which need not be the end: another try may follow.
    pub(crate) fn complain(&self, spec: &OutputSpec, failure: &Failure) {
        if !failure.text.is_empty() && (spec.shows_errors || !spec.is_silent) {
            let code = exit::of(failure.kind).0;
            self.say(complain::error(code, &failure.text).as_bytes());
        }
    }

    /// `Warning: text`, on stderr unless `-s`.
    pub(crate) fn warn(&self, spec: &OutputSpec, text: &str) {
        if !spec.is_silent {
            self.say(complain::wrapped("Warning: ", text, complain::columns()).as_bytes());
        }
    }

    /// `Note: text`, where everything is told.
    pub(crate) fn note(&self, spec: &OutputSpec, text: &str) {
        if spec.talk != Talk::Nothing {
            self.say(complain::wrapped("Note: ", text, complain::columns()).as_bytes());
        }
    }

    /// What is still held is written, the meter of `-Z` ends; how the run ended.
    pub(crate) fn finish(&self) -> Exit {
        self.bar.take();
        let last = self.many.borrow_mut().finish(self.running());
        self.say(last.as_bytes());
        let mut failed = self.stdout.borrow_mut().flush().is_err();
        if let Trace::File(file) = &self.trace {
            failed |= file.borrow_mut().flush().is_err();
        }
        for file in self.files.borrow().values() {
            failed |= file.borrow_mut().flush().is_err();
        }
        if let Err(failure) = self.har.borrow_mut().write() {
            self.say(complain::error(exit::of(failure.kind).0, &failure.text).as_bytes());
            failed = true;
        }
        let code = self.outcome.get();
        Exit(if failed && code == 0 { exit::of(Kind::Write).0 } else { code })
    }

    /// A transfer ended with this exit code: of many at a time a failure counts, of others the last one (curl(1),
    /// --fail-early).
    pub(crate) fn ended_with(&self, code: u8) {
        if code != 0 || !self.run.is_parallel {
            self.outcome.set(code);
        }
    }

    /// On stderr. Nothing is left to tell if that is closed.
    pub(super) fn say(&self, octets: &[u8]) {
        let write = || match &self.stderr {
            Some(stderr) => drop(stderr.borrow_mut().put(octets)),
            None => drop(self.print(octets)),
        };
        match &*self.bar.borrow() {
            Some(bar) => bar.around(write),
            None => write(),
        }
    }

    /// On stdout.
    pub(super) fn print(&self, octets: &[u8]) -> Result<(), Unwritten> {
        self.stdout.borrow_mut().put(octets)
    }

    /// A report, or more of one. Whoever does not read it does not miss it; a full disk is told by the flush at the end.
    pub(crate) fn report(&self, text: &str) {
        drop(self.print(text.as_bytes()));
    }

    /// What is to be done next.
    pub(crate) fn follow_up(&self, job: Job) {
        self.follow_ups.borrow_mut().push_back(job);
    }

    /// What follows from transfers that are over.
    pub(crate) fn next_follow_up(&self) -> Option<Job> {
        self.follow_ups.borrow_mut().pop_front()
    }

    /// A part of what `-v` and `--trace` tell.
    pub(super) fn trace(&self, octets: &[u8]) {
        match &self.trace {
            Trace::Stdout if self.stdout_is_terminal => {
                drop(self.print(&terminal::visible(octets)));
            }
            Trace::Stderr if self.stderr_is_terminal => self.say(&terminal::visible(octets)),
            Trace::Stdout => drop(self.print(octets)),
            Trace::Stderr => self.say(octets),
            Trace::File(file) => drop(file.borrow_mut().put(octets)),
        }
    }

    /// The file of `-D`: one for all transfers that name it.
    pub(super) fn dump_file(&self, path: &Path) -> io::Result<Rc<RefCell<Writer>>> {
        if let Some(open) = self.files.borrow().get(path) {
            return Ok(Rc::clone(open));
        }
        let file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
        let file = Rc::new(RefCell::new(Writer::new(Target::File(file))));
        self.files.borrow_mut().insert(path.to_owned(), Rc::clone(&file));
        Ok(file)
    }

    /// Since the run began.
    pub(super) fn running(&self) -> Duration {
        self.clock.now().since(self.began)
    }
}

/// What stands for stderr, and what is wrong with it.
fn stderr(path: Option<&Path>) -> (Option<RefCell<Writer>>, Option<String>) {
    let open = |target| {
        let mut writer = Writer::new(target);
        writer.is_unbuffered = true;
        Some(RefCell::new(writer))
    };
    let Some(path) = path else { return (open(Target::Stderr), None) };
    if path.as_os_str() == "-" {
        return (None, None);
    }
    match OpenOptions::new().write(true).create(true).truncate(true).open(path) {
        Ok(file) => (open(Target::File(file)), None),
        Err(_) => (open(Target::Stderr), Some(format!("Failed to open {}", path.display()))),
    }
}

fn trace(talk: &Talk) -> Result<Trace, Failure> {
    let (Talk::Trace(path) | Talk::TraceAscii(path)) = talk else { return Ok(Trace::Stderr) };
    match path.to_str() {
        Some("-") => return Ok(Trace::Stdout),
        Some("%") => return Ok(Trace::Stderr),
        _ => {}
    }
    let file = OpenOptions::new().write(true).create(true).truncate(true).open(path);
    let file = file.map_err(|why| {
        let text = format!("Failed to create/open output: {}: {}", path.display(), said(&why));
        Failure::new(Kind::Write, text)
    })?;
    Ok(Trace::File(RefCell::new(Writer::new(Target::File(file)))))
}

/// An error of the system's in C's words, without Rust's number behind it.
pub(super) fn said(why: &io::Error) -> String {
    let text = why.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}
