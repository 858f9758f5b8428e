//! What is asked, and the frame that asks it.

use std::net::Ipv6Addr;
use std::time::Duration;

use wireline_packet::EchoId;
use wireline_packet::ethernet::{Frame, Framing, ethertype};
use wireline_packet::ndp::{ALL_NODES, Extension, Message, Packet, multicast_mac, solicited_node};

use super::{Config, Port};

/// One frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// To all, from one of the interface's addresses.
    Echo(Ipv6Addr),
    /// To all, with an option that nobody knows.
    Option(Ipv6Addr),
    /// To all, from the link-local address.
    Listeners(Ipv6Addr),
    /// To those who may have this address.
    Solicitation(Ipv6Addr),
}

/// What goes to all, `tries` times, every way of a port in turn.
pub(super) fn rounds(config: &Config) -> Vec<(u32, Question)> {
    /// There are sequence numbers for no more.
    const MOST: usize = u16::MAX as usize;
    let ways = config.ways;
    let of_port = |port: &Port| {
        let echo = port.addresses.iter().copied().filter(|_| ways.echo).map(Question::Echo);
        let option = port.addresses.iter().copied().filter(|_| ways.option).map(Question::Option);
        let listeners = port.link_local().filter(|_| ways.listeners).map(Question::Listeners);
        echo.chain(option).chain(listeners).collect::<Vec<_>>()
    };
    let round: Vec<_> = (0..).zip(&config.ports).collect();
    let mut all = Vec::new();
    for _ in 0..config.tries {
        for (place, port) in &round {
            all.extend(of_port(port).into_iter().map(|question| (*place, question)));
        }
        if all.len() > MOST {
            break;
        }
    }
    all.truncate(MOST);
    all
}

/// How long hosts may take to tell what they listen to.
pub(super) const DELAY: Duration = Duration::from_millis(200);

impl Question {
    /// Writes the frame over whatever `out` held; `packet` is room for what it carries. `None` where the port
    /// has no address to ask from.
    pub(super) fn emit(
        self,
        port: &Port,
        (id, cookie): (EchoId, [u8; 8]),
        packet: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Option<()> {
        let echo = Message::EchoRequest(id, &cookie);
        let (source, destination, hop_limit, message, extension) = match self {
            Self::Echo(from) => (from, ALL_NODES, 255, echo, Extension::None),
            Self::Option(from) => (from, ALL_NODES, 255, echo, Extension::UnknownOption),
            Self::Listeners(from) => {
                let delay = u16::try_from(DELAY.as_millis()).unwrap_or(u16::MAX);
                let query = Message::ListenerQuery { delay };
                (from, ALL_NODES, 1, query, Extension::RouterAlert)
            }
            Self::Solicitation(target) => {
                let message = Message::Solicitation { target, mac: Some(port.mac) };
                let source = port.source_for(target)?;
                (source, solicited_node(target), 255, message, Extension::None)
            }
        };
        Packet { source, destination, hop_limit, message }.emit(extension, packet);
        let frame = Frame {
            destination: multicast_mac(destination),
            source: port.mac,
            tag: port.vlan,
            framing: Framing::Ethernet2,
            protocol: ethertype::IPV6,
            payload: packet,
        };
        frame.emit(out);
        Some(())
    }
}
