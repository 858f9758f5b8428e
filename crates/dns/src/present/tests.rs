//! What dig wrote of the same octets: tests/fixtures/dns/README.md.

use super::*;
use crate::{Class, Message, Rdata, Record, RecordType};

const NOVEMBER_2026: u32 = 1_795_291_800;

const RECORDS: &str = include_str!("../../../../tests/fixtures/dns/records.txt");
const EDNS: &str = include_str!("../../../../tests/fixtures/dns/edns.txt");

/// One of dig's option words.
fn with(mut style: Style, word: &str) -> Style {
    match word {
        "multiline" => style.multiline = true,
        "nocrypto" => style.crypto = false,
        "split8" => style.split = Split::Every(8),
        "split15" => style.split = Split::Every(15),
        "nosplit" => style.split = Split::Never,
        "unknownformat" => style.unknown_format = true,
        "expandaaaa" => style.expand_aaaa = true,
        "rrcomments" => style.rr_comments = Some(true),
        "norrcomments" => style.rr_comments = Some(false),
        "ttlunits" => style.ttl_units = true,
        "nottlid" => style.ttl = false,
        "noclass" => style.class = false,
        "yaml" => style.yaml = true,
        "default" | "short" => {}
        _ => panic!("{word}"),
    }
    style
}

fn octets(hex: &str) -> Vec<u8> {
    data_encoding::HEXLOWER.decode(hex.trim_start_matches('-').as_bytes()).unwrap()
}

fn number(text: &str) -> u32 {
    text.parse().unwrap()
}

/// `\n`, `\t` and `\\` of the fixtures.
fn unescaped(text: &str) -> String {
    text.replace("\\\\", "\0").replace("\\n", "\n").replace("\\t", "\t").replace('\0', "\\")
}

/// A message of one answer.
fn message(owner: &[u8], ttl: u32, class: u32, kind: u32, data: &[u8]) -> Vec<u8> {
    let short = |number: u32| u16::try_from(number).unwrap().to_be_bytes();
    let length = u32::try_from(data.len()).unwrap();
    let head = b"\0\0\x84\0\0\0\0\x01\0\0\0\0";
    [&head[..], owner, &short(kind), &short(class), &ttl.to_be_bytes(), &short(length), data]
        .concat()
}

/// The words of a line, and the names and texts below it.
type Case<'f> = (Vec<&'f str>, Vec<(&'f str, String)>);

/// The parts of the fixtures that begin with a word: its line, and those below it as name and text.
fn cases(all: &str) -> Vec<Case<'_>> {
    let mut cases = Vec::new();
    for line in all.lines().filter(|line| !line.starts_with('#')) {
        match line.split_once('|') {
            Some((name, text)) => {
                let (_, texts): &mut (_, Vec<_>) = cases.last_mut().unwrap();
                texts.push((name, unescaped(text)));
            }
            None => {
                cases.push((line.split(' ').collect(), Vec::new()));
            }
        }
    }
    cases
}

#[test]
fn records_are_written_as_dig_writes_them() {
    let (mut count, mut wrong) = (0, Vec::new());
    for (words, texts) in cases(RECORDS) {
        let [word, owner, ttl, class, kind, data] = words[..] else { panic!("{words:?}") };
        let octets =
            message(&octets(owner), number(ttl), number(class), number(kind), &octets(data));
        let message = Message::parse(&octets).unwrap();
        let answer = &message.records[0];
        let why = texts.iter().find(|(name, _)| *name == "why").map(|(_, why)| why.as_str());
        if (word == "record") != why.is_none() || fault(answer) != why {
            wrong.push(format!("{kind} {class} {data} is {word} {texts:?}: {:?}", fault(answer)));
        }
        if why.is_some() {
            continue;
        }
        let each =
            texts.iter().flat_map(|(names, text)| names.split(',').map(move |name| (name, text)));
        for (name, expected) in each {
            let got = written(answer, name);
            count += 1;
            if got != *expected {
                wrong.push(format!("{kind} {data} {name}\n  dig: {expected:?}\n  we:  {got:?}"));
            }
        }
    }
    assert!(count > 8_000, "{count}");
    assert!(
        wrong.is_empty(),
        "{} of {count}:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(30)].join("\n")
    );
}

