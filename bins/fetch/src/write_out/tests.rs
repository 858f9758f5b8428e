use wireline_http::{Fields, Head, Times, Url, Version};

use super::*;

fn origin() -> Origin {
    let url = Url {
        scheme: "http".to_owned(),
        host: "127.0.0.1".to_owned(),
        port: Some(27700),
        path: "/a".to_owned(),
        query: Some("x".to_owned()),
        ..Url::default()
    };
    Origin { text: "127.0.0.1:27700/a?x".to_owned(), url, number: 1, transfer: 2 }
}

fn report() -> Report {
    let mut fields = Fields::default();
    fields.push("Server", "a\"b");
    fields.push("Set-Cookie", "a=1");
    fields.push("set-cookie", "b=2");
    fields.push("Content-Type", "text/plain");
    Report {
        scheme: "http".to_owned(),
        method: "GET".to_owned(),
        version: Some(Version::Http11),
        head: Some(Head { status: 404, fields, ..Head::default() }),
        remote: "127.0.0.1:27700".parse().ok(),
        received_body: 15,
        times: Times {
            total: Duration::from_micros(1_002_500),
            name: Duration::from_micros(25),
            ..Times::default()
        },
        ..Report::default()
    }
}

fn written(template: &str, code: u8) -> Written {
    let (report, origin) = (report(), origin());
    let error = (code != 0).then_some("it failed");
    let summary = Summary {
        report: &report,
        origin: &origin,
        code,
        error,
        file: Some("out"),
        wall: Duration::new(86_400, 1_234_567),
    };
    write(template, &summary)
}

fn text(template: &str) -> String {
    let octets = written(template, 0).parts.into_iter().flat_map(|part| part.octets).collect();
    String::from_utf8(octets).unwrap()
}

#[test]
fn values_have_curls_formats() {
    let cases = [
        ("%{http_code} %{response_code} %{http_connect}", "404 404 000"),
        ("%{time_total} %{time_namelookup} %{time_connect}", "1.002500 0.000025 0.000000"),
        ("%{size_download} %{speed_download} %{exitcode}", "15 14 0"),
        ("%{http_version} %{scheme} %{method}", "1.1 http GET"),
        ("%{remote_ip}:%{remote_port} %{local_ip}:%{local_port}", "127.0.0.1:27700 :-1"),
        ("%{filename_effective} %{errormsg}.%{redirect_url}.%{referer}.", "out ..."),
        ("%{url} %{urlnum} %{xfer_id} %{content_type}", "127.0.0.1:27700/a?x 1 2 text/plain"),
        ("%{url.host} %{url.port} %{url.query} %{url.user}.", "127.0.0.1 27700 x ."),
        ("%header{SERVER} %header{nope}.%header{set-cookie}", "a\"b .a=1"),
        ("%header{set-cookie:all:; }", "a=1; b=2"),
        ("%time{%Y-%m-%d %H:%M:%S.%f %z %Z %s}", "1970-01-02 00:00:00.001234 +0000 UTC 86400"),
    ];
    for (template, value) in cases {
        assert_eq!(text(template), value, "{template}");
    }
}

#[test]
fn what_is_no_variable_stays_as_curl_leaves_it() {
    let cases = [
        ("a\\tb\\x%%%z", "a\tb\\x%%z"),
        ("%{foo", "%{foo"),
        ("%header{foo", "%header{foo"),
        ("%output{foo", "%output{foo"),
        ("%", "%"),
        ("\\", "\\"),
        ("\\n\\r%", "\n\r%"),
        ("%output{}aa", "aa"),
        ("%é\\é", "%é\\é"),
    ];
    for (template, value) in cases {
        assert_eq!(text(template), value, "{template}");
    }
    let unknown = written("%{foo}a%{}%{url.bad}", 0);
    assert_eq!(unknown.unknown, ["foo", "", "url.bad"]);
}

#[test]
fn parts_go_where_they_are_sent() {
    let all = written("a%{stderr}b%{stdout}c%output{f}d%output{>>g}", 0).parts;
    let file = |name: &str, is_appended| Place::File { path: name.into(), is_appended };
    let places: Vec<_> = all.iter().map(|part| (&part.to, part.octets.as_slice())).collect();
    let expected: [(&Place, &[u8]); 5] = [
        (&Place::Stdout, b"a"),
        (&Place::Stderr, b"b"),
        (&Place::Stdout, b"c"),
        (&file("f", false), b"d"),
        (&file("g", true), b""),
    ];
    assert_eq!(places, expected);
}

#[test]
fn what_is_for_failures_is_written_for_failures() {
    assert_eq!(text("a%{onerror}b"), "a");
    let failed = written("a%{onerror}b%{exitcode}%{errormsg}", 7).parts;
    assert_eq!(failed.first().map(|part| part.octets.as_slice()), Some(&b"ab7it failed"[..]));
}

#[test]
fn json_has_curls_keys_and_types() {
    let json = text("%{json}");
    assert!(
        json.starts_with("{\"certs\":\"\",\"conn_id\":0,\"content_type\":\"text/plain\""),
        "{json}"
    );
    assert!(json.contains("\"time_total\":1.002500,\"tls_earlydata\":0,\"url\":"), "{json}");
    assert!(
        json.contains("\"http_code\":404,\"http_connect\":0,\"http_version\":\"1.1\""),
        "{json}"
    );
    assert!(json.contains("\"url.fragment\":null,\"url.host\":\"127.0.0.1\""), "{json}");
    let read: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(read.as_object().map(serde_json::Map::len), Some(69));
    assert_eq!(read["remote_port"], 27700);
}

#[test]
fn fields_as_json_are_grouped_under_small_names() {
    let json = "{\"server\":[\"a\\\"b\"],\n\"set-cookie\":[\"a=1\",\"b=2\"],\n\"content-type\":[\"text/plain\"]\n}";
    assert_eq!(text("%{header_json}"), json);
}

#[test]
fn certificates_are_written_whole() {
    use wireline_http::tls::{Certificate, Facts};
    let certificate = Certificate { der: vec![0; 50], ..Certificate::default() };
    let facts = Facts { chain: vec![certificate], ..Facts::default() };
    let text = certificates::all(&facts);
    let zeros = "A".repeat(64);
    let pem = format!("-----BEGIN CERTIFICATE-----\n{zeros}\nAAA=\n-----END CERTIFICATE-----\n");
    assert!(text == pem, "what cannot be read is written all the same: {text}");
}
