//! How words become a [`Config`]: curl's grammar (curl(1), OPTIONS), from a command line or a file of options.
//!
//! Never prints and never transfers; what is to be said is collected in [`Reading::said`].

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;

use crate::config::{Config, Globals, Operation};
use crate::config_file;
use crate::notice::Notices;
use crate::options::{self, Act, Opt};
use crate::surroundings::Surroundings;

mod misuse;
mod word;

pub(crate) use misuse::{Done, Misuse};
pub(crate) use word::Word;

/// What has been read so far.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// What holds for the run.
    pub(crate) globals: Globals,
    /// What is being said.
    pub(crate) op: Operation,
    /// What was said before `--next`.
    pub(crate) before: Vec<Operation>,
    /// Warnings, in order.
    pub(crate) said: Notices,
    /// Where files and secrets come from.
    pub(crate) world: Surroundings,
    /// Files of options within files of options.
    pub(crate) depth: u8,
    /// The first word has been read.
    pub(crate) has_begun: bool,
}

/// Why nothing is transferred.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// A word makes no sense; said about this word.
    Misuse(String, Misuse),
    /// `--help`, of what.
    Help(Option<String>),
    /// `--version`.
    Version,
    /// There is nothing to do.
    NoUrl,
    /// Nothing at all was said.
    Nothing,
    /// Why has been said; the exit code.
    Said(u8),
    /// As `Said`, and the way to help is still to be told.
    SaidBadUse,
    /// With this exit code, and these words behind it.
    Failed(u8, String),
}

/// Reads the words behind the program's name.
pub(crate) fn read(words: &[OsString], world: Surroundings) -> (Notices, Result<Config, Stop>) {
    let mut reading = Reading { world, ..Reading::default() };
    let read = reading.command_line(words).and_then(|()| reading.whole());
    let Reading { said, .. } = reading;
    (said, read)
}

impl Reading {
    fn command_line(&mut self, words: &[OsString]) -> Result<(), Stop> {
        let reads_own = !words.first().is_some_and(|first| disables(first.as_bytes()));
        let file = self.world.options_file.take().filter(|_| reads_own);
        let has_file = file.is_some();
        if let Some(file) = file {
            // As curl does: what is wrong with it is said, and the rest of it is not read.
            if let Err(Misuse::Stop(stop)) = config_file::read(self, &file) {
                return Err(*stop);
            }
        }
        if words.is_empty() && !has_file {
            return Err(Stop::Nothing);
        }
        self.words(words)
    }

    fn words(&mut self, words: &[OsString]) -> Result<(), Stop> {
        let mut words = words.iter().map(|word| word.as_bytes()).peekable();
        let mut has_options = true;
        while let Some(word) = words.next() {
            let read = match word {
                b"--" if has_options => {
                    has_options = false;
                    Ok(false)
                }
                [b'-', ..] if has_options => self.option(word, words.peek().copied()),
                url => self.url(url).map(|()| false),
            };
            self.has_begun = true;
            match read {
                Ok(false) => {}
                Ok(true) => drop(words.next()),
                Err(Misuse::Stop(stop)) => return Err(*stop),
                Err(misuse) => return Err(Stop::Misuse(text(word), misuse)),
            }
        }
        Ok(())
    }

    fn url(&mut self, word: &[u8]) -> Done {
        options::url(self, &Word::new(word))
    }

    /// Reads a word with a dash, or a name in a file of options; whether `next` was taken with it.
    pub(crate) fn option(&mut self, word: &[u8], next: Option<&[u8]>) -> Result<bool, Misuse> {
        match word {
            [b'-', b'-', name @ ..] => self.long(name, next),
            [b'-', letters @ ..] => self.letters(letters, next),
            name => self.long(name, next),
        }
    }

    fn long(&mut self, name: &[u8], next: Option<&[u8]>) -> Result<bool, Misuse> {
        if name.starts_with(b"expand-") {
            return Err(Misuse::Unsupported("variables are not expanded here"));
        }
        let (bare, is_on) = match name.strip_prefix(b"no-") {
            Some(rest) if options::long(name).is_none() => (rest, false),
            _ => (name, true),
        };
        let (bare, joined) = match bare.iter().position(|octet| *octet == b'=') {
            Some(at) => {
                bare.split_at_checked(at).map_or((bare, None), |(name, rest)| (name, rest.get(1..)))
            }
            None => (bare, None),
        };
        let option = options::long(bare).ok_or(Misuse::Unknown)?;
        if let Act::MayEqual(act) = option.act {
            return if is_on {
                act(self, joined.map(Word::new).as_ref()).map(|()| false)
            } else {
                Err(Misuse::NotReversible)
            };
        }
        if joined.is_some() {
            // curl knows no such thing.
            return Err(Misuse::Unknown);
        }
        if let (false, Act::Peek(_), "netrc") = (is_on, option.act, option.long) {
            self.op.asked.netrc = false;
            return Ok(false);
        }
        if !is_on && !matches!(option.act, Act::Switch(_) | Act::Unswitch(_)) {
            return Err(option.refusal().unwrap_or(Misuse::NotReversible));
        }
        // Of `-n` alone a number behind it changes what is meant.
        self.act(option, is_on, next.filter(|_| option.long != "netrc"))
    }

