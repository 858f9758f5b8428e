//! Servers that are broken or mean harm: rows 34 to 51 and S20 to S26 of the list of faults. Every run ends, no
//! run panics, and nothing raw reaches a terminal.

use std::thread;

use wireline_lab::{Lab, NameServer};

use crate::common::{Run, dig, served, served_by, server, words};

/// Everything that the server can be told to do to a question of type A, with one try of a second.
const ORDERS: [&str; 88] = [
    "ok",
    "slow-50",
    "drop",
    "drop1-5",
    "wrongid",
    "wrongq",
    "wrongaddr",
    "qr0",
    "opcode-1",
    "dup",
    "forged",
    "onlywrongid",
    "onlywrongq",
    "onlywrongaddr",
    "onlyqr0",
    "tc",
    "tconly",
    "tcpartial",
    "half",
    "hang",
    "dribble-1",
    "tcp0",
    "tcp65535",
    "rst",
    "wrongtcpid",
    "garbage",
    "short",
    "empty",
    "trail",
    "counts",
    "claims",
    "ptrloop",
    "ptrforward",
    "ptrcycle",
    "ptrheader",
    "ptrpast",
    "ptrchain-127",
    "ptrchain-250",
    "name255",
    "name256",
    "label40",
    "label80",
    "nuls",
    "rdlen",
    "noquestion",
    "unquestioned",
    "twoquestions",
    "caseflip",
    "update",
    "flags-65535",
    "flags-0",
    "formerr",
    "ednsdrop",
    "ednsformerr",
    "ednsnotimp",
    "ednsservfail",
    "ednsignore",
    "badvers",
    "badversdown",
    "badcookie",
    "badcookiealways",
    "cookiewrong",
    "cookieshort",
    "cookie41",
    "nsidesc",
    "ede",
    "edeesc",
    "ede2",
    "edeshort",
    "ecsbad",
    "ecsodd",
    "keepalive",
    "expire",
    "unknownoption",
    "padding",
    "everyoption",
    "twoopt",
    "optowner",
    "optversion",
    "optlong",
    "optflags",
    "optinanswer",
    "optmany",
    "nodata",
    "nxdomain",
    "fwdcname",
    "escname",
    "loop",
];

/// Data that its type does not have, with the type to ask for.
const ODD: [(&str, &str); 38] = [
    ("a5", "A"),
    ("a0", "A"),
    ("aaaa15", "AAAA"),
    ("txt0", "TXT"),
    ("txtlong", "TXT"),
    ("mx1", "MX"),
    ("soashort", "SOA"),
    ("nsptr", "NS"),
    ("svcbunsorted", "SVCB"),
    ("svcbdup", "SVCB"),
    ("svcbmandatory", "SVCB"),
    ("svcbcut", "SVCB"),
    ("svcbesc", "SVCB"),
    ("loc", "LOC"),
    ("locversion", "LOC"),
    ("apl", "APL"),
    ("aplfamily", "APL"),
    ("caa", "CAA"),
    ("caaesc", "CAA"),
    ("uri", "URI"),
    ("uriesc", "URI"),
    ("nsecempty", "NSEC"),
    ("nsec255", "NSEC"),
    ("nseclen0", "NSEC"),
    ("nseclen33", "NSEC"),
    ("nsecunsorted", "NSEC"),
    ("nsec3long", "NSEC3"),
    ("dskey", "DNSKEY"),
    ("rrsigshort", "RRSIG"),
    ("ipseckey", "IPSECKEY"),
    ("hip", "HIP"),
    ("naptr", "NAPTR"),
    ("amtrelay", "AMTRELAY"),
    ("unknown", "TYPE65280"),
    ("esc", "TXT"),
    ("octets", "TXT"),
    ("ttl-4294967295", "TXT"),
    ("cname-30", "A"),
];

/// That a run has ended by itself with this code, and has printed nothing that a terminal obeys.
#[track_caller]
fn is_harmless(what: &str, run: &Run, code: i32) {
    assert_eq!(run.code, Some(code), "{what}: {run:#?}");
    let is_plain = |octet: u8| matches!(octet, b' '..=b'~' | b'\t' | b'\n');
    for text in [&run.out, &run.err] {
        assert!(text.bytes().all(is_plain), "{what}: {text:?}");
    }
    assert!(!run.err.contains("panicked"), "{what}: {}", run.err);
}

