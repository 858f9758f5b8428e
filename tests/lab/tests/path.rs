//! The scripted path, by its own log and by what a plain program sees of it.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use wireline_lab::{
    End, Fault, Hop, Host, Lab, Labels, Nat, Path, Pathway, Port, Probe, ms, program,
};

const V4: IpAddr = IpAddr::V4(Path::TARGET_V4);
const V6: IpAddr = IpAddr::V6(Path::TARGET_V6);

/// A host before a path.
fn before<'lab>(lab: &'lab Lab, path: &Path) -> (Host<'lab>, Pathway) {
    let host = lab.host("a");
    let pathway = lab.path(&host, path);
    (host, pathway)
}

/// An ICMP message and where it came from; with its IP header, if that is of IPv4.
type Message = (IpAddr, Vec<u8>);

/// What comes back for `count` UDP datagrams with `octets` of data.
fn probe(host: &Host<'_>, to: IpAddr, ttl: u8, count: u16, octets: u16) -> Vec<Message> {
    let to = SocketAddr::new(to, 33434).to_string();
    let args = [to, ttl.to_string(), count.to_string(), octets.to_string()];
    let mut command = host.command(program("wireline-echo"));
    let out = command.arg("probe").args(args).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap().lines().map(message).collect()
}

fn message(line: &str) -> Message {
    let (from, hex) = line.split_once(' ').unwrap();
    let octet = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (from.parse().unwrap(), (0..hex.len()).step_by(2).map(octet).collect())
}

/// Of one probe's only answer: who, the ICMP message, and the TTL if it is in there.
fn only(host: &Host<'_>, to: IpAddr, ttl: u8) -> (IpAddr, Vec<u8>, Option<u8>) {
    let mut messages = probe(host, to, ttl, 1, 32);
    assert_eq!(messages.len(), 1, "answers to one probe with TTL {ttl}: {messages:x?}");
    let (from, octets) = messages.remove(0);
    match from {
        IpAddr::V4(_) => (from, octets[20..].to_vec(), Some(octets[8])),
        IpAddr::V6(_) => (from, octets, None),
    }
}

fn addresses(messages: &[Message]) -> Vec<IpAddr> {
    messages.iter().map(|(from, _)| *from).collect()
}

fn ends(probes: &[Probe]) -> Vec<(u8, End)> {
    probes.iter().map(|probe| (probe.hop, probe.end)).collect()
}

#[test]
fn each_hop_answers_from_its_address_and_the_target_from_its_own() {
    let lab = Lab::new();
    let (host, _path) = before(&lab, &Path::new(12).delay(ms(0)));
    for to in [V4, V6] {
        let exceeded = if to.is_ipv4() { [11, 0] } else { [3, 0] };
        for ttl in [1, 2, 10, 11] {
            let (from, icmp, _) = only(&host, to, ttl);
            assert_eq!((from, &icmp[..2]), (Path::router(ttl, to), &exceeded[..]));
        }
        let closed = if to.is_ipv4() { [3, 3] } else { [1, 4] };
        let (from, icmp, _) = only(&host, to, 12);
        assert_eq!((from, &icmp[..2]), (to, &closed[..]));
    }
    assert_eq!(Path::router_v6(12).to_string(), "fd00:200:12::1");
}

#[test]
fn an_answer_is_as_late_as_its_hop_is_far() {
    let lab = Lab::new();
    let (host, path) = before(&lab, &Path::new(9).delay(ms(4)));
    for ttl in [1, 5, 9] {
        only(&host, V4, ttl);
    }
    for (probe, hop) in path.stop().iter().zip([1, 5, 9]) {
        let late = Duration::from_nanos(probe.answers[0].late_ns);
        assert_eq!(probe.hop, hop);
        let ahead_of_it = probe.rtt().unwrap().checked_sub(late + ms(4) * hop.into());
        assert!(ahead_of_it.is_some_and(|rest| rest < ms(1)), "{probe:?}");
    }
}

