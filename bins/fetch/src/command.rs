//! The command line as clap has it: for completions and the manual page alone. Words are read by [`crate::grammar`].

use clap::{Arg, ArgAction, Command, ValueHint};

use crate::options::{self, Act, Opt};

/// The command-line definition, from which completions and the manual page are generated.
#[must_use]
pub fn command() -> Command {
    let mut shown: Vec<&Opt> = options::all().filter(|option| option.is_shown()).collect();
    shown.sort_by_key(|option| option.usual());
    let urls = Arg::new("URLS")
        .value_name("URL")
        .help("Where to; braces and brackets stand for several")
        .num_args(0..)
        .value_hint(ValueHint::Url);
    Command::new("fetch")
        .about("Transfer URLs over HTTP 1.1, 2 and 3, every phase in the open")
        .override_usage("fetch [OPTIONS] URL...")
        .disable_help_flag(true)
        .disable_version_flag(true)
        .version(env!("CARGO_PKG_VERSION"))
        .args(shown.into_iter().map(argument))
        .arg(urls)
}

fn argument(option: &Opt) -> Arg {
    let usual: &'static str = if matches!(option.act, Act::Unswitch(_)) {
        // The one way to a name that lives as long as clap wants; a handful, in a program that ends at once.
        String::leak(option.usual())
    } else {
        option.long
    };
    let argument = Arg::new(usual).long(usual).help(option.help);
    let argument = match option.short {
        Some(letter) => argument.short(char::from(letter)),
        None => argument,
    };
    if matches!(option.act, Act::MayEqual(_)) {
        let name = option.word.trim_matches(['<', '>', '[', ']', '=']);
        return argument
            .action(ArgAction::Append)
            .value_name(name)
            .num_args(0..=1)
            .require_equals(true);
    }
    if !option.takes_word() {
        return argument.action(ArgAction::SetTrue);
    }
    let name = option.word.trim_matches(['<', '>']);
    let hint = match name {
        "file" => ValueHint::FilePath,
        "directory" => ValueHint::DirPath,
        _ => ValueHint::Other,
    };
    let least = usize::from(matches!(option.act, Act::Word(_)));
    argument.action(ArgAction::Append).value_name(name).value_hint(hint).num_args(least..=1)
}

#[cfg(test)]
mod tests {
    #[test]
    fn definition_is_sound() {
        super::command().debug_assert();
    }
}
