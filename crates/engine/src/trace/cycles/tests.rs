use std::net::{IpAddr, SocketAddr};

use super::*;
use crate::Origin;
use crate::trace::{Method, Wait};

/// What a hop does with the nth probe that it is asked to answer, from 1.
type Habit = fn(u32) -> bool;

const ALWAYS: Habit = |_| true;
const NEVER: Habit = |_| false;

/// A path in virtual time: the hops with their round trips, the last being the target.
struct Path {
    hops: Vec<(Duration, Habit)>,
    asked: Vec<u32>,
    target: Target,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    Answers,
    Silent,
}

struct Run {
    events: Vec<Event>,
    sent: Vec<(u8, Instant)>,
    ended_at: Instant,
}

impl Run {
    fn report(&self) -> &Report {
        match self.events.last() {
            Some(Event::Report(report)) => report,
            other => panic!("no report at the end, but {other:?}"),
        }
    }

    fn snt(&self) -> Vec<u32> {
        self.report().hops.iter().map(|hop| hop.sent).collect()
    }

    fn losses(&self) -> Vec<u32> {
        self.report().hops.iter().map(|hop| hop.lost).collect()
    }
}

impl Path {
    fn of(hops: &[(u64, Habit)]) -> Self {
        let hops: Vec<_> =
            hops.iter().map(|(rtt, habit)| (Duration::from_millis(*rtt), *habit)).collect();
        Self { asked: vec![0; hops.len()], hops, target: Target::Answers }
    }

    /// When and what hop `limit` answers.
    fn answer(&mut self, now: Instant, limit: u8) -> Option<(Instant, IpAddr, (u8, u8))> {
        let last = self.hops.len() - 1;
        let n = usize::from(limit - 1).min(last);
        if n == last && self.target == Target::Silent {
            return None;
        }
        self.asked[n] += 1;
        let (rtt, habit) = self.hops[n];
        let what = if n == last { (3, 3) } else { (11, 0) };
        let from = IpAddr::from([192, 0, 2, u8::try_from(n + 1).unwrap()]);
        habit(self.asked[n]).then_some((now + rtt, from, what))
    }

    fn run(mut self, config: Config) -> Run {
        self.run_steered(config, &[])
    }

    fn run_until(&mut self, config: Config, stop: Instant) -> Run {
        self.run_steered(config, &[(stop, Control::Stop)])
    }

    /// The controls in the order of their times.
    fn run_steered(&mut self, config: Config, mut controls: &[(Instant, Control)]) -> Run {
        let mut engine = Cycles::new(config, Instant::ZERO);
        let mut run = Run { events: Vec::new(), sent: Vec::new(), ended_at: Instant::ZERO };
        let (mut now, mut flying) = (Instant::ZERO, Vec::new());
        let mut contents = Vec::new();
        loop {
            while let Some(transmit) = engine.poll_transmit(now, &mut contents) {
                let limit = transmit.hop_limit.unwrap();
                run.sent.push((limit, now));
                flying.extend(self.answer(now, limit).map(|it| (it, transmit.destination)));
            }
            run.events.extend(std::iter::from_fn(|| engine.poll_event()));
            if engine.is_finished() {
                run.ended_at = now;
                return run;
            }
            let arrival = flying.iter().map(|((at, ..), _)| *at).min();
            let next = arrival
                .into_iter()
                .chain(engine.next_timeout())
                .chain(controls.first().map(|(at, _)| *at))
                .min();
            now = next.expect("an engine that waits for nothing").max(now);
            for ((_, from, what), to) in flying.extract_if(.., |((at, ..), _)| *at <= now) {
                engine.handle_refusal(now, refusal(from, what, to));
            }
            engine.handle_timeout(now);
            while let Some(((_, control), rest)) =
                controls.split_first().filter(|((at, _), _)| *at <= now)
            {
                engine.handle_control(now, *control);
                controls = rest;
            }
        }
    }
}

fn refusal(from: IpAddr, (icmp_type, code): (u8, u8), destination: SocketAddr) -> Refusal<'static> {
    Refusal {
        origin: Origin::Icmp { from, icmp_type, code },
        destination,
        flow: 0,
        info: 0,
        at: None,
        hop_limit: None,
        extensions_at: None,
        quoted: &[],
    }
}

