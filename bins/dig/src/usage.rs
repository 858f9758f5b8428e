//! How it is to be used, in a few lines and in many.

use std::fmt::Write as _;

use crate::plus::{BEYOND, Plus, Row, TABLE, Value};
use crate::words::what;

/// As dig prints it behind an error: scripts look for the first word.
pub(crate) const SHORT: &str = concat!(
    "Usage:  dig [@global-server] [domain] [q-type] [q-class] {q-opt}\n",
    "            {global-d-opt} host [@local-server] {local-d-opt}\n",
    "            [ host [@local-server] {local-d-opt} [...]]\n",
);

/// And where there is more.
pub(crate) const HINT: &str =
    "\nUse \"dig -h\" (or \"dig -h | more\") for complete list of options\n";

/// Letters, what follows them, and what they do. The completions and the manual have them too.
pub(crate) const LETTERS: &[(char, &str, &str)] = &[
    ('4', "", "IPv4 servers only"),
    ('6', "", "IPv6 servers only"),
    ('b', "address[#port]", "address and port to ask from"),
    ('c', "class", "class"),
    ('d', "", "tell what is done"),
    ('f', "filename", "command lines from a file, or from stdin (-)"),
    ('h', "", "print this help"),
    ('k', "keyfile", "sign with the TSIG key in a file"),
    ('p', "port", "port of the servers"),
    ('q', "name", "name, whatever it looks like"),
    ('r', "", "do not read ~/.digrc"),
    ('t', "type", "type; ixfr=serial"),
    ('u', "", "microseconds"),
    ('v', "", "print version"),
    ('x', "dot-notation", "name of an address, and type PTR"),
    ('y', "[hmac:]name:key", "sign with this TSIG key (others may read it while dig runs)"),
];

/// What `-h` prints.
pub(crate) fn long() -> String {
    let mut text = SHORT.to_owned();
    text.push_str(
        "Where:  domain    is a name in the Domain Name System
        q-class   is one of (in,hs,ch,any,CLASSnnn) [default: in]
        q-type    is one of (a,aaaa,any,mx,ns,txt,axfr,TYPEnnn,...) [default: a]
                  (ixfr=serial for an incremental transfer)
        q-opt     is one of:
",
    );
    for (letter, value, what) in LETTERS {
        explain(&mut text, &format!("-{letter} {value}"), what);
    }
    text.push_str("        d-opt     is of the form +keyword[=value], where keyword is:\n");
    for (option, what) in plus_options() {
        explain(&mut text, &option, what);
    }
    text.push_str("        and beyond BIND's dig:\n");
    for long in crate::beyond::TABLE {
        let value = long.value.map_or_else(String::new, |value| format!(" {value}"));
        explain(&mut text, &format!("--{}{value}", long.name), long.what);
    }
    text.push_str(
        "        d-opts and servers before the first name are for all queries,
        those behind a name for that query.
",
    );
    text
}

/// Every option that begins with `+`, as `+[no]cookie[=HEX]`, and what it does.
#[must_use]
pub fn plus_options() -> Vec<(String, &'static str)> {
    let rows = TABLE.iter().chain(BEYOND).filter(|row| !matches!(row.plus, Plus::Gone(_)));
    rows.flat_map(|row| row.names.iter().map(|name| (spelled(row, name), what(row.plus)))).collect()
}

fn spelled(row: &Row, name: &str) -> String {
    let no = if row.has_no() { "[no]" } else { "" };
    let value = match row.value {
        Value::None => String::new(),
        Value::Maybe(value) => format!("[={value}]"),
        Value::Must(value) => format!("={value}"),
    };
    format!("+{no}{name}{value}")
}

/// Columns of a terminal.
const WIDTH: usize = 80;
/// Where words stand, and what they mean.
const WORD: usize = 17;
const MEANING: usize = 36;

/// A word and what it means, on as many lines as it takes.
fn explain(text: &mut String, word: &str, what: &str) {
    let mut line = format!("{:WORD$}{word:<1$}", "", MEANING - WORD - 1);
    for part in format!("({what})").split(' ') {
        if line.len() + 1 + part.len() > WIDTH {
            let _ = writeln!(text, "{line}");
            line = " ".repeat(MEANING);
        }
        line.push(' ');
        line.push_str(part);
    }
    let _ = writeln!(text, "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_fits_a_terminal() {
        for line in long().lines() {
            assert!(line.len() <= WIDTH, "{line}");
        }
    }

    #[test]
    fn every_option_says_what_it_does() {
        for (option, what) in plus_options() {
            assert!(!what.is_empty(), "{option}");
        }
    }
}
