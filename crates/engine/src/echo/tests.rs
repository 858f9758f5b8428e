use std::net::{IpAddr, Ipv4Addr};

use super::*;
use crate::sim::Network;

#[test]
fn three_requests_a_second_apart() {
    let run = Network::new(ms(30)).run(ping(3));

    assert_eq!(run.sent_at, [ms(0), ms(1000), ms(2000)]);
    assert_eq!(seqs(&run.events), [1, 2, 3]);
    assert_eq!(run.ended_at, ms(2030), "ends with the last reply, without lingering");
}

#[test]
fn lost_reply_is_awaited_for_twice_the_round_trip_but_an_interval_at_least() {
    let run = Network::new(ms(30)).lose(3).run(ping(3));

    assert_eq!(seqs(&run.events), [1, 2]);
    assert_eq!(run.ended_at, ms(3_000), "2 s for the sends and 1 s of linger");
    assert!((33.3..33.4).contains(&summary(&run.events).loss_percent));
}

#[test]
fn silence_is_awaited_for_the_whole_linger_time_and_reported_lost() {
    let run = Network::new(ms(30)).lose(1).run(ping(1));

    assert_eq!(run.ended_at, ms(10_000));
    assert!(matches!(run.events[1], Event::Lost { seq: 1, .. }), "{:?}", run.events);
}

#[test]
fn second_reply_is_a_duplicate_and_counts_once() {
    let run = Network::new(ms(30)).repeat(1).run(ping(2));

    let summary = summary(&run.events);
    assert_eq!((summary.sent, summary.received, summary.duplicates), (2, 2, 1));
    assert_eq!(summary.rtt.unwrap().avg, ms(30), "iputils times duplicates too");
}

#[test]
fn a_late_wake_up_does_not_shift_later_requests() {
    let run = Network::new(ms(1)).oversleep(ms(7)).run(ping(3));

    assert_eq!(run.sent_at, [ms(0), ms(1007), ms(2007)], "not 0, 1007, 2014");
}

#[test]
fn a_long_stop_is_not_made_up_for_in_a_burst_and_is_told() {
    let run = Network::new(ms(1)).oversleep(ms(5_000)).run(ping(3));

    assert_eq!(run.sent_at, [ms(0), ms(6_000), ms(12_000)], "not 0, 6000, 6000");
    assert_eq!(summary(&run.events).skipped, 10);
}

#[test]
fn preload_leaves_at_once_and_the_rest_at_the_interval() {
    let run =
        Network::new(ms(30)).run(Echo::new(Config { preload: 3, ..config(5) }, Instant::ZERO));

    assert_eq!(run.sent_at, [0, 0, 0, 1000, 2000].map(ms));
    assert_eq!(summary(&run.events).pipe, 3);
}

#[test]
fn a_flood_keeps_one_on_the_way_and_goes_on_after_ten_milliseconds() {
    let flood = Config { pace: Pace::Every(Duration::ZERO), ..config(4) };
    let run = Network::new(ms(2)).lose(2).run(Echo::new(flood, Instant::ZERO));

    assert_eq!(run.sent_at, [0, 2, 12, 14].map(ms));
}

#[test]
fn adaptive_pace_follows_the_round_trip() {
    let pace = Pace::Adaptive { first: ms(1000), least: Duration::ZERO };
    let run = Network::new(ms(40)).run(Echo::new(Config { pace, ..config(4) }, Instant::ZERO));

    assert_eq!(run.sent_at, [0, 40, 80, 120].map(ms));
}

#[test]
fn kernel_stamps_take_the_way_to_the_wire_out_of_the_round_trip() {
    let run = Network::new(ms(30)).stamp_after(ms(20)).run(ping(1));

    let Event::Reply(reply) = &run.events[1] else { panic!("{:?}", run.events) };
    assert_eq!((reply.sample.rtt, reply.sample.clock), (ms(10), Clock::Kernel));
    assert_eq!(reply.sample.local, Some(ms(20)), "an ARP wait is told apart");
}

