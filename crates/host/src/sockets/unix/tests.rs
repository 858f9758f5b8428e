use super::*;
use crate::netlink::Messages;
use crate::sockets::tests::Random;

/// Four sockets, from Linux 6.18: an abstract name with a zero octet in it, a pair, a path.
const UNIX: &[u8] = include_bytes!("../captured/unix.bin");

fn payloads() -> Vec<&'static [u8]> {
    let messages = Messages::new(UNIX).map(Result::unwrap);
    messages.filter(|m| m.kind == diag::BY_FAMILY).map(|m| m.payload).collect()
}

fn rows() -> Vec<UnixSocket> {
    payloads().into_iter().map(|payload| UnixSocket::parse(payload).unwrap()).collect()
}

#[test]
fn names_are_octets() {
    let rows = rows();
    let named = |name: &[u8]| rows.iter().find(|row| row.name.as_deref() == Some(name)).unwrap();
    let listener = named(b"\0abstract\0name");
    assert_eq!((listener.kind, listener.state), (UnixKind::Stream, State::Listen));
    assert_eq!(listener.send_queue, Some(7));
    let bound = named(b"/tmp/cap.sock\0");
    assert_eq!((bound.kind, bound.state), (UnixKind::Datagram, State::Close));
    assert!(bound.file.is_some());
}

#[test]
fn pair_are_each_others_peers() {
    let rows = rows();
    let mut pair = rows.iter().filter(|row| row.peer.is_some());
    let (one, other) = (pair.next().unwrap(), pair.next().unwrap());
    assert_eq!((one.peer, other.peer), (Some(other.inode), Some(one.inode)));
    let read = [one, other].map(|row| row.recv_queue.unwrap());
    assert!(read.iter().max() > Some(&0), "five octets wait");
}

#[test]
fn every_shorter_and_every_changed_message_is_no_panic() {
    let mut random = Random::new();
    for payload in payloads() {
        for end in 0..payload.len() {
            assert_eq!(UnixSocket::parse(&payload[..end]).is_some(), end >= size_of::<Answer>());
        }
        for _ in 0..5_000 {
            let mut octets = payload.to_vec();
            octets[random.below(payload.len())] = random.octet();
            drop(UnixSocket::parse(&octets));
        }
    }
}

#[test]
fn line_has_its_path_with_all_its_blanks() {
    let line = b"000000003836fdf6: 00000003 00000000 00010000 0001 01 2886314 /tmp/a  b ";
    let entry = UnixEntry {
        references: 3,
        protocol: 0,
        flags: 0x10000,
        kind: 1,
        state: 1,
        inode: 2_886_314,
        path: Some(b"/tmp/a  b "),
    };
    assert_eq!(UnixEntry::parse(line), Some(entry));
    let line = b"000000003836fdf6: 00000003 00000000 00000000 0002 03     0 @\xff@x";
    let entry = UnixEntry::parse(line).unwrap();
    assert_eq!((entry.inode, entry.path), (0, Some(&b"@\xff@x"[..])));
    let line = b"0000000038: 00000003 00000000 00000000 0005 03  2886";
    assert_eq!(UnixEntry::parse(line).unwrap().path, None);
}

#[test]
fn what_is_no_line_is_passed_over() {
    for line in ["", "Num       RefCount Protocol Flags    Type St Inode Path", "x: 1 2 3", ":"] {
        assert_eq!(UnixEntry::parse(line.as_bytes()), None, "{line}");
    }
    let line = b"000000003836fdf6: 00000003 00000000 00010000 0001 01 2886314 /tmp";
    for end in 0..line.len() {
        let _ = UnixEntry::parse(&line[..end]);
    }
}
