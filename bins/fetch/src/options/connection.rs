//! How servers are reached, how long that may take, and how often it is tried.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use wireline_http::spec::Family;

use super::Group::{Connection, Curl, Dns, Http, Proxy, Timeout};
use super::{Opt, once, place, schemes, switch, unswitch, word};
use crate::grammar::{Done, Misuse, Reading, Word};

pub(super) const OPTIONS: &[Opt] = &[
    word(
        ("abstract-unix-socket", '-', "<name>"),
        &[Connection],
        "Connect to this socket of the abstract namespace",
        |r, word| {
            r.op.spec.connect.unix_socket = Some(format!("@{}", word.content()?));
            Ok(())
        },
    ),
    word(
        ("connect-timeout", '-', "<seconds>"),
        &[Connection, Timeout],
        "How long connecting may take",
        |r, word| {
            r.op.spec.limits.connect = word.seconds()?;
            Ok(())
        },
    ),
    word(
        ("connect-to", '-', "<host:port:host:port>"),
        &[Connection, Dns],
        "Connect to the second instead of the first",
        |r, word| {
            let elsewhere = place::elsewhere(&word.text()?).ok_or(Misuse::BadlyUsed)?;
            r.op.spec.connect.elsewhere.push(elsewhere);
            Ok(())
        },
    ),
    word(
        ("dns-servers", '-', "<addresses>"),
        &[Dns],
        "Ask these name servers, not the system's",
        |r, word| {
            let text = word.content()?;
            let servers = text.split(',').map(|one| server(one.trim()).ok_or(Misuse::BadlyUsed));
            r.op.spec.connect.name_servers = servers.collect::<Result<_, _>>()?;
            Ok(())
        },
    ),
    word(
        ("doh-url", '-', "<url>"),
        &[Dns],
        "Look names up at this server of DNS over HTTPS",
        |r, word| {
            r.op.spec.connect.doh = Some(word.text()?).filter(|text| !text.is_empty());
            Ok(())
        },
    ),
    word(
        ("happy-eyeballs-timeout-ms", '-', "<ms>"),
        &[Connection, Timeout],
        "How long IPv6 is ahead of IPv4",
        |r, word| {
            r.op.spec.connect.happy_eyeballs = Some(Duration::from_millis(word.count()?));
            Ok(())
        },
    ),
    word(
        ("haproxy-clientip", '-', "<address>"),
        &[Http, Proxy],
        "Send a line of the PROXY protocol with this address",
        |r, word| {
            let address = word.text()?.parse().map_err(|_| Misuse::BadlyUsed)?;
            r.op.spec.connect.haproxy = Some(Some(address));
            Ok(())
        },
    ),
    switch(
        "haproxy-protocol",
        '-',
        &[Http, Proxy],
        "Send a line of the PROXY protocol first",
        |r, on| {
            r.op.spec.connect.haproxy = on.then_some(None);
        },
    ),
    word(
        ("interface", '-', "<name>"),
        &[Connection],
        "Use this interface or address of ours",
        |r, word| {
            r.op.spec.connect.interface = Some(word.content()?);
            Ok(())
        },
    ),
    once("ipv4", '4', &[Connection, Dns], "Use IPv4 alone", |r| family(r, Family::V4)),
    once("ipv6", '6', &[Connection, Dns], "Use IPv6 alone", |r| family(r, Family::V6)),
    unswitch("keepalive", '-', &[Connection], "Send no probes while nothing comes", |r, on| {
        r.op.spec.connect.keep_alive = if on { None } else { Some(None) };
    }),
    word(
        ("keepalive-time", '-', "<seconds>"),
        &[Connection, Timeout],
        "Time between probes while nothing comes",
        |r, word| {
            let time = Duration::from_secs(word.count()?);
            r.op.spec.connect.keep_alive = (!time.is_zero()).then_some(Some(time));
            Ok(())
        },
    ),
    word(
        ("limit-rate", '-', "<octets>"),
        &[Connection],
        "So many octets a second, with K, M, G",
        |r, word| {
            let rate = octets(r, word, "rate")?;
            let rate = (rate > 0).then_some(rate);
            r.op.spec.limits.receive_rate = rate;
            r.op.spec.limits.send_rate = rate;
            Ok(())
        },
    ),
    word(
        ("local-port", '-', "<number[-number]>"),
        &[Connection],
        "Use one of these ports of ours",
        |r, word| {
            r.op.spec.connect.local_ports = ports(&word.text()?).ok_or(Misuse::BadlyUsed)?;
            Ok(())
        },
    ),
    word(
        ("max-filesize", '-', "<octets>"),
        &[Connection],
        "Take nothing that is larger, with K, M, G",
        |r, word| {
            let size = octets(r, word, "max-filesize")?;
            r.op.spec.limits.file_size = (size > 0).then_some(size);
            Ok(())
        },
    ),
    word(
        ("max-time", 'm', "<seconds>"),
        &[Connection, Timeout],
        "How long a transfer may take",
        |r, word| {
            r.op.spec.limits.total = word.seconds()?;
            Ok(())
        },
    ),
    word(
        ("proto", '-', "<schemes>"),
        &[Connection, Curl],
        "Allow these schemes alone: =https, -all,+http",
        |r, word| {
            let before = r.op.spec.redirects.schemes.clone();
            r.op.spec.redirects.schemes = schemes::changed(r, before, word)?;
            Ok(())
        },
    ),
    word(
        ("proto-default", '-', "<scheme>"),
        &[Connection, Curl],
        "The scheme of URLs without one",
        |r, word| {
            let scheme = word.content()?.to_lowercase();
            if !schemes::SPOKEN.contains(&scheme.as_str()) {
                return Err(Misuse::BadScheme);
            }
            r.op.default_scheme = Some(scheme);
            Ok(())
        },
    ),
    word(
        ("proto-redir", '-', "<schemes>"),
        &[Connection, Curl],
        "As --proto, for redirects",
        |r, word| {
            let before = r.op.spec.redirects.redirect_schemes.clone();
            r.op.spec.redirects.redirect_schemes = schemes::changed(r, before, word)?;
            Ok(())
        },
    ),
    word(
        ("resolve", '-', "<host:port:address>"),
        &[Connection, Dns],
        "Answers for names, instead of a server's",
        |r, word| {
            r.op.asked.resolve.push(word.text()?);
            Ok(())
        },
    ),
    word(
        ("retry", '-', "<number>"),
        &[Curl],
        "Try again, so often, where that may help",
        |r, word| {
            r.op.spec.retry.count = u32::try_from(word.count()?).unwrap_or(u32::MAX);
            r.op.asked.retry_is_said = true;
            Ok(())
        },
    ),
    switch("retry-all-errors", '-', &[Curl], "Try again whatever the failure", |r, on| {
        r.op.spec.retry.on_all = on;
    }),
    switch(
        "retry-connrefused",
        '-',
        &[Curl],
        "Try again where a connection was refused",
        |r, on| {
            r.op.spec.retry.on_refused = on;
        },
    ),
    word(("retry-delay", '-', "<seconds>"), &[Curl, Timeout], "Time between tries", |r, word| {
        r.op.spec.retry.delay = word.seconds()?;
        Ok(())
    }),
    word(
        ("retry-max-time", '-', "<seconds>"),
        &[Curl, Timeout],
        "Try again only so long",
        |r, word| {
            r.op.spec.retry.most = word.seconds()?;
            Ok(())
        },
    ),
    word(
        ("speed-limit", 'Y', "<octets>"),
        &[Connection],
        "Give up where fewer octets come in a second",
        |r, word| {
            r.op.asked.slow_rate = Some(word.count()?);
            Ok(())
        },
    ),
    word(
        ("speed-time", 'y', "<seconds>"),
        &[Connection, Timeout],
        "Give up where they are fewer for so long",
        |r, word| {
            r.op.asked.slow_time = Some(Duration::from_secs(word.count()?));
            Ok(())
        },
    ),
    switch("tcp-fastopen", '-', &[Connection], "Send with the SYN (TCP Fast Open)", |r, on| {
        r.op.spec.connect.fast_open = on;
    }),
    switch("tcp-nodelay", '-', &[Connection], "Send small pieces at once", |r, on| {
        r.op.spec.connect.is_nagle = !on;
    }),
    word(
        ("unix-socket", '-', "<path>"),
        &[Connection],
        "Connect to this Unix socket",
        |r, word| {
            r.op.spec.connect.unix_socket = Some(word.content()?);
            Ok(())
        },
    ),
];

#[expect(clippy::unnecessary_wraps, reason = "the table wants it so")]
fn family(r: &mut Reading, family: Family) -> Done {
    r.op.spec.connect.family = family;
    Ok(())
}

/// With the complaint that curl makes before it ends.
fn octets(r: &mut Reading, word: &Word<'_>, what: &str) -> Result<u64, Misuse> {
    word.octets(what).map_err(|fault| match fault.0 {
        Some(text) => {
            r.warn(&text);
            Misuse::BadlyUsed
        }
        None => Misuse::TooLarge,
    })
}

/// `first`, `first-last`; 0 is for none.
#[expect(clippy::option_option, reason = "no port is something else than no number")]
fn ports(text: &str) -> Option<Option<(u16, u16)>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.trim().parse::<u16>().ok()?, last.trim().parse::<u16>().ok()?);
    match (first, last) {
        (0, _) => Some(None),
        (first, last) if first > last => None,
        both => Some(Some(both)),
    }
}

/// An address, with or without a port.
fn server(text: &str) -> Option<SocketAddr> {
    let address = |text: &str| text.parse::<IpAddr>().ok().map(|address| (address, 53).into());
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    text.parse().ok().or_else(|| address(bare.unwrap_or(text)))
}
