//! The walk over the words of one command line, of one line of a batch or of `~/.digrc`.
//!
//! What stands before the first name is for all names; what stands behind a name is for that one.

use std::borrow::Cow;
use std::sync::Arc;

use wireline_dns::{Class, RecordType};

use crate::greeting::Greeting;
use crate::number::decimal;
use crate::options::{Options, Query, Said};
use crate::state::State;
use crate::stop::Stop;

/// Octets of a name that dig keeps (`MXNAME` without the NUL).
const NAME: usize = 1023;

/// Whose words they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// The command line's.
    CommandLine,
    /// A line of `~/.digrc`: names in it are not heard.
    Config,
    /// A line of a batch.
    Batch,
}

/// A query as far as it is known.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    /// Its name; `None` until it comes.
    pub name: Option<String>,
    /// What is printed before it.
    pub greeting: Option<Greeting>,
    /// The rest.
    pub options: Options,
}

/// Reads words.
pub(crate) struct Reader<'a> {
    pub(crate) state: &'a mut State,
    pub(crate) said: &'a mut Said,
    pub(crate) source: Source,
    /// Queries so far; the last is the one that options are for, or the template if there is none.
    drafts: Vec<Draft>,
    /// Whether a name has yet to be given to the last of them.
    is_open: bool,
    /// Whether a word may be a type or a class.
    pub(crate) guesses: bool,
    words: Vec<Cow<'a, str>>,
    next: usize,
    greeted: bool,
}

impl<'a> Reader<'a> {
    /// Before the first word.
    pub(crate) fn new(
        state: &'a mut State,
        said: &'a mut Said,
        source: Source,
        words: Vec<Cow<'a, str>>,
    ) -> Self {
        let mut drafts = Vec::new();
        if source == Source::Batch {
            drafts.push(Draft { name: None, greeting: None, options: state.template.clone() });
        }
        let is_open = source == Source::Batch;
        Self { state, said, source, drafts, is_open, guesses: true, words, next: 0, greeted: false }
    }

    /// Reads them all. `has_names`: queries were found elsewhere, so that there need not be one here.
    pub(crate) fn read(mut self, has_names: bool) -> Result<Vec<Draft>, Stop> {
        while let Some(word) = self.word() {
            if word.starts_with('%') {
                break;
            }
            self.take(&word)?;
        }
        let has_names =
            has_names || (self.source == Source::CommandLine && self.state.globals.batch.is_some());
        let is_named = has_names || self.drafts.iter().any(|draft| draft.name.is_some());
        // The root is asked for where nothing else is: neither a name nor a file of them.
        let has_file = self.source == Source::CommandLine && self.state.globals.batch.is_some();
        if !is_named && !has_file && self.source != Source::Config {
            self.begin(".");
            let options = self.options();
            (options.kind, options.kind_chosen) = (RecordType::NS, true);
            self.greet();
        }
        self.drafts.retain(|draft| draft.name.is_some());
        Ok(self.drafts)
    }

    fn take(&mut self, word: &str) -> Result<(), Stop> {
        match word.as_bytes().first() {
            Some(b'@') => {
                let server = word[1..].to_owned();
                self.state.process.server = Some(server.clone());
                self.options().servers.push(server);
                Ok(())
            }
            Some(b'+') => {
                self.plus(&word[1..])?;
                self.shorten();
                Ok(())
            }
            Some(b'-') => self.dash(&word[1..]),
            _ if self.guesses && self.guess(word)? => Ok(()),
            _ => {
                self.name(word);
                Ok(())
            }
        }
    }

    /// The next word.
    pub(crate) fn word(&mut self) -> Option<String> {
        let word = self.words.get(self.next)?.to_string();
        self.next += 1;
        Some(word)
    }

    /// Whether there is one more word.
    pub(crate) fn has_more(&self) -> bool {
        self.next < self.words.len()
    }

    /// dig's own reading leaves `+edns=` as `+edns`, and then prints that.
    fn shorten(&mut self) {
        let Some(word) = self.words.get_mut(self.next.saturating_sub(1)) else { return };
        let name = word.trim_start_matches(['+', '=']).len();
        let Some(at) = word[word.len() - name..].find('=') else { return };
        let is_empty = word.len() - name + at + 1 == word.len();
        if is_empty {
            word.to_mut().pop();
        }
    }

    /// What options are for.
    pub(crate) fn options(&mut self) -> &mut Options {
        match self.drafts.last_mut() {
            Some(draft) => &mut draft.options,
            None => &mut self.state.template,
        }
    }

    /// Whether options are for all names.
    pub(crate) fn is_template(&self) -> bool {
        self.drafts.is_empty()
    }

    /// A warning, as dig words it.
    pub(crate) fn warn(&mut self, what: &str) {
        self.said.stderr.push_str(";; Warning, ");
        self.said.stderr.push_str(what);
        self.said.stderr.push('\n');
    }

