use std::time::Duration;

use wireline_packet::tcp::{Options, Segment, verify};

use super::*;

const ISN: u32 = 0xffff_fffe;
const PEER: u32 = 0x7fff_ffff;

fn config() -> Config {
    Config {
        local: "192.0.2.1:40000".parse().unwrap(),
        remote: "192.0.2.2:80".parse().unwrap(),
        isn: ISN,
        options: SynOptions {
            max_segment_size: Some(1460),
            sack_permitted: true,
            timestamp: Some(1000),
            window_scale: Some(7),
            fast_open: None,
            raw: Vec::new(),
        },
        window: 64240,
        ecn: Ecn::Off,
        syn_data: Vec::new(),
        third_ack: ThirdAck::Plain,
        send: Vec::new(),
        until: Until::Acknowledged,
        close: Closing::Fin,
        hold: Duration::ZERO,
        hop_limit: None,
        retransmit_after: Duration::from_secs(1),
        syn_count: 3,
        timeout: Duration::from_secs(60),
    }
}

/// A client, what it has sent, and its peer's mouth.
struct Talk {
    client: Client,
    now: Instant,
}

/// A segment with its own memory.
#[derive(Clone, Debug, PartialEq)]
struct Said {
    sequence: u32,
    acknowledgment: u32,
    flags: Flags,
    options: Options,
    data: Vec<u8>,
}

impl Talk {
    fn new(config: Config) -> Self {
        let now = Instant::from_millis(5);
        Self { client: Client::new(config, now), now }
    }

    fn wait(&mut self, millis: u64) {
        self.now = self.now + Duration::from_millis(millis);
        self.client.handle_timeout(self.now);
    }

    fn said(&mut self) -> Vec<Said> {
        let mut all = Vec::new();
        let mut contents = Vec::new();
        while self.client.poll_transmit(self.now, &mut contents).is_some() {
            let Config { local, remote, .. } = &self.client.config;
            verify(local.ip(), remote.ip(), &contents).unwrap();
            let segment = Segment::parse(&contents).unwrap();
            all.push(Said {
                sequence: segment.sequence,
                acknowledgment: segment.acknowledgment,
                flags: segment.flags,
                options: Options::read(segment.options),
                data: segment.payload.to_vec(),
            });
            assert!(all.len() < 100, "it does not come to an end");
        }
        all
    }

    fn hear(&mut self, sequence: u32, acknowledgment: u32, flags: Flags, data: &[u8]) {
        self.hear_with(sequence, acknowledgment, flags, data, &[], 1000);
    }

    fn hear_with(
        &mut self,
        sequence: u32,
        acknowledgment: u32,
        flags: Flags,
        data: &[u8],
        options: &[u8],
        window: u16,
    ) {
        let segment = Segment {
            source_port: 80,
            destination_port: 40000,
            sequence,
            acknowledgment,
            flags,
            window,
            urgent: 0,
            options,
            payload: data,
        };
        let remote = self.client.config.remote;
        let mut contents = Vec::new();
        segment.emit(remote.ip(), self.client.config.local.ip(), &mut contents);
        let reply = Reply {
            source: remote,
            hop_limit: Some(64),
            at: None,
            options: &[],
            flow: 0,
            contents: &contents,
        };
        self.client.handle_reply(self.now, reply);
    }

    fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.client.poll_event()).collect()
    }

    /// SYN and SYN-ACK.
    fn open(config: Config) -> Self {
        let mut talk = Self::new(config);
        assert_eq!(talk.said().len(), 1);
        talk.wait(10);
        let options = Options { max_segment_size: Some(1000), ..Options::default() }.emit();
        let (ack, flags) = (ISN.wrapping_add(1), Flags::SYN | Flags::ACK);
        talk.hear_with(PEER, ack, flags, &[], &options, 1000);
        talk
    }
}

const ACK: Flags = Flags::ACK;

fn fin() -> Flags {
    Flags::FIN | Flags::ACK
}

