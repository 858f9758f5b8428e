//! What dig wrote of the same octets: tests/fixtures/dns/README.md.

use super::*;
use crate::Message;

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

/// The parts of the fixtures that begin with a word: its line, and those below it as name and text.
fn cases<'f>(all: &'f str) -> Vec<(Vec<&'f str>, Vec<(&'f str, String)>)> {
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
    let records =
        std::env::var("FUZZ").map_or(RECORDS.to_owned(), |p| std::fs::read_to_string(p).unwrap());
    let (mut count, mut wrong) = (0, Vec::new());
    for (words, texts) in cases(&records) {
        let [word, owner, ttl, class, kind, data] = words[..] else { panic!("{words:?}") };
        let octets =
            message(&octets(owner), number(ttl), number(class), number(kind), &octets(data));
        let message = Message::parse(&octets).unwrap();
        let answer = &message.records[0];
        if is_well_formed(answer.kind, answer.class, answer.rdata) != (word == "record") {
            wrong.push(format!("{kind} {class} {data} is {word} {texts:?}"));
        }
        for (name, expected) in
            texts.iter().flat_map(|(names, text)| names.split(',').map(move |name| (name, text)))
        {
            let style =
                name.split(' ').fold(Style { now: 1_795_291_800, ..Style::default() }, with);
            let got = match name {
                "short" => rdata(answer.kind, answer.class, answer.rdata, &style),
                _ => record(answer, &style),
            };
            count += 1;
            if got != *expected {
                wrong.push(format!("{kind} {data} {name}\n  dig: {expected:?}\n  we:  {got:?}"));
            }
        }
    }
    assert!(count > 7_000 || std::env::var("FUZZ").is_ok(), "{count}");
    assert!(
        wrong.is_empty(),
        "{} of {count}:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(30)].join("\n")
    );
}

#[test]
fn edns_is_written_as_dig_writes_it() {
    let cases = cases(EDNS);
    assert!(cases.len() > 70);
    for (words, texts) in cases {
        let ["opt", size, ttl, data] = words[..] else { panic!("{words:?}") };
        let octets = message(&[0], number(ttl), number(size), 41, &octets(data));
        let message = Message::parse(&octets).unwrap();
        let opt = &message.records[0];
        let expected = |kind: &str| -> Vec<_> {
            texts.iter().filter(|(name, _)| *name == kind).map(|(_, text)| text.clone()).collect()
        };
        assert_eq!(edns_text(opt, CookieCheck::None), expected("text"), "{data}");
        let indented = |line: EdnsLine| format!("{}{}", "  ".repeat(3 + line.level), line.text);
        let yaml: Vec<_> = edns_yaml(opt, CookieCheck::None).into_iter().map(indented).collect();
        assert_eq!(yaml, expected("yaml"), "{data}");
        assert!(is_well_formed(opt.kind, opt.class, opt.rdata), "{data}");
    }
}
