//! Ways of more than one answer: down from the root, to each server, transfers.

use super::*;

/// A reply with the question of the query and these records, of which so many are answers and authority.
fn with_records(ask: &Ask, counts: [u8; 3], records: &[u8]) -> Vec<u8> {
    let query = Message::parse(&ask.octets).unwrap();
    let end = query.opt().map_or(ask.octets.len(), |opt| opt.at);
    let mut octets = reply_to(ask, Rcode::NOERROR, 0)[..end].to_vec();
    for (at, count) in counts.into_iter().enumerate() {
        octets[7 + 2 * at] = count;
    }
    octets.extend_from_slice(records);
    octets
}

fn record(owner: &str, kind: RecordType, rdata: &[u8]) -> Vec<u8> {
    let owner = Name::parse(owner.as_bytes(), &Name::root()).unwrap();
    let length = u16::try_from(rdata.len()).unwrap().to_be_bytes();
    [owner.octets(), &kind.0.to_be_bytes(), &[0, 1, 0, 0, 0, 60], &length, rdata].concat()
}

fn ns(owner: &str, name: &str) -> Vec<u8> {
    let name = Name::parse(name.as_bytes(), &Name::root()).unwrap();
    record(owner, RecordType::NS, name.octets())
}

#[test]
fn trace_follows_glue_and_resolves_only_what_has_none() {
    let told = run(Config { mode: Mode::Trace, ..config("www.a.test") }, |at, ask| {
        Some(match at {
            0 => {
                let glue = record("r.test.", RecordType::A, &[192, 0, 2, 10]);
                with_records(ask, [1, 0, 1], &[ns(".", "r.test."), glue].concat())
            }
            1 => with_records(ask, [0, 1, 0], &ns("test.", "glueless.test.")),
            _ => with_records(ask, [1, 0, 0], &record("www.a.test.", RecordType::A, &[1, 2, 3, 4])),
        })
    });
    let whom: Vec<_> = told.asked.iter().map(|ask| ask.server.name.as_str()).collect();
    assert_eq!(whom, ["192.0.2.1", "r.test", "glueless.test"]);
    assert_eq!(told.asked[2].server.address, SocketAddr::from(([192, 0, 2, 99], 53)));
    let names: Vec<_> = told.asked.iter().map(asked_name).collect();
    assert_eq!(names, [".", "www.a.test.", "www.a.test."]);
    let flags: Vec<_> =
        told.asked.iter().map(|ask| Header::parse(&ask.octets).unwrap().has(Header::RD)).collect();
    assert_eq!(flags, [true, false, false], "only the resolver is asked to recurse");
}

#[test]
fn trace_asks_the_next_server_of_a_level_where_one_is_dead() {
    let told = run(Config { mode: Mode::Trace, ..config("www.a.test") }, |at, ask| match at {
        0 => {
            let glue = |name, last| record(name, RecordType::A, &[192, 0, 2, last]);
            let both = [ns(".", "r."), ns(".", "s."), glue("r.", 10), glue("s.", 11)];
            Some(with_records(ask, [2, 0, 2], &both.concat()))
        }
        1 => None,
        _ => Some(with_records(ask, [1, 0, 0], &record("www.a.test.", RecordType::A, &[1; 4]))),
    });
    assert_eq!(told.asked.len(), 3);
    assert_ne!(told.asked[1].server, told.asked[2].server);
    assert_eq!(told.ending, Ending::Answered);
}

#[test]
fn referral_upwards_is_told_and_ends_the_trace() {
    let told = run(Config { mode: Mode::Trace, ..config("www.a.test") }, |at, ask| {
        Some(match at {
            0 => with_records(ask, [1, 0, 0], &ns(".", "r.")),
            1 => with_records(ask, [0, 1, 0], &ns("test.", "t.")),
            _ => with_records(ask, [0, 1, 0], &ns(".", "r.")),
        })
    });
    assert!(told.words.contains(&"BadReferral".to_owned()), "{:?}", told.words);
    assert_eq!(told.asked.len(), 3);
}

#[test]
fn trace_that_leads_in_circles_ends() {
    let told = run(Config { mode: Mode::Trace, ..config("www.a.test") }, |at, ask| {
        Some(match at {
            0 => with_records(ask, [1, 0, 0], &ns(".", "r.")),
            _ => with_records(ask, [0, 1, 0], &ns("test.", "t.")),
        })
    });
    assert!(matches!(told.ending, Ending::Fatal { code: 1, .. }), "{:?}", told.ending);
}

#[test]
fn nssearch_asks_each_server_for_the_soa() {
    let told = run(Config { mode: Mode::NsSearch, ..config("a.test") }, |at, ask| match at {
        0 => Some(with_records(
            ask,
            [2, 0, 0],
            &[ns("a.test.", "n1."), ns("a.test.", "n2.")].concat(),
        )),
        1 => None,
        _ => Some(with_records(ask, [0, 0, 0], &[])),
    });
    assert_eq!(told.asked.len(), 3);
    let kind = Message::parse(&told.asked[1].octets).unwrap().questions[0].kind;
    assert_eq!(kind, RecordType::SOA);
    assert_eq!(told.words.iter().filter(|word| *word == "CommunicationError").count(), 1);
    assert_eq!(told.ending, Ending::Answered);
}