fn ended(events: &[Event]) -> Option<&Ending> {
    events.iter().find_map(|event| match event {
        Event::Ended(ending) => Some(ending),
        _ => None,
    })
}

#[test]
fn syn_offers_what_it_was_told_to() {
    let syn = Talk::new(config()).said().remove(0);
    assert_eq!((syn.sequence, syn.flags), (ISN, Flags::SYN));
    let want = Options {
        max_segment_size: Some(1460),
        sack_permitted: true,
        timestamps: Some(Timestamps { value: 1000, echo: 0 }),
        window_scale: Some(7),
    };
    assert_eq!(syn.options, want);
    let mut bare = config();
    bare.options = SynOptions {
        max_segment_size: None,
        sack_permitted: false,
        timestamp: None,
        window_scale: None,
        fast_open: None,
        raw: Vec::new(),
    };
    assert_eq!(Talk::new(bare).said().remove(0).options, Options::default());
}

#[test]
fn four_segments_close_what_three_opened() {
    let mut talk = Talk::open(config());
    let said = talk.said();
    assert_eq!((said[0].sequence, said[0].acknowledgment), (ISN.wrapping_add(1), PEER + 1));
    assert_eq!(said[0].flags, ACK);
    assert_eq!((said[1].flags, said.len()), (fin(), 2), "{said:?}");
    talk.hear(PEER + 1, ISN.wrapping_add(2), fin(), &[]);
    let said = talk.said();
    assert_eq!((said.len(), said[0].acknowledgment), (1, PEER + 2));
    let events = talk.events();
    assert_eq!(ended(&events), Some(&Ending::Closed { first: End::Client }));
    let Event::Opened(opened) = &events[0] else { panic!("{events:?}") };
    assert_eq!((opened.rtt, opened.syn_sent), (Some(Duration::from_millis(10)), 1));
    assert!(talk.client.is_finished());
}

#[test]
fn data_goes_with_the_third_segment_where_that_was_asked_for() {
    let with = Config { third_ack: ThirdAck::WithData, send: b"hi".to_vec(), ..config() };
    let said = Talk::open(with).said();
    assert_eq!((said.len(), said[0].data.as_slice()), (1, b"hi".as_slice()));
    assert_eq!(said[0].acknowledgment, PEER + 1);
    let plain = Config { send: b"hi".to_vec(), ..config() };
    let said = Talk::open(plain).said();
    assert_eq!((said.len(), said[0].data.len()), (2, 0));
}

#[test]
fn what_nobody_acknowledges_is_sent_again_and_later_each_time() {
    let mut talk = Talk::open(Config { send: b"abc".to_vec(), ..config() });
    talk.said();
    let mut gaps = Vec::new();
    for _ in 0..3 {
        let due = talk.client.next_timeout().unwrap();
        gaps.push(due.since(talk.now).as_millis());
        talk.now = due;
        talk.client.handle_timeout(due);
        let said = talk.said();
        assert_eq!((said.len(), said[0].sequence), (1, ISN.wrapping_add(1)));
        assert_eq!(said[0].data, b"abc");
    }
    assert_eq!(gaps, [1000, 2000, 4000]);
}

#[test]
fn silence_is_told_with_the_number_of_syns_and_leaves_nobody_half_open() {
    let mut talk = Talk::new(config());
    let mut syns = 0;
    while talk.client.next_timeout().is_some() {
        syns += talk.said().iter().filter(|said| said.flags == Flags::SYN).count();
        talk.now = talk.client.next_timeout().unwrap();
        talk.client.handle_timeout(talk.now);
    }
    let said = talk.said();
    assert_eq!((syns, said[0].flags, said[0].sequence), (3, Flags::RST, ISN.wrapping_add(1)));
    assert_eq!(ended(&talk.events()), Some(&Ending::Silent { syn_sent: 3 }));
}

