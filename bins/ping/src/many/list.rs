//! The targets: words, files, networks and ranges, less those that are left out.

use std::collections::HashSet;
use std::fs;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::net::{IpAddr, SocketAddr};

use anyhow::{Context as _, Result};
use wireline_cli::{Exit, Refusal, escape};
use wireline_engine::{errno_text, sweep};
use wireline_host::{Family, Name, Names, Target, Targets};

use super::config::{Many, Naming, Who};

/// Targets that were found, in the order they were named.
#[derive(Debug, Default)]
pub(crate) struct List {
    found: Vec<Found>,
    exclude: Exclude,
    /// Words that nothing was found for.
    pub(crate) unknown: u64,
}

#[derive(Debug)]
enum Found {
    One(sweep::Target),
    Several(Targets),
}

/// What is left out.
#[derive(Debug, Default)]
struct Exclude {
    ranges: Vec<Targets>,
    addresses: HashSet<IpAddr>,
}

impl List {
    /// Reads files and looks up names. What is not to be found is told on stderr and counted.
    pub(crate) fn read(program: &str, many: &Many) -> Result<Self> {
        let who = &many.who;
        let mut list = Self { exclude: Exclude::new(who)?, ..Self::default() };
        let mut names =
            matches!(who.naming, Naming::Reverse { .. }).then(|| Names::start(1)).transpose()?;
        for word in &who.words {
            list.add(who, word, &mut names)?;
        }
        for file in &who.files {
            list.add_file(program, who, file, &mut names)?;
        }
        Ok(list)
    }

    /// One target a line; what follows it on the line, blank lines and `#` comments are passed over.
    fn add_file(
        &mut self,
        program: &str,
        who: &Who,
        file: &str,
        names: &mut Option<Names>,
    ) -> Result<()> {
        /// Octets of a line worth reading: a name has 253 (RFC 1035 §3.1).
        const LONGEST: u64 = 4096;
        let input: Box<dyn io::Read> = match file {
            "-" => Box::new(io::stdin()),
            path => Box::new(fs::File::open(path).map_err(|why| unreadable(program, file, &why))?),
        };
        let mut lines = BufReader::new(input);
        let mut line = Vec::new();
        let mut next = |line: &mut Vec<u8>| {
            let read = io::Read::take(&mut lines, LONGEST).read_until(b'\n', line);
            read.map_err(|why| unreadable(program, file, &why))
        };
        while next(&mut line)? > 0 {
            let text = String::from_utf8_lossy(&line);
            if let Some(word) = text.split_whitespace().next().filter(|word| !word.starts_with('#'))
            {
                self.add_from_file(program, who, word, names)?;
            }
            line.clear();
        }
        Ok(())
    }

    /// A bad word in a file is one bad word, and the rest is still asked.
    fn add_from_file(
        &mut self,
        program: &str,
        who: &Who,
        word: &str,
        names: &mut Option<Names>,
    ) -> Result<()> {
        if let Err(why) = Targets::parse(word) {
            crate::warn(program, &escape(&why.to_string()));
            self.unknown += 1;
            return Ok(());
        }
        self.add(who, word, names)
    }

    fn add(&mut self, who: &Who, word: &str, names: &mut Option<Names>) -> Result<()> {
        let targets =
            Targets::parse(word).map_err(|why| Refusal::new(Exit::FAILED, why.to_string()))?;
        if targets.is_several() {
            if is_of(&targets, who.family) {
                self.found.push(Found::Several(targets));
            } else {
                self.unknown(who, &format!("{word}: Address family for hostname not supported"));
            }
            return Ok(());
        }
        match Target::resolve(word, who.family) {
            Ok(target) => {
                let addresses =
                    if who.every_address { &target.addresses[..] } else { &target.addresses[..1] };
                for address in addresses.iter().filter(|address| !self.exclude.has(address.ip())) {
                    let name = name(who.naming, &target, *address, names);
                    self.found
                        .push(Found::One(sweep::Target { name: name.into(), address: *address }));
                }
            }
            Err(why) => self.unknown(who, &why.to_string()),
        }
        Ok(())
    }

    /// One more that is not to be found.
    fn unknown(&mut self, who: &Who, why: &str) {
        self.unknown += 1;
        // Nothing is left to tell if stderr is closed.
        let _ = writeln!(io::stderr(), "{}{}", who.prefix, escape(why));
    }