fn written(answer: &Record<'_>, name: &str) -> String {
    let style = name.split(' ').fold(Style { now: NOVEMBER_2026, ..Style::default() }, with);
    match name {
        "short" => rdata(answer.kind, answer.class, answer.rdata, &style),
        _ => record(answer, &style),
    }
}

#[test]
fn edns_is_written_as_dig_writes_it() {
    let cases = cases(EDNS);
    assert!(cases.len() > 90, "{}", cases.len());
    for (words, texts) in cases {
        let [word, size, ttl, data] = words[..] else { panic!("{words:?}") };
        let octets = message(&[0], number(ttl), number(size), 41, &octets(data));
        let message = Message::parse(&octets).unwrap();
        let opt = &message.records[0];
        let expected = |kind: &str| -> String {
            let lines = texts.iter().filter(|(name, _)| *name == kind);
            lines.map(|(_, text)| text.clone()).collect::<Vec<_>>().join("\n")
        };
        assert_eq!(edns_text(opt, CookieCheck::None).join("\n"), expected("text"), "{data}");
        let indented = |line: EdnsLine| match line.level {
            0 => line.text,
            level => format!("{}{}", "  ".repeat(3 + level), line.text),
        };
        let yaml: Vec<_> = edns_yaml(opt, CookieCheck::None).into_iter().map(indented).collect();
        assert_eq!(yaml.join("\n"), expected("yaml"), "{data}");
        assert!(word == "sent" || is_well_formed(opt.kind, opt.class, opt.rdata), "{data}");
    }
}

#[test]
fn cookies_are_judged() {
    let octets = message(&[0], 0, 1232, 41, b"\0\x0a\0\x08abcdefgh\0\x0a\0\x10abcdefghabcdefgh");
    let message = Message::parse(&octets).unwrap();
    let lines = |check| edns_text(&message.records[0], check)[1..].join("\n");
    let (short, long) =
        ("; COOKIE: 6162636465666768", "; COOKIE: 61626364656667686162636465666768");
    assert_eq!(lines(CookieCheck::Ours), format!("{short} (echoed)\n{long} (good)"));
    assert_eq!(lines(CookieCheck::NotOurs), format!("{short} (bad)\n{long} (bad)"));
}

#[test]
fn extended_error_cannot_steer_a_terminal() {
    let octets =
        message(&[0], 0, 1232, 41, "\0\u{f}\0\u{13}\0\u{6}é\u{1b}[1m\u{9b}2J\u{202e}x≤".as_bytes());
    let message = Message::parse(&octets).unwrap();
    assert_eq!(
        edns_text(&message.records[0], CookieCheck::None)[1],
        "; EDE: 6 (DNSSEC Bogus): (é.[1m..2J...x≤)"
    );
}

/// `q. MX 1 mail.q.`, its exchange compressed.
#[test]
fn names_in_data_are_expanded() {
    let octets = b"\0\0\x84\0\0\x01\0\x01\0\0\0\0\x01q\0\0\x0f\0\x01\
        \xc0\x0c\0\x0f\0\x01\0\0\0\x05\0\x09\0\x01\x04mail\xc0\x0c";
    let message = Message::parse(octets).unwrap();
    let answer = &message.records[0];
    assert_eq!(written(answer, "default"), "q.\t\t\t5\tIN\tMX\t1 mail.q.");
    let unknown = written(answer, "unknownformat");
    assert_eq!(unknown, "q.\t\t\t5\tCLASS1\tTYPE15\t\\# 10 0001046D61696C017100");
}

