//! The addresses in a line, which may have names.

use std::net::{Ipv4Addr, SocketAddr};

use wireline_engine::echo::{Echoed, Event};
use wireline_packet::ipv4::Opt;

pub(crate) fn addresses(event: &Event) -> Vec<SocketAddr> {
    let v4 = |ip: &Ipv4Addr| SocketAddr::from((*ip, 0));
    match event {
        Event::Start(start) if start.address.is_ipv6() => vec![start.address],
        Event::Reply(Echoed { source, options, .. }) => {
            let mut all = vec![*source];
            for option in options {
                match option {
                    Opt::RecordRoute(route) | Opt::SourceRoute { route, .. } => {
                        all.extend(route.iter().map(v4));
                    }
                    Opt::Timestamps { entries, .. } => {
                        all.extend(entries.iter().filter_map(|e| e.0.as_ref().map(v4)));
                    }
                    _ => {}
                }
            }
            all
        }
        Event::Error(error) => vec![SocketAddr::new(error.from, 0)],
        _ => Vec::new(),
    }
}
