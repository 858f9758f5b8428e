//! The state machine in virtual time: no socket, no clock.

mod ways;

use std::ops::ControlFlow;
use std::time::Duration;

use wireline_engine::Instant;

use super::*;
use crate::{Cookie, Edns, Header, Message, Rcode, RecordType};

const CLOCKS: Clocks = Clocks { now: Instant::ZERO, wall: Duration::from_secs(1_800_000_000) };

fn server(last: u8) -> Server {
    Server::from(SocketAddr::from(([192, 0, 2, last], 53)))
}

fn config(name: &str) -> Config {
    Config {
        name: name.as_bytes().to_vec(),
        form: Form::default(),
        servers: vec![server(1)],
        transport: Transport::Udp,
        timeout: None,
        tries: 3,
        search: None,
        ignores_truncation: false,
        stops_at_servfail: true,
        negotiates_edns: true,
        retries_bad_cookie: true,
        shows_bad_cookie: false,
        takes_malformed: true,
        shows_queries: true,
        keeps_open: false,
        mixes_case: false,
        key: None,
        signing_time: None,
        mode: Mode::Plain,
        root_hints: Vec::new(),
    }
}

/// What happened, in short words, and the queries that were asked.
struct Told {
    words: Vec<String>,
    /// What the name was completed with.
    tried: Vec<Option<String>>,
    asked: Vec<Ask>,
    ending: Ending,
}

/// Runs a lookup whose queries are answered by `reply`: `None` is silence.
fn run(config: Config, mut reply: impl FnMut(usize, &Ask) -> Option<Vec<u8>>) -> Told {
    let mut replies = |at: usize, ask: &Ask| vec![reply(at, ask)];
    run_with(config, &mut replies)
}

/// What comes after a query; `None` is the end of waiting.
type Replies = Vec<Option<Vec<u8>>>;

/// As `run`, with several messages to each query.
fn run_with(config: Config, replies: &mut dyn FnMut(usize, &Ask) -> Replies) -> Told {
    let mut lookup = Lookup::new(config, 7, CLOCKS);
    let (mut words, mut tried, mut asked) = (Vec::new(), Vec::new(), Vec::new());
    let ending = loop {
        match lookup.poll() {
            Step::Tell(Event::Trying { domain }) => tried.push(domain),
            Step::Tell(event) => words.push(word(&event)),
            Step::Ask(ask) => {
                let _ = lookup.handle(Heard::Ready { local: None }, Instant::ZERO);
                let heard = replies(asked.len(), &ask);
                hear(&mut lookup, heard);
                asked.push(ask);
            }
            Step::AskAll(asks) => {
                for (at, ask) in asks.into_iter().enumerate() {
                    let _ = lookup.handle_of(at, Heard::Ready { local: None }, Instant::ZERO);
                    for octets in replies(asked.len(), &ask) {
                        let heard = octets
                            .as_deref()
                            .map_or(Heard::Failed(Failure::TimedOut), Heard::Message);
                        let _ = lookup.handle_of(at, heard, Instant::from_millis(2));
                    }
                    asked.push(ask);
                }
                lookup.handle_end();
            }
            Step::Resolve(name) => match name.to_string().as_str() {
                "none.test." => lookup.handle_addresses(Err("not found".to_owned())),
                _ => lookup.handle_addresses(Ok(vec![[192, 0, 2, 99].into()])),
            },
            Step::Done(ending) => break ending,
        }
    };
    Told { words, tried, asked, ending }
}

fn hear(lookup: &mut Lookup, heard: Vec<Option<Vec<u8>>>) {
    for octets in heard {
        let heard = octets.as_deref().map_or(Heard::Failed(Failure::TimedOut), Heard::Message);
        if lookup.handle(heard, Instant::from_millis(2)).is_break() {
            return;
        }
    }
    let _: ControlFlow<()> = lookup.handle(Heard::Failed(Failure::TimedOut), Instant::ZERO);
}

fn word(event: &Event) -> String {
    match event {
        Event::Sent(sent) => format!("sent {} {}", sent.server.address.ip(), sent.transport),
        Event::Answer(answer) => {
            let message = Message::parse(&answer.message.octets).unwrap();
            format!("answer {}", message.rcode())
        }
        Event::Received(received) => format!("received {}", received.took.as_millis()),
        Event::Trying { .. } => "trying".to_owned(),
        Event::Notice(notice) => {
            let text = format!("{notice:?}");
            text.split([' ', '{']).next().unwrap_or_default().to_owned()
        }
    }
}

