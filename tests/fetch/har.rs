//! `--har`: all of a run in one file.

use serde_json::Value;

use super::common::Place;

fn har(place: &Place, name: &str) -> Value {
    serde_json::from_str(&place.read(name)).unwrap()
}

#[test]
fn hops_and_urls_are_entries_and_output_is_as_without() {
    let place = Place::new();
    place
        .fetch("-sL --har x.har http://127.0.0.1:{http}/redirect/1 http://127.0.0.1:{http}/file.txt?a=b%20c")
        .exit(0);
    let har = har(&place, "x.har");
    let entries = har["log"]["entries"].as_array().unwrap();
    let statuses: Vec<_> = entries.iter().map(|one| one["response"]["status"].clone()).collect();
    assert_eq!(statuses, [302, 200, 200]);
    assert_eq!(entries[2]["response"]["content"]["text"], "a file\n");
    assert_eq!(entries[2]["request"]["queryString"][0]["value"], "b c");
    assert_eq!(entries[0]["serverIPAddress"], "127.0.0.1");
    for entry in entries {
        let timings = entry["timings"].as_object().unwrap();
        let sum: f64 = timings
            .iter()
            .filter(|(name, _)| *name != "ssl")
            .filter_map(|(_, one)| one.as_f64().filter(|one| *one >= 0.0))
            .sum();
        assert!((sum - entry["time"].as_f64().unwrap()).abs() < 1e-3, "{entry}");
    }
}

#[test]
fn what_is_sent_is_there_and_logins_are_not() {
    let place = Place::new();
    place.fetch("-s --har x.har -u u:pw -b sid=77 -d a=1 http://127.0.0.1:{http}/upload").exit(0);
    let text = place.read("x.har");
    assert!(!text.contains("dTpwdw==") && !text.contains("sid=77"), "{text}");
    let har = har(&place, "x.har");
    assert_eq!(har["log"]["entries"][0]["request"]["postData"]["text"], "a=1");
    place.fetch("-s --secrets --har x.har -u u:pw http://127.0.0.1:{http}/upload").exit(0);
    assert!(place.read("x.har").contains("dTpwdw=="));
}

#[test]
fn transfer_that_fails_is_an_entry_and_a_file_that_cannot_be_is_a_failure() {
    let place = Place::new();
    place.fetch("-s --har x.har http://127.0.0.1:{http}/evil/cl-short").exit(18);
    assert!(har(&place, "x.har")["log"]["entries"][0]["response"]["_error"].is_string());
    place
        .fetch("-s --har no/x.har http://127.0.0.1:{http}/")
        .complains(23, &["no/x.har", "No such file"]);
}
