//! The JSON of every event, octet for octet, and its description. A line that changes here changes for
//! everybody who reads it: additions are free, renames are not. `BLESS=1` rewrites the samples.

#![expect(clippy::unwrap_used, reason = "a test")]

mod samples;

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use wireline_arp_scan::watch::event::Event as Watched;
use wireline_cli::{JsonLines, Render as _, Streams};
use wireline_contract::{is_up_to_date, root};
use wireline_dig::compare::event::Event as Compared;
use wireline_dig::event::Event as Told;
use wireline_dig::explain::event::Event as Step;
use wireline_dig::validate::event::Event as Validated;
use wireline_engine::tcp::scan::Event as Scanned;
use wireline_fetch::json::{Event as Fetched, Line as FetchLine};
use wireline_fetch::lines::Line as Reported;
use wireline_fetch::measure::compare::Event as Way;
use wireline_fetch::measure::runs::Event as Ran;
use wireline_handshake::check::Told as Checked;
use wireline_handshake::lab::Listed;
use wireline_handshake::ladder::Event as Drawn;
use wireline_handshake::read::Told as Captured;
use wireline_handshake::show::Told as Reached;
use wireline_handshake::watch::Told as Overseen;
use wireline_netstat::event::Event as Table;

const SCENARIO: Listed =
    Listed::Scenario { name: "three-way", about: "SYN, SYN-ACK, ACK: how a connection opens" };

/// The tools that write JSON.
const TOOLS: [&str; 7] = ["arp-scan", "dig", "fetch", "handshake", "netstat", "ping", "traceroute"];

#[test]
fn samples_are_up_to_date() {
    let is_stale = |tool: &&str| {
        let lines = lines().into_iter().filter(|sample| sample.tool == *tool);
        let text: String = lines.map(|sample| sample.line).collect();
        !is_up_to_date(&format!("tests/contract/json/{tool}.jsonl"), text.as_bytes()).unwrap()
    };
    let stale: Vec<_> = TOOLS.into_iter().filter(is_stale).collect();
    assert!(
        stale.is_empty(),
        "{stale:?}: if the change is meant, run `BLESS=1 cargo test -p wireline-contract --test json`"
    );
}

