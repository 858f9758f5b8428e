//! `arp-scan arp`: the kernel's neighbour table as arp(8) shows and changes it.
//!
//! `-- --ignored` holds it against net-tools' arp, octet for octet, and hands its text to jc.

use std::io::Write as _;
use std::process::{Command, Stdio};

use assert_cmd::cargo::cargo_bin;
use serde_json::Value;
use wireline_lab::{Host, Lab};

const HEADING: &str =
    "Address                  HWtype  HWaddress           Flags Mask            Iface\n";

/// Code, stdout and stderr of `arp` with these words, cut at spaces.
type Said = (Option<i32>, String, String);

fn arp(host: &Host<'_>, args: &str) -> Said {
    said(host.command(cargo_bin!("arp-scan")).arg("arp").args(args.split_whitespace()))
}

fn as_nobody(host: &Host<'_>, args: &str) -> Said {
    said(host.as_nobody(cargo_bin!("arp-scan")).arg("arp").args(args.split_whitespace()))
}

fn said(command: &mut assert_cmd::Command) -> Said {
    let assert = command.assert();
    let output = assert.get_output();
    let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

fn json(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn done() -> Said {
    (Some(0), String::new(), String::new())
}

fn complained(text: &str) -> Said {
    (Some(255), String::new(), format!("{text}\n"))
}

/// A host on two links that has been told of neighbours, and asks nobody.
fn furnished(lab: &Lab) -> Host<'_> {
    let host = lab.host("a");
    host.sh("set -e
        # Linux 6.18 forgets to delete a proxy entry of every interface with its namespace, and hands it to the
        # next one that lies at the same address.
        ip neigh show proxy | while read -r address rest; do ip neigh del proxy $address; done
        ip link add d0 address 02:00:00:00:aa:01 type veth peer name p0
        ip link add d1 address 02:00:00:00:aa:02 type veth peer name p1
        for each in d0 p0 d1 p1; do ip link set $each up; done
        # The kernel would throw out what is old, and what failed, whenever tables are large anywhere.
        for each in gc_stale_time mcast_solicit; do
            echo 100000 > /proc/sys/net/ipv4/neigh/d0/$each
            echo 100000 > /proc/sys/net/ipv6/neigh/d0/$each
            echo 100000 > /proc/sys/net/ipv6/neigh/d1/$each
        done
        ip addr add 192.0.2.1/24 dev d0; ip addr add 198.51.100.1/24 dev d1
        ip route add default via 192.0.2.254
        ip -6 addr add 2001:db8::1/64 dev d0
        ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev d0 nud stale
        ip neigh add 192.0.2.3 lladdr 02:00:00:00:00:03 dev d0 nud permanent
        ip neigh add 192.0.2.4 dev d0 nud incomplete
        ip neigh add proxy 192.0.2.5 dev d1");
    host
}

/// Lines without the heading, in an order of their own: the kernel's changes with every boot.
fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<_> = text.lines().filter(|line| !line.starts_with("Address ")).collect();
    lines.sort_unstable();
    lines
}

#[test]
fn table_is_shown_in_both_layouts() {
    let lab = Lab::new();
    let host = furnished(&lab);
    let (code, out, err) = arp(&host, "-n");
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(out.starts_with(HEADING), "{out}");
    assert_eq!(
        sorted(&out),
        [
            "192.0.2.2                ether   02:00:00:00:00:02   C                     d0",
            "192.0.2.3                ether   02:00:00:00:00:03   CM                    d0",
            "192.0.2.4                        (incomplete)                              d0",
            "192.0.2.5                *       <from_interface>    MP                    d1",
        ]
    );
    let (_, out, _) = arp(&host, "-an");
    assert_eq!(
        sorted(&out),
        [
            "? (192.0.2.2) at 02:00:00:00:00:02 [ether] on d0",
            "? (192.0.2.3) at 02:00:00:00:00:03 [ether] PERM on d0",
            "? (192.0.2.4) at <incomplete> on d0",
            "? (192.0.2.5) at <from_interface> PERM PUB on d1",
        ]
    );
}

#[test]
fn what_is_not_there_is_said_in_the_words_of_the_original() {
    let lab = Lab::new();
    let host = furnished(&lab);
    for (args, out) in [
        ("192.0.2.9", "192.0.2.9 (192.0.2.9) -- no entry\n"),
        ("-a 192.0.2.9", "arp: in 4 entries no match found.\n"),
        ("-n -i none", "arp: in 4 entries no match found.\n"),
        ("-vn -i none", "Entries: 4\tSkipped: 4\tFound: 0\narp: in 4 entries no match found.\n"),
        ("-H ax25", "arp: in 4 entries no match found.\n"),
    ] {
        assert_eq!(arp(&host, args), (Some(0), out.into(), String::new()), "{args}");
    }
    let no_entry = (Some(255), "No ARP entry for 192.0.2.9\n".to_owned(), String::new());
    assert_eq!(arp(&host, "-d 192.0.2.9"), no_entry);
    assert_eq!(arp(&host, "-d"), complained("arp: need host name"));
    assert_eq!(arp(&host, "-s 192.0.2.9"), complained("arp: need hardware address"));
    assert_eq!(arp(&host, "-H foo"), complained("arp: foo: unknown hardware type."));
    let (code, _, err) = arp(&host, "-x");
    assert_eq!((code, err.lines().next()), (Some(3), Some("arp: invalid option -- 'x'")));
}

#[test]
fn entries_are_made_and_deleted() {
    let lab = Lab::new();
    let host = furnished(&lab);
    assert_eq!(arp(&host, "-s 192.0.2.9 02:00:00:00:00:09"), done());
    assert_eq!(arp(&host, "-s 192.0.2.10 2:0:0:0:0:a temp"), done());
    assert_eq!(arp(&host, "-Ds 192.0.2.11 d1 pub"), done());
    let neigh = host.output("ip neigh show; ip neigh show proxy");
    let neigh: Vec<_> = neigh.lines().map(str::trim_end).collect();
    for line in [
        "192.0.2.9 dev d0 lladdr 02:00:00:00:00:09 PERMANENT",
        "192.0.2.10 dev d0 lladdr 02:00:00:00:00:0a STALE",
        "192.0.2.11 dev d1 proxy",
    ] {
        assert!(neigh.contains(&line), "{neigh:?}");
    }
    assert_eq!(arp(&host, "-s 192.0.2.9 02:00:00:00:00:99"), done(), "over what is there");
    assert_eq!(arp(&host, "-d 192.0.2.9"), done());
    assert_eq!(arp(&host, "-d 192.0.2.10"), done());
    assert_eq!(arp(&host, "-i d1 -d 192.0.2.11"), done());
    let neigh = host.output("ip neigh show; ip neigh show proxy");
    for gone in ["192.0.2.9 ", "192.0.2.10 ", "192.0.2.11 "] {
        assert!(!neigh.contains(gone), "{neigh}");
    }
}

#[test]
fn neighbours_of_ipv6_are_made_shown_and_deleted() {
    let lab = Lab::new();
    let host = furnished(&lab);
    assert_eq!(arp(&host, "-s 2001:db8::9 02:00:00:00:00:09"), done());
    assert_eq!(arp(&host, "-s fe80::9%d1 02:00:00:00:00:09 temp"), done());
    assert_eq!(arp(&host, "-i d0 -Ds 2001:db8::a d0 pub"), done());
    let (_, out, _) = arp(&host, "-6n --states");
    assert_eq!(
        sorted(&out),
        [
            "2001:db8::9              ether   02:00:00:00:00:09   CM                    d0    PERMANENT",
            "2001:db8::a              *       <from_interface>    MP                    d0    PROXY",
            "fe80::9                  ether   02:00:00:00:00:09   C                     d1    STALE",
        ]
    );
    let (_, both, _) = arp(&host, "-46n");
    assert_eq!(sorted(&both).len(), 7, "{both}");
    assert_eq!(arp(&host, "-d 2001:db8::9"), done());
    assert_eq!(arp(&host, "-d fe80::9%d1"), done());
    assert_eq!(arp(&host, "-i d0 -d 2001:db8::a pub"), done());
    assert_eq!(arp(&host, "-6"), done(), "an empty table has no heading");
}

#[test]
fn what_the_kernel_refuses_is_said_as_by_the_ioctl() {
    let lab = Lab::new();
    let host = furnished(&lab);
    for (args, said) in [
        ("-s 203.0.113.9 02:00:00:00:00:09", "SIOCSARP: Network is unreachable"),
        ("-i none -s 192.0.2.9 02:00:00:00:00:09", "SIOCSARP: No such device"),
        ("-s 192.0.2.9 02:00:00:00:00:09 pub", "SIOCSARP: No such device"),
        ("-s 192.0.2.1 02:00:00:00:00:09", "SIOCSARP: Invalid argument"),
        ("-s 192.0.2.9 02:00:00:00:00:09 netmask 255.255.255.0", "SIOCSARP: Invalid argument"),
        ("-d 203.0.113.9", "SIOCDARP(dontpub): Network is unreachable"),
        ("-Ds 192.0.2.9 none", "arp: cant get HW-Address for `none': No such device."),
        ("-s 192.0.2.9 02:00", "arp: invalid hardware address"),
        ("-f /nowhere", "arp: cannot open etherfile /nowhere !"),
    ] {
        assert_eq!(arp(&host, args), complained(said), "{args}");
    }
}

#[test]
fn nobody_may_look_and_may_change_nothing() {
    let lab = Lab::new();
    let host = furnished(&lab);
    let (code, out, err) = as_nobody(&host, "-n");
    assert_eq!((code, sorted(&out).len(), err.as_str()), (Some(0), 4, ""));
    for (args, said) in [
        ("-s 192.0.2.9 02:00:00:00:00:09", "SIOCSARP: Operation not permitted"),
        ("-i none -s 192.0.2.9 02:00:00:00:00:09", "SIOCSARP: Operation not permitted"),
        ("-d 192.0.2.2", "SIOCDARP(dontpub): Operation not permitted"),
        ("-d 192.0.2.5 pub", "SIOCDARP(pub): Operation not permitted"),
    ] {
        assert_eq!(as_nobody(&host, args), complained(said), "{args}");
    }
}

#[test]
fn file_is_read_to_its_end_and_bad_lines_are_named() {
    let lab = Lab::new();
    let host = furnished(&lab);
    let file = "/run/ethers";
    lab.file(file, "# by hand\n192.0.2.20 02:00:00:00:00:20\n02:00:00:00:00:21 192.0.2.21\n\
        192.0.2.22\n192.0.2.23 zz\n192.0.2.24 02:00:00:00:00:24 nonsense\n192.0.2.25 \"02:00:00:00:00:25\" temp");
    let (code, out, err) = arp(&host, &format!("-f {file}"));
    assert_eq!((code, out.as_str()), (Some(255), ""));
    assert_eq!(
        err.lines().collect::<Vec<_>>(),
        [
            format!("arp: format error on line 4 of etherfile {file} !"),
            "arp: invalid hardware address".to_owned(),
            format!("arp: cannot set entry on line 5 of etherfile {file} !"),
            format!("arp: cannot set entry on line 6 of etherfile {file} !"),
        ]
    );
    let neigh = host.output("ip neigh show");
    for made in ["192.0.2.20 ", "192.0.2.21 ", "192.0.2.25 "] {
        assert!(neigh.contains(made), "{neigh}");
    }
}

#[test]
fn json_has_the_keys_of_jc_and_more() {
    let lab = Lab::new();
    let host = furnished(&lab);
    let (code, out, err) = arp(&host, "-n --json --explain");
    assert_eq!((code, err.as_str()), (Some(0), ""));
    let lines = json(&out);
    assert_eq!(lines[0]["table"], "neighbours");
    assert_eq!(lines.last().unwrap()["found"], 4);
    let row = |address: &str| lines.iter().find(|line| line["address"] == address).unwrap();
    let stale = row("192.0.2.2");
    for (key, value) in [
        ("event", "neighbour"),
        ("hwtype", "ether"),
        ("hwaddress", "02:00:00:00:00:02"),
        ("flags_mask", "C"),
        ("iface", "d0"),
        ("state", "stale"),
        ("family", "ipv4"),
    ] {
        assert_eq!(stale[key], value, "{key}");
    }
    assert!(stale["name"].is_null() && stale["expires"].is_null());
    assert!(stale["used_ms"].as_f64().unwrap() < 3_600_000.0);
    assert!(stale["explanation"].as_str().unwrap().starts_with("Stale: "));
    assert_eq!(row("192.0.2.3")["permanent"], true);
    assert!(row("192.0.2.4")["hwaddress"].is_null(), "nobody is there");
    let proxy = row("192.0.2.5");
    assert_eq!((&proxy["proxy"], &proxy["iface"]), (&true.into(), &"d1".into()));
    let (code, _, err) = arp(&host, "--json -d 192.0.2.2");
    assert_eq!((code, err.as_str()), (Some(3), "arp: --json: only where entries are shown\n"));
}

#[test]
fn names_come_from_the_hosts_file() {
    let lab = Lab::new();
    lab.file("/etc/hosts", "192.0.2.2 router.example router");
    lab.file("/etc/nsswitch.conf", "hosts: files");
    let host = furnished(&lab);
    let (_, out, _) = arp(&host, "-a router");
    assert_eq!(out, "router.example (192.0.2.2) at 02:00:00:00:00:02 [ether] on d0\n");
    let (_, out, _) = arp(&host, "");
    assert!(out.contains("\nrouter.example           ether   02:"), "{out}");
}

/// Every line of ours that a script reads, beside that of net-tools.
#[test]
#[ignore = "needs net-tools' arp"]
fn listings_are_those_of_net_tools_octet_for_octet() {
    let lab = Lab::new();
    lab.file(
        "/etc/hosts",
        "192.0.2.2 a-name-that-is-longer-than-its.column.example\n192.0.2.3 short",
    );
    lab.file("/etc/nsswitch.conf", "hosts: files");
    let host = furnished(&lab);
    host.sh("for each in $(seq 10 200); do
            printf 'neigh add 192.0.2.%d lladdr 02:00:00:00:01:%02x dev d0 nud stale\n' $each $each
        done | ip -batch -");
    for args in [
        "",
        "-n",
        "-a",
        "-an",
        "-e",
        "-ae",
        "-v",
        "-vn",
        "-va",
        "-n -i d1",
        "-an -i none",
        "-H ether -n",
        "-H ax25",
        "192.0.2.2",
        "-a 192.0.2.2",
        "192.0.2.9",
        "-a 192.0.2.9",
        "short",
        "192.2",
        "default",
        "-s 203.0.113.9 02:00:00:00:00:09",
        "-s 192.0.2.9 zz",
        "-s",
        "-d",
        "-d 192.0.2.9",
        "-A foo",
        "-H loop",
        "-d 203.0.113.9",
        "-Ds 192.0.2.9 none pub",
        "-v -d 192.0.2.9",
        "-N -n",
    ] {
        let theirs = said(host.command("/usr/sbin/arp").args(args.split_whitespace()));
        assert_eq!(arp(&host, args), theirs, "{args}");
    }
}

/// jc reads what ours says as it reads the original.
#[test]
#[ignore = "needs jc (named by JC) and net-tools' arp"]
fn jc_reads_the_text() {
    let lab = Lab::new();
    let host = furnished(&lab);
    for args in ["-n", "-an", "-vn"] {
        let ours = jc(&arp(&host, args).1);
        let theirs = jc(&said(host.command("/usr/sbin/arp").args(args.split_whitespace())).1);
        assert_eq!(ours, theirs, "{args}");
        let row =
            ours.as_array().unwrap().iter().find(|row| row["address"] == "192.0.2.2").unwrap();
        assert_eq!((&row["hwaddress"], &row["iface"]), (&"02:00:00:00:00:02".into(), &"d0".into()));
    }
}

fn jc(text: &str) -> Value {
    let program = std::env::var_os("JC").unwrap_or_else(|| "jc".into());
    let mut jc = Command::new(program)
        .arg("--arp")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    jc.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    serde_json::from_slice(&jc.wait_with_output().unwrap().stdout).unwrap()
}
