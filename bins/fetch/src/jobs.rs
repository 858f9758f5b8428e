//! What there is to do, one transfer after the other, each made when its turn comes: what the one before left behind
//! (a file, an `ETag`) is there for the next.

use std::collections::VecDeque;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use wireline_http::spec::{Body, FieldEdit, Upload};
use wireline_http::{Failure, Job, Kind, Spec, Url};

use crate::config::{Operation, Target};
use crate::glob::{Glob, Globbed};
use crate::output::{OutputSpec, To};
use crate::sink::{Origin, Shared, Sink};
use crate::surroundings::contents;

/// How often a person's download is tried again where nothing was said.
const TRIES_FOR_A_PERSON: u32 = 3;

/// All transfers of a run, in order.
pub(crate) struct Jobs {
    operations: VecDeque<Operation>,
    current: Option<Current>,
    shared: Rc<Shared>,
    /// Between the beginnings of two.
    between: Option<Duration>,
    /// When the last began, since the machine did.
    begun: Option<Duration>,
    /// URLs of the command line so far.
    urls: u64,
    /// Transfers so far.
    transfers: u64,
}

/// The operation whose turn it is.
struct Current {
    operation: Operation,
    spec: Arc<Spec>,
    output: Rc<OutputSpec>,
    targets: VecDeque<Target>,
    /// Of the target whose turn it is.
    rest: Option<Rest>,
}

/// What is left of a target.
struct Rest {
    target: Target,
    number: u64,
    urls: Expanded,
    upload: Option<String>,
    uploads: Box<dyn Iterator<Item = Globbed>>,
}

/// What a text with globs stands for.
type Expanded = Box<dyn Iterator<Item = Globbed>>;

/// A transfer that could be.
struct Candidate {
    globbed: Globbed,
    to: To,
    upload: Option<String>,
    number: u64,
}

impl Jobs {
    pub(crate) fn new(
        operations: Vec<Operation>,
        between: Option<Duration>,
        shared: Rc<Shared>,
    ) -> Self {
        let operations = operations.into();
        Self { operations, current: None, shared, between, begun: None, urls: 0, transfers: 0 }
    }

    /// The next transfer; a text that stands for none ends the run.
    fn candidate(&mut self) -> Option<Candidate> {
        loop {
            let Some(current) = &mut self.current else {
                self.current = Some(Current::begin(self.operations.pop_front()?, &self.shared));
                continue;
            };
            if let Some(rest) = &mut current.rest {
                if let Some(candidate) = rest.next(current.operation.is_glob_off) {
                    return Some(candidate);
                }
                current.rest = None;
            }
            let Some(target) = current.targets.pop_front() else {
                self.current = None;
                continue;
            };
            let number = self.urls;
            self.urls = self.urls.saturating_add(1);
            match Rest::of(target, number, current.operation.is_glob_off) {
                Ok(rest) => current.rest = Some(rest),
                Err(failure) => {
                    self.shared.fail(&current.output, &failure);
                    self.current = None;
                    self.operations.clear();
                    return None;
                }
            }
        }
    }

    /// Waits for its time, where there is one (`--rate`).
    fn wait(&mut self) {
        let Some(between) = self.between else { return };
        let now = || Duration::from_nanos(wireline_net::Clock.now().as_nanos());
        let until = self.begun.map_or(Duration::ZERO, |begun| begun.saturating_add(between));
        if let Ok(left) = rustix::event::Timespec::try_from(until.saturating_sub(now())) {
            let _ = rustix::event::poll(&mut [], Some(&left));
        }
        self.begun = Some(now());
    }
}

impl Iterator for Jobs {
    type Item = Job;

    fn next(&mut self) -> Option<Job> {
        if let Some(job) = self.shared.next_follow_up() {
            return Some(job);
        }
        loop {
            let candidate = self.candidate()?;
            let current = self.current.as_ref()?;
            let transfer = self.transfers;
            self.transfers = self.transfers.saturating_add(1);
            match current.job(candidate, transfer, &self.shared) {
                Ok(Some(job)) => {
                    self.wait();
                    return Some(job);
                }
                Ok(None) => {}
                Err(failure) => self.shared.fail(&current.output, &failure),
            }
        }
    }
}