#[test]
fn every_event_has_a_sample() {
    let echo: BTreeSet<_> = samples::one_target().iter().map(samples::name_of_one).collect();
    assert_eq!(echo, BTreeSet::from(samples::EVENTS_OF_ONE));
    let sweep: BTreeSet<_> = samples::many_targets().iter().map(samples::name_of_many).collect();
    assert_eq!(sweep, BTreeSet::from(samples::EVENTS_OF_MANY));
    let path: BTreeSet<_> = samples::path().iter().map(samples::name_of_path).collect();
    assert_eq!(path, BTreeSet::from(samples::EVENTS_OF_PATH));
    let cycles: BTreeSet<_> = samples::cycles().iter().map(samples::name_of_cycles).collect();
    assert_eq!(cycles, BTreeSet::from(samples::EVENTS_OF_CYCLES));
    let paths: BTreeSet<_> = samples::paths().iter().map(samples::name_of_paths).collect();
    assert_eq!(paths, BTreeSet::from(samples::EVENTS_OF_PATHS));
    let tables: BTreeSet<_> = samples::tables().iter().map(Table::name).collect();
    assert_eq!(tables, BTreeSet::from(samples::EVENTS_OF_TABLES));
    let questions: BTreeSet<_> = samples::questions().iter().map(Told::name).collect();
    assert_eq!(questions, BTreeSet::from(samples::EVENTS_OF_QUESTIONS));
    let chains: BTreeSet<_> = samples::chain().iter().map(Validated::name).collect();
    assert_eq!(chains, BTreeSet::from(samples::EVENTS_OF_CHAINS));
    let comparisons: BTreeSet<_> = samples::comparison().iter().map(Compared::name).collect();
    assert_eq!(comparisons, BTreeSet::from(samples::EVENTS_OF_COMPARISONS));
    let steps: BTreeSet<_> = samples::steps().iter().map(Step::name).collect();
    assert_eq!(steps, BTreeSet::from(samples::EVENTS_OF_STEPS));
    let scans: BTreeSet<_> = samples::scans().iter().map(samples::name_of_scan).collect();
    assert_eq!(scans, BTreeSet::from(samples::EVENTS_OF_SCANS));
    let watches: BTreeSet<_> = samples::watches().iter().map(Watched::name).collect();
    assert_eq!(watches, BTreeSet::from(samples::EVENTS_OF_WATCHES));
    let arpings: BTreeSet<_> = samples::arpings().iter().map(samples::name_of_arping).collect();
    assert_eq!(arpings, BTreeSet::from(samples::EVENTS_OF_ARPINGS));
    let neighbour = samples::neighbour();
    let neighbours = samples::neighbours(&neighbour);
    let neighbours: BTreeSet<_> = neighbours.iter().map(samples::name_of_neighbours).collect();
    assert_eq!(neighbours, BTreeSet::from(samples::EVENTS_OF_NEIGHBOURS));
    let fingerprints = samples::fingerprints();
    let fingerprints: BTreeSet<_> = fingerprints.iter().map(samples::name_of_fingerprint).collect();
    assert_eq!(fingerprints, BTreeSet::from(samples::EVENTS_OF_FINGERPRINTS));
    let ports: BTreeSet<_> =
        samples::pinged_ports().iter().map(samples::name_of_pinged_port).collect();
    assert_eq!(ports, BTreeSet::from(samples::EVENTS_OF_PINGED_PORTS));
    let connections: BTreeSet<_> = samples::connections().iter().map(Drawn::name).collect();
    assert_eq!(connections, BTreeSet::from(samples::EVENTS_OF_CONNECTIONS));
    let results: BTreeSet<_> = samples::results().iter().map(Reached::name).collect();
    assert_eq!(results, BTreeSet::from(samples::EVENTS_OF_RESULTS));
    let ports: BTreeSet<_> = samples::ports().iter().map(Scanned::name).collect();
    assert_eq!(ports, BTreeSet::from(samples::EVENTS_OF_PORTS));
    let checks: BTreeSet<_> = Checked::samples().iter().map(Checked::name).collect();
    assert_eq!(checks, BTreeSet::from(Checked::NAMES));
    let fetched: BTreeSet<_> = FetchLine::samples().iter().map(FetchLine::name).collect();
    assert_eq!(fetched, BTreeSet::from(Fetched::NAMES));
    let runs: BTreeSet<_> = Ran::samples().iter().map(Ran::name).collect();
    assert_eq!(runs, BTreeSet::from(Ran::NAMES));
    let ways: BTreeSet<_> = Way::samples().iter().map(Way::name).collect();
    assert_eq!(ways, BTreeSet::from(Way::NAMES));
}

#[test]
fn tool_and_event_come_first_in_words_of_one_case() {
    for Sample { tool, event, line } in lines() {
        let start = format!("{{\"tool\":\"{tool}\",\"event\":\"{event}\",");
        assert!(line.starts_with(&start) && line.ends_with("}\n"), "{line}");
        assert_eq!(line.lines().count(), 1, "one object a line: {line}");
    }
}

/// A reader keeps the one or the other.
#[test]
fn no_key_comes_twice_in_an_object() {
    for Sample { line, .. } in lines() {
        let object: Value = serde_json::from_str(&line).unwrap();
        let again = object.to_string();
        assert_eq!(again.len(), line.trim_end().len(), "a key that is there twice: {line}");
    }
}

#[test]
fn start_says_the_version_of_the_schema() {
    let starts: Vec<_> = objects().into_iter().filter(|line| line["event"] == "start").collect();
    assert_eq!(starts.len(), 19, "one of each engine, of tables and of questions");
    assert!(starts.iter().all(|line| line["v"] == 1), "{starts:?}");
}

