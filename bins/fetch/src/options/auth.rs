//! Who asks.

use wireline_http::spec::AuthSchemes;

use super::Group::{Auth, Curl, Http, Important};
use super::{Act, Opt, switch, word};
use crate::config::Operation;
use crate::grammar::{Misuse, Reading, Word};

pub(super) const OPTIONS: &[Opt] = &[
    switch(
        "anyauth",
        '-',
        &[Auth, Http],
        "Log in by the best way that the server offers",
        |r, on| {
            scheme(&mut r.op, AuthSchemes::Any, on);
        },
    ),
    switch("basic", '-', &[Auth], "Log in by Basic", |r, on| {
        scheme(&mut r.op, AuthSchemes::Basic, on);
    }),
    switch("digest", '-', &[Auth, Http], "Log in by Digest", |r, on| {
        scheme(&mut r.op, AuthSchemes::Digest, on);
    }),
    switch("disallow-username-in-url", '-', &[Curl], "Refuse URLs with a user in them", |r, on| {
        r.op.refuses_login_in_url = on;
    }),
    switch(
        "location-trusted",
        '-',
        &[Auth, Http],
        "Follow redirects, and log in wherever they lead",
        |r, on| {
            r.op.spec.redirects.follow = on;
            r.op.spec.credentials.go_anywhere = on;
        },
    ),
    Opt {
        long: "netrc",
        short: Some(b'n'),
        word: "",
        groups: &[Auth],
        help: "Take logins from ~/.netrc; -n with a number: --runs",
        act: Act::Peek(netrc),
    },
    word(
        ("netrc-file", '-', "<file>"),
        &[Auth],
        "Take user and password from this file",
        |r, word| {
            r.op.asked.netrc_file = Some(word.path()?);
            Ok(())
        },
    ),
    switch(
        "netrc-optional",
        '-',
        &[Auth],
        "As --netrc, and what the URL says comes first",
        |r, on| {
            r.op.asked.netrc_optional = on;
        },
    ),
    word(("oauth2-bearer", '-', "<token>"), &[Auth], "Show this token", |r, word| {
        r.op.spec.credentials.bearer = Some(word.content()?);
        Ok(())
    }),
    word(("user", 'u', "<user:password>"), &[Important, Auth], "Log in as this user", |r, word| {
        r.op.asked.login = Some(word.text()?);
        Ok(())
    }),
];

/// curl's, unless there is a number behind it.
#[expect(clippy::unnecessary_wraps, reason = "the table wants it so")]
fn netrc(r: &mut Reading, word: Option<&Word<'_>>) -> Result<bool, Misuse> {
    if let Some(runs) = word.and_then(|word| super::reports::runs(word.bytes())) {
        r.globals.measure.runs = Some(runs);
        return Ok(true);
    }
    r.op.asked.netrc = true;
    Ok(false)
}

fn scheme(operation: &mut Operation, scheme: AuthSchemes, on: bool) {
    operation.asked.schemes = one_more(operation.asked.schemes, scheme, on);
}

/// curl adds them up: more than one is any.
pub(super) fn one_more(
    before: Option<AuthSchemes>,
    scheme: AuthSchemes,
    on: bool,
) -> Option<AuthSchemes> {
    match before {
        _ if !on => None,
        Some(other) if other != scheme => Some(AuthSchemes::Any),
        _ => Some(scheme),
    }
}
