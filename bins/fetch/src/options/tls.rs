//! TLS with servers.

use std::path::PathBuf;

use wireline_http::tls::Version;

use super::Group::Tls;
use super::{Opt, once, switch, unswitch, word};
use crate::config::Identity;
use crate::grammar::{Done, Misuse, Reading, Word};

pub(super) const OPTIONS: &[Opt] = &[
    switch(
        "ca-native",
        '-',
        &[Tls],
        "Believe whom this system believes, besides --cacert",
        |r, on| {
            r.op.asked.trust.native = on;
        },
    ),
    word(("cacert", '-', "<file>"), &[Tls], "Believe these authorities", |r, word| {
        r.op.asked.trust.file = Some(word.path()?);
        Ok(())
    }),
    word(("capath", '-', "<directory>"), &[Tls], "Believe authorities in there", |r, word| {
        r.op.asked.trust.folder = Some(word.path()?);
        Ok(())
    }),
    word(("cert", 'E', "<file>"), &[Tls], "Who we are, where a server asks", |r, word| {
        certificate(&mut r.op.asked.identity, word)
    }),
    word(("cert-type", '-', "<type>"), &[Tls], "What --cert is: PEM or DER", |r, word| {
        r.op.asked.identity.kind = Some(kind(word)?);
        Ok(())
    }),
    word(("ciphers", '-', "<list>"), &[Tls], "Ciphers of TLS 1.2", |r, word| {
        r.op.spec.tls.ciphers = Some(word.content()?);
        Ok(())
    }),
    word(("curves", '-', "<list>"), &[Tls], "Groups for the exchange of keys", |r, word| {
        r.op.spec.tls.groups = Some(word.content()?);
        Ok(())
    }),
    switch("insecure", 'k', &[Tls], "Believe any server", |r, on| {
        r.op.spec.tls.is_opportunistic = on;
    }),
    word(("key", '-', "<file>"), &[Tls], "The key of --cert", |r, word| {
        r.op.asked.identity.key = Some(word.path()?);
        Ok(())
    }),
    word(("key-type", '-', "<type>"), &[Tls], "What --key is: PEM or DER", |r, word| {
        r.op.asked.identity.key_kind = Some(kind(word)?);
        Ok(())
    }),
    word(
        ("pinnedpubkey", '-', "<hashes>"),
        &[Tls],
        "The key that the server must have",
        |r, word| {
            r.op.spec.tls.pinned_key = Some(word.content()?);
            Ok(())
        },
    ),
    unswitch("sessionid", '-', &[Tls], "Do not resume sessions", |r, on| {
        r.op.spec.tls.forgets = !on;
    }),
    switch(
        "tls-earlydata",
        '-',
        &[Tls],
        "Send requests with the first flight of TLS 1.3",
        |r, on| {
            r.op.spec.tls.may_send_early = on;
        },
    ),
    word(("tls-max", '-', "<version>"), &[Tls], "No version of TLS above this", |r, word| {
        r.op.spec.tls.highest = match word.bytes() {
            b"default" => None,
            b"1.0" => Some(Version::Tls10),
            b"1.1" => Some(Version::Tls11),
            b"1.2" => Some(Version::Tls12),
            b"1.3" => Some(Version::Tls13),
            _ => return Err(Misuse::BadlyUsed),
        };
        Ok(())
    }),
    word(("tls13-ciphers", '-', "<list>"), &[Tls], "Ciphers of TLS 1.3", |r, word| {
        r.op.spec.tls.ciphers13 = Some(word.content()?);
        Ok(())
    }),
    once("tlsv1", '1', &[Tls], "TLS 1.0 or later (which is 1.2 here)", |r| {
        lowest(r, Version::Tls10)
    }),
    once("tlsv1.0", '-', &[Tls], "TLS 1.0 or later (which is 1.2 here)", |r| {
        lowest(r, Version::Tls10)
    }),
    once("tlsv1.1", '-', &[Tls], "TLS 1.1 or later (which is 1.2 here)", |r| {
        lowest(r, Version::Tls11)
    }),
    once("tlsv1.2", '-', &[Tls], "TLS 1.2 or later", |r| lowest(r, Version::Tls12)),
    once("tlsv1.3", '-', &[Tls], "TLS 1.3 or later", |r| lowest(r, Version::Tls13)),
];

#[expect(clippy::unnecessary_wraps, reason = "the table wants it so")]
fn lowest(r: &mut Reading, version: Version) -> Done {
    r.op.spec.tls.lowest = Some(version);
    Ok(())
}

/// A file; a password for its key behind a colon cannot be used. `\:` and `\\` stand for colon and backslash.
pub(super) fn certificate(identity: &mut Identity, word: &Word<'_>) -> Done {
    let text = word.text()?;
    let mut path = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => path.push(letters.next_if(|next| matches!(next, ':' | '\\')).unwrap_or('\\')),
            ':' => {
                if letters.peek().is_some() {
                    return Err(Misuse::Unsupported("keys must not be encrypted"));
                }
            }
            other => path.push(other),
        }
    }
    identity.certificate = (!path.is_empty()).then(|| PathBuf::from(path));
    Ok(())
}

/// Kinds are seen from what is in a file; others than these cannot be read.
pub(super) fn kind(word: &Word<'_>) -> Result<String, Misuse> {
    let kind = word.content()?.to_uppercase();
    match kind.as_str() {
        "PEM" | "DER" => Ok(kind),
        _ => Err(Misuse::Unsupported("certificates and keys are PEM or DER")),
    }
}