/// Most of the time is spent waiting for what does not come, so much of it is done at once.
#[test]
fn whatever_a_server_does_is_survived_in_every_layout() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    let orders: Vec<_> = ORDERS.iter().map(|order| (*order, "A")).chain(ODD).collect();
    let names = |orders: &[(&str, &str)]| {
        let names = orders.iter().map(|(order, kind)| format!(" {order}.evil {kind}"));
        format!("@192.0.2.2 +tries=1 +time=1{}", names.collect::<String>())
    };
    let layouts = ["", "+short", "+multiline +rrcomments", "+yaml", "--json", "+noall +answer"];
    let mut lines = Vec::new();
    for layout in layouts {
        // All of them under way at once: some have no answer.
        lines.push((format!("{layout} {}", names(&orders)), 9));
    }
    // One after the other: the exit code is that of the last, as dig's.
    for (part, layout) in orders.chunks(7).zip(layouts.into_iter().cycle()) {
        let ends = [("ok.evil", 0), ("drop.evil", 9)];
        lines.extend(ends.map(|(last, code)| (format!("{layout} {} {last}", names(part)), code)));
    }
    thread::scope(|scope| {
        for (line, code) in &lines {
            scope.spawn(|| is_harmless(line, &dig(&host, line), *code));
        }
    });
}

/// Row 39: strangers are told of and passed over, and the answer behind them is taken.
#[test]
fn answer_behind_a_strangers_is_taken() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    for order in ["wrongid", "wrongq", "wrongaddr", "qr0", "dup"] {
        let run = dig(&host, &format!("@192.0.2.2 +short {order}.evil"));
        assert_eq!(run.out.lines().last(), Some("192.0.2.66"), "{order}: {run:#?}");
        assert_eq!(run.code, Some(0), "{order}: {run:#?}");
    }
    for order in ["onlywrongid", "onlywrongq", "onlywrongaddr"] {
        let run = dig(&host, &format!("@192.0.2.2 +tries=1 +time=1 {order}.evil"));
        assert!(!run.out.contains("192.0.2.66"), "{order}: {run:#?}");
        assert_eq!(run.code, Some(9), "{order}: {run:#?}");
    }
}

/// Row 42: of two answers it is the first that counts.
#[test]
fn first_of_two_answers_is_shown() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    let run = dig(&host, "@192.0.2.2 +short forged.evil");
    assert_eq!(run.out, "192.0.2.99\n");
}