#[test]
fn the_log_has_what_was_on_the_wire() {
    let lab = Lab::new();
    let (host, path) = before(&lab, &Path::new(3).delay(ms(0)));
    probe(&host, V4, 2, 1, 10);
    probe(&host, V6, 1, 1, 20);
    let probes = path.probes();
    let [v4, v6] = &probes[..] else { panic!("{probes:?}") };
    assert_eq!((v4.ttl, v4.hop, v4.protocol, v4.length), (2, 2, 17, 38));
    assert_eq!((v4.destination, v4.payload()), (V4, &[0; 10][..]));
    assert_eq!(v4.ports.unwrap().1, 33434);
    assert!(v4.dont_fragment, "Linux discovers the path's MTU");
    assert_eq!((v6.number, v6.ttl, v6.length, v6.tos), (2, 1, 68, 0));
    assert_eq!((v6.source, v6.ip_id), ("fd00:200::1".parse().unwrap(), None));
}

#[test]
fn silent_hops_say_nothing_and_forward() {
    let lab = Lab::new();
    let (host, path) = before(&lab, &Path::new(5).delay(ms(0)).silent_evens().silent_target());
    for ttl in 1..=5 {
        let count = probe(&host, V4, ttl, 1, 0).len();
        assert_eq!(count, usize::from(ttl == 1 || ttl == 3), "{ttl}");
    }
    let ignored = |hop| (hop, End::Ignored);
    let answered = |hop| (hop, End::Answered);
    assert_eq!(ends(&path.stop()), [answered(1), ignored(2), answered(3), ignored(4), ignored(5)]);
}

#[test]
fn a_target_s_ports_are_what_they_are_told_to_be() {
    let lab = Lab::new();
    let target = Path::new(4).delay(ms(0)).target(|target| {
        target.open_tcp([80]).tcp([81], Port::Filtered).udp([33434], Port::Prohibited)
    });
    let (host, path) = before(&lab, &target);
    for (to, prohibited) in [(V4, [3, 13]), (V6, [1, 1])] {
        let (from, icmp, _) = only(&host, to, 9);
        assert_eq!((from, &icmp[..2]), (Path::router(3, to), &prohibited[..]));
    }
    let mut client = host.command(program("wireline-echo"));
    let refused = client.args(["send", "203.0.113.9:79", "1"]).output().unwrap();
    assert!(String::from_utf8_lossy(&refused.stderr).contains("refused"));
    // The handshake is all that there is of the connection: the data gets a reset.
    let mut client = host.command(program("wireline-echo"));
    let reset = client.args(["send", "203.0.113.9:80", "1"]).output().unwrap();
    assert!(String::from_utf8_lossy(&reset.stderr).contains("reset"), "{reset:?}");
    let mut client = host.command(program("wireline-echo"));
    let ping = client.args(["ping", "203.0.113.9", "3"]).output().unwrap();
    assert_eq!(String::from_utf8(ping.stdout).unwrap().lines().count(), 3);
    assert!(path.stop().iter().any(|probe| probe.ports.is_some_and(|ports| ports.1 == 79)));
}

#[test]
fn a_hop_may_refuse_what_goes_beyond_it() {
    let lab = Lab::new();
    let orders = Path::new(6).delay(ms(0)).hop(3, |hop| hop.unreachable(10).too_big(1280));
    let (host, _path) = before(&lab, &orders);
    for ttl in [3, 4, 9] {
        let (from, icmp, _) = only(&host, V4, ttl);
        assert_eq!((from, &icmp[..2]), (Path::router(3, V4), &[3, 10][..]));
    }
    let (from, icmp, _) = only(&host, V6, 9);
    assert_eq!(
        (from, &icmp[..8]),
        (Path::router(3, V6), &[2, 0, icmp[2], icmp[3], 0, 0, 5, 0][..])
    );
}

