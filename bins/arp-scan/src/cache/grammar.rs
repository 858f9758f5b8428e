//! How net-tools' arp reads its arguments: as `getopt_long(3)` does, and names of hardware and families at once.

use std::ffi::OsString;

use wireline_host::neighbours::Tables;

use super::hardware::Hardware;

/// What is to be done. The last one that was named wins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Job {
    /// Show entries; as BSD does with `-a`.
    #[default]
    Show,
    /// Make those of a file (`-f`).
    File,
    /// Delete one (`-d`).
    Delete,
    /// Make one (`-s`).
    Set,
}

/// What was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) job: Job,
    /// `-a`, whatever else was named behind it.
    pub(crate) all: bool,
    /// `-e`.
    pub(crate) linux: bool,
    pub(crate) numeric: bool,
    pub(crate) verbose: bool,
    /// `-D`: hardware addresses are names of interfaces.
    pub(crate) from_device: bool,
    /// `-N`, which nobody ever supported.
    pub(crate) symbolic: bool,
    pub(crate) hardware: Option<Hardware>,
    pub(crate) device: Option<String>,
    /// A family whose neighbours no kernel has.
    pub(crate) other_family: Option<String>,
    pub(crate) v4: bool,
    pub(crate) v6: bool,
    pub(crate) states: bool,
    pub(crate) json: bool,
    pub(crate) explain: bool,
    pub(crate) operands: Vec<String>,
}

impl Asked {
    /// Whose tables are meant. ARP's, where nobody says.
    pub(crate) const fn tables(&self) -> Tables {
        match (self.v4, self.v6) {
            (true, true) => Tables::Both,
            (false, true) => Tables::V6,
            (_, false) => Tables::V4,
        }
    }
}

/// What is left to do after reading.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Read {
    Asked(Box<Asked>),
    Help,
    Version,
    /// It makes no sense: a line in the words of getopt(3), or nothing where the usage was asked for (`-?`).
    Usage(String),
    /// It will not be done.
    Refused(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    All,
    Linux,
    File,
    Delete,
    Set,
    Numeric,
    Symbolic,
    Verbose,
    FromDevice,
    Family,
    Hardware,
    Device,
    Version,
    Help,
    V4,
    V6,
    States,
    Json,
    Explain,
}

const LETTERS: &[(char, Meaning)] = &[
    ('a', Meaning::All),
    ('e', Meaning::Linux),
    ('f', Meaning::File),
    ('d', Meaning::Delete),
    ('s', Meaning::Set),
    ('n', Meaning::Numeric),
    ('N', Meaning::Symbolic),
    ('v', Meaning::Verbose),
    ('D', Meaning::FromDevice),
    ('A', Meaning::Family),
    ('p', Meaning::Family),
    ('H', Meaning::Hardware),
    ('t', Meaning::Hardware),
    ('i', Meaning::Device),
    ('V', Meaning::Version),
    ('h', Meaning::Help),
    ('4', Meaning::V4),
    ('6', Meaning::V6),
];

/// In the order of the original, which is seen where a word is ambiguous.
const LONG: &[(&str, Meaning)] = &[
    ("verbose", Meaning::Verbose),
    ("version", Meaning::Version),
    ("all", Meaning::All),
    ("delete", Meaning::Delete),
    ("file", Meaning::File),
    ("numeric", Meaning::Numeric),
    ("set", Meaning::Set),
    ("protocol", Meaning::Family),
    ("hw-type", Meaning::Hardware),
    ("device", Meaning::Device),
    ("help", Meaning::Help),
    ("use-device", Meaning::FromDevice),
    ("symbolic", Meaning::Symbolic),
];

/// What is new must make no old abbreviation ambiguous: it is looked at where nothing old fits.
const NEW: &[(&str, Meaning)] = &[
    ("ipv4", Meaning::V4),
    ("ipv6", Meaning::V6),
    ("states", Meaning::States),
    ("json", Meaning::Json),
    ("explain", Meaning::Explain),
];

/// Families that net-tools knows and no kernel has neighbours of.
const FAMILIES: &[&str] = &[
    "unspec",
    "unix",
    "ax25",
    "netrom",
    "rose",
    "ipx",
    "ddp",
    "ash",
    "ec",
    "x25",
    "irda",
    "bluetooth",
];

