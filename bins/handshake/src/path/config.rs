//! What the words mean.

use std::net::IpAddr;

use anyhow::Result;
use wireline_engine::trace::Wait;
use wireline_host::Family;

use super::Args;
use crate::number::{refuse, seconds, whole};
use crate::ping::config::targets;
use crate::target::HostPort;
use crate::way::Way;

/// All of it, before a name is looked up.
#[derive(Clone, Debug)]
pub(super) struct Config {
    pub(super) target: HostPort,
    pub(super) first_hop: u8,
    pub(super) max_hops: u8,
    pub(super) queries: u8,
    pub(super) wait: Wait,
    pub(super) carrier: Wanted,
    pub(super) family: Family,
    pub(super) device: Option<String>,
    pub(super) source: Option<IpAddr>,
    pub(super) numeric: bool,
    pub(super) json: bool,
}

/// What is to carry the probes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Segments where they may be sent.
    Either,
    Segments,
    Connect,
}

impl Config {
    pub(super) fn new(args: &Args) -> Result<Self> {
        let mut targets = targets(&args.target)?;
        let (Some(target), true) = (targets.pop(), targets.is_empty()) else {
            return Err(refuse("one HOST:PORT is needed").into());
        };
        let Way { family, device, source } = args.way.way()?;
        let max_hops = whole("--max-hops", &args.max_hops, 1, 255)?;
        Ok(Self {
            target,
            first_hop: whole("--first-hop", &args.first_hop, 1, u64::from(max_hops))?,
            max_hops,
            queries: whole("--queries", &args.queries, 1, 10)?,
            wait: match &args.timeout {
                Some(word) => {
                    Wait::Told { max: seconds("--timeout", word, 0.001)?, here: 3.0, near: 10.0 }
                }
                None => Wait::Adaptive,
            },
            carrier: match (args.raw, args.connect) {
                (true, _) => Wanted::Segments,
                (_, true) => Wanted::Connect,
                _ => Wanted::Either,
            },
            family,
            device,
            source,
            numeric: args.numeric,
            json: args.json,
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[test]
    fn words_that_make_no_sense_are_refused() {
        let read = |words: &str| {
            let words = std::iter::once("path").chain(words.split_whitespace());
            Config::new(&Args::try_parse_from(words)?)
        };
        for words in [
            "",
            "a",
            "a:1 b:2",
            "a:1 -m0",
            "a:1 -m256",
            "a:1 -f5 -m4",
            "a:1 --queries 11",
            "a:1 --raw --connect",
        ] {
            assert!(read(words).is_err(), "{words}");
        }
        assert_eq!(read("::1 22 -m 5").unwrap().target.host, "::1");
    }
}
