//! What the arguments mean.

use std::time::Duration;

use wireline_cli::{Exit, Refusal};

mod beyond;

use crate::args::{Args, BeyondFlags};
use crate::family::Family;
use crate::sockets::{Choice, Numeric, Shown, Which};

/// What is to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Routes(Tables),
    Interfaces,
    /// And around them sockets, where a flag asks for some: before them, or of unix behind them.
    Groups,
    Statistics,
    Sockets,
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
    pub(crate) shown: Shown,
}

impl Config {
    pub(crate) fn new(args: &Args, families: Vec<Family>) -> Result<Self, Refusal> {
        let mode = mode(args)?;
        if let Some(flag) = not_built(&args.beyond) {
            return Err(later(flag));
        }
        let mode = beyond::mode(args, &families, mode)?;
        if matches!(mode, Mode::Sockets | Mode::Diagnosis | Mode::Changes(_))
            && !args.operands.is_empty()
        {
            return Err(later("filter expression"));
        }
        Ok(Self {
            mode,
            choice: choice(args, &families),
            shown: shown(args),
            families,
            protocols: protocols(args),
            numeric_hosts: args.output.numeric || args.output.numeric_hosts,
            extend: args.output.extend,
            all: args.sockets.all,
            continuous: args.output.continuous,
            json: args.output.json,
        })
    }

    /// Whether a flag asks for sockets, where another asks for groups.
    pub(crate) fn names_sockets(&self) -> bool {
        let has_some =
            |family: &Family| matches!(family, Family::Inet | Family::Inet6 | Family::Unix);
        self.protocols != Protocols::default() || self.families.iter().any(has_some)
    }
}

/// A family alone is all of its protocols, a protocol alone is of both families, and nothing at all is all.
fn choice(args: &Args, families: &[Family]) -> Choice {
    let flags = &args.sockets;
    let has = |family| families.contains(&family);
    let is_named = flags.tcp || flags.udp || flags.udplite || flags.sctp || flags.raw;
    let (v4, v6) = (has(Family::Inet), has(Family::Inet6));
    let all_inet = !is_named && (v4 || v6 || families.is_empty());
    let family = match (v4, v6) {
        (true, false) => wireline_host::Family::V4,
        (false, true) => wireline_host::Family::V6,
        _ => wireline_host::Family::Any,
    };
    Choice {
        tcp: flags.tcp || all_inet,
        udp: flags.udp || all_inet,
        udplite: flags.udplite || all_inet,
        raw: flags.raw || all_inet,
        unix: has(Family::Unix) || (!is_named && families.is_empty()),
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
        explain: args.beyond.explain,
        pretty: args.beyond.pretty,
    }
}

/// What is planned, and refused until it is there.
pub(crate) fn later(what: &str) -> Refusal {
    Refusal::new(Exit(1), format!("{what}: not built yet"))
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

fn not_built(flags: &BeyondFlags) -> Option<&'static str> {
    let given = [
        ("--info", flags.info),
        ("--memory", flags.memory),
        ("--cgroup", flags.cgroup),
        ("--summary", flags.summary),
        ("--events", flags.events),
        ("--net-ns", flags.net_ns.is_some()),
        ("--pid-ns", flags.pid_ns.is_some()),
        ("--all-ns", flags.all_ns),
        ("--kill", flags.kill),
        ("--connection", !flags.connection.is_empty()),
        ("--filter", flags.filter.is_some()),
    ];
    given.into_iter().find(|(_, given)| *given).map(|(flag, _)| flag)
}
