//! What the tables are, word for word, of tables that no kernel made and of a namespace with a little in it.

use wireline_lab::Lab;

use crate::common::{furnished, netstat, netstat_with};

const ROUTE: &str = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n\
    d0\t00000000\tFE00010A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n\
    longname1234567\t0000140A\t00000000\t0001\t0\t0\t100\t0000FFFF\t1140\t5840\t300\n\
    *\t00001F0A\t00000000\t0201\t0\t0\t0\t0000FFFF\t0\t0\t0\n";

#[test]
fn routes_are_shown_with_their_headings() {
    let lab = Lab::new();
    let host = lab.host("a");
    let show = |args| netstat_with(&host, &[("route", ROUTE)], args);
    show("-rn").says(
        "Kernel IP routing table\n\
         Destination     Gateway         Genmask         Flags   MSS Window  irtt Iface\n\
         0.0.0.0         10.1.0.254      0.0.0.0         UG        0 0          0 d0\n\
         10.20.0.0       0.0.0.0         255.255.0.0     U      1140 5840     300 longname1234567\n\
         10.31.0.0       -               255.255.0.0     !         - -          - -\n",
    );
    show("-rnee").says(
        "Kernel IP routing table\n\
         Destination     Gateway         Genmask         Flags Metric Ref    Use Iface    MSS   Window irtt\n\
         0.0.0.0         10.1.0.254      0.0.0.0         UG    0      0        0 d0       0     0      0\n\
         10.20.0.0       0.0.0.0         255.255.0.0     U     100    0        0 longna   1140  5840   300\n\
         10.31.0.0       -               255.255.0.0     !     0      -        0 -        -     -      -\n",
    );
}

#[test]
fn names_stand_for_networks_and_routers() {
    let lab = Lab::new();
    let host = lab.host("a");
    lab.file("/etc/nsswitch.conf", "hosts: files\nnetworks: files");
    lab.file("/etc/hosts", "10.1.0.254 averyverylongnameofarouter.example");
    lab.file("/etc/networks", "office 10.20");
    netstat_with(&host, &[("route", ROUTE)], "-r").says(
        "Kernel IP routing table\n\
         Destination     Gateway         Genmask         Flags   MSS Window  irtt Iface\n\
         default         averyverylongna 0.0.0.0         UG        0 0          0 d0\n\
         office          0.0.0.0         255.255.0.0     U      1140 5840     300 longname1234567\n\
         10.31.0.0       -               255.255.0.0     !         - -          - -\n",
    );
}

#[test]
fn namespace_without_routes_fails_as_the_originals_does() {
    let lab = Lab::new();
    let host = lab.host("a");
    let run = netstat_with(&host, &[("route", "")], "-rn");
    assert_eq!((run.code, run.err.as_str()), (Some(1), ""));
    let run = netstat_with(&host, &[], "-r6");
    let err = "/proc/net/ipv6_route: No such file or directory\n";
    let out = "INET6 (IPv6) not configured in this system.\n";
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (Some(1), out, err));
}

#[test]
fn interfaces_are_sorted_and_aliases_have_no_statistics() {
    let lab = Lab::new();
    let host = furnished(&lab);
    let table = netstat(&host, "-i");
    let names: Vec<_> =
        table.out.lines().skip(2).filter_map(|line| line.split_whitespace().next()).collect();
    let sorted = [
        "a[b",
        "d0",
        "d0:1",
        "d0:10",
        "d.2@x",
        "d0:alias",
        "eth2",
        "eth10",
        "fourteen-chars",
        "lo",
        "lo:5",
        "p0",
        "p2",
        "p3",
        "p4",
        "p5",
        "p10",
    ];
    assert_eq!(names, sorted, "{table:?}");
    let alias =
        "d0:alias         9000      - no statistics available -                        BMRU";
    assert!(table.out.lines().any(|line| line == alias), "{}", table.out);
    assert!(
        netstat(&host, "-ia").out.contains("\ndown0            1500        0      0      0 0 ")
    );
}

