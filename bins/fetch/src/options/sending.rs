//! Where to, and what is sent.

use super::Group::{Curl, Http, Important, Post, Report, Upload};
use super::{Act, Opt, switch, word};
use crate::config::{Operation, Target};
use crate::data::{self, Kind};
use crate::form;
use crate::grammar::{Done, Misuse, Reading, Word};
use crate::surroundings::contents;

pub(super) const OPTIONS: &[Opt] = &[
    word(
        ("data", 'd', "<data>"),
        &[Important, Http, Post, Upload],
        "Send this; @file for what is in it",
        |r, word| posted(r, Kind::Text, word),
    ),
    word(("data-ascii", '-', "<data>"), &[Http, Post, Upload], "As --data", |r, word| {
        posted(r, Kind::Text, word)
    }),
    word(
        ("data-binary", '-', "<data>"),
        &[Http, Post, Upload],
        "As --data, files as they are",
        |r, word| posted(r, Kind::Binary, word),
    ),
    word(
        ("data-raw", '-', "<data>"),
        &[Http, Post, Upload],
        "As --data, and @ means nothing",
        |r, word| posted(r, Kind::Raw, word),
    ),
    word(
        ("data-urlencode", '-', "<data>"),
        &[Http, Post, Upload],
        "As --data, encoded as in URLs",
        |r, word| posted(r, Kind::UrlEncoded, word),
    ),
    word(
        ("form", 'F', "<name=content>"),
        &[Http, Post, Upload],
        "Send a form of parts",
        |r, word| form::add(r, word, false),
    ),
    switch(
        "form-escape",
        '-',
        &[Http, Post, Upload],
        "Escape names in forms by backslashes",
        |r, on| {
            r.op.asked.form_escapes = on;
        },
    ),
    word(
        ("form-string", '-', "<name=string>"),
        &[Http, Post, Upload],
        "As --form, without special letters",
        |r, word| form::add(r, word, true),
    ),
    Opt {
        long: "json",
        short: None,
        word: "[data]",
        groups: &[Http, Post, Upload, Report],
        help: "Send this as JSON; without data, tell all in JSON",
        act: Act::Peek(json),
    },
    word(
        ("upload-file", 'T', "<file>"),
        &[Important, Upload],
        "Send this file (-: stdin)",
        |r, word| {
            let text = word.text()?;
            target(&mut r.op, |one| one.upload.is_none()).upload = Some(text);
            Ok(())
        },
    ),
    word(
        ("url", '-', "<url/@file>"),
        &[Curl],
        "Where to; @file for one URL on each line",
        |r, word| match word.bytes().strip_prefix(b"@") {
            Some(path) => urls(r, &Word::new(path)),
            None => url(r, word),
        },
    ),
    word(
        ("url-query", '-', "<data>"),
        &[Http, Post, Upload],
        "Add this to the URL's query",
        data::add_query,
    ),
    switch("globoff", 'g', &[Curl], "Braces and brackets are part of URLs", |r, on| {
        r.op.is_glob_off = on;
    }),
];

/// curl's, with data behind it; ours, where there are none.
fn json(r: &mut Reading, word: Option<&Word<'_>>) -> Result<bool, Misuse> {
    if let Some(word) = word.filter(|word| super::reports::is_data(word.bytes())) {
        return posted(r, Kind::Json, word).map(|()| true);
    }
    r.globals.shown.reports.json = true;
    Ok(false)
}

/// Another URL.
pub(crate) fn url(r: &mut Reading, word: &Word<'_>) -> Done {
    if word.bytes().is_empty() {
        return Err(Misuse::Blank);
    }
    target(&mut r.op, |one| one.url.is_none()).url = Some(word.url());
    Ok(())
}

/// One on each line; empty lines and comments are none.
fn urls(r: &mut Reading, path: &Word<'_>) -> Done {
    let path = path.path()?;
    let Ok(octets) = contents(&path) else {
        r.error(&format!("Failed to open {}", path.display()));
        return Err(Misuse::ReadError);
    };
    for line in octets.split(|octet| *octet == b'\n').map(<[u8]>::trim_ascii) {
        if !line.is_empty() && !line.starts_with(b"#") {
            url(r, &Word::new(line))?;
        }
    }
    Ok(())
}

fn posted(r: &mut Reading, kind: Kind, word: &Word<'_>) -> Done {
    data::add(r, kind, word)
}

/// The first target that lacks something, or a new one.
pub(super) fn target(operation: &mut Operation, lacks: fn(&Target) -> bool) -> &mut Target {
    let at = operation.targets.iter().position(lacks);
    let at = at.unwrap_or_else(|| {
        operation.targets.push(Target::default());
        operation.targets.len().saturating_sub(1)
    });
    &mut operation.targets[at]
}
