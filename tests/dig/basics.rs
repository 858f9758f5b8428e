//! Questions and what is printed of their answers.

use wireline_lab::Lab;

use crate::common::{dig, served, words};

/// An answer with nothing in it that is another thing each time.
fn still(out: &str) -> String {
    let keep = |line: &&str| !line.starts_with(";; Query time: ") && !line.starts_with(";; WHEN: ");
    let line = |line: &str| match line.split_once(", id: ") {
        Some((head, _)) => format!("{head}, id: N\n"),
        None if line.starts_with("; <<>> ") => "; <<>> …\n".to_owned(),
        None if line.starts_with("; COOKIE: ") => "; COOKIE: …\n".to_owned(),
        None => format!("{line}\n"),
    };
    out.lines().filter(keep).map(line).collect()
}

const WHOLE: &str = "
; <<>> …
; (1 server found)
;; global options: +cmd
;; Got answer:
;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: N
;; flags: qr aa rd; QUERY: 1, ANSWER: 2, AUTHORITY: 0, ADDITIONAL: 1
;; WARNING: recursion requested but not available

;; OPT PSEUDOSECTION:
; EDNS: version: 0, flags:; udp: 1232
; COOKIE: …
;; QUESTION SECTION:
;www.example.\t\t\tIN\tA

;; ANSWER SECTION:
www.example.\t\t60\tIN\tA\t192.0.2.1
www.example.\t\t60\tIN\tA\t192.0.2.3

;; SERVER: 192.0.2.2#53(192.0.2.2) (UDP)
;; MSG SIZE  rcvd: 100

";

#[test]
fn answer_is_printed_as_it_is_known() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    let run = dig(&host, "@192.0.2.2 www.example");
    assert_eq!((still(&run.out).as_str(), run.err.as_str(), run.code), (WHOLE, "", Some(0)));
}

#[test]
fn words_come_in_any_order() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    for args in [
        "@192.0.2.2 mail.example MX",
        "mail.example MX @192.0.2.2",
        "MX @192.0.2.2 mail.example IN",
        "-t MX -q mail.example -c IN @192.0.2.2",
        "-tMX -qmail.example @192.0.2.2",
        "@192.0.2.2 mail.example TYPE15 CLASS1",
        "@2001:db8::2 -6 mail.example mx",
        "-p 53 @192.0.2.2 mail.example mx",
        "-b 192.0.2.1 @192.0.2.2 mail.example mx",
        "@192.0.2.2 +tcp mail.example mx",
        "mail.example mx",
    ] {
        dig(&host, &format!("{args} +short")).says("10 mx.example.\n");
    }
}

#[test]
fn short_is_one_datum_a_line() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    let short = |args: &str| dig(&host, &format!("@192.0.2.2 +short {args}"));
    short("alias.example").says("www.example.\n192.0.2.1\n192.0.2.3\n");
    short("txt.example TXT").says("\"a b\" \"c\\\"d\"\n");
    short("odd.example TYPE65280").says("\\# 4 0A000001\n");
    short("nothere.example").says("");
    short("-x 192.0.2.7").says("seven.example.\n");
    short("x.wild.example").says("192.0.2.6\n");
    words(&host, &["@192.0.2.2", "+short", "weird\\.dot.example"]).says("192.0.2.5\n");
}

#[test]
fn each_question_has_options_of_its_own() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    dig(&host, "@192.0.2.2 +noall +answer www.example txt.example TXT +nottlid").says(
        "www.example.\t\t60\tIN\tA\t192.0.2.1\n\
         www.example.\t\t60\tIN\tA\t192.0.2.3\n\
         txt.example.\t\tIN\tTXT\t\"a b\" \"c\\\"d\"\n",
    );
}

#[test]
fn what_was_asked_is_what_was_said() {
    let lab = Lab::new();
    let (host, servers) = served(&lab);
    dig(&host, "@192.0.2.2 www.example +noedns +norec +qid=4711 +short");
    dig(&host, "@192.0.2.2 www.example +bufsize=4096 +dnssec +nocookie +short");
    let asked = servers.asked();
    let question = b"\x03www\x07example\0\0\x01\0\x01";
    let plain = [&4711_u16.to_be_bytes()[..], b"\0\x20\0\x01\0\0\0\0\0\0", question].concat();
    assert_eq!(asked[0].octets, plain);
    let opt = [&question[..], b"\0\0\x29\x10\0\0\0\x80\0\0\0"].concat();
    assert_eq!(asked[1].octets[2..12], *b"\x01\x20\0\x01\0\0\0\0\0\x01");
    assert_eq!(asked[1].octets[12..], opt);
}

#[test]
fn ids_and_ports_and_cookies_are_drawn() {
    let lab = Lab::new();
    let (host, servers) = served(&lab);
    for _ in 0..4 {
        dig(&host, "@192.0.2.2 www.example +short");
    }
    let asked = servers.asked();
    let differ = |what: fn(&wireline_lab::Asked) -> Vec<u8>| {
        let mut all: Vec<_> = asked.iter().map(what).collect();
        all.sort();
        all.dedup();
        all.len()
    };
    // Four of 65536 are the same by chance once in ten thousand runs, two of four once in five thousand million.
    assert!(differ(|asked| asked.octets[..2].to_vec()) >= 3, "IDs");
    assert!(differ(|asked| asked.from.port().to_be_bytes().to_vec()) >= 3, "ports");
    assert_eq!(differ(|asked| asked.octets[asked.octets.len() - 8..].to_vec()), 4, "cookies");
}

#[test]
fn options_of_edns_come_back_in_words() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    let run = dig(&host, "@192.0.2.2 www.example +nsid +subnet=192.0.2.0/24");
    run.has("; NSID: 6e 73 (\"ns\")", 0).has("; CLIENT-SUBNET: 192.0.2.0/24/24", 0);
}

#[test]
fn json_is_one_object_a_line() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    let run = dig(&host, "@192.0.2.2 --json www.example txt.example TXT nothere.example");
    assert_eq!((run.err.as_str(), run.code), ("", Some(0)));
    let answers: Vec<_> = run.json().into_iter().filter(|line| line["event"] == "answer").collect();
    assert_eq!(answers.len(), 3, "{}", run.out);
    assert_eq!(answers[0]["answers"][1]["data"], "192.0.2.3");
    assert_eq!(answers[2]["status"], "NXDOMAIN");
}
