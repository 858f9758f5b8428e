//! What was asked for and no kernel of today has: where the original says so, and what it still shows.

use wireline_cli::Exit;

use crate::args::Args;
use crate::family::Family;
use crate::output::complain;

/// Families without sockets here, in the order in which they are tried.
const FAMILIES: [Family; 5] =
    [Family::Ipx, Family::Ax25, Family::X25, Family::Netrom, Family::Rose];

/// Tables that are not there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lacking {
    /// SCTP was named, and IPv4 is not left out: nothing of the Internet's comes behind it.
    pub(crate) sctp: bool,
    /// The first of the families that were named.
    family: Option<Family>,
    bluetooth: bool,
    /// How often each table of SCTP is tried where everything is shown and said.
    verbose: Option<usize>,
}

impl Lacking {
    /// Whether a family stands for sockets, or for nothing at all, as `ddp` does.
    pub(crate) fn counts(family: Family) -> bool {
        matches!(family, Family::Inet | Family::Inet6 | Family::Unix | Family::Bluetooth)
            || FAMILIES.contains(&family)
    }

    pub(crate) fn new(args: &Args, families: &[Family], is_all: bool) -> Self {
        let flags = &args.sockets;
        let has = |family: &Family| families.contains(family);
        let is_v6_only = has(&Family::Inet6) && !has(&Family::Inet);
        Self {
            sctp: flags.sctp && !is_v6_only,
            family: FAMILIES.into_iter().find(has),
            bluetooth: flags.l2cap || flags.rfcomm || has(&Family::Bluetooth),
            verbose: (args.output.verbose && is_all).then_some(if flags.all { 2 } else { 1 }),
        }
    }

    /// Says what is lacking behind all that there is.
    pub(crate) fn complain(&self) -> Exit {
        if let Some(family) = self.family {
            complain(&no_support(&family.name().to_ascii_uppercase()));
            return Exit(1);
        }
        if self.bluetooth {
            complain(
                "netstat: feature `AF BLUETOOTH' not supported.\n\
                 Please recompile `net-tools' with newer kernel source or full configuration.\n",
            );
            return Exit(1);
        }
        if let Some(times) = self.verbose {
            complain(&no_support(SCTP).repeat(times));
            for family in FAMILIES {
                complain(&no_support(&family.name().to_ascii_uppercase()));
            }
        }
        Exit(0)
    }

    /// Says all of it at the end.
    pub(crate) fn complain_of_all(&self) -> Exit {
        if self.sctp { Self::complain_of_sctp() } else { self.complain() }
    }

    /// Says it of SCTP, behind TCP.
    pub(crate) fn complain_of_sctp() -> Exit {
        complain(&no_support(SCTP));
        Exit(1)
    }
}

const SCTP: &str = "INET (sctp)";

fn no_support(name: &str) -> String {
    format!("netstat: no support for `AF {name}' on this system.\n")
}
