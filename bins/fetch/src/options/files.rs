//! What lives longer than a run: cookies, HSTS, other services, `ETags`.

use super::Group::Http;
use super::{Opt, switch, word};

pub(super) const OPTIONS: &[Opt] = &[
    word(
        ("alt-svc", '-', "<file>"),
        &[Http],
        "Keep other ways to servers in this file",
        |r, word| {
            r.op.state.alt_services = Some(word.maybe_path());
            Ok(())
        },
    ),
    word(
        ("cookie", 'b', "<data|file>"),
        &[Http],
        "Send these cookies, or those of a file",
        |r, word| {
            let text = word.line()?;
            if text.contains('=') && !text.starts_with('@') {
                r.op.spec.credentials.cookies.push(text);
                return Ok(());
            }
            r.op.state.keeps_cookies = true;
            let path = text.strip_prefix('@').unwrap_or(&text);
            if !path.is_empty() {
                r.op.state.cookies.push(path.into());
            }
            Ok(())
        },
    ),
    word(
        ("cookie-jar", 'c', "<file>"),
        &[Http],
        "Write cookies to this file at the end",
        |r, word| {
            r.op.state.jar = Some(word.path()?);
            r.op.state.keeps_cookies = true;
            Ok(())
        },
    ),
    word(
        ("etag-compare", '-', "<file>"),
        &[Http],
        "Only what has another ETag than this file says",
        |r, word| {
            r.op.state.etag = Some(word.path()?);
            Ok(())
        },
    ),
    word(("etag-save", '-', "<file>"), &[Http], "Write the ETag to this file", |r, word| {
        r.op.output.etag_save = Some(word.path()?);
        Ok(())
    }),
    word(("hsts", '-', "<file>"), &[Http], "Keep who wants TLS alone in this file", |r, word| {
        r.op.state.hsts = Some(word.maybe_path());
        Ok(())
    }),
    switch(
        "junk-session-cookies",
        'j',
        &[Http],
        "Leave out cookies of an earlier session",
        |r, on| {
            r.op.state.forgets_session = on;
        },
    ),
];
