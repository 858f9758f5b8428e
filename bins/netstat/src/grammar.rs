//! How net-tools' netstat reads its arguments: as `getopt_long(3)` does, and some of them at once.
//!
//! Families, help, version and `-Z` are settled where they stand, before what follows them is read.

use std::ffi::OsString;

use wireline_cli::{Exit, Refusal};

use crate::family::Family;
use crate::table::{LETTERS, LONG, Meaning, NEW};

/// What is left to do after reading.
#[derive(Debug)]
pub(crate) enum Read {
    /// The words as clap is to read them, the program's name first, and the families in order.
    Words(Vec<OsString>, Vec<Family>),
    /// Help was asked for.
    Help,
    /// The version was asked for.
    Version,
    /// What was typed makes no sense: a line in the words of getopt(3).
    Usage(String),
    /// What was typed will not be done.
    Refused(Refusal),
}

/// Reads the words after the program's name. What is not UTF-8 is replaced: no option is.
pub(crate) fn read(program: &str, words: &[OsString]) -> Read {
    let words = words.iter().map(|word| word.to_string_lossy().into_owned());
    let mut reader = Reader { words: words.collect(), next: 0, ..Reader::default() };
    match reader.read() {
        Ok(()) => {
            let mut words: Vec<_> =
                std::iter::once("netstat".to_owned()).chain(reader.normal).collect();
            words.push("--".to_owned());
            words.extend(reader.operands);
            Read::Words(words.into_iter().map(Into::into).collect(), reader.families)
        }
        Err(Stop::Usage(why)) => Read::Usage(format!("{program}: {why}")),
        Err(Stop::Help) => Read::Help,
        Err(Stop::Version) => Read::Version,
        Err(Stop::Refused(refusal)) => Read::Refused(refusal),
    }
}

enum Stop {
    Help,
    Version,
    Usage(String),
    Refused(Refusal),
}

#[derive(Default)]
struct Reader {
    words: Vec<String>,
    next: usize,
    normal: Vec<String>,
    operands: Vec<String>,
    families: Vec<Family>,
}

impl Reader {
    fn read(&mut self) -> Result<(), Stop> {
        while let Some(word) = self.words.get(self.next).cloned() {
            self.next += 1;
            match word.strip_prefix("--") {
                Some("") => {
                    self.operands.extend(self.words.drain(self.next..));
                }
                Some(long) => self.long(long)?,
                None if word.len() > 1 && word.starts_with('-') => self.cluster(&word[1..])?,
                None => self.operands.push(word),
            }
        }
        Ok(())
    }

    fn cluster(&mut self, letters: &str) -> Result<(), Stop> {
        for (at, letter) in letters.char_indices() {
            let Some((_, meaning)) = LETTERS.iter().find(|(known, _)| *known == letter) else {
                return Err(Stop::Usage(format!("invalid option -- '{letter}'")));
            };
            if *meaning != Meaning::Families {
                self.take(*meaning, Vec::new())?;
                continue;
            }
            let rest = &letters[at + letter.len_utf8()..];
            let value = if rest.is_empty() { self.word() } else { Some(rest.to_owned()) };
            let Some(value) = value else {
                return Err(Stop::Usage(format!("option requires an argument -- '{letter}'")));
            };
            return self.take(*meaning, vec![value]);
        }
        Ok(())
    }

    fn long(&mut self, text: &str) -> Result<(), Stop> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (text, None),
        };
        let (known, meaning) = find(name)?;
        let wanted = meaning.values();
        if wanted == 0 && value.is_some() {
            return Err(Stop::Usage(format!("option '--{known}' doesn't allow an argument")));
        }
        let mut values: Vec<_> = value.into_iter().collect();
        while values.len() < wanted {
            let Some(word) = self.word() else {
                return Err(Stop::Usage(format!("option '--{known}' requires an argument")));
            };
            values.push(word);
        }
        self.take(meaning, values)
    }

    fn word(&mut self) -> Option<String> {
        let word = self.words.get(self.next).cloned();
        self.next += usize::from(word.is_some());
        word
    }

    fn take(&mut self, meaning: Meaning, values: Vec<String>) -> Result<(), Stop> {
        match meaning {
            Meaning::Flag(flag) => self.normal.push(format!("--{flag}")),
            Meaning::Value(flag, _) => {
                self.normal.push(format!("--{flag}"));
                self.normal.extend(values);
            }
            Meaning::Family(family) => self.families.push(family),
            Meaning::Families => self.families(&values.concat())?,
            Meaning::Help => return Err(Stop::Help),
            Meaning::Version => return Err(Stop::Version),
            Meaning::Context if has_selinux() => self.normal.push("--context".to_owned()),
            Meaning::Context => {
                let why = "SELinux is not enabled on this machine.";
                return Err(Stop::Refused(Refusal::new(Exit(1), why)));
            }
        }
        Ok(())
    }

    fn families(&mut self, list: &str) -> Result<(), Stop> {
        for word in list.split(',') {
            let Some(family) = Family::named(word) else {
                let why = format!("Unknown address family `{word}'.");
                return Err(Stop::Refused(Refusal::new(Exit(1), why)));
            };
            self.families.push(family);
        }
        Ok(())
    }
}

