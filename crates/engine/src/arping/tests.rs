use super::*;

const OWN: Mac = Mac([0, 0, 0x5e, 0, 0x53, 1]);
const HIM: Mac = Mac([0, 0, 0x5e, 0, 0x53, 2]);
const HER: Mac = Mac([0, 0, 0x5e, 0, 0x53, 3]);
const SOURCE: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
const TARGET: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 9);

const fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

fn ask() -> Config {
    Config {
        flow: 0,
        own: OWN,
        source: SOURCE,
        target: TARGET,
        purpose: Purpose::Ask,
        kind: Kind::Request,
        addressing: Addressing::Follow,
        interval: Some(ms(1000)),
        count: None,
        deadline: None,
        enough: Enough::Limits,
    }
}

fn detect() -> Config {
    let source = Ipv4Addr::UNSPECIFIED;
    Config { source, purpose: Purpose::Detect, enough: Enough::First, ..ask() }
}

/// A message in its frame.
#[derive(Clone, Copy)]
struct Said {
    to: Mac,
    from: Mac,
    operation: u16,
    sender: (Mac, Ipv4Addr),
    target: (Mac, Ipv4Addr),
    tag: Option<u16>,
}

/// The right answer of a machine.
fn answer(mac: Mac) -> Said {
    let operation = operation::REPLY;
    Said { to: OWN, from: mac, operation, sender: (mac, TARGET), target: (OWN, SOURCE), tag: None }
}

impl Said {
    fn frame(self) -> Vec<u8> {
        let end = |(mac, address)| End { mac, address };
        let header = Header::ipv4(self.operation);
        let (sender, target) = (end(self.sender), end(self.target));
        let (mut payload, mut out) = (Vec::new(), Vec::new());
        Message { header, sender, target, rest: &[0; 18] }.emit(&mut payload);
        let frame = Frame {
            destination: self.to,
            source: self.from,
            tag: self.tag,
            framing: Framing::Ethernet2,
            protocol: ethertype::ARP,
            payload: &payload,
        };
        frame.emit(&mut out);
        out
    }
}

/// What one run did.
#[derive(Default)]
struct Run {
    events: Vec<Event>,
    sent: Vec<(Duration, Vec<u8>)>,
}

impl Run {
    fn summary(&self) -> &Summary {
        let Some(Event::Summary(summary)) = self.events.last() else { panic!("{:?}", self.events) };
        summary
    }

    fn answers(&self) -> Vec<&Answer> {
        let answer =
            |event| if let &Event::Answer(ref answer) = event { Some(answer) } else { None };
        self.events.iter().filter_map(answer).collect()
    }

    fn sent_at(&self) -> Vec<Duration> {
        self.sent.iter().map(|(at, _)| *at).collect()
    }

    fn sent_to(&self) -> Vec<Mac> {
        self.sent.iter().map(|(_, frame)| Mac::from_slice(frame).unwrap()).collect()
    }
}

/// Runs to the end, or through ten seconds and then to a stop. `respond` says what a request, numbered from 1,
/// has for answers, and after which time each.
fn run(config: Config, respond: impl Fn(usize) -> Vec<(Duration, Vec<u8>)>) -> Run {
    let (mut now, mut run, mut contents) = (Instant::ZERO, Run::default(), Vec::new());
    let mut arping = Arping::new(config, now);
    let mut path: Vec<(Instant, Vec<u8>)> = Vec::new();
    loop {
        while let Some(transmit) = arping.poll_transmit(now, &mut contents) {
            run.sent.push((now - Instant::ZERO, contents.clone()));
            arping.handle_stamp(Stamp { id: transmit.id, stage: Stage::Sent, at: now });
            path.extend(respond(run.sent.len()).into_iter().map(|(rtt, frame)| (now + rtt, frame)));
        }
        run.events.extend(std::iter::from_fn(|| arping.poll_event()));
        if arping.is_finished() {
            return run;
        }
        let arrival = path.iter().map(|(at, _)| *at);
        let next = arrival.chain(arping.next_timeout()).min();
        now = next.unwrap_or(Instant::from_millis(10_000)).max(now);
        if now >= Instant::from_millis(10_000) {
            arping.handle_stop(now);
        }
        for (at, frame) in path.extract_if(.., |(at, _)| *at <= now) {
            arping.handle_reply(now, heard(&frame, at));
        }
        arping.handle_timeout(now);
    }
}

fn heard(contents: &[u8], at: Instant) -> Reply<'_> {
    let source = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    Reply { source, hop_limit: None, at: Some(at), options: &[], flow: 0, contents }
}

