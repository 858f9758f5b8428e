//! How Linux' traceroute reads its arguments, which is not how getopt(3) does: long options take their
//! value after an equals sign and are not to be cut short, of letters in a cluster only the last takes
//! a value, and that is the next word.

use std::collections::HashMap;
use std::ffi::OsString;

use clap::{Arg, ArgAction, Command};
use wireline_cli::{Exit, Refusal};

/// The words as clap is to read them, the program's name first, and where each value stood.
#[derive(Debug, Default)]
pub(crate) struct Words {
    pub(crate) normal: Vec<OsString>,
    pub(crate) places: Places,
}

/// Where the value of each option stood, for messages.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places(HashMap<String, (String, usize)>);

impl Places {
    /// The option as it was written, and the number of the word that its value is in.
    pub(crate) fn of(&self, id: &str) -> (String, usize) {
        self.0.get(id).cloned().unwrap_or_default()
    }
}

/// The methods, of which the last one counts.
const METHODS: [&str; 7] = ["icmp", "tcp", "udp", "udplite", "dccp", "protocol", "module"];

/// Reads the words after the program's name.
pub(crate) fn read(command: &Command, words: &[OsString]) -> Result<Words, Refusal> {
    let mut reader = Reader {
        command,
        words,
        next: 0,
        options: Vec::new(),
        operands: Vec::new(),
        places: Places::default(),
    };
    reader.read()?;
    let is_method = |id: &str| METHODS.contains(&id);
    let last = reader.options.iter().rposition(|(id, _)| is_method(id));
    let options = reader.options.into_iter().enumerate();
    let kept = options.filter(|(n, (id, _))| !is_method(id) || Some(*n) == last);
    let program = std::iter::once(OsString::from(command.get_name()));
    let normal = program
        .chain(kept.map(|(_, (_, word))| word))
        .chain(std::iter::once("--".into()))
        .chain(reader.operands)
        .collect();
    Ok(Words { normal, places: reader.places })
}

struct Reader<'a> {
    command: &'a Command,
    words: &'a [OsString],
    next: usize,
    /// What each is called in the command's definition, and as clap is to read it.
    options: Vec<(String, OsString)>,
    operands: Vec<OsString>,
    places: Places,
}

impl Reader<'_> {
    fn read(&mut self) -> Result<(), Refusal> {
        let mut only_operands = false;
        while let Some(word) = self.words.get(self.next) {
            self.next += 1;
            let text = word.to_string_lossy().into_owned();
            if only_operands || text == "-" || !text.starts_with('-') {
                self.operand(&text)?;
            } else if text == "--" {
                only_operands = true;
            } else if text == "-UL" {
                self.flag("udplite");
            } else if let Some(long) = text.strip_prefix("--") {
                self.long(long)?;
            } else {
                self.cluster(&text[1..])?;
            }
        }
        Ok(())
    }

    fn operand(&mut self, text: &str) -> Result<(), Refusal> {
        let (position, place) = (self.operands.len() + 1, self.next);
        let id = match position {
            1 => "host",
            2 => "packet_len",
            _ => return refuse(format!("Extra arg `{text}' (position {position}, argc {place})")),
        };
        self.places.0.insert(id.to_owned(), (id.to_owned(), place));
        self.operands.push(text.into());
        Ok(())
    }

    fn long(&mut self, text: &str) -> Result<(), Refusal> {
        let place = self.next;
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        let found = self.command.get_arguments().find(|arg| arg.get_long() == Some(name));
        let spelled = format!("--{name}");
        match (found, value) {
            (Some(arg), Some(value)) if takes_value(arg) => {
                let arg = arg.clone();
                self.value(&arg, &spelled, value.into());
            }
            (Some(arg), None) if !takes_value(arg) => {
                let id = arg.get_id().to_string();
                self.flag(&id);
            }
            (Some(arg), None) => {
                let what = value_name(arg);
                return refuse(format!(
                    "Option `{spelled}' (argc {place}) requires an argument: `{spelled}={what}'"
                ));
            }
            (_, Some(value)) => {
                return refuse(format!(
                    "Bad option `--{text}' (with arg `{value}') (argc {place})"
                ));
            }
            (None, None) => return refuse(format!("Bad option `{spelled}' (argc {place})")),
        }
        Ok(())
    }

    fn cluster(&mut self, letters: &str) -> Result<(), Refusal> {
        let place = self.next;
        for (n, letter) in letters.char_indices() {
            let spelled = format!("-{letter}");
            let found = self.command.get_arguments().find(|arg| arg.get_short() == Some(letter));
            let Some(arg) = found.cloned() else {
                return refuse(format!("Bad option `{spelled}' (argc {place})"));
            };
            if !takes_value(&arg) {
                self.flag(arg.get_id().as_str());
                continue;
            }
            let rest = &letters[n + letter.len_utf8()..];
            if n == 0 && !rest.is_empty() {
                self.value(&arg, &spelled, rest.into());
                return Ok(());
            }
            let Some(value) = self.words.get(self.next).filter(|_| rest.is_empty()).cloned() else {
                let what = value_name(&arg);
                return refuse(format!(
                    "Option `{spelled}' (argc {place}) requires an argument: `{spelled} {what}'"
                ));
            };
            self.next += 1;
            self.value(&arg, &spelled, value);
        }
        Ok(())
    }

    fn flag(&mut self, id: &str) {
        let arg = self.command.get_arguments().find(|arg| arg.get_id() == id);
        let spelled = match arg.map(|arg| (arg.get_long(), arg.get_short())) {
            Some((Some(long), _)) => format!("--{long}"),
            Some((None, Some(short))) => format!("-{short}"),
            _ => return,
        };
        self.options.push((id.to_owned(), spelled.into()));
    }

    fn value(&mut self, arg: &Arg, spelled: &str, value: OsString) {
        let id = arg.get_id().to_string();
        self.places.0.insert(id.clone(), (spelled.to_owned(), self.next));
        let mut word = match (arg.get_long(), arg.get_short()) {
            (Some(long), _) => OsString::from(format!("--{long}=")),
            (None, short) => OsString::from(format!("-{}", short.unwrap_or_default())),
        };
        word.push(value);
        self.options.push((id, word));
    }
}

fn takes_value(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Set | ArgAction::Append)
}

/// What the value is called: in lower case, but for the only one that is a list.
fn value_name(arg: &Arg) -> String {
    let name =
        arg.get_value_names().and_then(|names| names.first()).map_or("", |name| name.as_str());
    if name.contains(',') { name.to_owned() } else { name.to_lowercase() }
}

fn refuse<T>(message: String) -> Result<T, Refusal> {
    Err(Refusal::new(Exit::FAILED, message))
}
