//! What is meant by the flags, before anything is opened.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use wireline_cli::Refusal;
use wireline_engine::segment::Order;
use wireline_engine::tcp::scan::{Pace, Tell};
use wireline_net::SocketOptions;

use super::args::{self, Args, State};
use crate::exit::USAGE;
use crate::ports;
use crate::way::Way;

/// A scan that was not told otherwise.
const GENTLE: f64 = 10_000.0;
const MOST: f64 = 150_000.0;
/// More leave no machine that this runs on.
const FASTEST: f64 = 1_000_000.0;
/// Few enough to tell of each.
const FEW: u128 = 32;

pub(crate) struct Config {
    pub(crate) ports: Vec<u16>,
    pub(crate) way: Way,
    pub(crate) options: SocketOptions,
    pub(crate) pace: Pace,
    pub(crate) timeout: Duration,
    pub(crate) seed: Option<u64>,
    pub(crate) shard: (u32, u32),
}

impl Config {
    pub(crate) fn new(args: &Args) -> Result<Self> {
        if args.targets.is_empty() && args.input_list.is_empty() {
            return Err(wrong("a target is needed"));
        }
        let ports = match (&args.ports, args.top) {
            (Some(list), _) => ports::parse(list)?,
            (None, top) => ports::common(top.unwrap_or(100))?,
        };
        let timeout = Duration::try_from_secs_f64(args.timeout).ok().filter(|timeout| {
            (Duration::from_millis(1)..=Duration::from_secs(3600)).contains(timeout)
        });
        let way = args.way.way()?;
        Ok(Self {
            ports,
            options: options(args, &way),
            way,
            pace: pace(args)?,
            timeout: timeout.ok_or_else(|| wrong("-t: 0.001 to 3600 seconds"))?,
            seed: args.seed,
            shard: shard(args)?,
        })
    }

    pub(crate) fn order(&self, args: &Args, drawn: u64) -> Order {
        match args.order {
            args::Order::Serial => Order::Given,
            args::Order::Random => Order::Shuffled(self.seed.unwrap_or(drawn)),
        }
    }
}

/// Which verdicts are told port by port.
pub(crate) fn tell(args: &Args, targets: u128) -> Tell {
    let all =
        (!args.open && args.state.is_empty() && targets <= FEW) || args.state.contains(&State::All);
    let has = |state: State| all || args.state.contains(&state);
    Tell {
        open: args.state.is_empty() || has(State::Open),
        closed: has(State::Closed),
        filtered: has(State::Filtered),
        rejected: has(State::Rejected),
    }
}

fn options(args: &Args, way: &Way) -> SocketOptions {
    SocketOptions {
        hop_limit: args.ttl,
        source: way.source.map(|source| SocketAddr::new(source, 0)),
        ..SocketOptions::default()
    }
}

fn pace(args: &Args) -> Result<Pace> {
    let Some(rate) = args.rate else {
        return Ok(Pace { start: GENTLE, most: MOST, adapts: true });
    };
    if !(0.01..=FASTEST).contains(&rate) {
        return Err(wrong("--rate: 0.01 to 1000000 a second"));
    }
    let start = if args.adaptive { rate.min(GENTLE) } else { rate };
    Ok(Pace { start, most: rate, adapts: args.adaptive })
}

/// From 0, of how many.
fn shard(args: &Args) -> Result<(u32, u32)> {
    let Some(word) = &args.shard else { return Ok((0, 1)) };
    if args.seed.is_none() && args.order == args::Order::Random {
        return Err(wrong(
            "--shard: the parts fit together only by the same --seed, or --order serial",
        ));
    }
    let parts = word.split_once('/');
    let parts = parts.and_then(|(k, n)| Some((k.parse::<u32>().ok()?, n.parse::<u32>().ok()?)));
    match parts.filter(|(k, n)| (1..=*n).contains(k)) {
        Some((k, n)) => Ok((k - 1, n)),
        None => Err(wrong("--shard: K/N, from 1/N to N/N")),
    }
}

fn wrong(why: &str) -> anyhow::Error {
    Refusal::new(USAGE, why).into()
}
