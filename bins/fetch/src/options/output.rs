//! Files that are written.

use super::Group::{Curl, Global, Http, Important, Output, Verbose};
use super::{Opt, once, switch, unswitch, word};
use crate::config::Target;
use crate::grammar::{Done, Misuse, Reading, Word};
use crate::output::{Existing, To};
use crate::surroundings::contents;

pub(super) const OPTIONS: &[Opt] = &[
    unswitch("buffer", 'N', &[Output], "Write what comes at once", |r, on| {
        r.op.output.is_unbuffered = !on;
    }),
    unswitch("clobber", '-', &[Output], "Do not write over files; take another name", |r, on| {
        r.op.output.existing = if on { Existing::Over } else { Existing::Another };
    }),
    switch("create-dirs", '-', &[Output], "Make directories that are not there", |r, on| {
        r.op.output.creates_directories = on;
    }),
    word(
        ("create-file-mode", '-', "<mode>"),
        &[Output],
        "Permissions of files that are made",
        |r, word| {
            let text = word.text()?;
            let mode = u32::from_str_radix(&text, 8).map_err(|_| Misuse::BadNumber)?;
            if mode > 0o777 {
                return Err(Misuse::TooLarge);
            }
            r.op.output.file_mode = Some(mode);
            Ok(())
        },
    ),
    word(("dump-header", 'D', "<file>"), &[Http, Output], "Write heads to this file", |r, word| {
        r.op.output.dump_heads = Some(word.path()?);
        Ok(())
    }),
    Opt { help: "", ..switch("include", '-', &[], "", |r, on| r.op.output.includes_heads = on) },
    once("out-null", '-', &[Output], "Throw away what comes", |r| {
        target(r).to = Some(To::Nowhere);
        Ok(())
    }),
    word(
        ("output", 'o', "<file>"),
        &[Important, Output],
        "Write what comes to this file",
        |r, word| {
            let path = word.path()?;
            let is_stdout = path.as_os_str() == "-";
            target(r).to = Some(if is_stdout { To::Stdout } else { To::File(path) });
            Ok(())
        },
    ),
    word(("output-dir", '-', "<directory>"), &[Output], "Where files are written", |r, word| {
        r.op.output.directory = Some(word.path()?);
        Ok(())
    }),
    switch(
        "remote-header-name",
        'J',
        &[Output],
        "With -O, take the name that the server gives",
        |r, on| {
            r.op.named_by_server = on;
        },
    ),
    switch(
        "remote-name",
        'O',
        &[Important, Output],
        "Write to a file named as in the URL",
        |r, on| {
            target(r).to = Some(if on { To::RemoteName } else { To::Terminal });
        },
    ),
    switch("remote-name-all", '-', &[Output], "Act as with -O for each URL", |r, on| {
        r.op.names_all = on;
    }),
    switch("remote-time", 'R', &[Output], "Give files the time that the server says", |r, on| {
        r.op.output.keeps_time = on;
    }),
    switch("remove-on-error", '-', &[Output], "Remove the file where a transfer fails", |r, on| {
        r.op.output.removes_on_error = on;
    }),
    switch(
        "show-headers",
        'i',
        &[Important, Output, Verbose],
        "Write heads before bodies",
        |r, on| {
            r.op.output.includes_heads = on;
        },
    ),
    switch(
        "skip-existing",
        '-',
        &[Curl, Output],
        "Transfer nothing where the file is there",
        |r, on| {
            r.op.output.existing = if on { Existing::Skip } else { Existing::Usual };
        },
    ),
    switch(
        "styled-output",
        '-',
        &[Global, Verbose],
        "Show names of fields bold on a terminal",
        |r, on| {
            r.globals.shown.is_plain = !on;
        },
    ),
    word(
        ("write-out", 'w', "<format>"),
        &[Verbose],
        "Write this at the end, its variables replaced",
        write_out,
    ),
];

fn write_out(r: &mut Reading, word: &Word<'_>) -> Done {
    let text = match word.bytes().strip_prefix(b"@") {
        None => word.text()?,
        Some(path) => {
            let path = Word::new(path).maybe_path();
            let Ok(octets) = contents(&path) else {
                r.error(&format!("Failed to open {}", path.display()));
                return Err(Misuse::ReadError);
            };
            // Line ends of files are not part of it: it is one line.
            let octets: Vec<u8> =
                octets.into_iter().filter(|octet| !matches!(octet, b'\r' | b'\n' | 0)).collect();
            String::from_utf8(octets).map_err(|_| Misuse::BadlyUsed)?
        }
    };
    r.op.output.write_out = Some(text).filter(|text| !text.is_empty());
    Ok(())
}

/// The first target that has no output yet.
fn target(r: &mut Reading) -> &mut Target {
    crate::options::sending::target(&mut r.op, |one| one.to.is_none())
}
