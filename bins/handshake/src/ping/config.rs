//! What the words mean.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use wireline_engine::tcp::tcping::{Carrier, Until};
use wireline_host::Family;

use super::{Args, State};
use crate::number::{optional, seconds, whole};
use crate::target::HostPort;
use crate::way::Way;

/// All of it, before a name is looked up.
#[derive(Clone, Debug)]
pub(super) struct Config {
    pub(super) targets: Vec<HostPort>,
    pub(super) carrier: Carrier,
    pub(super) interval: Duration,
    pub(super) count: Option<u64>,
    pub(super) timeout: Duration,
    pub(super) max_time: Option<Duration>,
    pub(super) retries: u32,
    pub(super) resolve_after: Option<u32>,
    pub(super) until: Option<Until>,
    pub(super) all_addresses: bool,
    pub(super) family: Family,
    pub(super) device: Option<String>,
    pub(super) source: Option<IpAddr>,
    pub(super) source_port: Option<u16>,
    pub(super) numeric: bool,
    pub(super) print: Print,
    pub(super) json: bool,
    pub(super) prometheus: Option<PathBuf>,
    pub(super) exit_any: bool,
}

/// What is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Print {
    pub(super) probes: Probes,
    pub(super) timestamps: bool,
    pub(super) histogram: bool,
}

/// Which probes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Probes {
    All,
    Failed,
    None,
}

impl Config {
    pub(super) fn new(args: &Args) -> Result<Self> {
        let Way { family, device, source } = args.way.way()?;
        Ok(Self {
            targets: targets(&args.targets)?,
            carrier: if args.half_open { Carrier::HalfOpen } else { Carrier::Connect },
            interval: seconds("--interval", &args.interval, 0.001)?,
            count: optional("--count", args.count.as_deref(), 1, u64::MAX)?,
            timeout: seconds("--timeout", &args.timeout, 0.001)?,
            max_time: args
                .max_time
                .as_deref()
                .map(|word| seconds("--max-time", word, 0.001))
                .transpose()?,
            retries: whole("--retry", &args.retry, 0, 1000)?,
            resolve_after: optional(
                "--re-resolve",
                args.re_resolve.as_deref(),
                1,
                u32::MAX.into(),
            )?,
            until: args.until.map(|state| match state {
                State::Open => Until::Open,
                State::Closed => Until::Closed,
            }),
            all_addresses: args.all_addresses,
            family,
            device,
            source,
            source_port: optional("--source-port", args.source_port.as_deref(), 1, 65_535)?,
            numeric: args.numeric,
            print: print(args),
            json: args.json,
            prometheus: args.prometheus.clone(),
            exit_any: args.exit_any,
        })
    }

    /// Whether Prometheus' text takes the place of all else on stdout.
    pub(super) fn is_prometheus_only(&self) -> bool {
        self.prometheus.as_ref().is_some_and(|path| path.as_os_str() == "-")
    }

    /// The address to leave from, of one family.
    pub(super) fn bound(&self) -> Option<SocketAddr> {
        self.source.map(|source| SocketAddr::new(source, 0))
    }
}

fn print(args: &Args) -> Print {
    let probes = match (args.quiet, args.failures_only) {
        (true, _) => Probes::None,
        (_, true) => Probes::Failed,
        _ => Probes::All,
    };
    Print { probes, timestamps: args.timestamps, histogram: args.histogram }
}

/// `host:port …`, or one host and one port.
pub(crate) fn targets(words: &[String]) -> Result<Vec<HostPort>> {
    if let [host, port] = words
        && !port.contains(':')
    {
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        let host = bare.unwrap_or(host);
        let address = host.split_once('%').map_or(host, |(address, _zone)| address);
        if address.parse::<std::net::Ipv6Addr>().is_ok() || !host.contains(':') {
            return Ok(vec![HostPort::of(host, port)?]);
        }
    }
    words.iter().map(|word| HostPort::parse(word)).collect()
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    fn read(words: &str) -> Result<Config> {
        let words = std::iter::once("ping").chain(words.split_whitespace());
        Config::new(&Args::try_parse_from(words)?)
    }

    #[test]
    fn targets_are_pairs_or_two_words() {
        let pair = |host: &str, port| HostPort { host: host.to_owned(), port };
        assert_eq!(read("192.0.2.1 443").unwrap().targets, [pair("192.0.2.1", 443)]);
        assert_eq!(read("fe80::1%eth0 443").unwrap().targets, [pair("fe80::1%eth0", 443)]);
        assert_eq!(read("2001:db8::1 443").unwrap().targets, [pair("2001:db8::1", 443)]);
        assert_eq!(read("a:1 b:2").unwrap().targets, [pair("a", 1), pair("b", 2)]);
        assert_eq!(read("[::1]:22").unwrap().targets, [pair("::1", 22)]);
        for words in ["a", "a b c", "a:0", "a:70000", ":1", "::1:22", "a:1 22"] {
            assert!(read(words).is_err(), "{words}");
        }
    }

    #[test]
    fn numbers_out_of_range_are_refused_by_name() {
        for words in [
            "-c0",
            "-c1.5",
            "-i0",
            "-i0.0009",
            "-i-1",
            "-inan",
            "-t0",
            "-w0",
            "--retry=-1",
            "-r0",
            "-g0",
        ] {
            let flag = read(&format!("a:1 {words}")).unwrap_err().to_string();
            assert!(flag.starts_with("--"), "{words}: {flag}");
        }
        let config = read("a:1 -i 0.001 -c 3 -S 192.0.2.9").unwrap();
        assert_eq!((config.interval, config.count), (Duration::from_millis(1), Some(3)));
        assert!(read("a:1 -6 -S 192.0.2.9").is_err());
        assert!(read("a:1 -46").is_err());
    }
}
