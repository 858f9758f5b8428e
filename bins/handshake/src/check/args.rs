//! What may be asked for, and what it means.

use std::time::Duration;

use anyhow::Result;
use clap::Parser;
use wireline_cli::Refusal;
use wireline_engine::tcp::battery::Question;

use super::expect::Expectation;
use super::test::Test;
use crate::exit::USAGE;
use crate::target::HostPort;
use crate::way::{Way, WayFlags};

/// A graded report on how a server opens, talks and closes.
#[derive(Debug, Parser)]
#[command(
    name = "check",
    bin_name = "handshake check",
    args_override_self = true,
    after_help = AFTER
)]
pub(crate) struct Args {
    /// HOST:PORT, [IPV6]:PORT, or HOST and PORT
    #[arg(required = true, num_args = 1..=2, value_name = "TARGET")]
    target: Vec<String>,

    #[command(flatten)]
    way: WayFlags,

    /// Only these lines of the report, joined by commas
    #[arg(long, value_name = "TESTS", value_delimiter = ',')]
    only: Vec<Test>,

    /// Fill the server's accept queue, too: with 16 connections at the most
    #[arg(long)]
    intrusive: bool,

    /// SYNs for round trips and sequence numbers: 1 to 1000
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    samples: u32,

    /// Seconds for all of it, and for SYN-ACKs that come again; what is not asked by then is told [default: 15, and 8 for
    /// SYN-ACKs]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    budget: Option<f64>,

    /// Seconds to wait for an answer
    #[arg(short, long, value_name = "SECONDS", default_value_t = 1.0, value_parser = seconds)]
    timeout: f64,

    /// What is said on a connection
    #[arg(long, value_name = "TEXT", default_value = "\r\n", hide_default_value = true)]
    send: String,

    /// Exit with 1 unless this holds, as 'open && rtt<20ms && sack'
    #[arg(long, value_name = "EXPRESSION")]
    expect: Option<String>,

    /// Print one JSON object a line
    #[arg(long)]
    json: bool,

    /// Only what is not well, and what was expected
    #[arg(short, long)]
    quiet: bool,
}

const AFTER: &str = "\
An expectation joins facts by && and || and turns them round by !; parentheses group.
Facts that are yes or no stand alone: open closed filtered rejected sack ts ecn accecn tfo tfo_data
clamp accept proxy cookies. Times take us, ms or s: rtt rtt_min rtt_max jitter data_rtt first_byte
synack_rto. Numbers: loss mss wscale win ttl isn_rate synack_retries backlog. Words, by == and !=:
verdict isn synack_schedule halfclose close time_wait challenge. What was not measured is never met.

Without --expect the exit code is the port's: 0 open, 1 closed, 3 filtered, 4 rejected or unreachable;
with it 0 if all holds, 1 if not, 6 if only for want of CAP_NET_RAW something is not known.

  handshake check db.example:5432 --expect 'open && rtt<20ms && sack && !proxy'
  handshake check 192.0.2.7 443 --only isn,synack --budget 40";

fn seconds(word: &str) -> Result<f64, String> {
    let number: f64 = word.parse().map_err(|_| "not a number".to_owned())?;
    if (0.001..=3600.0).contains(&number) { Ok(number) } else { Err("0.001 to 3600".to_owned()) }
}

/// For all of it.
const BUDGET: Duration = Duration::from_secs(15);

/// Linux sends its SYN-ACKs after 1, 3 and 7 s: enough to see the rule.
const WATCH: Duration = Duration::from_secs(8);

/// Connections side by side, with `--intrusive`.
pub(crate) const PARALLEL: u32 = 16;

/// Ports for sequence numbers of other 4-tuples.
pub(crate) const OTHER_PORTS: u32 = 16;

/// What is meant.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) target: HostPort,
    pub(crate) way: Way,
    /// In the order of the report.
    pub(crate) tests: Vec<Test>,
    pub(crate) samples: u32,
    pub(crate) budget: Duration,
    /// For SYN-ACKs that come again.
    pub(crate) watch: Duration,
    pub(crate) patience: Duration,
    pub(crate) send: Vec<u8>,
    pub(crate) expect: Option<(String, Expectation)>,
    pub(crate) json: bool,
    pub(crate) quiet: bool,
}

impl Config {
    pub(crate) fn new(args: &Args) -> Result<Self> {
        let target = match args.target.as_slice() {
            [both] => HostPort::parse(both)?,
            [host, port, ..] => HostPort::of(host, port)?,
            [] => return Err(usage("a target is needed")),
        };
        if args.send.len() > 1024 {
            return Err(usage("--send: 1024 octets at the most"));
        }
        Ok(Self {
            target,
            way: args.way.way()?,
            tests: tests(args)?,
            samples: args.samples,
            budget: args.budget.map_or(BUDGET, Duration::from_secs_f64),
            watch: args.budget.map_or(WATCH, Duration::from_secs_f64),
            patience: Duration::from_secs_f64(args.timeout),
            send: args.send.clone().into_bytes(),
            expect: expectation(args)?,
            json: args.json,
            quiet: args.quiet,
        })
    }

    /// What has to be asked, in the order that disturbs the next the least.
    pub(crate) fn questions(&self) -> Vec<Question> {
        let mut questions: Vec<_> =
            self.tests.iter().flat_map(|test| test.questions()).copied().collect();
        questions.sort_unstable();
        questions.dedup();
        questions
    }
}

fn usage(why: &str) -> anyhow::Error {
    Refusal::new(USAGE, why).into()
}

fn tests(args: &Args) -> Result<Vec<Test>> {
    if args.only.contains(&Test::Backlog) && !args.intrusive {
        return Err(usage(
            "--only backlog: fills the server's queue, so --intrusive is needed too",
        ));
    }
    let is_wanted = |test: &Test| match test {
        Test::Port => true,
        Test::Backlog if args.only.is_empty() => args.intrusive,
        test => args.only.is_empty() || args.only.contains(test),
    };
    Ok(Test::ALL.into_iter().filter(is_wanted).collect())
}

fn expectation(args: &Args) -> Result<Option<(String, Expectation)>> {
    let Some(text) = &args.expect else { return Ok(None) };
    let expectation = Expectation::parse(text).map_err(|why| usage(&format!("--expect: {why}")))?;
    Ok(Some((text.clone(), expectation)))
}
