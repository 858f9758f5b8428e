//! The emulated link, by its own log and by what two programs see across it.
//!
//! No time is compared with what the link was told without room for a busy machine.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeMap;
use std::time::Duration;

use wireline_lab::{
    Action, Class, Direction, Fate, Frame, GroundTruth, Host, Lab, Link, Wire, ms, program,
};

const THERE: Direction = Direction::AToB;
const BACK: Direction = Direction::BToA;

/// The sequence number and round trip of each reply, in the order of arrival.
fn ping(host: &Host<'_>, address: &str, count: usize) -> Vec<(u16, Duration)> {
    let count = count.to_string();
    let out = host.command(program("wireline-echo")).args(["ping", address, &count]).output();
    let out = String::from_utf8(out.unwrap().stdout).unwrap();
    let reply = |line: &str| {
        let (sequence, rtt) = line.split_once(' ').unwrap();
        (sequence.parse().unwrap(), Duration::from_nanos(rtt.parse().unwrap()))
    };
    out.lines().map(reply).collect()
}

/// What `count` pings across a link saw, and what the link says of them.
fn pinged(link: &Link, count: usize) -> (Vec<(u16, Duration)>, GroundTruth) {
    let lab = Lab::new();
    let wire = lab.link("a", "b", link);
    let replies = ping(&wire.a, "192.0.2.2", count);
    (replies, wire.stop())
}

/// The sequence numbers that have replies.
fn sequences(replies: &[(u16, Duration)]) -> Vec<u16> {
    replies.iter().map(|(sequence, _)| *sequence).collect()
}

fn send(wire: &Wire<'_>, octets: u32) -> String {
    let echo = program("wireline-echo");
    let mut server = wire.b.spawn(&echo, ["serve", "192.0.2.2:5001"]);
    assert_eq!(server.line().as_deref(), Some("ready"));
    let mut client = wire.a.command(&echo);
    let out = client.args(["send", "192.0.2.2:5001", &octets.to_string()]).output().unwrap();
    String::from_utf8(out.stdout).unwrap()
}

#[test]
fn a_link_without_orders_changes_nothing() {
    let lab = Lab::new();
    let wire = lab.link("a", "b", &Link::new(1));
    let v4 = ping(&wire.a, "192.0.2.2", 5);
    let v6 = ping(&wire.a, "2001:db8::2", 5);
    let truth = wire.stop();
    assert_eq!([sequences(&v4), sequences(&v6)], [[1, 2, 3, 4, 5], [1, 2, 3, 4, 5]]);
    for class in [Class::Icmp, Class::Icmp6] {
        for direction in [THERE, BACK] {
            assert_eq!(truth.with_fate(direction, class, Fate::Left), [1, 2, 3, 4, 5]);
        }
    }
    assert!(truth.frames.iter().all(|frame| frame.actions.is_empty() && !frame.copy));
}

#[test]
fn a_program_sees_the_round_trip_that_the_log_has() {
    let (replies, truth) = pinged(&Link::new(1).delay(ms(20)).jitter(ms(5)), 20);
    assert_eq!(replies.len(), 20);
    for (sequence, seen) in replies {
        let true_rtt = truth.rtt(sequence).unwrap();
        assert!(true_rtt >= ms(30), "20 ms less 5 each way: {true_rtt:?}");
        assert!(seen >= true_rtt, "{sequence}: {seen:?} is shorter than {true_rtt:?}");
    }
}

#[test]
fn a_frame_is_kept_for_its_delay_and_for_the_lateness_that_the_log_has() {
    let (_, truth) = pinged(&Link::new(1).delay(ms(20)).a_to_b(|way| way.delay(ms(5))), 10);
    for (direction, delay) in [(THERE, ms(5)), (BACK, ms(20))] {
        for frame in truth.of(direction, Class::Icmp) {
            let late = Duration::from_nanos(frame.late_ns);
            let ahead_of_it = frame.kept().unwrap().checked_sub(late + delay);
            assert!(ahead_of_it.is_some_and(|time| time <= ms(5)), "{frame:?}");
        }
    }
}