/// The query as a reply with this code, and these flags beside.
fn reply_to(ask: &Ask, rcode: Rcode, flags: u16) -> Vec<u8> {
    let mut octets = ask.octets.clone();
    let at = Header::parse(&octets).unwrap().flags | Header::QR | flags | rcode.0 & 0xf;
    octets[2..4].copy_from_slice(&at.to_be_bytes());
    if rcode.0 > 15 {
        let opt = Message::parse(&ask.octets).unwrap().opt().unwrap().at;
        octets[opt + 5] = u8::try_from(rcode.0 >> 4).unwrap();
    }
    octets
}

fn good(ask: &Ask) -> Vec<u8> {
    reply_to(ask, Rcode::NOERROR, 0)
}

fn asked_name(ask: &Ask) -> String {
    Message::parse(&ask.octets).unwrap().questions[0].name.to_string()
}

#[test]
fn answer_is_shown_with_its_time() {
    let told = run(config("a.test"), |_, ask| Some(good(ask)));
    assert_eq!(told.words, ["sent 192.0.2.1 UDP", "answer NOERROR", "received 2"]);
    assert_eq!(told.ending, Ending::Answered);
}

#[test]
fn silent_server_is_asked_as_often_as_said_with_the_same_message() {
    let told = run(config("a.test"), |_, _| None);
    assert_eq!(told.asked.len(), 3);
    assert!(told.asked.iter().all(|ask| ask.octets == told.asked[0].octets));
    assert_eq!(told.words.iter().filter(|word| *word == "CommunicationError").count(), 3);
    assert_eq!(told.words.last().unwrap(), "NoServers");
    assert_eq!(told.ending, Ending::Unanswered);
}

#[test]
fn tries_are_shared_by_all_servers() {
    let servers = vec![server(1), server(2)];
    let told = run(Config { servers, ..config("a.test") }, |_, _| None);
    let whom: Vec<_> = told.asked.iter().map(|ask| ask.server.name.clone()).collect();
    assert_eq!(whom, ["192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2"]);
}

#[test]
fn cut_short_is_asked_again_over_a_connection() {
    let told = run(config("a.test"), |at, ask| match at {
        0 => Some(reply_to(ask, Rcode::NOERROR, Header::TC)),
        _ => Some(good(ask)),
    });
    let expected =
        ["sent 192.0.2.1 UDP", "Truncated", "sent 192.0.2.1 TCP", "answer NOERROR", "received 2"];
    assert_eq!(told.words, expected);
    assert_ne!(told.asked[0].octets[..2], told.asked[1].octets[..2], "another ID");
}

#[test]
fn cut_short_may_be_enough() {
    let config = Config { ignores_truncation: true, ..config("a.test") };
    let told = run(config, |_, ask| Some(reply_to(ask, Rcode::NOERROR, Header::TC)));
    assert_eq!(told.asked.len(), 1);
}

#[test]
fn datagrams_of_others_are_passed_over_until_the_right_one_comes() {
    let told = run_with(config("a.test"), &mut |_, ask| {
        let mut other_id = reply_to(ask, Rcode::NOERROR, 0);
        other_id[0] ^= 1;
        let mut other_name = reply_to(ask, Rcode::NOERROR, 0);
        other_name[13] = b'b';
        vec![Some(other_id), Some(vec![1, 2]), Some(other_name), Some(good(ask))]
    });
    let expected = [
        "sent 192.0.2.1 UDP",
        "IdMismatch",
        "ShortMessage",
        "QuestionMismatch",
        "answer NOERROR",
        "received 2",
    ];
    assert_eq!(told.words, expected);
    assert_eq!(told.asked.len(), 1);
}

#[test]
fn another_id_over_a_connection_is_the_end() {
    let told = run(Config { transport: Transport::Tcp, ..config("a.test") }, |_, ask| {
        let mut other = reply_to(ask, Rcode::NOERROR, 0);
        other[0] ^= 1;
        Some(other)
    });
    assert_eq!(told.words, ["sent 192.0.2.1 TCP", "IdMismatch"]);
    assert_eq!(told.ending, Ending::Broken);
}

