//! Called as `fping`, the program takes fping's flags: what they mean is the same as with several
//! targets, and only the words are others.

mod args;

use std::ffi::OsString;
use std::io::{IsTerminal as _, Write as _};
use std::net::{IpAddr, Ipv4Addr};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use wireline_cli::{Exit, Grammar, Refusal, parse};
use wireline_engine::sweep::Mode;
use wireline_host::{Family, Targets};
use wireline_net::PathMtu;

use crate::config::{Format, Request, Source};
use crate::many;
use crate::many::config::{Many, Naming, Show, TextConfig, Who};
use crate::sockets::{Needs, open};

pub(crate) use args::FpingArgs;

/// What fping exits with for arguments that it cannot use, whatever its manual says.
const USAGE: Exit = Exit(1);

/// What fping exits with when a system call fails.
const SYSTEM: Exit = Exit(4);

/// All of the program but for the reading of `argv`.
pub(crate) fn main(program: &str, words: &[OsString]) -> ExitCode {
    let grammar = Grammar { usage: USAGE, missing: ("no targets", USAGE) };
    match parse::<FpingArgs>(program, words, grammar) {
        Ok(args) => wireline_cli::run("fping", || run(&args)),
        Err(code) => code,
    }
}

/// The line that fping's own usage errors begin with. Scripts look for it at the start of stderr.
fn remind() {
    // Nothing is left to tell if stderr is closed.
    let _ = writeln!(std::io::stderr(), "Usage: fping [options] [targets...]");
}

fn run(args: &FpingArgs) -> Result<Exit> {
    if args.version {
        let version = env!("CARGO_PKG_VERSION");
        crate::print(&format!(
            "fping: Version 5.1 (wireline {version})\nfping: comments to the authors of wireline\n"
        ));
        return Ok(Exit(0));
    }
    let many = Many::try_from(args)?;
    let needs = Needs {
        family: many.who.family,
        must_be_raw: false,
        mark: args.fwmark.clone(),
        device: many.source.device.clone(),
        only: None,
    };
    let sockets = open("fping", &needs).map_err(|why| {
        let exit = if needs.device.is_some() { USAGE } else { SYSTEM };
        Refusal::new(exit, why.to_string())
    })?;
    many::run("fping", &many, sockets)
}

impl TryFrom<&FpingArgs> for Many {
    type Error = anyhow::Error;

    fn try_from(args: &FpingArgs) -> Result<Self> {
        refuse(args)?;
        let mode = mode(args)?;
        Ok(Self {
            who: who(args)?,
            request: request(args)?,
            source: source(args)?,
            random_payload: args.random,
            mode,
            interval: milliseconds("-i", &args.interval)?,
            timeout: timeout(args, mode)?,
            enough: args.fast_reachable,
            format: if args.json { Format::JsonLines } else { Format::Text },
            text: text(args),
        })
    }
}

fn usage(message: impl Into<String>) -> Refusal {
    Refusal::new(USAGE, message)
}

/// As [`usage`], for what fping answers with its whole usage.
fn reminder(message: impl Into<String>) -> Refusal {
    remind();
    usage(message)
}

const fn counted(args: &FpingArgs) -> bool {
    args.count.is_some() || args.vcount.is_some()
}

/// What cannot be, and what is not there.
fn refuse(args: &FpingArgs) -> Result<(), Refusal> {
    for (both, message) in [
        (args.endless && counted(args), "specify only one of c, l"),
        (args.alive && args.unreach, "specify only one of a, u"),
        (args.name && args.rdns, "use either one of -d or -n"),
        (args.netdata, "-N: output for netdata is not supported"),
        (
            args.squiet.is_some(),
            "-Q: summaries at intervals are not supported (send SIGQUIT for one)",
        ),
    ] {
        if both {
            return Err(usage(message));
        }
    }
    Ok(())
}

