use super::*;
use crate::noise::noise;

const FROM: Ipv6Addr = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 1);
const TARGET: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0x1234, 0x5678);
const MAC: Mac = Mac([2, 0, 0x5e, 0, 0x53, 1]);

const MESSAGES: [Message<'_>; 10] = [
    Message::RouterSolicitation { mac: Some(MAC) },
    Message::RouterAdvertisement { mac: Some(MAC), lifetime: 1800 },
    Message::Solicitation { target: TARGET, mac: Some(MAC) },
    Message::Solicitation { target: TARGET, mac: None },
    Message::Advertisement {
        target: TARGET,
        mac: Some(MAC),
        is_router: true,
        is_solicited: false,
        is_override: true,
    },
    Message::EchoRequest(EchoId { ident: 7, seq: 8 }, b"abc"),
    Message::EchoReply(EchoId { ident: 7, seq: 8 }, b""),
    Message::ParameterProblem { code: 2, quoted: b"what was sent" },
    Message::ListenerQuery { delay: 1000 },
    Message::ListenerReport { icmp_type: 143 },
];

fn packet(message: Message<'_>) -> Packet<'_> {
    Packet { source: FROM, destination: ALL_NODES, hop_limit: 255, message }
}

fn emitted(message: Message<'_>, extension: Extension) -> Vec<u8> {
    let mut out = vec![1, 2, 3];
    packet(message).emit(extension, &mut out);
    out
}

/// The same packet with the right checksum for what it has become.
fn summed(mut octets: Vec<u8>) -> Vec<u8> {
    octets[42..44].fill(0);
    let ends = (FROM.into(), ALL_NODES.into());
    let sum = pseudo::checksum(ends, protocol::ICMPV6, &octets[40..], 1);
    octets[42..44].copy_from_slice(&sum.to_be_bytes());
    let length = u16::try_from(octets.len() - 40).unwrap();
    octets[4..6].copy_from_slice(&length.to_be_bytes());
    octets
}

#[test]
fn messages_round_trip_behind_every_extension() {
    for message in MESSAGES {
        for extension in [Extension::None, Extension::RouterAlert, Extension::UnknownOption] {
            let mut octets = emitted(message, extension);
            octets.extend([0; 9]);
            assert_eq!(Packet::parse(&octets), Ok(packet(message)), "{extension:?}");
        }
    }
}

#[test]
fn every_octet_is_needed_and_covered() {
    for message in MESSAGES {
        let whole = emitted(message, Extension::None);
        for end in 0..whole.len() {
            assert!(Packet::parse(&whole[..end]).is_err(), "{message:?} cut at {end}");
        }
        for at in (8..whole.len()).filter(|at| *at != 6) {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            assert!(Packet::parse(&damaged).is_err(), "{message:?} damaged at {at}");
        }
    }
}

#[test]
fn messages_cut_short_with_a_right_checksum_do_no_harm() {
    for message in MESSAGES {
        let whole = emitted(message, Extension::None);
        for end in 44..whole.len() {
            let _ = Packet::parse(&summed(whole[..end].to_vec()));
        }
    }
    let solicitation = emitted(MESSAGES[2], Extension::None);
    assert!(Packet::parse(&summed(solicitation[..63].to_vec())).is_err(), "a target cut short");
    assert!(Packet::parse(&summed(solicitation[..71].to_vec())).is_err(), "an option cut short");
}

#[test]
fn options_that_lie_spoil_the_message() {
    let whole = emitted(MESSAGES[2], Extension::None);
    for units in [0, 2, 32, 255] {
        let mut lying = whole.clone();
        lying[65] = units;
        assert!(Packet::parse(&summed(lying)).is_err(), "{units}");
    }
    let mut more = whole.clone();
    more.extend([1, 1, 9, 9, 9, 9, 9, 9]);
    assert_eq!(Packet::parse(&summed(more)), Ok(packet(MESSAGES[2])), "the first one counts");
    let mut strange = whole;
    strange[64] = 14;
    assert_eq!(Packet::parse(&summed(strange)), Ok(packet(MESSAGES[3])), "another option");
}

#[test]
fn neighbour_discovery_from_elsewhere_is_refused() {
    for (message, may_come) in [(MESSAGES[2], false), (MESSAGES[5], true)] {
        let mut octets = emitted(message, Extension::None);
        octets[7] = 254;
        assert_eq!(Packet::parse(&octets).is_ok(), may_come);
    }
    let group = Message::Solicitation { target: ALL_NODES, mac: None };
    assert!(Packet::parse(&emitted(group, Extension::None)).is_err());
}

#[test]
fn any_octets_will_do() {
    for octets in noise(5_000) {
        let _ = Packet::parse(&octets);
        for icmp_type in [130, 133, 134, 135, 136, 4, 129] {
            let mut message = emitted(Message::Other(icmp_type), Extension::None);
            message.extend(&octets);
            let _ = Packet::parse(&summed(message));
        }
    }
}

#[test]
fn addresses_of_groups_and_hosts_are_those_of_the_standards() {
    assert_eq!(solicited_node(TARGET), "ff02::1:ff34:5678".parse::<Ipv6Addr>().unwrap());
    assert_eq!(multicast_mac(solicited_node(TARGET)), "33:33:ff:34:56:78".parse().unwrap());
    assert_eq!(link_local(MAC), "fe80::5eff:fe00:5301".parse::<Ipv6Addr>().unwrap());
}
