//! By segments of our own, at ports that the kernel is kept from.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::ops::ControlFlow;

use anyhow::Result;
use wireline_cli::Refusal;
use wireline_engine::tcp::battery::{self, Battery, Event, Measured};
use wireline_host::Family as Wanted;
use wireline_net::{
    Clock, Error, Family, Guard, SegmentRoom, SegmentSockets, Signals, Sink, SocketOptions,
    SourcePorts, Stamps, drive, seed,
};

use super::args::{Config, OTHER_PORTS, PARALLEL};
use super::found::Results;
use crate::exit::LOCAL;

/// Raw sockets, and the ports that nobody else may have meanwhile.
pub(crate) struct Raw {
    sockets: SegmentSockets,
    _guards: Vec<Guard>,
}

impl Raw {
    /// `None` where this person may not.
    pub(crate) fn open(config: &Config) -> Result<Option<Self>> {
        let families = match config.way.family {
            Wanted::V4 => vec![Family::V4],
            Wanted::V6 => vec![Family::V6],
            Wanted::Any => vec![Family::V4, Family::V6],
        };
        let count = battery::Config::ports_needed(&config.questions(), OTHER_PORTS, PARALLEL);
        let (ports, guards) = guards(config, &families, count)?;
        match SegmentSockets::open(&families, &SourcePorts::Held(ports)) {
            Ok(sockets) => {
                if let Some(device) = &config.way.device {
                    sockets.bind_device(device)?;
                }
                Ok(Some(Self { sockets, _guards: guards }))
            }
            Err(Error::NotPermitted | Error::FramesNotPermitted) => Ok(None),
            Err(why) => Err(Refusal::new(LOCAL, why.to_string()).into()),
        }
    }

    pub(crate) fn ask(
        mut self,
        config: &Config,
        (local, remote): (IpAddr, SocketAddr),
        signals: &Signals,
    ) -> Result<Results> {
        let options = SocketOptions {
            source: Some(SocketAddr::new(local, 0)),
            stamps: Stamps::Transmit,
            ..SocketOptions::default()
        };
        self.sockets.configure(&options, SegmentRoom::WHOLE)?;
        let engine = battery::Config {
            remote,
            local: SocketAddr::new(local, 0),
            ports: self.sockets.ports().to_vec(),
            questions: config.questions(),
            samples: config.samples,
            other_ports: OTHER_PORTS,
            parallel: PARALLEL,
            send: config.send.clone(),
            patience: config.patience,
            budget: config.budget,
            watch: config.watch,
            seed: seed(),
        };
        let mut battery = Battery::new(engine, Clock.now());
        let mut end = End(None);
        drive(&mut battery, &mut self.sockets, signals, &mut end)?;
        let measured = end.0.unwrap_or_default();
        Ok(Results::of_raw(measured, remote.is_ipv6()))
    }
}

/// Ports that are free in each family, with a guard each.
fn guards(config: &Config, families: &[Family], count: u32) -> Result<(Vec<u16>, Vec<Guard>)> {
    /// What is free in one family may be taken in the other.
    const TRIES: u32 = 64;
    let (mut ports, mut guards) = (Vec::new(), Vec::new());
    let mut tries = count + TRIES;
    while u32::try_from(ports.len()).unwrap_or(u32::MAX) < count {
        match one_port(config, families) {
            Ok((port, mut of_port)) => {
                ports.push(port);
                guards.append(&mut of_port);
            }
            Err(_) if tries > 0 => tries -= 1,
            Err(why) => return Err(Refusal::new(LOCAL, why.to_string()).into()),
        }
    }
    Ok((ports, guards))
}

fn one_port(config: &Config, families: &[Family]) -> wireline_net::Result<(u16, Vec<Guard>)> {
    let (mut port, mut guards) = (0, Vec::new());
    for family in families {
        let any: IpAddr = match family {
            Family::V4 => Ipv4Addr::UNSPECIFIED.into(),
            Family::V6 => Ipv6Addr::UNSPECIFIED.into(),
        };
        let guard = match Guard::open(SocketAddr::new(any, port), config.way.device.as_deref()) {
            Ok(guard) => guard,
            // A machine without IPv6.
            Err(why) if why.errno() == Some(EAFNOSUPPORT) && families.len() > 1 => continue,
            Err(why) => return Err(why),
        };
        port = guard.local()?.port();
        guards.push(guard);
    }
    Ok((port, guards))
}

/// errno(3): no IPv6 here.
const EAFNOSUPPORT: i32 = 97;

/// Keeps what was measured.
struct End(Option<Measured>);

impl Sink<Event> for End {
    fn event(&mut self, event: Event) -> ControlFlow<()> {
        if let Event::Ended(measured) = event {
            self.0 = Some(*measured);
        }
        ControlFlow::Continue(())
    }

    fn settled(&mut self) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}