fn who(args: &FpingArgs) -> Result<Who> {
    let family = match (args.ipv4, args.ipv6) {
        (true, true) => return Err(usage("can't specify both -4 and -6").into()),
        (true, _) => Family::V4,
        (_, true) => Family::V6,
        _ => Family::Any,
    };
    let naming = match (args.addr, args.name, args.rdns) {
        (true, false, false) => Naming::Address,
        (with_address, name, always) if name || always => Naming::Reverse { always, with_address },
        _ => Naming::AsGiven,
    };
    let mut files = args.file.clone();
    if args.targets.is_empty() && files.is_empty() && !args.generate {
        if std::io::stdin().is_terminal() {
            return Err(usage("no targets (see 'fping --help')").into());
        }
        files.push("-".into());
    }
    let words =
        if args.generate { generated(args)?.into_iter().collect() } else { args.targets.clone() };
    Ok(Who {
        words,
        files,
        exclude: Vec::new(),
        family,
        every_address: args.all,
        naming,
        prefix: String::new(),
    })
}

/// The word that means what `-g` and its one or two operands mean; none, where that is nobody.
fn generated(args: &FpingArgs) -> Result<Option<String>, Refusal> {
    /// Addresses that fping is willing to make up.
    const MOST: u128 = 131_072;
    let word = match args.targets.as_slice() {
        [network] => Some(generated_network(args, network)?),
        [first, last] => {
            let (first, last) = (generated_address(args, first)?, generated_address(args, last)?);
            Targets::between(first.into(), last.into()).map(|_| format!("{first}-{last}"))
        }
        _ => return Err(reminder("-g: give a network, or the first and the last of a range")),
    };
    let count =
        word.as_deref().and_then(|word| Targets::parse(word).ok()).map_or(0, |range| range.count());
    if count > MOST { Err(usage("-g parameter generates too many addresses")) } else { Ok(word) }
}

fn generated_network(args: &FpingArgs, network: &str) -> Result<String, Refusal> {
    let (address, length) = network
        .split_once('/')
        .ok_or_else(|| reminder("-g: give a network, or the first and the last of a range"))?;
    generated_address(args, address)?;
    let bits: Option<u8> = length.parse().ok().filter(|bits| (1..=32).contains(bits));
    bits.ok_or_else(|| usage(format!("netmask must be between 1 and 32 (is: {length})")))?;
    Ok(network.to_owned())
}

fn generated_address(args: &FpingArgs, word: &str) -> Result<Ipv4Addr, Refusal> {
    let foreign =
        || usage(format!("can't parse address {word}: Address family for hostname not supported"));
    match word.parse() {
        Ok(IpAddr::V4(_)) if args.ipv6 => Err(foreign()),
        Ok(IpAddr::V4(address)) => Ok(address),
        // The second of a range is looked up in the family of the first.
        Ok(IpAddr::V6(_))
            if args.ipv4
                || args
                    .targets
                    .first()
                    .is_some_and(|first| first != word && !first.contains(':')) =>
        {
            Err(foreign())
        }
        Ok(IpAddr::V6(_)) => Err(usage("-g works only with IPv4 addresses")),
        Err(_) => Err(usage(format!("can't parse address {word}: Name or service not known"))),
    }
}

fn mode(args: &FpingArgs) -> Result<Mode, Refusal> {
    let period = milliseconds("-p", &args.period)?;
    let count = match args.vcount.as_ref().or(args.count.as_ref()) {
        Some(word) => Some(
            word.parse()
                .ok()
                .filter(|n| *n > 0)
                .ok_or_else(|| reminder(format!("-c: not a count: {word}")))?,
        ),
        None => None,
    };
    if count.is_some() || args.endless {
        return Ok(Mode::Counted { count, period });
    }
    let not_valid =
        || usage(format!("backoff factor {} not valid, must be between 1.0 and 5.0", args.backoff));
    let backoff: f64 = args.backoff.parse().map_err(|_| not_valid())?;
    if !(1.0..=5.0).contains(&backoff) {
        return Err(usage(format!(
            "backoff factor {backoff:.1} not valid, must be between 1.0 and 5.0"
        )));
    }
    let retries: i64 =
        args.retry.parse().map_err(|_| usage(format!("-r: not a count: {}", args.retry)))?;
    Ok(Mode::Alive { retries: u32::try_from(retries.max(0)).unwrap_or(u32::MAX), backoff })
}

fn milliseconds(flag: &str, word: &str) -> Result<Duration, Refusal> {
    let bad = || reminder(format!("{flag}: not a number of milliseconds: {word}"));
    let ms: f64 = word.parse().map_err(|_| bad())?;
    Duration::try_from_secs_f64(ms / 1e3).map_err(|_| bad())
}

