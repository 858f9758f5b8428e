//! Filters in the words of ss, as words and as `--filter`.

use serde_json::Value;
use wireline_lab::{Host, Lab, not_tried};

use crate::common::{Run, netstat, rows, words};

/// The numbers of sockets that last, in order.
fn lasting(rows: &[Value]) -> Vec<u64> {
    let lasts = |row: &&Value| row["state"] != "time_wait";
    let mut numbers: Vec<_> =
        rows.iter().filter(lasts).map(|row| row["cookie"].as_u64().expect("of netlink")).collect();
    numbers.sort_unstable();
    numbers
}

fn filtered(host: &Host<'_>, flags: &str, filter: &str) -> Vec<Value> {
    let run = words(host, &[flags, "--json", "--filter", filter]);
    assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{filter}");
    let as_words: Vec<_> = [flags, "--json"].into_iter().chain(filter.split(' ')).collect();
    let again = rows(&words(host, &as_words));
    assert_eq!(lasting(&again), lasting(&rows(&run)), "{filter}");
    rows(&run)
}

fn port(row: &Value, end: &str) -> u64 {
    row[end]["port"].as_u64().unwrap_or_default()
}

fn address<'a>(row: &'a Value, end: &str) -> &'a str {
    row[end]["address"].as_str().unwrap_or_default()
}