fn one(said: Said) -> impl Fn(usize) -> Vec<(Duration, Vec<u8>)> {
    move |_| vec![(ms(3), said.frame())]
}

fn silence(_: usize) -> Vec<(Duration, Vec<u8>)> {
    Vec::new()
}

#[test]
fn first_request_goes_to_all_and_those_after_an_answer_to_whoever_gave_it() {
    let run = run(Config { count: Some(3), ..ask() }, one(answer(HIM)));

    assert_eq!(run.sent_at(), [0, 1000, 2000].map(ms));
    assert_eq!(run.sent_to(), [Mac::BROADCAST, HIM, HIM]);
    let octets = [
        &[0xff; 6][..],
        &OWN.0,
        &[8, 6, 0, 1, 8, 0, 6, 4, 0, 1],
        &OWN.0,
        &[192, 0, 2, 1],
        &[0xff; 6],
        &[192, 0, 2, 9],
    ];
    assert_eq!(run.sent[0].1, octets.concat(), "nobody's address is all ones, as iputils has it");
    assert_eq!(run.answers().iter().map(|answer| answer.rtt).collect::<Vec<_>>(), [Some(ms(3)); 3]);
    let summary = run.summary();
    assert_eq!((summary.sent, summary.broadcasts, summary.received), (3, 1, 3));
    assert_eq!(
        (summary.took, summary.ending),
        (ms(3000), Ending::Count),
        "the last has its second"
    );
}

#[test]
fn who_only_wants_broadcasts_gets_no_others() {
    let config = Config { count: Some(2), addressing: Addressing::Broadcast, ..ask() };
    let run = run(config, one(answer(HIM)));
    assert_eq!((run.sent_to(), run.summary().broadcasts), (vec![Mac::BROADCAST; 2], 2));
}

#[test]
fn answers_from_nobody_and_from_everybody_are_not_followed() {
    for mac in [Mac::ZERO, Mac::BROADCAST, Mac([1, 0, 0x5e, 0, 0, 1])] {
        let run = run(Config { count: Some(2), ..ask() }, one(answer(mac)));
        assert_eq!((run.sent_to(), run.summary().received), (vec![Mac::BROADCAST; 2], 2), "{mac}");
    }
}

#[test]
fn request_of_the_last_moment_leaves_and_is_not_waited_for() {
    for (seconds, count, sent) in [(1, None, 2), (2, Some(3), 3), (2, Some(9), 3)] {
        let config = Config { deadline: Some(ms(seconds * 1000)), count, ..ask() };
        let run = run(config, silence);
        assert_eq!((run.summary().sent, run.summary().took), (sent, ms(seconds * 1000)));
        assert_eq!(run.summary().ending, Ending::Deadline);
    }
}

#[test]
fn answer_after_the_time_is_up_counts_only_where_an_address_must_be_free() {
    for (config, received) in [(ask(), 1), (detect(), 1)] {
        let is_detection = config.purpose == Purpose::Detect;
        let config = Config { deadline: Some(ms(1000)), ..config };
        let at_once = |n| {
            let is_told = n == 2 || !is_detection;
            is_told.then(|| (ms(0), answer(HIM).frame())).into_iter().collect()
        };
        let run = run(config, at_once);
        assert_eq!((run.summary().sent, run.summary().received), (2, received));
    }
}

#[test]
fn with_a_deadline_so_many_answers_as_requests_are_enough() {
    let config = Config { deadline: Some(ms(5000)), count: Some(2), ..ask() };
    let twice = |_| vec![(ms(3), answer(HIM).frame()), (ms(4), answer(HIM).frame())];
    let at_once = run(config.clone(), twice);
    assert_eq!((at_once.summary().sent, at_once.summary().took), (1, ms(4)));

    let lazy = run(config, silence);
    assert_eq!((lazy.summary().took, lazy.summary().ending), (ms(2000), Ending::Count));
}

#[test]
fn deadline_between_two_requests_sends_none() {
    let config = Config { interval: Some(ms(5000)), deadline: Some(ms(1000)), ..ask() };
    let run = run(config, one(answer(HIM)));
    assert_eq!((run.summary().sent, run.summary().received, run.summary().took), (1, 1, ms(1000)));
}

#[test]
fn without_an_interval_one_request_is_all() {
    let config = Config { interval: None, deadline: Some(ms(3000)), count: Some(2), ..ask() };
    let run = run(config, one(answer(HIM)));
    assert_eq!((run.sent_at(), run.summary().took), (vec![ms(0)], ms(3000)));
}

