//! `--compare`: the same over every version and family.

use super::common::Place;
use super::json::{lines, of};

#[test]
fn ways_that_are_not_there_are_told_and_are_no_failure() {
    let run = Place::new().fetch("--compare http://127.0.0.1:{http}/file.txt");
    run.exit(0);
    assert!(
        run.out.contains("HTTP/1.1 IPv6 cold       - the URL has an IPv4 address\n"),
        "{run:?}"
    );
    assert!(run.out.contains("HTTP/3   IPv4 cold       - HTTP/3 is for https alone\n"), "{run:?}");
}

#[test]
fn tls_is_resumed_over_a_new_connection() {
    let run = Place::new().fetch("-k --compare --json https://127.0.0.1:{https}/file.txt");
    run.exit(0);
    let lines = lines(&run);
    let rows = of(&lines, "compared");
    let sessions: Vec<_> = rows
        .iter()
        .filter(|row| row["version"] == "1.1" && row["family"] == "ipv4")
        .map(|row| {
            (row["session"].as_str().unwrap(), row["outcome"].as_str().unwrap(), &row["note"])
        })
        .collect();
    let none = &serde_json::Value::Null;
    assert_eq!(sessions, [("cold", "answered", none), ("resumed", "answered", none)]);
    let answered: Vec<_> = rows.iter().filter(|row| row["outcome"] == "answered").collect();
    assert!(answered.iter().all(|row| row["sha256"] == answered[0]["sha256"]));
    assert_eq!(lines.last().unwrap()["failed"], 0);
}

#[test]
fn server_that_is_not_there_is_a_failure() {
    let run = Place::new().fetch("--compare http://127.0.0.1:1/");
    run.exit(7);
    assert!(run.out.contains("HTTP/1.1 IPv4 cold       failed: (7) "), "{run:?}");
    assert!(run.out.ends_with("no answer\n"), "{run:?}");
}

#[test]
fn name_without_address_of_a_family_is_told() {
    let run =
        Place::new().fetch("--compare --resolve a.test:{http}:127.0.0.1 http://a.test:{http}/");
    run.exit(0);
    assert!(run.out.contains("HTTP/1.1 IPv6 cold       - no IPv6 address\n"), "{run:?}");
}
