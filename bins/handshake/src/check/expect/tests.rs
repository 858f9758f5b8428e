use std::time::Duration;

use super::super::fact::{Fact, Facts, Value};
use super::*;

fn facts() -> Facts {
    let mut facts = Facts::default();
    facts.flag(Fact::Open, true);
    facts.flag(Fact::Sack, true);
    facts.flag(Fact::Proxy, false);
    facts.time(Fact::Rtt, Duration::from_micros(31_200));
    facts.number(Fact::Mss, 1460_u16);
    facts.word(Fact::Close, "fin");
    facts.word(Fact::Verdict, "open");
    facts
}

fn failed(text: &str) -> Vec<String> {
    let expectation = Expectation::parse(text).unwrap();
    expectation.failures(&facts()).into_iter().map(|failure| failure.clause).collect()
}

#[track_caller]
fn complains(text: &str, at: usize, word: &str) {
    let complaint = Expectation::parse(text).unwrap_err();
    assert_eq!(complaint.at, at, "{complaint}");
    assert!(complaint.why.contains(word), "{complaint}");
    assert_eq!(complaint.to_string().lines().count(), 1, "{complaint}");
}

#[test]
fn what_holds_has_no_failures() {
    for text in [
        "open",
        "open && sack && !proxy && rtt<50ms && mss>=1400 && close==fin && verdict==open",
        "rtt<=31.2ms&&rtt>31199us&&rtt<0.05s",
        "!(proxy || !open)",
        "proxy || open && sack",
        "mss == 1460 && mss != 536 && close != rst",
        "( ( open ) )",
    ] {
        assert_eq!(failed(text), [""; 0], "{text}");
    }
}

#[test]
fn failed_clause_is_named_with_what_was_found() {
    let expectation = Expectation::parse("open && rtt<20ms && (close==rst || proxy)").unwrap();
    let failures = expectation.failures(&facts());
    let rtt = Value::Time(Duration::from_micros(31_200));
    let want = [
        Failure {
            clause: "rtt<20ms".to_owned(),
            found: vec![(Fact::Rtt, Some(rtt))],
            is_false: true,
        },
        Failure {
            clause: "(close==rst || proxy)".to_owned(),
            found: vec![
                (Fact::Close, Some(Value::Word("fin"))),
                (Fact::Proxy, Some(Value::Flag(false))),
            ],
            is_false: true,
        },
    ];
    assert_eq!(failures, want);
}

#[test]
fn what_was_not_measured_is_never_met() {
    for text in ["tfo", "!tfo", "wscale>=7", "wscale<7", "time_wait!=client", "proxy || tfo"] {
        assert_eq!(failed(text), [text]);
        let failures = Expectation::parse(text).unwrap().failures(&facts());
        assert!(!failures[0].is_false, "{text}");
    }
    assert_eq!(failed("open || tfo"), [""; 0], "which of them is true is known");
    assert_eq!(failed("!(proxy && tfo)"), [""; 0], "one is false, and so is both");
    let failures = Expectation::parse("!(open || tfo)").unwrap().failures(&facts());
    assert!(failures[0].is_false, "whatever fast open is");
}

#[test]
fn and_binds_closer_than_or() {
    assert_eq!(failed("open || proxy && tfo"), [""; 0]);
    assert_eq!(failed("(open || proxy) && tfo"), ["tfo"]);
}

#[test]
fn complaint_says_where() {
    complains("", 1, "a fact is missing");
    complains("opne", 1, "no fact is called opne");
    complains("open && ", 9, "a fact is missing");
    complains("open sack", 6, "'&&' or '||'");
    complains("open & sack", 6, "written twice");
    complains("mss=1460", 4, "'=='");
    complains("rtt<20", 5, "a time in us, ms or s");
    complains("rtt<20m", 5, "'20m'");
    complains("rtt<", 5, "missing");
    complains("rtt", 1, "compared with a time");
    complains("mss>20ms", 5, "a number");
    complains("sack==1", 5, "yes or no");
    complains("close==fine", 8, "fin rst none");
    complains("close<fin", 6, "'==' or '!='");
    complains("(open", 6, "')' is missing");
    complains("open)", 5, "'&&' or '||'");
    complains("é && open", 1, "no fact is called é");
    complains("open && 7", 9, "a fact");
    complains("open; reboot", 5, "';'");
    complains("mss>1.2.3", 5, "1.2.3");
    complains(&"mss>9".repeat(2000), 1, "4096");
}

#[test]
fn nesting_is_bounded() {
    let nested = |depth| format!("{}open{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Expectation::parse(&nested(31)).is_ok());
    complains(&nested(32), 33, "nested");
    complains(&format!("{}open", "!".repeat(2000)), 33, "nested");
}

#[test]
fn parser_is_total() {
    let parts = [
        "open", "rtt", "<", "==", "20ms", "1460", "(", ")", "!", "&&", "||", " ", "é", "=",
        "\u{1b}",
    ];
    let mut state = 7_u64;
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..(state >> 20) % 12 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            text.push_str(parts[usize::try_from((state >> 33) % 15).unwrap()]);
        }
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        if let Ok(expectation) = Expectation::parse(&text) {
            let _ = expectation.failures(&facts());
        }
    }
}

#[test]
fn fact_that_is_asked_for_twice_is_told_once() {
    let expectation = Expectation::parse("rtt<1us || !open || rtt>1s").unwrap();
    let failures = expectation.failures(&facts());
    let told: Vec<_> = failures[0].found.iter().map(|(fact, _)| *fact).collect();
    assert_eq!(told, [Fact::Rtt, Fact::Open]);
}