fn timeout(args: &FpingArgs, mode: Mode) -> Result<Duration, Refusal> {
    match (&args.timeout, mode) {
        (Some(word), _) => milliseconds("-t", word),
        (None, Mode::Alive { .. }) => Ok(Duration::from_millis(500)),
        (None, Mode::Counted { period, .. }) => Ok(period.min(Duration::from_secs(2))),
    }
}

fn request(args: &FpingArgs) -> Result<Request, Refusal> {
    /// The largest datagram less its headers and what fping keeps for options.
    const MOST: usize = 65_488;
    let not_valid =
        || usage(format!("data size {} not valid, must be lower than {MOST}", args.size));
    let ttl = |word: &String| {
        word.parse()
            .ok()
            .filter(|ttl| *ttl > 0)
            .ok_or_else(|| usage(format!("ttl {word} out of range")))
    };
    let tos = |word: &String| {
        let tos = crate::number::decimal_or_hex(word).and_then(|tos| u8::try_from(tos).ok());
        tos.ok_or_else(|| usage(format!("-O: not a type of service: {word}")))
    };
    Ok(Request {
        size: args.size.parse().ok().filter(|size| *size < MOST).ok_or_else(not_valid)?,
        hop_limit: args.ttl.as_ref().map(ttl).transpose()?,
        traffic_class: args.tos.as_ref().map(tos).transpose()?,
        path_mtu: args.dontfrag.then_some(PathMtu::Do),
        // fping's data is zeroes, not the counting of iputils.
        pattern: Some(vec![0]),
        ..Request::default()
    })
}

fn source(args: &FpingArgs) -> Result<Source, Refusal> {
    let parse = |word: &String| {
        word.parse().map_err(|_| usage(format!("can't parse source address: {word}")))
    };
    Ok(Source { device: args.iface.clone(), address: args.src.as_ref().map(parse).transpose()? })
}

/// How to print. With `-x` only the verdict is, and with `-a` or `-u` no single replies.
fn text(args: &FpingArgs) -> TextConfig {
    let enough = args.reachable.or(args.fast_reachable);
    let show = match (args.alive, args.unreach) {
        (true, _) => Show::Alive,
        (_, true) => Show::Unreachable,
        _ if args.quiet || enough.is_some() => Show::Nothing,
        _ => Show::All,
    };
    TextConfig {
        show,
        elapsed: args.elapsed,
        quiet: args.quiet || enough.is_some() || ((args.alive || args.unreach) && counted(args)),
        stats: args.stats,
        outage: args.outage,
        each_sample: args.vcount.is_some(),
        timestamps: args.timestamp,
        percentiles: false,
        enough,
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[test]
    fn each_bad_argument_gets_the_sentence_of_fping() {
        for (words, why) in [
            (&["-c", "1", "-l", "h"][..], "specify only one of c, l"),
            (&["-a", "-u", "h"], "specify only one of a, u"),
            (&["-b", "70000", "h"], "data size 70000 not valid, must be lower than 65488"),
            (&["-H", "300", "h"], "ttl 300 out of range"),
            (&["-B", "6", "h"], "backoff factor 6.0 not valid, must be between 1.0 and 5.0"),
            (&["-S", "1.2.3", "h"], "can't parse source address: 1.2.3"),
            (&["-g", "1.2.3.4/33"], "netmask must be between 1 and 32 (is: 33)"),
            (&["-g", "::1", "::2"], "-g works only with IPv4 addresses"),
        ] {
            let err = Many::try_from(&args(words)).unwrap_err();
            assert_eq!(err.to_string(), why);
        }
    }

    #[test]
    fn what_smokeping_asks_for_is_understood() {
        let many = Many::try_from(&args(&["-C", "20", "-q", "-B1", "-r1", "-i10", "h"])).unwrap();
        let period = Duration::from_secs(1);
        assert_eq!(many.mode, Mode::Counted { count: Some(20), period });
        assert_eq!((many.interval, many.timeout), (Duration::from_millis(10), period));
        assert!(many.text.each_sample && many.text.quiet);
    }

    fn args(words: &[&str]) -> FpingArgs {
        FpingArgs::try_parse_from([&["fping"], words].concat()).unwrap()
    }
}
