//! Ours beside iputils' ping 20221126, on networks that are the same: every octet but the times.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use wireline_lab::{Chain, Host, Lab};

use crate::common::{Run, Socket, Strange, masked, program_path, run_as};

const THEIRS: &str = "/usr/bin/ping";

/// What the two must have in common. `(-c)` behind a refused number is ours alone.
fn comparable(run: &Run) -> (Option<i32>, String, String) {
    let message = |line: &str| {
        let cut = line.strip_suffix(")\n").and_then(|line| line.rsplit_once(" (-"));
        match cut {
            Some((before, flag)) if flag.len() == 1 && line.contains("invalid argument: ") => {
                format!("{before}\n")
            }
            _ => line.to_owned(),
        }
    };
    // That a request was not sent 20221126 says only where it finds no other word for it.
    let told = |line: &&str| !line.starts_with("ping: sendmsg: ");
    let err = run.err.split_inclusive('\n').filter(told).map(message).collect::<String>();
    // The sentence of 2022, which later versions have put into other words.
    let err = err.replace(
        "cannot flood; minimal interval allowed for user is 2ms",
        "cannot flood, minimal interval for user must be >= 2 ms, use -i 0.002 (or higher)",
    );
    (run.code, masked(&run.out), masked(&err))
}

/// Runs both on two networks that `make` makes the same, with each line of the table in turn, by
/// both kinds of socket, and shows all differences at once.
fn compare(make: impl Fn(&Lab, &mut dyn FnMut(&Host<'_>)), table: &[&str]) {
    let of = |socket| {
        let mut found = differences(socket, &make, table);
        // A machine that stands still for a moment makes a difference, but not three times.
        for _ in 0..2 {
            let again: Vec<_> = found.iter().map(|(args, _)| *args).collect();
            found = if again.is_empty() { found } else { differences(socket, &make, &again) };
        }
        found
    };
    let all: Vec<_> = Socket::BOTH.into_iter().flat_map(of).map(|(_, text)| text).collect();
    assert!(all.is_empty(), "\n{}", all.join("\n"));
}

/// The lines of the table that are not the same, and what the two made of them.
fn differences<'t>(
    socket: Socket,
    make: impl Fn(&Lab, &mut dyn FnMut(&Host<'_>)),
    table: &[&'t str],
) -> Vec<(&'t str, String)> {
    let runs = |path: &Path| {
        let (lab, mut runs) = (Lab::new(), vec![]);
        make(&lab, &mut |host| {
            socket.allow(host);
            runs.extend(table.iter().map(|args| comparable(&run_as(socket, host, path, args))));
        });
        runs
    };
    let (theirs, ours) = (runs(theirs()), runs(&program_path()));
    table
        .iter()
        .zip(theirs.iter().zip(&ours))
        .filter(|(_, (theirs, ours))| theirs != ours)
        .map(|(args, (theirs, ours))| {
            let text = format!("{socket:?}: ping {args}\n theirs {theirs:?}\n ours   {ours:?}");
            (*args, text)
        })
        .collect()
}

/// Their program less its capability, with which a user who may have none cannot run it.
fn theirs() -> &'static Path {
    static COPY: OnceLock<PathBuf> = OnceLock::new();
    COPY.get_or_init(|| {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("iputils");
        let copy = directory.join("ping");
        std::fs::create_dir_all(&directory).unwrap();
        // By another process, so that no file is open for writing when a test's program starts.
        let cp = Command::new("cp").arg("--remove-destination").arg(THEIRS).arg(&copy).status();
        assert!(cp.is_ok_and(|cp| cp.success()), "iputils-ping");
        copy
    })
}

fn on_a_wire(lab: &Lab, with: &mut dyn FnMut(&Host<'_>)) {
    let [a, _b] = lab.wire("a", "b");
    lab.file("/etc/nsswitch.conf", "hosts: files");
    lab.file("/etc/hosts", "192.0.2.2 target.example\n2001:db8::2 target6.example");
    a.sysctl("net.ipv4.neigh.eth0.retrans_time_ms", "100");
    a.sysctl("net.ipv6.neigh.eth0.retrans_time_ms", "100");
    // Both know their neighbour before they are asked.
    a.sh("ping -q -c 1 192.0.2.2; ping -q -c 1 2001:db8::2");
    with(&a);
}

#[test]
#[ignore = "needs iputils-ping"]
fn good_days_are_the_same() {
    let table = [
        "-c 3 -i 0.01 192.0.2.2",
        "-c 3 -i 0.01 2001:db8::2",
        "-c 1 target.example",
        "-c 1 target6.example",
        "-n -c 1 target.example",
        "-n -c 1 target6.example",
        "-q -c 2 -i 0.01 192.0.2.2",
        "-D -c 1 192.0.2.2",
        "-O -c 2 -i 0.01 192.0.2.2",
        "-w 1 -c 2 -i 0.01 192.0.2.2",
        "-s 4 -c 1 192.0.2.2",
        "-s 0 -c 1 2001:db8::2",
        "-s 16 -c 1 192.0.2.2",
        "-s 3000 -c 1 192.0.2.2",
        "-s 65507 -c 1 192.0.2.2",
        "-p ff00 -c 1 192.0.2.2",
        "-p f -c 1 192.0.2.2",
        "-q -p abc -c 1 192.0.2.2",
        "-l 3 -c 5 -i 0.2 192.0.2.2",
        "-A -c 2 192.0.2.2",
        "-a -c 1 192.0.2.2",
        "-I eth0 -c 1 192.0.2.2",
        "-I 192.0.2.1 -c 1 192.0.2.2",
        "-I eth0 -c 1 2001:db8::2",
        "-I 2001:db8::1 -c 1 2001:db8::2",
        "-I eth0 -c 1 192.0.2.1",
        "-B -c 1 192.0.2.2",
        "-R -c 2 -i 0.01 192.0.2.2",
        "-t 9 -Q 0x10 -c 1 192.0.2.2",
        "-L -r -d -S 20000 -c 1 192.0.2.2",
        "-F 0x123 -c 1 2001:db8::2",
        "-M dont -s 2000 -c 1 192.0.2.2",
        "-U -c 1 192.0.2.2",
        "-nqc1 192.0.2.2",
        "-c 2 -c 3 -i 0.01 192.0.2.2",
        "192.0.2.2 -c 1",
        "-c 1 0",
        "-c 1 127.1",
        "-c 1 ::1",
    ];
    compare(on_a_wire, &table);
}

#[test]
#[ignore = "needs iputils-ping"]
fn floods_are_the_same() {
    let table = [
        "-f -c 5 192.0.2.2",
        "-f -i 0.01 -c 3 192.0.2.2",
        "-f -q -c 5 192.0.2.2",
        "-i 0 -q -c 5 192.0.2.2",
        "-l 4 -i 0.2 -c 4 192.0.2.2",
    ];
    compare(on_a_wire, &table);
}

#[test]
#[ignore = "needs iputils-ping"]
fn bad_days_are_the_same() {
    let table = [
        "-c 1 198.51.100.1",
        "-c 1 2001:db9::1",
        "-c 1 nowhere.invalid",
        "-c 1 -W 0.1 192.0.2.255",
        "-b -c 1 -W 0.1 192.0.2.255",
        "-c 3 -i 0.01 -W 5 192.0.2.99",
        "-c 3 -i 0.01 -W 5 2001:db8::99",
        "-I nope -c 1 192.0.2.2",
        "-I 10.9.9.9 -c 1 192.0.2.2",
        "-t 0 -c 1 192.0.2.2",
        "-M do -s 2000 -c 1 192.0.2.2",
        "-M do -s 2000 -c 1 2001:db8::2",
        "-s 65508 -c 1 -W 0.1 192.0.2.2",
        "-6 -c 1 192.0.2.2",
        "-4 -c 1 2001:db8::2",
        "-4 -6 -c 1 192.0.2.2",
        "-c 0 192.0.2.2",
        "-c abc 192.0.2.2",
        "-w 0.5 192.0.2.2",
        "-W -1 192.0.2.2",
        "-t 256 192.0.2.2",
        "-l 0 192.0.2.2",
        "-e 65536 192.0.2.2",
        "-Q 256 192.0.2.2",
        "-S 0 192.0.2.2",
        "-p zz 192.0.2.2",
        "-M nope 192.0.2.2",
        "-T nope 192.0.2.2",
        "-R -T tsonly 192.0.2.2",
        "-F 0x100000 2001:db8::2",
        "-I :::: 192.0.2.2",
        "-m 4294967296 192.0.2.2",
    ];
    compare(on_a_wire, &table);
}

#[test]
#[ignore = "needs iputils-ping"]
fn refusals_of_the_firewall_are_the_same() {
    let make = |lab: &Lab, with: &mut dyn FnMut(&Host<'_>)| {
        let [a, b] = lab.wire("a", "b");
        b.drop_icmp();
        a.nft(
            "add table inet f
            add chain inet f out { type filter hook output priority 0; }
            add rule inet f out ip daddr 192.0.2.3 drop
            add rule inet f out ip6 daddr 2001:db8::3 drop",
        );
        with(&a);
    };
    let table = [
        "-c 2 -i 0.01 -W 0.1 192.0.2.2",
        "-O -c 3 -i 0.05 -W 0.1 2001:db8::2",
        "-f -i 0.01 -c 3 -W 0.1 192.0.2.2",
        "-w 1 -c 1 192.0.2.2",
        "-c 2 -i 0.01 -W 0.1 192.0.2.3",
        "-c 2 -i 0.01 -W 0.1 2001:db8::3",
    ];
    compare(make, &table);
}

#[test]
#[ignore = "needs iputils-ping"]
fn errors_of_routers_are_the_same() {
    let make = |lab: &Lab, with: &mut dyn FnMut(&Host<'_>)| {
        let hosts = lab.chain_with(&Chain::of(&["a", "r", "b"]).mtu(2, 1400));
        with(&hosts[0]);
    };
    let table = [
        // First, for the router's kernel sends few of these.
        "-c 1 -W 0.1 10.1.9.9",
        "-c 1 10.1.2.2",
        "-R -c 1 10.1.2.2",
        "-t 1 -c 2 -i 0.01 10.1.2.2",
        "-t 1 -c 2 -i 0.01 fd00:2::2",
        "-w 5 -t 1 10.1.2.2",
        "-M do -s 1450 -c 1 10.1.2.2",
        "-M do -s 1450 -c 1 10.1.2.2",
        "-M do -s 1450 -c 1 fd00:2::2",
        "-M do -s 1450 -c 1 fd00:2::2",
        "-r -c 1 -W 0.1 10.1.2.2",
        "-c 1 -W 0.1 fd00:9::9",
    ];
    compare(make, &table);
}

#[test]
#[ignore = "needs iputils-ping"]
fn strange_targets_are_the_same() {
    let words = [
        "silent",
        "other-source",
        "flip:52",
        "longer:8",
        "longer:1000",
        "truncate:36",
        "error:3:1",
        "error:3:4:1400",
        "error:3:13",
        "error:11:0",
        "error:12:0:0x05000000",
        "error:1:3",
        "error:2:0:1280",
        "error:3:0",
        "error:4:1:40",
        "drop-even",
        "swap",
        "ext-headers:2",
    ];
    let make = |lab: &Lab, with: &mut dyn FnMut(&Host<'_>)| {
        with(&Strange::new(lab, &words).a);
    };
    let mut table: Vec<_> = (1..=words.len())
        .flat_map(|n| [format!("198.51.100.{n}"), format!("2001:db8:bad::{n:x}")])
        // A source quench in IPv4, which is no error to us (RFC 6633), and a reply of which theirs
        // tells what it has room for.
        .filter(|target| !["198.51.100.15", "198.51.100.5"].contains(&target.as_str()))
        .map(|target| format!("-c 2 -i 0.1 -W 0.2 {target}"))
        .collect();
    table.push("-f -i 0.01 -c 3 198.51.100.7".into());
    let table: Vec<_> = table.iter().map(String::as_str).collect();
    compare(make, &table);
}

#[test]
#[ignore = "needs jc"]
fn parser_for_ping_makes_the_same_of_both() {
    let jc = std::env::var_os("JC").map_or_else(|| PathBuf::from("jc"), PathBuf::from);
    let parsed = |text: &str| {
        let mut child = Command::new(&jc)
            .arg("--ping")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("jc in $JC or in the PATH");
        std::io::Write::write_all(&mut child.stdin.take().unwrap(), text.as_bytes()).unwrap();
        let out = child.wait_with_output().unwrap();
        assert!(out.status.success(), "{text}");
        let mut value: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
        forget_times(&mut value);
        value
    };
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    lab.file("/etc/nsswitch.conf", "hosts: files");
    lab.file("/etc/hosts", "192.0.2.2 target.example");
    for args in [
        "-c 3 -i 0.01 192.0.2.2",
        "-c 2 -i 0.01 2001:db8::2",
        "-c 1 target.example",
        "-D -O -c 2 -i 0.01 192.0.2.2",
        "-c 1 -t 1 192.0.2.2",
        "-s 4 -c 1 192.0.2.2",
    ] {
        let of = |path: &Path| parsed(&run_as(Socket::Raw, &a, path, args).out);
        assert_eq!(of(&program_path()), of(Path::new(THEIRS)), "{args}");
    }
}

/// Sets every number that is a time to nothing.
fn forget_times(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::Object(map) => {
            for (key, value) in map {
                if ["time", "timestamp", "round_trip"].iter().any(|time| key.starts_with(time)) {
                    *value = serde_json::Value::Null;
                }
                forget_times(value);
            }
        }
        serde_json::Value::Array(all) => all.iter_mut().for_each(forget_times),
        _ => {}
    }
}
