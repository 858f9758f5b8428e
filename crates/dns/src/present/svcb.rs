//! SVCB and HTTPS (RFC 9460).

use std::net::Ipv4Addr;

use data_encoding::BASE64;

use super::rdata::{Outcome, Text, ensure};
use super::{escape, fields};

const MANDATORY: u16 = 0;
const ALPN: u16 = 1;
const NO_DEFAULT_ALPN: u16 = 2;
const PORT: u16 = 3;
const IPV4_HINT: u16 = 4;
const ECH: u16 = 5;
const IPV6_HINT: u16 = 6;
const DOH_PATH: u16 = 7;

pub(super) fn svcb(text: &mut Text<'_>) -> Outcome {
    let (priority, target) = (text.u16()?, text.name()?);
    text.put(format_args!("{priority} {target}"));
    let (mut keys, mut wanted): (Vec<u16>, Vec<u16>) = (Vec::new(), Vec::new());
    while text.left() > 0 {
        let key = text.u16()?;
        ensure(keys.last().is_none_or(|last| key > *last))?;
        ensure(wanted.iter().all(|wanted| *wanted >= key || keys.contains(wanted)))?;
        ensure(key != NO_DEFAULT_ALPN || keys.contains(&ALPN))?;
        let length = text.u16()?;
        let value = text.take(usize::from(length))?;
        check(key, value)?;
        if key == MANDATORY {
            wanted = numbers(value).collect();
            ensure(!wanted.contains(&MANDATORY))?;
        }
        keys.push(key);
        text.put(format_args!(" {}", name(key)));
        if let Some(value) = written(key, value) {
            text.put(format_args!("={value}"));
        }
    }
    ensure(wanted.iter().all(|key| keys.contains(key)))
}

fn name(key: u16) -> String {
    let known = match key {
        MANDATORY => "mandatory",
        ALPN => "alpn",
        NO_DEFAULT_ALPN => "no-default-alpn",
        PORT => "port",
        IPV4_HINT => "ipv4hint",
        ECH => "ech",
        IPV6_HINT => "ipv6hint",
        // Later ones, such as `dohpath`, by number, as dig: older readers know no other names.
        _ => return format!("key{key}"),
    };
    known.to_owned()
}

fn numbers(value: &[u8]) -> impl Iterator<Item = u16> {
    value.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
}

/// The protocols of an ALPN list; `None` where a length is wrong.
fn protocols(mut value: &[u8]) -> Option<Vec<&[u8]>> {
    let mut list = Vec::new();
    while let Some((length, rest)) = value.split_first() {
        let (protocol, rest) = rest.split_at_checked(usize::from(*length))?;
        list.push(protocol);
        value = rest;
    }
    list.iter().all(|protocol| !protocol.is_empty()).then_some(list)
}

fn check(key: u16, value: &[u8]) -> Outcome {
    let is_of = |size: usize| !value.is_empty() && value.len().is_multiple_of(size);
    ensure(match key {
        MANDATORY => is_of(2) && numbers(value).is_sorted_by(|a, b| a < b),
        ALPN => !value.is_empty() && protocols(value).is_some(),
        NO_DEFAULT_ALPN => value.is_empty(),
        PORT => value.len() == 2,
        IPV4_HINT => is_of(4),
        IPV6_HINT => is_of(16),
        DOH_PATH => is_template(value),
        _ => true,
    })
}

/// A path in UTF-8 from the root on, as a URI template (RFC 6570) that has the variable `dns`
/// (RFC 9461 §5).
fn is_template(value: &[u8]) -> bool {
    let Ok(path) = str::from_utf8(value) else { return false };
    let (mut rest, mut has_dns) = (path, false);
    while let Some((literal, after)) = rest.split_once('{') {
        let Some((expression, after)) = after.split_once('}') else { return false };
        let variables =
            expression.strip_prefix(['+', '#', '.', '/', ';', '?', '&']).unwrap_or(expression);
        if !is_percent_encoded(literal) || !variables.split(',').all(is_variable) {
            return false;
        }
        has_dns |= variables.split(',').any(|variable| variable_name(variable) == "dns");
        rest = after;
    }
    path.starts_with('/') && has_dns && is_percent_encoded(rest)
}

fn variable_name(variable: &str) -> &str {
    variable.strip_suffix('*').unwrap_or(variable).split(':').next().unwrap_or_default()
}

/// A name, and behind it nothing, a star or a length of 1 to 9999.
fn is_variable(variable: &str) -> bool {
    let name = variable_name(variable);
    let is_name = name.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"_%".contains(&octet));
    let is_modifier = match &variable[name.len()..] {
        "" | "*" => true,
        length => length.strip_prefix(':').is_some_and(is_length),
    };
    !name.is_empty() && is_name && is_percent_encoded(name) && is_modifier
}

fn is_length(digits: &str) -> bool {
    let is_number = digits.bytes().all(|octet| octet.is_ascii_digit());
    (1..=4).contains(&digits.len()) && is_number && !digits.starts_with('0')
}

/// Whether each percent sign begins an escape.
fn is_percent_encoded(text: &str) -> bool {
    text.split('%').skip(1).all(|after| {
        after
            .as_bytes()
            .first_chunk::<2>()
            .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}

fn written(key: u16, value: &[u8]) -> Option<String> {
    let list = |parts: Vec<String>| parts.join(",");
    Some(match key {
        _ if value.is_empty() => return None,
        MANDATORY => list(numbers(value).map(name).collect()),
        ALPN => {
            let protocols = protocols(value).unwrap_or_default();
            format!("\"{}\"", list(protocols.into_iter().map(escape::in_list).collect()))
        }
        PORT => list(numbers(value).map(|port| port.to_string()).collect()),
        IPV4_HINT => list(
            value.as_chunks().0.iter().map(|a: &[u8; 4]| Ipv4Addr::from(*a).to_string()).collect(),
        ),
        IPV6_HINT => list(value.as_chunks().0.iter().map(|a| fields::v6_text(*a)).collect()),
        ECH => BASE64.encode(value),
        _ => escape::quoted(value),
    })
}