#[test]
fn sleepy_machine_loses_ticks_and_bunches_none() {
    let mut arping = Arping::new(ask(), Instant::ZERO);
    let mut contents = Vec::new();
    let mut sent = Vec::new();
    for now in [0, 1000, 4300, 5000, 6000].map(Instant::from_millis) {
        arping.handle_timeout(now);
        while arping.poll_transmit(now, &mut contents).is_some() {
            sent.push(now - Instant::ZERO);
        }
    }
    assert_eq!(sent, [0, 1000, 4300, 5000, 6000].map(ms), "back in step after the gap");
}

#[test]
fn only_messages_to_us_about_both_addresses_answer_a_question() {
    let good = answer(HIM);
    let strangers = [
        Said { to: HER, ..good },
        Said { target: (HER, SOURCE), ..good },
        Said { target: (OWN, Ipv4Addr::new(192, 0, 2, 99)), ..good },
        Said { sender: (HIM, Ipv4Addr::new(192, 0, 2, 8)), ..good },
        Said { operation: 3, ..good },
        Said { from: OWN, ..good },
        Said { tag: Some(7), ..good },
    ];
    for (n, said) in strangers.into_iter().enumerate() {
        let run = run(Config { count: Some(1), ..ask() }, one(said));
        assert_eq!(run.summary().received, 0, "{n}");
    }
    let request = Said { operation: operation::REQUEST, to: Mac::BROADCAST, ..good };
    let odd = [good, request, Said { from: HER, ..good }, Said { tag: Some(0), ..good }];
    for (n, said) in odd.into_iter().enumerate() {
        let run = run(Config { count: Some(1), ..ask() }, one(said));
        assert_eq!(run.summary().received, 1, "{n}");
        assert_eq!(run.answers()[0].frame_mac, said.from);
    }
}

#[test]
fn damaged_frames_are_no_answers_and_no_panic() {
    let good = answer(HIM).frame();
    let mut bad: Vec<_> = (0..42).map(|end| good[..end].to_vec()).collect();
    for at in 12..22 {
        for value in (0..=255).filter(|value| *value != good[at] && !(at == 21 && *value == 1)) {
            let mut frame = good.clone();
            frame[at] = value;
            bad.push(frame);
        }
    }
    let storm = |_| bad.iter().map(|frame| (ms(1), frame.clone())).collect();
    for config in [ask(), detect()] {
        let run = run(Config { count: Some(1), ..config }, storm);
        assert_eq!((run.summary().received, run.summary().conflicts), (0, 0));
    }
}

#[test]
fn one_word_of_the_owner_settles_whether_an_address_is_in_use() {
    let good = answer(HIM);
    let elsewhere = Ipv4Addr::new(192, 0, 2, 77);
    for (said, for_address, for_mac) in [
        (Said { target: (OWN, Ipv4Addr::UNSPECIFIED), ..good }, None, None),
        (Said { to: Mac::BROADCAST, target: (HER, elsewhere), ..good }, Some(elsewhere), Some(HER)),
        (
            Said { operation: operation::REQUEST, target: (Mac::ZERO, elsewhere), ..good },
            Some(elsewhere),
            Some(Mac::ZERO),
        ),
    ] {
        let run = run(Config { count: Some(2), ..detect() }, one(said));
        let answer = run.answers()[0];
        assert_eq!((answer.for_address, answer.for_mac), (for_address, for_mac));
        assert_eq!((run.summary().sent, run.summary().ending), (1, Ending::Answered));
        assert_eq!(&run.sent[0].1[28..32], [0; 4], "asks as nobody");
    }
    let silent = run(Config { count: Some(2), ..detect() }, silence);
    assert_eq!((silent.summary().received, silent.summary().sent), (0, 2));
}

#[test]
fn somebody_else_who_probes_for_the_address_is_a_rival_once() {
    let probe = Said {
        to: Mac::BROADCAST,
        operation: operation::REQUEST,
        sender: (HIM, Ipv4Addr::UNSPECIFIED),
        target: (Mac::ZERO, TARGET),
        ..answer(HIM)
    };
    let run = run(Config { count: Some(2), ..detect() }, one(probe));
    assert!(run.events.contains(&Event::Rival { mac: HIM }));
    assert_eq!((run.summary().rivals, run.summary().received), (1, 0));
}

