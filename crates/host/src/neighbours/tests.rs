use super::*;
use crate::links::{flags as link_flags, links};
use crate::netlink::{Messages, Subsystem};

/// What Linux 6.18 said of `192.0.2.2 lladdr 02:00:00:00:00:02 dev d0 nud stale`.
const STALE: &[u8] = &[
    0x02, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x01, 0x08, 0x00, 0x01, 0x00,
    0xc0, 0x00, 0x02, 0x02, 0x0a, 0x00, 0x02, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00,
    0x08, 0x00, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x14, 0x00, 0x03, 0x00, 0x08, 0x18, 0x00, 0x00,
    0x98, 0x00, 0x00, 0x00, 0x98, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
];

/// `2001:db8::2 dev d0 lladdr 02:00:00:00:00:02 router REACHABLE`.
const ROUTER: &[u8] = &[
    0x0a, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x02, 0x00, 0x80, 0x01, 0x14, 0x00, 0x01, 0x00,
    0x20, 0x01, 0x0d, 0xb8, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02,
    0x0a, 0x00, 0x02, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x08, 0x00, 0x04, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x14, 0x00, 0x03, 0x00, 0x93, 0x00, 0x00, 0x00, 0x93, 0x00, 0x00, 0x00,
    0x93, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00,
];

/// `192.0.2.4 dev d0 proxy`.
const PROXY: &[u8] = &[
    0x02, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x08, 0x01, 0x08, 0x00, 0x01, 0x00,
    0xc0, 0x00, 0x02, 0x04,
];

const MAC: Mac = Mac([2, 0, 0, 0, 0, 2]);

#[test]
fn entry_is_read_with_its_ages() {
    let found = neighbour(STALE).unwrap();
    assert_eq!(found.address, IpAddr::from([192, 0, 2, 2]));
    assert_eq!((found.index, found.state, found.mac()), (3, State::Stale, Some(MAC)));
    let ages = found.ages.unwrap();
    assert_eq!(ages.confirmed, Duration::from_millis(61_520), "6152 ticks of a hundredth");
    assert_eq!((ages.used, ages.updated), (Duration::from_millis(1520), ages.used));
    assert_eq!(found.to_string(), "192.0.2.2 02:00:00:00:00:02 STALE");
}

#[test]
fn router_of_ipv6_and_proxy_are_told_apart() {
    let router = neighbour(ROUTER).unwrap();
    assert!(router.is_router() && !router.is_proxy());
    assert_eq!(
        (router.state, router.address.to_string().as_str()),
        (State::Reachable, "2001:db8::2")
    );
    let proxy = neighbour(PROXY).unwrap();
    assert!(proxy.is_proxy() && !proxy.is_router());
    assert_eq!((proxy.state, proxy.mac(), proxy.ages), (State::None, None, None));
}

#[test]
fn no_cut_of_a_message_is_a_panic_and_none_without_an_address_is_an_entry() {
    for whole in [STALE, ROUTER, PROXY] {
        for end in 0..whole.len() {
            let found = neighbour(&whole[..end]);
            let header_and_address = if whole[0] == AF_INET { 20 } else { 32 };
            assert_eq!(found.is_some(), end >= header_and_address, "{end}");
        }
    }
}

#[test]
fn no_octet_that_is_another_is_a_panic() {
    for whole in [STALE, ROUTER, PROXY] {
        for at in 0..whole.len() {
            for value in [0, 1, 3, 7, 0x20, 0x80, 0xff] {
                let mut octets = whole.to_vec();
                octets[at] = value;
                let _ = neighbour(&octets).map(|found| (found.to_string(), found.mac()));
            }
        }
    }
}

#[test]
fn addresses_of_another_length_than_their_family_are_none() {
    let mut octets = header(AF_INET6, 1, 2, 0).to_vec();
    push_attribute(&mut octets, 1, &[192, 0, 2, 1]).unwrap();
    assert_eq!(neighbour(&octets), None);
    // PF_BRIDGE: its entries are of hardware.
    octets[0] = 7;
    assert_eq!(neighbour(&octets), None);
}

