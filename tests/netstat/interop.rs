//! Ours beside net-tools' netstat 2.10, on the same namespace and on the same made-up tables: every octet.

use std::path::{Path, PathBuf};

use wireline_lab::{Host, Lab};

use crate::common::{Run, furnished, ours, run, run_with};
use crate::sockets::busy;

fn theirs() -> PathBuf {
    PathBuf::from("/usr/bin/netstat")
}

/// Runs both with each line of the table, and shows all differences at once.
fn compare(table: &[&str], run: impl Fn(&Path, &str) -> Run) {
    /// Counters move while two programs are run, but not as often as this.
    const TRIES: usize = 10;
    let differs = |args: &&str| {
        let tries = (0..TRIES).map(|_| (run(&theirs(), args), run(&ours(), args)));
        let tries: Vec<_> = tries.take_while(|(theirs, ours)| theirs != ours).collect();
        (tries.len() == TRIES).then(|| difference(args, &tries[TRIES - 1]))
    };
    let differences: String = table.iter().filter_map(differs).collect();
    assert!(differences.is_empty(), "\n{differences}");
}

/// The first line that is not the same, and all that was said on stderr.
fn difference(args: &str, (theirs, ours): &(Run, Run)) -> String {
    let lines = theirs.out.split('\n').zip(ours.out.split('\n'));
    let line = lines.into_iter().find(|(theirs, ours)| theirs != ours);
    let rest = |run: &Run| format!("{:?} {:?}, {} octets", run.code, run.err, run.out.len());
    format!("{args}\n theirs {}\n ours   {}\n {line:?}\n", rest(theirs), rest(ours))
}

fn both(host: &Host<'_>, table: &[&str]) {
    compare(table, |program, args| run(host, program, args));
}

#[test]
#[ignore = "needs net-tools"]
fn routes_are_the_same() {
    let lab = Lab::new();
    let host = furnished(&lab);
    lab.file("/etc/nsswitch.conf", "hosts: files\nnetworks: files");
    lab.file(
        "/etc/hosts",
        "10.1.0.254 gw\n10.1.0.3 averyveryverylong.example\n1.2.3.4 one.two.three.four\n\
         10.20.0.0 nohost\n2001:db8:2:: six.example\n2001:db8:1::2 sixgw\n0.0.0.0 any4\n:: any6",
    );
    lab.file(
        "/etc/networks",
        "default 0.0.0.0\nten 10.20\nlongnetworknameindeed 10.43.0.0\nhex 0xa.0x16\neight 8.8.8.8\nmcast 224.0.0.0",
    );
    both(
        &host,
        &[
            "-r",
            "-rn",
            "-re",
            "-ree",
            "-reee",
            "-rne",
            "-rnee",
            "-rW",
            "-r --numeric-hosts",
            "-r --numeric-ports",
            "-r4",
            "-r6",
            "-rn6",
            "-rne6",
            "-rA inet6",
            "-r --inet --inet6",
            "-rn64",
            "-rF",
            "-rC",
            "-rCe",
            "-rCee",
            "-rCF",
            "-r6C",
            "-r6CF",
            "-rnv",
            "-drn",
            "-rn x",
            "--rou --numeric-h",
            "-gr",
        ],
    );
}

#[test]
#[ignore = "needs net-tools"]
fn interfaces_and_groups_are_the_same() {
    let lab = Lab::new();
    let host = furnished(&lab);
    lab.file("/etc/nsswitch.conf", "hosts: files");
    lab.file("/etc/hosts", "224.0.0.1 all-systems.mcast.net\nff02::1 ip6-allnodes");
    both(
        &host,
        &[
            "-i", "-ia", "-in", "-ie", "-iae", "-iee", "-iv", "-iW", "-gi", "-g", "-gn", "-ga",
            "-gl",
        ],
    );
}

