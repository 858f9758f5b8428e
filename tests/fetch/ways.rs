//! The ways to a server: proxies, versions of HTTP, certificates, and what each fails with.

use super::common::Place;

const FILE: &str = "http://127.0.0.1:{http}/file.txt";

#[test]
fn proxy_is_asked_for_the_whole_url_and_for_a_tunnel() {
    let place = Place::new();
    place.fetch(&format!("-s -x http://127.0.0.1:{{proxy}} {FILE}")).says("a file\n");
    place.fetch(&format!("-s -p -x 127.0.0.1:{{proxy}} {FILE}")).says("a file\n");
    let heard = place.requests();
    assert!(
        heard[0].starts_with(&place.filled("proxy GET http://127.0.0.1:{http}/file.txt\n")),
        "{heard:?}"
    );
    assert!(heard[1].starts_with(&place.filled("proxy CONNECT 127.0.0.1:{http}\n")), "{heard:?}");
    assert!(heard[2].starts_with("http GET /file.txt\n"), "{heard:?}");
}

#[test]
fn proxy_comes_from_the_environment_unless_the_host_is_excepted() {
    let place = Place::new();
    let proxy = ("http_proxy", "http://127.0.0.1:{proxy}");
    place.with(&[proxy], &format!("-s {FILE}")).says("a file\n");
    place.with(&[proxy, ("no_proxy", "127.0.0.1")], &format!("-s {FILE}")).says("a file\n");
    let heard = place.requests();
    assert!(heard[0].starts_with("proxy GET ") && heard[1].starts_with("http GET "), "{heard:?}");
}

#[test]
fn proxy_gets_its_own_login_and_the_origin_does_not() {
    let place = Place::new();
    for proxy in ["{proxy-basic}", "{proxy-digest} --proxy-digest"] {
        let words = format!("-s -m 10 -x http://127.0.0.1:{proxy} -U user:pass {FILE}");
        place.fetch(&words).says("a file\n");
        place.fetch(&format!("-p {words}")).says("a file\n");
    }
    for heard in place.requests().iter().filter(|heard| heard.starts_with("http ")) {
        assert!(!heard.contains("Proxy-Authorization"), "{heard}");
    }
    let run = place.fetch(&format!("-sS -p -x http://127.0.0.1:{{proxy-basic}} {FILE}"));
    run.complains(7, &["CONNECT tunnel failed, response 407"]);
}

#[test]
fn socks_of_all_kinds_lead_there() {
    let place = Place::new();
    for scheme in ["socks4", "socks4a", "socks5", "socks5h"] {
        place.fetch(&format!("-s -x {scheme}://127.0.0.1:{{socks}} {FILE}")).says("a file\n");
    }
    let there = "user:pass@127.0.0.1:{socks-password}";
    place.fetch(&format!("-s -x socks5h://{there} {FILE}")).says("a file\n");
    place.fetch(&format!("-sS -x socks5h://127.0.0.1:{{socks-password}} {FILE}")).exit(97);
    place.fetch("-s -x socks5h://127.0.0.1:{socks} http://a.test:{http}/file.txt").says("a file\n");
    let heard = place.requests();
    assert!(heard.contains(&place.filled("socks SOCKS5 a.test:{http}")), "{heard:?}");
}

#[test]
fn header_of_the_proxy_protocol_goes_first() {
    let place = Place::new();
    place
        .fetch("-s --haproxy-protocol http://127.0.0.1:{proxy-protocol}/file.txt")
        .says("a file\n");
    assert!(place.requests()[0].starts_with("proxy-protocol PROXY TCP4 127.0.0.1 127.0.0.1 "));
}

#[test]
fn version_is_what_was_asked_for_or_agreed_on() {
    let place = Place::new();
    let tail = "--cacert {dir}ca.pem -w %{http_version} https://localhost:{https}/file.txt";
    place.fetch(&format!("-s {tail}")).says("a file\n2");
    place.fetch(&format!("-s --http1.1 {tail}")).says("a file\n1.1");
    place.fetch(&format!("-s --http3-only {tail}")).says("a file\n3");
    let clear = "--http2-prior-knowledge -w %{http_version} http://127.0.0.1:{h2c}/file.txt";
    place.fetch(&format!("-s {clear}")).says("a file\n2");
    place.fetch(&format!("-s -0 {FILE} -w %{{http_version}}")).says("a file\n1.1");
    assert!(place.requests().last().unwrap().starts_with("http GET"), "{:?}", place.requests());
}

#[test]
fn body_is_the_same_by_every_version() {
    let place = Place::new();
    place.write("up", vec![b'u'; 300_000]);
    for version in ["--http1.1", "--http2", "--http3-only"] {
        let line = format!("-s {version} --cacert {{dir}}ca.pem https://localhost:{{https}}");
        let run = place.fetch(&format!("{line}/big/3000000"));
        assert_eq!((run.out.len(), run.code), (3_000_000, Some(0)), "{version}: {}", run.err);
        let run = place.fetch(&format!("{line}/upload --data-binary @up"));
        assert_eq!(run.exit(0).json()[0]["length"], 300_000, "{version}");
        place.fetch(&format!("{line}/early")).says("after the hints\n");
    }
}

#[test]
fn fault_of_a_certificate_is_named() {
    let place = Place::new();
    for (server, words) in [
        ("expired", "expired"),
        ("early", "not yet valid"),
        ("wrong", "other.example"),
        ("self-signed", "self-signed"),
        ("incomplete", "intermediate of the lab"),
        ("unknown", "root that nobody has"),
        ("cn-only", "name"),
        ("no-server-auth", "server"),
    ] {
        let url = format!("https://localhost:{{{server}}}/file.txt");
        let run = place.fetch(&format!("-sS --cacert {{dir}}ca.pem {url}"));
        assert_eq!((run.code, run.out.as_str()), (Some(60), ""), "{server}: {run:?}");
        assert!(
            run.err.starts_with("fetch: (60) ") && run.err.contains(words),
            "{server}: {run:?}"
        );
        place.fetch(&format!("-sk {url}")).says("a file\n");
    }
    let run = place.fetch("-sS --http3-only https://localhost:{https}/");
    assert_eq!(run.code, Some(60), "{run:?}");
}

#[test]
fn handshake_that_fails_is_an_error_of_its_own() {
    let place = Place::new();
    for server in ["tls-alert", "tls-old", "http"] {
        place.fetch(&format!("-sS https://127.0.0.1:{{{server}}}/")).exit(35);
    }
    place.fetch("-sS --cacert {dir}ca.pem https://localhost:{client}/").exit(98);
    let login = "--cert {dir}client.pem --key {dir}client.key";
    let run = place
        .fetch(&format!("-s --cacert {{dir}}ca.pem {login} https://localhost:{{client}}/file.txt"));
    run.says("a file\n");
    place.fetch("-s --cacert {dir}ca.pem https://localhost:{slow-tls}/file.txt").says("a file\n");
}

#[test]
fn connection_that_ends_at_once_is_told_for_what_it_is() {
    let place = Place::new();
    place.fetch("-sS http://127.0.0.1:{close}/").complains(52, &["Empty reply from server"]);
    place.fetch("-sS http://127.0.0.1:{reset}/").complains(56, &["Connection reset by peer"]);
}