fn has_selinux() -> bool {
    std::path::Path::new("/sys/fs/selinux/enforce").exists()
}

/// A long option by its name or the start of it. What is new must not make an old abbreviation
/// ambiguous: it is looked at where nothing old fits.
fn find(name: &str) -> Result<(&'static str, Meaning), Stop> {
    match find_in(LONG, name)? {
        Some(found) => Ok(found),
        None => find_in(NEW, name)?
            .ok_or_else(|| Stop::Usage(format!("unrecognized option '--{name}'"))),
    }
}

fn find_in(
    table: &'static [(&'static str, Meaning)],
    name: &str,
) -> Result<Option<(&'static str, Meaning)>, Stop> {
    if let Some(exact) = table.iter().find(|(known, _)| *known == name) {
        return Ok(Some(*exact));
    }
    let mut fitting = table.iter().filter(|(known, _)| known.starts_with(name));
    let Some(first) = fitting.next() else { return Ok(None) };
    let others: Vec<_> = fitting.filter(|(_, meaning)| !meaning.is_like(first.1)).collect();
    if others.is_empty() {
        return Ok(Some(*first));
    }
    let names = std::iter::once(first).chain(others).map(|(known, _)| format!(" '--{known}'"));
    let names: String = names.collect();
    Err(Stop::Usage(format!("option '--{name}' is ambiguous; possibilities:{names}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str) -> String {
        let words: Vec<OsString> = line.split_whitespace().map(Into::into).collect();
        match read("netstat", &words) {
            Read::Words(words, families) => {
                let words: Vec<_> = words[1..].iter().map(|word| word.to_string_lossy()).collect();
                let families: Vec<_> = families.iter().map(|family| family.name()).collect();
                format!("{} | {}", words.join(" "), families.join(","))
            }
            Read::Help => "help".to_owned(),
            Read::Version => "version".to_owned(),
            Read::Usage(why) => why,
            Read::Refused(refusal) => refusal.to_string(),
        }
    }

    #[test]
    fn words_are_read_as_getopt_reads_them() {
        for (line, meant) in [
            ("-rn", "--route --numeric -- | "),
            ("-tulpn", "--tcp --udp --listening --programs --numeric -- | "),
            ("-rAinet6", "--route -- | inet6"),
            ("-6 -A inet,unix -4", "-- | inet6,inet,unix,inet"),
            ("--protocol=inet6 --rou", "--route -- | inet6"),
            ("foo -r bar", "--route -- foo bar | "),
            ("-r -- -n", "--route -- -n | "),
            ("-", "-- - | "),
            ("--ine", "-- | inet"),
            ("--unix", "-- | unix"),
            ("--m", "--masquerade -- | "),
            ("--w", "--wide -- | "),
            ("--conn a b c", "--connection a b -- c | "),
            ("--js", "--json -- | "),
            ("-y", "netstat: invalid option -- 'y'"),
            ("-A", "netstat: option requires an argument -- 'A'"),
            ("--protocol", "netstat: option '--protocol' requires an argument"),
            ("--inet=3", "netstat: option '--inet' doesn't allow an argument"),
            ("--zork", "netstat: unrecognized option '--zork'"),
            ("--a", "netstat: option '--a' is ambiguous; possibilities: '--ax25' '--all'"),
            (
                "--u",
                "netstat: option '--u' is ambiguous; possibilities: '--unix' '--udp' '--udplite' '--unix'",
            ),
            ("--i", "netstat: option '--i' is ambiguous; possibilities: '--ip' '--interfaces'"),
            ("-A inet, -h", "Unknown address family `'."),
            ("-A Inet", "Unknown address family `Inet'."),
            ("-hV", "help"),
            ("-Vh", "version"),
        ] {
            assert_eq!(shown(line), meant, "{line}");
        }
    }

    #[test]
    fn every_new_option_is_one_of_claps() {
        use clap::CommandFactory as _;
        let command = crate::Args::command();
        let flags = LETTERS.iter().map(|(_, m)| m).chain(LONG.iter().chain(NEW).map(|(_, m)| m));
        for meaning in flags {
            let (Meaning::Flag(flag) | Meaning::Value(flag, _)) = meaning else { continue };
            assert!(command.get_arguments().any(|arg| arg.get_long() == Some(flag)), "{flag}");
        }
    }
}
