use super::super::tests::Random;
use super::super::{Extra, Protocol, State, Timer};
use super::*;
use crate::Family;

mod agree;
mod machine;

/// Names of nobody's machine.
struct Known;

impl Names for Known {
    fn hosts(&self, name: &str, family: Family) -> Result<Vec<IpAddr>, String> {
        let v4 = "192.0.2.1".parse().unwrap();
        let v6 = "2001:db8::1".parse().unwrap();
        match (name, family) {
            ("both", Family::Any) => Ok(vec![v4, v6]),
            ("both", Family::V4) => Ok(vec![v4]),
            ("both", Family::V6) => Ok(vec![v6]),
            _ => Err("Name or service not known".to_owned()),
        }
    }

    fn port(&self, service: &str) -> Option<u16> {
        (service == "https").then_some(443)
    }

    fn interface(&self, name: &str) -> Option<u32> {
        (name == "eth0").then_some(2)
    }

    fn cgroup(&self, path: &str) -> Result<u64, String> {
        if path == "/x.slice" { Ok(77) } else { Err("No such file or directory".to_owned()) }
    }
}

fn filter(text: &str) -> Filter {
    Filter::parse(text, &Known).unwrap_or_else(|why| panic!("{text}: {why}"))
}

fn end(text: &str) -> Endpoint {
    let end: std::net::SocketAddr = text.parse().unwrap();
    Endpoint { address: end.ip(), port: end.port() }
}

fn row(local: &str, remote: &str) -> InetSocket {
    InetSocket {
        protocol: Protocol::Tcp,
        state: State::Established,
        local: end(local),
        remote: end(remote),
        interface: 2,
        cookie: Some(1),
        recv_queue: 0,
        send_queue: 0,
        timer: Timer::default(),
        uid: 0,
        inode: 9,
        extra: Some(Box::new(Extra { mark: Some(5), cgroup: Some(77), ..Extra::default() })),
    }
}

/// What two rows are, one of each family.
fn both(text: &str) -> [bool; 2] {
    let filter = filter(text);
    let rows = [
        row("192.0.2.1:443", "198.51.100.7:40000"),
        row("[2001:db8::1]:22", "[::ffff:192.0.2.9]:40001"),
    ];
    rows.map(|row| filter.check(&row) == Verdict::Yes)
}

#[test]
fn terms_are_true_of_what_they_name() {
    for (text, is) in [
        ("", [true, true]),
        ("src 192.0.2.1", [true, false]),
        ("src = 192.0.2.0/24", [true, false]),
        ("src != 192.0.2.0/24", [false, true]),
        ("dst 192.0.2/24", [false, true]),
        ("dst 192.0.2.0/24:40001", [false, true]),
        ("dst 192.0.2.0/24:40002", [false, false]),
        ("src 0.0.0.0/0", [true, false]),
        ("src inet6:*", [false, true]),
        ("src 2001:db8::/32", [false, true]),
        ("src [2001:db8::]/32:22", [false, true]),
        ("src [2001:db8::/32]:23", [false, false]),
        ("dst ::ffff:0:0/96", [false, true]),
        ("src both", [true, true]),
        ("src both:https", [true, false]),
        ("src inet:both", [true, false]),
        ("src :22", [false, true]),
        ("dst *", [true, true]),
        ("sport = :443", [true, false]),
        ("sport 443", [true, false]),
        ("sport == https", [true, false]),
        ("sport ne :https", [false, true]),
        ("sport = inet6::443", [false, false]),
        ("sport != inet6::443", [false, true]),
        ("sport < 443", [false, true]),
        ("sport <= 443", [true, true]),
        ("sport gt 22", [true, false]),
        ("sport >= :0x16", [true, true]),
        ("dport geq :40001", [false, true]),
        ("dport lt :40001", [true, false]),
        ("dport = *", [true, true]),
        ("dport != :*", [false, false]),
        ("dev eth0", [true, true]),
        ("dev != 2", [false, false]),
        ("fwmark = 5", [true, true]),
        ("fwmark = 0x01/0x03", [true, true]),
        ("fwmark != 0x01/0x02", [true, true]),
        ("cgroup /x.slice", [true, true]),
        ("autobound", [false, false]),
        ("src /run/*", [false, false]),
    ] {
        assert_eq!(both(text), is, "{text}");
    }
}

#[test]
fn or_binds_looser_than_and_and_that_looser_than_not() {
    for (text, is) in [
        ("sport = :443 or sport = :22 and dport = :1", [true, false]),
        ("sport = :443 | sport = :22 dport = :1", [true, false]),
        ("(sport = :443 or sport = :22) and dport = :1", [false, false]),
        ("dport = :1 sport = :22 || sport = :443", [true, false]),
        ("not sport = :22 and dport = :40000", [true, false]),
        ("! sport = :22 or dport = :40001", [true, true]),
        ("not (sport = :22 or dport = :40001)", [true, false]),
        ("!!sport=:22", [false, true]),
        ("sport=:22&&dport=:40001", [false, true]),
        ("( ( sport = :22 ) )", [false, true]),
    ] {
        assert_eq!(both(text), is, "{text}");
    }
}

