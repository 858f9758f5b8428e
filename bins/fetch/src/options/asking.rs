//! What is asked: methods, fields, ranges, versions, what becomes of the answer.

use wireline_http::spec::{Fail, FieldEdit, Versions};

use super::Group::{Connection, Curl, Http, Important, Output, Post, Timeout};
use super::{Opt, condition, once, range, switch, word};
use crate::grammar::{Done, Misuse, Reading, Word};
use crate::surroundings::contents;

pub(super) const OPTIONS: &[Opt] = &[
    switch("compressed", '-', &[Http], "Offer content codings and undo them", |r, on| {
        r.op.spec.request.compressed = on;
    }),
    word(
        ("continue-at", 'C', "<offset>"),
        &[Connection],
        "Go on at this octet, or (-) where the file ends",
        range::continue_at,
    ),
    word(
        ("expect100-timeout", '-', "<seconds>"),
        &[Http, Timeout],
        "How long 100 (Continue) is waited for",
        |r, word| {
            r.op.spec.request.expect_timeout = Some(word.seconds()?.unwrap_or_default());
            Ok(())
        },
    ),
    switch(
        "fail",
        'f',
        &[Important, Http],
        "Fail, without a body, where the status is 400 or more",
        |r, on| {
            r.op.spec.request.fail = if on { Fail::WithoutBody } else { Fail::No };
        },
    ),
    switch(
        "fail-with-body",
        '-',
        &[Http, Output],
        "Fail where the status is 400 or more, and keep the body",
        |r, on| {
            r.op.spec.request.fail = if on { Fail::WithBody } else { Fail::No };
        },
    ),
    switch(
        "follow",
        '-',
        &[Http],
        "Follow redirects, with methods as their status says",
        |r, on| {
            r.op.spec.redirects.follow = on;
            r.op.spec.redirects.keeps_method = !on;
        },
    ),
    switch("get", 'G', &[Http], "Put what would be sent into the URL", |r, on| {
        r.op.asked.in_url = on;
    }),
    switch("head", 'I', &[Http], "Ask for the head alone", |r, on| {
        r.op.output.includes_heads = on;
        r.op.spec.request.is_head = on;
    }),
    word(
        ("header", 'H', "<field/@file>"),
        &[Http],
        "Add, change or leave out a field",
        |r, word| {
            for edit in fields(r, word)? {
                r.op.spec.request.fields.push(edit);
            }
            Ok(())
        },
    ),
    switch("http0.9", '-', &[Http], "Take responses without a head", |r, on| {
        r.op.spec.request.allow_http09 = on;
    }),
    once("http1.0", '0', &[Http], "Speak HTTP/1.0", |r| versions(r, Versions::Http10)),
    once("http1.1", '-', &[Http], "Speak HTTP/1.1", |r| versions(r, Versions::Http11)),
    once("http2", '-', &[Http], "Speak HTTP/2 where the server does", |r| {
        versions(r, Versions::Http2)
    }),
    once("http2-prior-knowledge", '-', &[Http], "Speak HTTP/2 without asking", |r| {
        versions(r, Versions::Http2PriorKnowledge)
    }),
    once("http3", '-', &[Http], "Speak HTTP/3 where the server does", |r| {
        versions(r, Versions::Http3)
    }),
    once("http3-only", '-', &[Http], "Speak HTTP/3 and nothing else", |r| {
        versions(r, Versions::Http3Only)
    }),
    switch("ignore-content-length", '-', &[Http], "Do not believe Content-Length", |r, on| {
        r.op.spec.request.ignore_content_length = on;
    }),
    switch("location", 'L', &[Http], "Follow redirects", |r, on| r.op.spec.redirects.follow = on),
    word(
        ("max-redirs", '-', "<number>"),
        &[Http],
        "So many redirects; -1 for any number",
        |r, word| {
            let most = word.number()?;
            if most < -1 {
                return Err(Misuse::BadNumber);
            }
            r.op.spec.redirects.most = u32::try_from(most).ok();
            Ok(())
        },
    ),
    switch("path-as-is", '-', &[Curl], "Leave .. and . in paths", |r, on| {
        r.op.spec.redirects.path_as_is = on;
    }),
    switch("post301", '-', &[Http, Post], "A POST stays one behind status 301", |r, on| {
        keep_post(r, 301, on);
    }),
    switch("post302", '-', &[Http, Post], "A POST stays one behind status 302", |r, on| {
        keep_post(r, 302, on);
    }),
    switch("post303", '-', &[Http, Post], "A POST stays one behind status 303", |r, on| {
        keep_post(r, 303, on);
    }),
    word(("range", 'r', "<range>"), &[Http], "Ask for these octets alone", range::range),
    switch("raw", '-', &[Http], "Bodies with all codings on them, text as it came", |r, on| {
        r.op.spec.request.raw = on;
        r.op.output.is_raw = on;
    }),
    word(
        ("referer", 'e', "<url>"),
        &[Http],
        "Say where we come from; ';auto' for redirects",
        |r, word| {
            let text = word.line()?;
            let bare = text.split_once(";auto").map(|(before, _)| before.to_owned());
            r.op.spec.request.is_referer_automatic = bare.is_some();
            r.op.spec.request.referer = Some(bare.unwrap_or(text)).filter(|text| !text.is_empty());
            Ok(())
        },
    ),
    word(("request", 'X', "<method>"), &[Connection], "Ask with this method", |r, word| {
        let method = word.content()?;
        if method.contains(|letter: char| letter.is_whitespace() || letter.is_control()) {
            return Err(Misuse::BadlyUsed);
        }
        r.op.spec.request.method = Some(method);
        Ok(())
    }),
    word(
        ("request-target", '-', "<target>"),
        &[Http],
        "Put this into the request line",
        |r, word| {
            r.op.spec.request.target = Some(word.content()?);
            Ok(())
        },
    ),
    word(
        ("time-cond", 'z', "<time>"),
        &[Http],
        "Only what is newer than a date or a file (-: older)",
        |r, word| {
            condition::time(r, word);
            Ok(())
        },
    ),
    switch("tr-encoding", '-', &[Http], "Offer transfer codings and undo them", |r, on| {
        r.op.spec.request.transfer_encoding = on;
    }),
    word(
        ("user-agent", 'A', "<name>"),
        &[Important, Http],
        "Say that we are this program",
        |r, word| {
            r.op.asked.agent = Some(word.line()?);
            Ok(())
        },
    ),
];