#[test]
fn an_interface_in_full_is_what_ifconfig_shows() {
    let lab = Lab::new();
    let host = furnished(&lab);
    let dev = "a\nb\nd0: 1572864 3 1 2 4 5 0 0 1025 6 7 8 9 10 11 0\n";
    let inet6 = "20010db8000100000000000000000001 03 40 00 80 d0\n";
    let run = netstat_with(&host, &[("dev", dev), ("if_inet6", inet6)], "-ie");
    let block = "\nd0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 9000\n        \
                 inet 10.1.0.1  netmask 255.255.0.0  broadcast 10.1.255.255\n        \
                 inet6 2001:db8:1::1  prefixlen 64  scopeid 0x0<global>\n        \
                 ether ";
    assert!(run.out.contains(block), "{}", run.out);
    let counted = "  txqueuelen 123  (Ethernet)\n        \
                   RX packets 3  bytes 1572864 (1.5 MiB)\n        \
                   RX errors 1  dropped 2  overruns 4  frame 5\n        \
                   TX packets 6  bytes 1025 (1.0 KiB)\n        \
                   TX errors 7  dropped 8 overruns 9  carrier 11  collisions 10\n\nd0:1: flags";
    assert!(run.out.contains(counted), "{}", run.out);
}

#[test]
fn groups_of_both_families_are_shown() {
    let lab = Lab::new();
    let host = lab.host("a");
    let igmp = "Idx\n1\tlo        :     1      V3\n\t\t\t\t010000E0     1 0:00000000\t\t0\n";
    let igmp6 = "1    lo              ff020000000000000000000000000001    12 0000000C 0\n";
    netstat_with(&host, &[("igmp", igmp), ("igmp6", igmp6)], "-gn").says(
        "IPv6/IPv4 Group Memberships\n\
         Interface       RefCnt Group\n\
         --------------- ------ ---------------------\n\
         lo              1      224.0.0.1\n\
         lo              12     ff02::1\n",
    );
    let run = netstat_with(&host, &[("igmp6", igmp6)], "-gn");
    let err = "netstat: no support for `AF INET (igmp)' on this system.\n";
    assert_eq!((run.code, run.err.as_str()), (Some(1), err));
}

#[test]
fn statistics_are_sentences_of_the_protocols_that_were_named() {
    let lab = Lab::new();
    let host = lab.host("a");
    let snmp = "Ip: Forwarding DefaultTTL InReceives\nIp: 1 64 7\nTcp: ActiveOpens\nTcp: 1\n\
                Udp: InDatagrams Strange\nUdp: 2 9\nUdpLite: InDatagrams\nUdpLite: 0\n";
    let files = [("snmp", snmp), ("netstat", "TcpExt: TW\nTcpExt: 5\n")];
    netstat_with(&host, &files, "-su")
        .says("Udp:\n    2 packets received\n    Strange: 9\nUdpLite:\n");
    netstat_with(&host, &files, "-st").says(
        "Tcp:\n    1 active connection openings\nUdpLite:\n\
         TcpExt:\n    5 TCP sockets finished time wait in fast timer\n",
    );
    let run = netstat_with(&host, &[("snmp", "Ip nonsense\nIp 1\n")], "-s");
    let err = "Problem while parsing /proc/net/snmp\n";
    assert_eq!((run.code, run.out.as_str(), run.err.as_str()), (Some(0), "", err));
}

#[test]
fn name_of_an_interface_moves_no_cursor() {
    let lab = Lab::new();
    let host = lab.host("a");
    host.sh("ip link add \"$(printf 'e\\033[2J')\" type veth peer name p; ip link set p up");
    for args in ["-ia", "-iae", "-g", "-r6"] {
        let run = netstat(&host, args);
        assert!(!run.out.contains('\u{1b}'), "{args}: {run:?}");
    }
    assert!(netstat(&host, "-ia").out.contains("e\\027[2J"));
}