    /// A query of this name.
    pub(crate) fn begin(&mut self, name: &str) {
        if !self.is_open {
            let options = self.state.template.clone();
            self.drafts.push(Draft { name: None, greeting: None, options });
        }
        self.is_open = false;
        if let Some(draft) = self.drafts.last_mut() {
            let mut end = name.len().min(NAME);
            while !name.is_char_boundary(end) {
                end -= 1;
            }
            draft.name = Some(name[..end].to_owned());
        }
    }

    /// A name, unless the words are those of `~/.digrc`.
    pub(crate) fn name(&mut self, name: &str) {
        if self.source != Source::Config {
            self.begin(name);
            self.greet();
        }
    }

    /// The first name of a line is greeted.
    pub(crate) fn greet(&mut self) {
        if std::mem::replace(&mut self.greeted, true) || !self.state.process.command {
            return;
        }
        let process = &mut self.state.process;
        let greeting = Greeting {
            words: self.words.iter().map(ToString::to_string).collect(),
            is_first: !std::mem::replace(&mut process.greeted, true),
            server: process.server.clone(),
            short: process.short,
        };
        if let Some(draft) = self.drafts.last_mut() {
            draft.greeting = Some(greeting);
        }
    }

    /// Whether the word is a type or a class.
    fn guess(&mut self, word: &str) -> Result<bool, Stop> {
        if let Some(kind) = kind(word) {
            match (kind, serial(word)) {
                (RecordType::IXFR, None) => self.warn("ixfr requires a serial number"),
                (kind, serial) => self.kind(kind, serial, true)?,
            }
            return Ok(true);
        }
        let Some(class) = class(word) else { return Ok(false) };
        self.class(class);
        Ok(true)
    }

    /// The class, and that it was had before if it was.
    pub(crate) fn class(&mut self, class: Class) {
        if std::mem::replace(&mut self.options().class_chosen, true) {
            self.warn("extra class option");
        }
        self.options().class = class;
    }

    /// The type, and that it was had before if it was.
    pub(crate) fn kind(
        &mut self,
        kind: RecordType,
        serial: Option<&str>,
        chooses: bool,
    ) -> Result<(), Stop> {
        if self.options().kind_chosen {
            self.warn("extra type option");
        }
        let (question, comments) = (self.state.process.question, self.state.process.comments);
        let options = self.options();
        options.kind = kind;
        options.kind_chosen |= chooses;
        options.serial = None;
        if let Some(text) = serial {
            let failed = |fault| {
                Stop::fatal("Couldn't parse serial number").after("serial number", text, fault)
            };
            options.serial = Some(decimal(text, u32::MAX).map_err(failed)?);
            options.kind_chosen = true;
        }
        if matches!(kind, RecordType::IXFR | RecordType::AXFR) {
            (options.show.question, options.show.comments) = (question, comments);
        }
        if matches!(kind, RecordType::IXFR | RecordType::ANY) && !options.carrier.tcp_chosen {
            options.carrier.tcp = true;
        }
        Ok(())
    }
}

/// `ixfr=…`: what follows.
pub(crate) fn serial(word: &str) -> Option<&str> {
    word.get(..5).filter(|start| start.eq_ignore_ascii_case("ixfr="))?;
    word.get(5..)
}

/// A type by its name, or as `TYPEnnn` (RFC 3597 §5).
pub(crate) fn kind(word: &str) -> Option<RecordType> {
    if serial(word).is_some() {
        return Some(RecordType::IXFR);
    }
    let unnamed = || unknown(word, "type").map(RecordType);
    // BIND writes RESERVED0 and does not read it: there it is a class.
    RecordType::named(word).filter(|kind| kind.0 != 0).or_else(unnamed)
}

/// A class by its name, or as `CLASSnnn`.
pub(crate) fn class(word: &str) -> Option<Class> {
    let old = [("chaos", Class::CH), ("hesiod", Class::HS), ("reserved0", Class(0))];
    let old = old.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
    let unnamed = || unknown(word, "class").map(Class);
    Class::named(word).or(old.map(|(_, class)| class)).or_else(unnamed)
}

/// Up to five digits behind a word; strtoul(3) passes over blanks and a plus before them.
fn unknown(word: &str, start: &str) -> Option<u16> {
    word.get(..start.len()).filter(|found| found.eq_ignore_ascii_case(start))?;
    let number = word.get(start.len()..).filter(|number| number.len() <= 5)?;
    number.parse().ok()
}

/// Queries with what dig keeps once for all of them.
pub(crate) fn finish(drafts: Vec<Draft>, state: &State) -> Result<Vec<Query>, Stop> {
    let finished = |mut draft: Draft| {
        state.process.stamp(&mut draft.options)?;
        let name = draft.name.unwrap_or_default();
        Ok(Query { name, greeting: draft.greeting, options: Arc::new(draft.options) })
    };
    drafts.into_iter().map(finished).collect()
}
