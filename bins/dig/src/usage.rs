//! How it is to be used, in a few lines and in many.

use std::fmt::Write as _;

use crate::plus::{BEYOND, Row, TABLE, Value};

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
        q-type    is one of (a,aaaa,any,mx,ns,soa,txt,axfr,TYPEnnn,...) [default: a]
                  (ixfr=serial for an incremental transfer)
        q-opt     is one of:
",
    );
    for (letter, value, what) in LETTERS {
        let _ = writeln!(text, "                 {:<20}({what})", format!("-{letter} {value}"));
    }
    text.push_str("        d-opt     is of the form +keyword[=value], where keyword is:\n");
    for row in TABLE.iter().chain(BEYOND) {
        plus(&mut text, row);
    }
    text.push_str("        and beyond BIND's dig:\n");
    for long in crate::beyond::TABLE {
        let word = format!("--{}{}", long.name, long.value.map_or("", |_| " "));
        let word = format!("{word}{}", long.value.unwrap_or_default());
        let _ = writeln!(text, "                 {word:<20} ({})", long.what);
    }
    text.push_str(
        "        d-opts and servers before the first name are for all queries,
        those behind a name for that query.
",
    );
    text
}

fn plus(text: &mut String, row: &Row) {
    let what = crate::words::what(row.plus);
    for name in row.names.iter().filter(|_| !what.is_empty()) {
        let value = match row.value {
            Value::None => "",
            Value::Maybe => "[=###]",
            Value::Must => "=###",
        };
        let _ = writeln!(text, "                 +[no]{:<20}({what})", format!("{name}{value}"));
    }
}
