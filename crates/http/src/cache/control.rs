//! `Cache-Control` (RFC 9111 §5.2).

use crate::head::Fields;

/// Directives that are looked at.
const MOST: usize = 64;

/// Directives, in order: names in small letters.
#[derive(Clone, Debug, Default)]
pub(crate) struct Control(pub(crate) Vec<(String, Option<String>)>);

impl Control {
    pub(crate) fn of(fields: &Fields) -> Self {
        let mut found = Vec::new();
        for value in fields.all("cache-control") {
            let text = String::from_utf8_lossy(value);
            let mut is_quoted = false;
            let words = text.split(|one| {
                is_quoted ^= one == '"';
                one == ',' && !is_quoted
            });
            for word in words.map(str::trim).filter(|word| !word.is_empty()) {
                if found.len() < MOST {
                    found.push(directive(word));
                }
            }
        }
        Self(found)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(own, _)| own == name)
    }

    /// Without a list of fields (`no-cache="set-cookie"`), which limits it to those.
    pub(crate) fn has_whole(&self, name: &str) -> bool {
        self.0.iter().any(|(own, value)| own == name && value.is_none())
    }

    /// Seconds; `None` where it is not there, 0 where that is no number (RFC 9111 §4.2.1: such a response is stale).
    pub(crate) fn seconds(&self, name: &str) -> Option<u64> {
        let (_, value) = self.0.iter().find(|(own, _)| own == name)?;
        Some(value.as_deref().map_or(0, seconds))
    }
}

fn directive(word: &str) -> (String, Option<String>) {
    let (name, value) =
        word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
    let value = value.map(|value| value.trim().trim_matches('"').to_owned());
    (name.trim().to_ascii_lowercase(), value)
}

/// At most 2^31 (RFC 9111 §1.2.2).
pub(super) fn seconds(text: &str) -> u64 {
    let is_number = !text.is_empty() && text.bytes().all(|one| one.is_ascii_digit());
    let most = 1 << 31;
    if is_number { text.parse().unwrap_or(most).min(most) } else { 0 }
}
