//! What is told of a transfer at its end, in place of its body.
//!
//! Everything here is made from an [`Account`]: nothing is measured, and what failed is told as far as it came.

use std::net::SocketAddr;
use std::path::PathBuf;

use wireline_http::account::Account;

mod attempts;
mod cache;
mod chain;
pub(crate) mod figures;
pub(crate) mod ladder;
pub mod lines;
mod link;
mod lint;
pub(crate) mod page;
mod sample;
mod story;
mod timing;
mod walk;
mod waterfall;

pub(crate) use cache::ask_again;
pub(crate) use figures::{many, ms};
pub(crate) use lines::of as lines;
pub(crate) use link::per_second;
pub(crate) use page::{Look, Page, Tone};
pub(crate) use sample::Sample;
pub(crate) use timing::doing;
pub(crate) use walk::Walked;

use crate::output::OutputSpec;
use crate::verdict;

/// What was asked for. Each is independent of the others; they are printed in this order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reports {
    /// Every phase of every hop (`--timing`).
    pub(crate) timing: bool,
    /// Every step in plain words (`--story`).
    pub(crate) story: bool,
    /// What is to be said of the server's certificates (`--doctor`).
    pub(crate) doctor: bool,
    /// What is not as it should be (`--lint`).
    pub(crate) lint: bool,
    /// What caches may do with it (`--explain-cache`).
    pub(crate) cache: bool,
    /// So many requests, each way that there is (`--pipeline`); told apart from all else.
    pub(crate) pipeline: Option<usize>,
    /// The name is followed from the root down (`--trace-dns`).
    pub(crate) trace_dns: Option<TraceDns>,
    /// Each event in JSON, as it happens (`--json` without data).
    pub(crate) json: bool,
    /// All of the run in this file (`--har`).
    pub(crate) har: Option<PathBuf>,
    /// Values of fields that let others in are shown in JSON (`--secrets`).
    pub(crate) secrets: bool,
}

/// Where a walk down the delegations begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TraceDns {
    /// At the root servers.
    Root,
    /// At this server.
    From(SocketAddr),
}

impl Reports {
    /// Whether there is one for people.
    pub(crate) const fn is_text(&self) -> bool {
        self.timing || self.story || self.doctor
    }

    /// Whether there is something to be told at the end of a transfer, for people or in JSON.
    pub(crate) const fn is_told(&self) -> bool {
        self.is_text() || self.lint || self.cache
    }

    /// Whether anything was: then the body is not printed, unless somebody says where to.
    pub(crate) const fn any(&self) -> bool {
        self.json || self.is_told() || self.pipeline.is_some()
    }
}

/// A transfer that is over.
pub(crate) struct Told<'a> {
    /// What was seen of it.
    pub(crate) account: &'a Account,
    /// Names that were followed from the root down.
    pub(crate) walks: &'a [Walked],
    /// What is known of its body, where that was asked for.
    pub(crate) sample: Option<&'a Sample>,
    /// Our clock at its end, in seconds since 1970.
    pub(crate) wall: i64,
}

/// All reports on a transfer.
pub(crate) fn print(spec: &OutputSpec, told: &Told<'_>, look: Look) -> String {
    let mut page = Page::new(look);
    let wanted = &spec.reports;
    if wanted.timing {
        timing::write(&mut page, told);
    }
    if wanted.story {
        page.gap();
        story::write(&mut page, told);
    }
    if wanted.doctor {
        page.gap();
        chain::write_all(&mut page, told);
    }
    if wanted.lint {
        lint::write(&mut page, told);
    }
    // The last: what is asked again is told behind it.
    if wanted.cache {
        cache::write(&mut page, told);
    }
    page.finish()
}

#[cfg(test)]
mod tests;
