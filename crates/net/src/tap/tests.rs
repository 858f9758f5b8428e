use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream};

use rustix::event::{PollFd, PollFlags};
use wireline_lab::Lab;
use wireline_packet::layers::{self, Content};
use wireline_packet::tcp::Flags;

use super::*;

const PORT: u16 = 7000;
const PEER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 2);
const DATA: usize = 1 << 20;

/// Runs `body` on a host of its own, to whose cable another is, where `peer` runs: as the same test, in processes
/// in there. The peer may never end.
fn on_a_host(test: &str, body: impl FnOnce(), peer: impl FnOnce()) {
    const INSIDE: &str = "WIRELINE_INSIDE";
    match std::env::var(INSIDE).as_deref() {
        Ok("peer") => return peer(),
        Ok(_) => return body(),
        Err(_) => {}
    }
    let lab = Lab::new();
    let [host, other] = lab.wire("a", "b");
    let program = std::env::current_exe().unwrap();
    let name = format!("tap::tests::{test}");
    let words = ["WIRELINE_INSIDE=peer", program.to_str().unwrap(), "--exact", &name];
    let mut running = other.spawn("env", words.into_iter().chain(["--nocapture"]));
    while running.line().is_some_and(|line| !line.ends_with(READY)) {}
    let mut inside = host.command(program);
    let assert = inside.args(["--exact", &name, "--nocapture"]).env(INSIDE, "host").assert();
    let output = assert.success().get_output().clone();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("1 passed"), "{said}");
}

const READY: &str = "ready";

/// Says that the peer listens.
fn ready() {
    writeln!(io::stdout(), "{READY}").unwrap();
}

/// A segment that came by: direction, ends, flags, number, octets of data.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    direction: Direction,
    interface: u32,
    from: SocketAddr,
    to: SocketAddr,
    flags: Flags,
    sequence: u32,
    acknowledgment: u32,
    length: u32,
    wall: Duration,
}

/// What comes until nothing has for a while.
fn seen(tap: &mut Tap) -> Vec<Seen> {
    let mut all = Vec::new();
    loop {
        let mut polled = [PollFd::new(tap, PollFlags::IN)];
        let a_while = Timespec { tv_sec: 0, tv_nsec: 500_000_000 };
        if poll(&mut polled, Some(&a_while)).unwrap() == 0 {
            return all;
        }
        tap.receive(&mut |frame| all.extend(read(&frame))).unwrap();
    }
}

fn read(frame: &Frame<'_>) -> Option<Seen> {
    let packet = layers::read(frame.link_type, frame.contents, frame.length).unwrap();
    let Content::Tcp { segment, length } = packet.content else { return None };
    Some(Seen {
        direction: frame.direction,
        interface: frame.interface,
        from: (packet.source, segment.source_port).into(),
        to: (packet.destination, segment.destination_port).into(),
        flags: segment.flags,
        sequence: segment.sequence,
        acknowledgment: segment.acknowledgment,
        length,
        wall: frame.wall,
    })
}

fn listen(address: impl Into<IpAddr>) -> TcpListener {
    TcpListener::bind((address.into(), PORT)).unwrap()
}

/// Opens a connection, says something, and closes it from the client's side.
fn talk(address: IpAddr) -> SocketAddr {
    let listener = listen(address);
    let mut client = TcpStream::connect((address, PORT)).unwrap();
    let here = client.local_addr().unwrap();
    let mut server = listener.accept().unwrap().0;
    client.write_all(b"hello").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let mut heard = Vec::new();
    server.read_to_end(&mut heard).unwrap();
    drop(server);
    client.read_to_end(&mut heard).unwrap();
    here
}

#[test]
fn connection_on_loopback_is_heard_once_and_in_order() {
    let body = || {
        let lo = Some(1);
        for interface in [None, lo] {
            let addresses = [IpAddr::from(Ipv4Addr::LOCALHOST), PEER_OF_ITSELF, LOOPBACK_6];
            for address in addresses {
                let filter = TapFilter {
                    ports: vec![PORT..=PORT],
                    icmp_errors: true,
                    ..TapFilter::default()
                };
                let mut tap = Tap::open(interface, &filter, 128).unwrap();
                let client = talk(address);
                let seen = seen(&mut tap);
                let opening = [Flags::SYN, Flags::SYN | Flags::ACK, Flags::ACK];
                let flags: Vec<_> = seen.iter().map(|seen| seen.flags).collect();
                assert_eq!(flags[..3], opening, "{flags:?}");
                assert_eq!(flags.last(), Some(&Flags::ACK), "of the second FIN: {flags:?}");
                let fins = flags.iter().filter(|flags| flags.contains(Flags::FIN));
                assert_eq!(fins.count(), 2, "{flags:?}");
                let syns = flags.iter().filter(|flags| flags.contains(Flags::SYN));
                assert_eq!(syns.count(), 2, "each was heard once: {flags:?}");
                assert_eq!(seen.iter().map(|seen| seen.length).sum::<u32>(), 5);
                assert!(seen.iter().all(|seen| seen.direction == Direction::Out));
                assert!(seen.is_sorted_by_key(|seen| seen.wall));
                assert_eq!((seen[0].from, seen[1].to), (client, client));
                assert_eq!(tap.statistics().dropped, 0);
            }
        }
    };
    on_a_host("connection_on_loopback_is_heard_once_and_in_order", body, ready);
}