/// What a filter says, and the same in Rust.
type Case = (&'static str, fn(&Value) -> bool);

const CASES: &[Case] = &[
    ("sport = :4008", |row| port(row, "local") == 4008),
    ("sport = :4008 or dport = :4008", |row| {
        port(row, "local") == 4008 || port(row, "remote") == 4008
    }),
    ("sport ge 4000 sport le 4013", |row| (4000..=4013).contains(&port(row, "local"))),
    ("sport > :4005 and not dport > :1", |row| {
        port(row, "local") > 4005 && port(row, "remote") <= 1
    }),
    ("dst 127.0.0.0/8", |row| {
        address(row, "remote").trim_start_matches("::ffff:").starts_with("127.")
    }),
    ("src [::1]", |row| address(row, "local") == "::1"),
    ("dst [::1]:4008", |row| address(row, "remote") == "::1" && port(row, "remote") == 4008),
    ("dst 2001:db8:1111::/48", |row| address(row, "remote").starts_with("2001:db8:1111:")),
    ("src ::ffff:0:0/96", |row| address(row, "local").starts_with("::ffff:")),
    ("state established sport = :4008", |row| {
        row["state"] == "established" && port(row, "local") == 4008
    }),
    ("state close-wait state FIN_WAIT2", |row| {
        row["state"] == "close_wait" || row["state"] == "fin_wait2"
    }),
    ("state listening", |row| row["state"] == "listen"),
    ("exclude established exclude closed sport < 5000", |row| {
        row["state"] != "established" && row["state"] != "close" && port(row, "local") < 5000
    }),
    ("sport = :ssh", |row| port(row, "local") == 22),
    ("dev = lo", |row| row["interface"] == 1),
    ("dev != lo sport = :4008", |row| port(row, "local") == 4008),
];

#[test]
fn rows_are_those_that_the_filter_names() {
    let lab = Lab::new();
    let host = lab.host("a");
    host.sh("ip link set lo up");
    let _sockets = host.sockets_of_all_states();
    for (filter, is) in CASES {
        let all = rows(&netstat(&host, "-tuan --json"));
        let wanted: Vec<_> = all.into_iter().filter(is).collect();
        let got = filtered(&host, "-tuan", filter);
        assert_eq!(lasting(&got), lasting(&wanted), "{filter}");
        assert_eq!(lasting(&got).is_empty(), *filter == "dev = lo", "{filter}");
    }
}

#[test]
fn states_of_a_filter_stand_for_the_usual_choice() {
    let lab = Lab::new();
    let host = lab.host("a");
    host.sh("ip link set lo up");
    let _sockets = host.sockets_of_all_states();
    let has = |rows: &[Value], state: &str| rows.iter().any(|row| row["state"] == state);
    let plain = filtered(&host, "-tn", "sport le 4013");
    assert!(has(&plain, "close_wait") && !has(&plain, "listen"));
    let listening = filtered(&host, "-tln", "sport le 4013");
    assert!(has(&listening, "listen") && !has(&listening, "close_wait"));
    let named = filtered(&host, "-tn", "state all sport le 4013");
    assert!(has(&named, "listen") && has(&named, "close_wait"));
    let run = netstat(&host, "-tln state established");
    let why = "netstat: -l and a filter that names states do not go together\n";
    assert_eq!((run.code, run.err.as_str()), (Some(3), why));
}

#[test]
fn names_are_looked_up() {
    let lab = Lab::new();
    let host = lab.host("a");
    host.sh("ip link set lo up");
    lab.file("/etc/nsswitch.conf", "hosts: files\nservices: files");
    lab.file("/etc/hosts", "127.0.0.1 here.example\n::1 here.example");
    lab.file("/etc/services", "full 4008/tcp");
    let _sockets = host.sockets_of_all_states();
    let found = filtered(&host, "-tn", "dst here.example:full");
    let remotes: Vec<_> = found.iter().map(|row| address(row, "remote")).collect();
    assert_eq!(remotes, ["127.0.0.1", "::1"]);
    let run = netstat(&host, "-tn dst nowhere.example");
    let why = "netstat: filter: at 5, 'nowhere.example': expected a host, HOST/LENGTH or HOST:PORT, an IPv6 \
               address in brackets (Name or service not known)\n";
    assert_eq!((run.code, run.err.as_str()), (Some(3), why));
}

#[test]
fn unix_sockets_are_named_by_patterns() {
    let lab = Lab::new();
    let host = lab.host("a");
    host.sh("ip link set lo up");
    let _sockets = host.sockets_of_all_states();
    let paths = |run: &Run| -> Vec<String> {
        let paths = rows(run).into_iter().map(|row| row["path"].as_str().unwrap_or("").to_owned());
        let mut paths: Vec<_> = paths.collect();
        paths.sort_unstable();
        paths.dedup();
        paths
    };
    let run = words(&host, &["-xan", "--json", "src /run/WIRELINE*"]);
    assert_eq!(paths(&run), ["/run/wireline.stream"]);
    let run = words(&host, &["-an", "--json", "state listening src @wire*"]);
    assert_eq!(paths(&run), ["@wireline abstract"]);
    let run = words(&host, &["-an", "--json", "dst /run/wire*"]);
    assert_eq!(paths(&run), [""], "clients have no name");
    // What is said of ports is of no Unix socket, and what is of none is not listed but where it is asked for.
    let run = netstat(&host, "-an sport = :4008");
    assert!(!run.out.contains("UNIX") && run.out.contains(":4008"), "{run:?}");
    let run = netstat(&host, "-xan sport != :4008");
    assert_eq!((run.out.lines().count(), run.code), (2, Some(0)), "{run:?}");
}

#[test]
fn mistake_is_one_line_with_its_place() {
    let lab = Lab::new();
    let host = lab.host("a");
    for (filter, why) in [
        ("sport = :70000", "at 9, ':70000': expected a port, 0 to 65535, or the name of a service"),
        (
            "( sport = :1 or )",
            "at 17, ')': expected src, dst, sport, dport, dev, fwmark, cgroup, autobound, not or '('",
        ),
        (
            "sport = :\u{1b}[31m",
            "at 9, ':\\027[31m': expected a port, 0 to 65535, or the name of a service",
        ),
        (
            "src a\nb",
            "at 5, 'a': expected a host, HOST/LENGTH or HOST:PORT, an IPv6 address in brackets",
        ),
    ] {
        let run = words(&host, &["-tan", "--filter", filter]);
        assert!(run.err.starts_with(&format!("netstat: filter: {why}")), "{run:?}");
        assert_eq!((run.code, run.err.lines().count(), run.out.as_str()), (Some(3), 1, ""));
    }
    let long = "sport = :1 ".repeat(4000);
    let run = words(&host, &["-tan", &long]);
    assert_eq!((run.code, run.err.lines().count()), (Some(3), 1));
}

#[test]
fn what_does_not_go_together_is_named() {
    let lab = Lab::new();
    let host = lab.host("a");
    for (args, why) in [
        ("--filter state=all x", "--filter and a filter as words do not go together"),
        ("-r --filter x", "--filter: of sockets only"),
        ("-s --kill x", "--kill: of sockets only"),
        ("-i --connection a b", "--connection: of sockets only"),
        ("--yes", "--yes: of --kill only"),
        ("--kill", "--kill: needs a filter, such as 'dst 192.0.2.1 dport = :443'"),
        (
            "--kill --yes state all",
            "--kill: needs a filter that tells some sockets from the others",
        ),
        (
            "--kill --yes state connected dst *",
            "--kill: needs a filter that tells some sockets from the others",
        ),
        ("--kill --yes src 0/0", "--kill: needs a filter that tells some sockets from the others"),
        ("--kill src /run/x", "--kill: sockets of unix(7) cannot be closed so"),
        ("-x --kill sport = 1", "--kill and -x do not go together"),
        ("-c --kill sport = 1", "--kill and -c do not go together"),
        ("-x --connection a:1 b:2", "--connection and -x do not go together"),
        ("-l --connection a:1 b:2", "--connection and -l do not go together"),
        ("--connection a:1 b:2 --kill", "--connection and --kill do not go together"),
        ("--connection a:1 b:2 sport = 1", "--connection and a filter do not go together"),
        (
            "--connection 10.0.0.1 b:2",
            "--connection: '10.0.0.1': expected HOST:PORT, an IPv6 address in brackets",
        ),
        ("--connection 10.0.0.1:1 [::1]:2", "--connection: both ends must be of one family"),
        ("--connection *:* *:*", "--connection: one of both ends needs a port"),
    ] {
        let run = netstat(&host, args);
        let err = format!("netstat: {why}\n");
        assert_eq!((run.code, run.err, run.out.as_str()), (Some(3), err, ""), "{args}");
    }
    // Where there are no sockets, words are ignored as ever.
    assert_eq!(netstat(&host, "-i sport = x").code, Some(0));
}

#[test]
fn what_the_kernel_does_not_tell_is_said() {
    let lab = Lab::new();
    let host = lab.host("a");
    host.sh("ip link set lo up");
    let _sockets = host.sockets_of_all_states();
    let root = netstat(&host, "-tan fwmark = 0");
    assert!(root.code == Some(0) && root.out.contains(":4008"), "{root:?}");
    let mut command = host.as_nobody(crate::common::ours());
    let output = command.args(["-tan", "fwmark", "=", "0"]).assert().code(1);
    let err = String::from_utf8_lossy(&output.get_output().stderr).into_owned();
    assert!(err.starts_with("netstat: filter: ") && err.contains("CAP_NET_ADMIN"), "{err}");
    assert_eq!(err.lines().count(), 1);
}

#[test]
fn marks_interfaces_and_cgroups_tell_sockets_apart() {
    let lab = Lab::new();
    let host = lab.host("a");
    host.sh("ip link set lo up");
    let _sockets = host.sockets(&["marked"]);
    for (filter, ports) in [
        ("fwmark = 0x25", vec![4014]),
        ("fwmark 37", vec![4014]),
        ("fwmark = 0x5/0xf", vec![4014]),
        ("fwmark != 0x5/0xf", vec![4015]),
        ("fwmark = 1", vec![]),
        ("dev lo", vec![4015]),
        ("dev = 1 or fwmark = 37", vec![4014, 4015]),
        ("not dev lo", vec![4014]),
    ] {
        let mut found: Vec<_> =
            filtered(&host, "-tln", filter).iter().map(|row| port(row, "local")).collect();
        found.sort_unstable();
        assert_eq!(found, ports, "{filter}");
    }
    // They are all at the root of the cgroups of the lab's, wherever that is.
    let script = format!(
        "mkdir -p /run/groups; mount -t cgroup2 none /run/groups || exit 0
        p='{} -tln --filter'; own=$(sed -n 's/^0:://p' /proc/self/cgroup)
        $p \"cgroup $own\" | grep -c :401; $p \"cgroup != $own\" | grep -c :401",
        crate::common::ours().display()
    );
    let said = host.output(&format!(
        "unshare --mount --cgroup sh -c '{}' || true",
        script.replace('\'', "'\\''")
    ));
    if said.is_empty() {
        return not_tried("this needs cgroups of version 2 that can be mounted");
    }
    assert_eq!(said, "2\n0\n");
}
