use super::*;

#[test]
fn half_open_probe_is_measured_from_stamp_to_stamp() {
    let run = Sim::new(|_, _| Fate::Open(5, 0)).run(half_open(2), one());
    assert_eq!(run.verdicts(), ["open"; 2]);
    let rtt = run.probes()[0].rtt.unwrap();
    assert_eq!((rtt.clock, rtt.time), (Clock::Wire, Duration::from_micros(4990)));
    let ports: Vec<_> = run.probes().iter().map(|probe| probe.source_port.unwrap()).collect();
    assert_eq!(ports, [50_001, 50_000]);
}

#[test]
fn half_open_probe_is_refused_rejected_or_silent() {
    let run = Sim::new(|at, _| match at / 1000 {
        0 => Fate::Refused,
        1 => Fate::Icmp(ROUTER, 3, 3),
        _ => Fate::Silent(None),
    })
    .run(half_open(3), one());
    assert_eq!(run.verdicts(), ["closed", "rejected", "filtered"]);
    assert_eq!(run.probes()[2].syn_sent, 1);
}

#[test]
fn half_open_answers_with_other_numbers_are_nobodys() {
    let mut engine = Tcping::new(half_open(1), one(), Instant::ZERO);
    let mut contents = Vec::new();
    engine.poll_transmit(Instant::ZERO, &mut contents).unwrap();
    let good = answer(&contents, Flags::SYN | Flags::ACK);
    for at in [0, 1, 2, 3, 8, 9, 10, 11] {
        let mut bad = good.clone();
        bad[at] ^= 1;
        deliver(&mut engine, Instant::ZERO, Arrival::Segment(SocketAddr::new(THERE, 0), bad));
    }
    deliver(&mut engine, Instant::ZERO, Arrival::Segment(SocketAddr::new(ROUTER, 0), good.clone()));
    (0..good.len()).for_each(|end| {
        let cut = good[..end].to_vec();
        if end < 20 {
            deliver(&mut engine, Instant::ZERO, Arrival::Segment(SocketAddr::new(THERE, 0), cut));
        }
    });
    assert!(matches!(engine.poll_event(), Some(Event::Start { .. })));
    assert!(engine.poll_event().is_none());
    deliver(&mut engine, Instant::ZERO, Arrival::Segment(SocketAddr::new(THERE, 0), good));
    assert!(matches!(engine.poll_event(), Some(Event::Probe(_))));
}
