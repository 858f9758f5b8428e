//! What the words of the command line mean.

use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::Result;
use wireline_cli::{Exit, Refusal};
use wireline_engine::arping::{self, Addressing, Enough, Kind, Purpose};
use wireline_host::{Family, Target};
use wireline_packet::Mac;

use super::args::ArpingArgs;

/// What iputils exits with for a number that it cannot use.
const BAD_NUMBER: Exit = Exit(1);

/// The most that iputils takes for any number.
const MOST: i64 = 2_147_483_647;

/// Everything that was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// As typed.
    pub(crate) destination: String,
    /// As typed; none where the route decides.
    pub(crate) interface: Option<String>,
    pub(crate) mode: Mode,
    /// The address to ask from, if it was said.
    pub(crate) source: Option<Ipv4Addr>,
    /// Whether that may be anybody's.
    pub(crate) force: bool,
    pub(crate) kind: Kind,
    pub(crate) addressing: Addressing,
    pub(crate) interval: Option<Duration>,
    pub(crate) count: Option<u64>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) enough: Enough,
    pub(crate) quiet: bool,
    pub(crate) json: bool,
    pub(crate) check: bool,
}

/// What it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Who has the address?
    Ask,
    /// Does anybody have it (`-D`)?
    Detect,
    /// It is ours (`-U`, `-A`).
    Announce,
}

impl Config {
    /// What is wrong with a number is said in the order of iputils' manual page, of the first only.
    pub(crate) fn new(args: &ArpingArgs, destination: &str) -> Result<Self> {
        refuse(args, destination)?;
        let count = number(args.count.as_deref(), 1)?;
        let interval = number(args.interval.as_deref(), 0)?.unwrap_or(1);
        // iputils takes a deadline of nothing for none.
        let deadline = number(args.deadline.as_deref(), 0)?.filter(|seconds| *seconds > 0);
        // One request, of which iputils would never see the end.
        let is_endless = interval == 0 && count.is_some() && deadline.is_none();
        let (interval, count) = if is_endless { (1, Some(1)) } else { (interval, count) };
        let mode = match (args.detect, args.announce || args.announce_by_replies) {
            (true, _) => Mode::Detect,
            (false, true) => Mode::Announce,
            (false, false) => Mode::Ask,
        };
        let is_first = args.first || (mode == Mode::Detect && !args.all);
        Ok(Self {
            destination: destination.to_owned(),
            interface: args.interface.clone().filter(|name| !name.is_empty()),
            mode,
            source: args.source.as_deref().map(source).transpose()?,
            force: args.force,
            kind: if args.announce_by_replies { Kind::Reply } else { Kind::Request },
            addressing: if args.broadcast { Addressing::Broadcast } else { Addressing::Follow },
            interval: (interval > 0).then(|| Duration::from_secs(interval)),
            count,
            deadline: deadline.map(Duration::from_secs),
            enough: if is_first { Enough::First } else { Enough::Limits },
            quiet: args.quiet,
            json: args.json,
            check: args.check,
        })
    }

    /// What the engine is to do by one interface.
    pub(crate) fn engine(&self, flow: u32, own: Mac, ends: (Ipv4Addr, Ipv4Addr)) -> arping::Config {
        arping::Config {
            flow,
            own,
            source: ends.0,
            target: ends.1,
            purpose: if self.mode == Mode::Detect { Purpose::Detect } else { Purpose::Ask },
            kind: self.kind,
            addressing: self.addressing,
            interval: self.interval,
            count: self.count,
            deadline: self.deadline,
            enough: self.enough,
        }
    }
}

/// What cannot be, and what only the other arping has.
fn refuse(args: &ArpingArgs, destination: &str) -> Result<(), Refusal> {
    let refusals = [
        (args.habets_duplicates, "-d is not supported: --check exits with 3 for a duplicate"),
        (args.habets_replies, "-P is not supported: -A announces by replies"),
        (args.habets_source.is_some(), "-S is not supported: -s is the address to ask from"),
        (args.habets_macs, "-r is not supported: --json has the link-layer addresses"),
        (args.habets_verbose, "-v is not supported: --json has all there is to tell"),
        (args.all && !args.detect, "--all needs -D: without it every reply is told anyway"),
    ];
    if let Some((_, why)) = refusals.into_iter().find(|(is_given, _)| *is_given) {
        return Err(Refusal::new(Exit::FAILED, why));
    }
    if destination.parse::<Mac>().is_ok() {
        let why = format!(
            "{destination}: asking by a link-layer address is not supported: arp-scan finds who has one"
        );
        return Err(Refusal::new(Exit::FAILED, why));
    }
    Ok(())
}

fn source(word: &str) -> Result<Ipv4Addr, Refusal> {
    let bad = || Refusal::new(Exit::FAILED, format!("invalid source {word}"));
    let target = Target::numeric(word, Family::V4).ok_or_else(bad)?;
    match target.address().ip() {
        std::net::IpAddr::V4(address) => Ok(address),
        std::net::IpAddr::V6(_) => Err(bad()),
    }
}

