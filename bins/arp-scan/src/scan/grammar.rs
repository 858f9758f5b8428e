//! How arp-scan reads its arguments: `getopt_long_only(3)`, where a long option may have one hyphen and may
//! be cut short, and operands stand anywhere.

use std::ffi::OsString;

use clap::{Arg, ArgAction, Command};

use super::complaint::Complaint;

/// arp-scan's own options. What is short for one of them stays so, whatever else there is.
const PEERS: [&str; 43] = [
    "file",
    "help",
    "retry",
    "retry-send",
    "retry-send-interval",
    "timeout",
    "interval",
    "backoff",
    "verbose",
    "version",
    "snap",
    "interface",
    "quiet",
    "ignoredups",
    "random",
    "numeric",
    "bandwidth",
    "ouifile",
    "macfile",
    "arpspa",
    "arpop",
    "arphrd",
    "arppro",
    "destaddr",
    "arppln",
    "arphln",
    "padding",
    "prototype",
    "arpsha",
    "arptha",
    "srcaddr",
    "localnet",
    "llc",
    "vlan",
    "pcapsavefile",
    "writepkttofile",
    "readpktfromfile",
    "rtt",
    "plain",
    "randomseed",
    "limit",
    "resolve",
    "format",
];

/// What follows a word that cannot be read.
const USAGE: &str = "Usage: arp-scan [options] [hosts...]\n\
                     Use \"arp-scan --help\" for detailed information on the available options.";

/// The words as clap is to read them, the program's name first. Words after `--help` and `--version` do not
/// count any more.
pub(crate) fn read(
    program: &str,
    command: &Command,
    words: &[OsString],
) -> Result<Vec<OsString>, Complaint> {
    let mut reader =
        Reader { program, command, words, next: 0, options: Vec::new(), operands: Vec::new() };
    reader.read()?;
    let first = std::iter::once(OsString::from(command.get_name()));
    let operands = std::iter::once("--".into()).chain(reader.operands);
    Ok(first.chain(reader.options).chain(operands).collect())
}

struct Reader<'a> {
    program: &'a str,
    command: &'a Command,
    words: &'a [OsString],
    next: usize,
    options: Vec<OsString>,
    operands: Vec<OsString>,
}