#[test]
fn user_to_user_latency_uses_no_stamp() {
    let run = Network::new(ms(30)).stamp_after(ms(20));
    let run = run.run(Echo::new(Config { user_clock: true, ..config(1) }, Instant::ZERO));

    let Event::Reply(reply) = &run.events[1] else { panic!("{:?}", run.events) };
    assert_eq!((reply.sample.rtt, reply.sample.clock), (ms(30), Clock::User));
}

#[test]
fn a_stamp_from_before_the_request_is_a_stepped_clock_and_is_not_believed() {
    let mut echo = ping(1);
    let (sent, mut contents) = (Instant::from_millis(50), Vec::new());
    let transmit = echo.poll_transmit(sent, &mut contents).unwrap();
    echo.handle_stamp(Stamp { id: transmit.id, stage: Stage::Sent, at: Instant::from_millis(10) });
    contents[0] = 0;
    contents[2] += 8;
    let at = Some(Instant::from_millis(3_600_000));
    let reply = Reply {
        source: transmit.destination,
        hop_limit: None,
        at,
        options: &[],
        flow: 0,
        contents: &contents,
    };
    echo.handle_reply(Instant::from_millis(80), reply);

    let events: Vec<_> = std::iter::from_fn(|| echo.poll_event()).collect();
    let Event::Reply(reply) = &events[1] else { panic!("{events:?}") };
    assert_eq!((reply.sample.rtt, reply.sample.clock), (ms(30), Clock::User));
}

#[test]
fn round_trips_of_a_flood_wait_for_stamps_that_come_late() {
    let mut echo = Echo::new(Config { late_stamps: true, ..config(1) }, Instant::ZERO);
    let mut contents = Vec::new();
    let transmit = echo.poll_transmit(Instant::ZERO, &mut contents).unwrap();
    contents[0] = 0;
    contents[2] += 8;
    let at = Some(Instant::from_millis(7));
    let reply = Reply {
        source: transmit.destination,
        hop_limit: None,
        at,
        options: &[],
        flow: 0,
        contents: &contents,
    };
    echo.handle_reply(Instant::from_millis(9), reply);
    assert_eq!(echo.latency.stats().count(), 0, "the stamp is not there yet");
    assert!(!echo.is_finished(), "and is worth waiting for");

    echo.handle_stamp(Stamp { id: transmit.id, stage: Stage::Sent, at: Instant::from_millis(4) });
    echo.handle_timeout(Instant::from_millis(9));
    assert_eq!(echo.latency.stats().max(), ms(3));
    assert!(
        std::iter::from_fn(|| echo.poll_event()).any(|event| matches!(event, Event::Summary(_)))
    );
}

#[test]
fn deadline_ends_the_run_and_count_does_not_stop_the_sending() {
    let config = Config { deadline: Some(ms(3_500)), ..config(2) };
    let run = Network::new(ms(1)).lose(1).lose(3).run(Echo::new(config, Instant::ZERO));

    assert_eq!(run.sent_at, [0, 1000, 2000, 3000].map(ms), "two answers were wanted");
    assert_eq!(run.ended_at, ms(3_001));
}

#[test]
fn sequence_numbers_wrap_and_late_replies_still_find_their_request() {
    let flood = Config { pace: Pace::Every(Duration::ZERO), preload: 3, ..config(70_000) };
    let run = Network::new(ms(5)).run(Echo::new(flood, Instant::ZERO));

    let summary = summary(&run.events);
    assert_eq!((summary.sent, summary.received, summary.duplicates), (70_000, 70_000, 0));
}

