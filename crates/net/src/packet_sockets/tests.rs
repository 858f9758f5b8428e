use std::process::Command;
use std::time::Duration;

use rustix::event::{PollFd, Timespec, poll};
use wireline_lab::Lab;
use wireline_packet::Mac;
use wireline_packet::arp::{self, operation};
use wireline_packet::ethernet::{Frame, Framing, ethertype};

use wireline_engine::Origin;

use super::*;
use crate::ArpFrames;

const NEAR: Mac = Mac([2, 0, 0x5e, 0, 0x53, 1]);
const FAR: Mac = Mac([2, 0, 0x5e, 0, 0x53, 2]);

/// Runs `body` on a host of its own, where `near` and `far` are the ends of a cable: as the same test, in a
/// process in there.
fn beside_a_cable(test: &str, body: impl FnOnce()) {
    const INSIDE: &str = "WIRELINE_INSIDE";
    if std::env::var_os(INSIDE).is_some() {
        return body();
    }
    let lab = Lab::new();
    let host = lab.host("a");
    host.sysctl("net.ipv6.conf.default.disable_ipv6", "1");
    host.sh(&format!(
        "ip link add near address {NEAR} type veth peer name far address {FAR}
        ip link set near up; ip link set far up",
    ));
    let mut inside = host.command(std::env::current_exe().unwrap());
    let name = format!("packet_sockets::tests::{test}");
    let assert = inside.args(["--exact", &name, "--nocapture"]).env(INSIDE, "1").assert();
    let output = assert.success().get_output().clone();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("1 passed"), "{said}");
}

fn number(name: &str) -> u32 {
    let any = Socket::new(Domain::IPV4, Type::DGRAM, None).unwrap();
    rustix::net::netdevice::name_to_index(&any, name).unwrap()
}

/// `near` is 0 and `far` is 1.
fn sockets(stamps: Stamps) -> PacketSockets {
    let attach = |name| Attachment { interface: number(name), filter: FrameFilter::ARP };
    PacketSockets::open(&[attach("near"), attach("far")], stamps).unwrap()
}

fn reply(tag: Option<u16>) -> Vec<u8> {
    let end = |mac, last| arp::End { mac, address: [192, 0, 2, last].into() };
    let header = arp::Header::ipv4(operation::REPLY);
    let (sender, target) = (end(FAR, 2), end(NEAR, 1));
    let mut payload = Vec::new();
    arp::Message { header, sender, target, rest: &[] }.emit(&mut payload);
    let (destination, source, protocol) = (NEAR, FAR, ethertype::ARP);
    let framing = Framing::Ethernet2;
    let mut out = Vec::new();
    Frame { destination, source, tag, framing, protocol, payload: &payload }.emit(&mut out);
    out
}

/// What a channel told, in words.
#[derive(Debug, PartialEq)]
enum Told {
    Frame(u32, Option<Instant>, Vec<u8>),
    Refused(u32, Origin),
    Unsent(u32, Option<i32>),
    Dropped(u32, u64),
    Sent(u32, Instant),
}

impl Told {
    fn of(heard: Heard<'_>) -> Self {
        match heard {
            Heard::Reply(reply) => Self::Frame(reply.flow, reply.at, reply.contents.to_vec()),
            Heard::Refusal(refusal) => Self::Refused(refusal.flow, refusal.origin),
            Heard::Unsent(transmit, why) => Self::Unsent(transmit.id, why.raw_os_error()),
            Heard::Dropped(flow, count) => Self::Dropped(flow, count),
            Heard::Stamp(stamp) => Self::Sent(stamp.id, stamp.at),
            other => panic!("{other:?}"),
        }
    }
}

