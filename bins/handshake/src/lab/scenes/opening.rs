//! How connections open.

use std::io::Write as _;
use std::net::TcpStream;

use anyhow::Result;
use wireline_engine::tcp::End;

use super::Scene;
use crate::lab::stage::{Stage, abort, at, begin, fast_open, read};

pub(super) const THREE_WAY: Scene = Scene {
    name: "three-way",
    about: "SYN, SYN-ACK, ACK: how a connection opens",
    before: "A server listens at port 80. A client calls connect(), and nothing else is done.",
    play: three_way,
};

fn three_way(stage: &Stage) -> Result<()> {
    let pair = stage.pair(80)?;
    let states = [stage.state(End::Client, pair.port)?, stage.state(End::Server, pair.port)?];
    stage.note(
        pair.port,
        format!("Both kernels say: client {}, server {}.", states[0], states[1]),
    )?;
    stage.lesson(
        pair.port,
        &[
            "Look at the numbers: the SYN counts as one octet, so client_isn is acknowledged as client_isn + 1, and \
             server_isn as server_isn + 1. Drawn from 0, that is ack=1 both times (--abs-seq shows them as they are).",
            "Each end picks its own ISN, and each must hear the other confirm it: SYN, SYN, ACK, ACK. The server's \
             two travel in one segment, and so it is three and not four.",
            "connect() returned when the SYN-ACK came, after one round trip. accept() had something to return only \
             half a round trip later: the client is ESTABLISHED before the server is.",
            "A tutorial says that the server's socket goes to SYN_RCVD. On Linux the listener stays in LISTEN, and a \
             small request stands for the connection until the third segment makes a socket of it.",
        ],
    )
}

pub(super) const BACKLOG: Scene = Scene {
    name: "backlog",
    about: "the queue of connections that nobody accepts runs full",
    before: "A server calls listen(fd, 2) and not accept(). Linux lets one more than that wait: three. Two clients \
             connect, then two more at once, and then a fifth. Then the server accepts.",
    play: backlog,
};

fn backlog(stage: &Stage) -> Result<()> {
    let listener = stage.listen(80, 2)?;
    let first = [client(stage)?, client(stage)?];
    first.iter().try_for_each(|(client, _)| stage.await_connection(client))?;
    stage.quiet()?;
    let [third, fourth] = [client(stage)?, client(stage)?];
    stage.await_connection(&third.0)?;
    stage.await_connection(&fourth.0)?;
    stage.note(
        third.1,
        format!("It is in the accept queue, as two others are. {}", queue(stage)?),
    )?;
    let [one, other] = [stage.state(End::Client, fourth.1)?, stage.state(End::Server, fourth.1)?];
    stage.note(
        fourth.1,
        format!("That ACK came and was thrown away. Client: {one}; server: {other}."),
    )?;
    let before = stage.seen();
    let fifth = client(stage)?;
    stage.await_segments(before, 1)?;
    stage.note(
        fifth.1,
        "It came and was thrown away, without a word: from outside it looks filtered.",
    )?;
    let accepted = [stage.accept(&listener)?, stage.accept(&listener)?, stage.accept(&listener)?];
    stage.note(
        fifth.1,
        "The server accepts all that wait: there is room when the SYN comes again.",
    )?;
    stage.note(
        fourth.1,
        "The server accepts all that wait: there is room when the ACK comes again.",
    )?;
    stage.await_connection(&fifth.0)?;
    let last = [stage.accept(&listener)?, stage.accept(&listener)?];
    explain_backlog(stage, [first[0].1, first[1].1, third.1, fourth.1, fifth.1])?;
    drop((first, third, fourth, fifth, accepted, last));
    Ok(())
}

/// Begins to connect.
fn client(stage: &Stage) -> Result<(TcpStream, u16)> {
    let socket = stage.socket(End::Client, 0)?;
    let port = begin(&socket, at(End::Server, 80))?;
    Ok((socket.into(), port))
}

