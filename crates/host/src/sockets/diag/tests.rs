use super::*;
use crate::netlink::{Message, Messages};
use crate::sockets::tests::{Random, as_proc_has_it};

/// All there is to know of twelve sockets, from Linux 6.18.
const TCP: &[u8] = include_bytes!("../captured/tcp.bin");
/// The same, a moment later.
const PROC: [&str; 2] =
    [include_str!("../captured/proc_tcp"), include_str!("../captured/proc_tcp6")];

fn messages() -> Vec<Message<'static>> {
    Messages::new(TCP).map(Result::unwrap).filter(|message| message.kind == LEGACY_TCP).collect()
}

fn rows() -> Vec<InetSocket> {
    let parse = |m: Message<'_>| parse(m.payload, Protocol::Tcp, Details::ALL).unwrap();
    messages().into_iter().map(parse).collect()
}

fn in_state(state: State) -> InetSocket {
    rows().into_iter().find(|socket| socket.state == state).unwrap()
}

#[test]
fn dump_is_what_the_files_say_and_in_their_order() {
    let rows = rows();
    assert_eq!(rows.len(), 12);
    for (text, is_v6) in PROC.into_iter().zip([false, true]) {
        let lines = text.lines().skip(1).map(str::as_bytes);
        let expected: Vec<_> = lines
            .map(|line| super::super::proc_table::parse(line, Protocol::Tcp).unwrap())
            .collect();
        let found: Vec<_> = rows.iter().filter(|row| row.is_v6() == is_v6).cloned().collect();
        let plain =
            |rows: Vec<InetSocket>| rows.into_iter().map(as_proc_has_it).collect::<Vec<_>>();
        assert_eq!(plain(found), plain(expected));
    }
}

#[test]
fn listener_has_its_backlog_and_its_queue() {
    let full = rows().into_iter().find(|row| row.recv_queue == 1 && row.state == State::Listen);
    let full = full.unwrap();
    assert_eq!((full.send_queue, full.memory().unwrap().drops), (3, Some(0)));
    assert_eq!(full.extra.unwrap().v6_only, Some(false));
}

#[test]
fn timers_are_told_by_their_kind() {
    let waiting = in_state(State::TimeWait);
    assert_eq!((waiting.timer.kind, waiting.inode), (TimerKind::TimeWait, 0));
    assert!((59..=60).contains(&waiting.timer.expires.as_secs()), "{:?}", waiting.timer);
    assert_eq!(in_state(State::SynSent).timer.kind, TimerKind::Retransmit);
    assert_eq!(in_state(State::SynSent).send_queue, 1);
    let kept = rows().into_iter().find(|row| row.timer.kind == TimerKind::Keepalive).unwrap();
    assert!(kept.timer.expires > Duration::from_secs(7190), "{:?}", kept.timer);
}

#[test]
fn everything_asked_for_is_there() {
    let kept = rows().into_iter().find(|row| row.timer.kind == TimerKind::Keepalive).unwrap();
    let extra = kept.extra.as_deref().unwrap();
    assert_eq!((extra.mark, extra.tos, extra.shutdown), (Some(42), Some(0x10), Some(0)));
    assert_eq!(extra.congestion.unwrap().as_bytes(), b"bbr");
    assert!(matches!(extra.congestion_info, Some(CongestionInfo::Bbr { min_rtt: 1.., .. })));
    let info = kept.tcp_info().unwrap();
    assert_eq!((info.state(), info.bytes_acked()), (1, Some(778)), "the SYN counts");
    assert!(info.accecn_opt_seen().is_some() && extra.options.is_some());
    assert!(extra.memory.unwrap().send_buffer > 0);
}

#[test]
fn nothing_is_read_that_was_not_asked_for() {
    for message in messages() {
        let socket = parse(message.payload, Protocol::Tcp, Details::NONE).unwrap();
        assert_eq!(socket.extra, None);
    }
}

#[test]
fn cookies_and_inodes_are_all_different() {
    let mut cookies: Vec<_> = rows().iter().map(|row| row.cookie.unwrap()).collect();
    cookies.sort_unstable();
    cookies.dedup();
    assert_eq!(cookies.len(), 12);
    let id = Id::default().with_cookie(0x1234_5678_9abc_def0);
    assert_eq!((id.cookie(), id.cookie), (0x1234_5678_9abc_def0, [0x9abc_def0, 0x1234_5678]));
}

#[test]
fn every_shorter_message_says_less_or_nothing() {
    for message in messages() {
        for end in 0..message.payload.len() {
            let socket = parse(&message.payload[..end], Protocol::Tcp, Details::ALL);
            assert_eq!(socket.is_some(), end >= size_of::<Answer>(), "{end}");
            let _ = protocol(&message.payload[..end]);
        }
    }
}

#[test]
fn changed_octets_are_no_panic() {
    let mut random = Random::new();
    for message in messages() {
        for _ in 0..500 {
            let mut octets = message.payload.to_vec();
            for _ in 0..4 {
                let (place, octet) = (random.below(octets.len()), random.octet());
                octets[place] = octet;
            }
            let socket = parse(&octets, Protocol::Tcp, Details::ALL);
            drop(format!("{socket:?} {:?}", protocol(&octets)));
        }
    }
}

#[test]
fn message_of_another_family_is_no_socket() {
    let mut octets = messages()[0].payload.to_vec();
    octets[0] = 7;
    assert_eq!(parse(&octets, Protocol::Tcp, Details::ALL), None);
}

#[test]
fn memory_of_an_old_kernel_has_no_drops() {
    assert_eq!(memory(&[1; 32]).unwrap().drops, None);
    assert_eq!(memory(&[1; 36]).unwrap().drops, Some(0x0101_0101));
    assert_eq!(memory(&[1; 31]), None);
}

#[test]
fn algorithms_tell_of_themselves_when_they_have_the_room() {
    let words =
        |words: &[u32]| words.iter().flat_map(|word| word.to_ne_bytes()).collect::<Vec<_>>();
    let octets = words(&[1, 2, 3, 4, 5]);
    assert_eq!(
        congestion_info(tells::BBR, &octets),
        Some(CongestionInfo::Bbr {
            bandwidth: 2 << 32 | 1,
            min_rtt: 3,
            pacing_gain: 4,
            cwnd_gain: 5
        })
    );
    assert_eq!(
        congestion_info(tells::VEGAS, &octets),
        Some(CongestionInfo::Vegas { is_enabled: true, count: 2, rtt: 3, min_rtt: 4 })
    );
    for kind in [tells::BBR, tells::VEGAS, tells::DCTCP] {
        assert_eq!(congestion_info(kind, &octets[..15]), None);
    }
}

#[test]
fn question_is_as_long_as_the_kernel_has_it() {
    let request = Request::new(Protocol::Tcp);
    assert_eq!(question(&request, AF_INET).unwrap().len(), 56);
    assert_eq!(legacy_question(&request).unwrap().len(), 60);
    let filtered = Request { bytecode: &[1; 8], ..request };
    assert_eq!(question(&filtered, AF_INET).unwrap().len(), 56 + 12);
    assert!(question(&Request { bytecode: &vec![0; 70_000], ..request }, AF_INET).is_err());
    let mptcp = question(&Request::new(Protocol::Mptcp), AF_INET).unwrap();
    assert_eq!((mptcp.len(), &mptcp[60..]), (64, &262_u32.to_ne_bytes()[..]));
}
