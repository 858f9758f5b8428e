//! What each behaviour sends.

use super::*;
use crate::request::tests::{request_v4, request_v6};
use crate::wire::{IPV4_HEADER, IPV6_HEADER};

fn target(word: &str) -> Target {
    Target::new(word.parse().unwrap_or_else(|why| panic!("{why}")))
}

/// What one request to a new target gets.
fn answer(word: &str, request: &Request) -> Vec<Vec<u8>> {
    target(word).answer(request).into_iter().map(|sending| sending.datagram).collect()
}

/// The ICMP message of the only answer.
fn message(word: &str, request: &Request) -> Vec<u8> {
    let datagrams = answer(word, request);
    let [only] = &datagrams[..] else { panic!("{word}: {} answers", datagrams.len()) };
    only[request.icmp_at..].to_vec()
}

fn checksum_is_right(request: &Request, icmp: &[u8]) -> bool {
    request.ends.reversed().checksum(icmp).to_be_bytes() == icmp[2..4]
}

#[test]
fn normal_reply_has_the_request_s_words() {
    for (request, kind) in [(request_v4(9), 0), (request_v6(9), 129)] {
        let icmp = message("normal", &request);
        assert_eq!(icmp[..2], [kind, 0]);
        assert_eq!(icmp[4..], request.icmp()[4..]);
        assert!(checksum_is_right(&request, &icmp));
    }
}

#[test]
fn one_edit_leaves_the_rest_and_the_checksum_right() {
    let words = ["foreign-ident", "foreign-seq:7", "flip:3", "odd-payload", "longer:5", "type:9:9"];
    for request in [request_v4(9), request_v6(9)] {
        let right = message("normal", &request);
        for word in words {
            let icmp = message(word, &request);
            assert_ne!(icmp, right, "{word}");
            assert!(checksum_is_right(&request, &icmp), "{word}");
        }
    }
}

#[test]
fn wrong_checksum_is_wrong() {
    for request in [request_v4(9), request_v6(9)] {
        assert!(!checksum_is_right(&request, &message("wrong-checksum", &request)));
    }
}

#[test]
fn flip_inverts_the_octet_of_the_data() {
    let request = request_v4(9);
    let icmp = message("flip:3", &request);
    assert_eq!(icmp[8 + 3], !3);
    assert_eq!(icmp[8 + 4..], request.icmp()[8 + 4..]);
}

#[test]
fn edits_outside_a_short_reply_change_nothing() {
    let request = request_v4(9);
    assert_eq!(message("flip:24", &request), message("normal", &request));
    assert_eq!(message("truncate:999", &request), message("normal", &request));
}

#[test]
fn foreign_fields_wrap() {
    let request = request_v4(u16::MAX);
    assert_eq!(message("foreign-seq:1", &request)[6..8], [0, 0]);
    assert_eq!(message("foreign-ident", &request)[4..6], [1, 3]);
}

#[test]
fn truncation_shortens_the_datagram_too() {
    let datagrams = answer("truncate:5", &request_v4(9));
    assert_eq!(datagrams[0].len(), IPV4_HEADER + 5);
    assert_eq!(datagrams[0][3], 25, "the total length says so");
}

#[test]
fn every_truncation_ends_with_the_whole() {
    for request in [request_v4(9), request_v6(9)] {
        let datagrams = answer("every-truncation", &request);
        let lengths: Vec<_> = datagrams.iter().map(|d| d.len() - request.icmp_at).collect();
        assert_eq!(lengths, (0..=32).collect::<Vec<_>>());
        assert_eq!(datagrams[32][request.icmp_at..], message("normal", &request));
    }
}

#[test]
fn options_stand_in_the_header() {
    let datagrams = answer("options:0707040102030405", &request_v4(9));
    assert_eq!(datagrams[0][0], 0x47);
    assert_eq!(datagrams[0][20..28], [7, 7, 4, 1, 2, 3, 4, 5]);
}

#[test]
fn what_a_family_lacks_is_a_plain_reply() {
    let (v4, v6) = (request_v4(9), request_v6(9));
    assert_eq!(answer("ext-headers", &v4), answer("normal", &v4));
    for word in ["options:01", "quench", "redirect:0:192.0.2.9"] {
        assert_eq!(answer(word, &v6), answer("normal", &v6), "{word}");
    }
}

#[test]
fn ext_headers_come_before_the_message() {
    let request = request_v6(9);
    let datagrams = answer("ext-headers", &request);
    assert_eq!(datagrams[0][IPV6_HEADER + 16..], message("normal", &request));
}

#[test]
fn other_source_is_the_host() {
    assert_eq!(answer("other-source", &request_v4(9))[0][12..16], [192, 0, 2, 2]);
}

#[test]
fn quench_and_redirect_precede_the_reply() {
    for (word, kind) in [("quench", 4), ("redirect:1:192.0.2.9", 5)] {
        let request = request_v4(9);
        let datagrams = answer(word, &request);
        assert_eq!(datagrams[0][IPV4_HEADER], kind);
        assert_eq!(datagrams[1..], answer("normal", &request));
    }
}

#[test]
fn request_back_is_the_request_turned_round() {
    for request in [request_v4(9), request_v6(9)] {
        let back = Request::parse(&answer("request-back", &request)[0]).unwrap();
        assert_eq!(back.ends, request.ends.reversed());
        assert_eq!(back.icmp()[4..], request.icmp()[4..]);
    }
}

#[test]
fn repeats_are_one_sending() {
    let sendings = target("flood:1000000").answer(&request_v4(9));
    assert_eq!(sendings.len(), 1);
    assert_eq!(sendings[0].times, 1_000_000);
}

#[test]
fn late_reply_waits() {
    let sendings = target("late:250").answer(&request_v4(9));
    assert_eq!(sendings[0].after, Duration::from_millis(250));
}

#[test]
fn first_silent_counts_requests() {
    let mut target = target("first-silent:2");
    let answers = [1, 2, 3].map(|_| target.answer(&request_v4(9)).len());
    assert_eq!(answers, [0, 0, 1]);
}

#[test]
fn drop_even_looks_at_the_sequence_number() {
    let answers = [1, 2, 3, 4].map(|seq| answer("drop-even", &request_v4(seq)).len());
    assert_eq!(answers, [1, 0, 1, 0]);
}

#[test]
fn swap_sends_two_before_one() {
    let mut target = target("swap");
    assert_eq!(target.answer(&request_v4(1)), []);
    let both = target.answer(&request_v4(2)).into_iter().map(|sending| sending.datagram);
    let wanted = [request_v4(2), request_v4(1)].iter().flat_map(|r| answer("normal", r)).collect();
    assert_eq!(both.collect::<Vec<_>>(), Vec::<Vec<u8>>::clone(&wanted));
}

#[test]
fn noise_is_followed_by_the_reply() {
    let request = request_v6(9);
    let datagrams = answer("random:7:20", &request);
    assert_eq!(datagrams.len(), 21);
    assert_eq!(datagrams[20..], answer("normal", &request));
}
