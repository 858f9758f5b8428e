//! The part that needs privilege, and the end of having any.

use std::net::IpAddr;

use anyhow::Result;
use wireline_cli::{Exit, Refusal};
use wireline_engine::errno_text;
use wireline_host::Family;
use wireline_net::{IcmpSockets, drop_privileges, is_local};

use crate::args::Args;
use crate::config::Source;
use crate::number::whole;

/// What of the arguments must be known before there is no privilege.
#[derive(Clone, Debug)]
pub(crate) struct Needs {
    pub(crate) family: Family,
    /// A datagram socket will not do.
    pub(crate) must_be_raw: bool,
    pub(crate) mark: Option<String>,
    pub(crate) device: Option<String>,
    /// The one target, if it is an address as it stands.
    pub(crate) only: Option<IpAddr>,
}

impl Needs {
    pub(crate) fn new(args: &Args, family: Family) -> Self {
        let only = match args.destinations.as_slice() {
            [only] if args.many.file.is_empty() => only.parse().ok(),
            _ => None,
        };
        Self {
            family,
            // A datagram socket cannot have the identifier 0 (icmp(7)).
            must_be_raw: args.probe.ident.as_deref().is_some_and(|ident| ident.trim() == "0"),
            mark: args.socket.mark.clone(),
            device: Source::device(&args.socket.interface),
            only,
        }
    }
}

/// Opens a socket for each family that may be wanted, and then gives up all privilege. Nothing is
/// looked up before.
pub(crate) fn open(program: &str, needs: &Needs) -> Result<IcmpSockets> {
    use wireline_net::Family::{V4, V6};
    let families: &[_] = match (needs.family, needs.only) {
        (Family::V4, _) | (Family::Any, Some(IpAddr::V4(_))) => &[V4],
        (Family::V6, _) | (Family::Any, Some(IpAddr::V6(_))) => &[V6],
        (Family::Any, None) => &[V4, V6],
    };
    let mut sockets = IcmpSockets::open(families, needs.must_be_raw)?;
    if let Some(word) = &needs.mark {
        mark(program, word, &mut sockets)?;
    }
    // Packets to ourselves come in by loopback, whatever interface has the address.
    let to_ourselves = needs.only.is_some_and(is_local);
    if let Some(device) = needs.device.as_ref().filter(|_| !to_ourselves) {
        for socket in sockets.iter_mut() {
            socket.bind_device(device)?;
        }
    }
    drop_privileges()?;
    Ok(sockets)
}

/// A mark that may not be set is a warning in iputils, and no reason not to ping.
fn mark(program: &str, word: &str, sockets: &mut IcmpSockets) -> Result<()> {
    let mark = whole("-m", word, 0, u32::MAX.into())?;
    for socket in sockets.iter_mut() {
        if let Err(why) = socket.set_mark(mark) {
            crate::warn(
                program,
                &format!("WARNING: failed to set mark: {mark}: {}", errno_text(&why)),
            );
        }
    }
    Ok(())
}

/// `-4`, `-6`, or the name of the program: `ping4`, `ping6`.
pub(crate) fn family(program: &str, args: &Args) -> Result<Family, Refusal> {
    let v4 = args.family.ipv4 || program.ends_with('4');
    let v6 = args.family.ipv6 || program.ends_with('6');
    match (v4, v6) {
        (true, true) => {
            Err(Refusal::new(Exit::FAILED, "only one -4 or -6 option may be specified"))
        }
        (true, _) => Ok(Family::V4),
        (_, true) => Ok(Family::V6),
        _ => Ok(Family::Any),
    }
}