/// Of this host, but not `lo`'s.
const PEER_OF_ITSELF: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const LOOPBACK_6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

#[test]
fn what_goes_over_a_cable_is_heard_both_ways_with_its_true_length() {
    let body = || {
        let filter = TapFilter { networks: vec![(PEER.into(), 32)], ..TapFilter::default() };
        let mut tap = Tap::open(None, &filter, 100).unwrap();
        let mut stream = TcpStream::connect((PEER, PORT)).unwrap();
        let here = stream.local_addr().unwrap();
        stream.write_all(&vec![7; DATA]).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut heard = Vec::new();
        stream.read_to_end(&mut heard).unwrap();
        let seen = seen(&mut tap);
        let (mut out, back): (Vec<_>, Vec<_>) = seen.into_iter().partition(|s| s.from == here);
        assert!(out.iter().all(|seen| seen.direction == Direction::Out), "{out:?}");
        assert!(back.iter().all(|seen| seen.direction == Direction::In && seen.to == here));
        assert_eq!(back.iter().map(|seen| seen.length as usize).sum::<usize>(), heard.len());
        // One of these may be sent again where the machine is busy.
        out.dedup_by_key(|seen| (seen.sequence, seen.length));
        assert_eq!(out.iter().map(|seen| seen.length as usize).sum::<usize>(), DATA);
        let most = out.iter().map(|seen| seen.length).max();
        assert!(most > Some(1460), "several segments are one frame here, and it was cut: {most:?}");
        assert_eq!(tap.statistics().dropped, 0);
    };
    let peer = || {
        let listener = listen(PEER);
        ready();
        let mut stream = listener.accept().unwrap().0;
        let mut heard = Vec::new();
        stream.read_to_end(&mut heard).unwrap();
        stream.write_all(b"so much").unwrap();
    };
    on_a_host("what_goes_over_a_cable_is_heard_both_ways_with_its_true_length", body, peer);
}

#[test]
fn filter_can_be_changed_and_drops_are_counted() {
    let body = || {
        let knock = |port: u16| {
            assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err());
        };
        let of = |port| TapFilter { ports: vec![port..=port], ..TapFilter::default() };
        let mut tap = Tap::open(None, &of(1001), 64).unwrap();
        (1000..1003).for_each(knock);
        assert_eq!(seen(&mut tap).len(), 2, "SYN and RST");
        crate::drop_privileges().unwrap();
        tap.set_filter(&of(1002)).unwrap();
        (1000..1003).for_each(knock);
        let heard = seen(&mut tap);
        assert!(heard.len() == 2 && heard[0].to.port() == 1002, "{heard:?}");
        assert_eq!(tap.statistics().received, 4);
        tap.socket.set_recv_buffer_size(20_000).unwrap();
        (0..200).for_each(|_| knock(1002));
        let statistics = tap.statistics();
        assert_eq!(statistics.received, 404, "those that were dropped included");
        let heard = seen(&mut tap).len();
        assert_eq!(heard as u64 + statistics.dropped, 400);
        assert!(statistics.dropped > 100, "{statistics:?}");
    };
    on_a_host("filter_can_be_changed_and_drops_are_counted", body, ready);
}

#[test]
fn stamps_are_those_of_the_clock() {
    let body = || {
        let mut tap = Tap::open(Some(1), &TapFilter::default(), 64).unwrap();
        let (before, wall) = (Clock.now(), Clock.wall());
        assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, 1)).is_err());
        let (after, wall_after) = (Clock.now(), Clock.wall());
        let slack = Duration::from_micros(50);
        let mut heard = 0;
        tap.receive(&mut |frame| {
            heard += 1;
            assert!(frame.at + slack >= before && frame.at <= after + slack, "{frame:?}");
            assert!(frame.wall >= wall && frame.wall <= wall_after, "stamped on the way");
        })
        .unwrap();
        assert_eq!(heard, 2);
    };
    on_a_host("stamps_are_those_of_the_clock", body, ready);
}

#[test]
fn interface_that_is_not_there_is_told() {
    let body = || {
        let failed = Tap::open(Some(999), &TapFilter::default(), 64).err().unwrap();
        assert_eq!(failed.errno(), Some(libc::ENODEV), "{failed}");
        crate::drop_privileges().unwrap();
        let failed = Tap::open(None, &TapFilter::default(), 64).err().unwrap();
        assert!(matches!(failed, Error::FramesNotPermitted), "{failed}");
    };
    on_a_host("interface_that_is_not_there_is_told", body, ready);
}
