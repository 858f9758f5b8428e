//! What dig 9.18.49 printed of the same messages, compared to the octet. `tests/fixtures/dns/text` has for each
//! message its octets, and for each command line what came of it; numbers and times that are never the same are
//! masked.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use wireline_dns::lookup::{Answer, Event, Exchanged, Notice, Received, Server, Transfer};
use wireline_dns::{Header, Message, RecordType, Transport};

use crate::greeting::Greeting;
use crate::layout::Layout;
use crate::options::{Globals, Options, RrComments, Split};
use crate::printer::Printer;

/// One command line and what came of it.
struct Case {
    words: Vec<String>,
    expected: String,
}

fn fixtures() -> Vec<PathBuf> {
    let of_this_crate = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/dns/text");
    let folder = std::env::var("DIG_TEXT_FIXTURES").unwrap_or_else(|_| of_this_crate.to_owned());
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn read(file: &Path) -> (Vec<u8>, Vec<Case>) {
    let text = String::from_utf8_lossy(&fs::read(file).unwrap()).into_owned();
    let (message, cases) = text.split_once('\n').unwrap();
    let hex = message.strip_prefix("; message: ").unwrap();
    let octets = data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap();
    let cases = format!("\n{cases}");
    let cases = cases.split("\n$ ").skip(1).map(|case| {
        let (words, expected) = case.split_once('\n').unwrap_or((case, ""));
        let words = words.split(' ').map(str::to_owned).collect();
        Case { words, expected: expected.to_owned() }
    });
    (octets, cases.collect())
}

fn options(words: &[String]) -> Options {
    let mut options = Options::default();
    for word in words {
        if word == "AXFR" {
            options.kind = RecordType::AXFR;
            (options.show.comments, options.show.question) = (false, false);
        }
    }
    for word in words {
        if word == "-u" {
            options.show.microseconds = true;
        }
        let Some(word) = word.strip_prefix('+') else { continue };
        let on = !word.starts_with("no");
        let show = &mut options.show;
        match word.trim_start_matches("no") {
            "short" => {
                show.short = true;
                (show.additional, show.authority, show.question) = (false, false, false);
                (show.answer, show.comments, show.stats) = (true, false, false);
                show.rr_comments = RrComments::Never;
            }
            "yaml" => {
                show.yaml = true;
                show.stats = false;
                show.rr_comments = RrComments::Never;
            }
            "multiline" => show.multiline = on,
            "all" => {
                (show.answer, show.additional, show.authority) = (on, on, on);
                (show.question, show.comments, show.stats) = (on, on, on);
            }
            "answer" => show.answer = on,
            "comments" => show.comments = on,
            "question" => show.question = on,
            "additional" => show.additional = on,
            "authority" => show.authority = on,
            "stats" => show.stats = on,
            "rrcomments" => {
                show.rr_comments = if on { RrComments::Always } else { RrComments::Never };
            }
            "crypto" => show.crypto = on,
            "ttlid" => show.ttl = on,
            "class" => show.class = on,
            "ttlunits" => show.ttl_units = on,
            "split" => show.split = Split::Never,
            "split=8" => show.split = Split::Every(8),
            "unknownformat" => show.unknown_format = on,
            "expandaaaa" => show.expand_aaaa = on,
            "identify" => show.identify = on,
            "onesoa" => show.one_soa = on,
            "dnssec" => options.edns.dnssec = on,
            "edns" => options.edns.chosen = None,
            "dns64prefix" => options.dns64prefix = on,
            _ => {}
        }
    }
    options
}

fn server() -> Server {
    Server { address: SocketAddr::from(([127, 0, 0, 1], 5300)), name: "127.0.0.1".to_owned() }
}

fn events(octets: &[u8], options: &Options, expected: &str) -> Vec<Event> {
    let bad = expected.lines().find_map(|line| line.strip_prefix(";; Got bad packet: "));
    if let Some(why) = bad {
        let why = why.to_owned().leak();
        return vec![Event::Notice(Notice::BadPacket { octets: octets.to_vec(), why })];
    }
    let is_malformed = expected.contains("Message parser reports malformed message packet");
    let message = Exchanged {
        octets: octets.to_vec(),
        server: server(),
        local: None,
        transport: Transport::Tcp,
        sent: Duration::ZERO,
        received: Some(Duration::ZERO),
    };
    let is_transfer = options.kind == RecordType::AXFR;
    let answer = Answer {
        message,
        took: Duration::ZERO,
        signature: None,
        transfer: is_transfer.then(Transfer::default),
        cookie: None,
        is_malformed,
    };
    let records = Message::parse(octets).map_or(0, |message| message.header.counts[1]);
    let sums = Transfer { messages: 1, records: records.into(), octets: octets.len() as u64 };
    let received = Received {
        server: server(),
        transport: Transport::Tcp,
        took: Duration::ZERO,
        at: Duration::ZERO,
        octets: octets.len(),
        transfer: is_transfer.then_some(sums),
        signature: None,
    };
    let mut events = vec![Event::Answer(Box::new(answer)), Event::Received(received)];
    if is_malformed {
        events.insert(0, Event::Notice(Notice::Malformed));
    }
    if expected.contains("; Transfer failed.") {
        let how = if expected.contains("Didn't start") {
            Notice::TransferWithoutSoa
        } else {
            Notice::TransferFailed
        };
        *events.last_mut().unwrap() = Event::Notice(how);
    }
    events
}

fn printed(octets: &[u8], case: &Case) -> String {
    let (words, options) = (&case.words, options(&case.words));
    let globals = Globals::default();
    let greets =
        !words.iter().any(|word| ["+short", "+nocmd", "+yaml", "+noall"].contains(&word.as_str()));
    let greeting = Greeting { words: words.clone(), is_first: true, server: None, short: false };
    let greeting = greets.then(|| greeting.text("VERSION", 1));
    let mut out = Vec::new();
    let mut printer = Printer::new(&mut out);
    printer.begin(Duration::ZERO, Layout::new(&options, &globals), greeting.as_deref()).unwrap();
    for event in events(octets, &options, &case.expected) {
        printer.event(Duration::ZERO, &event).unwrap();
    }
    drop(printer);
    masked(&String::from_utf8(out).unwrap(), octets)
}

/// With the ID, the times and the client's address as in the fixtures.
fn masked(text: &str, octets: &[u8]) -> String {
    let id = Header::parse(octets).map_or(0, |header| header.id);
    let mut masked = String::new();
    for line in text.split_inclusive('\n') {
        let line = line.replace(&format!("id: {id}"), "id: ID");
        let end = if line.ends_with('\n') { "\n" } else { "" };
        let keep = |upto: &str| line.split_inclusive(upto).next().unwrap_or_default().to_owned();
        match () {
            () if line.starts_with(";; WHEN: ") => masked.push_str(&format!(";; WHEN: NOW{end}")),
            () if line.contains("!!timestamp ") => {
                masked.push_str(&format!("{}NOW{end}", keep("!!timestamp ")));
            }
            () => masked.push_str(&line),
        }
    }
    masked
}

#[test]
fn text_is_that_of_dig_octet_for_octet() {
    let (mut failed, mut compared) = (Vec::new(), 0);
    for file in fixtures() {
        let (octets, cases) = read(&file);
        for case in cases {
            compared += 1;
            // The ID of what dig got was its own; the dump has it.
            let ours = printed(&octets, &case);
            let theirs = case.expected.trim_end_matches('\n');
            if ours.trim_end_matches('\n') != theirs {
                let name = file.file_stem().unwrap().to_string_lossy().into_owned();
                failed.push(format!(
                    "== {name} {}\n-- dig\n{theirs}\n-- ours\n{ours}",
                    case.words.join(" ")
                ));
            }
        }
    }
    assert!(compared > 100, "{compared} compared");
    if let Ok(file) = std::env::var("DIG_TEXT_FAILED") {
        fs::write(file, failed.join("\n")).unwrap();
    }
    assert!(
        failed.is_empty(),
        "{} of {compared}:\n{}",
        failed.len(),
        failed[..failed.len().min(3)].join("\n")
    );
}