/// Rows 37 and 44: a record that cannot be read as what it is does not take the others with it.
#[test]
fn odd_data_is_shown_as_it_came() {
    let lab = Lab::new();
    let mut message = b"\x84\0\0\x01\0\x04\0\0\0\0\x03odd\x04evil\0\0\x01\0\x01".to_vec();
    message.extend(b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xc0\0\x02\x01");
    message.extend(b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x05\xc0\0\x02\x01\xff");
    message.extend(b"\xc0\x0c\0\x10\0\x01\0\0\0\x3c\0\0");
    message.extend(b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xc0\0\x02\x02");
    let (host, _servers) = served_by(&lab, server().canned("odd", &message));
    let run = dig(&host, "@192.0.2.2 odd.evil +tries=1");
    is_harmless("odd", &run, 0);
    run.has(";; Warning: Message parser reports malformed message packet.", 0);
    let short = dig(&host, "@192.0.2.2 odd.evil +short");
    assert!(short.out.ends_with("192.0.2.1\n\\# 5 C0000201FF\n\\# 0\n192.0.2.2\n"), "{short:#?}");
    for line in ["A\t192.0.2.1", "A\t\\# 5 C0000201FF", "TXT\t\\# 0", "A\t192.0.2.2"] {
        run.has(&format!("odd.evil.\t\t60\tIN\t{line}"), 0);
    }
    let run = dig(&host, "@192.0.2.2 odd.evil +nobesteffort");
    run.has(";; Got bad packet: extra input data", 0).has("87 bytes", 0);
    let run = dig(&host, "@192.0.2.2 odd.evil --json");
    assert!(
        run.out.contains("\"hex\":\"c0000201ff\"") && run.out.contains("malformed"),
        "{run:#?}"
    );
}

/// Row 45.
#[test]
fn text_is_escaped_as_a_master_file_has_it() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    dig(&host, "@192.0.2.2 +short +tcp esc.evil TXT").says(
        "\"\\027[31mred\\027]0;title\\007\"\n\
         \"\\15531mC1\"\n\
         \"\\226\\128\\174bidi\\226\\129\\166\"\n\
         \"quote\\\" back\\\\slash ;semi\"\n\
         \"line\\010feed\\013return\\009tab\\000nul\"\n\
         \"\\127\\255\"\n",
    );
    let run = dig(&host, "@192.0.2.2 +short escname.evil CNAME");
    is_harmless("a name", &run, 0);
    assert_eq!(run.out.lines().count(), 1, "{}", run.out);
}

/// Rows 34, 35, 36 and S20.
#[test]
fn names_at_their_bounds() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    let run = dig(&host, "@192.0.2.2 name255.evil +noall +answer");
    assert_eq!(run.out.split_whitespace().next().map(str::len), Some(254), "{}", run.out);
    let run = dig(&host, "@192.0.2.2 name256.evil +tries=1");
    assert!(run.out.contains(";; Got bad packet: name too long\n"), "{}", run.out);
    for (order, why) in [
        ("ptrloop", "bad compression pointer"),
        ("ptrforward", "bad compression pointer"),
        ("ptrcycle", "bad compression pointer"),
        ("label40", "bad label type"),
        ("label80", "bad label type"),
    ] {
        let run = dig(&host, &format!("@192.0.2.2 {order}.evil +tries=1"));
        run.has(&format!(";; Got bad packet: {why}"), 0);
    }
    let run = dig(&host, "@192.0.2.2 ptrchain-127.evil +noall +answer");
    assert_eq!(run.out.matches("1.2.3.4").count(), 127, "{}", run.out);
    let run = dig(&host, "@192.0.2.2 nuls.evil +noall +answer");
    assert_eq!(run.out.matches("\\000").count(), 63, "{}", run.out);
}

/// Row 41: none of it waits for longer than it was told to, or goes round in circles.
#[test]
fn odd_connections_end_in_time_and_cost_nothing() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    for order in ["tconly", "half", "hang", "tcp0", "tcp65535", "rst", "dribble-3000"] {
        let script = format!("exec \"$DIG\" @192.0.2.2 +tries=1 +time=1 {order}.evil; times");
        let run = crate::common::script(&host, &format!("({script}); code=$?; times; exit $code"));
        // A message of no octets is no error to dig, which tells of it and ends.
        assert_eq!(run.code, Some(if order == "tcp0" { 0 } else { 9 }), "{order}: {run:#?}");
        let children = run.out.lines().last().unwrap();
        assert!(children.starts_with("0m0."), "{order}: {children} of CPU");
    }
}

/// A message of no octets counts where the exit code is to tell of answers.
#[test]
fn empty_message_is_no_answer_on_request() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    let run = dig(&host, "@192.0.2.2 +tries=1 --exit-code tcp0.evil");
    run.has(";; ERROR: short (< header size) message", 9);
}

/// S24: a datagram larger than there was room offered for, its TC bit set, and then all of it by TCP.
#[test]
fn large_datagram_and_the_same_by_tcp_are_one_answer() {
    let lab = Lab::new();
    let mut message = b"\x86\0\0\x01\0\x80\0\0\0\0\x03big\x04evil\0\0\x01\0\x01".to_vec();
    for last in 0..128 {
        message.extend(b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\xc0\0\x02");
        message.push(last);
    }
    assert!(message.len() > 2048);
    let (host, _servers) = served_by(&lab, server().canned("big", &message));
    let run = dig(&host, "@192.0.2.2 +bufsize=512 big.evil");
    run.has(";; Truncated, retrying in TCP mode.", 0);
    assert_eq!(run.out.matches("\tIN\tA\t192.0.2.").count(), 128, "{run:#?}");
    let run = dig(&host, "@192.0.2.2 +bufsize=512 +ignore +short big.evil");
    assert_eq!((run.out.lines().count(), run.code), (128, Some(0)), "{run:#?}");
}

/// Row 40: what came by UDP is not thrown away where TCP is refused, but is no whole answer.
#[test]
fn refused_connection_after_tc_is_told() {
    let lab = Lab::new();
    let (host, _servers) = served_by(&lab, server().udp_only());
    let run = dig(&host, "@192.0.2.2 tc.evil +tries=1 +time=2");
    assert!(run.out.contains(";; Truncated, retrying in TCP mode."), "{run:#?}");
    assert!(run.out.contains("connection refused"), "{run:#?}");
    assert_eq!(run.code, Some(9));
    let run = dig(&host, "@192.0.2.2 tcpartial.evil +ignore +short");
    run.says("192.0.2.66\n");
}

/// Row 38: counts of what is not there are believed by nobody.
#[test]
fn records_that_are_not_there_are_missed() {
    let lab = Lab::new();
    let message = b"\x84\0\0\x01\xff\xff\xff\xff\xff\xff\x01n\x04evil\0\0\x01\0\x01";
    let (host, _servers) = served_by(&lab, server().canned("n", message));
    let run = dig(&host, "@192.0.2.2 n.evil");
    run.has(";; Warning: Message parser reports malformed message packet.", 0);
    run.has(";; flags: qr aa; QUERY: 1, ANSWER: 65535, AUTHORITY: 65535, ADDITIONAL: 65535", 0);
}

/// Row 46.
#[test]
fn aliases_in_a_circle_are_printed_as_they_came() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    let run = dig(&host, "@192.0.2.2 +short +tcp cname-100.evil");
    assert_eq!(run.out.lines().count(), 101, "{}", run.out);
    let run = dig(&host, "@192.0.2.2 +short loop.evil");
    assert_eq!(run.out, "x.evil.\ny.evil.\nx.evil.\n");
}