#[test]
fn transfer_goes_on_until_its_second_soa_and_tells_figures_once() {
    let form = Form { kind: RecordType::AXFR, ..Form::default() };
    let soa = record("a.test.", RecordType::SOA, &[0; 22]);
    let told = run_with(Config { form, ..config("a.test") }, &mut |_, ask| {
        vec![
            Some(with_records(ask, [1, 0, 0], &soa)),
            Some(with_records(ask, [1, 0, 0], &record("a.test.", RecordType::A, &[1; 4]))),
            Some(with_records(ask, [1, 0, 0], &soa)),
        ]
    });
    let answer = "answer NOERROR";
    assert_eq!(told.words, ["sent 192.0.2.1 TCP", answer, answer, answer, "received 2"]);
    assert_eq!(told.asked[0].expects, Expects::Transfer);
}

#[test]
fn refused_transfer_fails() {
    let form = Form { kind: RecordType::AXFR, ..Form::default() };
    let told =
        run(Config { form, ..config("a.test") }, |_, ask| Some(reply_to(ask, Rcode::REFUSED, 0)));
    assert_eq!(told.words, ["sent 192.0.2.1 TCP", "answer REFUSED", "TransferFailed"]);
    assert_eq!(told.ending, Ending::Broken);
}

#[test]
fn letters_of_another_case_are_another_question_where_that_is_wanted() {
    let told =
        run_with(Config { mixes_case: true, ..config("abcdefghijklmnop.test") }, &mut |_, ask| {
            let mut lower = reply_to(ask, Rcode::NOERROR, 0);
            lower[12..30].make_ascii_lowercase();
            vec![Some(lower), Some(good(ask))]
        });
    assert_eq!(told.words[1..3], ["QuestionMismatch", "answer NOERROR"]);
}

#[test]
fn whatever_comes_nothing_breaks() {
    let soa = record("a.test.", RecordType::SOA, &[0; 22]);
    let mut numbers = 1_u64;
    for mode in [Mode::Plain, Mode::Trace, Mode::NsSearch] {
        for kind in [RecordType::A, RecordType::AXFR, RecordType::IXFR] {
            for _ in 0..300 {
                let key = Key {
                    name: Name::root(),
                    algorithm: crate::tsig::Algorithm::Sha256,
                    secret: vec![1],
                    length: None,
                };
                let form = Form { kind, ..Form::default() };
                let config =
                    Config { mode, form, key: Some(key), tries: 1, ..config("www.a.test") };
                let told = run_with(config, &mut |_, ask| {
                    let glue = record("r.", RecordType::A, &[192, 0, 2, 10]);
                    let whole = [&ns(".", "r.")[..], &soa, &glue].concat();
                    let mut octets = with_records(ask, [1, 1, 1], &whole);
                    for _ in 0..4 {
                        // Any full-period sequence will do.
                        numbers = numbers.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                        let at = usize::try_from(numbers >> 33).unwrap() % octets.len();
                        octets[at] = numbers.to_be_bytes()[1];
                    }
                    octets[..2].copy_from_slice(&ask.octets[..2]);
                    vec![Some(octets)]
                });
                assert!(told.asked.len() < 200);
            }
        }
    }
}

#[test]
fn soa_that_is_cut_short_is_asked_for_again_of_that_server() {
    let config = Config { mode: Mode::NsSearch, shows_queries: false, ..config("a.test") };
    let told = run(config, |at, ask| {
        Some(match at {
            0 => {
                let both = [ns("a.test.", "x.test."), ns("a.test.", "y.test.")];
                with_records(ask, [2, 0, 0], &both.concat())
            }
            1 => reply_to(ask, Rcode::NOERROR, Header::TC),
            _ => good(ask),
        })
    });
    let ways: Vec<_> = told.asked.iter().map(|ask| (&*ask.server.name, ask.transport)).collect();
    assert_eq!(ways[1].1, Transport::Udp);
    assert_eq!(ways[3], (ways[1].0, Transport::Tcp));
    let count = |what: &str| told.words.iter().filter(|word| word.starts_with(what)).count();
    assert_eq!((count("answer"), count("Truncated"), ways.len()), (2, 1, 4), "{:?}", told.words);
}

#[test]
fn trace_begins_at_the_hints_where_no_root_is_named() {
    for rcode in [Some(Rcode::REFUSED), Some(Rcode::NOERROR), None] {
        let hints = vec![server(9)];
        let config = Config { mode: Mode::Trace, root_hints: hints, tries: 1, ..config("a.test") };
        let told = run(config, |at, ask| match (at, rcode) {
            (0, None) => None,
            (0, Some(rcode)) => Some(reply_to(ask, rcode, 0)),
            _ => Some(good(ask)),
        });
        assert!(told.words.contains(&"RootHints".to_owned()), "{:?}", told.words);
        let whom: Vec<_> = told.asked.iter().map(|ask| &*ask.server.name).collect();
        assert_eq!(whom, ["192.0.2.1", "192.0.2.9"]);
        assert_eq!(told.ending, Ending::Answered);
    }
}