#[test]
fn hardware_addresses_are_of_any_length_that_a_link_has() {
    for length in 0..64 {
        let octets = vec![0xab; length];
        let address = LinkAddress::new(&octets);
        assert_eq!(address.is_some(), length <= LinkAddress::LONGEST, "{length}");
        let Some(address) = address else { continue };
        assert_eq!((address.octets(), address.mac().is_some()), (&octets[..], length == 6));
    }
    assert_eq!(LinkAddress::from(MAC).to_string(), MAC.to_string());
}

#[test]
fn states_are_bits_and_back() {
    for bits in 0..=u16::MAX {
        let state = State::from_bits(bits);
        assert_eq!(state.bits(), bits);
    }
    let valid = [
        State::Reachable,
        State::Stale,
        State::Delay,
        State::Probe,
        State::NoArp,
        State::Permanent,
    ];
    assert!(valid.iter().all(|state| state.is_valid()));
    assert!(![State::None, State::Incomplete, State::Failed].iter().any(|state| state.is_valid()));
}

#[test]
fn question_is_read_as_it_was_meant() {
    let address: IpAddr = "2001:db8::9".parse().unwrap();
    let mut asked = question(address, 9, State::Permanent.bits(), 0).unwrap();
    push_attribute(&mut asked, 2, &MAC.0).unwrap();
    let read = neighbour(&asked).unwrap();
    assert_eq!((read.address, read.index, read.state), (address, 9, State::Permanent));
    assert_eq!(read.mac(), Some(MAC));
}

#[test]
fn tables_of_this_machine_can_be_read() {
    let mut netlink = Netlink::open(Subsystem::Route).unwrap();
    let v4 = list(&mut netlink, Tables::V4).unwrap();
    assert!(v4.iter().all(|entry| entry.address.is_ipv4()));
    let v6 = list(&mut netlink, Tables::V6).unwrap();
    assert!(v6.iter().all(|entry| entry.address.is_ipv6()));
    let lo = links(&mut netlink).unwrap().into_iter();
    let lo = lo.filter(|link| link.flags & link_flags::LOOPBACK != 0).count();
    assert_eq!(lo, 1);
}

#[test]
fn own_address_is_here_and_what_is_nobodys_is_no_interface() {
    let mut netlink = Netlink::open(Subsystem::Route).unwrap();
    assert_eq!(on_link(&mut netlink, [0, 0, 0, 0].into()).unwrap(), OnLink::Here);
    let there = links(&mut netlink).unwrap();
    let is_up = there.iter().any(|link| link.flags & link_flags::LOOPBACK != 0 && link.is_up());
    if is_up {
        assert_eq!(on_link(&mut netlink, [127, 0, 0, 1].into()).unwrap(), OnLink::Here);
    }
}

#[test]
fn subscription_tells_nothing_that_did_not_happen() {
    let mut changes = Changes::subscribe().unwrap();
    // Somebody else's doings on this machine may be told, and must be readable.
    while changes.poll().unwrap().is_some() {}
}

#[test]
fn what_is_told_is_an_entry_that_is_there_or_gone() {
    let message = |kind: u16, payload: &[u8]| {
        let length = u32::try_from(16 + payload.len()).unwrap();
        let mut octets = length.to_ne_bytes().to_vec();
        octets.extend(kind.to_ne_bytes());
        octets.extend([0; 10]);
        octets.extend_from_slice(payload);
        octets
    };
    for (kind, is_there) in [(NEW, Some(true)), (DELETE, Some(false)), (GET, None)] {
        let octets = message(kind, STALE);
        let message = Messages::new(&octets).next().unwrap().unwrap();
        assert_eq!(told(&message).map(|(_, is_there)| is_there), is_there);
    }
}
