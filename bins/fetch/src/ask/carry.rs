//! Queries by datagrams, and over TCP where a reply was cut short (RFC 7766 §5).

use std::io;
use std::ops::ControlFlow;

use wireline_dns::Transport;
use wireline_dns::lookup::{Ask, Failure, Heard};
use wireline_net::{Clock, Tcp, Udp};

/// Room for the largest datagram.
const ROOM: usize = 65_535;

type Taker<'a> = &'a mut dyn FnMut(Heard<'_>) -> ControlFlow<()>;

/// Carries one query.
pub(super) fn carry(ask: &Ask, heard: Taker<'_>) {
    let outcome = match ask.transport {
        Transport::Udp => by_datagram(ask, heard),
        _ => by_connection(ask, heard),
    };
    if let Err(why) = outcome {
        // The last that is heard of it, whatever is said to that.
        let _ = heard(why);
    }
}

fn by_datagram(ask: &Ask, heard: Taker<'_>) -> Result<(), Heard<'static>> {
    let deadline = Clock.now() + ask.timeout;
    let udp = Udp::connect(ask.server.address, None).map_err(|why| unconnected(&why))?;
    // What sending says is said again by receiving.
    let _ = udp.send(&ask.octets);
    let mut flow = heard(Heard::Ready { local: udp.local() });
    let mut room = vec![0; ROOM];
    while flow.is_continue() {
        let length = udp.receive(&mut room, deadline).map_err(|why| failed(&why))?;
        flow = heard(Heard::Message(room.get(..length).unwrap_or_default()));
    }
    Ok(())
}

fn by_connection(ask: &Ask, heard: Taker<'_>) -> Result<(), Heard<'static>> {
    let deadline = Clock.now() + ask.timeout;
    let mut tcp =
        Tcp::connect(ask.server.address, None, deadline).map_err(|why| unconnected(&why))?;
    let sent = tcp.send(&ask.octets, deadline);
    let mut flow = heard(Heard::Ready { local: tcp.local() });
    sent.map_err(|why| failed(&why))?;
    while flow.is_continue() {
        flow = heard(Heard::Message(tcp.receive(deadline).map_err(|why| failed(&why))?));
    }
    Ok(())
}

fn unconnected(why: &io::Error) -> Heard<'static> {
    Heard::Unconnected(failure(why))
}

fn failed(why: &io::Error) -> Heard<'static> {
    Heard::Failed(failure(why))
}

fn failure(why: &io::Error) -> Failure {
    match why.kind() {
        io::ErrorKind::TimedOut => Failure::TimedOut,
        _ => Failure::Other(why.to_string()),
    }
}