#[test]
fn keys_are_in_snake_case() {
    let is_snake = |key: &str| {
        key.starts_with(|c: char| c.is_ascii_lowercase())
            && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    for object in objects() {
        let bad: Vec<_> = pairs(&object).into_iter().filter(|(key, _)| !is_snake(key)).collect();
        assert!(bad.is_empty(), "{bad:?}");
    }
}

/// What has a fraction is a time or a share, and its key says which. Whole numbers are counts, codes
/// and octets.
#[test]
fn a_number_with_a_fraction_has_its_unit_in_its_key() {
    for object in objects() {
        for (key, value) in pairs(&object) {
            let has_unit = key.ends_with("_ms") || key.ends_with("_percent");
            let numbers = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
            for number in numbers.iter().filter(|value| value.is_number()) {
                assert_eq!(number.is_f64(), has_unit, "{key}: {number}");
            }
        }
    }
}

#[test]
fn every_event_and_every_key_is_documented() {
    let text = fs::read_to_string(root().join("docs/json.md")).unwrap();
    let common = section(&text, "## ", "Common keys");
    for (engine, samples) in [
        ("One target", of("ping", &samples::one_target(), samples::name_of_one)),
        ("Many targets", of("ping", &samples::many_targets(), samples::name_of_many)),
        ("A path", of("traceroute", &samples::path(), samples::name_of_path)),
        ("A path over and over", of("traceroute", &samples::cycles(), samples::name_of_cycles)),
        ("Every path", of("traceroute", &samples::paths(), samples::name_of_paths)),
        ("Tables", of("netstat", &samples::tables(), Table::name)),
        ("Questions", of("dig", &samples::questions(), Told::name)),
        ("A chain of signatures", of("dig", &samples::chain(), Validated::name)),
        ("Servers side by side", of("dig", &samples::comparison(), Compared::name)),
        ("A resolution, step by step", of("dig", &samples::steps(), Step::name)),
        ("A segment", of("arp-scan", &samples::scans(), samples::name_of_scan)),
        ("A segment, watched", of("arp-scan", &samples::watches(), Watched::name)),
        (
            "What hosts may be",
            of("arp-scan", &samples::fingerprints(), samples::name_of_fingerprint),
        ),
        ("One address of a segment", of("arp-scan", &samples::arpings(), samples::name_of_arping)),
        ("The table of neighbours", neighbours()),
        ("A connection", of("handshake", &samples::connections(), Drawn::name)),
        (
            "A port over and over",
            of("handshake", &samples::pinged_ports(), samples::name_of_pinged_port),
        ),
        ("A path to a port", of("handshake", &samples::ports_at_the_end(), |_| "port")),
        ("A check", of("handshake", &Checked::samples(), Checked::name)),
        ("What came of an address", of("handshake", &samples::results(), Reached::name)),
        ("What came by", of("handshake", &Captured::samples(), Captured::name)),
        ("Scenarios", of("handshake", &[SCENARIO], Listed::name)),
        ("Many ports", of("handshake", &samples::ports(), Scanned::name)),
        ("A transfer", of("fetch", &FetchLine::samples(), FetchLine::name)),
        ("Runs of a transfer", of("fetch", &Ran::samples(), Ran::name)),
        ("Ways to a server", of("fetch", &Way::samples(), Way::name)),
        ("What is to be said of responses", of("fetch", &Reported::samples(), Reported::name)),
    ] {
        let chapter = section(&text, "## ", engine);
        for Sample { event, line, .. } in samples {
            let object: Value = serde_json::from_str(&line).unwrap();
            let own = section(chapter, "### ", &format!("`{event}`"));
            for (key, _) in pairs(&object) {
                let row = format!("| `{key}` |");
                let told = own.contains(&row) || common.contains(&row);
                assert!(told, "docs/json.md, {engine}, {event}: no row for {key}");
            }
        }
    }
}

#[test]
fn nothing_is_documented_that_does_not_occur() {
    let text = fs::read_to_string(root().join("docs/json.md")).unwrap();
    let keys: BTreeSet<_> =
        objects().iter().flat_map(pairs).map(|(key, _)| key.to_owned()).collect();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` |"));
    let ghosts: Vec<_> = rows.map(|(key, _)| key).filter(|key| !keys.contains(*key)).collect();
    assert!(ghosts.is_empty(), "{ghosts:?}");
}

/// What stands below a heading, up to the next of its level or above.
fn section<'a>(text: &'a str, level: &str, title: &str) -> &'a str {
    let heading = format!("\n{level}{title}\n");
    let (_, rest) = text.split_once(&heading).unwrap_or_else(|| panic!("no heading {title}"));
    let above = &level[1..];
    let ends = [level, above].into_iter().filter(|level| level.len() > 2);
    let end = ends.filter_map(|level| rest.find(&format!("\n{level}"))).min();
    &rest[..end.unwrap_or(rest.len())]
}

/// A line and what it is of.
struct Sample {
    tool: &'static str,
    event: &'static str,
    line: String,
}

fn lines() -> Vec<Sample> {
    let mut lines = of("ping", &samples::one_target(), samples::name_of_one);
    lines.extend(of("ping", &samples::many_targets(), samples::name_of_many));
    lines.extend(of("traceroute", &samples::path(), samples::name_of_path));
    lines.extend(of("traceroute", &samples::cycles(), samples::name_of_cycles));
    lines.extend(of("traceroute", &samples::paths(), samples::name_of_paths));
    lines.extend(of("netstat", &samples::tables(), Table::name));
    lines.extend(of("dig", &samples::questions(), Told::name));
    lines.extend(of("dig", &samples::chain(), Validated::name));
    lines.extend(of("dig", &samples::comparison(), Compared::name));
    lines.extend(of("dig", &samples::steps(), Step::name));
    lines.extend(of("arp-scan", &samples::scans(), samples::name_of_scan));
    lines.extend(of("arp-scan", &samples::watches(), Watched::name));
    lines.extend(of("arp-scan", &samples::fingerprints(), samples::name_of_fingerprint));
    lines.extend(of("arp-scan", &samples::arpings(), samples::name_of_arping));
    lines.extend(neighbours());
    lines.extend(of("handshake", &samples::connections(), Drawn::name));
    lines.extend(of("handshake", &samples::pinged_ports(), samples::name_of_pinged_port));
    lines.extend(of("handshake", &samples::ports_at_the_end(), |_| "port"));
    lines.extend(of("handshake", &Checked::samples(), Checked::name));
    lines.extend(of("handshake", &samples::results(), Reached::name));
    lines.extend(of("handshake", &Captured::samples(), Captured::name));
    lines.extend(of("handshake", &[Overseen::sample()], Overseen::name));
    lines.extend(of("handshake", &[SCENARIO], Listed::name));
    lines.extend(of("handshake", &samples::ports(), Scanned::name));
    lines.extend(of("fetch", &FetchLine::samples(), FetchLine::name));
    lines.extend(of("fetch", &Ran::samples(), Ran::name));
    lines.extend(of("fetch", &Way::samples(), Way::name));
    lines.extend(of("fetch", &Reported::samples(), Reported::name));
    lines
}

fn neighbours() -> Vec<Sample> {
    let row = samples::neighbour();
    of("arp-scan", &samples::neighbours(&row), samples::name_of_neighbours)
}

fn of<E: Serialize>(tool: &'static str, events: &[E], name: fn(&E) -> &'static str) -> Vec<Sample> {
    let sample = |event| Sample { tool, event: name(event), line: line(tool, event) };
    events.iter().map(sample).collect()
}

fn objects() -> Vec<Value> {
    lines().iter().map(|sample| serde_json::from_str(&sample.line).unwrap()).collect()
}

/// What `--json` makes a tool write for an event.
fn line<E: Serialize>(tool: &'static str, event: &E) -> String {
    const AT: Duration = Duration::from_micros(1_795_247_872_188_072);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut to = Streams { out: &mut out, err: &mut err };
    JsonLines { tool }.event(AT, event, &mut to).unwrap();
    assert!(err.is_empty());
    String::from_utf8(out).unwrap()
}

/// Every key of an object with its value, those of objects in it too, also of those in lists.
fn pairs(value: &Value) -> Vec<(&str, &Value)> {
    let own = value.as_object().into_iter().flatten();
    let own =
        own.flat_map(|(key, value)| std::iter::once((key.as_str(), value)).chain(pairs(value)));
    own.chain(value.as_array().into_iter().flatten().flat_map(pairs)).collect()
}