/// Reads the words after the program's name. What is not UTF-8 is replaced: no option is.
pub(crate) fn read(words: &[OsString]) -> Read {
    let words = words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    let mut reader = Reader { words, next: 0, asked: Asked::default() };
    match reader.read().and_then(|()| check(&reader.asked)) {
        Ok(()) => Read::Asked(Box::new(reader.asked)),
        Err(stop) => stop,
    }
}

/// What is looked at when all has been read.
fn check(asked: &Asked) -> Result<(), Read> {
    if let Some(family) = &asked.other_family {
        return Err(Read::Refused(format!("{family}: kernel only supports 'inet' and 'inet6'.")));
    }
    match asked.hardware {
        Some(hardware) if !hardware.is_arpable => {
            Err(Read::Refused(format!("{}: hardware type without ARP support.", hardware.name)))
        }
        _ => Ok(()),
    }
}

struct Reader {
    words: Vec<String>,
    next: usize,
    asked: Asked,
}

impl Reader {
    fn read(&mut self) -> Result<(), Read> {
        while let Some(word) = self.word() {
            match word.strip_prefix("--") {
                Some("") => self.asked.operands.extend(self.words.drain(self.next..)),
                Some(long) => self.long(long)?,
                None if word.len() > 1 && word.starts_with('-') => self.letters(&word[1..])?,
                None => self.asked.operands.push(word),
            }
        }
        Ok(())
    }

    fn word(&mut self) -> Option<String> {
        let word = self.words.get(self.next).cloned();
        self.next += usize::from(word.is_some());
        word
    }

    fn letters(&mut self, letters: &str) -> Result<(), Read> {
        for (at, letter) in letters.char_indices() {
            if letter == '?' {
                return Err(Read::Usage(String::new()));
            }
            let found = LETTERS.iter().find(|(known, _)| *known == letter);
            let (_, meaning) =
                found.ok_or_else(|| Read::Usage(format!("invalid option -- '{letter}'")))?;
            if !meaning.takes_value() {
                self.take(*meaning, String::new())?;
                continue;
            }
            let rest = &letters[at + letter.len_utf8()..];
            let value = if rest.is_empty() { self.word() } else { Some(rest.to_owned()) };
            let lacking = || Read::Usage(format!("option requires an argument -- '{letter}'"));
            return self.take(*meaning, value.ok_or_else(lacking)?);
        }
        Ok(())
    }

    fn long(&mut self, text: &str) -> Result<(), Read> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (text, None),
        };
        let (known, meaning) = find(name)?;
        if !meaning.takes_value() {
            return match value {
                Some(_) => {
                    Err(Read::Usage(format!("option '--{known}' doesn't allow an argument")))
                }
                None => self.take(meaning, String::new()),
            };
        }
        let value = value.or_else(|| self.word());
        let lacking = || Read::Usage(format!("option '--{known}' requires an argument"));
        self.take(meaning, value.ok_or_else(lacking)?)
    }

    fn take(&mut self, meaning: Meaning, value: String) -> Result<(), Read> {
        let asked = &mut self.asked;
        match meaning {
            Meaning::All => {
                asked.job = Job::Show;
                asked.all = true;
            }
            Meaning::Linux => asked.linux = true,
            Meaning::File => asked.job = Job::File,
            Meaning::Delete => asked.job = Job::Delete,
            Meaning::Set => asked.job = Job::Set,
            Meaning::Numeric => asked.numeric = true,
            Meaning::Symbolic => asked.symbolic = true,
            Meaning::Verbose => asked.verbose = true,
            Meaning::FromDevice => asked.from_device = true,
            Meaning::Family => return asked.family(value),
            Meaning::Hardware => {
                let unknown = || Read::Refused(format!("{value}: unknown hardware type."));
                asked.hardware = Some(Hardware::named(&value).ok_or_else(unknown)?);
            }
            Meaning::Device => asked.device = Some(value).filter(|name| !name.is_empty()),
            Meaning::Version => return Err(Read::Version),
            Meaning::Help => return Err(Read::Help),
            Meaning::V4 => asked.v4 = true,
            Meaning::V6 => asked.v6 = true,
            Meaning::States => asked.states = true,
            Meaning::Json => asked.json = true,
            Meaning::Explain => asked.explain = true,
        }
        Ok(())
    }
}

