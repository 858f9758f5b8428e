use super::*;

/// What curl 8.14 sends as If-Modified-Since for `-z`.
#[rustfmt::skip]
const TYPED: [(&str, Option<&str>); 26] = [
    ("20040911", Some("Sat, 11 Sep 2004 00:00:00 GMT")),
    ("20040911 10:20:30", Some("Sat, 11 Sep 2004 10:20:30 GMT")),
    ("11 Sep 2012", Some("Tue, 11 Sep 2012 00:00:00 GMT")),
    ("Sep 11 2012", Some("Tue, 11 Sep 2012 00:00:00 GMT")),
    ("2012 Sep 11", Some("Tue, 11 Sep 2012 00:00:00 GMT")),
    ("Sep 2012 11", Some("Tue, 11 Sep 2012 00:00:00 GMT")),
    ("Sun, 06 Nov 1994 08:49:37 GMT", Some("Sun, 06 Nov 1994 08:49:37 GMT")),
    ("Sunday, 06-Nov-94 08:49:37 GMT", Some("Sun, 06 Nov 1994 08:49:37 GMT")),
    ("Sun Nov  6 08:49:37 1994", Some("Sun, 06 Nov 1994 08:49:37 GMT")),
    ("12 Sep 2012 10:20 EST", Some("Wed, 12 Sep 2012 15:20:00 GMT")),
    ("12 Sep 2012 10:20:30 +0200", Some("Wed, 12 Sep 2012 08:20:30 GMT")),
    ("12 Sep 2012 10:20:30 -1400", Some("Thu, 13 Sep 2012 00:20:30 GMT")),
    ("12 Sep 2012 12:00:00 A", Some("Wed, 12 Sep 2012 13:00:00 GMT")),
    ("12 Sep 2012 12:00:00 Y", Some("Wed, 12 Sep 2012 00:00:00 GMT")),
    ("12 Sep 2012 12:00:00 NZDT", Some("Tue, 11 Sep 2012 23:00:00 GMT")),
    ("1 Jan 1583", Some("Sat, 01 Jan 1583 00:00:00 GMT")),
    ("1 Jan 70", Some("Wed, 01 Jan 2070 00:00:00 GMT")),
    ("1 Jan 71", Some("Fri, 01 Jan 1971 00:00:00 GMT")),
    ("31 Feb 2012", Some("Fri, 02 Mar 2012 00:00:00 GMT")),
    ("1 Jan 2012 23:59:60", Some("Mon, 02 Jan 2012 00:00:00 GMT")),
    ("1 Jan 99999", Some("Fri, 01 Jan 99999 00:00:00 GMT")),
    ("1 Jan 1582", None),
    ("1 Jan 2012 24:00:00", None),
    ("1 Jan 2012 J", None),
    ("tomorrow", None),
    ("1 1 1", None),
];

#[test]
fn dates_are_read_as_curl_reads_them() {
    for (text, expected) in TYPED {
        let read = parse_typed(text.as_bytes()).map(format_http);
        assert_eq!(read.as_deref(), expected, "{text}");
    }
}

#[test]
fn extended_form_of_iso_8601_is_read_too() {
    let whole = |text: &str| parse_typed(text.as_bytes()).map(format_http);
    assert_eq!(whole("2012-09-11").as_deref(), Some("Tue, 11 Sep 2012 00:00:00 GMT"));
    assert_eq!(whole("2012-09-11T10:20:30Z").as_deref(), Some("Tue, 11 Sep 2012 10:20:30 GMT"));
    let zoned = whole("2012-09-11 10:20:30.5+02:00");
    assert_eq!(zoned.as_deref(), Some("Tue, 11 Sep 2012 08:20:30 GMT"));
    assert_eq!(whole("2012-13-11"), None);
    assert_eq!(whole("2012-9-1"), None, "months have two digits");
}

#[test]
fn dates_of_cookies_may_have_words_that_nobody_knows() {
    let read = parse_cookie(b"Foo, 11-Sep-2012 10:20:30 Bar").map(format_http);
    assert_eq!(read.as_deref(), Some("Tue, 11 Sep 2012 10:20:30 GMT"));
    assert_eq!(parse_cookie(b"Foo, 99 Bar 9999 99:99:99"), None);
    assert_eq!(parse_cookie(b"Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
}

#[test]
fn dates_of_http_go_both_ways() {
    let text = "Sun, 06 Nov 1994 08:49:37 GMT";
    let seconds = parse_http(text.as_bytes()).unwrap();
    assert_eq!(format_http(seconds), text);
    assert_eq!(parse_http(b"Sun, 06 Nov 1994 08:49:37 \xff"), None);
    for seconds in [0, -1, 951_782_400, 4_102_444_799, 253_402_300_800] {
        let (at, text) = (Civil::of(seconds), format_http(seconds));
        assert_eq!(parse_typed(text.as_bytes()), Some(seconds), "{text} {at:?}");
    }
}

#[test]
fn any_octets_and_any_seconds_are_taken() {
    let mut random = crate::chance::Chance::new(1);
    for _ in 0..20_000 {
        let text = random.mix(b"0123456789 :-+,JanSepGMTZ/T.\xff\0", 24);
        let _ = (parse_http(&text), parse_cookie(&text), parse_typed(&text));
    }
    for seconds in [i64::MIN, i64::MAX, i64::MIN + 1, -62_167_219_201] {
        assert!(format_http(seconds).ends_with("GMT"));
    }
}
