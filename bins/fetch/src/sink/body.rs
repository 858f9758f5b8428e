//! Where a body goes.

use std::path::{Path, PathBuf};

use wireline_http::{Failure, Head, Kind, Url};

use super::shared::{Shared, said};
use super::unwritten;
use crate::file::{Place, Target, Writer};
use crate::names;
use crate::output::{Existing, OutputSpec, Resume, To};
use crate::terminal::{self, Escaper};

/// A body that is too short for that is not looked at for what makes it binary.
const LOOKED_AT: u64 = 2000;

/// A name where neither URL nor server has one, as curl 8.
const NAMELESS: &str = "curl_response";

/// Where a body goes, and how far it is.
pub(super) struct Body {
    to: Destination,
    /// Octets that were there before, as `-C` says.
    resume: u64,
    /// Octets that came.
    came: u64,
    /// Its head was there, and says that there is a body.
    is_due: bool,
    /// Nothing of it is kept: the file is whole already (416).
    is_passed_over: bool,
    /// Heads that came before the file had a name.
    held: Vec<u8>,
    /// The server says what the file is called.
    is_unnamed: bool,
    escaper: Escaper,
}

enum Destination {
    Nowhere,
    Stdout,
    /// Not open yet: nothing came.
    Waiting(Place),
    Open(File),
}

struct File {
    writer: Writer,
    path: PathBuf,
    /// Octets that were there before this transfer; `None`: it is no regular file.
    before: Option<u64>,
}

impl Body {
    pub(super) fn new(spec: &OutputSpec, url: &Url, shared: &Shared) -> Self {
        let to = match &spec.to {
            To::Nowhere | To::Report => Destination::Nowhere,
            To::Terminal | To::Stdout => Destination::Stdout,
            To::File(path) => Destination::Waiting(Place::new(spec, path, false)),
            To::RemoteName | To::RemoteHeaderName => {
                let name = names::of_url(url).unwrap_or_else(|| nameless(spec, shared));
                Destination::Waiting(Place::new(spec, Path::new(&name), false))
            }
        };
        let resume = match (spec.resume, &to) {
            (Some(Resume::At(at)), _) => at,
            (Some(Resume::FromFile), Destination::Waiting(place)) => place.length(),
            _ => 0,
        };
        let is_unnamed = spec.to == To::RemoteHeaderName;
        let (came, is_due, is_passed_over, held) = (0, false, false, Vec::new());
        Self {
            to,
            resume,
            came,
            is_due,
            is_passed_over,
            held,
            is_unnamed,
            escaper: Escaper::default(),
        }
    }

    pub(super) const fn resume_from(&self) -> u64 {
        self.resume
    }

    pub(super) fn is_skipped(&self, spec: &OutputSpec, shared: &Shared) -> bool {
        let Destination::Waiting(place) = &self.to else { return false };
        let is_skipped = spec.existing == Existing::Skip && place.path.exists();
        if is_skipped {
            let name = place.path.display();
            shared.note(spec, &format!("skips transfer, \"{name}\" exists locally"));
        }
        is_skipped
    }

    /// Whether a person sees it.
    pub(super) fn is_on_terminal(&self, shared: &Shared) -> bool {
        matches!(self.to, Destination::Stdout) && shared.stdout_is_terminal
    }

    /// The file, where there is one, or will be.
    pub(super) fn path(&self) -> Option<&Path> {
        match &self.to {
            Destination::Waiting(place) => Some(&place.path),
            Destination::Open(file) => Some(&file.path),
            Destination::Nowhere | Destination::Stdout => None,
        }
    }

    /// The head of what is delivered.
    pub(super) fn begin(
        &mut self,
        head: &Head,
        spec: &OutputSpec,
        shared: &Shared,
    ) -> Result<(), Failure> {
        // A condition that was not met leaves what is there (304).
        self.is_due = head.status != 304;
        if std::mem::take(&mut self.is_unnamed) {
            self.rename(head, spec)?;
        }
        match head.status {
            // RFC 9110 §15.5.17: of what is asked for on from the end there is nothing.
            416 if self.resume > 0 => self.is_passed_over = true,
            200 if self.resume > 0 => {
                let text = "HTTP server does not seem to support byte ranges. Cannot resume.";
                return Err(Failure::new(Kind::Range, text));
            }
            // A retry went on from there, and the server began at the beginning.
            200 if self.came > 0 => drop(self.restart_at(0)?),
            _ => {}
        }
        let early = std::mem::take(&mut self.held);
        if early.is_empty() { Ok(()) } else { self.write(&early, spec, shared) }
    }

    fn rename(&mut self, head: &Head, spec: &OutputSpec) -> Result<(), Failure> {
        let value = head.fields.get("content-disposition");
        match value.and_then(names::of_disposition) {
            None => Ok(()),
            Some(Ok(name)) => {
                self.to = Destination::Waiting(Place::new(spec, Path::new(&name), true));
                Ok(())
            }
            Some(Err(refused)) => {
                let (why, name) = (refused.why, refused.name);
                let text = format!("The server's name for the file is refused, as {why}: '{name}'");
                Err(Failure::new(Kind::Write, text))
            }
        }
    }

