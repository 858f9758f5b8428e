use super::*;

fn effective(text: &str) -> Result<String, (Kind, String)> {
    let url = Url::parse(text, None, false).map_err(|why| (why.kind, why.text))?;
    Ok(url.effective())
}

/// What curl 8.14 makes of them, measured with `-w '%{url_effective}'`.
const READ: &[(&str, &str)] = &[
    ("localhost", "http://localhost/"),
    ("HTTP://ExAmPle.COM/Path", "http://ExAmPle.COM/Path"),
    ("http://h:/x", "http://h/x"),
    ("http://h:00080/", "http://h:80/"),
    ("http:/h/x", "http://h/x"),
    ("http:///h/x", "http://h/x"),
    ("http://h?q#f?x", "http://h/?q#f?x"),
    ("http://h/a?#", "http://h/a"),
    ("mailto:x@y", "http://mailto:x@y/"),
    ("http://:p@h/", "http://:p@h/"),
    ("http://u%20x:p%40@h/", "http://u%20x:p%40@h/"),
    ("http://h/é", "http://h/é"),
    ("http://bücher.example/", "http://bücher.example/"),
    ("http://h%41x/", "http://hAx/"),
    ("http://%31%32%37.0.0.1/", "http://127.0.0.1/"),
    ("http://127.1/", "http://127.0.0.1/"),
    ("http://0x7f.1/", "http://127.0.0.1/"),
    ("http://2130706433/", "http://127.0.0.1/"),
    ("http://017700000001/", "http://127.0.0.1/"),
    ("http://127.0.0.256/", "http://127.0.0.256/"),
    ("http://4294967296/", "http://4294967296/"),
    ("http://1.2.3/", "http://1.2.0.3/"),
    ("http://08/", "http://08/"),
    ("http://0x/", "http://0x/"),
    ("http://[0:0:0:0:0:0:0:1]/", "http://[::1]/"),
    ("http://[2001:DB8::A]/", "http://[2001:DB8::A]/"),
    ("http://[::1%lo]/", "http://[::1%25lo]/"),
    ("http://[fe80::1%25]/", "http://[fe80::1%2525]/"),
    ("http://h|x/", "http://h|x/"),
    ("http://h/a/./b/", "http://h/a/b/"),
    ("http://h/a/..", "http://h/"),
    ("http://h/a/.", "http://h/a/"),
    ("http://h/...", "http://h/..."),
    ("http://h/a//../b", "http://h/a/b"),
    ("http://h/a/%2E%2e/b", "http://h/b"),
    ("http://h/a/.%2e/b", "http://h/b"),
    ("http://h/a?../b", "http://h/a?../b"),
    ("http://h/%zz%", "http://h/%zz%"),
    ("u:p@h:8080/x", "http://u:p@h:8080/x"),
    ("[::1]:80/x", "http://[::1]:80/x"),
    ("http//h", "http://http//h"),
];

/// What curl 8.14 says of them.
const REFUSED: &[(&str, &str)] = &[
    ("http://h:65536/", "Port number was not a decimal number between 0 and 65535"),
    ("http://h:-1/", "Port number was not a decimal number between 0 and 65535"),
    ("http:h/x", "Port number was not a decimal number between 0 and 65535"),
    ("http://[::1]x/", "Port number was not a decimal number between 0 and 65535"),
    ("http://::1/", "Port number was not a decimal number between 0 and 65535"),
    ("h:", "Port number was not a decimal number between 0 and 65535"),
    ("http:////h/x", "Unsupported number of slashes following scheme"),
    ("http://", "No host part in the URL"),
    ("http://?q", "No host part in the URL"),
    ("/path", "No host part in the URL"),
    (":80", "No host part in the URL"),
    ("http://a@b@c/", "Bad hostname"),
    ("http://h%2fx/", "Bad hostname"),
    ("http://h%00x/", "Bad hostname"),
    ("http://h\\x/", "Bad hostname"),
    ("http://h%/", "Bad hostname"),
    ("http://[::g]/", "Bad IPv6 address"),
    ("http://[::1/", "Bad IPv6 address"),
    ("http://[fe80::1%]/", "Bad IPv6 address"),
    ("http://[1.2.3.4]/", "Bad IPv6 address"),
    ("http://h/a b", "Malformed input to a URL function"),
    ("http://h/\tx", "Malformed input to a URL function"),
    ("http://h/\x7f", "Malformed input to a URL function"),
];