fn config(cycles: u32, period_ms: u64) -> Config {
    Config {
        path: crate::trace::Config {
            name: "target.example".into(),
            target: "198.51.100.9:0".parse().unwrap(),
            source: None,
            traffic_class: 0,
            method: Method::UdpRising { port: 33_434 },
            method_name: "udp",
            first_hop: 1,
            max_hops: 30,
            probes: 3,
            window: None,
            is_sparing: false,
            interval: None,
            wait: Wait::Adaptive,
            size: 60,
            overhead: 28,
            is_source_routed: false,
            discover_mtu: false,
        },
        cycles: NonZeroU32::new(cycles),
        period: Duration::from_millis(period_ms),
        detail: Detail::Rows,
    }
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[test]
fn each_hop_up_to_the_target_gets_a_probe_a_cycle() {
    let run = Path::of(&[(1, ALWAYS), (2, ALWAYS), (3, ALWAYS)]).run(config(10, 1000));
    assert_eq!(run.snt(), [10, 10, 10]);
    assert_eq!(run.losses(), [0, 0, 0]);
    assert!(run.report().reached);
    let late: Vec<_> =
        run.sent.iter().filter(|(_, at)| *at >= Instant::from_millis(1000)).collect();
    assert!(late.iter().all(|(hop, _)| *hop <= 3), "the target is known by then: {late:?}");
}

#[test]
fn ten_fast_cycles_of_a_long_path_take_less_than_two_seconds() {
    let hops: Vec<_> = (1..=20).map(|n| (n * 5, if n == 7 { NEVER } else { ALWAYS })).collect();
    let run = Path::of(&hops).run(config(10, 100));
    assert!(run.ended_at < Instant::from_millis(2000), "{:?}", run.ended_at);
    assert_eq!(run.report().hops.len(), 20);
    assert_eq!(run.snt(), [10; 20]);
    assert_eq!(run.report().hops[6].times, None);
}

#[test]
fn one_cycle_ends_with_its_last_answer() {
    let run = Path::of(&[(1, ALWAYS), (40, ALWAYS)]).run(config(1, 1000));
    assert!(run.ended_at < Instant::from_millis(50), "{:?}", run.ended_at);
}

#[test]
fn no_more_than_five_hops_are_asked_behind_the_last_that_answers() {
    let mut path = Path::of(&[(1, ALWAYS), (1, ALWAYS), (1, NEVER)]);
    path.target = Target::Silent;
    let run = path.run(config(3, 1000));
    assert_eq!(run.sent.iter().map(|(hop, _)| *hop).max(), Some(7));
    assert_eq!(run.report().hops.len(), 2, "a silent tail is not told of");
    assert!(!run.report().reached);
}

#[test]
fn silent_path_ends_soon() {
    let mut path = Path::of(&[(1, NEVER)]);
    path.target = Target::Silent;
    let run = path.run(config(2, 100));
    assert_eq!(run.report().hops, []);
    assert!(run.ended_at <= Instant::from_millis(4200), "{:?}", run.ended_at);
}

#[test]
fn target_is_not_asked_more_often_at_once_than_it_answers() {
    let run = Path::of(&[(300, ALWAYS)]).run(config(1, 1000));
    assert!(run.sent.len() <= usize::from(BURST), "{:?}", run.sent);
}

#[test]
fn loss_that_later_hops_do_not_have_is_not_loss() {
    let third: Habit = |n| n % 3 != 0;
    let run = Path::of(&[(1, ALWAYS), (1, third), (1, ALWAYS)]).run(config(9, 1000));
    assert_eq!(run.losses(), [0, 3, 0]);
    assert_eq!(run.report().rate_limited, [2]);
}

#[test]
fn loss_that_goes_on_to_the_target_is_loss() {
    let third: Habit = |n| n % 3 != 0;
    let run = Path::of(&[(1, ALWAYS), (1, third), (1, third)]).run(config(9, 1000));
    assert!(run.losses()[1..].iter().all(|lost| *lost >= 2), "{:?}", run.losses());
    assert_eq!(run.report().rate_limited, [] as [u8; 0]);
}

#[test]
fn burst_and_then_silence_is_a_bucket_even_at_every_hop() {
    let bucket: Habit = |n| n <= 6;
    let run = Path::of(&[(1, bucket), (1, bucket)]).run(config(10, 100));
    assert_eq!(run.report().rate_limited, [1, 2]);
}

#[test]
fn one_lost_probe_is_chance() {
    let run = Path::of(&[(1, |n| n != 4), (1, ALWAYS)]).run(config(10, 1000));
    assert_eq!(run.losses(), [1, 0]);
    assert_eq!(run.report().rate_limited, [] as [u8; 0]);
}

#[test]
fn late_answer_still_counts() {
    let run = Path::of(&[(1, ALWAYS), (1500, ALWAYS)]).run(config(3, 1000));
    assert_eq!(run.losses(), [0, 0]);
    assert_eq!(run.report().hops[1].times.unwrap().worst, ms(1500));
}

#[test]
fn stopped_run_does_not_count_what_is_under_way_as_lost() {
    let mut path = Path::of(&[(1, ALWAYS), (100, ALWAYS)]);
    let run = path.run_until(config(100, 1000), Instant::from_millis(2050));
    let hop = &run.report().hops[1];
    assert_eq!((hop.sent, hop.received, hop.lost), (3, 2, 0));
    assert_eq!(run.report().cycles, 3);
}

#[test]
fn snapshots_have_rows_only_where_they_were_asked_for() {
    for (detail, rows) in [(Detail::Totals, 0), (Detail::Rows, 2)] {
        let run = Path::of(&[(1, ALWAYS), (2, ALWAYS)]).run(Config { detail, ..config(2, 1000) });
        let cycles: Vec<_> = run
            .events
            .iter()
            .filter_map(|event| match event {
                Event::Cycle(cycle) => Some((cycle.cycle, cycle.hops.len())),
                _ => None,
            })
            .collect();
        assert_eq!(cycles, [(1, rows)], "{detail:?}");
    }
}

#[test]
fn one_probe_at_a_time_where_there_is_one_flow() {
    let mut config = config(2, 1000);
    config.path.window = Some(1);
    let run = Path::of(&[(50, ALWAYS), (50, NEVER), (50, ALWAYS)]).run(config);
    let apart = run.sent.windows(2).all(|pair| pair[1].1 - pair[0].1 >= ms(50));
    assert!(apart, "{:?}", run.sent);
    assert_eq!(run.report().hops.len(), 3);
}

#[test]
fn times_are_those_of_mtr() {
    let mut row = Row::default();
    for (n, rtt) in [10, 20, 60].into_iter().enumerate() {
        row.record(u32::try_from(n).unwrap(), &answer(ms(rtt)));
    }
    let times = row.tell(1, 0).times.unwrap();
    assert_eq!((times.last, times.best, times.avg, times.worst), (ms(60), ms(10), ms(30), ms(60)));
    assert_eq!(times.stdev.as_micros(), 26_457, "of a sample: sqrt(1400/2)");
    assert_eq!(times.gmean.as_micros(), 22_894, "cube root of 12000");
    assert_eq!((times.jitter, times.jitter_max), (ms(40), ms(40)));
    assert_eq!(times.jitter_avg.as_micros(), 16_666, "0, 10 and 40");
    assert_eq!(times.jitter_interarrival.as_micros(), 3_085, "10/16·15/16 + 40/16");
}

#[test]
fn addresses_are_bounded() {
    let mut row = Row::default();
    for n in 0..200 {
        let source = IpAddr::from([192, 0, 2, n]);
        row.record(n.into(), &crate::trace::Answer { source, ..answer(ms(1)) });
    }
    let hop = row.tell(1, 0);
    assert_eq!((hop.addresses.len(), hop.received), (8, 200), "all are counted");
}

fn answer(rtt: Duration) -> crate::trace::Answer {
    let after = Instant::ZERO + rtt;
    crate::trace::Answer {
        source: IpAddr::from([192, 0, 2, 1]),
        sample: crate::echo::Sample::of(Instant::ZERO, None, None, after),
        hop_limit: None,
        what: crate::trace::What::Reply,
        translated_to: None,
        extensions: Vec::new(),
    }
}

#[test]
fn nothing_is_sent_during_a_pause() {
    let (pause, resume) = (Instant::from_millis(2500), Instant::from_millis(9700));
    let controls = [(pause, Control::Pause), (resume, Control::Pause)];
    let mut path = Path::of(&[(5, ALWAYS), (10, ALWAYS)]);
    let run = path.run_steered(config(5, 1000), &controls);

    assert!(run.sent.iter().all(|(_, at)| *at <= pause || *at >= resume), "{:?}", run.sent);
    assert_eq!((run.report().cycles, run.snt()), (5, vec![5, 5]));
    let paused: Vec<_> = run.events.iter().filter(|it| is_paused(it)).collect();
    assert_eq!(paused.len(), 1, "told once: {paused:?}");
}

const fn is_paused(event: &Event) -> bool {
    matches!(event, Event::Cycle(Cycle { paused: true, .. }))
}

#[test]
fn stop_during_a_pause_is_the_end() {
    let [pause, stop] = [1500, 7000].map(Instant::from_millis);
    let controls = [(pause, Control::Pause), (stop, Control::Stop)];
    let run = Path::of(&[(5, ALWAYS)]).run_steered(config(5, 1000), &controls);

    assert_eq!((run.ended_at, run.snt()), (stop, vec![2]));
}

#[test]
fn reset_forgets_all_and_starts_over() {
    let lossy: Habit = |nth| nth > 3;
    let reset = Instant::from_millis(2500);
    let run = Path::of(&[(5, lossy), (10, ALWAYS)])
        .run_steered(config(4, 1000), &[(reset, Control::Reset)]);

    let report = run.report();
    assert_eq!((report.cycles, report.answered), (4, 8), "{report:?}");
    assert_eq!((run.snt(), run.losses()), (vec![4, 4], vec![0, 0]));
    assert!(report.elapsed < Duration::from_secs(4), "since the reset: {:?}", report.elapsed);
}

#[test]
fn answer_to_a_probe_before_the_reset_is_nobodys() {
    let reset = Instant::from_millis(50);
    let run = Path::of(&[(100, ALWAYS), (200, ALWAYS)])
        .run_steered(config(1, 1000), &[(reset, Control::Reset)]);

    let report = run.report();
    assert_eq!((run.snt(), report.answered), (vec![1, 1], 2), "{report:?}");
    assert_eq!(report.hops[0].times.map(|times| times.best), Some(Duration::from_millis(100)));
}
