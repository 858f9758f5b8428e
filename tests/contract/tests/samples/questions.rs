//! A line of every kind that dig writes.

use std::net::{IpAddr, Ipv4Addr};

use wireline_dig::event::{
    Answer, BatchSummary, Count, Edns, EdnsOption, Event, Message, Notice, Question, Record,
    Server, Start, Summary, Transfer,
};
use wireline_dig::session::{Certificate, Session};

pub(crate) const EVENTS_OF_QUESTIONS: [&str; 7] =
    ["start", "session", "query", "answer", "transfer", "notice", "summary"];

pub(crate) fn questions() -> Vec<Event> {
    vec![
        Event::Start(Start { v: 1 }),
        Event::Session(Box::new(session())),
        Event::Query(Box::new(query())),
        Event::Answer(Box::new(answer())),
        Event::Transfer(Transfer {
            name: "example.com".to_owned(),
            kind: "AXFR".to_owned(),
            server: server(),
            transport: "tcp",
            records: 53,
            messages: 1,
            size: 1500,
            time_ms: 0.912_75,
        }),
        Event::Notice(Notice {
            name: "www.example.com".to_owned(),
            record_type: "A".to_owned(),
            kind: "communication_error",
            text: "communications error to 192.0.2.53#53: timed out".to_owned(),
            server: Some(server()),
            hex: None,
        }),
        Event::Notice(Notice {
            name: "www.example.com".to_owned(),
            record_type: "A".to_owned(),
            kind: "bad_packet",
            text: "Got bad packet: bad label type".to_owned(),
            server: None,
            hex: Some("1234850000010000000000004061".to_owned()),
        }),
        Event::Summary(Summary { queries: 2, answered: 1, failed: 1 }),
        Event::Batch(batch()),
    ]
}

fn batch() -> BatchSummary {
    let count = |status: &str, count| Count { status: status.to_owned(), count };
    BatchSummary {
        queries: 1000,
        answered: 999,
        failed: 1,
        sent: 1012,
        retried: 12,
        truncated: 2,
        late: 1,
        strange: 0,
        overflowed: 0,
        stopped: false,
        statuses: vec![count("NOERROR", 998), count("NXDOMAIN", 1)],
        time: super::rtt(),
        took_ms: 21.25,
        per_second: 47_011,
    }
}

fn session() -> Session {
    Session {
        server: Server { port: 853, ..server() },
        protocol: "dot",
        tls_version: Some("TLSv1.3".to_owned()),
        cipher: Some("TLS_AES_256_GCM_SHA384".to_owned()),
        group: Some("X25519".to_owned()),
        verified_name: Some("ns1.example.com".to_owned()),
        verified_pin: None,
        certificates: vec![Certificate {
            subject: "CN=ns1.example.com".to_owned(),
            issuer: "CN=an authority".to_owned(),
            names: vec!["ns1.example.com".to_owned(), "192.0.2.53".to_owned()],
            not_before_s: 1_764_000_000,
            not_after_s: 1_796_000_000,
            key: "EC 256".to_owned(),
            pin: "foxZRnIh9gZpWnl+zEiKa0EJ2rdCGroMWm02gaxSc9Q=".parse().ok(),
            ..Certificate::default()
        }],
        connect_ms: 0.12,
        handshake_ms: Some(1.5),
    }
}

fn server() -> Server {
    Server {
        server: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 53)),
        port: 53,
        server_name: "ns1.example.com".to_owned(),
    }
}

fn query() -> Message {
    Message {
        server: server(),
        transport: "udp",
        size: 56,
        id: 43975,
        opcode: "QUERY".to_owned(),
        status: "NOERROR".to_owned(),
        rcode: 0,
        flags: vec!["rd", "ad"],
        z: false,
        edns: Some(edns("COOKIE: 0102030405060708", "0102030405060708")),
        questions: vec![Question {
            name: "www.example.com.".to_owned(),
            class: "IN".to_owned(),
            kind: "A".to_owned(),
        }],
        answers: Vec::new(),
        authority: Vec::new(),
        additional: Vec::new(),
        signed_by: None,
    }
}

fn edns(text: &str, hex: &str) -> Edns {
    let option = EdnsOption { code: 10, text: text.to_owned(), hex: hex.to_owned() };
    Edns { version: 0, flags: vec!["do".to_owned()], udp_size: 1232, options: vec![option] }
}

fn answer() -> Answer {
    let cookie = "010203040506070801000000652a3b4c0102030405060708";
    let message = Message {
        size: 140,
        flags: vec!["qr", "aa", "rd"],
        edns: Some(edns(&format!("COOKIE: {cookie} (good)"), cookie)),
        answers: vec![
            record("A", "192.0.2.80", None),
            record("TYPE65280", "\\# 2 0A01", Some("0a01")),
        ],
        signed_by: Some(Record {
            name: "key.example.com.".to_owned(),
            ttl: 0,
            class: "ANY".to_owned(),
            ..record("TSIG", "hmac-sha256. 1697266508 300 4 AQIDBA== 43975 NOERROR 0", None)
        }),
        ..query()
    };
    Answer {
        message,
        time_ms: 0.318_25,
        cookie_ok: Some(true),
        signature_ok: Some(true),
        malformed: false,
        extra: 0,
    }
}

fn record(kind: &str, data: &str, hex: Option<&str>) -> Record {
    Record {
        name: "www.example.com.".to_owned(),
        ttl: 300,
        class: "IN".to_owned(),
        kind: kind.to_owned(),
        data: data.to_owned(),
        hex: hex.map(str::to_owned),
    }
}
