//! `WWW-Authenticate` (RFC 9110 §11.6.1): challenges, several in one field, or in several.

use std::collections::HashMap;

/// Octets of all fields that are looked at.
const LONGEST: usize = 16 * 1024;
/// Challenges that are looked at.
const MOST: usize = 16;
/// Parameters of a challenge.
const MOST_PARAMETERS: usize = 32;

/// A challenge. A stranger's words: escape before printing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Challenge {
    pub(super) scheme: String,
    /// By name, in small letters; without quotes and backslashes.
    parameters: HashMap<String, String>,
}

impl Challenge {
    pub(super) fn is(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    pub(super) fn is_stale(&self) -> bool {
        self.get("stale").is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }
}

/// Reads the values of all fields. What is broken is passed over.
pub(super) fn parse<'a>(fields: impl Iterator<Item = &'a [u8]>) -> Vec<Challenge> {
    let mut found: Vec<Challenge> = Vec::new();
    let mut left = LONGEST;
    for field in fields {
        let Some(rest) = left.checked_sub(field.len()) else { break };
        left = rest;
        // A parameter belongs to the scheme before it in the same field.
        let mut is_open = false;
        for item in items(field) {
            let (scheme, parameter) = split_scheme(&item);
            if let Some(scheme) = scheme {
                if found.len() == MOST {
                    return found;
                }
                found.push(Challenge { scheme, ..Challenge::default() });
                is_open = true;
            }
            if let (true, Some(last), Some((name, value))) = (is_open, found.last_mut(), parameter)
            {
                insert(&mut last.parameters, &name, value);
            }
        }
    }
    found
}

/// Parameters alone (RFC 7616 §3.5).
pub(super) fn parameters(field: &[u8]) -> HashMap<String, String> {
    let mut found = HashMap::new();
    for item in items(field.get(..LONGEST).unwrap_or(field)) {
        if let Some((name, value)) = item.split_once('=') {
            insert(&mut found, name.trim(), unquoted(value.trim()));
        }
    }
    found
}

/// The first of a name counts.
fn insert(into: &mut HashMap<String, String>, name: &str, value: String) {
    if into.len() < MOST_PARAMETERS {
        into.entry(name.to_ascii_lowercase()).or_insert(value);
    }
}

/// What stands between commas that are not in quotes.
fn items(field: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(field);
    let (mut is_quoted, mut is_escaped) = (false, false);
    let parts = text.split(|one: char| {
        let is_plain = !std::mem::take(&mut is_escaped);
        is_escaped = is_quoted && is_plain && one == '\\';
        is_quoted ^= is_plain && one == '"';
        one == ',' && !is_quoted
    });
    parts.map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// `Digest realm="x"`, `Basic`, `nonce="x"`.
fn split_scheme(item: &str) -> (Option<String>, Option<(String, String)>) {
    let is_token = |one: char| one.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(one);
    let end = item.find(|one| !is_token(one)).unwrap_or(item.len());
    let (word, rest) = item.split_at(end);
    let behind = rest.trim_start();
    if word.is_empty() {
        return (None, None);
    }
    if let Some(value) = behind.strip_prefix('=') {
        return (None, Some((word.to_owned(), unquoted(value.trim()))));
    }
    let parameter = behind.split_once('=');
    let parameter = parameter.map(|(name, value)| (name.trim().to_owned(), unquoted(value.trim())));
    (Some(word.to_owned()), parameter)
}

/// Without quotes, and what backslashes stand before as it is.
fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"') else { return value.to_owned() };
    let (mut text, mut is_escaped) = (String::new(), false);
    for one in inner.chars() {
        match one {
            '\\' if !is_escaped => is_escaped = true,
            '"' if !is_escaped => break,
            one => {
                is_escaped = false;
                text.push(one);
            }
        }
    }
    text
}