#[test]
fn an_error_quotes_what_it_is_told_to() {
    let lab = Lab::new();
    let nat = Nat::to("192.0.2.66".parse().unwrap()).port(4242).ip_id(7);
    let orders = Path::new(6).delay(ms(0)).hop(1, |hop| hop.quote(9)).nat_from(3, nat);
    let orders = orders.tos_from(4, 0xb8).hop(5, |hop| hop.quoted_ttl(0));
    let (host, _path) = before(&lab, &orders);
    assert_eq!(only(&host, V4, 1).1.len(), 8 + 9);
    let quote = only(&host, V4, 2).1[8..].to_vec();
    assert_eq!((quote.len(), &quote[12..16]), (60, &[10, 200, 0, 1][..]));
    let quote = only(&host, V4, 3).1[8..].to_vec();
    assert_eq!((quote[1], &quote[4..6], &quote[12..16]), (0, &[0, 7][..], &[192, 0, 2, 66][..]));
    assert_eq!(&quote[20..22], &4242_u16.to_be_bytes());
    assert_eq!(only(&host, V4, 4).1[9], 0xb8);
    assert_eq!(only(&host, V4, 5).1[8 + 8], 0);
}

#[test]
fn a_long_probe_is_quoted_as_far_as_it_fits() {
    let lab = Lab::new();
    let (host, _path) = before(&lab, &Path::new(6).delay(ms(0)));
    assert_eq!(probe(&host, V4, 1, 1, 1400)[0].1.len(), 576);
    assert_eq!(probe(&host, V6, 1, 1, 1400)[0].1.len(), 1280 - 40);
}

#[test]
fn labels_stand_behind_the_quote() {
    let lab = Lab::new();
    let labels = Labels::of(&[16, 100_000]);
    let orders = Path::new(6)
        .delay(ms(0))
        .hop(1, |hop| hop.labels(labels.clone()))
        .hop(2, |hop| hop.labels(labels.clone().with(Fault::NonCompliant)));
    let (host, _path) = before(&lab, &orders);
    for (to, at, length) in [(V4, 5, 32), (V6, 4, 16)] {
        for (ttl, attribute) in [(1, length), (2, 0)] {
            let icmp = only(&host, to, ttl).1;
            assert_eq!((icmp[at], icmp.len()), (attribute, 8 + 128 + 4 + 12));
            assert_eq!(icmp[136..138], [0x20, 0]);
            assert_eq!(icmp[140..148], [0, 12, 1, 1, 0, 1, 0, 1]);
            assert_eq!(icmp[148..], [0x18, 0x6a, 0x01, 1]);
        }
    }
}

#[test]
fn long_packets_are_told_of_or_vanish() {
    let lab = Lab::new();
    let orders = Path::new(6).delay(ms(0)).hop(2, |hop| hop.mtu(1400));
    let (host, path) = before(&lab, &orders.hop(4, |hop| hop.black_hole(1300)));
    let (from, icmp) = probe(&host, V4, 9, 1, 1400).remove(0);
    assert_eq!((from, &icmp[20..22]), (Path::router(2, V4), &[3, 4][..]));
    assert_eq!(icmp[26..28], 1400_u16.to_be_bytes());
    let (from, icmp) = probe(&host, V6, 9, 1, 1400).remove(0);
    assert_eq!((from, &icmp[..2]), (Path::router(2, V6), &[2, 0][..]));
    assert_eq!(probe(&host, V6, 9, 1, 1310), []);
    assert_eq!(path.stop().last().map(|last| (last.hop, last.end)), Some((4, End::BlackHole)));
}

#[test]
fn a_bucket_of_three_errors_is_empty_after_three() {
    let lab = Lab::new();
    let orders = Path::new(6).delay(ms(0)).hop(2, |hop| hop.limit(3, Duration::from_secs(60)));
    let (host, path) = before(&lab, &orders);
    assert_eq!(probe(&host, V4, 2, 7, 0).len(), 3);
    assert_eq!(probe(&host, V4, 3, 2, 0).len(), 2, "another hop has its own");
    let limited = path.stop().iter().filter(|probe| probe.end == End::Limited).count();
    assert_eq!(limited, 4);
}

#[test]
fn answers_are_lost_doubled_and_late_as_scripted() {
    let lab = Lab::new();
    let orders = Path::new(6).delay(ms(0)).hop(2, |hop| hop.lose([1]).twice([2]).late(3, ms(60)));
    let (host, path) = before(&lab, &orders.hop(3, Hop::alternates));
    assert_eq!(probe(&host, V4, 2, 5, 0).len(), 5);
    let answers: Vec<_> = path.probes().iter().map(|probe| probe.answers.len()).collect();
    assert_eq!(answers, [0, 1, 2, 1, 1]);
    let probes = path.probes();
    assert!(probes[3].answers[0].left_ns > probes[4].answers[0].left_ns, "overtaken");
    let two: [IpAddr; 2] = ["10.200.3.1".parse().unwrap(), "10.200.3.2".parse().unwrap()];
    assert_eq!(addresses(&probe(&host, V4, 3, 4, 0)), [two[0], two[1], two[0], two[1]]);
}

