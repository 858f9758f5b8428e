use super::*;
use crate::chance::Chance;

#[expect(clippy::unnecessary_wraps, reason = "as it is passed on")]
fn user() -> Option<(String, String)> {
    Some(("Mufasa".to_owned(), "Circle of Life".to_owned()))
}

fn text(field: Option<Vec<u8>>) -> String {
    String::from_utf8(field.unwrap()).unwrap()
}

fn ask(one: &mut Authenticator, fields: &[&str]) -> Reaction {
    one.challenged(fields.iter().map(|field| field.as_bytes()))
}

/// What a server would expect of this answer, word for word from RFC 7616 §3.4.1.
fn check(answer: &str, hash: impl Fn(&str) -> String, user: &str, method: &str) {
    let found = challenge::parameters(answer.strip_prefix("Digest ").unwrap().as_bytes());
    let get = |name: &str| found.get(name).cloned().unwrap_or_default();
    let mut a1 = hash(&format!("{user}:{}:Circle of Life", get("realm")));
    if get("algorithm").ends_with("-sess") {
        a1 = hash(&format!("{a1}:{}:{}", get("nonce"), get("cnonce")));
    }
    let a2 = hash(&format!("{method}:{}", get("uri")));
    let (nonce, nc, cnonce) = (get("nonce"), get("nc"), get("cnonce"));
    assert_eq!(get("response"), hash(&format!("{a1}:{nonce}:{nc}:{cnonce}:auth:{a2}")));
}

#[test]
fn basic_and_bearer_are_shown_at_once() {
    let mut basic =
        Authenticator::new(AuthSchemes::Basic, Some(("u\u{e9}".into(), "p:q".into())), None);
    assert_eq!(text(basic.field("GET", "/", [0; 16])), "Basic dcOpOnA6cQ==");
    assert!(matches!(ask(&mut basic, &["Basic realm=x"]), Reaction::GiveUp(_)));
    let mut bearer = Authenticator::new(AuthSchemes::Basic, user(), Some("tok".into()));
    assert_eq!(text(bearer.field("GET", "/", [0; 16])), "Bearer tok");
}

#[test]
fn digest_of_rfc_2069_is_as_there() {
    // RFC 2617 §3.5's example, without its qop, answers as RFC 2069 has it.
    let mut digest = Authenticator::new(
        AuthSchemes::Digest,
        Some(("Mufasa".into(), "CircleOfLife".into())),
        None,
    );
    assert!(digest.awaits_challenge());
    assert_eq!(digest.field("GET", "/", [0; 16]), None);
    let field = "Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"";
    assert_eq!(ask(&mut digest, &[field]), Reaction::Again);
    assert!(!digest.awaits_challenge());
    let answer = text(digest.field("GET", "/dir/index.html", [0; 16]));
    let expected = "Digest username=\"Mufasa\", realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", uri=\"/dir/index.html\", response=\"1949323746fe6a43ef61f9606e7febea\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"";
    assert_eq!(answer, expected);
}

#[test]
fn first_challenge_that_is_understood_is_answered() {
    let mut digest = Authenticator::new(AuthSchemes::Any, user(), None);
    let fields = [
        "Negotiate, Digest realm=\"a, \\\"b\", qop=\"auth\", algorithm=SHA-3, nonce=\"0\"",
        "Basic realm=\"x\", Digest realm=\"r\\\"s\", qop=\"auth-int, auth\", algorithm=SHA-256-sess, nonce=\"n\", opaque=\"o\"",
        "Digest realm=\"r\", nonce=\"m\"",
    ];
    assert_eq!(ask(&mut digest, &fields), Reaction::Again);
    let answer = text(digest.field("POST", "/a?b", [7; 16]));
    assert!(answer.contains("realm=\"r\\\"s\"") && answer.contains("nc=00000001"), "{answer}");
    let hash = |text: &str| {
        use sha2::Digest as _;
        data_encoding::HEXLOWER.encode(&sha2::Sha256::digest(text.as_bytes()))
    };
    check(&answer, hash, "Mufasa", "POST");
    assert!(text(digest.field("POST", "/a?b", [8; 16])).contains("nc=00000002"));
}

