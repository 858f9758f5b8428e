//! Random filters of random sockets: the machine after the kernel's, the kernel itself and our own check agree.

use std::collections::BTreeSet;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::ops::ControlFlow;

use super::super::super::{Protocol, Request, Sockets};
use super::*;

/// Terms of every kind, of what is in the rows and of what is not.
fn random_term(random: &mut Random, rows: &[InetSocket], depth: usize) -> Term {
    let row = &rows[random.below(rows.len())];
    let side = if random.below(2) == 0 { Side::Local } else { Side::Remote };
    let several = |random: &mut Random| -> Vec<_> {
        (0..random.below(4)).map(|_| random_term(random, rows, depth - 1)).collect()
    };
    match random.below(if depth == 0 { 5 } else { 9 }) {
        0 => Term::Address(
            side,
            (0..random.below(3)).map(|_| prefix(random, side.of(row))).collect(),
        ),
        1 | 2 => {
            let order = [Order::Equal, Order::AtLeast, Order::AtMost][random.below(3)];
            let port = side.of(row).port.wrapping_add(u16::try_from(random.below(3)).unwrap());
            Term::Port(side, order, port.wrapping_sub(1))
        }
        3 => Term::Interface(row.interface + u32::try_from(random.below(2)).unwrap()),
        4 => Term::Cgroup(cgroup(row)),
        5 | 6 => Term::Not(Box::new(random_term(random, rows, depth - 1))),
        7 => Term::All(several(random)),
        _ => Term::Any(several(random)),
    }
}

fn prefix(random: &mut Random, end: Endpoint) -> Prefix {
    let address = if random.below(2) == 0 { end.address.to_canonical() } else { end.address };
    let most = if address.is_ipv4() { 33 } else { 129 };
    Prefix { address, length: u8::try_from(random.below(most)).unwrap() }
}

fn random_row(random: &mut Random) -> InetSocket {
    let ends = ["192.0.2.1", "192.0.2.200", "10.0.0.1", "0.0.0.0"];
    let v6 = ["[2001:db8::1]", "[::ffff:192.0.2.1]", "[::]", "[fe80::1]", "[::ffff:10.0.0.1]"];
    let of_v6 = random.below(2) == 0;
    let mut end = || {
        let address =
            if of_v6 { v6[random.below(v6.len())] } else { ends[random.below(ends.len())] };
        format!("{address}:{}", [0, 1, 22, 443, 32_768, 65_535][random.below(6)])
    };
    let (local, remote) = (end(), end());
    let interface = u32::try_from(random.below(3)).unwrap();
    InetSocket { interface, ..row(&local, &remote) }
}

#[test]
fn machine_of_the_kernel_decides_as_we_do() {
    let mut random = Random::new();
    let mut answers = [0; 2];
    for _ in 0..3_000 {
        let rows: Vec<_> = (0..4).map(|_| random_row(&mut random)).collect();
        let term = random_term(&mut random, &rows, 4);
        let filter = Filter { term, ..Filter::default() };
        let code = filter.bytecode();
        machine::audit(&code);
        for row in &rows {
            let is = filter.check(row) == Verdict::Yes;
            assert_eq!(machine::run(&code, row), is, "{filter:?} {row:?}");
            answers[usize::from(is)] += 1;
        }
    }
    assert!(answers.iter().all(|count| *count > 2_000), "{answers:?}");
}

/// Sockets of our own: listeners, connections of both families, one between them, datagrams.
fn own() -> (Vec<TcpListener>, Vec<TcpStream>, Vec<UdpSocket>) {
    let (mut listeners, mut streams, mut datagrams) = (Vec::new(), Vec::new(), Vec::new());
    for address in ["127.0.0.1:0", "[::1]:0", "[::]:0"] {
        let Ok(listener) = TcpListener::bind(address) else { continue };
        let port = listener.local_addr().unwrap().port();
        for to in ["127.0.0.1", "127.7.0.3", "::1"] {
            if let Ok(stream) = TcpStream::connect((to, port)) {
                streams.push(stream);
                streams.push(listener.accept().unwrap().0);
            }
        }
        datagrams.push(UdpSocket::bind(address).unwrap());
        listeners.push(listener);
    }
    (listeners, streams, datagrams)
}

fn listed(protocol: Protocol, bytecode: &[u8]) -> (bool, Vec<InetSocket>) {
    let mut rows = Vec::new();
    let request = Request { bytecode, details: Details::COMMON, ..Request::new(protocol) };
    let read = Sockets::open().inet(&request, |row| {
        rows.push(row);
        ControlFlow::Continue(())
    });
    (read.unwrap().is_filtered, rows)
}

#[test]
fn kernel_itself_decides_as_we_do() {
    let _own = own();
    let mut random = Random::new();
    let cookies = |rows: &[InetSocket]| rows.iter().map(|row| row.cookie).collect::<BTreeSet<_>>();
    for protocol in [Protocol::Tcp, Protocol::Udp] {
        let (mut some, mut none) = (0, 0);
        let (_, mut before) = listed(protocol, &[]);
        for _ in 0..60 {
            let term = random_term(&mut random, &before, 4);
            let filter = Filter { term, ..Filter::default() };
            let code = filter.bytecode();
            let (is_filtered, let_through) = listed(protocol, &code);
            let (_, after) = listed(protocol, &[]);
            assert!(is_filtered || code.is_empty(), "refused: {filter:?}");
            // Others open and close sockets meanwhile: what was there all the time is compared.
            let lasting: BTreeSet<_> =
                cookies(&before).intersection(&cookies(&after)).copied().collect();
            let lasting =
                |row: &&InetSocket| lasting.contains(&row.cookie) && row.state != State::TimeWait;
            let wanted = before.iter().filter(lasting);
            let wanted: Vec<_> =
                wanted.filter(|row| filter.check(row) == Verdict::Yes).cloned().collect();
            let got: Vec<_> = let_through.iter().filter(lasting).cloned().collect();
            assert_eq!(cookies(&got), cookies(&wanted), "{filter:?}");
            *(if got.is_empty() { &mut none } else { &mut some }) += 1;
            before = after;
        }
        assert!(some > 5 && none > 5, "{protocol:?} {some} {none}");
    }
}