#[test]
fn icmp_error_about_somebody_elses_request_is_not_ours() {
    let mut echo = ping(3);
    let mut contents = Vec::new();
    echo.poll_transmit(Instant::ZERO, &mut contents);
    let destination = echo.config.target.ip();
    let origin =
        Origin::Icmp { from: IpAddr::from(Ipv4Addr::new(192, 0, 2, 9)), icmp_type: 3, code: 1 };
    let mut foreign = contents.clone();
    foreign[4] ^= 1;
    for (quoted, errors) in [(&foreign[..], 0), (&contents[..7], 0), (&contents[..8], 1)] {
        echo.handle_refusal(Instant::ZERO, refusal(origin, destination, quoted));
        assert_eq!(echo.tally.errors, errors, "{quoted:?}");
    }
}

#[test]
fn a_redirect_does_not_count_as_an_error() {
    let mut echo = ping(1);
    let mut contents = Vec::new();
    echo.poll_transmit(Instant::ZERO, &mut contents);
    let destination = echo.config.target.ip();
    let origin = Origin::Icmp { from: destination, icmp_type: 5, code: 1 };
    echo.handle_refusal(Instant::ZERO, refusal(origin, destination, &contents));

    assert_eq!(
        (echo.tally.errors, echo.phase == Phase::Done),
        (0, false),
        "the reply may still come"
    );
}

/// Every truncation of a good reply, and octets that mean nothing, at any moment.
#[test]
fn hostile_replies_neither_panic_nor_count() {
    let mut echo = ping(9);
    let mut contents = Vec::new();
    echo.poll_transmit(Instant::ZERO, &mut contents);
    let mut bytes = [0xa5; 64];
    for n in 0..=u8::MAX {
        bytes[0] = n;
        for end in 0..bytes.len() {
            for options in [&bytes[..end.min(40)], &[]] {
                let source = echo.config.target;
                let reply = Reply {
                    source,
                    hop_limit: None,
                    at: None,
                    options,
                    flow: 0,
                    contents: &bytes[..end],
                };
                echo.handle_reply(Instant::ZERO, reply);
            }
        }
    }
    assert_eq!((echo.tally.received, echo.tally.corrupted), (0, 0));
}

#[test]
fn stop_reports_what_is_known() {
    let mut echo = ping(9);
    assert!(echo.poll_transmit(Instant::ZERO, &mut Vec::new()).is_some());
    echo.handle_query(Instant::ZERO);
    echo.handle_stop(Instant::from_millis(400));

    let events: Vec<_> = std::iter::from_fn(|| echo.poll_event()).collect();
    assert!(matches!(
        &events[..3],
        [Event::Start(_), Event::Status(_), Event::Lost { seq: 1, .. }]
    ));
    assert_eq!((summary(&events).sent, summary(&events).received), (1, 0));
    assert!(echo.is_finished());
}

fn ping(count: u64) -> Echo {
    Echo::new(config(count), Instant::ZERO)
}

fn config(count: u64) -> Config {
    Config {
        target: SocketAddr::new(Ipv4Addr::new(192, 0, 2, 2).into(), 0),
        name: "lab".into(),
        socket: SocketKind::Raw,
        ident: Some(0x04d2),
        count: NonZeroU64::new(count),
        deadline: None,
        linger: Some(ms(10_000)),
        pace: Pace::Every(ms(1000)),
        preload: 1,
        payload: vec![0; 56],
        user_clock: false,
        late_stamps: false,
        report_outstanding: false,
        report_sent: false,
        report_gap: false,
        many_answer: false,
    }
}

fn summary(events: &[Event]) -> &Summary {
    let Some(Event::Summary(summary)) = events.last() else { panic!("{events:?}") };
    summary
}

fn seqs(events: &[Event]) -> Vec<u16> {
    events.iter().filter_map(|e| if let Event::Reply(r) = e { Some(r.seq) } else { None }).collect()
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn refusal(origin: Origin, destination: IpAddr, quoted: &[u8]) -> Refusal<'_> {
    Refusal {
        origin,
        destination: SocketAddr::new(destination, 0),
        flow: 0,
        info: 0,
        at: None,
        hop_limit: None,
        extensions_at: None,
        quoted,
    }
}