/// What a name stands for.
enum Found<'a> {
    One(&'a Arg),
    Several(Vec<&'a str>),
    None,
}

impl Reader<'_> {
    fn read(&mut self) -> Result<(), Complaint> {
        while let Some(word) = self.words.get(self.next).cloned() {
            self.next += 1;
            let text = word.to_string_lossy().into_owned();
            if text == "--" {
                self.operands.extend(self.words[self.next..].iter().cloned());
                return Ok(());
            }
            if text == "-" || !text.starts_with('-') {
                self.operands.push(word);
            } else if let Some(long) = text.strip_prefix("--") {
                self.long("--", long)?;
            } else if !self.long_with_one_hyphen(&text[1..])? {
                self.cluster(&text[1..])?;
            }
            if self.is_told() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Help and version are told at once, whatever comes after them.
    fn is_told(&self) -> bool {
        self.options.last().is_some_and(|word| word == "--help" || word == "--version")
    }

    /// Whether the word is a long option. A single letter that is an option is that, and so is the start of
    /// a word that is no long option.
    fn long_with_one_hyphen(&mut self, text: &str) -> Result<bool, Complaint> {
        let mut letters = text.chars();
        let is_letter = letters.next().is_some_and(|letter| self.by_letter(letter).is_some());
        if is_letter && letters.as_str().is_empty() {
            return Ok(false);
        }
        let name = text.split('=').next().unwrap_or_default();
        // What is new has two hyphens where a letter of old could be meant.
        if is_letter && !PEERS.iter().any(|long| long.starts_with(name)) {
            return Ok(false);
        }
        self.long("-", text).map(|()| true)
    }

    fn long(&mut self, hyphens: &str, text: &str) -> Result<(), Complaint> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        let arg = match self.find(name) {
            Found::One(arg) => arg.clone(),
            Found::Several(names) => {
                let names: Vec<_> = names.iter().map(|name| format!("'{hyphens}{name}'")).collect();
                let names = names.join(" ");
                let what = format!("option '{hyphens}{text}' is ambiguous; possibilities: {names}");
                return Err(self.refuse(&what));
            }
            Found::None => {
                return Err(self.refuse(&format!("unrecognized option '{hyphens}{name}'")));
            }
        };
        let spelled = format!("{hyphens}{}", arg.get_long().unwrap_or_default());
        match (value, takes(&arg)) {
            (Some(_), Takes::Nothing) => {
                Err(self.refuse(&format!("option '{spelled}' doesn't allow an argument")))
            }
            (Some(value), _) => {
                self.value(&arg, value.into());
                Ok(())
            }
            (None, Takes::Value) => {
                let value = self.following();
                let value = value.ok_or_else(|| {
                    self.refuse(&format!("option '{spelled}' requires an argument"))
                })?;
                self.value(&arg, value);
                Ok(())
            }
            (None, _) => {
                self.flag(&arg);
                Ok(())
            }
        }
    }

    fn cluster(&mut self, letters: &str) -> Result<(), Complaint> {
        for (at, letter) in letters.char_indices() {
            let Some(arg) = self.by_letter(letter).cloned() else {
                return Err(self.refuse(&format!("invalid option -- '{letter}'")));
            };
            if matches!(takes(&arg), Takes::Nothing) {
                self.flag(&arg);
                continue;
            }
            let rest = &letters[at + letter.len_utf8()..];
            let value = if rest.is_empty() { self.following() } else { Some(rest.into()) };
            let value = value.ok_or_else(|| {
                self.refuse(&format!("option requires an argument -- '{letter}'"))
            })?;
            self.value(&arg, value);
            return Ok(());
        }
        Ok(())
    }

    /// The option of that name; of two that begin so, arp-scan's.
    fn find(&self, name: &str) -> Found<'_> {
        let all = || self.command.get_arguments().filter_map(|arg| Some((arg.get_long()?, arg)));
        if let Some((_, arg)) = all().find(|(long, _)| *long == name) {
            return Found::One(arg);
        }
        let begins = |long: &str| long.starts_with(name);
        let peers: Vec<_> = PEERS.into_iter().filter(|long| begins(long)).collect();
        let others = all().map(|(long, _)| long).filter(|long| begins(long));
        let names = if peers.is_empty() { others.collect() } else { peers };
        match names[..] {
            [] => Found::None,
            [one] => {
                all().find(|(long, _)| *long == one).map_or(Found::None, |(_, arg)| Found::One(arg))
            }
            _ => Found::Several(names),
        }
    }

    fn by_letter(&self, letter: char) -> Option<&Arg> {
        self.command.get_arguments().find(|arg| arg.get_short() == Some(letter))
    }

    fn following(&mut self) -> Option<OsString> {
        let value = self.words.get(self.next)?.clone();
        self.next += 1;
        Some(value)
    }

    fn flag(&mut self, arg: &Arg) {
        self.options.push(format!("--{}", arg.get_long().unwrap_or_default()).into());
    }

    fn value(&mut self, arg: &Arg, value: OsString) {
        let mut word = OsString::from(format!("--{}=", arg.get_long().unwrap_or_default()));
        word.push(value);
        self.options.push(word);
    }

    fn refuse(&self, what: &str) -> Complaint {
        Complaint::same(format!("{}: {what}\n{USAGE}", self.program))
    }
}

enum Takes {
    Nothing,
    /// Only behind an equals sign.
    Perhaps,
    Value,
}

