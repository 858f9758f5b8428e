//! What clap is to know: for the completions and the manual. `grammar` reads the words itself, because dig's
//! order of names and options is nothing that clap could keep.

use clap::builder::PossibleValue;
use clap::{Arg, ArgAction, Command};
use wireline_dns::{Class, RecordType};

use crate::plus::{BEYOND, Plus, Row, TABLE, Value};
use crate::usage::LETTERS;
use crate::words::what;

/// The options as clap describes them.
#[must_use]
pub fn command() -> Command {
    let letters = LETTERS.iter().map(|(letter, value, what)| {
        let arg = Arg::new(letter.to_string()).short(*letter).help(*what);
        // zsh's completions take what stands behind a colon for something else.
        let value = value.rsplit(':').next().unwrap_or_default();
        if value.is_empty() { arg.action(ArgAction::SetTrue) } else { arg.value_name(value) }
    });
    let longs = crate::beyond::TABLE.iter().map(|long| {
        let arg = Arg::new(long.name).long(long.name).help(long.what);
        let arg = arg.help_heading("Beyond BIND's dig");
        match long.value {
            Some(value) => arg.value_name(value),
            None => arg.action(ArgAction::SetTrue),
        }
    });
    let words = Arg::new("words")
        .value_name("WORD")
        .num_args(0..)
        .help("@server, name, type, class and +option, in any order")
        .value_parser(words())
        .hide_possible_values(true);
    Command::new("dig")
        .about("Ask name servers, over every transport")
        .disable_help_flag(true)
        .disable_version_flag(true)
        .args(letters)
        .args(longs)
        .arg(words)
}

/// What a word may be beside a name: options, types, classes.
fn words() -> Vec<PossibleValue> {
    let options = TABLE.iter().chain(BEYOND).flat_map(option);
    let types = RecordType::all().map(|(_, name)| PossibleValue::new(name));
    let classes = Class::all().filter(|(class, _)| *class != Class::ANY);
    let classes = classes.map(|(_, name)| PossibleValue::new(name));
    options.chain(types).chain(classes).collect()
}

/// An option, and without it.
fn option(row: &'static Row) -> Vec<PossibleValue> {
    if matches!(row.plus, Plus::Gone(_)) {
        return Vec::new();
    }
    let end = if matches!(row.value, Value::Must(_)) { "=" } else { "" };
    let named = row.names.iter().flat_map(move |name| {
        let with = PossibleValue::new(format!("+{name}{end}")).help(what(row.plus));
        let without = PossibleValue::new(format!("+no{name}")).help("not so");
        [Some(with), row.has_no().then_some(without)]
    });
    named.flatten().collect()
}