#[expect(clippy::unnecessary_wraps, reason = "the table wants it so")]
fn versions(r: &mut Reading, versions: Versions) -> Done {
    r.op.spec.versions = versions;
    Ok(())
}

fn keep_post(r: &mut Reading, status: usize, on: bool) {
    if let Some(keeps) = r.op.spec.redirects.keeps_post.get_mut(status.wrapping_sub(301)) {
        *keeps = on;
    }
}

/// What `-H` and `--proxy-header` have: a field, or a file of them.
pub(super) fn fields(r: &mut Reading, word: &Word<'_>) -> Result<Vec<FieldEdit>, Misuse> {
    let Some(path) = word.bytes().strip_prefix(b"@") else {
        return Ok(field(word.bytes()).into_iter().collect());
    };
    let path = Word::new(path).maybe_path();
    let Ok(octets) = contents(&path) else {
        r.error(&format!("Failed to open {}", path.display()));
        return Err(Misuse::ReadError);
    };
    Ok(octets.split(|octet| *octet == b'\n').filter_map(field).collect())
}

/// `Name: value`, `Name:`, `Name;`. Others say nothing, and curl sends nothing. A line end would begin another field.
fn field(line: &[u8]) -> Option<FieldEdit> {
    let line = line.trim_ascii();
    if line.iter().any(|octet| matches!(octet, b'\r' | b'\n' | 0)) {
        return None;
    }
    let Some(at) = line.iter().position(|octet| *octet == b':') else {
        let name = line.strip_suffix(b";")?;
        return (!name.is_empty()).then(|| FieldEdit::Empty(name.to_vec()));
    };
    let (name, value) = line.split_at_checked(at)?;
    let value = value.get(1..)?.trim_ascii();
    Some(match (name, value) {
        ([], _) => return None,
        (name, []) => FieldEdit::Remove(name.to_vec()),
        (name, value) => FieldEdit::Set(name.to_vec(), value.to_vec()),
    })
}
