//! What several events have in them.

use serde::Serialize;
use wireline_http::Fields;
use wireline_http::tls::Certificate;

/// What stands for a secret.
pub(crate) const CONCEALED: &str = "(concealed)";

/// A field of a head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Named {
    /// Its name, as it came.
    pub name: String,
    /// Its value; octets that are no UTF-8 are replaced.
    pub value: String,
}

/// A certificate of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chained {
    /// Of whom.
    pub subject: String,
    /// By whom.
    pub issuer: String,
    /// For which names and addresses.
    pub names: Vec<String>,
    /// Seconds since 1970.
    pub not_before_s: i64,
    /// Seconds since 1970.
    pub not_after_s: i64,
    /// Its key.
    pub key: String,
}

impl Chained {
    pub(super) fn of(one: &Certificate) -> Self {
        Self {
            subject: one.subject.clone(),
            issuer: one.issuer.clone(),
            names: one.names.clone(),
            not_before_s: one.not_before_s,
            not_after_s: one.not_after_s,
            key: one.key.clone(),
        }
    }
}

/// A URL without name and password.
pub(crate) fn harmless_url(url: &str, shows_secrets: bool) -> String {
    let (scheme, rest) = match url.split_once("://") {
        Some((scheme, rest)) => (Some(scheme), rest),
        None => (None, url),
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or_default();
    match authority.rsplit_once('@').filter(|_| !shows_secrets) {
        Some((_, host)) => [scheme.unwrap_or_default(), scheme.map_or("", |_| "://"), host, path].concat(),
        None => url.to_owned(),
    }
}

/// Octets as text.
pub(crate) fn lossy(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}

/// Whether whoever reads the value of such a field can do what we can.
pub(crate) fn is_secret(name: &[u8]) -> bool {
    const SECRETS: [&[u8]; 4] = [b"authorization", b"proxy-authorization", b"cookie", b"set-cookie"];
    SECRETS.iter().any(|secret| name.eq_ignore_ascii_case(secret))
}

/// Fields, those that are secrets without their values.
pub(crate) fn named(fields: &Fields, shows_secrets: bool) -> Vec<Named> {
    let named = fields.0.iter().map(|field| {
        let value = if is_secret(&field.name) && !shows_secrets {
            concealed(&field.name, &field.value)
        } else {
            lossy(&field.value)
        };
        Named { name: lossy(&field.name), value }
    });
    named.collect()
}

/// Names of cookies, their attributes and schemes of logins stay: they are what people look for.
fn concealed(name: &[u8], value: &[u8]) -> String {
    let text = lossy(value);
    if name.eq_ignore_ascii_case(b"cookie") {
        let cookies = text.split(';').map(|cookie| hidden_behind(cookie, '='));
        return cookies.collect::<Vec<_>>().join(";");
    }
    if name.eq_ignore_ascii_case(b"set-cookie") {
        let (cookie, rest) = text.split_at_checked(text.find(';').unwrap_or(text.len())).unwrap_or_default();
        return [&hidden_behind(cookie, '='), rest].concat();
    }
    hidden_behind(&text, ' ')
}

fn hidden_behind(text: &str, mark: char) -> String {
    match text.split_once(mark) {
        Some((name, _)) => format!("{name}{mark}{CONCEALED}"),
        None => CONCEALED.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_lose_their_logins_alone() {
        for (url, want) in [
            ("http://u:p@a.example:80/x@y", "http://a.example:80/x@y"),
            ("u@a.example/", "a.example/"),
            ("https://a.example/?q=u@b", "https://a.example/?q=u@b"),
            ("http://a@b@c/", "http://c/"),
            ("http://@/", "http:///"),
            ("", ""),
        ] {
            assert_eq!(harmless_url(url, false), want);
            assert_eq!(harmless_url(url, true), url);
        }
    }

    #[test]
    fn secrets_are_concealed_unless_somebody_asks() {
        let mut fields = Fields::default();
        for (name, value) in [
            ("Authorization", "Basic dTpw"),
            ("proxy-authorization", "opaque"),
            ("Cookie", "a=1; b=2"),
            ("Set-Cookie", "sid=xyz; Path=/; Secure"),
            ("Host", "a"),
        ] {
            fields.push(name, value);
        }
        let values = |shows| named(&fields, shows).into_iter().map(|one| one.value).collect::<Vec<_>>();
        assert_eq!(
            values(false),
            [
                "Basic (concealed)",
                "(concealed)",
                "a=(concealed); b=(concealed)",
                "sid=(concealed); Path=/; Secure",
                "a"
            ]
        );
        assert_eq!(values(true)[0], "Basic dTpw");
        assert_eq!(values(true)[3], "sid=xyz; Path=/; Secure");
    }
}