/// Sends frames from `far`, numbered from 0.
fn send(sockets: &mut PacketSockets, frames: &[Vec<u8>]) -> Vec<Told> {
    let numbers = 0..u32::try_from(frames.len()).unwrap();
    let transmits: Vec<_> =
        numbers.map(|id| Transmit { flow: 1, ..Transmit::new(NOBODY, id) }).collect();
    let run: Vec<_> = transmits.iter().zip(frames.iter().map(Vec::as_slice)).collect();
    let mut told = Vec::new();
    sockets.ports[1].send(&run, &mut |_, heard| told.push(Told::of(heard)));
    told
}

/// All that is heard until nothing comes for a while.
fn receive(sockets: &mut PacketSockets) -> Vec<Told> {
    const MOMENT: Timespec = Timespec { tv_sec: 0, tv_nsec: 300_000_000 };
    let mut told = Vec::new();
    loop {
        let count = sockets.receive(4, &mut |_, heard| told.push(Told::of(heard)));
        let mut fds: Vec<PollFd<'_>> = sockets.polled().collect();
        if count == 0 && poll(&mut fds, Some(&MOMENT)).unwrap() == 0 {
            return told;
        }
    }
}

fn ip(words: &str) {
    assert!(Command::new("ip").args(words.split(' ')).status().unwrap().success(), "{words}");
}

#[test]
fn frames_are_heard_at_the_other_end_with_stamp_and_tag() {
    beside_a_cable("frames_are_heard_at_the_other_end_with_stamp_and_tag", || {
        let mut sockets = sockets(Stamps::Receive);
        // A moment after it was first asked for, the kernel stamps.
        receive(&mut sockets);
        let frames = [reply(None), reply(Some(0x6007)), reply(Some(0))];
        let before = Clock.now();
        assert_eq!(send(&mut sockets, &frames), []);
        let told = receive(&mut sockets);
        let after = Clock.now();
        assert_eq!(told.len(), 3, "none of our own on their way out: {told:?}");
        for (told, frame) in told.iter().zip(&frames) {
            let Told::Frame(0, Some(at), contents) = told else { panic!("{told:?}") };
            assert_eq!(contents, frame, "the tag back in its place");
            let slack = Duration::from_millis(1);
            assert!(*at + slack >= before && *at <= after + slack, "{before:?} {at:?} {after:?}");
        }
        assert_eq!(sockets.statistics(), Statistics { received: 3, dropped: 0 });
    });
}

#[test]
fn what_is_not_asked_for_is_not_heard() {
    beside_a_cable("what_is_not_asked_for_is_not_heard", || {
        let filter = FrameFilter { arp: ArpFrames::To(FAR), icmpv6: true };
        let near = Attachment { interface: number("near"), filter };
        let far = Attachment { interface: number("far"), filter: FrameFilter::ARP };
        let mut sockets = PacketSockets::open(&[near, far], Stamps::Receive).unwrap();
        let mut other = reply(None);
        other[13] = 0;
        assert_eq!(send(&mut sockets, &[other, reply(None)]), []);
        assert_eq!(receive(&mut sockets), [], "IPv4, and ARP to another");
    });
}

#[test]
fn frames_that_found_no_room_are_told_of_and_counted() {
    beside_a_cable("frames_that_found_no_room_are_told_of_and_counted", || {
        let mut sockets = sockets(Stamps::Receive);
        sockets.ports[0].socket.set_recv_buffer_size(1 << 16).unwrap();
        assert_eq!(send(&mut sockets, &vec![reply(None); 2000]), []);
        let told = receive(&mut sockets);
        let heard = told.iter().filter(|told| matches!(told, Told::Frame(0, ..))).count();
        let dropped =
            told.iter().map(|told| if let Told::Dropped(0, count) = told { *count } else { 0 });
        let dropped: u64 = dropped.sum();
        assert!(dropped > 0 && heard > 0, "{dropped} of 2000");
        assert_eq!(dropped + u64::try_from(heard).unwrap(), 2000);
        assert_eq!(sockets.statistics(), Statistics { received: 2000, dropped });
        assert_eq!(sockets.statistics().dropped, dropped, "looking does not forget");
    });
}