#[test]
fn questions_keep_dig_s_columns() {
    let octets = b"\0\0\x01\0\0\x01\0\0\0\0\0\0\x03www\x04good\x03lab\0\0\x01\0\x01";
    let message = Message::parse(octets).unwrap();
    let line = |name: &str| question(&message.questions[0], &with(Style::default(), name));
    assert_eq!(line("default"), "www.good.lab.\t\t\tIN\tA");
    assert_eq!(line("nottlid"), "www.good.lab.\t\tIN\tA");
    assert_eq!(line("multiline"), "www.good.lab.\t\tIN A");
    assert_eq!(line("unknownformat"), "www.good.lab.\t\t\tCLASS1\tTYPE1");
    assert_eq!(line("yaml"), "'www.good.lab. IN A'");
}

#[test]
fn empty_data_of_an_update_is_no_text() {
    assert_eq!(rdata(RecordType::A, Class::ANY, Rdata::alone(b""), &Style::default()), "");
    assert!(is_well_formed(RecordType::MX, Class::NONE, Rdata::alone(b"")));
    assert!(!is_well_formed(RecordType::MX, Class::IN, Rdata::alone(b"")));
}

/// Xorshift (Marsaglia, 2003), seeded.
struct Random(u64);

impl Random {
    fn octet(&mut self) -> u8 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.to_be_bytes()[0]
    }

    /// Small numbers more often than others: they are lengths, and counts.
    fn octets(&mut self, length: usize) -> Vec<u8> {
        let octet = |random: &mut Self| match random.octet() {
            0..128 => random.octet() % 40,
            _ => random.octet(),
        };
        (0..length).map(|_| octet(self)).collect()
    }
}

#[test]
fn whatever_comes_is_printable_and_bounded() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let styles = ["default", "multiline", "yaml", "nocrypto rrcomments", "multiline unknownformat"];
    let kinds: Vec<u16> =
        (0..=300).chain(32_768..=32_770).chain([65_281, 65_533, 65_535]).collect();
    for (turn, kind) in kinds.iter().copied().cycle().take(kinds.len() * 12).enumerate() {
        let data = random.octets(turn * 7 % 301);
        let class = Class([1, 1, 1, 3, 4, 255][turn % 6]);
        for name in styles {
            let style = name.split(' ').fold(Style::default(), with);
            let text = rdata(RecordType(kind), class, Rdata::alone(&data), &style);
            assert!(
                text.bytes().all(|octet| matches!(octet, 0x20..=0x7e | b'\n' | b'\t')),
                "{text:?}"
            );
            assert!(style.multiline || !text.contains(['\n', '\t']), "{text:?}");
            // A bit of WKS is a number of five digits.
            assert!(text.len() <= 100 + 80 * data.len(), "{kind} {} {}", data.len(), text.len());
        }
    }
}

#[test]
fn bitmaps_of_hostile_windows_are_unknown_data() {
    let bitmaps: [&[u8]; 7] = [
        b"",
        b"\0\0",
        b"\0\x01\0",
        b"\0\x21\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x01\x01\x40\0\x01\x40",
        b"\0\x01\x40\0\x01\x40",
        b"\xff\xff\x01",
    ];
    for bitmap in bitmaps {
        let data = [b"\0", bitmap].concat();
        let text = rdata(RecordType::NSEC, Class::IN, Rdata::alone(&data), &Style::default());
        assert!(text.starts_with("\\# "), "{text}");
        assert!(!is_well_formed(RecordType::NSEC, Class::IN, Rdata::alone(&data)), "{bitmap:?}");
    }
}

#[test]
fn times_are_those_near_to_now() {
    assert_eq!(time(951_782_400, NOVEMBER_2026), "20000229000000");
    assert_eq!(time(u32::MAX, NOVEMBER_2026), "19691231235959");
    assert_eq!(time(0, 4_200_000_000), "21060207062816");
}

#[test]
fn times_to_live_have_units() {
    assert_eq!(
        [0, 59, 5_400, 694_861].map(|seconds| ttl(seconds, true)),
        ["0s", "59s", "1h30m", "1w1d1h1m1s"]
    );
    assert_eq!(ttl_in_words(694_860), "1 week 1 day 1 hour 1 minute");
}
