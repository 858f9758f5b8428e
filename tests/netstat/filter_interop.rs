//! The same filters given to ss(8) of iproute2: the same sockets.

use std::collections::BTreeSet;
use std::path::Path;

use wireline_lab::{Host, Lab};

use crate::common::{netstat, rows, run, words};

/// Cookies of all sockets but those that end by themselves.
fn theirs(host: &Host<'_>, flags: &str, filter: &str) -> BTreeSet<u64> {
    let mut command = host.command("ss");
    // It knows states only as words of their own.
    let words = filter.split_whitespace();
    let output = command.args([flags, "-H", "-O", "-e"]).args(words).assert();
    let output = output.get_output();
    assert!(output.status.success(), "{filter}: {output:?}");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lasting = text.lines().filter(|line| !line.contains("TIME-WAIT"));
    let cookies = lasting
        .filter_map(|line| line.split_whitespace().find_map(|word| word.strip_prefix("sk:")));
    cookies.map(|digits| u64::from_str_radix(digits, 16).expect("hexadecimal")).collect()
}

fn ours(host: &Host<'_>, flags: &str, filter: &str) -> BTreeSet<u64> {
    let run = words(host, &[flags, "--json", "--filter", filter]);
    assert_eq!(run.code, Some(0), "{filter}: {run:?}");
    let rows = rows(&run);
    let lasting = rows.iter().filter(|row| row["state"] != "time_wait");
    lasting.map(|row| row["cookie"].as_u64().expect("of netlink")).collect()
}

/// xorshift.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) % end
    }

    fn pick(&mut self, all: &[&str]) -> String {
        let place = usize::try_from(self.below(all.len() as u64));
        all[place.expect("a small number")].to_owned()
    }

    /// All in brackets: ss takes `or` and `and` in the order in which they come. No IPv4 prefix that
    /// an IPv6 address begins with: ss itself compares octets only, the kernel families too, and what one of both
    /// does not let through is not shown.
    fn term(&mut self, depth: u64) -> String {
        const PORTS: [&str; 9] =
            [":4008", ":4006", ":4003", ":4012", ":22", ":5001", ":33060", ":0", ":40000"];
        const HOSTS: [&str; 11] = [
            "127.0.0.1",
            "127.0.0.0/8",
            "[::1]",
            "127.0.0.1:4008",
            "[::1]:4006",
            "2001:db8::/32",
            "[::ffff:127.0.0.1]",
            "*:4012",
            "10.0.0.0/8",
            "126.0.0.0/7",
            "[::ffff:0.0.0.0/96]",
        ];
        let side = self.below(2) == 0;
        match self.below(if depth == 0 { 3 } else { 6 }) {
            0 => format!("{} = {}", if side { "src" } else { "dst" }, self.pick(&HOSTS)),
            1 | 2 => {
                let order = self.pick(&[
                    "=", "==", "eq", "!=", "neq", "<", ">", "<=", ">=", "lt", "gt", "le", "ge",
                ]);
                format!("{} {order} {}", if side { "sport" } else { "dport" }, self.pick(&PORTS))
            }
            3 => format!("not ( {} )", self.term(depth - 1)),
            kind => {
                let sign = if kind == 4 {
                    self.pick(&["or", "|", "||"])
                } else {
                    self.pick(&["and", "&", "&&", ""])
                };
                format!("( {} ) {sign} ( {} )", self.term(depth - 1), self.term(depth - 1))
            }
        }
    }
}

#[test]
#[ignore = "needs iproute2"]
fn ss_finds_the_same_sockets() {
    let lab = Lab::new();
    let host = lab.host("a");
    host.sh("ip link set lo up");
    let _sockets = host.sockets_of_all_states();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut sizes = [0; 2];
    for _ in 0..150 {
        let states = random.pick(&[
            "",
            "",
            "state established ",
            "state all ",
            "exclude listening ",
            "state bucket state closed ",
        ]);
        let filter = format!("{states}{}", random.term(3));
        let (theirs, ours) = (theirs(&host, "-tuan", &filter), ours(&host, "-tuan", &filter));
        sizes[usize::from(theirs.is_empty())] += 1;
        assert_eq!(ours, theirs, "{filter}");
    }
    assert!(sizes[0] > 50, "{sizes:?}");
}

#[test]
#[ignore = "needs iproute2"]
fn ss_takes_the_same_words() {
    let lab = Lab::new();
    let host = lab.host("a");
    host.sh("ip link set lo up");
    let _sockets = host.sockets_of_all_states();
    for filter in [
        "state established ( dport = :4008 or sport = :22 ) dst 127.0.0.0/8",
        "sport = :ssh",
        "sport :ssh",
        "sport ssh",
        "sport eq 22",
        "sport = 22",
        "dport > :1024",
        "dst 127/8",
        "dst = 127.0.0.1",
        "src [::1]:4006",
        "src inet6:[::1]",
        "! sport = :4008",
        "! ( sport = :4008 )",
        "sport = :4008 | sport = :4006",
        "autobound",
        "not autobound",
        "dev lo",
        "dev != lo",
        "dev = 1",
        "state syn-recv",
        "state fin-wait-1",
        "state last-ack",
        "state connected",
        "state synchronized",
        "state bucket",
        "state big",
        "exclude established",
        "state established exclude established state closing",
        "fwmark = 0",
        "fwmark = 0x0/0xff",
        "fwmark != 1",
        "fwmark = 1/1",
    ] {
        assert_eq!(ours(&host, "-tuan", filter), theirs(&host, "-tuan", filter), "{filter}");
    }
}

#[test]
#[ignore = "needs iproute2"]
fn ss_is_not_followed_where_it_says_nothing() {
    let lab = Lab::new();
    let host = lab.host("a");
    // Accepted in silence there, and never true.
    assert_eq!(run(&host, Path::new("ss"), "-tan sport = :99999").code, Some(0));
    assert_eq!(netstat(&host, "-tan sport = :99999").code, Some(3));
}