#[test]
fn link_that_goes_down_is_told_once_and_takes_no_frames() {
    beside_a_cable("link_that_goes_down_is_told_once_and_takes_no_frames", || {
        let mut sockets = sockets(Stamps::Receive);
        ip("link set far down");
        let down = Some(libc::ENETDOWN);
        assert_eq!(receive(&mut sockets), [Told::Refused(1, Origin::Local(libc::ENETDOWN))]);
        let frames = [reply(None), reply(None)];
        assert_eq!(send(&mut sockets, &frames), [Told::Unsent(0, down), Told::Unsent(1, down)]);
        ip("link set far up");
        assert_eq!(send(&mut sockets, &frames), []);
        assert_eq!(receive(&mut sockets).len(), 2, "it goes on");
        ip("link del far");
        receive(&mut sockets);
        let told = send(&mut sockets, &frames);
        assert!(matches!(told[..], [Told::Unsent(0, _), Told::Unsent(1, _)]), "{told:?}");
    });
}

#[test]
fn frame_that_is_too_long_does_not_keep_others_back() {
    beside_a_cable("frame_that_is_too_long_does_not_keep_others_back", || {
        let mut sockets = sockets(Stamps::Receive);
        let frames = [reply(None), vec![0; 3000], reply(None), vec![0; 3], reply(None)];
        let told = send(&mut sockets, &frames);
        let long = Told::Unsent(1, Some(libc::EMSGSIZE));
        assert_eq!(told, [long, Told::Unsent(3, Some(libc::EINVAL))]);
        assert_eq!(receive(&mut sockets).len(), 3);
    });
}

#[test]
fn departures_are_told_where_they_are_asked_for() {
    beside_a_cable("departures_are_told_where_they_are_asked_for", || {
        let mut sockets = sockets(Stamps::Transmit);
        send(&mut sockets, &[reply(None), reply(None)]);
        let told = receive(&mut sockets);
        let ids = told
            .iter()
            .filter_map(|told| if let Told::Sent(id, _) = told { Some(*id) } else { None });
        assert_eq!(ids.collect::<Vec<_>>(), [0, 1], "{told:?}");
    });
}

#[test]
fn interfaces_that_are_down_or_not_there_are_named_by_their_place() {
    beside_a_cable("interfaces_that_are_down_or_not_there_are_named_by_their_place", || {
        ip("link set far down");
        let near = Attachment { interface: number("near"), filter: FrameFilter::ARP };
        for (interface, errno) in [(number("far"), libc::ENETDOWN), (9999, libc::ENODEV)] {
            let other = Attachment { interface, ..near };
            let why = PacketSockets::open(&[near, other], Stamps::Receive).err().unwrap();
            assert_eq!(why.errno(), Some(errno), "{why}");
            assert!(matches!(why, Error::Interface { place: 1, .. }), "{why:?}");
        }
    });
}

#[test]
fn who_may_not_is_told_what_would_help() {
    let opened = std::thread::spawn(|| {
        crate::drop_privileges().unwrap();
        let loopback = Attachment { interface: 1, filter: FrameFilter::ARP };
        PacketSockets::open(&[loopback], Stamps::Receive).err()
    });
    let why = opened.join().unwrap().unwrap();
    assert!(matches!(why, Error::FramesNotPermitted) && why.to_string().contains("cap_net_raw+p"));
}

#[test]
fn tag_is_put_back_where_there_is_room_for_one() {
    let mut frame = Vec::new();
    let contents = b"aaaaaabbbbbb\x08\x06rest";
    let received = Received { contents, tag: Some([0x8100, 7]), ..Received::default() };
    assert_eq!(whole(&received, &mut frame), b"aaaaaabbbbbb\x81\x00\x00\x07\x08\x06rest");
    let received = Received { contents: b"short", tag: Some([0x8100, 7]), ..Received::default() };
    assert_eq!(whole(&received, &mut frame), b"short");
}