#[test]
fn every_algorithm_is_the_one_of_rfc_7616() {
    // RFC 7616 §3.9.1: Mufasa's answers to MD5 and SHA-256.
    use data_encoding::HEXLOWER;
    use sha2::Digest as _;
    let ask_for = |algorithm: &str, extra: &str| {
        let mut digest = Authenticator::new(AuthSchemes::Digest, user(), None);
        let field = format!(
            "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm={algorithm}, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\"{extra}"
        );
        assert_eq!(ask(&mut digest, &[&field]), Reaction::Again);
        text(digest.field("GET", "/dir/index.html", [1; 16]))
    };
    let md5 = |text: &str| HEXLOWER.encode(&md5::Md5::digest(text.as_bytes()));
    let long = |text: &str| HEXLOWER.encode(&sha2::Sha512_256::digest(text.as_bytes()));
    for name in ["MD5", "MD5-sess"] {
        check(&ask_for(name, ""), md5, "Mufasa", "GET");
    }
    for name in ["SHA-512-256", "SHA-512-256-sess"] {
        check(&ask_for(name, ""), long, "Mufasa", "GET");
    }
    let hidden = ask_for("SHA-512-256", ", userhash=true");
    check(&hidden, long, "Mufasa", "GET");
    assert!(hidden.ends_with("userhash=true") && !hidden.contains("Mufasa"));
}

#[test]
fn bodies_alone_and_wrong_logins_are_given_up() {
    let mut digest = Authenticator::new(AuthSchemes::Digest, user(), None);
    let only = ["Digest realm=x, nonce=y, qop=\"auth-int\""];
    assert!(matches!(ask(&mut digest, &only), Reaction::GiveUp(why) if why.contains("auth-int")));
    let good = ["Digest realm=x, nonce=y, qop=\"auth\""];
    assert_eq!(ask(&mut digest, &good), Reaction::Again);
    let _ = digest.field("GET", "/", [0; 16]);
    assert!(matches!(ask(&mut digest, &good), Reaction::GiveUp(_)), "the login is wrong");
    let mut nobody = Authenticator::new(AuthSchemes::Any, None, None);
    assert!(matches!(ask(&mut nobody, &["Basic realm=x"]), Reaction::GiveUp(_)));
}

#[test]
fn stale_nonces_are_renewed_and_not_for_ever() {
    let mut digest = Authenticator::new(AuthSchemes::Digest, user(), None);
    for count in 0..=MOST_STALE {
        let field = format!("Digest realm=x, nonce=n{count}, qop=auth, stale=TRUE");
        assert_eq!(ask(&mut digest, &[&field]), Reaction::Again);
        assert!(text(digest.field("GET", "/", [0; 16])).contains(&format!("\"n{count}\"")));
    }
    assert!(matches!(
        ask(&mut digest, &["Digest realm=x, nonce=z, stale=true"]),
        Reaction::Loop(_)
    ));
}

#[test]
fn nonce_that_was_told_is_used_next() {
    let mut digest = Authenticator::new(AuthSchemes::Digest, user(), None);
    ask(&mut digest, &["Digest realm=x, nonce=y, qop=\"auth\""]);
    let _ = digest.field("GET", "/", [0; 16]);
    digest.told(b"nextnonce=\"z\", qop=auth");
    let answer = text(digest.field("GET", "/", [0; 16]));
    assert!(answer.contains("nonce=\"z\"") && answer.contains("nc=00000001"), "{answer}");
}

#[test]
fn any_challenge_is_taken_and_no_control_octet_is_sent() {
    let mut chance = Chance::new(6);
    let words = [
        "Digest ",
        "Basic",
        "realm",
        "=",
        "\"",
        ",",
        " ",
        "nonce",
        "a",
        "qop",
        "auth",
        "stale=true",
        "\\",
        "\u{1b}[2J",
        "\r\n",
        "algorithm",
        "MD5",
        "opaque",
    ];
    for _ in 0..10_000 {
        let mut any = Authenticator::new(AuthSchemes::Any, user(), None);
        let fields = [chance.words(&words, 40), chance.words(&words, 40)];
        let _ = any.challenged(fields.iter().map(Vec::as_slice));
        if let Some(sent) = any.field("GET", "/", [0; 16]) {
            assert!(!sent.iter().any(u8::is_ascii_control), "{sent:?}");
        }
        any.told(&chance.words(&words, 40));
    }
    let huge = vec![b'x'; 1 << 20];
    let mut any = Authenticator::new(AuthSchemes::Any, user(), None);
    assert!(matches!(any.challenged([huge.as_slice()].into_iter()), Reaction::GiveUp(_)));
}
