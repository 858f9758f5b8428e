use bytes::Bytes;

use super::*;
use crate::agent::request::{self, Shown};

fn url(text: &str) -> Url {
    Url::parse(text, None, false).unwrap()
}

fn head(status: u16) -> Head {
    Head { status, ..Head::default() }
}

fn posting() -> Spec {
    let mut spec = Spec::default();
    spec.request.body = Body::Octets(Bytes::from_static(b"x"), None);
    spec
}

/// The method after a redirect with this status.
fn after(spec: &Spec, status: u16) -> String {
    let hop = Hop::first(url("http://a.test/"), spec, 0, Why::First);
    hop.redirect(&head(status), b"/next", spec).unwrap().0.method(spec)
}

#[test]
fn post_becomes_get_where_everybody_does_that() {
    let spec = posting();
    let methods = [301, 302, 303, 307, 308].map(|status| after(&spec, status));
    assert_eq!(methods, ["GET", "GET", "GET", "POST", "POST"]);
}

#[test]
fn post_stays_where_that_was_asked_for() {
    let mut spec = posting();
    spec.redirects.keeps_post = [true, false, true];
    assert_eq!([301, 302, 303].map(|status| after(&spec, status)), ["POST", "GET", "POST"]);
}

#[test]
fn method_that_was_named_is_kept_or_follows_the_status() {
    let mut spec = posting();
    spec.request.method = Some("PURGE".to_owned());
    assert_eq!([301, 303, 307].map(|status| after(&spec, status)), ["PURGE", "PURGE", "PURGE"]);
    spec.redirects.keeps_method = false;
    assert_eq!(after(&spec, 303), "GET");
    assert_eq!(after(&spec, 308), "PURGE");
}

#[test]
fn head_stays_head() {
    let mut spec = Spec::default();
    spec.request.is_head = true;
    assert_eq!([301, 302, 303].map(|status| after(&spec, status)), ["HEAD", "HEAD", "HEAD"]);
}

#[test]
fn redirect_to_what_is_not_spoken_is_refused() {
    let spec = Spec::default();
    let hop = Hop::first(url("http://a.test/"), &spec, 0, Why::First);
    for to in ["file:///etc/passwd", "gopher://a.test/", "ftp://a.test/"] {
        let failure = hop.redirect(&head(302), to.as_bytes(), &spec).unwrap_err();
        assert_eq!(failure.kind, Kind::UnsupportedProtocol, "{to}");
        assert!(failure.text.ends_with("is disabled (in redirect)"), "{}", failure.text);
    }
}

#[test]
fn redirect_to_https_only_may_be_asked_for() {
    let mut spec = Spec::default();
    spec.redirects.redirect_schemes = vec!["https".to_owned()];
    let hop = Hop::first(url("http://a.test/"), &spec, 0, Why::First);
    assert!(hop.redirect(&head(302), b"/x", &spec).is_err());
    assert!(hop.redirect(&head(302), b"https://a.test/x", &spec).is_ok());
}

#[test]
fn login_in_a_redirect_is_for_the_same_host_only() {
    let spec = Spec::default();
    let hop = Hop::first(url("http://a.test/"), &spec, 0, Why::First);
    let (next, notes) = hop.redirect(&head(302), b"http://u:p@b.test/", &spec).unwrap();
    assert_eq!((next.url.user, notes.len()), (None, 1));
    let (next, notes) = hop.redirect(&head(302), b"http://u:p@a.test/", &spec).unwrap();
    assert_eq!((next.url.user.as_deref(), notes.len()), (Some("u"), 0));
}

#[test]
fn other_port_is_another_server() {
    let mut spec = Spec::default();
    spec.request.fields = vec![FieldEdit::Set(b"authorization".to_vec(), b"secret".to_vec())];
    let hop = Hop::first(url("http://a.test/"), &spec, 0, Why::First);
    for to in ["http://a.test:81/", "https://a.test/", "http://b.test/"] {
        let (next, _) = hop.redirect(&head(302), to.as_bytes(), &spec).unwrap();
        let made = request::make(&next, &spec, &Shown::default()).unwrap();
        assert_eq!(made.fields.get("authorization"), None, "{to}");
    }
    spec.credentials.go_anywhere = true;
    let (next, _) = hop.redirect(&head(302), b"http://b.test/", &spec).unwrap();
    assert!(next.is_trusted(&spec));
}

#[test]
fn way_back_home_shows_the_secret_again() {
    let spec = Spec::default();
    let hop = Hop::first(url("http://a.test/"), &spec, 0, Why::First);
    let (away, _) = hop.redirect(&head(302), b"http://b.test/", &spec).unwrap();
    assert!(!away.is_trusted(&spec));
    let (home, _) = away.redirect(&head(302), b"http://a.test/", &spec).unwrap();
    assert!(home.is_trusted(&spec));
}

#[test]
fn referer_has_neither_login_nor_fragment() {
    let mut spec = Spec::default();
    spec.request.is_referer_automatic = true;
    let hop = Hop::first(url("http://u:p@a.test/x#y"), &spec, 0, Why::First);
    let (next, _) = hop.redirect(&head(302), b"/z", &spec).unwrap();
    assert_eq!(next.referer.as_deref(), Some("http://a.test/x"));
}

#[test]
fn host_that_was_named_is_for_the_first_server() {
    let mut spec = Spec::default();
    spec.request.fields = vec![FieldEdit::Set(b"Host".to_vec(), b"other.test".to_vec())];
    let hop = Hop::first(url("http://a.test/"), &spec, 0, Why::First);
    let host = |hop: &Hop| request::make(hop, &spec, &Shown::default()).unwrap().authority;
    assert_eq!(host(&hop), "other.test");
    let (next, _) = hop.redirect(&head(302), b"http://b.test/", &spec).unwrap();
    assert_eq!(host(&next), "b.test");
}

#[test]
fn fields_are_replaced_emptied_and_left_out() {
    let mut spec = Spec::default();
    spec.request.agent = Some("me".to_owned());
    spec.request.fields = vec![
        FieldEdit::Remove(b"Accept".to_vec()),
        FieldEdit::Empty(b"X-Empty".to_vec()),
        FieldEdit::Set(b"user-agent".to_vec(), b"you".to_vec()),
    ];
    let hop = Hop::first(url("http://a.test/"), &spec, 0, Why::First);
    let made = request::make(&hop, &spec, &Shown::default()).unwrap();
    let names: Vec<_> = made.fields.0.iter().map(|field| field.name.as_slice()).collect();
    assert_eq!(names, [&b"Host"[..], b"X-Empty", b"user-agent"]);
}
