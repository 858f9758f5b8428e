use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::*;

// RFC 5737's addresses are told to no server, so these are others'. Nobody but the fakes hears of them.
const A: &str = "193.0.6.139";
const B: &str = "193.0.6.140";
const C: &str = "2001:67c:2e8::1";

const NONE: &str = "%  No entries found for the selected source(s).\n\n\n";

#[test]
fn server_that_closes_after_an_answer_is_asked_again_and_again() {
    let fake = Fake::start(|stream| {
        if matches!(lines(&stream).next().as_deref(), Some(A | B)) {
            say(&stream, &route("193.0.0.0/21", 3333));
        }
    });
    let mut server = fake.server();
    assert_eq!(answer(&mut server, A), known(&[3333]));
    assert_eq!(answer(&mut server, B), known(&[3333]));
}

#[test]
fn server_that_takes_the_wish_for_a_question_is_asked_without_it() {
    let fake = Fake::start(|stream| match lines(&stream).next().as_deref() {
        Some("!!") => say(&stream, "%ERROR:101: no entries found\n\n\n"),
        _ => say(&stream, &route("193.0.0.0/21", 3333)),
    });
    let mut server = fake.server();
    assert_eq!(answer(&mut server, A), known(&[3333]));
    assert_eq!(answer(&mut server, B), known(&[3333]));
}

#[test]
fn server_that_knows_the_wish_is_asked_on_one_connection() {
    let fake = Fake::start(irrd);
    let mut server = fake.server();
    assert_eq!(answer(&mut server, A), known(&[3333, 12654]));
    assert_eq!(answer(&mut server, B), Origins::None);
    assert_eq!(answer(&mut server, C), known(&[64496]));
    assert_eq!(fake.connections(), 1);
}

#[test]
fn first_answer_without_origins_says_nothing_of_the_manner() {
    let fake = Fake::start(irrd);
    let mut server = fake.server();
    assert_eq!(answer(&mut server, B), Origins::None);
    assert_eq!(fake.connections(), 2, "with the wish and without");
    assert_eq!(answer(&mut server, A), known(&[3333, 12654]));
    assert_eq!(answer(&mut server, C), known(&[64496]));
    assert_eq!(fake.connections(), 3);
}

#[test]
fn connection_that_was_closed_meanwhile_is_opened_again() {
    let fake = Fake::start(|stream| {
        let mut lines = lines(&stream);
        lines.nth(1);
        say(&stream, &(route("193.0.0.0/21", 3333) + "\n\n"));
    });
    let mut server = fake.server();
    assert_eq!(answer(&mut server, A), known(&[3333]));
    assert_eq!(answer(&mut server, B), known(&[3333]));
    assert_eq!(fake.connections(), 2);
}

#[test]
fn silent_server_knows_nothing_and_is_given_up() {
    let fake = Fake::start(|stream| drop(lines(&stream).last()));
    let mut server = fake.server();
    for n in 1..=4 {
        let address = Ipv4Addr::new(193, 0, 6, n).to_string();
        assert_eq!(answer(&mut server, &address), Origins::None);
    }
    assert_eq!(fake.connections(), 4, "two for the first address, and none for the fourth");
}

#[test]
fn one_good_answer_makes_up_for_failures() {
    let fake = Fake::start(|stream| match lines(&stream).find(|line| line != "!!").as_deref() {
        Some("193.0.6.3" | "193.0.6.6") => say(&stream, &route("193.0.0.0/21", 3333)),
        _ => say(&stream, &"x".repeat(100_000)),
    });
    let mut server = fake.server();
    for n in 1..=6 {
        let expected = if n % 3 == 0 { known(&[3333]) } else { Origins::None };
        assert_eq!(answer(&mut server, &format!("193.0.6.{n}")), expected, "{n}");
    }
}

#[test]
fn server_that_does_not_stop_knows_nothing() {
    for chunk in ["x".repeat(1000), route("193.0.0.0/21", 3333) + "\n"] {
        let fake = Fake::start(move |mut stream| {
            lines(&stream).find(|line| line != "!!");
            while stream.write_all(chunk.as_bytes()).is_ok() {}
        });
        assert_eq!(answer(&mut fake.server(), A), Origins::None);
    }
}

#[test]
fn server_that_drips_knows_nothing() {
    let fake = Fake::start(|mut stream| {
        lines(&stream).find(|line| line != "!!");
        say(&stream, &route("193.0.0.0/21", 3333));
        stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        while stream.write_all(b"x\n").is_ok() {
            let _ = stream.read(&mut [0]);
        }
    });
    assert_eq!(answer(&mut fake.server(), A), Origins::None);
}

#[test]
fn garbage_and_nothing_at_all_are_no_answers() {
    for answered in [Vec::new(), (0..=255).cycle().take(9999).collect::<Vec<u8>>(), NONE.into()] {
        let fake = Fake::start(move |mut stream| {
            lines(&stream).find(|line| line != "!!");
            let _ = stream.write_all(&answered);
        });
        assert_eq!(answer(&mut fake.server(), A), Origins::None);
    }
}

#[test]
fn server_that_closes_before_the_question_knows_nothing() {
    let fake = Fake::start(drop);
    assert_eq!(answer(&mut fake.server(), A), Origins::None);
}

#[test]
fn server_that_is_not_there_knows_nothing() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for host in [format!("127.0.0.1:{port}"), "nowhere.invalid".into(), format!("[::1]:{port}")] {
        let mut server = AsServer::start(RouteServer::parse(&host).unwrap()).unwrap();
        assert_eq!(answer(&mut server, A), Origins::None, "{host}");
    }
}

