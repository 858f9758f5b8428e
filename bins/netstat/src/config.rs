//! What the arguments mean.

use std::time::Duration;

use wireline_cli::{Exit, Refusal};

mod beyond;

use crate::apart;
use crate::args::{Args, BeyondFlags};
use crate::family::Family;
use crate::filtering::Filtering;
use crate::lacking::Lacking;
use crate::places::Place;
use crate::sockets::{Choice, Numeric, Shown, Wanted, Which};

/// What is to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Routes(Tables),
    Interfaces,
    /// And around them sockets, where a flag asks for some: before them, or of unix behind them.
    Groups,
    Statistics,
    Sockets,
    /// Counts of them.
    Summary,
    /// Those that are closed, as they are.
    Closings,
    /// What is wrong with them.
    Diagnosis,
    /// What changes of them, so often.
    Changes(Duration),
}

/// Which routes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tables {
    Fib,
    Cache,
    /// One after the other.
    Both,
}

impl Tables {
    /// The single ones.
    pub(crate) const fn each(self) -> &'static [Self] {
        match self {
            Self::Fib => &[Self::Fib],
            Self::Cache => &[Self::Cache],
            Self::Both => &[Self::Fib, Self::Cache],
        }
    }
}

/// Which protocols were named; none is all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Protocols {
    pub(crate) tcp: bool,
    pub(crate) udp: bool,
    pub(crate) udplite: bool,
    pub(crate) sctp: bool,
    pub(crate) raw: bool,
    /// L2CAP or RFCOMM.
    pub(crate) bluetooth: bool,
}

/// A listing.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) mode: Mode,
    pub(crate) families: Vec<Family>,
    pub(crate) protocols: Protocols,
    pub(crate) numeric_hosts: bool,
    /// How often `-e` stood.
    pub(crate) extend: u8,
    pub(crate) all: bool,
    pub(crate) continuous: bool,
    pub(crate) json: bool,
    pub(crate) choice: Choice,
    pub(crate) lacking: Lacking,
    pub(crate) shown: Shown,
    pub(crate) place: Place,
    pub(crate) filtering: Filtering,
}

impl Config {
    pub(crate) fn new(args: &Args, families: Vec<Family>) -> Result<Self, Refusal> {
        let mode = mode(args)?;
        apart::check(args, &families, mode)?;
        let mut choice = choice(args, mode, &families);
        let mode = beyond::mode(args, &families, mode)?;
        let filtering = Filtering::new(args, &families, mode, &mut choice)?;
        Ok(Self {
            mode,
            choice,
            filtering,
            lacking: Lacking::new(args, &families, names_nothing(args, &families)),
            shown: shown(args),
            families,
            protocols: protocols(args),
            numeric_hosts: args.output.numeric || args.output.numeric_hosts,
            extend: args.output.extend,
            all: args.sockets.all,
            continuous: args.output.continuous,
            json: args.output.json,
            place: place(&args.beyond)?,
        })
    }
}

/// Whether nothing says which sockets are meant, which then are all.
fn names_nothing(args: &Args, families: &[Family]) -> bool {
    protocols(args) == Protocols::default() && !families.iter().copied().any(Lacking::counts)
}

/// A family alone is all of its protocols, and a protocol alone is of both families. Beside groups nothing
/// is nothing.
fn choice(args: &Args, mode: Mode, families: &[Family]) -> Choice {
    let flags = &args.sockets;
    let has = |family| families.contains(&family);
    let is_named = flags.tcp || flags.udp || flags.udplite || flags.sctp || flags.raw;
    let (v4, v6) = (has(Family::Inet), has(Family::Inet6));
    let is_all = names_nothing(args, families) && mode != Mode::Groups;
    let all_inet = !is_named && (v4 || v6 || is_all);
    // Nothing comes behind SCTP, which is lacking.
    let goes_on = !Lacking::new(args, families, is_all).sctp;
    let family = match (v4, v6) {
        (true, false) => wireline_host::Family::V4,
        (false, true) => wireline_host::Family::V6,
        _ => wireline_host::Family::Any,
    };
    Choice {
        tcp: flags.tcp || all_inet,
        sctp: flags.sctp,
        udp: goes_on && (flags.udp || all_inet),
        udplite: goes_on && (flags.udplite || all_inet),
        raw: goes_on && (flags.raw || all_inet),
        unix: goes_on && (has(Family::Unix) || is_all),
        family,
        which: match (flags.all, flags.listening) {
            (true, _) => Which::All,
            (false, true) => Which::Listening,
            (false, false) => Which::Connected,
        },
    }
}

fn shown(args: &Args) -> Shown {
    let flags = &args.output;
    Shown {
        numeric: Numeric {
            hosts: flags.numeric || flags.numeric_hosts,
            ports: flags.numeric || flags.numeric_ports,
            users: flags.numeric || flags.numeric_users,
        },
        programs: flags.programs,
        extended: flags.extend > 0,
        timers: flags.timers,
        wide: flags.wide,
        beside: Wanted {
            info: args.beyond.info,
            memory: args.beyond.memory,
            cgroup: args.beyond.cgroup,
        },
        explain: args.beyond.explain,
        pretty: args.beyond.pretty,
    }
}

fn mode(args: &Args) -> Result<Mode, Refusal> {
    let flags = &args.mode;
    // The same one twice is too many, too.
    let exclusive = [flags.route, flags.interfaces, flags.masquerade, flags.statistics];
    if exclusive.into_iter().map(u32::from).sum::<u32>() > 1 {
        return Err(Refusal::new(crate::USAGE, "only one of -r, -i, -M and -s (try --help)"));
    }
    if flags.masquerade > 0 {
        return Err(Refusal::new(Exit(1), "no support for `ip_masquerade' on this system."));
    }
    let tables = match (flags.cache, flags.fib) {
        (true, true) => Tables::Both,
        (true, false) => Tables::Cache,
        (false, _) => Tables::Fib,
    };
    Ok(match flags {
        flags if flags.route > 0 => Mode::Routes(tables),
        flags if flags.interfaces > 0 => Mode::Interfaces,
        flags if flags.statistics > 0 => Mode::Statistics,
        flags if flags.groups => Mode::Groups,
        _ if args.beyond.summary => Mode::Summary,
        _ if args.beyond.events => Mode::Closings,
        _ => Mode::Sockets,
    })
}

const fn protocols(args: &Args) -> Protocols {
    let flags = &args.sockets;
    Protocols {
        tcp: flags.tcp,
        udp: flags.udp,
        udplite: flags.udplite,
        sctp: flags.sctp,
        raw: flags.raw,
        bluetooth: flags.l2cap || flags.rfcomm,
    }
}

fn place(flags: &BeyondFlags) -> Result<Place, Refusal> {
    if let Some(name) = &flags.net_ns {
        return Ok(Place::named(name));
    }
    let Some(pid) = &flags.pid_ns else {
        return Ok(if flags.all_ns { Place::Everywhere } else { Place::Here });
    };
    // Which 0 is not, nor what begins with a plus.
    let is_number = pid.bytes().all(|octet| octet.is_ascii_digit());
    let number = pid.parse().ok().filter(|pid| *pid > 0 && is_number);
    let why =
        || Refusal::new(crate::USAGE, format!("--pid-ns: {pid}: not the number of a process"));
    number.map(Place::of_process).ok_or_else(why)
}