#[test]
fn answers_come_with_the_ttl_and_the_address_that_are_told() {
    let lab = Lab::new();
    let wrong = "192.0.2.99".parse().unwrap();
    let orders = Path::new(6)
        .delay(ms(0))
        .hop(2, |hop| hop.initial_ttl(255).back(9))
        .hop(3, |hop| hop.from(wrong));
    let (host, _path) = before(&lab, &orders);
    assert_eq!(only(&host, V4, 1).2, Some(64));
    assert_eq!(only(&host, V4, 2).2, Some(246));
    let (from, _, ttl) = only(&host, V4, 3);
    assert_eq!((from, ttl), (wrong, Some(62)));
    assert_eq!(only(&host, V4, 6).2, Some(59));
}

#[test]
fn a_loop_and_a_dead_tail_end_what_can_be_seen() {
    let lab = Lab::new();
    let (host, _path) = before(&lab, &Path::new(9).delay(ms(0)).looping(2).dead_after(2));
    assert_eq!(only(&host, V4, 2).0, Path::router(2, V4));
    assert_eq!(probe(&host, V4, 3, 1, 0), [], "hop 3 is dead");
    assert_eq!(only(&host, V4, 6).0, Path::router(2, V4));
}

#[test]
fn strangers_errors_are_as_many_as_told() {
    let lab = Lab::new();
    let (host, path) = before(&lab, &Path::new(3).delay(ms(0)).strangers(4, 10));
    assert_eq!(probe(&host, V4, 2, 1, 0).len(), 5);
    assert_eq!(probe(&host, V4, 2, 9, 0).len(), 9 + 6);
    assert_eq!(path.stop().len(), 10);
}

/// What somebody else's traceroute says, without the first line.
fn traceroute(host: &Host<'_>, args: &str) -> String {
    let out = host.output(&format!("traceroute -n -q 1 -w 1 {args}"));
    out.split_once('\n').unwrap().1.to_owned()
}

#[test]
#[ignore = "needs somebody else's traceroute"]
fn traceroute_walks_the_path_by_every_method() {
    let lab = Lab::new();
    let orders = Path::new(4).delay(ms(1)).target(|target| target.open_tcp([80]).open_udp([53]));
    let (host, _path) = before(&lab, &orders);
    for to in [V4, V6] {
        for method in ["", "-I", "-T -p 80", "-T -p 81", "-U", "-P 253"] {
            let out = traceroute(&host, &format!("{method} {to}"));
            let hops: Vec<_> =
                out.lines().filter_map(|line| line.split_whitespace().nth(1)).collect();
            let routers = (1..4).map(|hop| Path::router(hop, to).to_string());
            let wanted: Vec<_> = routers.chain([to.to_string()]).collect();
            assert_eq!(hops, wanted, "{method}");
        }
    }
}

#[test]
#[ignore = "needs somebody else's traceroute"]
fn traceroute_reads_labels_refusals_and_the_way_back() {
    let lab = Lab::new();
    let orders = Path::new(5)
        .delay(ms(1))
        .hop(1, |hop| hop.labels(Labels::of(&[16, 100_000])))
        .hop(2, |hop| hop.back(6).initial_ttl(255))
        .hop(3, |hop| hop.unreachable(13).unreachable_v6(1));
    let (host, _path) = before(&lab, &orders);
    let out = traceroute(&host, "-e --back 203.0.113.9");
    assert!(out.contains("<MPLS:L=16,E=0,S=0,T=1/L=100000,E=0,S=1,T=1>"), "{out}");
    assert!(out.contains("10.200.2.1 '-7'") && out.contains("!X"), "{out}");
    assert!(traceroute(&host, "2001:db8:113::9").contains("!X"));
}
