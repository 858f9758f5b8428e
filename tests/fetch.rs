//! `fetch`, from argv to exit code, on servers of its own.
//!
//! `-- --ignored` holds it against curl, on nginx, caddy, haproxy and proxies of others.

#![expect(clippy::unwrap_used, reason = "a test")]

#[path = "fetch/basics.rs"]
mod basics;
#[path = "fetch/cache.rs"]
mod cache;
#[path = "fetch/cli.rs"]
mod cli;
#[path = "fetch/common.rs"]
mod common;
#[path = "fetch/compare.rs"]
mod compare;
#[path = "fetch/har.rs"]
mod har;
#[path = "fetch/hostile.rs"]
mod hostile;
#[path = "fetch/interop.rs"]
mod interop;
#[path = "fetch/json.rs"]
mod json;
#[path = "fetch/lint.rs"]
mod lint;
#[path = "fetch/names.rs"]
mod names;
#[path = "fetch/output.rs"]
mod output;
#[path = "fetch/pipeline.rs"]
mod pipeline;
#[path = "fetch/runs.rs"]
mod runs;
#[path = "fetch/story.rs"]
mod story;
#[path = "fetch/ways.rs"]
mod ways;