fn takes(arg: &Arg) -> Takes {
    match arg.get_action() {
        ArgAction::Set | ArgAction::Append if arg.is_require_equals_set() => Takes::Perhaps,
        ArgAction::Set | ArgAction::Append => Takes::Value,
        _ => Takes::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_words(words: &[&str]) -> Result<Vec<String>, String> {
        let words: Vec<_> = words.iter().map(OsString::from).collect();
        let read = read("arp-scan", &crate::command(), &words).map_err(|why| why.to_string())?;
        Ok(read[1..].iter().map(|word| word.to_string_lossy().into_owned()).collect())
    }

    fn first_line(words: &[&str]) -> String {
        read_words(words).unwrap_err().lines().next().unwrap().to_owned()
    }

    #[test]
    fn every_option_of_the_peer_is_one_of_ours() {
        let command = crate::command();
        for name in PEERS {
            assert!(command.get_arguments().any(|arg| arg.get_long() == Some(name)), "{name}");
        }
    }

    #[test]
    fn long_option_may_have_one_hyphen_and_be_cut_short() {
        let expected = ["--vlan=7", "--", "192.0.2.1"].map(String::from).to_vec();
        for word in ["-vlan=7", "--vlan=7", "-vla=7", "-Q7"] {
            assert_eq!(read_words(&["192.0.2.1", word]), Ok(expected.clone()), "{word}");
        }
        assert_eq!(read_words(&["-vlan", "7", "192.0.2.1"]), Ok(expected));
    }

    #[test]
    fn letters_are_letters_where_they_are_no_long_option() {
        let words = read_words(&["-qxg", "-r3", "-Ieth0", "-vv"]).unwrap();
        let expected = [
            "--quiet",
            "--plain",
            "--ignoredups",
            "--retry=3",
            "--interface=eth0",
            "--verbose",
            "--verbose",
            "--",
        ];
        assert_eq!(words, expected);
    }

    #[test]
    fn what_was_short_for_an_option_of_the_peer_is_so_still() {
        assert_eq!(read_words(&["--w=f"]).unwrap()[0], "--writepkttofile=f");
        assert_eq!(read_words(&["--fa"]).unwrap()[0], "--fast");
        assert_eq!(read_words(&["--watch"]).unwrap()[0], "--watch");
        assert_eq!(read_words(&["-y=2"]).unwrap()[0], "--prototype==2", "not --yes-large");
        assert_eq!(read_words(&["-watch"]).unwrap()[0], "--arptha=atch");
    }

    #[test]
    fn ambiguity_names_the_possibilities() {
        assert_eq!(
            first_line(&["--v"]),
            "arp-scan: option '--v' is ambiguous; possibilities: '--verbose' '--version' '--vlan'"
        );
        assert_eq!(
            first_line(&["-arps=192.0.2.1"]),
            "arp-scan: option '-arps=192.0.2.1' is ambiguous; possibilities: '-arpspa' '-arpsha'"
        );
    }

    #[test]
    fn bad_words_are_refused_in_the_words_of_getopt() {
        for (words, expected) in [
            (&["--xyz"][..], "arp-scan: unrecognized option '--xyz'"),
            (&["-z"], "arp-scan: unrecognized option '-z'"),
            (&["-qz"], "arp-scan: invalid option -- 'z'"),
            (&["--vlan"], "arp-scan: option '--vlan' requires an argument"),
            (&["-Q"], "arp-scan: option requires an argument -- 'Q'"),
            (&["--quiet=5"], "arp-scan: option '--quiet' doesn't allow an argument"),
        ] {
            assert_eq!(first_line(words), expected);
        }
        assert!(read_words(&["--xyz"]).unwrap_err().ends_with("on the available options."));
    }

    #[test]
    fn nothing_after_help_counts() {
        assert_eq!(read_words(&["-h", "--xyz"]), Ok(vec!["--help".into(), "--".into()]));
        assert_eq!(read_words(&["--", "-h"]), Ok(vec!["--".into(), "-h".into()]));
    }

    #[test]
    fn value_may_begin_with_a_hyphen_or_be_empty() {
        assert_eq!(read_words(&["-f", "-"]).unwrap(), ["--file=-", "--"]);
        assert_eq!(read_words(&["--format="]).unwrap(), ["--format=", "--"]);
    }
}