/// A whole number as strtol(3) reads it in base ten, in the words of iputils where it is none.
fn number(word: Option<&str>, least: i64) -> Result<Option<u64>, Refusal> {
    let Some(word) = word else { return Ok(None) };
    let refuse = |why: String| Refusal::new(BAD_NUMBER, format!("invalid argument: '{word}'{why}"));
    let trimmed = word.trim_start_matches([' ', '\t', '\n', '\u{b}', '\u{c}', '\r']);
    let digits = trimmed.strip_prefix(['-', '+']).unwrap_or(trimmed);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(refuse(String::new()));
    }
    let number: i64 =
        trimmed.parse().map_err(|_| refuse(": Numerical result out of range".into()))?;
    match u64::try_from(number) {
        Ok(value) if (least..=MOST).contains(&number) => Ok(Some(value)),
        _ => Err(refuse(format!(": out of range: {least} <= value <= {MOST}"))),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    fn config(words: &str) -> Result<Config> {
        let words = std::iter::once("arping").chain(words.split(' '));
        let args = ArpingArgs::try_parse_from(words).unwrap();
        Config::new(&args, args.destinations.first().map_or("", String::as_str))
    }

    #[test]
    fn each_bad_number_gets_the_sentence_of_iputils() {
        for (words, why) in [
            ("-c 0 h", "'0': out of range: 1 <= value <= 2147483647"),
            ("-c -1 h", "'-1': out of range: 1 <= value <= 2147483647"),
            ("-c 2147483648 h", "'2147483648': out of range: 1 <= value <= 2147483647"),
            ("-c 99999999999999999999 h", "'99999999999999999999': Numerical result out of range"),
            ("-c 0x2 h", "'0x2'"),
            ("-c 1.5 h", "'1.5'"),
            ("-c abc h", "'abc'"),
            ("-c +-1 h", "'+-1'"),
            ("-w -1 h", "'-1': out of range: 0 <= value <= 2147483647"),
            ("-w x h", "'x'"),
            ("-i 0.5 h", "'0.5'"),
            ("-i 99999999999 h", "'99999999999': out of range: 0 <= value <= 2147483647"),
        ] {
            let err = config(words).unwrap_err();
            assert_eq!(err.to_string(), format!("invalid argument: {why}"), "{words}");
        }
        assert_eq!(config("-c 010 -w +3 h").unwrap().count, Some(10));
    }

    #[test]
    fn what_is_not_said_is_as_in_iputils() {
        let config = config("192.0.2.9").unwrap();
        assert_eq!((config.mode, config.kind), (Mode::Ask, Kind::Request));
        assert_eq!((config.addressing, config.enough), (Addressing::Follow, Enough::Limits));
        assert_eq!(config.interval, Some(Duration::from_secs(1)));
        assert_eq!((config.count, config.deadline, config.source), (None, None, None));
    }

    #[test]
    fn deadline_of_nothing_is_none_and_a_count_of_one_request_has_an_end() {
        assert_eq!(config("-w 0 h").unwrap().deadline, None);
        let once = config("-i 0 -c 5 h").unwrap();
        assert_eq!((once.interval, once.count), (Some(Duration::from_secs(1)), Some(1)));
        let timed = config("-i 0 -c 5 -w 2 h").unwrap();
        assert_eq!((timed.interval, timed.count), (None, Some(5)));
    }

    #[test]
    fn detection_ends_with_the_first_answer_unless_all_are_wanted() {
        assert_eq!(config("-D h").unwrap().enough, Enough::First);
        assert_eq!(config("-D --all h").unwrap().enough, Enough::Limits);
        assert_eq!(config("-D -f --all h").unwrap().enough, Enough::First);
        assert_eq!(config("-D -A h").unwrap().mode, Mode::Detect);
    }

    #[test]
    fn jobs_of_the_other_arping_are_refused_by_name() {
        for (words, word) in [
            ("-d h", "--check"),
            ("-P h", "-A"),
            ("-S 192.0.2.1 h", "-s"),
            ("-r h", "--json"),
            ("-v h", "--json"),
            ("02:00:5e:00:53:01", "arp-scan"),
            ("--all h", "-D"),
        ] {
            let err = config(words).unwrap_err().to_string();
            assert!(err.contains(word) && !err.contains('\n'), "{words}: {err}");
        }
    }

    #[test]
    fn source_is_an_address_in_any_way_to_write_one() {
        assert_eq!(config("-s 1 h").unwrap().source, Some(Ipv4Addr::new(0, 0, 0, 1)));
        for word in ["x", "1.2.3.4.5", "::1", "localhost"] {
            let err = config(&format!("-s {word} h")).unwrap_err();
            assert_eq!(err.to_string(), format!("invalid source {word}"));
        }
    }
}
