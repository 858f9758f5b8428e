use super::*;

#[test]
fn numbers_go_on_over_the_end_of_the_ring() {
    let mut talk = Talk::open();
    talk.say(&c("P.", 1, 1).octets(100));
    talk.say(&s(".", 1, 101));
    talk.say(&c("P.", 101, 1).octets(5));
    let steps = talk.steps();
    assert!(steps.iter().all(|step| step.notes.is_empty()), "{steps:?}");
    assert_eq!(steps[1].relative_acknowledgment, Some(101));
    assert_eq!((steps[2].relative_sequence, steps[2].sequence), (101, C.wrapping_add(101)));
    assert!(steps[2].sequence < steps[0].sequence, "the test's own numbers wrap");
    assert_eq!(talk.it.summary().ends[0].octets, 105);
}

#[test]
fn windows_are_scaled_but_for_those_of_syns() {
    let mut talk = Talk::new();
    talk.say(&c("S", 0, 0).linux(1, 0));
    talk.say(&s("S.", 0, 1).linux(2, 1));
    talk.say(&c(".", 1, 1));
    let windows: Vec<_> = talk.steps().iter().map(|step| step.window_octets).collect();
    assert_eq!(windows, [Some(500), Some(500), Some(500 << 10)]);
    let mut talk = Talk::new();
    talk.walk(&[c("S", 0, 0).linux(1, 0), s("S.", 0, 1)]);
    talk.say(&c(".", 1, 1));
    assert_eq!(talk.steps()[0].window_octets, Some(500), "only one end offered it");
    let mut talk = Talk::new();
    talk.say(&c(".", 1, 1));
    assert_eq!(talk.steps()[0].window_octets, None, "nobody knows the shift");
}

#[test]
fn what_comes_again_is_told_from_what_nobody_missed() {
    let mut talk = Talk::open();
    talk.say(&c("P.", 1, 1).octets(10));
    talk.wait(300);
    assert_eq!(talk.notes(&[c("P.", 1, 1).octets(10)]), [Note::Retransmission]);
    talk.say(&s(".", 1, 11));
    assert_eq!(talk.notes(&[c("P.", 1, 1).octets(10)]), [Note::SpuriousRetransmission]);
    let sums = talk.it.summary().ends[0];
    assert_eq!((sums.retransmissions, sums.octets), (2, 10));
    assert_eq!(sums.data_rtt, None, "which of the two was acknowledged?");
}

#[test]
fn duplicate_acknowledgments_ask_for_what_is_missing() {
    let mut talk = Talk::open();
    talk.say(&c("P.", 1, 1).octets(10));
    talk.say(&s(".", 1, 11));
    talk.say(&c("P.", 11, 1).octets(10));
    talk.say(&c("P.", 21, 1).octets(10));
    talk.say(&c("P.", 31, 1).octets(10));
    let notes = talk.notes(&[s(".", 1, 11), s(".", 1, 11)]);
    assert_eq!(notes, [Note::DuplicateAck]);
    assert_eq!(talk.notes(&[c("P.", 11, 1).octets(10)]), [Note::FastRetransmission]);
    assert_eq!(talk.it.summary().ends[1].duplicate_acks, 2);
    assert_eq!(talk.it.summary().ends[0].data_rtt, Some(Duration::from_millis(1)));
}

#[test]
fn gap_and_what_fills_it() {
    let mut talk = Talk::open();
    assert_eq!(talk.notes(&[c("P.", 11, 1).octets(10)]), [Note::Gap]);
    assert_eq!(talk.notes(&[c("P.", 1, 1).octets(10)]), [Note::OutOfOrder]);
    assert_eq!(talk.notes(&[c("P.", 41, 1).octets(10)]), [Note::Gap]);
    talk.wait(500);
    assert_eq!(talk.notes(&[c("P.", 21, 1).octets(20)]), [Note::Retransmission], "too late");
    assert_eq!(talk.it.summary().ends[0].octets, 50);
}

#[test]
fn acknowledgment_of_what_did_not_pass_here() {
    let mut talk = Talk::open();
    assert_eq!(talk.notes(&[s(".", 1, 1001)]), [Note::AckOfUnseen]);
    assert_eq!(talk.notes(&[c(".", 1, 1)]), [Note::ChallengeAck]);
}