#[test]
fn servfail_is_an_answer_unless_the_next_server_is_wanted() {
    let servers = vec![server(1), server(2)];
    let told = run(
        Config { servers: servers.clone(), stops_at_servfail: false, ..config("a.test") },
        |_, ask| Some(reply_to(ask, Rcode::SERVFAIL, 0)),
    );
    let expected = [
        "sent 192.0.2.1 UDP",
        "ServFail",
        "sent 192.0.2.2 UDP",
        "ServFail",
        "answer SERVFAIL",
        "received 2",
    ];
    assert_eq!(told.words, expected);
    let told = run(Config { servers, ..config("a.test") }, |_, ask| {
        Some(reply_to(ask, Rcode::SERVFAIL, 0))
    });
    assert_eq!(told.asked.len(), 1);
}

#[test]
fn unknown_version_is_asked_again_with_the_servers() {
    let edns = Edns { version: 5, ..Edns::default() };
    let form = Form { edns: Some(edns), ..Form::default() };
    let told = run(Config { form, ..config("a.test") }, |at, ask| match at {
        0 => {
            let mut octets = reply_to(ask, Rcode::BADVERS, 0);
            let opt = Message::parse(&ask.octets).unwrap().opt().unwrap().at;
            octets[opt + 6] = 0;
            Some(octets)
        }
        _ => Some(good(ask)),
    });
    assert!(told.words.contains(&"BadVersion".to_owned()), "{:?}", told.words);
    let version = Message::parse(&told.asked[1].octets).unwrap().opt().unwrap().ttl >> 16;
    assert_eq!(version, 0);
}

#[test]
fn bad_cookie_is_asked_again_with_the_servers_and_then_over_a_connection() {
    let told = run(config("a.test"), |at, ask| match at {
        0 | 1 => Some(reply_to(ask, Rcode::BADCOOKIE, 0)),
        _ => Some(good(ask)),
    });
    let transports: Vec<_> = told.asked.iter().map(|ask| ask.transport).collect();
    assert_eq!(transports, [Transport::Udp, Transport::Udp, Transport::Tcp]);
    assert_eq!(told.words.iter().filter(|word| *word == "BadCookie").count(), 2);
}

#[test]
fn cookie_of_another_is_told() {
    let told = run(config("a.test"), |_, ask| {
        let mut octets = reply_to(ask, Rcode::NOERROR, 0);
        let last = octets.len() - 1;
        octets[last] ^= 1;
        Some(octets)
    });
    assert_eq!(told.words[1], "CookieMismatch");
    let none =
        Form { edns: Some(Edns { cookie: Cookie::None, ..Edns::default() }), ..Form::default() };
    let told = run(Config { form: none, ..config("a.test") }, |_, ask| Some(good(ask)));
    assert_eq!(told.words[1], "answer NOERROR");
}

fn search(ndots: u32) -> Search {
    let domains = vec!["one.test".to_owned(), "two.test.".to_owned()];
    Search { domains, ndots, shows: false }
}

#[test]
fn search_list_is_tried_in_order_and_then_the_name_as_it_is() {
    let told = run(Config { search: Some(search(1)), ..config("www") }, |_, ask| {
        Some(reply_to(ask, Rcode::NXDOMAIN, 0))
    });
    let names: Vec<_> = told.asked.iter().map(asked_name).collect();
    assert_eq!(names, ["www.one.test.", "www.two.test.", "www."]);
    let tried: Vec<_> = told.tried.iter().map(Option::as_deref).collect();
    assert_eq!(tried, [Some("one.test"), Some("two.test."), None]);
    assert_eq!(told.words.iter().filter(|word| word.starts_with("answer")).count(), 1);
}

#[test]
fn name_with_enough_dots_is_not_completed() {
    for (name, ndots) in [("www.a", 1), ("www.", 3), ("www", 0)] {
        let told = run(Config { search: Some(search(ndots)), ..config(name) }, |_, ask| {
            Some(reply_to(ask, Rcode::NXDOMAIN, 0))
        });
        // A name that is absolute takes its first domain away from the list.
        assert_eq!(told.asked.len(), 1, "{name}");
        assert_eq!(asked_name(&told.asked[0]), if name == "www.a" { "www.a." } else { "www." });
    }
}

