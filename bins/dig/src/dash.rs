//! Options that begin with `-`.

use std::net::{IpAddr, SocketAddr};

use wireline_host::Family;

use crate::key::KeySource;
use crate::number::decimal;
use crate::options::Globals;
use crate::reader::{Reader, Source, class, kind, serial};
use crate::reverse;
use crate::stop::{End, Stop};

/// Letters that stand alone, and may share a word.
const ALONE: &str = "46dhimnruv";
/// Letters that dig knows at the place of a value's.
const KNOWN: &str = "46bcdfhikmnpqrtvyx";

/// Looks over the words of a command line before any of them is heard: which families, whether `~/.digrc`
/// is read, and whether there is a letter that nobody knows.
pub(crate) fn glance(words: &[String], globals: &mut Globals) -> Result<bool, Stop> {
    let mut reads_config = true;
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let Some(letters) = word.strip_prefix('-') else { continue };
        if let Some(name) = letters.strip_prefix('-') {
            if crate::beyond::wants_word(name) == Some(true) {
                rest.next();
            }
            if crate::beyond::wants_word(name).is_some() {
                continue;
            }
        }
        let value = letters.trim_start_matches(|letter| ALONE.contains(letter));
        for letter in letters[..letters.len() - value.len()].chars() {
            match letter {
                'r' => reads_config = false,
                '4' => family(globals, Family::V4)?,
                '6' => family(globals, Family::V6)?,
                _ => {}
            }
        }
        let Some(letter) = value.chars().next() else { continue };
        let is_last = value.len() == letter.len_utf8();
        if !KNOWN.contains(letter) || (is_last && rest.next().is_none()) {
            return Err(unknown(value));
        }
    }
    Ok(reads_config)
}

fn family(globals: &mut Globals, wanted: Family) -> Result<(), Stop> {
    if globals.family != Family::Any && globals.family != wanted {
        return Err(Stop::fatal("only one of -4 and -6 allowed"));
    }
    globals.family = wanted;
    Ok(())
}

fn unknown(letters: &str) -> Stop {
    Stop::usage(format!("Invalid option: -{letters}"))
}