    /// A head, as a part of the output.
    pub(super) fn head(
        &mut self,
        raw: &[u8],
        spec: &OutputSpec,
        shared: &Shared,
    ) -> Result<(), Failure> {
        if self.is_unnamed {
            self.held.extend_from_slice(raw);
            return Ok(());
        }
        let is_above = spec.to == To::Report;
        if is_above && !shared.stdout_is_terminal {
            return shared.print(raw).map_err(|fault| unwritten(&fault));
        }
        if !(is_above || self.is_on_terminal(shared)) || spec.is_raw {
            return self.write(raw, spec, shared);
        }
        let is_styled =
            !spec.is_plain && std::env::var_os("NO_COLOR").is_none_or(|no| no.is_empty());
        let shown = if is_styled { terminal::styled(raw) } else { terminal::visible(raw) };
        shared.print(&shown).map_err(|fault| unwritten(&fault))
    }

    /// A part of it.
    pub(super) fn put(
        &mut self,
        octets: &[u8],
        spec: &OutputSpec,
        shared: &Shared,
    ) -> Result<(), Failure> {
        if self.is_passed_over {
            return Ok(());
        }
        if self.is_on_terminal(shared) && !spec.is_raw && spec.to == To::Terminal {
            return self.show(octets, spec, shared);
        }
        self.came = self.came.saturating_add(octets.len() as u64);
        self.write(octets, spec, shared)
    }

    fn show(&mut self, octets: &[u8], spec: &OutputSpec, shared: &Shared) -> Result<(), Failure> {
        if self.came < LOOKED_AT && terminal::is_binary(octets) {
            shared.warn(
                spec,
                "Binary output can mess up your terminal. Use \"--output -\" to tell fetch to output it \
                to your terminal anyway, or consider \"--output <FILE>\" to save to a file.",
            );
            let text = format!("client returned ERROR on write of {} bytes", octets.len());
            return Err(Failure::new(Kind::Write, text));
        }
        self.came = self.came.saturating_add(octets.len() as u64);
        let mut shown = Vec::with_capacity(octets.len());
        self.escaper.feed(octets, &mut shown);
        shared.print(&shown).map_err(|fault| unwritten(&fault))
    }

    fn write(&mut self, octets: &[u8], spec: &OutputSpec, shared: &Shared) -> Result<(), Failure> {
        if let Destination::Waiting(place) = &self.to {
            self.to = Destination::Open(open(place, self.resume > 0, spec)?);
        }
        let written = match &mut self.to {
            Destination::Open(file) => file.writer.put(octets),
            Destination::Stdout => shared.print(octets),
            Destination::Nowhere | Destination::Waiting(_) => Ok(()),
        };
        written.map_err(|fault| unwritten(&fault))
    }

    /// What is held goes out.
    pub(super) fn flush(&mut self, shared: &Shared) -> Result<(), Failure> {
        let flushed = match &mut self.to {
            Destination::Open(file) => file.writer.flush(),
            Destination::Stdout => shared.stdout.borrow_mut().flush(),
            Destination::Nowhere | Destination::Waiting(_) => Ok(()),
        };
        flushed.map_err(|fault| unwritten(&fault))
    }

    /// All begins again: what came is taken back, where that can be. With `-C -` it stays.
    pub(super) fn restart(&mut self, spec: &OutputSpec, shared: &Shared) -> Result<u64, Failure> {
        self.flush(shared)?;
        self.is_passed_over = false;
        self.escaper = Escaper::default();
        let resumes = spec.resume == Some(Resume::FromFile) || spec.resumes_retries;
        let keeps = resumes && !spec.includes_heads;
        match &self.to {
            Destination::Open(File { before: Some(before), .. }) if keeps => {
                Ok(before.saturating_add(self.came))
            }
            _ => self.restart_at(self.resume),
        }
    }

    fn restart_at(&mut self, resume: u64) -> Result<u64, Failure> {
        self.came = 0;
        if let Destination::Open(File { writer, before: Some(before), .. }) = &mut self.to
            && let Some(mut file) = writer.file()
        {
            let cut = file.set_len(*before).and_then(|()| {
                std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(*before)).map(drop)
            });
            cut.map_err(|why| {
                Failure::new(Kind::Write, format!("Failed to truncate file: {}", said(&why)))
            })?;
        }
        Ok(resume)
    }

    /// The end of a transfer that did not fail: what is held goes out; a file is there, even with nothing in it.
    pub(super) fn finish(&mut self, spec: &OutputSpec, shared: &Shared) -> Result<(), Failure> {
        let mut rest = Vec::new();
        self.escaper.finish(&mut rest);
        shared.print(&rest).map_err(|fault| unwritten(&fault))?;
        self.flush(shared)?;
        match &self.to {
            Destination::Waiting(place) if self.is_due && !self.is_passed_over => {
                self.to = Destination::Open(open(place, self.resume > 0, spec)?);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The file, where it is open, regular and this transfer's.
    pub(super) fn file(&self) -> Option<(&std::fs::File, &Path)> {
        match &self.to {
            Destination::Open(file) if file.before.is_some() => {
                Some((file.writer.file()?, &file.path))
            }
            _ => None,
        }
    }
}

fn open(place: &Place, is_resumed: bool, spec: &OutputSpec) -> Result<File, Failure> {
    let opened = place.open(spec, is_resumed).and_then(|(file, path)| {
        let found = file.metadata()?;
        Ok((file, path, found.is_file().then_some(found.len())))
    });
    let (file, path, before) = opened.map_err(|why| {
        let text = format!("Failed to open the file {}: {}", place.path.display(), said(&why));
        Failure::new(Kind::Write, text)
    })?;
    let mut writer = Writer::new(Target::File(file));
    writer.is_unbuffered = spec.is_unbuffered;
    Ok(File { writer, path, before })
}

fn nameless(spec: &OutputSpec, shared: &Shared) -> String {
    shared.warn(spec, &format!("No remote file name, uses \"{NAMELESS}\""));
    NAMELESS.to_owned()
}
