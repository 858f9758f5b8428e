use super::*;
use crate::failure::Kind;
use crate::spec::{Elsewhere, ProxyChoice};

fn url(scheme: &str, host: &str) -> Url {
    Url { scheme: scheme.to_owned(), host: host.to_owned(), ..Url::default() }
}

fn with(choice: ProxyChoice) -> ConnectSpec {
    ConnectSpec { proxy: choice, ..ConnectSpec::default() }
}

fn all(text: &str) -> ConnectSpec {
    with(ProxyChoice { all: Some(text.to_owned()), ..ProxyChoice::default() })
}

fn read(text: &str) -> Result<Proxy, Failure> {
    Proxy::of(&url("http", "a.example"), &all(text)).map(Option::unwrap)
}

fn goes_without(except: &[&str], host: &str) -> bool {
    let except = except.iter().map(|&one| one.to_owned()).collect();
    let all = Some("proxy.example".to_owned());
    let spec = with(ProxyChoice { all, except, ..ProxyChoice::default() });
    Proxy::of(&url("http", host), &spec).unwrap().is_none()
}

#[test]
fn proxy_is_read_with_and_without_its_parts() {
    for (text, kind, host, port) in [
        ("proxy.example", ProxyKind::Http, "proxy.example", 1080),
        ("proxy.example:3128/", ProxyKind::Http, "proxy.example", 3128),
        ("HTTPS://Proxy.example", ProxyKind::Https, "proxy.example", 443),
        ("socks5h://[2001:db8::1]:9050", ProxyKind::Socks5h, "2001:db8::1", 9050),
        ("socks://192.0.2.1", ProxyKind::Socks4, "192.0.2.1", 1080),
    ] {
        let proxy = read(text).unwrap();
        assert_eq!((proxy.kind, proxy.host.as_str(), proxy.port), (kind, host, port), "{text}");
        assert_eq!(proxy.login, None);
    }
}

#[test]
fn login_of_a_proxy_is_decoded() {
    let proxy = read("http://us%3aer:p@ss%zz%41@proxy.example").unwrap();
    assert_eq!(proxy.login, Some(("us:er".to_owned(), "p@ss%zzA".to_owned())));
    let mut spec = all("http://user:word@proxy.example");
    spec.proxy_login = Some(("other".to_owned(), String::new()));
    let proxy = Proxy::of(&url("http", "a.example"), &spec).unwrap().unwrap();
    assert_eq!(proxy.login, spec.proxy_login, "what --proxy-user says comes first");
}

#[test]
fn what_is_no_proxy_is_refused_in_curls_words() {
    for (text, kind, words) in [
        ("foo://bar", Kind::Connect, "Unsupported proxy scheme for 'foo://bar'"),
        (
            "http://[::1",
            Kind::ProxyName,
            "Unsupported proxy syntax in 'http://[::1': Bad IPv6 address",
        ),
    ] {
        assert_eq!(read(text).unwrap_err(), Failure::new(kind, words));
    }
    for text in ["http://", "http://:80", "a b:80", "x:0", "x:65536", "x:+1", "x:1:2", "[::1]x"] {
        assert_eq!(read(text).map_err(|why| why.kind), Err(Kind::ProxyName), "{text}");
    }
}

#[test]
fn empty_proxy_is_none_whatever_the_environment_says() {
    let choice = ProxyChoice {
        all: Some(String::new()),
        http: Some("proxy.example".to_owned()),
        ..ProxyChoice::default()
    };
    assert_eq!(Proxy::of(&url("http", "a.example"), &with(choice)).unwrap(), None);
}

#[test]
fn each_scheme_has_its_proxy() {
    let spec = with(ProxyChoice { https: Some("s.example".to_owned()), ..ProxyChoice::default() });
    assert_eq!(Proxy::of(&url("http", "a.example"), &spec).unwrap(), None);
    assert!(Proxy::of(&url("https", "a.example"), &spec).unwrap().is_some());
}

#[test]
fn unix_socket_is_reached_without_proxy() {
    let spec = ConnectSpec { unix_socket: Some("/run/x".to_owned()), ..all("proxy.example") };
    assert_eq!(Proxy::of(&url("http", "a.example"), &spec).unwrap(), None);
}

#[test]
fn names_except_what_is_below_them_too() {
    for entry in ["a.example", ".a.example", "a.example.", "A.EXAMPLE"] {
        for host in ["a.example", "b.a.example", "a.example.", "A.Example"] {
            assert!(goes_without(&["other.example", entry], host), "{entry} {host}");
        }
        for host in ["example", "ba.example", "a.example.net", "192.0.2.1"] {
            assert!(!goes_without(&[entry], host), "{entry} {host}");
        }
    }
}

#[test]
fn blocks_except_addresses() {
    for (entry, host) in [
        ("127.0.0.0/8", "127.9.9.9"),
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.1/32", "192.0.2.1"),
        ("0.0.0.0/0", "192.0.2.1"),
        ("2001:db8::/32", "2001:db8:ffff::1"),
        ("[2001:db8::1]", "2001:db8::1"),
    ] {
        assert!(goes_without(&[entry], host), "{entry} {host}");
    }
    for (entry, host) in [
        ("127.0.0.0/8", "128.0.0.1"),
        ("127.0.0.0/8", "localhost"),
        ("127.0.0.1/40", "127.0.0.1"),
        ("127.0.0.1/x", "127.0.0.1"),
        ("192.0.2.1", "192.0.2.2"),
        ("::/0", "192.0.2.1"),
        ("127.0.0.1:80", "127.0.0.1"),
    ] {
        assert!(!goes_without(&[entry], host), "{entry} {host}");
    }
}

#[test]
fn star_is_for_all_where_it_stands_alone() {
    assert!(goes_without(&["*"], "a.example"));
    assert!(goes_without(&["*"], "192.0.2.1"));
    for except in [&["foo", "*"][..], &["*.example"], &[""], &["."]] {
        assert!(!goes_without(except, "a.example"), "{except:?}");
    }
}

#[test]
fn plain_requests_are_forwarded_and_others_tunnelled() {
    let (http, socks) = (read("proxy.example").unwrap(), read("socks5://proxy.example").unwrap());
    let spec = ConnectSpec::default();
    assert!(http.is_forwarding(&url("http", "a.example"), &spec));
    assert!(!http.is_forwarding(&url("https", "a.example"), &spec));
    assert!(!socks.is_forwarding(&url("http", "a.example"), &spec));
    let tunnels = ConnectSpec { tunnels: true, ..ConnectSpec::default() };
    assert!(!http.is_forwarding(&url("http", "a.example"), &tunnels));
    let there = Elsewhere { host: None, port: None, to_host: None, to_port: Some(1) };
    let elsewhere = ConnectSpec { elsewhere: vec![there], ..ConnectSpec::default() };
    assert!(!http.is_forwarding(&url("http", "a.example"), &elsewhere), "as curl: a tunnel there");
}