    /// `-sSLo FILE`, `-oFILE`.
    fn letters(&mut self, letters: &[u8], next: Option<&[u8]>) -> Result<bool, Misuse> {
        if letters.is_empty() {
            return Err(Misuse::Unknown);
        }
        let mut rest = letters;
        while let [letter, behind @ ..] = rest {
            let option = options::short(*letter).ok_or(Misuse::Unknown)?;
            if option.takes_word() {
                let attached = (!behind.is_empty()).then_some(behind);
                let took = self.act(option, true, attached.or(next))?;
                return Ok(took && attached.is_none());
            }
            if matches!(option.act, Act::Peek(_)) && behind.is_empty() {
                return self.act(option, true, next);
            }
            self.act(option, true, None)?;
            rest = behind;
        }
        Ok(false)
    }

    fn act(&mut self, option: &Opt, is_on: bool, next: Option<&[u8]>) -> Result<bool, Misuse> {
        match option.act {
            Act::Once(act) => act(self).map(|()| false),
            Act::MayEqual(act) => act(self, None).map(|()| false),
            Act::Peek(act) => act(self, next.map(Word::new).as_ref()),
            Act::Switch(act) => {
                act(self, is_on);
                Ok(false)
            }
            Act::Unswitch(act) => {
                act(self, is_on);
                Ok(false)
            }
            Act::Word(act) => {
                let word = Word::new(next.ok_or(Misuse::NeedsWord)?);
                self.warn_of_file(option, &word);
                act(self, &word).map(|()| true)
            }
            Act::MayWord(act) => act(self, next.map(Word::new).as_ref()).map(|()| next.is_some()),
            Act::Gone(takes) => {
                let text = ["--", option.long, " is deprecated and has no function anymore"];
                self.warn(&text.concat());
                Ok(takes && next.is_some())
            }
            Act::Refused(why) => Err(Misuse::Unsupported(why)),
        }
    }

    /// A file whose name looks like an option mostly is one.
    fn warn_of_file(&mut self, option: &Opt, word: &Word<'_>) {
        if option.word == "<file>" && word.bytes().len() > 1 && word.bytes().starts_with(b"-") {
            self.warn(&format!("The filename argument '{}' looks like a flag.", word.shown()));
        }
    }

    /// `Warning: text`, unless `-s` came before it.
    pub(crate) fn warn(&mut self, text: &str) {
        if !self.globals.shown.is_silent {
            self.said.warning(text);
        }
    }

    /// `fetch: text`, unless `-s` came before it; `-S` is for transfers.
    pub(crate) fn error(&mut self, text: &str) {
        if !self.globals.shown.is_silent {
            self.said.error(text);
        }
    }

    /// Another operation begins.
    pub(crate) fn next_operation(&mut self) -> Done {
        if self.op.targets.first().is_none_or(|first| first.url.is_none()) {
            self.error("missing URL before --next");
            return Err(Misuse::BadlyUsed);
        }
        self.before.push(std::mem::take(&mut self.op));
        Ok(())
    }

    /// All operations, put together.
    fn whole(&mut self) -> Result<Config, Stop> {
        let last = std::mem::take(&mut self.op);
        let mut operations = std::mem::take(&mut self.before);
        operations.push(last);
        for operation in &mut operations {
            if has_no_url(operation) {
                return Err(Stop::NoUrl);
            }
            crate::finish::operation(self, operation)?;
        }
        Ok(Config { globals: std::mem::take(&mut self.globals), operations })
    }
}

fn has_no_url(operation: &Operation) -> bool {
    operation.targets.first().is_none_or(|first| first.url.is_none())
}

/// `-q`, `-qs`, `--disable`: as the first word.
fn disables(first: &[u8]) -> bool {
    first == b"--disable" || (first.starts_with(b"-q"))
}

/// A word as text, octets that are no UTF-8 replaced: for people.
fn text(word: &[u8]) -> String {
    String::from_utf8_lossy(word).into_owned()
}

#[cfg(test)]
mod tests;
