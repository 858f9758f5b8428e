//! Where the kernel would send something: by which interface, and whether that is this machine.

use std::net::Ipv4Addr;

use crate::links::u32_at;
use crate::netlink::{Attributes, Message, Netlink, NetlinkError, push_attribute};

/// By which way the kernel would send to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WayOut {
    /// Number of the interface.
    pub index: u32,
    /// Whether the address is this machine's own, so that nothing would leave it.
    pub is_local: bool,
}

const GET_ROUTE: u16 = 26;
const NEW_ROUTE: u16 = 24;
const AF_INET: u8 = 2;

/// Asks for the way to an address by all of the machine's tables and rules; `None` where there is none.
pub fn way_out(netlink: &mut Netlink, to: Ipv4Addr) -> Result<Option<WayOut>, NetlinkError> {
    // `struct rtmsg`: a route to one address.
    let mut question = vec![AF_INET, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    push_attribute(&mut question, 1, &to.octets())?;
    let mut found = None;
    match netlink.get(GET_ROUTE, &question, |message| found = way(&message)) {
        // Unreachable, prohibited, or what cannot be a destination.
        Err(NetlinkError::Refused { .. }) => Ok(None),
        Err(why) => Err(why),
        Ok(()) => Ok(found),
    }
}

fn way(message: &Message<'_>) -> Option<WayOut> {
    /// `RTN_LOCAL`.
    const LOCAL: u8 = 2;
    let kind = *message.payload.get(7)?;
    let mut attributes = Attributes::new(message.payload.get(12..)?);
    let index = attributes.find_map(|(kind, value)| (kind == 4).then(|| u32_at(value, 0))?)?;
    (message.kind == NEW_ROUTE).then_some(WayOut { index, is_local: kind == LOCAL })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interface_index;
    use crate::netlink::Subsystem;

    #[test]
    fn this_machine_is_reached_by_the_loopback() {
        let mut netlink = Netlink::open(Subsystem::Route).unwrap();
        let way = way_out(&mut netlink, Ipv4Addr::LOCALHOST).unwrap();
        let index = interface_index("lo").unwrap();
        assert_eq!(way, Some(WayOut { index, is_local: true }));
    }

    #[test]
    fn answer_without_an_interface_is_no_way() {
        let mut unicast = [0; 12];
        unicast[7] = 1;
        for end in 0..=unicast.len() {
            let payload = &unicast[..end];
            let message = Message { kind: NEW_ROUTE, flags: 0, sequence: 1, port: 0, payload };
            assert_eq!(way(&message), None, "{end}");
        }
    }
}