#[test]
fn states_stand_first_and_add_up() {
    for (text, bits) in [
        ("state established", Some(2)),
        ("state established state TIME_WAIT", Some(2 | 1 << 6)),
        ("exclude listening excl closed", Some(0xfff & !(1 << 10 | 1 << 7))),
        ("state connected exclude established", Some(0xb7d)),
        ("sport = :1", None),
    ] {
        assert_eq!(filter(text).states().map(States::bits), bits, "{text}");
    }
    assert_eq!(both("state time-wait src both"), [false, false]);
    assert_eq!(both("state established dport = :40000"), [true, false]);
}

#[test]
fn mistakes_have_a_place_and_a_remedy() {
    for (text, why) in [
        ("sport = :65536", "at 9, ':65536': expected a port, 0 to 65535, or the name of a service"),
        ("sport = :-1", "at 9, ':-1': expected a port, 0 to 65535, or the name of a service"),
        ("sport = nosuch", "at 9, 'nosuch': expected a port, 0 to 65535, or the name of a service"),
        ("sport >", "at 8, where it ends: expected a port, 0 to 65535, or the name of a service"),
        ("sport < *", "at 9, '*': expected a port, 0 to 65535, or the name of a service"),
        (
            "état = 1",
            "at 1, 'état': expected src, dst, sport, dport, dev, fwmark, cgroup, autobound, not or '('",
        ),
        (
            "src 10.0.0.0/33",
            "at 5, '10.0.0.0/33': expected the length of a prefix, 0 to 32 bits for IPv4 and to 128 for IPv6",
        ),
        (
            "src 10.1",
            "at 5, '10.1': expected a host, HOST/LENGTH or HOST:PORT, an IPv6 address in brackets",
        ),
        (
            "src 2001:db8::1",
            "at 5, '2001:db8::1': expected a host, HOST/LENGTH or HOST:PORT, an IPv6 address in brackets",
        ),
        (
            "src [::1",
            "at 5, '[::1': expected a host, HOST/LENGTH or HOST:PORT, an IPv6 address in brackets",
        ),
        ("src inet:[::1]", "at 5, 'inet:[::1]': expected an IPv4 address"),
        (
            "src nowhere",
            "at 5, 'nowhere': expected a host, HOST/LENGTH or HOST:PORT, an IPv6 address in brackets (Name or service not known)",
        ),
        ("src < 10.0.0.1", "at 5, '<': expected = or !="),
        ("src = = 10.0.0.1", "at 7, '=': expected a host"),
        (
            "state estab or state listen",
            "at 13, 'or': expected src, dst, sport, dport, dev, fwmark, cgroup, autobound, not or '('",
        ),
        ("src both state listen", "at 10, 'state': expected states before everything else"),
        (
            "state nosuch",
            "at 7, 'nosuch': expected the name of a state, or all, connected, synchronized, bucket, big",
        ),
        (
            "state",
            "at 6, where it ends: expected the name of a state, or all, connected, synchronized, bucket, big",
        ),
        (
            "(sport = :1",
            "at 12, where it ends: expected ')' or src, dst, sport, dport, dev, fwmark, cgroup, autobound, not or '('",
        ),
        ("sport = :1)", "at 11, ')': expected '(' before it"),
        (
            "sport = :1 and",
            "at 15, where it ends: expected src, dst, sport, dport, dev, fwmark, cgroup, autobound, not or '('",
        ),
        (
            "()",
            "at 2, ')': expected src, dst, sport, dport, dev, fwmark, cgroup, autobound, not or '('",
        ),
        (
            "fwmark = 0x1ffffffff",
            "at 10, '0x1ffffffff': expected a mark, or MARK/MASK, of 32 bits each",
        ),
        ("dev wlan9", "at 5, 'wlan9': expected the name or the number of an interface"),
        (
            "cgroup /y",
            "at 8, '/y': expected the path of a cgroup of version 2 (No such file or directory)",
        ),
    ] {
        let err = Filter::parse(text, &Known).expect_err(text);
        assert_eq!(err.to_string(), why, "{text}");
    }
}

