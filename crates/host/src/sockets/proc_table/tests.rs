use super::*;
use crate::sockets::States;
use crate::sockets::tests::Random;

const V4: &[u8] = b"   4: 0100007F:974C 0100007F:8E83 01 00000012:00000309 02:000AFC5F 00000003  1000        2 4228998 2 00000000f9296612 20 0 0 11 -1";
const V6: &[u8] = b"   4: 0000000000000000FFFF00000100007F:8DAB 0000000000000000FFFF00000100007F:E36A 01 00000000:00000001 00:00000000 00000000     0        0 0 1 000000009d6e7a38 20 0 0 10 -1";

#[test]
fn every_column_is_read() {
    let socket = parse(V4, Protocol::Tcp).unwrap();
    assert_eq!(socket.local, Endpoint { address: [127, 0, 0, 1].into(), port: 0x974c });
    assert_eq!(socket.remote.port, 0x8e83);
    assert_eq!((socket.state, socket.uid, socket.inode), (State::Established, 1000, 4_228_998));
    assert_eq!((socket.send_queue, socket.recv_queue), (0x12, 0x309));
    let expires = Duration::from_millis(0xafc5f * 10);
    let timer = Timer { kind: TimerKind::Keepalive, expires, retransmits: 3, probes: 2 };
    assert_eq!(socket.timer, timer);
}

#[test]
fn address_of_ipv6_is_four_words() {
    let socket = parse(V6, Protocol::Tcp).unwrap();
    assert_eq!(socket.local.address.to_string(), "::ffff:127.0.0.1");
    assert!(socket.is_v6());
}

#[test]
fn timer_that_has_ended_is_no_reason_to_lose_a_row() {
    let line = String::from_utf8(V4.to_vec()).unwrap();
    let line = line.replace("02:000AFC5F", "01:FFFFFFFFFFFFFFFE");
    let socket = parse(line.as_bytes(), Protocol::Tcp).unwrap();
    assert_eq!(socket.timer.expires, Duration::ZERO);
}

#[test]
fn every_shorter_line_is_one_with_a_shorter_inode_or_none() {
    for line in [V4, V6] {
        for end in 0..line.len() {
            if let Some(socket) = parse(&line[..end], Protocol::Tcp) {
                assert!(socket.inode <= 4_228_998);
            }
        }
    }
}

#[test]
fn nonsense_is_no_row_and_no_panic() {
    let mut random = Random::new();
    let letters = b"0123456789ABCDEF: :  \xffx-";
    for _ in 0..20_000 {
        let line: Vec<_> = (0..140).map(|_| letters[random.below(letters.len())]).collect();
        assert_eq!(parse(&line, Protocol::Udp), None);
        let mut line = V6.to_vec();
        line[random.below(V6.len())] = random.octet();
        let _ = parse(&line, Protocol::Udp);
    }
    assert_eq!(hexadecimal(b"FFFFFFFF"), Some(u32::MAX));
    assert_eq!((hexadecimal(b"100000000"), hexadecimal(b"")), (None, None));
    assert_eq!((decimal(b"4294967295"), decimal(b"4294967296")), (Some(u32::MAX), None));
}

fn captured(request: &Request<'_>) -> Vec<InetSocket> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("tcp", include_str!("../captured/proc_tcp")),
        ("tcp6", include_str!("../captured/proc_tcp6")),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let mut rows = Vec::new();
    let mut each = |socket| {
        rows.push(socket);
        ControlFlow::Continue(())
    };
    assert_eq!(read(folder.path(), request, &mut each).unwrap().source, Source::Proc);
    rows
}

#[test]
fn files_of_both_families_are_read_one_after_the_other() {
    let request = Request::new(Protocol::Tcp);
    let is_v6: Vec<_> = captured(&request).iter().map(InetSocket::is_v6).collect();
    assert_eq!(is_v6.len(), 12);
    assert!(is_v6.is_sorted());
    assert_eq!(captured(&Request { family: Family::V6, ..request }).len(), 5);
    assert_eq!(captured(&Request { states: States::LISTEN, ..request }).len(), 4);
}

#[test]
fn protocol_without_any_file_is_none_and_one_without_one_of_both_is_empty() {
    let folder = tempfile::tempdir().unwrap();
    let each: Each<'_> = &mut |_| ControlFlow::Continue(());
    let udp = Request::new(Protocol::Udp);
    assert!(matches!(read(folder.path(), &udp, each), Err(None)));
    std::fs::write(folder.path().join("udp6"), "  sl  local_address\n").unwrap();
    assert!(read(folder.path(), &udp, each).is_ok());
    assert!(matches!(read(folder.path(), &Request::new(Protocol::Mptcp), each), Err(None)));
}
