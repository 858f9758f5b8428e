use super::*;

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn down(received: u64, to_receive: Option<u64>) -> Progress {
    Progress { received, to_receive, ..Progress::default() }
}

#[test]
fn a_slow_download_looks_as_with_curl() {
    // Captured of curl 8.14.1: five octets, one a second.
    let mut meter = Meter::default();
    let first = meter.tick(ms(0), &Progress::default()).unwrap();
    let nothing =
        "\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0";
    assert_eq!(first, format!("{HEADER}{nothing}"));
    let lines = [
        (1001, 1, " 20     5    0     1    0     0      0      0 --:--:--  0:00:01 --:--:--     0"),
        (2002, 3, " 60     5   60     3    0     0      1      0  0:00:05  0:00:02  0:00:03     1"),
        (3003, 3, " 60     5    0     3    0     0      0      0 --:--:--  0:00:03 --:--:--     0"),
    ];
    for (at, received, text) in lines {
        let line = meter.tick(ms(at), &down(received, Some(5))).unwrap();
        assert_eq!(line, format!("\r{text}"), "at {at} ms");
    }
    assert_eq!(meter.tick(ms(3500), &down(4, Some(5))), None, "one line a second");
    let last = "\r100     5  100     5    0     0      1      0  0:00:05  0:00:04  0:00:01     1\n";
    assert_eq!(meter.finish(ms(4010), &down(5, Some(5))), last);
}

#[test]
fn a_short_download_has_two_lines() {
    let mut meter = Meter::default();
    let _ = meter.tick(ms(0), &Progress::default());
    let last = "\r100    15  100    15    0     0   7500      0 --:--:-- --:--:-- --:--:--  7500\n";
    assert_eq!(meter.finish(ms(2), &down(15, Some(15))), last);
}

#[test]
fn of_an_unknown_length_all_that_came_is_all() {
    let mut meter = Meter::default();
    let _ = meter.tick(ms(0), &Progress::default());
    let last = "\r100    40    0    40    0     0  20000      0 --:--:-- --:--:-- --:--:-- 20000\n";
    assert_eq!(meter.finish(ms(2), &down(40, None)), last);
}

#[test]
fn a_retry_begins_at_zero_without_a_second_header() {
    let mut meter = Meter::default();
    let _ = meter.tick(ms(0), &Progress::default());
    meter.restart(ms(1500));
    let line = meter.tick(ms(1500), &Progress::default()).unwrap();
    assert!(line.starts_with("\r  0     0") && line.contains("--:--:-- --:--:--"), "{line}");
}

#[test]
fn sizes_have_five_characters_and_times_eight() {
    let sizes = [
        (99_999, "99999"),
        (100_000, "  97k"),
        (8_447_000, "8249k"),
        (10_240_000, " 9.7M"),
        (50_226_790, "47.9M"),
        (104_857_600, " 100M"),
        (1 << 34, "16.0G"),
        (1 << 44, "  16T"),
        (u64::MAX, "16383P"),
    ];
    for (octets, text) in sizes {
        assert_eq!(size(octets), text);
    }
    let times = [(0, "--:--:--"), (59, " 0:00:59"), (3661, " 1:01:01"), (400_000, "  4d 15h")];
    for (seconds, text) in times {
        assert_eq!(clock(seconds), text);
    }
    assert_eq!(clock(999 * 86_400), "999d 00h");
    assert_eq!(clock(1000 * 86_400), "   1000d");
}

#[test]
fn the_bar_is_curls() {
    let mut bar = Bar::new(None);
    assert_eq!(bar.tick(ms(0), &Progress::default(), 0), None);
    let third = format!("\r{:72}  33.3%", "#".repeat(24));
    assert_eq!(bar.tick(ms(1), &down(1, Some(3)), 0), Some(third));
    assert_eq!(bar.tick(ms(2), &down(2, Some(3)), 0), None, "ten times a second at the most");
    let all = format!("\r{} 100.0%", "#".repeat(72));
    assert_eq!(bar.tick(ms(3), &down(3, Some(3)), 0), Some(all), "the end is always drawn");
    let narrow = Bar::new(Some(60)).tick(ms(0), &down(1, Some(1)), 9).unwrap();
    assert_eq!(narrow, format!("\r{} 100.0%", "#".repeat(53)));
}

#[test]
fn without_a_length_something_flies_within_the_line() {
    let mut bar = Bar::new(Some(30));
    for n in 1..100 {
        let line = bar.tick(ms(100 * n), &down(n, None), 0).unwrap();
        assert_eq!(line.trim(), "-=O=-");
        assert_eq!(line.chars().count(), 24, "{line:?}");
    }
}

#[test]
fn many_transfers_have_one_line() {
    let mut many = Many::default();
    many.begin(0);
    many.begin(1);
    many.set(0, down(5, Some(10)));
    many.set(1, down(5, Some(30)));
    let first = many.tick(ms(0)).unwrap();
    let curls = "\r--  --      0     0     2     2  --:--:-- --:--:-- --:--:--     0      ";
    let lines = first.split_once('\n').map(|(_, lines)| lines).unwrap_or_default();
    assert!(lines.starts_with(curls), "{lines:?}");
    assert!(
        lines
            .ends_with("\r25  --     10     0     2     2  --:--:-- --:--:-- --:--:-- 10000      "),
        "{lines:?}"
    );
    many.set(0, down(10, Some(10)));
    many.set(1, down(10, Some(30)));
    many.end();
    assert_eq!(many.tick(ms(100)), None);
    let line = many.tick(ms(1000)).unwrap();
    let curls = "\r50  --     20     0     2     1   0:00:02  0:00:01  0:00:01    20      ";
    assert_eq!(line, curls);
    many.set(1, down(10, None));
    assert!(many.finish(ms(1000)).starts_with("\r--  "), "one of unknown length makes the sum so");
}