/// What the server's kernel says of its listener.
fn queue(stage: &Stage) -> Result<String> {
    let all = stage.kernel(End::Server)?;
    let queue = all.iter().find(|socket| socket.remote.port == 0);
    let (wait, most) = queue.map_or((0, 0), |queue| (queue.recv_queue, queue.send_queue));
    Ok(format!("ss -ltn shows: Recv-Q {wait} (they wait), Send-Q {most} (the backlog)."))
}

fn explain_backlog(stage: &Stage, [first, second, third, fourth, fifth]: [u16; 5]) -> Result<()> {
    stage.lesson(first, &[])?;
    stage.lesson(second, &[])?;
    stage.lesson(third, &[])?;
    stage.lesson(fourth, &[
        "The client has had its SYN-ACK and believes that it is connected; the server does not. What the client \
         writes now is sent again and again: a program should not trust connect() alone.",
        "The server's SYN-ACK comes again after a second, the client answers it again, and then there is room.",
    ])?;
    stage.lesson(fifth, &[
        "A tutorial says that a full queue refuses connections. Linux drops, and waits for the client to try again; \
         only with net.ipv4.tcp_abort_on_overflow=1 does it send RST.",
        "backlog is the length of this queue and no other: min(backlog, net.core.somaxconn), plus one. Half-open \
         connections wait elsewhere, in the SYN queue, but no SYN is taken while this one is full.",
    ])
}

pub(super) const SYN_COOKIES: Scene = Scene {
    name: "syn-cookies",
    about: "a server that remembers nothing of a SYN, and still can tell",
    before: "net.ipv4.tcp_syncookies is 2 on the server: always, not only in a flood. One client as usual, and one \
             without timestamps.",
    play: syn_cookies,
};

fn syn_cookies(stage: &Stage) -> Result<()> {
    stage.sysctl(End::Server, "tcp_syncookies", "2")?;
    let listener = stage.listen(80, 8)?;
    let pair = stage.pair_with(&listener)?;
    stage.lesson(pair.port, &[
        "server_isn is the cookie: a hash of both addresses and ports, the minute, and 2 bits for the MSS. The third \
         ACK brings it back plus one, and only then is there anything in the server's memory.",
        "Window scale, SACK and ECN find no room there. Linux puts them into the low 6 bits of its timestamp, and \
         so they survive where both ends use timestamps.",
    ])?;
    stage.sysctl(End::Client, "tcp_timestamps", "0")?;
    let bare = stage.pair_with(&listener)?;
    stage.lesson(bare.port, &[
        "Without timestamps in the SYN the SYN-ACK offers an MSS and nothing more: no window scale, no SACK. A slow \
         connection for as long as it lasts is the price that a tutorial on SYN floods seldom names.",
        "As the server forgot the SYN, it cannot send the SYN-ACK again either: if that is lost, the client's SYN \
         has to come again; if the third ACK is lost, the client waits for a server that never heard of it.",
    ])?;
    drop((pair, bare));
    Ok(())
}

pub(super) const THIRD_ACK_DATA: Scene = Scene {
    name: "third-ack-data",
    about: "data rides with the third segment of the handshake",
    before: "The client holds its ACKs back (TCP_QUICKACK off), connects and writes at once.",
    play: third_ack_data,
};

fn third_ack_data(stage: &Stage) -> Result<()> {
    let listener = stage.listen(80, 8)?;
    let socket = stage.socket(End::Client, 0)?;
    socket.set_tcp_quickack(false)?;
    let (mut client, port) = stage.connect(socket, at(End::Server, 80))?;
    client.write_all(b"GET /\r\n")?;
    let server = stage.accept(&listener)?;
    read(&server, 7)?;
    stage.lesson(port, &[
        "Three segments, and the request is there already: the ACK of the handshake is a field, not a message. A \
         tutorial's third arrow carries nothing only because connect() returned to a program that had nothing to say.",
        "RFC 9293 allows data even in the SYN, but nobody may hand it to the program before the handshake is \
         complete. For that there is Fast Open: handshake lab tfo.",
        "The server's state goes from SYN_RCVD to ESTABLISHED, and the data are delivered, in one step.",
    ])?;
    drop((client, server));
    Ok(())
}