#[test]
fn what_the_log_calls_lost_has_no_reply() {
    let (replies, truth) = pinged(&Link::new(7).a_to_b(|way| way.loss(0.3)), 60);
    let lost = truth.with_fate(THERE, Class::Icmp, Fate::Lost);
    assert!((5..40).contains(&lost.len()), "{lost:?}");
    let expected = (1..=60).filter(|sequence| !lost.contains(&u64::from(*sequence)));
    assert_eq!(sequences(&replies), expected.collect::<Vec<_>>());
}

#[test]
fn the_same_seed_makes_the_same_decisions_whatever_else_is_on() {
    let lossy = |seed| Link::new(seed).loss(0.2).duplicate(0.2);
    let requests = |link: &Link| decisions(&pinged(link, 40).1);
    let first = requests(&lossy(7));
    assert_eq!(first, requests(&lossy(7)));
    assert_ne!(first, requests(&lossy(8)));

    let lost = |link: &Link| pinged(link, 40).1.with_fate(THERE, Class::Icmp, Fate::Lost);
    assert_eq!(lost(&lossy(7)), lost(&Link::new(7).loss(0.2).jitter(ms(2)).corrupt(0.5)));
}

/// What was done to each echo request.
fn decisions(truth: &GroundTruth) -> BTreeMap<u64, Vec<Action>> {
    let decision = |frame: &Frame| (frame.index, frame.actions.clone());
    truth.of(THERE, Class::Icmp).map(decision).collect()
}

#[test]
fn a_duplicate_request_has_two_replies() {
    let (replies, truth) = pinged(&Link::new(3).a_to_b(|way| way.duplicate(0.3)), 30);
    let twice = truth.with_action(THERE, Class::Icmp, Action::Duplicate);
    assert!(!twice.is_empty());
    assert_eq!(replies.len(), 30 + twice.len());
    assert_eq!(truth.of(THERE, Class::Icmp).filter(|frame| frame.copy).count(), twice.len());
}

#[test]
fn a_reply_that_is_made_late_arrives_after_others() {
    let (replies, truth) = pinged(&Link::new(3).b_to_a(|way| way.reorder(0.2, ms(40))), 30);
    let late = truth.with_action(BACK, Class::Icmp, Action::Delay(ms(40)));
    assert!(!late.is_empty() && replies.len() == 30, "{late:?}");
    assert!(!sequences(&replies).is_sorted());
}

#[test]
fn a_held_reply_is_overtaken_by_as_many_as_it_was_told() {
    let link = Link::new(3).b_to_a(|way| way.script("icmp:2=hold2,icmp:6=hold1"));
    let (replies, _) = pinged(&link, 8);
    assert_eq!(sequences(&replies), [1, 3, 4, 2, 5, 7, 6, 8]);
}

#[test]
fn a_frame_that_nothing_overtakes_is_let_go_after_a_second() {
    let lab = Lab::new();
    let wire = lab.link("a", "b", &Link::new(3).script("tcp:1=hold9"));
    assert_eq!(send(&wire, 10), "intact\n");
    let truth = wire.stop();
    let held = truth.of(THERE, Class::Tcp).find(|frame| frame.index == 1).unwrap();
    assert!(held.left_ns.is_some());
}

#[test]
fn a_script_does_what_it_says_to_exactly_these_frames() {
    let link = Link::new(1).a_to_b(|way| {
        way.script("icmp:2=drop,icmp:3=dup,icmp:4=delay30ms,icmp:5=corrupt,icmp:6=trunc32")
    });
    let (replies, truth) = pinged(&link, 7);
    assert_eq!(truth.with_fate(THERE, Class::Icmp, Fate::Lost), [2]);
    let mut got = sequences(&replies);
    got.sort_unstable();
    // A short request has a short reply, in which the time is missing.
    assert_eq!(got, [1, 3, 3, 4, 7]);
    assert_eq!(truth.with_action(THERE, Class::Icmp, Action::Truncate(32)), [6]);
    let short = truth.of(BACK, Class::Icmp).filter(|frame| frame.octets == 14 + 32);
    assert_eq!(
        short.filter_map(|frame| frame.echo).map(|echo| echo.sequence).collect::<Vec<_>>(),
        [6]
    );
}