#[test]
#[ignore = "needs net-tools"]
fn statistics_of_a_kernel_are_the_same() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    a.sh("ping -c3 -i.1 -q 10.1.0.2 || true; ping -c2 -i.1 -q -W1 10.9.9.9 || true");
    both(
        &a,
        &[
            "-s",
            "-s4",
            "-s6",
            "-st",
            "-su",
            "-sw",
            "-sU",
            "-sS",
            "-stu",
            "-st6",
            "-su6",
            "-sw6",
            "-sU6",
            "-s --tcp --raw",
            "-sc",
            "-sg",
            "-sn",
            "-s -A inet6",
        ],
    );
}

#[test]
#[ignore = "needs net-tools"]
fn what_is_refused_is_refused_alike() {
    let lab = Lab::new();
    let host = lab.host("a");
    both(
        &host,
        &[
            "-M",
            "-Z",
            "-rZ",
            "-M -n",
            "-A bogus",
            "-A inet,bogus",
            "-A inet, -r",
            "-rx",
            "-r6x",
            "-s46",
            "-s64",
            "-sx",
            "-s -A unix,inet",
            "-r --ax25",
            "-r --ipx",
            "-r --netrom",
            "-r --x25",
            "-r --rose",
            "-r --ddp",
            "-r --appletalk",
            "-rA bluetooth",
            "-rA econet",
            "-r",
            "-r6",
        ],
    );
}

/// Every counter that a kernel of today has, each with this value.
fn counters(host: &Host<'_>, value: &str) -> Vec<(&'static str, String)> {
    let pairs = format!(
        "awk 'NR % 2 {{ print; $0 = $0; for (i = 2; i <= NF; i++) $i = \"{value}\"; print }}'"
    );
    let read = |script: String| host.output(&script);
    vec![
        ("snmp", read(format!("{pairs} /proc/net/snmp"))),
        ("netstat", read(format!("{pairs} /proc/net/netstat"))),
        ("snmp6", read(format!("awk '{{ print $1, \"{value}\" }}' /proc/net/snmp6"))),
    ]
}

#[test]
#[ignore = "needs net-tools"]
fn every_counter_has_the_same_sentence() {
    let lab = Lab::new();
    let host = lab.host("a");
    for value in ["0", "1", "2", "18446744073709551615", "-1", "99999999999999999999999"] {
        let files = counters(&host, value);
        let files: Vec<_> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
        compare(&["-s", "-s6", "-st", "-su", "-sw", "-st6", "-su6", "-sw6"], |program, args| {
            run_with(&host, &files, program, args)
        });
    }
}

#[test]
#[ignore = "needs net-tools"]
fn odd_tables_are_shown_alike() {
    let lab = Lab::new();
    let host = lab.host("a");
    for snmp in [
        "",
        "Ip: InReceives\n",
        "Ip: InReceives Foo\nIp: 2\n",
        "Ip: InReceives\nIp: 2 3\n",
        "Ip InReceives\nIp 2\n",
        "\nIp: InReceives\nIp: 2\n\nTcp: InSegs\nTcp: 3\n",
        "Ip: InReceives\n\nIp: 2\n",
        "Foo: Bar\nFoo: 1\nTcpExt: TCPHPHits InSegs\nTcpExt: 4 5\nUdp: InSegs\nUdp: 4\n",
        "Icmp: InTimeExcds Foo InErrors Foo InRedirects\nIcmp: 0 3 0 3 1\nIp: Foo ReasmFails Foo\nIp: 4 0 4\n",
        "Icmp: InTimeExcds\nIcmp: 1\nIcmpMsg: InType0\nIcmpMsg: 4\nTcp: Foo\nTcp: 5\n",
        "TcpExt: PAWSPassive TCPPrequeued TCPFACKReorder TCPForwardRetrans TCPSchedulerFailed TCPAbortOnSyn\n\
         TcpExt: 1 2 3 4 5 6\n",
    ] {
        let files =
            [("snmp", snmp), ("netstat", ""), ("snmp6", "Icmp6InType136 3\nFoo 7\nIp6Bar 8\n")];
        compare(&["-s", "-st", "-sw", "-s6"], |program, args| {
            run_with(&host, &files, program, args)
        });
    }
    let files = [
        ("snmp", ""),
        ("netstat", ""),
        ("sctp/snmp", "SctpCurrEstab 7\nSctpInSCTPPacks 0\nSctpFoo 3\n"),
    ];
    compare(&["-sS", "-s", "-st"], |program, args| run_with(&host, &files, program, args));
    compare(&["-s", "-s6", "-r", "-rC", "-r6", "-g", "-i", "-ie"], |program, args| {
        run_with(&host, &[], program, args)
    });
}