impl Current {
    fn begin(mut operation: Operation, shared: &Shared) -> Self {
        let targets = std::mem::take(&mut operation.targets).into();
        let mut spec = std::mem::take(&mut operation.spec);
        let output = Rc::new(std::mem::take(&mut operation.output));
        if let Some(path) = &operation.state.etag {
            spec.request.fields.push(known_etag(path, shared, &output));
        }
        Self { operation, spec: Arc::new(spec), output, targets, rest: None }
    }

    /// `None` where nothing is to be fetched.
    fn job(
        &self,
        candidate: Candidate,
        transfer: u64,
        shared: &Rc<Shared>,
    ) -> Result<Option<Job>, Failure> {
        let Candidate { globbed, to, upload, number } = candidate;
        let url = self.url(&globbed.url, upload.as_deref())?;
        let mut output = self.output_for(to);
        let retries = self.retries_for_a_person(&output);
        if retries > 0 {
            Rc::make_mut(&mut output).resumes_retries = true;
        }
        let origin = Origin { text: globbed.url, url: url.clone(), number, transfer };
        let mut sink = Sink::new(Rc::clone(&output), origin, Rc::clone(shared))?;
        if sink.is_skipped() {
            return Ok(None);
        }
        let resume_from = sink.resume_from();
        let mut spec = Arc::clone(&self.spec);
        if let Some(file) = upload {
            Arc::make_mut(&mut spec).request.body = Body::Upload(Upload { path: file.into() });
        }
        if resume_from > 0 {
            Arc::make_mut(&mut spec).request.resume_from = resume_from;
        }
        if retries > 0 {
            Arc::make_mut(&mut spec).retry.count = retries;
        }
        sink.will_ask(&spec);
        Ok(Some(Job { url, spec, observer: Box::new(sink) }))
    }

    fn url(&self, text: &str, upload: Option<&str>) -> Result<Url, Failure> {
        let as_is = self.spec.redirects.path_as_is;
        let text = with_query(text, &self.operation.asked.query);
        let mut url = Url::parse(&text, self.operation.default_scheme.as_deref(), as_is)?;
        if self.operation.refuses_login_in_url && (url.user.is_some() || url.password.is_some()) {
            let text = "URL rejected: Credentials was passed in the URL when prohibited";
            return Err(Failure::new(Kind::Login, text));
        }
        if let Some(file) = upload.filter(|file| !matches!(*file, "-" | ".")) {
            add_name(&mut url, file);
        }
        Ok(url)
    }

    /// Many transfers share one, where nothing of it is theirs alone.
    fn output_for(&self, to: To) -> Rc<OutputSpec> {
        if to == self.output.to {
            return Rc::clone(&self.output);
        }
        Rc::new(OutputSpec { to, ..OutputSpec::clone(&self.output) })
    }

    /// Whoever sits before a terminal and types `fetch -O URL` wants the file: wget's habit. Scripts get curl's.
    fn retries_for_a_person(&self, output: &OutputSpec) -> u32 {
        let is_download = matches!(output.to, To::RemoteName | To::RemoteHeaderName);
        let is_plain = matches!(self.spec.request.body, Body::None);
        let said = self.operation.asked.retry_is_said || output.is_silent;
        if is_download && is_plain && !said && std::io::stderr().is_terminal() {
            TRIES_FOR_A_PERSON
        } else {
            0
        }
    }
}

impl Rest {
    fn of(target: Target, number: u64, is_glob_off: bool) -> Result<Self, Failure> {
        let upload = target.upload.clone().filter(|file| !file.is_empty());
        let mut uploads = match upload {
            Some(text) if !is_glob_off => expanded(&text, false)?,
            Some(text) => expanded(&text, true)?,
            None => Box::new(std::iter::empty()),
        };
        let upload = uploads.next().map(|one| one.url);
        let urls = expanded(target.url.as_deref().unwrap_or_default(), is_glob_off)?;
        Ok(Self { target, number, urls, upload, uploads })
    }

