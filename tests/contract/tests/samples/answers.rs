//! What dig tells beside messages: chains of signatures, servers side by side, a resolution step by step.

use std::net::{IpAddr, Ipv4Addr};

use wireline_dig::compare::event::{Comparison, Event as Compared, Row};
use wireline_dig::explain::event::{Asked, Event as Step, Field};
use wireline_dig::validate::event::{Event as Validated, Item};

pub(crate) const EVENTS_OF_CHAINS: [&str; 2] = ["validation", "validation_link"];
pub(crate) const EVENTS_OF_COMPARISONS: [&str; 2] = ["compare", "watch"];
pub(crate) const EVENTS_OF_STEPS: [&str; 6] = [
    "explain_answer",
    "explain_cache",
    "explain_end",
    "explain_hosts",
    "explain_level",
    "explain_question",
];

const SERVER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 53));

pub(crate) fn chain() -> Vec<Validated> {
    vec![
        link("anchor", None, None, vec![anchor(), key()]),
        link("data", Some("A"), Some("expired"), vec![ds(), signature()]),
        Validated::Validation {
            name: "www.example.com.".to_owned(),
            kind: "A".to_owned(),
            security: "bogus",
            reason: Some("expired"),
            text: Some("the signature has expired".to_owned()),
            clock_ahead_s: Some(86400),
            questions: 5,
            signature_checks: 4,
        },
    ]
}

fn link(
    subject: &'static str,
    kind: Option<&str>,
    reason: Option<&'static str>,
    facts: Vec<Item>,
) -> Validated {
    Validated::ValidationLink {
        zone: "example.com.".to_owned(),
        subject,
        name: "www.example.com.".to_owned(),
        kind: kind.map(str::to_owned),
        target: None,
        security: if reason.is_some() { "bogus" } else { "secure" },
        reason,
        text: reason.map(|_| "the signature has expired".to_owned()),
        facts,
    }
}

fn item(record: &str, text: &str) -> Item {
    Item {
        record: record.to_owned(),
        key_tag: Some(20326),
        algorithm: Some("RSASHA256".to_owned()),
        ok: true,
        text: text.to_owned(),
        ..Item::default()
    }
}

fn anchor() -> Item {
    item("anchor", "trust anchor 20326 (RSASHA256)")
}

fn key() -> Item {
    Item { flags: Some(257), ..item("DNSKEY", "DNSKEY 20326 (RSASHA256, KSK)") }
}

fn ds() -> Item {
    Item { digest: Some("SHA-256".to_owned()), ..item("DS", "DS 20326 (RSASHA256, SHA-256)") }
}

fn signature() -> Item {
    Item {
        inception_s: Some(1_794_000_000),
        expiration_s: Some(1_795_000_000),
        ok: false,
        ..item("RRSIG", "RRSIG by 20326 has expired")
    }
}

pub(crate) fn comparison() -> Vec<Compared> {
    let row = Row {
        server: SERVER,
        port: 53,
        server_name: "ns1.example.com".to_owned(),
        transport: "udp",
        status: Some("NOERROR".to_owned()),
        flags: vec!["qr", "aa"],
        ttl_s: Some(300),
        time_ms: Some(0.318_25),
        answers: ["www.example.com. A 192.0.2.80".to_owned()].into(),
        variant: 1,
        error: None,
    };
    let silent = Row {
        server: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 54)),
        status: None,
        flags: Vec::new(),
        ttl_s: None,
        time_ms: None,
        answers: [].into(),
        variant: 2,
        error: Some("timed out".to_owned()),
        ..row.clone()
    };
    let comparison = Comparison {
        name: "www.example.com.".to_owned(),
        kind: "A".to_owned(),
        servers: vec![row, silent],
        variants: 2,
        agree: false,
        differ: vec!["ttl"],
    };
    let end = Compared::Watch { outcome: "changed", looks: 3, time_ms: 20_011.5 };
    vec![Compared::Compare(comparison), end]
}

pub(crate) fn steps() -> Vec<Step> {
    vec![
        Step::ExplainQuestion {
            name: "www.example.com.".to_owned(),
            kind: "A".to_owned(),
            class: "IN".to_owned(),
            meaning: Some("IPv4 addresses"),
        },
        Step::ExplainHosts {
            file: "/etc/hosts",
            addresses: vec![IpAddr::V4(Ipv4Addr::new(192, 0, 2, 80))],
            error: None,
        },
        Step::ExplainCache { server: SERVER, cached: true, ttl_s: Some(42), error: None },
        Step::ExplainAnswer {
            server: SERVER,
            time_ms: Some(0.318_25),
            status: Some("NOERROR".to_owned()),
            answers: vec!["www.example.com. 42 A 192.0.2.80".to_owned()],
            header: vec![Field { name: "QR", value: "1".to_owned(), meaning: "a reply" }],
            error: None,
        },
        Step::ExplainLevel {
            zone: "com.".to_owned(),
            role: "top-level",
            name: "example.com.".to_owned(),
            servers: vec![asked()],
            flaws: vec!["different serials: 1, 2".to_owned()],
        },
        Step::ExplainEnd {
            outcome: "answered",
            text: "an authoritative server has the answer".to_owned(),
        },
    ]
}

fn asked() -> Asked {
    Asked {
        server_name: "a.gtld-servers.net.".to_owned(),
        server: SERVER,
        role: "refers",
        text: "refers to the servers of example.com.".to_owned(),
        ok: true,
        time_ms: Some(12.5),
        serial: None,
    }
}