#[test]
fn two_machines_with_one_address_are_named_once_and_before_the_end() {
    let both = |_| vec![(ms(3), answer(HIM).frame()), (ms(5), answer(HER).frame())];
    let asked = run(Config { count: Some(2), ..ask() }, both);
    let conflict = Event::Conflict { address: TARGET, macs: vec![HIM, HER] };
    assert_eq!(asked.events.iter().filter(|event| **event == conflict).count(), 1);
    assert_eq!((asked.summary().conflicts, asked.summary().received), (1, 4));
    assert_eq!(asked.sent_to(), [Mac::BROADCAST, HER], "the last who answered is asked");

    let config = Config { enough: Enough::Limits, count: Some(1), ..detect() };
    assert_eq!(run(config, both).summary().conflicts, 1, "where the first answer is not enough");
}

#[test]
fn announcement_of_our_own_address_by_another_is_a_conflict_and_no_answer() {
    let announcement = Said {
        to: Mac::BROADCAST,
        operation: operation::REQUEST,
        sender: (HIM, SOURCE),
        target: (Mac::ZERO, SOURCE),
        ..answer(HIM)
    };
    let run = run(Config { count: Some(1), ..ask() }, one(announcement));
    assert!(run.events.contains(&Event::Conflict { address: SOURCE, macs: vec![OWN, HIM] }));
    assert_eq!(run.summary().received, 0);
}

#[test]
fn announcements_carry_us_as_both_ends() {
    let config = Config { kind: Kind::Reply, target: SOURCE, count: Some(2), ..ask() };
    let run = run(config, silence);
    let frame = &run.sent[1].1;
    assert_eq!(frame[20..22], [0, 2]);
    assert_eq!((&frame[22..32], &frame[32..42]), (&frame[32..42], &frame[22..32]));
    assert_eq!((run.sent_to(), run.summary().sent), (vec![Mac::BROADCAST; 2], 2));
}

#[test]
fn storm_is_told_of_a_hundred_times_and_counted_whole() {
    let storm = |_| vec![(ms(1), answer(HIM).frame()); 150_000];
    let run = run(Config { count: Some(1), ..ask() }, storm);
    assert_eq!((run.answers().len(), run.summary().untold), (100, 149_900));
    assert_eq!(run.summary().received, 150_000);
}

#[test]
fn endless_claimants_are_forgotten() {
    let crowd = |_| (0..=255).map(|n| (ms(1), answer(Mac([2, 0, 0, 0, 1, n])).frame())).collect();
    let run = run(Config { count: Some(1), ..ask() }, crowd);
    assert_eq!(run.summary().conflicts, 15);
}

#[test]
fn what_did_not_leave_is_not_sent_and_told_once() {
    let mut arping = Arping::new(Config { count: Some(2), ..ask() }, Instant::ZERO);
    let mut contents = Vec::new();
    for now in [0, 1000, 2000].map(Instant::from_millis) {
        arping.handle_timeout(now);
        while let Some(transmit) = arping.poll_transmit(now, &mut contents) {
            arping.handle_unsent(now, &transmit, &io::Error::from_raw_os_error(105));
        }
    }
    let events: Vec<_> = std::iter::from_fn(|| arping.poll_event()).collect();
    let [Event::Start, Event::Unsent { why }, Event::Summary(summary)] = events.as_slice() else {
        panic!("{events:?}");
    };
    assert_eq!(why, "No buffer space available");
    assert_eq!((summary.sent, summary.broadcasts, summary.unsent), (0, 0, 2));
}

#[test]
fn signals_end_it_at_once() {
    let at = Instant::from_millis(500);
    for signal in [Engine::handle_stop, Engine::handle_query] {
        let mut arping = Arping::new(ask(), Instant::ZERO);
        arping.poll_transmit(Instant::ZERO, &mut Vec::new());
        signal(&mut arping, at);
        let events: Vec<_> = std::iter::from_fn(|| arping.poll_event()).collect();
        let Some(Event::Summary(summary)) = events.last() else { panic!("{events:?}") };
        assert_eq!((summary.ending, summary.took), (Ending::Stopped, ms(500)));
        assert!(arping.is_finished());
    }
}

#[test]
fn frames_of_other_interfaces_are_not_looked_at() {
    let mut arping = Arping::new(ask(), Instant::ZERO);
    arping.poll_transmit(Instant::ZERO, &mut Vec::new());
    let frame = answer(HIM).frame();
    arping.handle_reply(Instant::ZERO, Reply { flow: 1, ..heard(&frame, Instant::ZERO) });
    arping.handle_stop(Instant::ZERO);
    assert_eq!(arping.summary.received, 0);
}