    /// Every URL with the first file, then every URL with the next.
    fn next(&mut self, is_glob_off: bool) -> Option<Candidate> {
        let globbed = if let Some(globbed) = self.urls.next() {
            globbed
        } else {
            self.upload = Some(self.uploads.next()?.url);
            let text = self.target.url.as_deref().unwrap_or_default();
            self.urls = expanded(text, is_glob_off).ok()?;
            self.urls.next()?
        };
        let to = match self.target.to.clone().unwrap_or_default() {
            To::File(path) => To::File(named(&globbed, path)),
            other => other,
        };
        Some(Candidate { globbed, to, upload: self.upload.clone(), number: self.number })
    }
}

/// What a text stands for, one after the other.
fn expanded(text: &str, is_glob_off: bool) -> Result<Expanded, Failure> {
    let glob = if is_glob_off {
        Glob::literal(text)
    } else {
        Glob::parse(text).map_err(|fault| Failure::new(Kind::MalformedUrl, fault.text))?
    };
    if glob.count() <= 1 {
        let one = glob.urls().next();
        return Ok(Box::new(one.into_iter()));
    }
    // Its URLs borrow from it, and are asked for until the run ends: it stays until then. Command lines are short.
    let glob: &'static Glob = Box::leak(Box::new(glob));
    Ok(Box::new(glob.urls()))
}

/// `#1` in a name is what stands for the first glob.
fn named(globbed: &Globbed, path: PathBuf) -> PathBuf {
    match path.to_str() {
        Some(template) if !globbed.parts.is_empty() => globbed.name(template).into(),
        _ => path,
    }
}

/// The one URL of an operation.
pub(crate) fn single(operation: &Operation, path_as_is: bool) -> Result<Url, Failure> {
    let text = operation.targets.first().and_then(|first| first.url.as_deref()).unwrap_or_default();
    let mut urls = expanded(text, operation.is_glob_off)?;
    let (Some(url), None) = (urls.next(), urls.next()) else {
        return Err(Failure::new(Kind::Setup, "--runs and --compare take a single URL"));
    };
    let text = with_query(&url.url, &operation.asked.query);
    Url::parse(&text, operation.default_scheme.as_deref(), path_as_is)
}

/// Waits.
pub(crate) fn pause(span: Duration) {
    if let Ok(span) = rustix::event::Timespec::try_from(span) {
        let _ = rustix::event::poll(&mut [], Some(&span));
    }
}

/// Behind what is there, and before a fragment.
fn with_query(text: &str, query: &[u8]) -> String {
    if query.is_empty() {
        return text.to_owned();
    }
    let (before, fragment) =
        text.split_at_checked(text.find('#').unwrap_or(text.len())).unwrap_or_default();
    let separator = match before.split_once('?') {
        None => "?",
        Some((_, already)) if already.is_empty() || already.ends_with('&') => "",
        Some(_) => "&",
    };
    let query = crate::grammar::Word::new(query).url();
    [before, separator, &query, fragment].concat()
}

/// A URL that ends in a slash gets the file's name (curl(1), `--upload-file`).
fn add_name(url: &mut Url, file: &str) {
    let Some(name) = Path::new(file).file_name() else { return };
    if url.query.is_some() || !(url.path.is_empty() || url.path.ends_with('/')) {
        return;
    }
    if url.path.is_empty() {
        url.path.push('/');
    }
    let name = crate::data::escaped_for_path(name.as_encoded_bytes());
    url.path.push_str(&name);
}

/// The `ETag` of an earlier response; one that fits nothing where there is none.
fn known_etag(path: &Path, shared: &Shared, output: &OutputSpec) -> FieldEdit {
    let known = contents(path).unwrap_or_else(|_| {
        shared
            .warn(output, &format!("Failed to open {}: No such file or directory", path.display()));
        Vec::new()
    });
    let breaks = |octet: &u8| matches!(octet, b'\r' | b'\n' | 0);
    let line: Vec<u8> = known.into_iter().filter(|octet| !breaks(octet)).collect();
    let value = if line.is_empty() { b"\"\"".to_vec() } else { line };
    FieldEdit::Set(b"If-None-Match".to_vec(), value)
}

#[cfg(test)]
mod tests;
