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

impl Request {
    /// Of a request's head as it was sent, in the words of HTTP/1.
    #[must_use]
    pub fn sent(method: &str, url: &str, raw: &[u8]) -> Self {
        let mut fields = Fields::default();
        for line in raw.split(|one| *one == b'\n').skip(1) {
            let mut parts = line.splitn(2, |one| *one == b':');
            if let (Some(name), Some(value)) = (parts.next(), parts.next()) {
                fields.push(name, value.trim_ascii());
            }
        }
        Self { method: method.to_owned(), url: url.to_owned(), fields }
    }
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
    /// The field that says so, as it came, cut where it is long; empty where the absence of one does.
    pub field: String,
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
        match self.field.as_str() {
            "" => write!(f, "{} ({})", self.text, self.clause),
            field => write!(f, "{} ({field}; {})", self.text, self.clause),
        }
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
    statements.extend(freshness::reasons(&head.fields, &control, &told));
    statements.extend(told.about_conditions(&head.fields));
    statements.extend(told.about_vary(&head.fields));
    told.statements = statements;
    told
}

impl Explanation {
    fn about_conditions(&self, fields: &Fields) -> Vec<Statement> {
        let about = About::Revalidation;
        let clause = "RFC 9110 §13.1";
        if self.conditions.is_empty() {
            let text = "no 304 is possible: there is neither ETag nor Last-Modified".to_owned();
            return vec![Statement { about, text, field: String::new(), clause }];
        }
        let one = |(name, _): &(String, String)| {
            let source = if name == "If-None-Match" { "ETag" } else { "Last-Modified" };
            Statement {
                about,
                text: format!("a request with {name} can be answered by 304, without a body"),
                field: quoted(fields, source),
                clause,
            }
        };
        self.conditions.iter().map(one).collect()
    }

    /// What it depends on, and where that is not said or says too much.
    fn about_vary(&self, fields: &Fields) -> Vec<Statement> {
        let (about, clause) = (About::Vary, "RFC 9111 §4.1");
        let told = |text: String, field: &str| Statement {
            about,
            text,
            field: quoted(fields, field),
            clause,
        };
        let depends = |name: &str| self.vary.iter().any(|one| one == name);
        let mut all = Vec::new();
        let wide: Vec<&str> = WIDE.into_iter().filter(|name| depends(name)).collect();
        if depends("*") {
            all.push(told(
                "it matches no other request: it depends on more than fields".to_owned(),
                "Vary",
            ));
        } else if !wide.is_empty() {
            let wide = wide.join(", ");
            all.push(told(
                format!("it depends on {wide}: hardly two requests have the same, so that a shared cache rarely helps"),
                "Vary",
            ));
        } else if !self.vary.is_empty() {
            let some: Vec<&str> = self.vary.iter().take(SHOWN).map(String::as_str).collect();
            let more = self.vary.len().saturating_sub(SHOWN);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let text = format!("a cache keeps one for each value of {}{more}", some.join(", "));
            all.push(told(text, "Vary"));
        }
        if !self.shared.is_storable || depends("*") {
            return all;
        }
        if fields.get("content-encoding").is_some() && !depends("accept-encoding") {
            all.push(told(
                "Vary does not name Accept-Encoding: a cache may give this coding to somebody who does not take it".to_owned(),
                "Content-Encoding",
            ));
        }
        let origin = fields.get("access-control-allow-origin");
        if origin.is_some_and(|origin| origin != b"*") && !depends("origin") {
            all.push(told(
                "Vary does not name Origin: a cache may give one site's answer to another"
                    .to_owned(),
                "Access-Control-Allow-Origin",
            ));
        }
        all
    }
}

/// Fields of requests of which hardly two are the same.
const WIDE: [&str; 4] = ["user-agent", "cookie", "authorization", "referer"];
/// Names that a sentence has.
const SHOWN: usize = 8;
/// Octets of a field that are quoted.
const QUOTED: usize = 120;

/// A field as it came, cut where it is long; nothing where it is not there.
fn quoted(fields: &Fields, name: &str) -> String {
    let Some(value) = fields.get(name) else { return String::new() };
    let cut = value.get(..QUOTED);
    let text = String::from_utf8_lossy(cut.unwrap_or(value));
    let more = if cut.is_some() && value.len() > QUOTED { "..." } else { "" };
    format!("{name}: {text}{more}")
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