impl Asked {
    fn family(&mut self, name: String) -> Result<(), Read> {
        self.other_family = None;
        match name.as_str() {
            "inet" => (self.v4, self.v6) = (true, false),
            "inet6" => (self.v4, self.v6) = (false, true),
            known if FAMILIES.contains(&known) => self.other_family = Some(name),
            _ => return Err(Read::Refused(format!("{name}: unknown address family."))),
        }
        Ok(())
    }
}

impl Meaning {
    const fn takes_value(self) -> bool {
        matches!(self, Self::Family | Self::Hardware | Self::Device)
    }
}

fn find(name: &str) -> Result<(&'static str, Meaning), Read> {
    match find_in(LONG, name)? {
        Some(found) => Ok(found),
        None => find_in(NEW, name)?
            .ok_or_else(|| Read::Usage(format!("unrecognized option '--{name}'"))),
    }
}

fn find_in(
    table: &'static [(&'static str, Meaning)],
    name: &str,
) -> Result<Option<(&'static str, Meaning)>, Read> {
    if let Some(exact) = table.iter().find(|(known, _)| *known == name) {
        return Ok(Some(*exact));
    }
    let fitting: Vec<_> = table.iter().filter(|(known, _)| known.starts_with(name)).collect();
    match fitting[..] {
        [] => Ok(None),
        [only] => Ok(Some(*only)),
        _ => {
            let names: Vec<_> = fitting.iter().map(|(known, _)| format!("'--{known}'")).collect();
            let names = names.join(" ");
            Err(Read::Usage(format!("option '--{name}' is ambiguous; possibilities: {names}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(line: &str) -> Read {
        read(&line.split_whitespace().map(Into::into).collect::<Vec<_>>())
    }

    fn asked(line: &str) -> Asked {
        match given(line) {
            Read::Asked(asked) => *asked,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn words_are_read_as_getopt_reads_them() {
        let found = asked("-an 192.0.2.1 -ieth0");
        assert_eq!((found.job, found.all, found.numeric), (Job::Show, true, true));
        assert_eq!(found.device.as_deref(), Some("eth0"));
        assert_eq!(found.operands, ["192.0.2.1"]);
        let found = asked("-Ds 192.0.2.1 eth1 pub -- -x");
        assert_eq!((found.job, found.from_device), (Job::Set, true));
        assert_eq!(found.operands, ["192.0.2.1", "eth1", "pub", "-x"]);
        assert_eq!(asked("-ad x").job, Job::Delete, "the last one wins");
        assert_eq!(asked("--hw-type=ax25 --dev d0").hardware.unwrap().name, "ax25");
        assert_eq!(
            asked("--st --js --ex -t ether"),
            Asked {
                states: true,
                json: true,
                explain: true,
                hardware: Hardware::named("ether"),
                ..Asked::default()
            }
        );
    }

    #[test]
    fn families_are_those_of_the_last_word() {
        for (line, tables) in [
            ("", Tables::V4),
            ("-4", Tables::V4),
            ("-6", Tables::V6),
            ("-46", Tables::Both),
            ("-A inet6", Tables::V6),
            ("-A inet6 -p inet", Tables::V4),
            ("-A ipx -A inet", Tables::V4),
        ] {
            assert_eq!(asked(line).tables(), tables, "{line}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_said_in_the_words_of_the_original() {
        for (line, said) in [
            ("-x", "invalid option -- 'x'"),
            ("-?", ""),
            ("-i", "option requires an argument -- 'i'"),
            ("--ver", "option '--ver' is ambiguous; possibilities: '--verbose' '--version'"),
            ("--de", "option '--de' is ambiguous; possibilities: '--delete' '--device'"),
            ("--all=1", "option '--all' doesn't allow an argument"),
            ("--device", "option '--device' requires an argument"),
            ("--zork", "unrecognized option '--zork'"),
        ] {
            assert_eq!(given(line), Read::Usage(said.into()), "{line}");
        }
        for (line, said) in [
            ("-H foo -h", "foo: unknown hardware type."),
            ("-A foo", "foo: unknown address family."),
            ("-A ipx", "ipx: kernel only supports 'inet' and 'inet6'."),
            ("-H loop", "loop: hardware type without ARP support."),
        ] {
            assert_eq!(given(line), Read::Refused(said.into()), "{line}");
        }
        assert_eq!((given("-hV"), given("-Vh")), (Read::Help, Read::Version));
    }
}
