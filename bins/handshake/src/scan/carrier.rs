//! What carries probes: raw sockets where they are allowed, connections otherwise.

use std::time::Duration;

use anyhow::Result;
use wireline_cli::Refusal;
use wireline_engine::tcp::scan::Hosts;
use wireline_net::{
    ConnectPool, Error, Family, SegmentRoom, SegmentSockets, SourcePorts, Stamps, descriptor_limit,
};

use super::args::Args;
use super::config::Config;
use crate::exit::{LOCAL, PRIVILEGE, USAGE};

/// The second is for the first as a target.
const PORTS: u16 = 2;
/// Descriptors that the rest of the program has.
const OWN_DESCRIPTORS: u64 = 24;
/// More at once do not make it faster.
const MOST_AT_ONCE: u64 = 2000;

/// Raw sockets of the families that may be meant, while there is the privilege; `None` is to connect.
pub(crate) fn open(args: &Args, config: &Config) -> Result<Option<SegmentSockets>> {
    if args.connect {
        return Ok(None);
    }
    match open_raw(args, config) {
        Ok(sockets) => Ok(Some(sockets)),
        Err(Error::FramesNotPermitted) if !args.raw => Ok(None),
        Err(Error::FramesNotPermitted) => {
            let why = "--raw: no permission to open a raw socket: let this program (setcap cap_net_raw+p FILE), \
                       be root, or leave it out and connect";
            Err(Refusal::new(PRIVILEGE, why).into())
        }
        Err(why) => Err(Refusal::new(LOCAL, why.to_string()).into()),
    }
}

fn open_raw(args: &Args, config: &Config) -> Result<SegmentSockets, Error> {
    let ports = match args.source_port {
        Some(port) => SourcePorts::First(port),
        None => SourcePorts::Any(PORTS),
    };
    let open = |families: &[Family]| -> Result<SegmentSockets, Error> {
        let sockets = SegmentSockets::open(families, &ports)?;
        if let Some(device) = &config.way.device {
            sockets.bind_device(device)?;
        }
        Ok(sockets)
    };
    match config.way.family {
        wireline_host::Family::V4 => open(&[Family::V4]),
        wireline_host::Family::V6 => open(&[Family::V6]),
        wireline_host::Family::Any => match open(&[Family::V4, Family::V6]) {
            Err(Error::FramesNotPermitted) => Err(Error::FramesNotPermitted),
            // A machine may have one of them only.
            Err(_) => open(&[Family::V4]).or_else(|_| open(&[Family::V6])),
            opened => opened,
        },
    }
}

/// Makes raw sockets fit for what is going to be asked.
pub(crate) fn configure(
    sockets: &mut SegmentSockets,
    args: &Args,
    config: &Config,
    hosts: &Hosts,
) -> Result<()> {
    let (v4, v6) = hosts.families();
    let families = [v4.then_some(Family::V4), v6.then_some(Family::V6)];
    let families: Vec<_> = families.into_iter().flatten().collect();
    if !families.is_empty() {
        sockets.keep(&families);
    }
    let stamps = if args.rtt { Stamps::Transmit } else { Stamps::Nothing };
    let options = wireline_net::SocketOptions { stamps, ..config.options.clone() };
    sockets.configure(&options, SegmentRoom::HEADERS).map_err(|why| refused(&why))
}

/// Connections, as many as the engine asks for.
pub(crate) fn pool(args: &Args, config: &Config) -> Result<ConnectPool> {
    let patience = patience(args, config);
    ConnectPool::new(config.options.clone(), config.way.device.clone(), patience)
        .map_err(|why| refused(&why))
}

/// How long a connection is waited for: as long as for all the first segments of a half-open probe together.
pub(crate) fn patience(args: &Args, config: &Config) -> Duration {
    /// After three seconds and a little the kernel says that nobody answers ARP.
    const NEIGHBOURS: Duration = Duration::from_millis(250);
    Duration::from_secs(args.retries.into()) + config.timeout + NEIGHBOURS
}

/// How many connections at once.
pub(crate) fn at_once() -> usize {
    let room = descriptor_limit().saturating_sub(OWN_DESCRIPTORS).clamp(1, MOST_AT_ONCE);
    usize::try_from(room).unwrap_or(1)
}

fn refused(why: &Error) -> anyhow::Error {
    let is_address = why.errno().is_some_and(|errno| {
        std::io::Error::from_raw_os_error(errno).kind() == std::io::ErrorKind::AddrNotAvailable
    });
    Refusal::new(if is_address { USAGE } else { LOCAL }, why.to_string()).into()
}
