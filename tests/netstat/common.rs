//! What the tests of netstat share: a run, a namespace that has something of everything, and tables that no
//! kernel made.

use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::cargo::cargo_bin;
use serde_json::Value;
use wireline_lab::{Host, Lab};

/// What a run left behind. Octets, because they are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// Asserts what stdout is, and that all went well.
    #[track_caller]
    pub(crate) fn says(&self, text: &str) {
        assert_eq!((self.out.as_str(), self.err.as_str(), self.code), (text, "", Some(0)));
    }

    /// Stderr, but for the notice that a lab which is not root's gets: the machine's processes are not in
    /// its sight.
    pub(crate) fn complaints(&self) -> String {
        self.err.replace(NOTICE, "")
    }

    pub(crate) fn json(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }
}

/// What who sees not all processes is told.
pub(crate) const NOTICE: &str = "(Not all processes could be identified, non-owned process info\n \
    will not be shown, you would have to be root to see it all.)\n";

pub(crate) fn ours() -> PathBuf {
    cargo_bin!("netstat").to_path_buf()
}

/// Runs netstat. Arguments are cut at spaces.
pub(crate) fn netstat(host: &Host<'_>, args: &str) -> Run {
    run(host, &ours(), args)
}

/// Runs netstat with these words, blanks and all.
pub(crate) fn words(host: &Host<'_>, words: &[&str]) -> Run {
    Run::of(host.command(ours()).args(words).assert().get_output())
}

/// The rows of a run with `--json`, without its first and last event.
pub(crate) fn rows(run: &Run) -> Vec<Value> {
    let all = run.json().into_iter();
    all.filter(|row| !matches!(row["event"].as_str(), Some("start" | "summary"))).collect()
}

pub(crate) fn run(host: &Host<'_>, program: &Path, args: &str) -> Run {
    let mut command = host.command(program);
    // Unlike `output`, which fails where the exit code is not 0.
    Run::of(command.args(args.split_whitespace()).assert().get_output())
}

/// As [`netstat`], without any privilege.
pub(crate) fn run_as_nobody(host: &Host<'_>, args: &str) -> Run {
    let mut command = host.as_nobody(ours());
    Run::of(command.args(args.split_whitespace()).assert().get_output())
}

/// Runs a program where `/proc/net` holds these files and nothing else.
pub(crate) fn run_with(host: &Host<'_>, files: &[(&str, &str)], program: &Path, args: &str) -> Run {
    let place = |(name, text): &(&str, &str)| {
        format!("mkdir -p $(dirname /proc/net/{name}); printf '%s' '{text}' > /proc/net/{name}\n")
    };
    let script = format!(
        "mount -t tmpfs none /proc; mkdir /proc/net\n{}exec {} {args}",
        files.iter().map(place).collect::<String>(),
        program.display()
    );
    let mut command = host.command("unshare");
    Run::of(command.args(["--mount", "sh", "-c", &script]).assert().get_output())
}

/// As [`run_with`], of ours.
pub(crate) fn netstat_with(host: &Host<'_>, files: &[(&str, &str)], args: &str) -> Run {
    run_with(host, files, &ours(), args)
}

/// A host with interfaces, addresses, aliases, groups and routes of every kind. Nothing in it moves by
/// itself: there is no neighbour discovery that would be counted.
pub(crate) fn furnished(lab: &Lab) -> Host<'_> {
    let host = lab.host("a");
    host.sysctl("net.ipv6.conf.default.accept_dad", "0");
    host.sysctl("net.ipv6.conf.default.router_solicitations", "0");
    host.sysctl("net.ipv6.conf.default.addr_gen_mode", "1");
    host.sysctl("net.ipv4.igmp_max_memberships", "20");
    host.sh(INTERFACES);
    host.sh(ROUTES);
    host
}

const INTERFACES: &str = "set -e
    pair() { ip link add \"$1\" type veth peer name \"$2\"; ip link set \"$1\" up; ip link set \"$2\" up; }
    pair d0 p0; pair eth10 p10; pair eth2 p2; pair d.2@x p3; pair 'a[b' p4; pair fourteen-chars p5
    ip link add down0 type veth peer name down1
    ip link set d.2@x arp off
    ip link set p2 promisc on; ip link set p3 allmulticast on; ip link set p4 multicast off
    ip link set p5 trailers off; ip link set p10 dynamic on
    ip link set d0 mtu 9000 txqueuelen 123
    ip link set eth2 address 02:00:00:00:00:0a
    ip addr add 10.1.0.1/16 brd 10.1.255.255 dev d0
    ip addr add 10.1.0.77/16 dev d0 label d0:1
    ip addr add 10.200.0.1/24 brd + dev d0 label d0:alias
    ip addr add 10.201.0.1/24 dev d0 label d0:10
    ip addr add 10.202.0.1 peer 10.203.0.1/24 dev eth10
    ip addr add 10.204.0.1/32 dev down0
    ip addr add 10.77.0.1/8 dev lo label lo:5
    ip -6 addr add 2001:db8:1::1/64 dev d0; ip -6 addr add fe80::5/64 dev d0
    ip -6 addr add fec0::1/64 dev d0; ip -6 addr add ::10.0.0.1/96 dev d0
    ip maddr add 01:00:5e:00:01:02 dev d0";

const ROUTES: &str = "
    ip route add default via 10.1.0.254
    ip route add default dev d.2@x metric 77
    ip route add 10.20.0.0/16 via 10.1.0.3 metric 100
    ip route add 10.21.0.0/16 via 10.1.0.3 metric 4294967295 mtu 1200 advmss 1100 window 5840 rtt 300ms
    ip route add 10.22.0.0/16 dev d0 mtu lock 576
    ip route add blackhole 10.30.0.0/16; ip route add prohibit 10.31.0.0/16
    ip route add unreachable 10.32.0.0/16; ip route add throw 10.33.0.0/16
    ip route add 1.2.3.4/32 via 10.1.0.9; ip route add 8.8.8.8/32 dev d0
    ip route add 200.100.200.0/23 via 10.1.0.4 advmss 1460 window 4294967
    ip route add 224.0.0.0/4 dev d0
    ip route add 10.40.0.0/16 nexthop via 10.1.0.5 nexthop via 10.1.0.6
    ip route add 10.41.0.0/16 via 10.1.0.66 table 100
    ip route add 10.42.0.0/16 via 99.99.99.99 dev d0 onlink
    ip route add 10.43.0.0/16 dev fourteen-chars
    ip -6 route add default via 2001:db8:1::fe
    ip -6 route add 2001:db8:2::/48 via 2001:db8:1::2 metric 5
    ip -6 route add blackhole 2001:db8:3::/48; ip -6 route add prohibit 2001:db8:4::/48
    ip -6 route add unreachable 2001:db8:5::/48
    ip -6 route add 2001:db8:1111:2222:3333:4444:5555:6666/128 \
        via 2001:db8:1111:2222:3333:4444:5555:7777 dev d0 onlink metric 4294967295
    ip -6 route add 2001:db8:7::/48 nexthop via 2001:db8:1::3 nexthop via 2001:db8:1::4
    true";