impl Reader<'_> {
    /// One word, without its `-`.
    pub(crate) fn dash(&mut self, letters: &str) -> Result<(), Stop> {
        if letters.starts_with('-') && self.source == Source::CommandLine {
            return self.long(&letters[1..]);
        }
        let value = letters.trim_start_matches(|letter| ALONE.contains(letter));
        for letter in letters[..letters.len() - value.len()].chars() {
            self.letter(letter)?;
        }
        let mut rest = value.chars();
        let Some(letter) = rest.next() else {
            return if letters.is_empty() { Err(unknown("")) } else { Ok(()) };
        };
        let attached = rest.as_str();
        let given = if attached.is_empty() { self.word() } else { Some(attached.to_owned()) };
        let Some(given) = given else { return Err(unknown(value)) };
        self.of_run(letter)?;
        self.valued(letter, &given).unwrap_or_else(|| Err(unknown(value)))
    }

    fn letter(&mut self, letter: char) -> Result<(), Stop> {
        self.of_run(letter)?;
        match letter {
            '4' => self.only(Family::V4),
            '6' => self.only(Family::V6),
            'd' => {
                self.state.globals.debug = true;
                Ok(())
            }
            'u' => {
                self.options().show.microseconds = true;
                Ok(())
            }
            'h' => Err(Stop::end(End::Help)),
            'v' => Err(Stop::end(End::Version)),
            'm' => Err(Stop::fatal("-m: how BIND allocates memory is not to be had here")),
            // -r was heard in time, -i and -n mean nothing any more.
            _ => Ok(()),
        }
    }

    /// What holds for a whole run is not heard in a line of a batch.
    fn of_run(&self, letter: char) -> Result<(), Stop> {
        if self.source == Source::Batch && "46bfkyhv".contains(letter) {
            return Err(Stop::plain(format!("-{letter} is for a whole run, not for a line of it")));
        }
        Ok(())
    }

    fn only(&mut self, wanted: Family) -> Result<(), Stop> {
        let family = &mut self.state.globals.family;
        if *family != Family::Any && *family != wanted {
            let version = if wanted == Family::V4 { 4 } else { 6 };
            return Err(Stop::fatal(format!("can't find IPv{version} networking")));
        }
        *family = wanted;
        Ok(())
    }

    /// `None` if there is no such letter.
    fn valued(&mut self, letter: char, value: &str) -> Option<Result<(), Stop>> {
        match letter {
            'b' => return Some(self.source(value)),
            'c' => self.chosen_class(value),
            'f' => self.state.globals.batch = Some(value.into()),
            'k' => self.state.process.key_file = Some(value.into()),
            'p' => return Some(self.port(value)),
            'q' => self.name(value),
            't' => return Some(self.chosen_kind(value)),
            'y' => return Some(self.signed(value)),
            'x' => return Some(self.address(value)),
            _ => return None,
        }
        Some(Ok(()))
    }

    fn source(&mut self, value: &str) -> Result<(), Stop> {
        let (address, port) = match value.split_once('#') {
            Some((address, port)) => (address, number(port)?),
            None => (value, 0),
        };
        let family = self.state.globals.family;
        let is_had = |address: &IpAddr| match address {
            IpAddr::V4(_) => family != Family::V6,
            IpAddr::V6(_) => family != Family::V4,
        };
        let address = address.parse().ok().filter(is_had);
        let address = address.ok_or_else(|| Stop::fatal(format!("invalid address {value}")))?;
        self.state.globals.source = Some(SocketAddr::new(address, port));
        Ok(())
    }

    fn port(&mut self, value: &str) -> Result<(), Stop> {
        self.state.process.port = Some(number(value)?);
        Ok(())
    }

    fn chosen_class(&mut self, value: &str) {
        self.guesses = false;
        if let Some(class) = class(value) {
            self.class(class);
            return;
        }
        if self.options().class_chosen {
            self.warn("extra class option");
        }
        self.warn(&format!("ignoring invalid class {value}"));
    }

    fn chosen_kind(&mut self, value: &str) -> Result<(), Stop> {
        self.guesses = false;
        let chooses = self.source != Source::Config;
        match (kind(value), serial(value)) {
            (Some(kind), serial) if kind != wireline_dns::RecordType::IXFR || serial.is_some() => {
                self.kind(kind, serial, chooses)
            }
            _ => {
                self.warn(&format!("ignoring invalid type {value}"));
                Ok(())
            }
        }
    }

    fn address(&mut self, value: &str) -> Result<(), Stop> {
        let Some(name) = reverse::name(value) else {
            return Err(Stop::plain(format!("Invalid IP address {value}")));
        };
        self.begin(&name);
        let options = self.options();
        if !options.kind_chosen {
            options.kind = wireline_dns::RecordType::PTR;
        }
        if !options.class_chosen {
            options.class = wireline_dns::Class::IN;
        }
        self.greet();
        Ok(())
    }

    fn signed(&mut self, value: &str) -> Result<(), Stop> {
        let (source, warning) = KeySource::parse(value)?;
        if let Some(unknown) = warning {
            self.warn(&format!("ignoring invalid TSIG algorithm {unknown}"));
        }
        self.state.process.key_words = Some(source);
        Ok(())
    }

    /// Whether a long option may take the next word: only if there is one.
    pub(crate) fn value_of(&mut self, name: &str) -> Result<String, Stop> {
        if !self.has_more() {
            return Err(Stop::fatal(format!("--{name} requires a value")));
        }
        Ok(self.word().unwrap_or_default())
    }
}

fn number(value: &str) -> Result<u16, Stop> {
    let failed =
        |fault| Stop::fatal("Couldn't parse port number").after("port number", value, fault);
    decimal(value, 65535).map(|port| u16::try_from(port).unwrap_or(0)).map_err(failed)
}