    /// How many there are, before any are left out.
    pub(crate) fn count(&self) -> u64 {
        let count = |found: &Found| match found {
            Found::One(_) => 1,
            Found::Several(targets) => u64::try_from(targets.count()).unwrap_or(u64::MAX),
        };
        self.found.iter().map(count).fold(0, u64::saturating_add)
    }

    /// Columns of the longest name, by which fping lines its output up.
    pub(crate) fn widest(&self) -> usize {
        /// Addresses looked at one by one; of more, the widest that there can be.
        const FEW: u128 = 1 << 16;
        let width = |found: &Found| match found {
            Found::One(target) => target.name.chars().count(),
            Found::Several(targets) if targets.count() <= FEW => {
                targets.addresses().map(|address| address.to_string().len()).max().unwrap_or(0)
            }
            Found::Several(Targets::Range(IpAddr::V4(_), _)) => "255.255.255.255".len(),
            Found::Several(_) => "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff".len(),
        };
        self.found.iter().map(width).max().unwrap_or(0)
    }

    /// The targets one by one, drawn as they are needed.
    pub(crate) fn into_targets(self) -> Box<dyn Iterator<Item = sweep::Target>> {
        let exclude = self.exclude;
        let each =
            self.found.into_iter().flat_map(|found| -> Box<dyn Iterator<Item = sweep::Target>> {
                match found {
                    Found::One(target) => Box::new(std::iter::once(target)),
                    Found::Several(targets) => Box::new(
                        targets
                            .addresses()
                            .map(|ip| sweep::Target::numeric(SocketAddr::new(ip, 0))),
                    ),
                }
            });
        Box::new(each.filter(move |target| !exclude.has(target.address.ip())))
    }
}

/// A file that cannot be read: for fping a system call that failed.
fn unreadable(program: &str, file: &str, why: &io::Error) -> Refusal {
    let exit = if program == "fping" { Exit(4) } else { Exit::FAILED };
    Refusal::new(exit, format!("{file}: {}", errno_text(why)))
}

/// Whether the addresses of a range are of a family that will do.
const fn is_of(targets: &Targets, family: Family) -> bool {
    !matches!(
        (targets, family),
        (Targets::Range(IpAddr::V6(_), _), Family::V4)
            | (Targets::Range(IpAddr::V4(_), _), Family::V6)
    )
}

impl Exclude {
    fn new(who: &Who) -> Result<Self> {
        let mut exclude = Self::default();
        for word in &who.exclude {
            let targets = Targets::parse(word)
                .map_err(|why| Refusal::new(Exit::FAILED, format!("--exclude: {why}")))?;
            if targets.is_several() {
                exclude.ranges.push(targets);
            } else {
                let target = Target::resolve(word, who.family).context("--exclude")?;
                exclude.addresses.extend(target.addresses.iter().map(SocketAddr::ip));
            }
        }
        Ok(exclude)
    }

    fn has(&self, address: IpAddr) -> bool {
        self.addresses.contains(&address) || self.ranges.iter().any(|range| range.contains(address))
    }
}

fn name(naming: Naming, target: &Target, address: SocketAddr, names: &mut Option<Names>) -> String {
    let number = address.ip().to_string();
    match naming {
        Naming::AsGiven => escape(&target.name).into_owned(),
        Naming::Address => number,
        Naming::Reverse { always, with_address } => {
            let given =
                if target.is_numeric { number.clone() } else { escape(&target.name).into_owned() };
            let looked_up = (always || target.is_numeric).then_some(names.as_mut()).flatten();
            let name = looked_up.and_then(|names| reverse(names, address)).unwrap_or(given);
            if with_address && name != number { format!("{name} ({number})") } else { name }
        }
    }
}

/// The name of an address, if it comes within a moment.
fn reverse(names: &mut Names, address: SocketAddr) -> Option<String> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    names.get(address);
    let moment = Timespec { tv_sec: 2, tv_nsec: 0 };
    // Interrupted or not, what has come is looked at.
    let _ = poll(&mut [PollFd::new(names, PollFlags::IN)], Some(&moment));
    names.collect();
    match names.get(address) {
        Name::Known(name) => Some(escape(name).into_owned()),
        Name::Pending | Name::None => None,
    }
}
