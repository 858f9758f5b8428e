use super::*;

/// `SOCK_DIAG_BY_FAMILY`.
const BY_FAMILY: u16 = 20;

fn message(kind: u16, flags: u16, payload: &[u8]) -> Vec<u8> {
    let mut octets = Header::request(kind, flags, 7, payload).unwrap();
    octets.resize(octets.len().next_multiple_of(4), 0);
    octets
}

fn first(octets: &[u8]) -> Message<'_> {
    Messages::new(octets).next().unwrap().unwrap()
}

#[test]
fn messages_follow_each_other_at_multiples_of_four() {
    let datagram = [message(20, 2, b"12345"), message(21, 2, b"")].concat();
    let messages: Result<Vec<_>, _> = Messages::new(&datagram).collect();
    let messages = messages.unwrap();
    assert_eq!(messages.len(), 2);
    assert_eq!((messages[0].kind, messages[0].payload), (20, b"12345".as_slice()));
    assert_eq!((messages[1].kind, messages[1].sequence), (21, 7));
}

#[test]
fn every_length_that_cannot_be_ends_the_datagram() {
    let datagram = message(20, 2, b"12345678");
    for length in (0..16_u32).chain(25..40).chain([u32::MAX]) {
        let mut lying = datagram.clone();
        lying[..4].copy_from_slice(&length.to_ne_bytes());
        let found: Vec<_> = Messages::new(&lying).collect();
        assert_eq!(found, [Err(BadMessage("a message whose length cannot be"))], "{length}");
    }
    for end in 1..datagram.len() {
        assert!(Messages::new(&datagram[..end]).all(|m| m.is_err()), "{end}");
    }
}

#[test]
fn attributes_are_found_behind_each_other_without_their_flags() {
    let mut octets = Vec::new();
    push_attribute(&mut octets, 1 | 0x8000, b"abc").unwrap();
    push_attribute(&mut octets, 2, b"").unwrap();
    let all: Vec<_> = Attributes::new(&octets).collect();
    assert_eq!(all, [(1, b"abc".as_slice()), (2, b"".as_slice())]);
    assert!(push_attribute(&mut octets, 3, &vec![0; 1 << 16]).is_err());
}

#[test]
fn attribute_with_a_lying_length_is_the_end() {
    let mut octets = Vec::new();
    push_attribute(&mut octets, 1, b"abcd").unwrap();
    for length in (0..4_u16).chain(9..20).chain([u16::MAX]) {
        octets[..2].copy_from_slice(&length.to_ne_bytes());
        assert_eq!(Attributes::new(&octets).count(), 0, "{length}");
    }
}

#[test]
fn done_has_an_error_of_its_own() {
    let done = message(kinds::DONE, 2, &(-22_i32).to_ne_bytes());
    assert_eq!(first(&done).verdict().unwrap_err().errno(), Some(22));
    for fine in [&b""[..], &0_i32.to_ne_bytes(), &[1, 2]] {
        let done = message(kinds::DONE, 2, fine);
        assert!(first(&done).verdict().is_ok(), "{fine:?}");
    }
}

#[test]
fn error_has_the_sentence_of_the_kernel_behind_the_question() {
    let question = message(20, 1, &[9; 8]);
    let mut whole = [&(-95_i32).to_ne_bytes()[..], &question].concat();
    push_attribute(&mut whole, 1, b"not here\0").unwrap();
    let whole = message(kinds::ERROR, flags::ATTRIBUTES, &whole);
    let mut capped = [&(-95_i32).to_ne_bytes()[..], &question[..16]].concat();
    push_attribute(&mut capped, 1, b"not here\0").unwrap();
    let capped = message(kinds::ERROR, flags::ATTRIBUTES | flags::CAPPED, &capped);
    for octets in [whole, capped] {
        let err = first(&octets).verdict().unwrap_err();
        assert_eq!((err.errno(), err.to_string().as_str()), (Some(95), "netlink: not here"));
        let mut short = octets.clone();
        for end in 16..octets.len() {
            short[..4].copy_from_slice(&u32::try_from(end).unwrap().to_ne_bytes());
            drop(first(&short[..end.max(16)]).verdict());
        }
    }
}

#[test]
fn errno_at_the_edge_is_no_panic() {
    let octets = message(kinds::ERROR, 0, &i32::MIN.to_ne_bytes());
    assert!(first(&octets).verdict().is_err());
    let octets = message(kinds::ERROR, 0, &[1, 2]);
    assert!(matches!(first(&octets).verdict(), Err(NetlinkError::Bad(_))));
}

#[test]
fn random_octets_are_messages_and_attributes_or_are_not() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..20_000 {
        let octets: Vec<u8> = (0..96)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                // Small numbers are lengths that can be, now and then.
                state.to_le_bytes()[0] & if state & 0x300 == 0 { 0xff } else { 0x17 }
            })
            .collect();
        for message in Messages::new(&octets).flatten() {
            drop(message.verdict());
            assert!(Attributes::new(message.payload).count() <= octets.len());
        }
    }
}

/// IPv4, UDP, every state, nothing more (`struct inet_diag_req_v2`).
fn all_udp() -> [u8; 56] {
    let mut question = [0; 56];
    (question[0], question[1]) = (2, 17);
    question[4..8].copy_from_slice(&u32::MAX.to_ne_bytes());
    question
}

#[test]
fn dump_that_was_stopped_leaves_room_for_the_next() {
    let sockets: Vec<_> =
        (0..600).map(|_| std::net::UdpSocket::bind(("127.0.0.1", 0)).unwrap()).collect();
    let mut netlink = Netlink::open(Subsystem::SockDiag).unwrap();
    let stopped = netlink.dump(BY_FAMILY, &all_udp(), |_| ControlFlow::Break(())).unwrap();
    assert!(stopped.is_stopped);
    let mut count = 0;
    let all = netlink.dump(BY_FAMILY, &all_udp(), |_| {
        count += 1;
        ControlFlow::Continue(())
    });
    assert_eq!((all.unwrap().is_stopped, count >= sockets.len()), (false, true));
}

#[test]
fn question_without_an_answer_is_refused_with_its_errno() {
    let mut netlink = Netlink::open(Subsystem::SockDiag).unwrap();
    let err = netlink.get(BY_FAMILY, &[255, 0], |_| {}).unwrap_err();
    assert!(matches!(err, NetlinkError::Refused { .. }), "{err}");
    let err = netlink.dump(BY_FAMILY, &[], |_| ControlFlow::Continue(())).unwrap_err();
    assert_eq!(err.errno(), Some(22), "{err}");
}

#[test]
fn routes_are_answered_too() {
    const GET_LINK: u16 = 18;
    let mut links = 0;
    let mut netlink = Netlink::open(Subsystem::Route).unwrap();
    let count = |_: Message<'_>| {
        links += 1;
        ControlFlow::Continue(())
    };
    netlink.dump(GET_LINK, &[0; 16], count).unwrap();
    assert!(links > 0);
}

#[test]
fn subscription_has_heard_nothing_yet() {
    let mut netlink = Netlink::subscribe(Subsystem::SockDiag, 0).unwrap();
    assert!(netlink.heard().unwrap().is_none());
}