#[test]
fn stopping_resets_whoever_has_heard_of_us() {
    let mut talk = Talk::new(config());
    talk.client.handle_stop(talk.now);
    assert_eq!(talk.said(), [], "nothing was sent");
    let mut talk = Talk::new(config());
    talk.said();
    talk.client.handle_stop(talk.now);
    assert_eq!(talk.said()[0].flags, Flags::RST);
    let mut talk = Talk::open(Config { hold: Duration::from_secs(9), ..config() });
    talk.said();
    talk.client.handle_stop(talk.now);
    assert!(!talk.client.is_finished(), "the RST is still to leave");
    let said = talk.said();
    assert_eq!((said[0].flags, said[0].sequence), (Flags::RST | ACK, ISN.wrapping_add(1)));
    assert_eq!(ended(&talk.events()), Some(&Ending::Stopped));
    assert!(talk.client.is_finished());
}

#[test]
fn withheld_third_segment_leaves_the_peer_waiting_and_frees_it() {
    let hold = Duration::from_secs(2);
    let mut talk = Talk::open(Config { third_ack: ThirdAck::Withheld, hold, ..config() });
    assert_eq!(talk.said(), []);
    talk.hear(PEER, ISN.wrapping_add(1), Flags::SYN | ACK, &[]);
    assert_eq!(talk.said(), [], "nor is the SYN-ACK answered when it comes again");
    talk.wait(2000);
    assert!(talk.said()[0].flags.contains(Flags::RST));
    let ending = Ending::Reset { by: End::Client, was_open: false };
    assert_eq!(ended(&talk.events()), Some(&ending));
}

#[test]
fn answer_to_another_syn_is_reset_and_does_not_open() {
    let mut talk = Talk::new(config());
    talk.said();
    talk.hear(PEER, ISN.wrapping_add(7), Flags::SYN | ACK, &[]);
    let said = talk.said();
    assert_eq!((said[0].flags, said[0].sequence), (Flags::RST, ISN.wrapping_add(7)));
    assert_eq!(talk.events(), []);
    talk.hear(0, ISN.wrapping_add(7), Flags::RST | ACK, &[]);
    assert_eq!(talk.events(), [], "nor does such an RST close");
    talk.hear(0, ISN.wrapping_add(1), Flags::RST | ACK, &[]);
    let ending = Ending::Reset { by: End::Server, was_open: false };
    assert_eq!(ended(&talk.events()), Some(&ending));
}

#[test]
fn data_counts_once_and_in_order_however_it_comes() {
    let until = Until::Octets(6);
    let mut talk = Talk::open(Config { until, ..config() });
    talk.said();
    let ack = ISN.wrapping_add(1);
    talk.hear(PEER + 4, ack, ACK, b"def");
    assert_eq!(talk.said()[0].acknowledgment, PEER + 1, "a gap is told at once");
    talk.hear(PEER + 1, ack, ACK, b"abc");
    talk.hear(PEER + 2, ack, ACK, b"bcdef");
    let heard: Vec<u8> = talk
        .events()
        .into_iter()
        .filter_map(|event| match event {
            Event::Data { octets } => Some(octets),
            _ => None,
        })
        .flatten()
        .collect();
    assert_eq!(heard, b"abcdef");
    let said = talk.said();
    assert_eq!((said.len(), said[0].acknowledgment), (2, PEER + 7), "{said:?}");
    assert_eq!(said[1].flags, fin());
}

#[test]
fn reset_counts_with_the_very_next_number_only() {
    let mut talk = Talk::open(Config { until: Until::Closed, ..config() });
    talk.said();
    talk.hear(PEER + 5, 0, Flags::RST, &[]);
    assert_eq!(talk.said()[0].flags, ACK, "a challenge");
    talk.hear(PEER + 0x1000_0000, 0, Flags::RST, &[]);
    assert_eq!(talk.said(), [], "out of the window");
    assert_eq!(ended(&talk.events()), None);
    talk.hear(PEER + 1, 0, Flags::RST, b"odd");
    let ending = Ending::Reset { by: End::Server, was_open: true };
    assert_eq!(ended(&talk.events()), Some(&ending));
}