/// S21: a message of 64 KiB that has 5000 names is printed in less than a second of CPU in a build for tests.
#[test]
fn largest_answer_is_printed_in_bounded_time() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    let run = crate::common::script(
        &host,
        "\"$DIG\" @192.0.2.2 +tcp +noall +answer names-3500.evil NS > /dev/null; times",
    );
    let children = run.out.lines().last().unwrap();
    let seconds = children.split_whitespace().next().unwrap();
    assert!(seconds.starts_with("0m0.") || seconds.starts_with("0m1."), "{children}");
}

/// Row 51: what makes no sense is refused at once, with one line.
#[test]
fn senseless_words_are_refused() {
    let lab = Lab::new();
    let host = lab.host("a");
    let long = "1".repeat(100_000);
    for args in [
        &["-x", &long][..],
        &["@192.0.2.2", &format!("{long}.example")],
        &["@192.0.2.2", "-p", &long, "example"],
        &["@192.0.2.2", "+bufsize=99999", "example"],
        &["@192.0.2.2", &format!("+padding={long}"), "example"],
        &["-f", "/nonexistent"],
        &["@", "example"],
        &["-b", &long, "@192.0.2.2", "example"],
    ] {
        let run = words(&host, args);
        assert!(matches!(run.code, Some(1 | 8 | 10)), "{:.60?}: {:?}", args, run.code);
        assert!(!run.err.is_empty() || !run.out.is_empty(), "{args:.60?} says nothing");
        assert!(!run.err.contains("panicked"), "{args:.60?}: {}", run.err);
    }
}

/// Answers that were changed at random, printed in every layout by one run each.
#[test]
fn changed_answers_are_survived() {
    let lab = Lab::new();
    let (server, count) = changed();
    let (host, _servers) = served_by(&lab, server);
    let names: Vec<_> = (0..count).map(|number| format!("m{number}.evil")).collect();
    for layout in ["+all", "+yaml", "--json", "+short"] {
        let mut args = vec!["@192.0.2.2", "+tries=1", "+time=1", "+tcp", layout];
        args.extend(names.iter().map(String::as_str));
        is_harmless(layout, &words(&host, &args), 0);
    }
}

/// A server that has so many answers, each a sound one with a few octets changed.
fn changed() -> (NameServer, usize) {
    let mut state = 7_u64;
    let mut below = |bound: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % bound
    };
    let mut server = server();
    for number in 0..100 {
        let mut message = b"\x84\0\0\x01\0\x02\0\x01\0\x01".to_vec();
        let name = format!("m{number}");
        message.push(u8::try_from(name.len()).unwrap());
        message.extend([name.as_bytes(), b"\x04evil\0\0\x01\0\x01"].concat());
        let behind = message.len();
        message.extend(b"\xc0\x0c\0\x05\0\x01\0\0\0\x3c\0\x04\x01x\xc0\x0f");
        message.extend(
            b"\xc0\x0c\0\x40\0\x01\0\0\0\x3c\0\x10\0\x01\0\0\x01\0\x03\x02h2\0\x03\0\x02\0\x35",
        );
        message.extend(b"\xc0\x0c\0\x2f\0\x01\0\0\0\x3c\0\x09\x01y\0\0\x04\x40\0\0\x03");
        message.extend(b"\0\0\x29\x04\xd0\0\0\0\0\0\x09\0\x0f\0\x05\0\x12abc");
        for _ in 0..=below(3) {
            let at = behind + below(message.len() - behind);
            message[at] = u8::try_from(below(256)).unwrap();
        }
        server = server.canned(&name, &message);
    }
    (server, 100)
}
