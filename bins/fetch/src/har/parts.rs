//! Parts of an entry.

use std::time::Duration;

use serde_json::{Value, json};
use wireline_http::Fields;

use crate::json::{lossy, named};

/// `2026-11-22T07:35:43.123Z` (ISO 8601).
pub(super) fn date(wall: Duration) -> String {
    let nanos = i128::try_from(wall.as_nanos()).unwrap_or_default();
    let stamp = jiff::Timestamp::from_nanosecond(nanos).unwrap_or_default();
    format!("{stamp:.3}")
}

/// Names and values of a URL's query, undone.
pub(super) fn query(url: &str) -> Vec<Value> {
    let url = url.split('#').next().unwrap_or_default();
    let Some((_, query)) = url.split_once('?') else { return Vec::new() };
    let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        json!({ "name": undone(name), "value": undone(value) })
    });
    pairs.collect()
}

/// `%41+b` is `A b` (application/x-www-form-urlencoded).
fn undone(text: &str) -> String {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        rest = behind;
        match (first, behind) {
            (b'%', [high, low, after @ ..]) => match pair(*high, *low) {
                Some(octet) => {
                    octets.push(octet);
                    rest = after;
                }
                None => octets.push(b'%'),
            },
            (b'+', _) => octets.push(b' '),
            (other, _) => octets.push(*other),
        }
    }
    lossy(&octets)
}

fn pair(high: u8, low: u8) -> Option<u8> {
    let digit = |octet: u8| char::from(octet).to_digit(16);
    u8::try_from(digit(high)?.checked_mul(16)?.checked_add(digit(low)?)?).ok()
}

/// Cookies that go.
pub(super) fn sent_cookies(fields: &Fields, shows_secrets: bool) -> Vec<Value> {
    let fields = named(fields, shows_secrets);
    let values = fields.iter().filter(|field| field.name.eq_ignore_ascii_case("cookie"));
    let cookies = values.flat_map(|field| field.value.split(';')).filter_map(|cookie| {
        let (name, value) = cookie.split_once('=')?;
        Some(json!({ "name": name.trim(), "value": value.trim() }))
    });
    cookies.collect()
}

/// Cookies that come.
pub(super) fn set_cookies(fields: &Fields, shows_secrets: bool) -> Vec<Value> {
    let fields = named(fields, shows_secrets);
    let values = fields.iter().filter(|field| field.name.eq_ignore_ascii_case("set-cookie"));
    values.filter_map(|field| set_cookie(&field.value)).collect()
}

fn set_cookie(text: &str) -> Option<Value> {
    let mut words = text.split(';').map(str::trim);
    let (name, value) = words.next()?.split_once('=')?;
    let mut cookie = json!({
        "name": name.trim(),
        "value": value.trim(),
        "httpOnly": false,
        "secure": false,
    });
    let object = cookie.as_object_mut()?;
    for word in words {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        match name.trim().to_ascii_lowercase().as_str() {
            "httponly" => drop(object.insert("httpOnly".to_owned(), true.into())),
            "secure" => drop(object.insert("secure".to_owned(), true.into())),
            name @ ("path" | "domain") => {
                object.insert(name.to_owned(), value.trim().into());
            }
            "expires" => {
                if let Some(seconds) = wireline_http::date::parse_http(value.trim().as_bytes()) {
                    let date = date(Duration::from_secs(u64::try_from(seconds).unwrap_or(0)));
                    object.insert("expires".to_owned(), date.into());
                }
            }
            _ => {}
        }
    }
    Some(cookie)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_undone() {
        let said = query("http://a/?x=1%2B2&y=a+b&&z&%zz=%4#?q=1");
        let want = [("x", "1+2"), ("y", "a b"), ("z", ""), ("%zz", "%4")];
        let want: Vec<_> =
            want.map(|(name, value)| json!({ "name": name, "value": value })).into_iter().collect();
        assert_eq!(said, want);
        assert!(query("http://a/").is_empty());
    }

    #[test]
    fn cookies_have_their_attributes() {
        let text = "sid=1; Path=/x; Domain=a.example; Secure; HttpOnly; Expires=Wed, 21 Oct 2015 07:28:00 GMT";
        let want = json!({
            "name": "sid", "value": "1", "path": "/x", "domain": "a.example", "secure": true,
            "httpOnly": true, "expires": "2015-10-21T07:28:00.000Z",
        });
        assert_eq!(set_cookie(text), Some(want));
        assert_eq!(set_cookie("none"), None);
    }

    #[test]
    fn dates_are_in_utc_with_milliseconds() {
        assert_eq!(date(Duration::from_millis(1_795_333_000_007)), "2026-11-22T07:36:40.007Z");
    }
}