#[test]
fn what_people_type_is_read_as_curl_does() {
    for (text, wanted) in READ {
        assert_eq!(effective(text).as_deref(), Ok(*wanted), "{text}");
    }
}

#[test]
fn what_is_no_url_is_refused_in_curl_s_words() {
    for (text, wanted) in REFUSED {
        let wanted = (Kind::MalformedUrl, format!("URL rejected: {wanted}"));
        assert_eq!(effective(text), Err(wanted), "{text}");
    }
    let wanted = "URL using bad/illegal format or missing URL".to_owned();
    for text in ["http://u%00x@h/", "http://☃|.net/"] {
        assert_eq!(effective(text), Err((Kind::MalformedUrl, wanted.clone())), "{text}");
    }
}

#[test]
fn other_schemes_are_refused_by_name() {
    for (text, scheme) in [
        ("ftp://h/x", "ftp"),
        ("ftp.example.com", "ftp"),
        ("file:///etc/passwd", "file"),
        ("http+unix://x/", "http+unix"),
    ] {
        let wanted = format!("Protocol \"{scheme}\" not supported");
        assert_eq!(effective(text), Err((Kind::UnsupportedProtocol, wanted)), "{text}");
    }
}

#[test]
fn default_scheme_is_taken_where_there_is_none() {
    let url = |text| Url::parse(text, Some("HTTPS"), false).unwrap().effective();
    assert_eq!(url("h/x"), "https://h/x");
    assert_eq!(url("http://h/x"), "http://h/x");
}

#[test]
fn dots_stay_where_they_are_asked_for() {
    let url = Url::parse("http://h/a/../b", None, true).unwrap();
    assert_eq!(url.request_target(), "/a/../b");
    assert_eq!(url.join(b"../c", true).unwrap().path, "/a/../../c");
}

#[test]
fn name_is_looked_up_in_small_letters_and_shown_as_typed() {
    let url = Url::parse("http://ExAmple.COM:8080/", None, false).unwrap();
    assert_eq!(
        (url.host.as_str(), url.host_header().as_str()),
        ("example.com", "ExAmple.COM:8080")
    );
    let url = Url::parse("https://bücher.example:443", None, false).unwrap();
    assert_eq!(url.host, "xn--bcher-kva.example");
    assert_eq!(url.host_header(), "xn--bcher-kva.example");
    assert_eq!(url.authority(), "xn--bcher-kva.example:443");
    let url = Url::parse("http://faß.de", None, false).unwrap();
    assert_eq!(url.host, "xn--fa-hia.de", "not fass.de, which is another's");
}

#[test]
fn login_is_decoded_and_shown_to_nobody() {
    let url = Url::parse("http://a%40b:c%3Ad@h/x?y#z", None, false).unwrap();
    assert_eq!((url.user.as_deref(), url.password.as_deref()), (Some("a@b"), Some("c:d")));
    assert_eq!(url.to_string(), "http://h/x?y#z");
    assert_eq!(url.referer(), "http://h/x?y");
    assert_eq!(url.absolute_target(), "http://h/x?y");
    assert_eq!(url.part(Part::User).as_deref(), Some("a%40b"));
    assert_eq!(url.part(Part::Password).as_deref(), Some("c%3Ad"));
}

