//! Flags that say which probes there are, and when.

use std::time::{Duration, Instant};

use wireline_lab::{Lab, Path, Probe, ms};

use crate::common::{Way, before, each_family, short, trace};

/// From the arrival of each probe to that of the next.
fn gaps(probes: &[Probe]) -> Vec<Duration> {
    let gap = |pair: &[Probe]| Duration::from_nanos(pair[1].arrived_ns - pair[0].arrived_ns);
    probes.windows(2).map(gap).collect()
}

#[test]
fn first_and_last_hop_are_those_asked_for() {
    each_family(&short(9), "-n -f 3 -m 5", |way, run| {
        assert!(run.out.contains(", 5 hops max, "), "{}", run.out);
        run.says_hops(&[&way.line(3), &way.line(4), &way.line(5)]);
    });
}

#[test]
fn hops_may_have_one_probe_or_ten() {
    each_family(&short(2), "-n -q 1", |way, run| {
        run.says_hops(&[
            &format!(" 1  {}  T ms", way.router(1)),
            &format!(" 2  {}  T ms", way.target()),
        ]);
    });
    each_family(&short(2), "-n -q 10 -N 16", |way, run| {
        let times = "  T ms".repeat(10);
        run.says_hops(&[
            &format!(" 1  {}{times}", way.router(1)),
            &format!(" 2  {}{times}", way.target()),
        ]);
    });
}

#[test]
fn ten_probes_do_not_run_a_router_dry_that_answers_six_and_then_one_a_second() {
    let path = short(3).hops([1, 2], |hop| hop.limit(6, ms(900)));
    each_family(&path, "-n -q 8", |way, run| {
        let times = "  T ms".repeat(8);
        run.says_hops(&[
            &format!(" 1  {}{times}", way.router(1)),
            &format!(" 2  {}{times}", way.router(2)),
            &format!(" 3  {}{times}", way.target()),
        ]);
    });
}

#[test]
fn one_at_a_time_waits_for_each_answer() {
    let lab = Lab::new();
    let (host, path) = before(&lab, &Path::new(3).delay(ms(10)));
    trace(&host, "-n -N 1 203.0.113.9").quiet_exit(0);
    let probes = path.stop();
    let hops: Vec<_> = probes.iter().map(|probe| probe.ttl).collect();
    assert_eq!(hops, [1, 1, 1, 2, 2, 2, 3, 3, 3], "nothing behind the target");
    for pair in probes.windows(2) {
        let answered = pair[0].answers[0].left_ns;
        assert!(pair[1].arrived_ns >= answered, "{pair:?}");
    }
}

#[test]
fn told_number_of_probes_is_under_way() {
    let lab = Lab::new();
    let (host, path) = before(&lab, &Path::new(9).delay(ms(60)));
    trace(&host, "-n -N 6 -m 6 203.0.113.9").quiet_exit(0);
    let probes = path.stop();
    let first_answer = probes.iter().map(|probe| probe.answers[0].left_ns).min().unwrap();
    let early = probes.iter().filter(|probe| probe.arrived_ns < first_answer).count();
    assert_eq!(early, 6);
}

#[test]
fn send_wait_is_kept_between_all_probes() {
    for wait in ["0.05", "50"] {
        let lab = Lab::new();
        let (host, path) = before(&lab, &short(3));
        trace(&host, &format!("-n -z {wait} -m 3 203.0.113.9")).quiet_exit(0);
        let gaps = gaps(&path.stop());
        assert_eq!(gaps.len(), 8);
        assert!(gaps.iter().all(|gap| *gap > ms(35)), "{wait}: {gaps:?}");
    }
}

#[test]
fn told_wait_is_the_time_that_a_silent_hop_costs() {
    for (wait, least) in [("1", 1000), ("0.3", 300), ("0.2,3,10", 200), ("2,3,0", 2000)] {
        let lab = Lab::new();
        let (host, _path) = before(&lab, &short(3).dead_after(1));
        let start = Instant::now();
        let run = trace(&host, &format!("-n -m 2 -N 16 -w {wait} 203.0.113.9"));
        run.says_hops(&[&Way::ALL[0].line(1), " 2  * * *"]);
        assert!(start.elapsed() >= ms(least), "{wait}: {:?}", start.elapsed());
        assert!(start.elapsed() < ms(least + 10_000), "{wait}: {:?}", start.elapsed());
    }
}

#[test]
fn separators_of_waits_may_be_any() {
    let lab = Lab::new();
    let (host, _path) = before(&lab, &short(1));
    for wait in ["5,3,10", "5/3/10", "5:3:10", ".5", "1e1", "inf", "nan", "0x0", "100000"] {
        let run = trace(&host, &format!("-n -w {wait} 203.0.113.9"));
        let is_hexadecimal = wait == "0x0";
        assert!(run.code == Some(0) || is_hexadecimal, "{wait}: {run:?}");
    }
}

#[test]
fn answer_within_the_told_wait_is_shown_however_late() {
    let path = short(3).hop(1, |hop| hop.late(1, ms(900)));
    each_family(&path, "-n -N 16 -w 8", |way, run| {
        assert_eq!(run.hops(), [way.line(1), way.line(2), way.last_line(3)]);
        let slowest = run.times(1).into_iter().fold(0.0, f64::max);
        assert!((900.0..8000.0).contains(&slowest), "{slowest}");
    });
}

#[test]
fn dead_end_does_not_cost_half_a_minute() {
    let lab = Lab::new();
    let (host, _path) = before(&lab, &Path::new(20).dead_after(3));
    let start = Instant::now();
    trace(&host, "-n 203.0.113.9").quiet_exit(0);
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

#[test]
fn long_path_does_not_cost_a_second_a_hop() {
    let lab = Lab::new();
    let (host, _path) = before(&lab, &Path::new(20).silent_evens());
    let start = Instant::now();
    let run = trace(&host, "-n 203.0.113.9");
    assert_eq!(run.hops().len(), 20);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}