#[test]
fn an_altered_reply_reaches_the_program_and_a_corrupt_request_reaches_nobody() {
    let (replies, truth) = pinged(&Link::new(1).b_to_a(|way| way.alter(1.0)), 5);
    assert_eq!(truth.with_action(BACK, Class::Icmp, Action::Alter), [1, 2, 3, 4, 5]);
    assert_eq!(sequences(&replies), [1, 2, 3, 4, 5], "the kernel would drop a wrong checksum");
    assert_eq!(pinged(&Link::new(1).a_to_b(|way| way.corrupt(1.0)), 5).0, []);
}

#[test]
fn a_rate_spaces_frames_out_and_a_full_queue_loses_the_rest() {
    // 50 octets of Ethernet take 40 ms, and a request comes every 5 ms.
    let (replies, truth) = pinged(&Link::new(1).a_to_b(|way| way.rate(10_000, 3)), 20);
    let left: Vec<_> = truth.of(THERE, Class::Icmp).filter_map(|frame| frame.left_ns).collect();
    let over = truth.with_fate(THERE, Class::Icmp, Fate::Overflowed);
    assert_eq!((left.len() + over.len(), replies.len()), (20, left.len()));
    assert!(over.len() >= 5, "{over:?}");
    let spent = Duration::from_nanos(left.last().unwrap() - left[0]);
    let least = ms(30) * u32::try_from(left.len() - 1).unwrap();
    assert!(spent >= least, "{spent:?} for {} frames", left.len());
}

#[test]
fn a_black_hole_swallows_long_packets_only() {
    let lab = Lab::new();
    let wire = lab.link("a", "b", &Link::new(1).black_hole(40));
    assert_eq!(ping(&wire.a, "192.0.2.2", 2).len(), 2);
    assert_eq!(ping(&wire.a, "2001:db8::2", 2).len(), 0);
    let truth = wire.stop();
    assert_eq!(truth.with_fate(THERE, Class::Icmp6, Fate::TooLong), [1, 2]);
}

#[test]
fn tcp_passes_intact_in_frames_no_longer_than_the_wire() {
    let lab = Lab::new();
    let wire = lab.link("a", "b", &Link::new(1));
    assert_eq!(send(&wire, 1_000_000), "intact\n");
    let truth = wire.stop();
    let longest = truth.of(THERE, Class::Tcp).map(|frame| frame.octets).max();
    assert_eq!(longest, Some(14 + 1500));
    assert!(
        truth.frames.iter().all(|frame| frame.fate == Fate::Left),
        "a frame was too long to send"
    );
}

#[test]
fn tcp_survives_every_fault_at_once() {
    let lab = Lab::new();
    let link = Link::new(5).loss(0.02).duplicate(0.02).reorder(0.02, ms(2)).corrupt(0.02);
    let wire = lab.link("a", "b", &link);
    assert_eq!(send(&wire, 200_000), "intact\n");
    assert!(wire.stop().frames.len() > 100);
}

#[test]
fn neighbours_are_found_over_a_link_that_loses_everything_else() {
    let (replies, truth) = pinged(&Link::new(1).loss(1.0), 3);
    assert_eq!(replies, []);
    assert_eq!(truth.with_fate(THERE, Class::Icmp, Fate::Lost), [1, 2, 3]);
    assert!(truth.of(BACK, Class::Arp).any(|frame| frame.fate == Fate::Left));

    let (_, truth) = pinged(&Link::new(1).loss(1.0).spare_none(), 3);
    assert_eq!(truth.of(BACK, Class::Arp).count(), 0, "no question, no answer");
}