#[test]
fn address_of_ipv6_is_bracketed_where_it_is_shown() {
    let url = Url::parse("http://[FE80::1%25eth0]:80/p", None, false).unwrap();
    assert_eq!((url.host.as_str(), url.zone.as_deref()), ("fe80::1", Some("eth0")));
    assert_eq!(url.host_header(), "[FE80::1]");
    assert_eq!(url.authority(), "[fe80::1]:80");
    assert_eq!(url.part(Part::Host).as_deref(), Some("[FE80::1]"));
    assert_eq!(url.part(Part::ZoneId).as_deref(), Some("eth0"));
}

/// What curl 8.14 makes of Location values behind `http://u:p@h:1/a/b/r?oq`.
const JOINED: &[(&str, &str)] = &[
    ("/x", "http://u:p@h:1/x"),
    ("x", "http://u:p@h:1/a/b/x"),
    ("../x", "http://u:p@h:1/a/x"),
    ("../../../x", "http://u:p@h:1/x"),
    ("?q", "http://u:p@h:1/a/b/r?q"),
    ("#f", "http://u:p@h:1/a/b/r?oq#f"),
    ("?", "http://u:p@h:1/a/b/r"),
    ("//o/x", "http://o/x"),
    ("///x", "http://x/"),
    ("//u@o/x", "http://u@o/x"),
    ("https://O:1/x", "https://O:1/x"),
    ("x y?z w#v u", "http://u:p@h:1/a/b/x%20y?z+w#v+u"),
    ("/é?ü", "http://u:p@h:1/%c3%a9?%c3%bc"),
    ("\\\\evil\\x", "http://u:p@h:1/a/b/\\\\evil\\x"),
    ("/a\tb", "http://u:p@h:1/a%09b"),
    ("  /x  ", "http://u:p@h:1/x"),
    ("1:2", "http://u:p@h:1/a/b/1:2"),
    ("..", "http://u:p@h:1/a/"),
    ("http://bücher.de/", "http://bücher.de/"),
    ("file:///etc/passwd", "file:///etc/passwd"),
    ("mailto:a", "mailto:a"),
];

#[test]
fn references_lead_where_curl_follows_them() {
    let base = Url::parse("http://u:p@h:1/a/b/r?oq", None, false).unwrap();
    for (reference, wanted) in JOINED {
        let url = base.join(reference.as_bytes(), false).unwrap();
        assert_eq!(url.effective(), *wanted, "{reference}");
    }
    let why = base.join(b"http://o:99999/", false).unwrap_err();
    assert_eq!(
        why.text,
        "The redirect target URL could not be parsed: \
         Port number was not a decimal number between 0 and 65535"
    );
    assert!(base.join(b"http://a b/", false).is_err());
    assert!(base.join(b"http://\xff/", false).is_err());
    assert_eq!(base.join(b"/\xff", false).unwrap().path, "/%ff");
}

#[test]
fn origins_are_scheme_host_and_port() {
    let url = |text| Url::parse(text, None, false).unwrap();
    assert!(url("http://H/").is_same_origin(&url("http://h:80/x")));
    assert!(!url("http://h/").is_same_origin(&url("https://h:80/")));
    assert!(!url("http://h/").is_same_origin(&url("http://h:81/")));
}

#[test]
fn no_text_panics_and_what_is_read_is_read_again() {
    let pieces = [
        "http://", "https:", "/", "//", "@", ":", "?", "#", "[", "]", "::1", "%", "%2e", "..", ".",
        "0x", "1", "255", "a", "é", "\u{ad}", "%ff", "%00", " ", "\\", "xn--", "。",
    ];
    let base = Url::parse("http://h/a/b", None, false).unwrap();
    let mut seed = 3_u64;
    for _ in 0..100_000 {
        let mut text = String::new();
        for _ in 0..8 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            text.push_str(pieces[usize::try_from(seed >> 33).unwrap() % pieces.len()]);
        }
        let _ = base.join(text.as_bytes(), false);
        if let Ok(url) = Url::parse(&text, None, false) {
            assert!(url.path.starts_with('/') && !url.host.is_empty(), "{text}");
            let again = Url::parse(&url.effective(), None, false);
            assert_eq!(again.as_ref(), Ok(&url), "{text}");
        }
    }
}
