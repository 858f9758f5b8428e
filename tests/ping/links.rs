//! What ping makes of a bad link, beside what the link says that it did.

use wireline_lab::{Class, Direction, Fate, GroundTruth, Lab, Link, Wire, ms};

use crate::common::{Run, Socket, ping_by, round_trip};

/// Runs ping over a link, and asks the link what happened.
fn over(link: &Link, socket: Socket, args: &str) -> (Run, GroundTruth) {
    let lab = Lab::new();
    let wire: Wire<'_> = lab.link("a", "b", link);
    let run = ping_by(socket, &wire.a, args);
    (run, wire.stop())
}

/// The requests that a way of the link did not let through.
fn lost(truth: &GroundTruth, class: Class) -> Vec<u64> {
    [Direction::AToB, Direction::BToA]
        .into_iter()
        .flat_map(|way| truth.with_fate(way, class, Fate::Lost))
        .collect()
}

#[test]
fn loss_is_what_the_link_lost() {
    for (socket, target, class) in
        [(Socket::Raw, "192.0.2.2", Class::Icmp), (Socket::Datagram, "2001:db8::2", Class::Icmp6)]
    {
        let link = Link::new(3).loss(0.2);
        let (run, truth) = over(&link, socket, &format!("-c 60 -i 0.01 -W 0.5 {target}"));
        let lost = lost(&truth, class).len();
        assert!(lost > 5, "a seed that loses something: {lost}");
        assert!(
            run.counts().starts_with(&format!("60 packets transmitted, {} received, ", 60 - lost)),
            "{lost} lost: {run:?}"
        );
        assert_eq!(run.round_trips().len(), 60 - lost);
    }
}

#[test]
fn numbers_of_the_lost_are_those_that_the_link_lost() {
    let link = Link::new(1).a_to_b(|way| way.script("icmp:3=drop,icmp:7=drop"));
    let (run, _) = over(&link, Socket::Raw, "-c 8 -i 0.02 -W 0.5 192.0.2.2");
    let seen: Vec<_> = run.round_trips().iter().map(|trip| trip.0).collect();
    assert_eq!(seen, [1, 2, 4, 5, 6, 8]);
    assert!(run.counts().starts_with("8 packets transmitted, 6 received, 25% packet loss"));
}

#[test]
fn round_trips_are_those_of_the_link() {
    for (socket, target) in [(Socket::Raw, "192.0.2.2"), (Socket::Datagram, "2001:db8::2")] {
        let link = Link::new(5).delay(ms(5)).jitter(ms(3));
        let (run, truth) = over(&link, socket, &format!("-3 -c 60 -i 0.01 -W 1 {target}"));
        run.quiet_exit(0);
        let trips = run.round_trips();
        assert_eq!(trips.len(), 60);
        let apart = |(seq, told): &(u16, f64)| {
            let real = truth.rtt(*seq).expect("answered, so the link saw both");
            (told - real.as_secs_f64() * 1e3).abs()
        };
        let far = trips.iter().filter(|trip| apart(trip) > 1.0).count();
        assert!(far <= 3, "{far} of 60 by more than a millisecond: {run:?}");
    }
}

#[test]
fn statistics_are_those_of_the_lines() {
    let link = Link::new(5).delay(ms(3)).jitter(ms(2));
    let (run, _) = over(&link, Socket::Raw, "-3 -c 30 -i 0.01 -W 1 192.0.2.2");
    let times: Vec<f64> = run.round_trips().iter().map(|trip| trip.1).collect();
    let (_, rest) = run.out.split_once("rtt min/avg/max/mdev = ").unwrap();
    let told: Vec<f64> = rest
        .split_once(" ms")
        .unwrap()
        .0
        .split('/')
        .map(|number| number.parse().unwrap())
        .collect();
    let mean = times.iter().sum::<f64>() / 30.0;
    let spread = (times.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / 30.0).sqrt();
    let least = times.iter().copied().fold(f64::MAX, f64::min);
    let most = times.iter().copied().fold(0.0, f64::max);
    for (told, right) in told.iter().zip([least, mean, most, spread]) {
        assert!((told - right).abs() < 0.003, "{told} for {right}: {run:?}");
    }
}

#[test]
fn duplicates_of_the_link_are_marked() {
    for socket in Socket::BOTH {
        let link = Link::new(1).b_to_a(|way| way.script("icmp:1=dup,icmp:2=dup"));
        let (run, _) = over(&link, socket, "-c 4 -i 0.1 192.0.2.2");
        run.quiet_exit(0);
        let marked: Vec<_> =
            run.body().into_iter().filter(|line| line.ends_with(" (DUP!)")).collect();
        assert_eq!(
            marked,
            [
                "64 bytes from 192.0.2.2: icmp_seq=1 ttl=64 time=T ms (DUP!)",
                "64 bytes from 192.0.2.2: icmp_seq=2 ttl=64 time=T ms (DUP!)"
            ]
        );
        assert!(run.counts().starts_with("4 packets transmitted, 4 received, +2 duplicates, 0% "));
    }
}

