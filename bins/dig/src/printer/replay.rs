//! What dig 9.18.49 printed of the same messages, compared to the octet. `tests/fixtures/dns/text` has for each
//! message its octets, and for each command line what came of it; numbers and times that are never the same are
//! masked.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use wireline_dns::lookup::{Answer, Event, Exchanged, Notice, Received, Server, Transfer};
use wireline_dns::{Header, Message, RecordType, Transport, present};

use crate::grammar::{self, Surroundings};
use crate::layout::Layout;
use crate::options::{CommandLine, Options};
use crate::printer::Printer;

const MALFORMED: &str = "Message parser reports malformed message packet";

/// What dig makes of a message.
#[derive(Clone, Copy)]
enum Quality {
    Good,
    /// A part of it can be read.
    Malformed,
    /// It cannot be read: why.
    Bad(&'static str),
}

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
    // Each ends where the next begins: the end of its last line is its own.
    let cases = cases.strip_suffix('\n').unwrap_or(&cases).split("\n$ ").skip(1).map(|case| {
        let (words, expected) = case.split_once('\n').unwrap_or((case, ""));
        let end = if case.contains('\n') { "\n" } else { "" };
        let words = words.split(' ').map(str::to_owned).collect();
        Case { words, expected: format!("{expected}{end}") }
    });
    (octets, cases.collect())
}

fn command_line(words: &[String]) -> CommandLine {
    let words: Vec<_> = words.iter().map(Into::into).collect();
    grammar::read(&words, &Surroundings::default()).unwrap_or_else(|_| panic!("{words:?}"))
}

fn server() -> Server {
    Server { address: SocketAddr::from(([127, 0, 0, 1], 5300)), name: "127.0.0.1".to_owned() }
}

fn events(octets: &[u8], options: &Options, expected: &str, quality: Quality) -> Vec<Event> {
    if let Quality::Bad(why) = quality {
        return vec![Event::Notice(Notice::BadPacket { octets: octets.to_vec(), why })];
    }
    let is_malformed = matches!(quality, Quality::Malformed);
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
        is_interim: false,
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

fn printed(octets: &[u8], case: &Case, quality: Quality) -> String {
    let line = command_line(&case.words);
    let query = line.queries.first().unwrap();
    let greeting = query.greeting.as_ref().map(|greeting| greeting.text("VERSION", 1));
    let mut out = Vec::new();
    let mut printer = Printer::new(&mut out);
    printer.begin(Duration::ZERO, Layout::new(query, &line.globals), greeting.as_deref()).unwrap();
    for event in events(octets, &query.options, &case.expected, quality) {
        printer.event(Duration::ZERO, &event).unwrap();
    }
    drop(printer);
    masked(&String::from_utf8(out).unwrap(), octets)
}

/// With the ID, the times and the client's address as in the fixtures.
fn masked(text: &str, octets: &[u8]) -> String {
    let id = Header::parse(octets).map_or(0, |header| header.id);
    let mask = |line: &str| {
        let line = line.replace(&format!("id: {id}"), "id: ID");
        let time = ["WHEN: ", "!!timestamp "].into_iter().find_map(|name| {
            let (before, after) = line.split_once(name)?;
            let end = if after.ends_with('\n') { "\n" } else { "" };
            Some(format!("{before}{name}NOW{end}"))
        });
        time.unwrap_or(line)
    };
    text.split_inclusive('\n').map(mask).collect()
}

#[test]
fn text_is_that_of_dig_octet_for_octet() {
    let (mut failed, mut compared) = (Vec::new(), 0);
    for file in fixtures() {
        let (octets, cases) = read(&file);
        // In YAML dig does not tell of these.
        let all: String = cases.iter().map(|case| case.expected.as_str()).collect();
        let bad = all.lines().find_map(|line| line.strip_prefix(";; Got bad packet: "));
        let quality = match bad {
            Some(why) => Quality::Bad(why.to_owned().leak()),
            None if all.contains(MALFORMED) => Quality::Malformed,
            None => Quality::Good,
        };
        for case in cases {
            compared += 1;
            // The ID of what dig got was its own; the dump has it.
            let ours = printed(&octets, &case, quality);
            let theirs = &case.expected;
            let is_same = if has_odd_data(&octets) && bad.is_none() {
                // Row 37: ours has what dig leaves out, and all that dig has.
                has_lines(&ours, theirs) && (ours.contains("\\# ") || !theirs.contains("\tA\t"))
            } else {
                ours == *theirs
            };
            if !is_same {
                let name = file.file_stem().unwrap().to_string_lossy().into_owned();
                failed.push(format!(
                    "== {name} {}\n-- dig\n{theirs}\n-- ours\n{ours}",
                    case.words.join(" ")
                ));
            }
        }
    }
    assert!(compared > 600, "{compared} compared");
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

fn has_odd_data(octets: &[u8]) -> bool {
    let message = Message::parse(octets);
    message.is_some_and(|message| message.records.iter().any(|it| present::fault(it).is_some()))
}

/// Whether all lines of dig's are among ours in their order, but for that on octets it has not read.
fn has_lines(ours: &str, theirs: &str) -> bool {
    let mut ours = ours.lines();
    let mut theirs = theirs.lines().filter(|line| !line.contains(" extra bytes at end"));
    theirs.all(|line| ours.any(|there| there == line))
}

/// Other octets at one place, or fewer of them: what a stranger may send.
fn damaged(octets: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let places = (0..octets.len()).step_by(1 + octets.len() / 6);
    places.flat_map(move |place| {
        let mut other = octets.to_vec();
        other[place] = other[place].wrapping_mul(251).wrapping_add(27);
        [other, octets[..place].to_vec()]
    })
}

#[test]
fn damaged_messages_are_told_without_a_control_character() {
    let layouts =
        ["+qr", "+multiline", "+yaml", "+short", "+unknownformat", "--json", "+dns64prefix"];
    let lines = layouts.map(|word| command_line(&[word.to_owned(), "a".to_owned()]));
    let is_raw = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    let mut printed = 0;
    for file in fixtures() {
        let (octets, _) = read(&file);
        for message in damaged(&octets) {
            for line in &lines {
                let query = line.queries.first().unwrap();
                let mut out = Vec::new();
                let mut told = Printer::new(&mut out);
                told.begin(Duration::ZERO, Layout::new(query, &line.globals), None).unwrap();
                for event in events(&message, &query.options, "", Quality::Malformed) {
                    told.event(Duration::ZERO, &event).unwrap();
                }
                let text = String::from_utf8(out).unwrap();
                assert!(!text.contains(is_raw), "{message:?}\n{text:?}");
                printed += text.len();
            }
        }
    }
    assert!(printed > 0);
}