#[test]
fn private_address_is_told_to_nobody() {
    let fake = Fake::start(irrd);
    let mut server = fake.server();
    for address in ["10.1.1.1", "192.0.2.1", "fd00::1", "::ffff:127.0.0.1"] {
        assert_eq!(server.get(address.parse().unwrap()), &Origins::None, "{address}, at once");
    }
    assert_eq!(answer(&mut server, A), known(&[3333, 12654]));
    assert_eq!(fake.connections(), 1);
}

#[test]
fn mapped_address_is_asked_for_as_what_it_means() {
    let fake = Fake::start(irrd);
    assert_eq!(answer(&mut fake.server(), "::ffff:193.0.6.139"), known(&[3333, 12654]));
}

#[test]
fn only_addresses_that_somebody_may_announce_are_public() {
    let is_public = |address: &&str| is_public(address.parse().unwrap());
    let public = ["1.1.1.1", "100.63.0.1", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.0.1.1"];
    let public = [&public[..], &["198.17.0.1", "223.255.255.255", "2001:db9::", "2a00::"]].concat();
    let private = ["0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "169.254.0.1", "172.16.0.1"];
    let others =
        ["172.31.0.1", "192.0.0.1", "192.0.2.1", "192.168.0.1", "198.18.0.1", "198.19.0.1"];
    let more = ["198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::"];
    let v6 =
        ["::1", "fe80::1", "fc00::1", "fd00::1", "ff02::1", "2001:db8::1", "3fff::1", "100::1"];
    assert_eq!(public.iter().filter(|address| !is_public(address)).count(), 0);
    let private = [&private[..], &others, &more, &v6].concat();
    assert_eq!(private.into_iter().find(is_public), None);
}

#[test]
fn every_way_to_write_a_server_is_read() {
    for (word, host, port) in [
        ("whois.example", "whois.example", 43),
        ("whois.example:4343", "whois.example", 4343),
        ("192.0.2.1:1", "192.0.2.1", 1),
        ("2001:db8::1", "2001:db8::1", 43),
        ("fe80::1%eth0", "fe80::1%eth0", 43),
        ("[2001:db8::1]", "2001:db8::1", 43),
        ("[2001:db8::1]:65535", "2001:db8::1", 65535),
    ] {
        assert_eq!(RouteServer::parse(word), Ok(RouteServer { host: host.into(), port }));
    }
}

#[test]
fn what_is_no_server_is_refused_by_name() {
    for word in ["", ":43", "a:", "a:0", "a:65536", "a:b", "a:1:2", "[a]:43", "[::1", "[::1]43"] {
        let why = format!("{word}: a route server is HOST, HOST:PORT or [ADDRESS]:PORT");
        assert_eq!(RouteServer::parse(word).unwrap_err().to_string(), why);
    }
}

#[test]
fn nothing_is_waited_for_once_nobody_wants_it() {
    let fake = Fake::start(|stream| drop(lines(&stream).last()));
    let mut connection = connection::Connection::open(&fake.address).unwrap();
    let (handle, nobody) = UnixStream::pair().unwrap();
    drop(handle);
    let said = connection.ask("?\r\n", connection::End::Close, nobody.as_fd());
    assert_eq!(said.unwrap_err().kind(), io::ErrorKind::ConnectionAborted, "and not TimedOut");
}

/// A server on the loopback that does the same with each connection, and counts them.
struct Fake {
    address: std::net::SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Fake {
    fn start(serve: impl Fn(TcpStream) + Clone + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = connections.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                counter.fetch_add(1, Ordering::SeqCst);
                let serve = serve.clone();
                thread::spawn(move || serve(stream.unwrap()));
            }
        });
        Self { address, connections }
    }

    fn server(&self) -> AsServer {
        AsServer::start(RouteServer::parse(&self.address.to_string()).unwrap()).unwrap()
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// As `IRRd` does: one question a connection, or many after `!!`.
#[expect(clippy::needless_pass_by_value, reason = "closes it at its end")]
fn irrd(stream: TcpStream) {
    let mut is_kept = false;
    for line in lines(&stream) {
        match line.as_str() {
            "!!" => is_kept = true,
            A => say(
                &stream,
                &["193.0.0.0/16 1", "193.0.0.0/21 3333", "193.0.0.0/21 12654"]
                    .map(|route| route.split_once(' ').unwrap())
                    .map(|(prefix, origin)| route(prefix, origin.parse().unwrap()))
                    .join("\n"),
            ),
            C => say(&stream, "route6: 2001:67c:2e8::/48\norigin: AS64496\n"),
            _ => say(&stream, "%  No entries found for the selected source(s).\n"),
        }
        if line != "!!" {
            say(&stream, "\n\n");
            if !is_kept {
                return;
            }
        }
    }
}

fn route(prefix: &str, origin: u32) -> String {
    format!("route:      {prefix}\ndescr:      a test\norigin:     AS{origin}\nsource:     TEST\n")
}

fn say(mut stream: &TcpStream, text: &str) {
    // It may be gone already.
    let _ = stream.write_all(text.as_bytes());
}

fn lines(stream: &TcpStream) -> impl Iterator<Item = String> + use<> {
    BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok)
}

fn known(origins: &[u32]) -> Origins {
    Origins::Known(origins.to_vec())
}

/// The answer, once it is there.
fn answer(server: &mut AsServer, address: &str) -> Origins {
    let address = address.parse().unwrap();
    while server.get(address) == &Origins::Pending {
        let mut fds = [PollFd::new(&*server, PollFlags::IN)];
        let patience = Timespec { tv_sec: 30, tv_nsec: 0 };
        assert_eq!(poll(&mut fds, Some(&patience)).unwrap(), 1, "{address}: nothing came");
        server.collect();
    }
    server.get(address).clone()
}
