use super::*;
use crate::chance::Chance;

const NOW: i64 = 784_111_777; // Sun, 06 Nov 1994 08:49:37 GMT

fn told(method: &str, status: u16, fields: &[(&str, &str)], after: i64) -> Explanation {
    let mut head = Head { status, ..Head::default() };
    for (name, value) in fields {
        head.fields.push(*name, *value);
    }
    let request =
        Request { method: method.into(), url: "http://h.example/".into(), ..Request::default() };
    explain(&request, &head, NOW, NOW + after)
}

fn says(told: &Explanation, text: &str) -> bool {
    told.statements.iter().any(|one| one.to_string().contains(text))
}

const DATE: (&str, &str) = ("Date", "Sun, 06 Nov 1994 08:49:37 GMT");

#[test]
fn max_age_comes_before_expires_and_age_is_taken_off() {
    let fields = [
        DATE,
        ("Cache-Control", "max-age=60"),
        ("Expires", "0"),
        ("Age", "10"),
        ("ETag", "W/\"v1\""),
    ];
    let told = told("GET", 200, &fields, 9);
    assert_eq!((told.age, told.private.left, told.shared.left), (19, 41, 41));
    assert!(
        says(
            &told,
            "for caches it is fresh for 41 s more: max-age gives it 60 s (Cache-Control: max-age=60; RFC 9111 §5.2.2.1)"
        ),
        "{told:?}"
    );
    assert_eq!(told.conditions, [("If-None-Match".to_owned(), "W/\"v1\"".to_owned())]);
}

#[test]
fn shared_caches_have_words_of_their_own() {
    let told = told("GET", 200, &[DATE, ("Cache-Control", "max-age=60, s-maxage=5")], 6);
    assert_eq!((told.private.left, told.shared.left), (54, -1));
    assert!(
        says(&told, "for a shared cache it is stale since 1 s: s-maxage gives it 5 s"),
        "{told:?}"
    );
}

#[test]
fn nothing_said_is_a_tenth_of_the_time_since_it_changed() {
    let fields = [DATE, ("Last-Modified", "Sun, 06 Nov 1994 08:32:57 GMT")];
    let old = told("GET", 200, &fields, 0);
    assert_eq!((old.private.source, old.private.lifetime), (Source::Heuristic, 100));
    let expires = told("GET", 200, &[DATE, ("Expires", "Sun, 06 Nov 1994 08:50:37 GMT")], 0);
    assert_eq!((expires.private.source, expires.private.lifetime), (Source::Expires, 60));
}

#[test]
fn reasons_for_not_keeping_it_are_told() {
    assert!(says(
        &told("GET", 200, &[("Cache-Control", "no-store")], 0),
        "no cache may keep it: no-store (Cache-Control: no-store; RFC 9111 §5.2.2.5)"
    ));
    let private = told("GET", 200, &[("Cache-Control", "private, max-age=9")], 0);
    assert!(private.private.is_storable && !private.shared.is_storable);
    assert!(says(&private, "only the user's own cache"));
    assert!(says(&told("PUT", 200, &[], 0), "answers to PUT"));
    assert!(says(&told("GET", 500, &[], 0), "status 500"));
    assert!(says(&told("GET", 200, &[("Cache-Control", "no-cache")], 0), "asked before each use"));
}

#[test]
fn vary_traps_are_told() {
    assert!(says(&told("GET", 200, &[("Vary", "Accept, *")], 0), "matches no other request"));
    assert!(says(
        &told("GET", 200, &[("Vary", "User-Agent, accept")], 0),
        "it depends on user-agent"
    ));
    let coded = [("Cache-Control", "max-age=9"), ("Content-Encoding", "gzip")];
    assert!(says(&told("GET", 200, &coded, 0), "Vary does not name Accept-Encoding"));
    let named = [coded[0], coded[1], ("Vary", "accept-encoding")];
    assert!(!says(&told("GET", 200, &named, 0), "does not name"));
    let shared =
        [("Cache-Control", "max-age=9"), ("Access-Control-Allow-Origin", "https://a.example")];
    assert!(says(&told("GET", 200, &shared, 0), "Vary does not name Origin"));
    let plain = told("GET", 200, &[("Vary", "Accept-Encoding"), ("Vary", "accept")], 0);
    assert_eq!(plain.vary, ["accept", "accept-encoding"]);
}

#[test]
fn long_fields_are_cut_and_many_names_are_counted() {
    let long = "x,".repeat(10_000);
    let names: Vec<String> = (0..5_000).map(|n| format!("name-{n}")).collect();
    let fields = [("Cache-Control", long.as_str()), ("Vary", &names.join(",")), ("ETag", &long)];
    let told = told("GET", 200, &fields, 0);
    assert!(told.statements.len() < 20);
    assert!(told.statements.iter().all(|one| one.to_string().len() < 500), "{told:?}");
    assert!(says(&told, "and 4992 more"));
}

#[test]
fn request_is_read_from_what_was_sent() {
    let raw = b"GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Basic eA==\r\n\r\n";
    let request = Request::sent("GET", "http://a/", raw);
    assert_eq!(request.fields.text("authorization"), Some("Basic eA=="));
    assert_eq!(request.fields.len(), 2);
}

#[test]
fn any_head_is_taken() {
    let mut chance = Chance::new(8);
    let words = [
        "max-age",
        "=",
        "99999999999999999999",
        ",",
        "s-maxage",
        "\"",
        "no-cache",
        "private",
        "*",
        "-1",
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "\u{e9}",
    ];
    for at in 0..5_000 {
        let mut head = Head { status: 100 + at % 900, ..Head::default() };
        for name in
            ["Cache-Control", "Age", "Date", "Expires", "Last-Modified", "Vary", "ETag", "Pragma"]
        {
            head.fields.push(name, chance.words(&words, 8));
        }
        let request = Request { method: "GET".into(), ..Request::default() };
        let _ = explain(&request, &head, i64::MIN, i64::MAX);
        let _ = explain(&request, &head, i64::MAX, i64::MIN);
    }
}
