//! The table of options: all that curl 8 has. From it come the reading of words, `--help`, completions, the manual page.
//!
//! An option that is not supported has its row, too: it is refused by its name, and no word is swallowed in silence.

use crate::grammar::{Done, Misuse, Reading, Word};

mod asking;
mod auth;
mod condition;
mod connection;
mod files;
mod global;
mod output;
mod pace;
pub(crate) mod place;
mod proxy;
mod range;
mod refused;
mod reports;
mod schemes;
mod sending;
mod tls;

pub(crate) use sending::url;

/// An option.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opt {
    /// `output`, for `--output`. Of what is documented as `--no-alpn` it is `alpn`.
    pub(crate) long: &'static str,
    /// `o`, for `-o`.
    pub(crate) short: Option<u8>,
    /// What stands behind it: `<file>`; nothing for those without.
    pub(crate) word: &'static str,
    /// Where `--help` has it.
    pub(crate) groups: &'static [Group],
    /// What it does, for `--help`.
    pub(crate) help: &'static str,
    /// What it does.
    pub(crate) act: Act,
}

/// What an option does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    /// It stands alone.
    Once(fn(&mut Reading) -> Done),
    /// It can be undone by `--no-`.
    Switch(fn(&mut Reading, bool)),
    /// As `Switch`, and it is what happens anyway: `--no-` is what people use.
    Unswitch(fn(&mut Reading, bool)),
    /// A word belongs to it.
    Word(fn(&mut Reading, &Word<'_>) -> Done),
    /// A word may belong to it.
    MayWord(fn(&mut Reading, Option<&Word<'_>>) -> Done),
    /// A word belongs to it where it looks like one; whether it does.
    Peek(fn(&mut Reading, Option<&Word<'_>>) -> Result<bool, Misuse>),
    /// A word may be joined to it by `=`.
    MayEqual(fn(&mut Reading, Option<&Word<'_>>) -> Done),
    /// It has no meaning any more, with or without a word: curl says so and goes on.
    Gone(bool),
    /// It is curl's, and not ours; why.
    Refused(&'static str),
}

/// Where `--help` has an option; curl's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    Auth,
    Connection,
    Curl,
    Dns,
    Global,
    Http,
    Important,
    Output,
    Post,
    Proxy,
    Report,
    Timeout,
    Tls,
    Upload,
    Verbose,
}

impl Group {
    /// All that people can ask for.
    pub(crate) const ALL: [(Self, &'static str, &'static str); 14] = [
        (Self::Auth, "auth", "Who asks"),
        (Self::Connection, "connection", "How servers are reached"),
        (Self::Curl, "curl", "The command line itself"),
        (Self::Dns, "dns", "Names and addresses"),
        (Self::Global, "global", "What holds for all URLs"),
        (Self::Http, "http", "Requests and responses"),
        (Self::Output, "output", "Files that are written"),
        (Self::Post, "post", "Data and forms that are sent"),
        (Self::Proxy, "proxy", "Proxies"),
        (Self::Report, "report", "What is told at the end, in place of the body"),
        (Self::Timeout, "timeout", "How long things may take"),
        (Self::Tls, "tls", "TLS and certificates"),
        (Self::Upload, "upload", "Whatever is sent"),
        (Self::Verbose, "verbose", "What is told of a transfer"),
    ];
}

impl Opt {
    /// Whether a word belongs to it.
    pub(crate) const fn takes_word(&self) -> bool {
        matches!(self.act, Act::Word(_) | Act::MayWord(_) | Act::Gone(true))
    }

    /// Why it is refused, where it is.
    pub(crate) const fn refusal(&self) -> Option<Misuse> {
        match self.act {
            Act::Refused(why) => Some(Misuse::Unsupported(why)),
            _ => None,
        }
    }

    /// Whether it does something.
    pub(crate) const fn is_supported(&self) -> bool {
        !matches!(self.act, Act::Refused(_) | Act::Gone(_))
    }

    /// Whether people are told of it: of aliases they are not.
    pub(crate) const fn is_shown(&self) -> bool {
        self.is_supported() && !self.help.is_empty()
    }

    /// As people write it, without the dashes: `no-alpn`.
    pub(crate) fn usual(&self) -> String {
        match self.act {
            Act::Unswitch(_) => format!("no-{}", self.long),
            _ => self.long.to_owned(),
        }
    }
}

const TABLES: [&[Opt]; 12] = [
    asking::OPTIONS,
    auth::OPTIONS,
    connection::OPTIONS,
    files::OPTIONS,
    global::OPTIONS,
    output::OPTIONS,
    proxy::OPTIONS,
    reports::OPTIONS,
    sending::OPTIONS,
    tls::OPTIONS,
    refused::GONE,
    refused::OPTIONS,
];

/// All of them, in no order.
pub(crate) fn all() -> impl Iterator<Item = &'static Opt> {
    TABLES.into_iter().flatten()
}

/// The option of this name. No prefix will do, as with curl since 8.10.
pub(crate) fn long(name: &[u8]) -> Option<&'static Opt> {
    all().find(|option| option.long.as_bytes() == name)
}

/// The option of this letter.
pub(crate) fn short(letter: u8) -> Option<&'static Opt> {
    all().find(|option| option.short == Some(letter))
}

/// A letter; `-` for none.
const fn letter(of: char) -> Option<u8> {
    let mut octets = [0; 4];
    match of {
        '-' => None,
        other => other.encode_utf8(&mut octets).as_bytes().first().copied(),
    }
}

const fn switch(
    long: &'static str,
    short: char,
    groups: &'static [Group],
    help: &'static str,
    act: fn(&mut Reading, bool),
) -> Opt {
    Opt { long, short: letter(short), word: "", groups, help, act: Act::Switch(act) }
}

const fn unswitch(
    long: &'static str,
    short: char,
    groups: &'static [Group],
    help: &'static str,
    act: fn(&mut Reading, bool),
) -> Opt {
    Opt { long, short: letter(short), word: "", groups, help, act: Act::Unswitch(act) }
}

const fn once(
    long: &'static str,
    short: char,
    groups: &'static [Group],
    help: &'static str,
    act: fn(&mut Reading) -> Done,
) -> Opt {
    Opt { long, short: letter(short), word: "", groups, help, act: Act::Once(act) }
}

const fn word(
    (long, short, word): (&'static str, char, &'static str),
    groups: &'static [Group],
    help: &'static str,
    act: fn(&mut Reading, &Word<'_>) -> Done,
) -> Opt {
    Opt { long, short: letter(short), word, groups, help, act: Act::Word(act) }
}

#[cfg(test)]
mod tests;
