//! What caches may do with a response (RFC 9111), and why.
//!
//! Never keeps a response and never reads a clock. What may be stored is `http-cache-semantics`' verdict; the reasons and
//! the arithmetic of freshness, which that crate does not tell, are here.

pub(crate) mod control;
mod freshness;
mod stored;

use std::fmt;

use serde::Serialize;

use crate::head::{Fields, Head};
use control::Control;

/// What was asked, as far as caches look at it.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The URL, whole.
    pub url: String,
    /// The fields that were sent.
    pub fields: Fields,
}

/// What caches may do with a response.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Explanation {
    /// A browser's own cache.
    pub private: Verdict,
    /// A cache of many users: a proxy, a CDN.
    pub shared: Verdict,
    /// Seconds since the origin made it, as far as can be told (RFC 9111 §4.2.3).
    pub age: u64,
    /// Fields of a request that a 304 (Not Modified) can answer, name and value (RFC 9110 §13.1).
    pub conditions: Vec<(String, String)>,
    /// Fields of the request that the response depends on, in small letters; `*` for whatever else.
    pub vary: Vec<String>,
    /// All of it in sentences, in order.
    pub statements: Vec<Statement>,
}

/// What one kind of cache may do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Whether it may be kept.
    pub is_storable: bool,
    /// Seconds from the origin's making it to its being stale.
    pub lifetime: u64,
    /// Who says so.
    pub source: Source,
    /// Seconds that it is still fresh; negative: for which it has been stale.
    pub left: i64,
    /// It is asked for again each time, however fresh (`no-cache`).
    pub is_always_checked: bool,
    /// Once stale it is not used without asking (`must-revalidate`, `proxy-revalidate`).
    pub is_never_stale: bool,
    /// Seconds that it may be used while asking (RFC 5861 §3).
    pub while_revalidating: Option<u64>,
}

/// What says how long a response is fresh (RFC 9111 §4.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// `s-maxage`.
    SharedMaxAge,
    /// `max-age`.
    MaxAge,
    /// `Expires`.
    Expires,
    /// A tenth of the time since it was last changed.
    Heuristic,
    /// Nothing does.
    #[default]
    Nothing,
}

/// A statement. May have a stranger's words in it: escape before printing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// About what.
    pub about: About,
    /// In a sentence, without a full stop.
    pub text: String,
    /// Who says so.
    pub clause: &'static str,
}

/// What a statement is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// Whether it may be kept.
    Storing,
    /// For how long.
    Freshness,
    /// How old it is.
    Age,
    /// What becomes of it then.
    Revalidation,
    /// On what it depends.
    Vary,
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.text, self.clause)
    }
}

/// Explains it; `received` is when the response came, `now` is what its age is told for. Seconds since 1970.
#[must_use]
pub fn explain(request: &Request, head: &Head, received: i64, now: i64) -> Explanation {
    let control = Control::of(&head.fields);
    let mut told = Explanation {
        age: freshness::age(&head.fields, received, now),
        conditions: conditions(&head.fields),
        vary: vary(&head.fields),
        ..Explanation::default()
    };
    let verdict = |is_shared| Verdict {
        is_storable: stored::is_storable(request, head, is_shared),
        ..freshness::verdict(&head.fields, &control, told.age, received, is_shared)
    };
    (told.private, told.shared) = (verdict(false), verdict(true));
    let mut statements = stored::reasons(request, head, &control, &told);
    statements.extend(freshness::reasons(&control, &told));
    statements.extend(told.about_conditions());
    statements.extend(told.about_vary());
    told.statements = statements;
    told
}

impl Explanation {
    fn about_conditions(&self) -> Vec<Statement> {
        let clause = "RFC 9110 §13.1";
        if self.conditions.is_empty() {
            let text = "no 304 is possible: there is neither ETag nor Last-Modified".to_owned();
            return vec![Statement { about: About::Revalidation, text, clause }];
        }
        let one = |(name, value): &(String, String)| Statement {
            about: About::Revalidation,
            text: format!("a request with {name}: {value} can be answered by 304, without a body"),
            clause,
        };
        self.conditions.iter().map(one).collect()
    }

    fn about_vary(&self) -> Vec<Statement> {
        let (about, clause) = (About::Vary, "RFC 9111 §4.1");
        let told = |text: String| vec![Statement { about, text, clause }];
        if self.vary.iter().any(|name| name == "*") {
            return told("it matches no other request: it depends on more than fields".to_owned());
        }
        let wide = ["user-agent", "cookie", "authorization"];
        let wide: Vec<&str> =
            self.vary.iter().map(String::as_str).filter(|name| wide.contains(name)).collect();
        if !wide.is_empty() {
            return told(format!(
                "it depends on {}: hardly two requests have the same",
                wide.join(", ")
            ));
        }
        if self.vary.is_empty() {
            Vec::new()
        } else {
            told(format!("it depends on {}", self.vary.join(", ")))
        }
    }
}

/// What a request needs for a 304 (RFC 9111 §4.3.1).
fn conditions(fields: &Fields) -> Vec<(String, String)> {
    let one = |field: &str, name: &str| {
        fields
            .get(field)
            .map(|value| (name.to_owned(), String::from_utf8_lossy(value).into_owned()))
    };
    [one("etag", "If-None-Match"), one("last-modified", "If-Modified-Since")]
        .into_iter()
        .flatten()
        .collect()
}

fn vary(fields: &Fields) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for value in fields.all("vary") {
        let words = value.split(|one| *one == b',').map(<[u8]>::trim_ascii);
        names.extend(words.map(|word| String::from_utf8_lossy(word).to_ascii_lowercase()));
    }
    names.retain(|name| !name.is_empty());
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests;