#[test]
fn keep_alive_is_one_behind_and_is_answered() {
    let mut talk = Talk::open();
    talk.walk(&[c("P.", 1, 1).octets(10), s(".", 1, 11)]);
    talk.wait(60_000);
    assert_eq!(talk.notes(&[c(".", 10, 1)]), [Note::KeepAlive]);
    assert_eq!(talk.notes(&[s(".", 1, 11)]), [Note::KeepAliveAck]);
    assert_eq!(talk.notes(&[c(".", 10, 1).octets(1)]), [Note::KeepAlive], "with an octet, too");
    assert_eq!(talk.it.summary().ends[0].retransmissions, 0);
}

#[test]
fn window_closes_is_asked_for_and_opens() {
    let mut talk = Talk::open();
    talk.say(&c("P.", 1, 1).octets(10));
    assert_eq!(talk.notes(&[s(".", 1, 11).window(0)]), [Note::ZeroWindow]);
    talk.wait(200);
    assert_eq!(talk.notes(&[c(".", 10, 1)]), [Note::ZeroWindowProbe], "Linux's own");
    let notes = talk.notes(&[s(".", 1, 11).window(0)]);
    assert_eq!(notes, [Note::ZeroWindowProbeAck, Note::ZeroWindow]);
    assert_eq!(talk.notes(&[c(".", 11, 1).octets(1)]), [Note::ZeroWindowProbe], "as of old");
    assert_eq!(talk.notes(&[s(".", 1, 11).window(9)]), [Note::WindowUpdate]);
    assert_eq!(talk.it.summary().ends[1].zero_windows, 1);
}

#[test]
fn window_may_be_filled_and_not_overrun() {
    let mut talk = Talk::open();
    talk.say(&s(".", 1, 1).window(1));
    let notes = talk.notes(&[c("P.", 1, 1).octets(1024)]);
    assert_eq!(notes, [Note::WindowFull]);
    assert_eq!(talk.notes(&[c("P.", 1025, 1).octets(1)]), [Note::OutOfWindow]);
    assert_eq!(talk.notes(&[s(".", 1, 1).window(1)]), [Note::ChallengeAck]);
}

#[test]
fn syn_in_an_open_connection_is_challenged() {
    let mut talk = Talk::open();
    assert_eq!(talk.notes(&[c("S", 5000, 0)]), [Note::UnexpectedSyn]);
    assert_eq!(talk.it.states(), [Established, Established]);
    assert_eq!(talk.notes(&[s(".", 1, 1)]), [Note::ChallengeAck]);
}

#[test]
fn reset_beside_the_expected_number_is_challenged() {
    let mut talk = Talk::open();
    assert_eq!(talk.notes(&[c("R", 100, 0)]), [Note::ResetIgnored]);
    assert_eq!(talk.it.states(), [Established, Established]);
    assert_eq!(talk.notes(&[s(".", 1, 1)]), [Note::ChallengeAck]);
    assert_eq!(talk.notes(&[c("R", 1, 0)]), [Note::Abort]);
}

#[test]
fn tap_that_comes_late_takes_them_for_open() {
    let mut talk = Talk::new();
    talk.say(&c("P.", 1000, 5000).octets(10));
    talk.say(&s(".", 5000, 1010));
    let steps = talk.steps();
    assert_eq!((steps[0].before, steps[0].after), ([Established; 2], [Established; 2]));
    let numbers = |step: &Step| (step.relative_sequence, step.relative_acknowledgment);
    assert_eq!(numbers(&steps[0]), (1, Some(1)), "as tshark counts");
    assert_eq!(numbers(&steps[1]), (1, Some(11)));
    assert_eq!(talk.it.summary().opening, Opening::Unseen);
    let states = talk.walk(&[s("F.", 5000, 1010), c("F.", 1010, 5001), s(".", 5001, 1011)]);
    assert_eq!(states, [[CloseWait, FinWait1], [LastAck, TimeWait], [Closed, TimeWait]]);
}

#[test]
fn tap_that_comes_with_the_syn_ack_sees_the_rest() {
    let mut talk = Talk::new();
    let states = talk.walk(&[s("S.", 0, 1), c(".", 1, 1)]);
    assert_eq!(states, [[Established, SynRcvd], [Established, Established]]);
}

#[test]
fn other_data_under_the_same_numbers_is_noted() {
    let mut talk = Talk::open();
    talk.say(&c("P.", 1, 1).data(b"GET /good"));
    let notes = talk.notes(&[c("P.", 1, 1).data(b"GET /evil")]);
    assert_eq!(notes, [Note::OverlappingData, Note::Retransmission]);
}