#[test]
fn depth_and_length_are_bounded() {
    let nested = |depth: usize| format!("{}sport=:1{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Filter::parse(&nested(64), &Known).is_ok());
    let err = Filter::parse(&nested(65), &Known).unwrap_err();
    assert_eq!((err.at, err.found.as_str()), (66, "sport"));
    assert!(Filter::parse(&"! ".repeat(10_000), &Known).is_err());
    assert!(Filter::parse(&"sport=:1 ".repeat(4_000), &Known).is_err());
    let long = filter(&"sport=:1 ".repeat(3_600));
    assert!(long.bytecode().len() == 3_600 * 12);
    let too_long = filter(&vec!["src=0/0"; 4_000].join("|"));
    assert_eq!(too_long.bytecode(), [0_u8; 0], "more than there is room for is nobody's but ours");
}

#[test]
fn any_text_is_read_or_refused() {
    const PIECES: [&str; 30] = [
        "state",
        "exclude",
        "established",
        "src",
        "dst",
        "sport",
        "dport",
        "dev",
        "fwmark",
        "cgroup",
        "autobound",
        "=",
        "!=",
        "<",
        ">=",
        "(",
        ")",
        "!",
        "&",
        "|",
        "or",
        "not",
        ":443",
        "192.0.2.0/24",
        "[::1]:1",
        "/a*[",
        "é",
        "\\",
        "]",
        "1/2",
    ];
    let mut random = Random::new();
    for _ in 0..20_000 {
        let mut text = String::new();
        for _ in 0..random.below(12) {
            text.push_str(PIECES[random.below(PIECES.len())]);
            text.push_str(["", " "][random.below(2)]);
        }
        match Filter::parse(&text, &Known) {
            Ok(filter) => machine::audit(&filter.bytecode()),
            Err(err) => assert!(err.at <= text.chars().count() + 1, "{text}: {err}"),
        }
    }
}

#[test]
fn names_of_unix_are_patterns() {
    let unix = |text: &str| {
        let ends = UnixEnds { state: State::Listen, name: b"/run/a.sock", peer: b"@b" };
        filter(text).check_unix(ends)
    };
    for (text, is) in [
        ("", true),
        ("src /run/*", true),
        ("src unix:*A.sock", true),
        ("src *.sock", true),
        ("src /tmp/*", false),
        ("src != /tmp/*", true),
        ("dst @B", true),
        ("dst /run/*", false),
        ("state listening src /run/*", true),
        ("state established", false),
        ("sport = :1", false),
        ("sport != :1", false),
        ("src /run/* or sport = :1", true),
        ("src /run/* and sport = :1", false),
    ] {
        assert_eq!(unix(text), is, "{text}");
    }
    assert!(filter("dst @b").needs_peers() && !filter("src @b").needs_peers());
    assert!(!filter("src /x or src /y").is_of_inet() && filter("src /x or sport 1").is_of_inet());
}

#[test]
fn what_is_not_told_is_not_decided() {
    let mut row = row("192.0.2.1:443", "198.51.100.7:40000");
    row.extra = None;
    assert_eq!(filter("fwmark = 5").check(&row), Verdict::Untold);
    assert_eq!(filter("fwmark = 5 or sport = :443").check(&row), Verdict::Yes);
    assert_eq!(filter("fwmark = 5 and sport = :22").check(&row), Verdict::No);
    assert_eq!(filter("not fwmark = 5").check(&row), Verdict::Untold);
    assert_eq!(filter("cgroup /x.slice").check(&row), Verdict::No);
    row.cookie = None;
    assert_eq!(filter("cgroup /x.slice").check(&row), Verdict::Untold);
    assert_eq!(filter("dev eth0").check(&row), Verdict::Untold);
    assert_eq!(filter("fwmark = 5").details(), Details::COMMON);
    assert_eq!(filter("sport = :1").details(), Details::NONE);
}

#[test]
fn filter_that_lets_all_through_is_known() {
    for (text, is) in [
        ("", true),
        ("state established", true),
        ("dst *", true),
        ("sport ge 0", true),
        ("sport le 65535 dport ge 0", true),
        ("src 0/0 or src ::/0", true),
        ("not not dst *", true),
        ("sport = 1 or dst *", true),
        ("src 0/0", true),
        ("src 0/1", false),
        ("sport ge 1", false),
        ("not dst *", false),
    ] {
        assert_eq!(filter(text).is_of_states_only(), is, "{text}");
    }
}

#[test]
fn ends_are_named_in_full() {
    let end = |text: &str| End::parse(text, &Known).map(|end| (end.addresses.len(), end.port));
    assert_eq!(end("192.0.2.1:443"), Ok((1, 443)));
    assert_eq!(end("[2001:db8::1]:https"), Ok((1, 443)));
    assert_eq!(end("both:22"), Ok((2, 22)));
    assert_eq!(end("*:22"), Ok((0, 22)));
    assert_eq!(end("*:*"), Ok((0, 0)));
    for bad in [
        "",
        "192.0.2.1",
        "2001:db8::1:443",
        "192.0.2.0/24:1",
        "192.0.2.1:70000",
        "[::1]",
        "nowhere:1",
        "/a:1",
    ] {
        assert!(end(bad).is_err(), "{bad}");
    }
}