#[test]
fn who_closes_first_is_told() {
    let close = Closing::Server;
    let mut talk = Talk::open(Config { close, ..config() });
    assert_eq!(talk.said().len(), 1);
    talk.hear(PEER + 1, ISN.wrapping_add(1), fin(), b"bye");
    let said = talk.said();
    assert_eq!(said.last().unwrap().flags, fin(), "{said:?}");
    talk.hear(PEER + 5, ISN.wrapping_add(2), ACK, &[]);
    assert_eq!(ended(&talk.events()), Some(&Ending::Closed { first: End::Server }));
}

#[test]
fn half_closed_hears_the_rest() {
    let config = Config { close: Closing::Half, until: Until::Closed, ..config() };
    let mut talk = Talk::open(config);
    assert_eq!(talk.said().last().unwrap().flags, fin());
    talk.hear(PEER + 1, ISN.wrapping_add(2), ACK, b"later");
    talk.hear(PEER + 6, ISN.wrapping_add(2), fin(), &[]);
    let events = talk.events();
    assert!(events.contains(&Event::Data { octets: b"later".to_vec() }));
    assert_eq!(ended(&events), Some(&Ending::Closed { first: End::Client }));
}

#[test]
fn window_of_zero_is_probed_with_one_octet() {
    let mut talk = Talk::new(Config { send: b"abc".to_vec(), ..config() });
    talk.said();
    talk.hear_with(PEER, ISN.wrapping_add(1), Flags::SYN | ACK, &[], &[], 0);
    assert_eq!(talk.said().len(), 1, "the third segment alone");
    talk.now = talk.client.next_timeout().unwrap();
    talk.client.handle_timeout(talk.now);
    assert_eq!(talk.said()[0].data, b"a");
}

#[test]
fn data_of_the_syn_that_was_not_taken_is_said_again() {
    let fast = Config { syn_data: b"fast".to_vec(), send: b"!".to_vec(), ..config() };
    let mut talk = Talk::new(fast.clone());
    assert_eq!(talk.said()[0].data, b"fast");
    talk.hear(PEER, ISN.wrapping_add(1), Flags::SYN | ACK, &[]);
    assert_eq!(talk.said().last().unwrap().data, b"fast!");
    let mut talk = Talk::new(fast);
    talk.said();
    talk.hear(PEER, ISN.wrapping_add(5), Flags::SYN | ACK, &[]);
    let said = talk.said();
    assert_eq!((said[1].data.as_slice(), said[1].sequence), (b"!".as_slice(), ISN.wrapping_add(5)));
}

#[test]
fn accurate_ecn_sets_the_bit_beside_the_data_offset() {
    let mut client = Client::new(Config { ecn: Ecn::Accurate, ..config() }, Instant::ZERO);
    let mut contents = Vec::new();
    client.poll_transmit(Instant::ZERO, &mut contents).unwrap();
    assert_eq!((contents[12] & 1, contents[13]), (1, 0xc2));
    verify(client.config.local.ip(), client.config.remote.ip(), &contents).unwrap();
}

#[test]
fn strange_segments_neither_end_nor_open_anything() {
    let mut state = 1_u32;
    let mut random = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state >> 8
    };
    for _ in 0..300 {
        let config = Config { send: vec![7; 5000], until: Until::Closed, ..config() };
        let mut talk = Talk::open(config);
        for _ in 0..50 {
            let near = |base: u32, by: u32| base.wrapping_add(by % 40).wrapping_sub(20);
            let (a, b, c, d) = (random(), random(), random(), random());
            let options: Vec<u8> = (0..c % 40).map(|_| (random() % 12) as u8).collect();
            let data = vec![0; (d % 30) as usize];
            let flags = Flags((d >> 8) as u8);
            talk.hear_with(near(PEER, a), near(ISN, b), flags, &data, &options, (c >> 4) as u16);
            talk.wait(u64::from(d % 3000));
            talk.said();
        }
        let data = talk.events().iter().filter(|event| matches!(event, Event::Data { .. })).count();
        assert!(data <= 50);
    }
}
