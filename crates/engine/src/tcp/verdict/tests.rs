use super::*;

/// errno(3) of Linux.
const EPERM: i32 = 1;
const EAGAIN: i32 = 11;
const EACCES: i32 = 13;
const EMFILE: i32 = 24;
const EPROTO: i32 = 71;
const EMSGSIZE: i32 = 90;
const ENOPROTOOPT: i32 = 92;
const EADDRNOTAVAIL: i32 = 99;
const ENETUNREACH: i32 = 101;
const ECONNRESET: i32 = 104;
const ETIMEDOUT: i32 = 110;
const ECONNREFUSED: i32 = 111;
const EHOSTUNREACH: i32 = 113;

const V4: &str = "192.0.2.1";
const V6: &str = "2001:db8::1";

fn refused(by: &str, icmp_type: u8, icmp_code: u8) -> Option<Refused> {
    Some(Refused { by: by.parse().unwrap(), icmp_type, icmp_code, is_ours: false })
}

fn from_here(by: &str, icmp_type: u8, icmp_code: u8) -> Option<Refused> {
    refused(by, icmp_type, icmp_code).map(|refused| Refused { is_ours: true, ..refused })
}

fn rejected(by: &str, icmp_type: u8, icmp_code: u8) -> Verdict {
    Verdict::Rejected { by: by.parse().unwrap(), icmp_type, icmp_code }
}

fn unreachable(by: &str, icmp_type: u8, icmp_code: u8) -> Verdict {
    Verdict::Unreachable { by: by.parse().unwrap(), icmp_type, icmp_code }
}

#[test]
fn syn_and_ack_are_open() {
    assert_eq!(Verdict::of(0, None, 1), Verdict::Open);
}

#[test]
fn reset_is_closed_whoever_sent_it() {
    assert_eq!(Verdict::of(ECONNREFUSED, None, 1), Verdict::Closed);
    assert_eq!(Verdict::of(ECONNRESET, None, 1), Verdict::Closed, "of a simultaneous open");
}

#[test]
fn port_unreachable_is_rejected_though_connect_says_refused() {
    assert_eq!(Verdict::of(ECONNREFUSED, refused(V4, 3, 3), 1), rejected(V4, 3, 3));
    assert_eq!(Verdict::of(ECONNREFUSED, refused(V6, 1, 4), 1), rejected(V6, 1, 4));
}

#[test]
fn administrators_no_is_rejected() {
    for code in [9, 10, 13] {
        assert_eq!(Verdict::of(EHOSTUNREACH, refused(V4, 3, code), 1), rejected(V4, 3, code));
    }
    for code in [1, 5, 6] {
        assert_eq!(Verdict::of(EACCES, refused(V6, 1, code), 1), rejected(V6, 1, code));
    }
}

#[test]
fn host_unreachable_by_a_router_is_unreachable() {
    assert_eq!(Verdict::of(EHOSTUNREACH, refused(V4, 3, 1), 1), unreachable(V4, 3, 1));
    assert_eq!(Verdict::of(EHOSTUNREACH, refused(V6, 1, 3), 1), unreachable(V6, 1, 3));
}

#[test]
fn no_way_beyond_a_router_is_unreachable_and_not_our_own_lack_of_a_route() {
    assert_eq!(Verdict::of(ENETUNREACH, refused(V4, 3, 0), 1), unreachable(V4, 3, 0));
    assert_eq!(Verdict::of(ENETUNREACH, refused(V6, 1, 0), 1), unreachable(V6, 1, 0));
    assert_eq!(Verdict::of(EHOSTUNREACH, refused(V6, 1, 2), 1), unreachable(V6, 1, 2));
}

#[test]
fn protocol_unreachable_is_rejected() {
    assert_eq!(Verdict::of(ENOPROTOOPT, refused(V4, 3, 2), 1), rejected(V4, 3, 2));
    assert_eq!(Verdict::of(EPROTO, refused(V6, 4, 1), 1), rejected(V6, 4, 1));
}

#[test]
fn host_unreachable_by_ourselves_is_a_silent_neighbour() {
    assert_eq!(Verdict::of(EHOSTUNREACH, from_here(V4, 3, 1), 3), Verdict::NoNeighbour);
    assert_eq!(Verdict::of(EHOSTUNREACH, from_here(V6, 1, 3), 3), Verdict::NoNeighbour);
    assert_eq!(
        Verdict::of(ECONNREFUSED, from_here(V4, 3, 3), 1),
        rejected(V4, 3, 3),
        "our own firewall rejects by ICMP too"
    );
}

#[test]
fn unreachable_without_a_word_by_icmp_is_our_own_lack_of_a_route() {
    assert_eq!(Verdict::of(ENETUNREACH, None, 0), Verdict::NoRoute);
    assert_eq!(Verdict::of(EHOSTUNREACH, None, 0), Verdict::NoRoute, "ip route add unreachable");
}

#[test]
fn hop_limit_used_up_names_the_hop() {
    assert_eq!(Verdict::of(EHOSTUNREACH, refused(V4, 11, 0), 1), unreachable(V4, 11, 0));
    assert_eq!(Verdict::of(EHOSTUNREACH, refused(V6, 3, 0), 1), unreachable(V6, 3, 0));
}

#[test]
fn silence_is_filtered_with_as_many_syns() {
    assert_eq!(Verdict::of(ETIMEDOUT, None, 3), Verdict::Filtered { syn_sent: 3 });
}

#[test]
fn error_that_was_heard_explains_giving_up() {
    assert_eq!(Verdict::of(ETIMEDOUT, refused(V4, 3, 13), 2), rejected(V4, 3, 13));
    assert_eq!(
        Verdict::of(ETIMEDOUT, refused(V4, 3, 4), 2),
        Verdict::Filtered { syn_sent: 2 },
        "an MTU is no refusal"
    );
    assert_eq!(Verdict::of(ETIMEDOUT, refused(V6, 2, 0), 2), Verdict::Filtered { syn_sent: 2 });
}

#[test]
fn reset_after_another_error_is_a_reset() {
    assert_eq!(Verdict::of(ECONNREFUSED, refused(V4, 3, 13), 2), Verdict::Closed);
    assert_eq!(Verdict::of(0, refused(V4, 3, 1), 2), Verdict::Open);
}

#[test]
fn lack_on_this_machine_is_never_the_targets_fault() {
    for errno in [EPERM, EAGAIN, EACCES, EMFILE, EMSGSIZE, EADDRNOTAVAIL] {
        assert_eq!(Verdict::of(errno, None, 0), Verdict::Local { errno });
    }
    let local = Verdict::Local { errno: EADDRNOTAVAIL };
    assert_eq!(Verdict::of(EADDRNOTAVAIL, refused(V4, 3, 1), 0), local);
}

#[test]
fn every_type_and_code_has_a_meaning_or_none() {
    for by in [V4, V6] {
        for (icmp_type, code) in (0..=255).flat_map(|kind| (0..=255).map(move |code| (kind, code)))
        {
            let refused = refused(by, icmp_type, code).unwrap();
            assert!(!matches!(
                refused.verdict(),
                Some(Verdict::Open | Verdict::Closed | Verdict::NoNeighbour)
            ));
        }
    }
}
