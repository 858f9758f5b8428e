//! `--har`: all of a run in one file (HAR 1.2, <http://www.softwareishard.com/blog/har-12-spec/>), which browsers' tools
//! and others open.
//!
//! It computes nothing but what the format wants: phases one behind the other, parts of URLs and cookies.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use wireline_http::account::Account;
use wireline_http::{Event, Failure};

mod entry;
mod parts;

/// Octets of a body that are kept, and of all bodies of a run.
const MOST: usize = 1 << 20;
const MOST_OF_ALL: usize = 1 << 26;

/// What is not in an [`Account`]: octets.
#[derive(Clone, Debug, Default)]
pub(crate) struct Capture {
    /// When the transfer began, since 1970.
    pub(crate) began: Option<Duration>,
    /// What was delivered, as much of it as is kept.
    pub(crate) body: Vec<u8>,
    /// There was more of it.
    pub(crate) is_cut: bool,
    /// What was sent behind the last head, as much of it as is kept.
    pub(crate) sent: Vec<u8>,
}

impl Capture {
    pub(crate) fn event(&mut self, at: Duration, wall: Duration, event: &Event) {
        match event {
            Event::Hop { .. } => {
                self.began.get_or_insert(wall.saturating_sub(at));
                self.sent.clear();
            }
            Event::Octets { sent: true, octets } => {
                let left = MOST.saturating_sub(self.sent.len());
                self.sent.extend(octets.iter().take(left));
            }
            _ => {}
        }
    }

    pub(crate) fn body(&mut self, octets: &[u8]) {
        let left = MOST.saturating_sub(self.body.len());
        self.is_cut |= octets.len() > left;
        self.body.extend_from_slice(octets.get(..left).unwrap_or(octets));
    }

    pub(crate) fn forget(&mut self) {
        self.body.clear();
        self.is_cut = false;
    }
}

/// Transfers that are over.
#[derive(Debug, Default)]
pub(crate) struct Har {
    path: Option<PathBuf>,
    shows_secrets: bool,
    entries: Vec<Value>,
    /// Octets of bodies.
    kept: usize,
}

impl Har {
    /// A transfer is over.
    pub(crate) fn add(
        &mut self,
        path: &Path,
        shows_secrets: bool,
        account: &Account,
        mut capture: Capture,
        failure: Option<&Failure>,
    ) {
        self.path.get_or_insert_with(|| path.to_owned());
        self.shows_secrets = shows_secrets;
        if self.kept.saturating_add(capture.body.len()) > MOST_OF_ALL {
            capture.forget();
            capture.is_cut = true;
        }
        self.kept = self.kept.saturating_add(capture.body.len());
        self.entries.extend(entry::of(account, &capture, failure, shows_secrets));
    }

    /// Writes the file, where one is wanted.
    pub(crate) fn write(&mut self) -> Result<(), Failure> {
        let Some(path) = self.path.take() else { return Ok(()) };
        let entries = std::mem::take(&mut self.entries);
        let text = document(&entries, self.shows_secrets).to_string();
        std::fs::write(&path, text + "\n").map_err(|why| {
            let why = why.to_string();
            let why = why.split(" (os error").next().unwrap_or_default();
            let text = format!("Failed to create/open output: {}: {why}", path.display());
            Failure::new(wireline_http::Kind::Write, text)
        })
    }
}

/// The whole of it.
fn document(entries: &[Value], shows_secrets: bool) -> Value {
    let comment = if shows_secrets {
        "Logins and cookies are in here."
    } else {
        "Values of Authorization, Proxy-Authorization, Cookie and Set-Cookie are concealed (fetch --secrets shows them). \
         Bodies are not."
    };
    let me = json!({ "name": "fetch", "version": env!("CARGO_PKG_VERSION") });
    json!({ "log": { "version": "1.2", "creator": me, "entries": entries, "comment": comment } })
}

#[cfg(test)]
mod tests;
