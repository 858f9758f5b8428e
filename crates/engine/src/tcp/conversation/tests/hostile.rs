use super::*;

/// Numbers without a pattern, the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u32 {
        // Knuth's MMIX constants.
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(self.0 >> 33).unwrap()
    }

    fn draft(&mut self) -> Draft {
        let from = if self.roll().is_multiple_of(2) { End::Client } else { End::Server };
        let near = |n: u32| if n.is_multiple_of(8) { n.wrapping_mul(3) } else { n % 40 };
        let (sequence, acknowledgment) = (near(self.roll()), near(self.roll()));
        let octets = usize::try_from(self.roll() % 30).unwrap();
        let options = (0..self.roll() % 41).map(|_| u8::try_from(self.roll() % 36).unwrap());
        Draft {
            options: options.collect(),
            flags: Flags(u8::try_from(self.roll() % 256).unwrap()),
            window: u16::try_from(self.roll() % 3).unwrap(),
            data: vec![0; octets.saturating_sub(20)],
            ..draft(from, "", sequence, acknowledgment)
        }
    }
}

#[test]
fn no_segment_does_harm() {
    for seed in 0..400 {
        let mut dice = Dice(seed);
        let mut talk = if seed % 2 == 0 { Talk::new() } else { Talk::open() };
        for _ in 0..200 {
            talk.say(&dice.draft());
            for step in talk.steps() {
                assert!(step.notes.len() < 12 && step.options.len() <= 40, "{step:?}");
            }
        }
        assert_eq!(talk.it.lines.len(), 0, "nothing is held back for ever");
        let summary = talk.it.summary();
        assert!(summary.ends.iter().all(|end| end.segments > 0));
    }
}

#[test]
fn flood_of_syns_is_not_held_back() {
    let mut talk = Talk::new();
    for _ in 0..100 {
        talk.say(&c("S", 0, 0));
        assert!(talk.it.lines.len() <= 16);
        talk.steps();
    }
    assert_eq!(talk.it.summary().ends[0].syns, 100);
}

#[test]
fn flags_that_do_not_go_together_change_nothing() {
    for flags in ["", "F", "PU", "SF", "SR", "FR.", "SFRPU.EW"] {
        let mut talk = Talk::open();
        let notes = talk.notes(&[c(flags, 1, 1)]);
        assert!(notes.contains(&Note::OddFlags), "{flags}: {notes:?}");
        assert_eq!(talk.it.states(), [Established, Established], "{flags}");
        assert_eq!(talk.it.summary().strange, 1);
    }
}

#[test]
fn options_that_lie_are_told() {
    for options in [&[2, 0, 1, 1][..], &[2, 1, 1, 1], &[8, 40, 1, 1], &[3, 4, 7, 7]] {
        let notes = Talk::new().notes(&[c("S", 0, 0).raw(options), s("S.", 0, 1).raw(options)]);
        assert_eq!(notes, [Note::MalformedOptions], "{options:?}");
    }
}

#[test]
fn syn_ack_for_another_syn_opens_nothing() {
    let mut talk = Talk::new();
    talk.say(&c("S", 0, 0));
    assert_eq!(talk.notes(&[s("S.", 0, 77)]), [Note::WrongAck]);
    assert_eq!(talk.it.states(), [SynSent, Unknown]);
    assert_eq!(talk.walk(&[s("S.", 0, 1)]), [[Established, SynRcvd]]);
}

#[test]
fn syn_ack_with_data_and_reset_with_data_are_told() {
    let mut talk = Talk::new();
    talk.say(&c("S", 0, 0));
    assert_eq!(talk.notes(&[s("S.", 0, 1).octets(9)]), [Note::SynAckWithData]);
    let mut talk = Talk::open();
    let notes = talk.notes(&[s("R.", 1, 1).octets(9)]);
    assert_eq!(notes, [Note::Abort, Note::ResetWithData]);
}

#[test]
fn reset_for_another_syn_refuses_nothing() {
    let mut talk = Talk::new();
    talk.say(&c("S", 0, 0));
    assert_eq!(talk.notes(&[s("R.", 0, 500)]), [Note::ResetIgnored]);
    assert_eq!(talk.it.states(), [SynSent, Unknown]);
}

#[test]
fn stranger_is_not_listened_to() {
    let mut talk = Talk::new();
    let other = SocketAddr::new(ROUTER, 1);
    talk.it.observe_icmp(&IcmpObserved {
        at: Instant::ZERO,
        by: ROUTER,
        icmp_type: 3,
        icmp_code: 3,
        source: other,
        sequence: 0,
    });
    assert_eq!((talk.it.summary().icmp_errors, talk.it.end(other, server())), (0, None));
}

#[test]
fn connection_with_oneself_does_no_harm() {
    let mut it = Conversation::new(client(), client());
    for n in 0..10 {
        it.observe(&Observed {
            at: Instant::from_millis(n),
            source: client(),
            destination: client(),
            hop_limit: 64,
            segment: Segment {
                source_port: client().port(),
                destination_port: client().port(),
                sequence: 1,
                acknowledgment: 2,
                flags: if n == 0 { Flags::SYN } else { Flags::SYN | Flags::ACK },
                window: 1,
                urgent: 0,
                options: &[],
                payload: &[],
            },
            length: 0,
        });
    }
    it.settle();
    assert_eq!(std::iter::from_fn(|| it.poll_line()).count(), 10);
}