#[test]
#[ignore = "needs net-tools"]
fn every_flag_of_a_route_has_the_same_letter() {
    let lab = Lab::new();
    let host = lab.host("a");
    let heading =
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
    let bits = || (0..32).map(|bit| 1_u32 << bit).chain([u32::MAX, 0xffff_fdff]);
    let v4 = bits().map(|flags| {
        let flags = flags | 1;
        format!("x\t0000140A\t0300010A\t{flags:04X}\t12\t123456\t12345678\t0000FFFF\t123456\t5\t1234567\n")
    });
    let zero = "0".repeat(32);
    let v6 = bits().map(|flags| {
        format!("20010db8000200000000000000000000 30 {zero} 00 {zero} ffffffff 0000000c 12345678 {flags:08x} x\n")
    });
    let (v4, v6) = (heading.to_owned() + &v4.collect::<String>(), v6.collect::<String>());
    compare(&["-rn", "-rne", "-rnee", "-rn6", "-rn6C"], |program, args| {
        run_with(&host, &[("route", &v4), ("ipv6_route", &v6)], program, args)
    });
}

/// What moves while two programs are run one after the other: times until timers end, and the programs.
fn still(mut run: Run) -> Run {
    let still = |line: &str| match line.rsplit_once(" (") {
        Some((head, timer)) if timer.ends_with(')') && !line.starts_with("Active") => {
            // How often an answer to a SYN was sent again is counted by timeouts there, and by answers here.
            let counts = match timer.split_once('/') {
                Some((_, counts)) if !line.contains(" SYN_RECV ") => counts,
                _ => "",
            };
            format!("{head} (T/{counts}\n")
        }
        _ => format!("{line}\n"),
    };
    run.out = run.out.lines().map(still).collect();
    run
}

#[test]
#[ignore = "needs net-tools"]
fn sockets_are_the_same() {
    let lab = Lab::new();
    lab.file(
        "/etc/services",
        "ssh 22/tcp\nfull 4009/tcp\nlonger-than-a-column-is 4010/tcp\nu 5001/udp\n",
    );
    let (host, _sockets) = busy(&lab);
    let mut table = Vec::new();
    for selection in ["", "-a", "-l"] {
        for tables in
            ["", "-t", "-u", "-U", "-w", "-x", "-tu", "-4", "-6", "-A inet6,unix", "-tx", "-6u"]
        {
            for columns in ["-n", "-nep", "-no", "-nW"] {
                table.push(format!("{selection} {tables} {columns}"));
            }
        }
    }
    for args in [
        "-a",
        "-at",
        "-lW",
        "-ate",
        "-lw",
        "-ap",
        "-v",
        "-anv",
        "-ntg",
        "-ngx",
        "-nlp --inet --unix",
    ] {
        table.push(args.to_owned());
    }
    let table: Vec<_> = table.iter().map(String::as_str).collect();
    compare(&table, |program, args| still(run(&host, program, args)));
}

#[test]
#[ignore = "needs net-tools"]
fn what_sockets_are_refused_is_the_same() {
    let lab = Lab::new();
    let (host, _sockets) = busy(&lab);
    let table = [
        "-nS",
        "-ntSu",
        "-nS4",
        "-nS6",
        "-nta --ax25",
        "-nx --ipx",
        "-n -A ipx,ax25",
        "-n2",
        "-nt2",
        "-n2x",
        "--bluetooth -n",
        "-n -A netrom",
        "-n -A ddp",
        "-nt -A ash",
        "-ntg2",
        "-nxS",
        "-ng --ipx",
        "-ngS",
        "-nx --rose --x25 --netrom",
        "-naS6",
        "-nv --ipx",
        "-nf -l",
        "-nvatS6",
    ];
    both(&host, &table);
}
