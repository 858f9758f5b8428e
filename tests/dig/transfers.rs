//! Zones as they are transferred, and signatures.

use wireline_lab::{Lab, NameServer};

use crate::common::{ZONE, dig, served, served_by, server};

const SECRET: &str = "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0";

const ALGORITHMS: [&str; 6] =
    ["hmac-md5", "hmac-sha1", "hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512"];

fn signing() -> NameServer {
    // On the wire it is the name of RFC 8945 §6 for the oldest.
    ALGORITHMS.iter().fold(server(), |server, algorithm| {
        server.key(&format!("key-{}.", algorithm.trim_start_matches("hmac-")), algorithm, SECRET)
    })
}

#[test]
fn transfer_is_every_record_and_the_soa_twice() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    let run = dig(&host, "@192.0.2.2 example AXFR +noall +answer");
    assert_eq!((run.err.as_str(), run.code), ("", Some(0)));
    let lines: Vec<_> = run.out.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(lines.len(), ZONE.lines().count(), "{}", run.out);
    assert_eq!(lines.first(), lines.last());
    assert!(lines.contains(&"weird\\.dot.example.\t300\tIN\tA\t192.0.2.5"), "{}", run.out);
    let once = dig(&host, "@192.0.2.2 example AXFR +noall +answer +onesoa");
    assert_eq!(once.out.lines().filter(|line| line.contains("\tSOA\t")).count(), 1);
}

#[test]
fn sums_of_a_transfer_are_those_of_its_messages() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    let run = dig(&host, "@192.0.2.2 axfr-records-5000.evil AXFR +noall +stats");
    let sizes = run.out.lines().find(|line| line.starts_with(";; XFR size:")).unwrap();
    assert!(sizes.starts_with(";; XFR size: 5002 records (messages 7, bytes "), "{sizes}");
}

#[test]
fn transfer_signed_by_every_algorithm_is_verified() {
    let lab = Lab::new();
    let (host, _servers) = served_by(&lab, signing());
    for algorithm in ALGORITHMS {
        let name = algorithm.trim_start_matches("hmac-");
        let key = format!("-y {algorithm}:key-{name}:{SECRET}");
        let run = dig(&host, &format!("{key} @192.0.2.2 example AXFR"));
        assert_eq!((run.err.as_str(), run.code), ("", Some(0)), "{algorithm}");
        assert!(run.out.contains("weird\\.dot.example."), "{algorithm}: {}", run.out);
        assert!(!run.out.contains("Transfer failed"), "{algorithm}: {}", run.out);
        assert!(!run.out.contains("verify"), "{algorithm}: {}", run.out);
    }
}

#[test]
fn transfer_without_a_key_is_refused_and_says_so() {
    let lab = Lab::new();
    let (host, _servers) = served_by(&lab, signing());
    let run = dig(&host, "@192.0.2.2 example AXFR");
    run.has("; Transfer failed.", 0);
    let wrong = format!("-y hmac-sha256:key-sha256:{}", SECRET.to_lowercase());
    let run = dig(&host, &format!("{wrong} @192.0.2.2 example AXFR"));
    assert!(run.out.contains("; Transfer failed."), "{run:#?}");
    assert!(!run.out.contains("weird"), "{run:#?}");
}

#[test]
fn differences_are_what_changed() {
    let lab = Lab::new();
    let (host, _servers) = served_by(
        &lab,
        NameServer::at("192.0.2.2:53")
            .zone("example.", "@ SOA ns h 1 2 3 4 5\nold A 192.0.2.1\nsame A 192.0.2.2")
            .zone("example.", "@ SOA ns h 2 2 3 4 5\nnew A 192.0.2.3\nsame A 192.0.2.2"),
    );
    let soa =
        |serial: u8| format!("example.\t\t300\tIN\tSOA\tns.example. h.example. {serial} 2 3 4 5\n");
    let [one, two] = [soa(1), soa(2)];
    let old = "old.example.\t\t300\tIN\tA\t192.0.2.1\n";
    let new = "new.example.\t\t300\tIN\tA\t192.0.2.3\n";
    let run = dig(&host, "@192.0.2.2 example IXFR=1 +noall +answer");
    assert_eq!(run.out.trim_end(), format!("{two}{one}{old}{two}{new}{two}").trim_end());
    let run = dig(&host, "@192.0.2.2 example IXFR=2 +noall +answer");
    assert_eq!(run.out.trim_end(), two.trim_end());
}

/// Row 47: what never ends is printed as it comes, and costs no memory.
#[test]
fn endless_transfer_is_streamed_with_flat_memory() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    let script = format!(
        "'{}' @192.0.2.2 axfr-endless.evil AXFR > /run/endless & pid=$!
        for most in 500000 5000000; do
            while [ $(stat -c %s /run/endless) -lt $most ]; do sleep 0.1; done
            grep VmHWM /proc/$pid/status
        done; kill $pid",
        crate::common::ours().display()
    );
    let said = host.output(&script);
    let words: Vec<_> = said.split_whitespace().collect();
    let [first, last]: [u64; 2] = [1, 4].map(|at: usize| words[at].parse().unwrap());
    assert!(last < first + 1024, "{first} KiB resident after 0.5 MB of text, {last} after 5 MB");
}

#[test]
fn broken_transfers_end_and_say_so() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    let failed = |order: &str| {
        let run = dig(&host, &format!("@192.0.2.2 {order}.evil AXFR +time=1 +tries=1"));
        assert!(run.out.contains("; Transfer failed.") || run.code == Some(9), "{order}: {run:#?}");
    };
    for order in ["axfr-nosoa", "axfr-hang", "axfr-servfail-later", "axfr-notsoa", "refused"] {
        failed(order);
    }
    let run = dig(&host, "@192.0.2.2 axfr-zerolength.evil AXFR");
    run.has("axfr-zerolength.evil.\t60\tIN\tTYPE65281 \\# 0", 0);
}
