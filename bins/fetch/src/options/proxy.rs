//! Proxies, and TLS with them.

use wireline_http::spec::AuthSchemes;
use wireline_http::tls::Version;

use super::Group::{Auth, Proxy, Tls};
use super::{Opt, asking, auth, once, switch, tls, word};
use crate::config::Operation;
use crate::grammar::{Done, Reading, Word};

pub(super) const OPTIONS: &[Opt] = &[
    word(("noproxy", '-', "<hosts>"), &[Proxy], "Reach these hosts without a proxy", |r, word| {
        r.op.asked.no_proxy = Some(word.text()?);
        Ok(())
    }),
    word(
        ("proxy", 'x', "<[scheme://]host[:port]>"),
        &[Proxy],
        "Go through this proxy",
        |r, word| through(r, "http", word),
    ),
    switch(
        "proxy-anyauth",
        '-',
        &[Auth, Proxy],
        "Log in to the proxy by the best way that it offers",
        |r, on| {
            scheme(&mut r.op, AuthSchemes::Any, on);
        },
    ),
    switch("proxy-basic", '-', &[Auth, Proxy], "Log in to the proxy by Basic", |r, on| {
        scheme(&mut r.op, AuthSchemes::Basic, on);
    }),
    switch(
        "proxy-ca-native",
        '-',
        &[Proxy, Tls],
        "Believe whom this system believes, of the proxy",
        |r, on| {
            r.op.asked.proxy_trust.native = on;
        },
    ),
    word(
        ("proxy-cacert", '-', "<file>"),
        &[Proxy, Tls],
        "Believe these authorities, of the proxy",
        |r, word| {
            r.op.asked.proxy_trust.file = Some(word.path()?);
            Ok(())
        },
    ),
    word(
        ("proxy-capath", '-', "<directory>"),
        &[Proxy, Tls],
        "Believe authorities in there, of the proxy",
        |r, word| {
            r.op.asked.proxy_trust.folder = Some(word.path()?);
            Ok(())
        },
    ),
    word(("proxy-cert", '-', "<file>"), &[Proxy, Tls], "Who we are, to the proxy", |r, word| {
        tls::certificate(&mut r.op.asked.proxy_identity, word)
    }),
    word(
        ("proxy-cert-type", '-', "<type>"),
        &[Proxy, Tls],
        "What --proxy-cert is: PEM or DER",
        |r, word| {
            r.op.asked.proxy_identity.kind = Some(tls::kind(word)?);
            Ok(())
        },
    ),
    word(
        ("proxy-ciphers", '-', "<list>"),
        &[Proxy, Tls],
        "Ciphers of TLS 1.2 with the proxy",
        |r, word| {
            r.op.spec.connect.proxy_tls.ciphers = Some(word.content()?);
            Ok(())
        },
    ),
    switch("proxy-digest", '-', &[Auth, Proxy], "Log in to the proxy by Digest", |r, on| {
        scheme(&mut r.op, AuthSchemes::Digest, on);
    }),
    word(
        ("proxy-header", '-', "<field/@file>"),
        &[Proxy],
        "Add, change or leave out a field to the proxy",
        |r, word| {
            let fields = asking::fields(r, word)?;
            r.op.spec.connect.proxy_fields.extend(fields);
            Ok(())
        },
    ),
    switch("proxy-insecure", '-', &[Proxy, Tls], "Believe any proxy", |r, on| {
        r.op.spec.connect.proxy_tls.is_opportunistic = on;
    }),
    word(("proxy-key", '-', "<file>"), &[Proxy, Tls], "The key of --proxy-cert", |r, word| {
        r.op.asked.proxy_identity.key = Some(word.path()?);
        Ok(())
    }),
    word(
        ("proxy-key-type", '-', "<type>"),
        &[Proxy, Tls],
        "What --proxy-key is: PEM or DER",
        |r, word| {
            r.op.asked.proxy_identity.key_kind = Some(tls::kind(word)?);
            Ok(())
        },
    ),
    word(
        ("proxy-pinnedpubkey", '-', "<hashes>"),
        &[Proxy, Tls],
        "The key that the proxy must have",
        |r, word| {
            r.op.spec.connect.proxy_tls.pinned_key = Some(word.content()?);
            Ok(())
        },
    ),
    word(
        ("proxy-tls13-ciphers", '-', "<list>"),
        &[Proxy, Tls],
        "Ciphers of TLS 1.3 with the proxy",
        |r, word| {
            r.op.spec.connect.proxy_tls.ciphers13 = Some(word.content()?);
            Ok(())
        },
    ),
    once("proxy-tlsv1", '-', &[Auth, Proxy], "TLS 1.0 or later with the proxy", |r| {
        r.op.spec.connect.proxy_tls.lowest = Some(Version::Tls10);
        Ok(())
    }),
    word(
        ("proxy-user", 'U', "<user:password>"),
        &[Auth, Proxy],
        "Log in to the proxy as this user",
        |r, word| {
            r.op.asked.proxy_login = Some(word.text()?);
            Ok(())
        },
    ),
    word(
        ("proxy1.0", '-', "<host[:port]>"),
        &[Proxy],
        "Go through this proxy, which is asked in HTTP/1.0",
        |r, word| {
            through(r, "http", word)?;
            r.op.spec.connect.is_proxy10 = true;
            Ok(())
        },
    ),
    switch("proxytunnel", 'p', &[Proxy], "Ask the proxy for a tunnel (CONNECT)", |r, on| {
        r.op.spec.connect.tunnels = on;
    }),
    word(("socks4", '-', "<host[:port]>"), &[Proxy], "Go through this SOCKS4 proxy", |r, word| {
        through(r, "socks4", word)
    }),
    word(
        ("socks4a", '-', "<host[:port]>"),
        &[Proxy],
        "The same, and it looks names up",
        |r, word| through(r, "socks4a", word),
    ),
    word(("socks5", '-', "<host[:port]>"), &[Proxy], "Go through this SOCKS5 proxy", |r, word| {
        through(r, "socks5", word)
    }),
    word(
        ("socks5-hostname", '-', "<host[:port]>"),
        &[Proxy],
        "Go through this SOCKS5 proxy, which looks names up",
        |r, word| through(r, "socks5h", word),
    ),
    switch(
        "suppress-connect-headers",
        '-',
        &[Proxy],
        "Do not write heads of the proxy's answer to CONNECT",
        |r, on| {
            r.op.output.hides_tunnel_heads = on;
        },
    ),
];

/// What has no scheme of its own gets this one.
fn through(r: &mut Reading, scheme: &str, word: &Word<'_>) -> Done {
    let text = word.text()?;
    let whole = text.is_empty() || text.contains("://");
    r.op.spec.connect.proxy.all = Some(if whole { text } else { format!("{scheme}://{text}") });
    r.op.spec.connect.is_proxy10 = false;
    Ok(())
}

fn scheme(operation: &mut Operation, scheme: AuthSchemes, on: bool) {
    let before = operation.asked.proxy_schemes;
    operation.asked.proxy_schemes = auth::one_more(before, scheme, on);
}