#[test]
fn replies_out_of_order_are_matched_and_timed_by_number() {
    let link = Link::new(1).b_to_a(|way| way.script("icmp:2=hold2,icmp:6=hold1"));
    let (run, truth) = over(&link, Socket::Raw, "-3 -c 8 -i 0.05 -W 1 192.0.2.2");
    run.quiet_exit(0);
    let trips = run.round_trips();
    let order: Vec<_> = trips.iter().map(|trip| trip.0).collect();
    assert_eq!(order, [1, 3, 4, 2, 5, 7, 6, 8]);
    for (seq, told) in trips {
        let real = truth.rtt(seq).unwrap().as_secs_f64() * 1e3;
        assert!((told - real).abs() < 10.0, "icmp_seq={seq}: {told} for {real}");
    }
}

#[test]
fn altered_data_is_named() {
    let link = Link::new(2).b_to_a(|way| way.script("icmp:2=alter"));
    let (run, _) = over(&link, Socket::Raw, "-c 3 -i 0.02 -s 1000 -W 0.3 192.0.2.2");
    let wrong: Vec<_> =
        run.out.lines().filter(|line| line.starts_with("wrong data byte #")).collect();
    // The bit may as well be one of the header's or of the first sixteen octets.
    assert!(wrong.len() <= 1, "{run:?}");
    assert_eq!(wrong.len(), 1, "a seed that alters what is compared: {run:?}");
    assert!(run.counts().starts_with("3 packets transmitted, 3 received, 0% "), "{run:?}");
}

#[test]
fn corrupted_replies_are_counted_and_lost() {
    let link = Link::new(1).b_to_a(|way| way.script("icmp:2=corrupt"));
    let (run, _) = over(&link, Socket::Raw, "-c 3 -i 0.02 -s 1000 -W 0.3 192.0.2.2");
    run.quiet_exit(0);
    assert_eq!(
        run.counts(),
        "3 packets transmitted, 2 received, +1 corrupted, 33.3333% packet loss, time Tms"
    );
    let (run, _) = over(&link, Socket::Datagram, "-c 3 -i 0.02 -s 1000 -W 0.3 192.0.2.2");
    assert_eq!(run.counts(), "3 packets transmitted, 2 received, 33.3333% packet loss, time Tms");
}

#[test]
fn reply_that_comes_after_the_next_request_is_a_reply() {
    for socket in Socket::BOTH {
        let link = Link::new(1).b_to_a(|way| way.script("icmp:2=delay150ms"));
        let (run, truth) = over(&link, socket, "-O -c 4 -i 0.1 -W 2 192.0.2.2");
        run.quiet_exit(0);
        assert!(run.body().contains(&"no answer yet for icmp_seq=2".to_owned()), "{run:?}");
        assert!(run.counts().starts_with("4 packets transmitted, 4 received, 0% packet loss"));
        let late = run.out.lines().filter_map(round_trip).find(|trip| trip.0 == 2).unwrap();
        let real = truth.rtt(2).unwrap().as_secs_f64() * 1e3;
        assert!((late.1 - real).abs() < 10.0, "{late:?} for {real}");
    }
}

#[test]
#[expect(clippy::cast_precision_loss, reason = "times within some seconds of each other")]
fn requests_leave_when_they_are_due() {
    for (socket, target, class) in
        [(Socket::Raw, "192.0.2.2", Class::Icmp), (Socket::Datagram, "2001:db8::2", Class::Icmp6)]
    {
        let (run, truth) = over(&Link::new(1), socket, &format!("-q -c 101 -i 0.01 {target}"));
        run.quiet_exit(0);
        let mut sent: Vec<_> =
            truth.of(Direction::AToB, class).map(|frame| frame.arrived_ns).collect();
        sent.sort_unstable();
        assert_eq!(sent.len(), 101);
        // How far each is from its place after the first: the machine can only delay it, and the
        // first waits for its neighbour.
        let mut off: Vec<_> =
            (0..101).map(|n| (sent[n] - sent[0]) as f64 / 1e6 - n as f64 * 10.0).collect();
        let median = |some: &mut [f64]| {
            some.sort_by(f64::total_cmp);
            some[some.len() / 2]
        };
        let drift = median(&mut off[71..]) - median(&mut off[1..31]);
        // A machine that stood still for a whole interval has cost a place of the grid, or two.
        let places = (drift / 10.0).round();
        assert!((0.0..4.0).contains(&places), "{drift} ms of drift in 700 ms");
        let drift = drift - places * 10.0;
        assert!(drift.abs() < 3.0, "{drift} ms of drift beside {places} places");
    }
}

#[test]
fn neighbour_found_late_is_not_part_of_the_round_trip() {
    let link = Link::new(1).spare_none().a_to_b(|way| way.script("arp:1=drop"));
    let (run, _) = over(&link, Socket::Raw, "-c 1 -W 5 192.0.2.2");
    run.quiet_exit(0);
    let trips = run.round_trips();
    assert!(trips[0].1 < 500.0, "a second was the neighbour's: {trips:?}");
}

#[test]
fn reply_cut_by_the_link_is_truncated() {
    for socket in Socket::BOTH {
        let link = Link::new(1).b_to_a(|way| way.script("icmp:1=trunc48"));
        let (run, _) = over(&link, socket, "-c 1 -W 1 192.0.2.2");
        run.quiet_exit(0);
        assert_eq!(run.body(), ["28 bytes from 192.0.2.2: icmp_seq=1 ttl=64 (truncated)"]);
    }
}