#[test]
fn found_in_the_search_list_ends_it() {
    let told = run(Config { search: Some(search(1)), ..config("www") }, |at, ask| match at {
        0 => Some(reply_to(ask, Rcode::NXDOMAIN, 0)),
        _ => Some(good(ask)),
    });
    assert_eq!(told.asked.len(), 2);
    assert_eq!(told.ending, Ending::Answered);
}

#[test]
fn domain_is_kept_for_another_try_over_a_connection() {
    let search = Search { domains: vec!["bar".to_owned()], ..search(1) };
    let config = Config { transport: Transport::Tcp, tries: 2, ..config("foo") };
    let told = run(Config { search: Some(search), ..config }, |_, _| None);
    assert_eq!(told.tried, vec![Some("bar".to_owned()); 2]);
    assert_eq!(told.ending, Ending::Unanswered);
}

#[test]
fn connection_that_zones_may_not_go_over_ends_it() {
    let mut lookup = Lookup::new(Config { transport: Transport::Tls, ..config("a") }, 7, CLOCKS);
    let mut words = Vec::new();
    let ending = loop {
        match lookup.poll() {
            Step::Tell(Event::Trying { .. }) => {}
            Step::Tell(event) => words.push(word(&event)),
            Step::Done(ending) => break ending,
            _ => {
                let why = Failure::NotForTransfers("no");
                let _ = lookup.handle(Heard::Unconnected(why), Instant::ZERO);
            }
        }
    };
    assert_eq!((words, ending), (vec!["NoTransfersHere".to_owned()], Ending::Broken));
    assert!(lookup.was_ready(), "dig's exit code is 0");
}

#[test]
fn name_that_is_none_ends_the_run() {
    let told = run(config("a..b"), |_, _| None);
    let why = "'a..b' is not a legal name (empty label)".to_owned();
    assert_eq!(told.ending, Ending::Fatal { why, code: 10 });
}

#[test]
fn refused_connections_are_told_each_time() {
    let mut lookup = Lookup::new(Config { transport: Transport::Tcp, ..config("a") }, 7, CLOCKS);
    let mut words = Vec::new();
    let ending = loop {
        match lookup.poll() {
            Step::Tell(Event::Trying { .. }) => {}
            Step::Tell(event) => words.push(word(&event)),
            Step::Ask(_) => {
                let _ = lookup.handle(Heard::Unconnected(Failure::Refused), Instant::ZERO);
            }
            Step::Done(ending) => break ending,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(words, ["ConnectionFailed", "NoConnection"].repeat(3));
    assert_eq!(ending, Ending::Unanswered);
    assert!(!lookup.was_ready());
}

#[test]
fn malformed_message_is_shown_or_not() {
    let cut = |_: usize, ask: &Ask| {
        let octets = reply_to(ask, Rcode::NOERROR, 0);
        Some(octets[..octets.len() - 4].to_vec())
    };
    let told = run(config("a.test"), cut);
    assert_eq!(told.words[1..3], ["Malformed", "answer NOERROR"]);
    let told = run(Config { takes_malformed: false, ..config("a.test") }, cut);
    assert_eq!(told.words[1..], ["BadPacket"]);
    assert_eq!(told.ending, Ending::Broken);
}

#[test]
fn transfer_that_a_server_shakes_no_hands_for_has_failed() {
    let over_tls = Config { transport: Transport::Tls, ..config("a") };
    let form = Form { kind: RecordType::AXFR, ..over_tls.form.clone() };
    let unconnected = |config: Config| {
        let mut lookup = Lookup::new(config, 7, CLOCKS);
        let mut words = Vec::new();
        loop {
            match lookup.poll() {
                Step::Tell(Event::Trying { .. }) => {}
                Step::Tell(event) => words.push(word(&event)),
                Step::Done(ending) => break (words.join(" "), ending),
                _ => drop(lookup.handle(Heard::Unconnected(Failure::EndOfFile), Instant::ZERO)),
            }
        }
    };
    let (words, ending) = unconnected(Config { form, ..over_tls.clone() });
    assert_eq!((words.as_str(), ending), ("ConnectionFailed TransferFailed", Ending::Broken));
    let (words, ending) = unconnected(Config { tries: 1, ..over_tls });
    assert_eq!((words.as_str(), ending), ("ConnectionFailed NoConnection", Ending::Unanswered));
}