pub(super) const TFO: Scene = Scene {
    name: "tfo",
    about: "TCP Fast Open: a cookie once, then data with the SYN",
    before: "Both ends allow Fast Open (net.ipv4.tcp_fastopen). The client connects twice and writes a request each \
             time.",
    play: tfo,
};

fn tfo(stage: &Stage) -> Result<()> {
    stage.sysctl(End::Client, "tcp_fastopen", "1")?;
    // 1024: for every listener, whether it asks or not.
    stage.sysctl(End::Server, "tcp_fastopen", "1026")?;
    let listener = stage.listen(80, 8)?;
    let [first, second] = [fast(stage, &listener)?, fast(stage, &listener)?];
    stage.lesson(first, &[
        "The first time the client has no cookie: its SYN asks for one (option 34, empty), and the SYN-ACK has it. \
         The request waits for the handshake as ever.",
    ])?;
    stage.lesson(second, &[
        "The second time cookie and request go with the SYN. The SYN-ACK acknowledges both, and the answer \
         does not wait for the third ACK: one round trip less.",
        "The server is in SYN_RCVD when it reads and answers. A tutorial that has data only after ESTABLISHED is \
         about TCP without this.",
        "A SYN may arrive twice, and so may such a request: Fast Open is for what may be asked twice (RFC 7413 §2.1).",
    ])
}

fn fast(stage: &Stage, listener: &std::net::TcpListener) -> Result<u16> {
    let socket = stage.socket(End::Client, 0)?;
    fast_open(&socket)?;
    // Returns at once where there is a cookie: the SYN waits for the data.
    socket.connect(&at(End::Server, 80).into())?;
    let port = crate::lab::stage::port_of(&socket)?;
    let mut client = TcpStream::from(socket);
    // A socket that blocks would wait for the SYN-ACK here, and the server for us.
    client.set_nonblocking(true)?;
    client.write_all(b"GET /\r\n")?;
    client.set_nonblocking(false)?;
    let mut server = stage.accept(listener)?;
    read(&server, 7)?;
    server.write_all(b"200\r\n")?;
    read(&client, 5)?;
    stage.quiet()?;
    abort(client)?;
    stage.quiet()?;
    Ok(port)
}

pub(super) const SIMULTANEOUS_OPEN: Scene = Scene {
    name: "simultaneous-open",
    about: "both ends connect at once, and nobody listens",
    before: "Both ends call connect() to each other's port within the 5 ms that a segment takes. Nobody listens.",
    play: simultaneous_open,
};

fn simultaneous_open(stage: &Stage) -> Result<()> {
    let one = stage.socket(End::Client, 5000)?;
    let other = stage.socket(End::Server, 80)?;
    begin(&one, at(End::Server, 80))?;
    begin(&other, at(End::Client, 5000))?;
    let [one, other] = [TcpStream::from(one), TcpStream::from(other)];
    stage.await_connection(&one)?;
    stage.await_connection(&other)?;
    stage.quiet()?;
    let states = [stage.state(End::Client, 5000)?, stage.state(End::Server, 5000)?];
    stage.note(
        5000,
        format!("Both kernels say: {}, {}. It is one connection, not two.", states[0], states[1]),
    )?;
    stage.lesson(5000, &[
        "The SYNs cross. Each end gets a SYN where it waits for a SYN-ACK: SYN_SENT becomes SYN_RCVD, and each \
         answers with SYN-ACK, under the same ISN as before. Four segments, and no server. The two ACKs behind them \
         are Linux's: it answers every SYN-ACK.",
        "The tutorials' diagram has this edge, from SYN_SENT to SYN_RCVD, and hardly anybody sees it happen: the \
         ports of both ends must be agreed on. It is how some programs get through two NATs.",
    ])
}
