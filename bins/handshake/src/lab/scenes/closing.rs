//! How connections close.

use std::io::Write as _;
use std::net::Shutdown;

use anyhow::Result;
use wireline_engine::tcp::End;

use super::Scene;
use crate::lab::stage::{Stage, abort, at, read};

pub(super) const FOUR_WAY: Scene = Scene {
    name: "four-way",
    about: "FIN, ACK, FIN, ACK: how a connection closes, and who waits",
    before: "A connection is open. The client closes first; the server notices and closes a little later.",
    play: four_way,
};

fn four_way(stage: &Stage) -> Result<()> {
    let pair = stage.pair(80)?;
    stage.note(pair.port, "The client closes.")?;
    pair.client.shutdown(Shutdown::Both)?;
    stage.quiet()?;
    let [client, server] = both(stage, pair.port)?;
    stage.note(
        pair.port,
        format!("Both kernels say: client {client}, server {server}. The server closes."),
    )?;
    drop(pair.server);
    stage.quiet()?;
    let [client, server] = both(stage, pair.port)?;
    stage.note(pair.port, format!("Both kernels say: client {client}, server {server}."))?;
    stage.lesson(pair.port, &[
        "Each direction is closed on its own: a FIN, which counts as one octet, and its ACK. FIN_WAIT_1 until the \
         ACK is there, FIN_WAIT_2 until the other's FIN is; CLOSE_WAIT until the other program closes, LAST_ACK \
         until its FIN is acknowledged.",
        "Who closes first waits in TIME_WAIT: its last ACK may be lost, and old segments may still be under way. \
         2MSL would be 4 minutes by RFC 9293 §3.4.2; Linux waits 60 seconds, and no setting changes that.",
        "A tutorial has four segments. Where the server closes at once, its ACK and its FIN are one segment, and \
         there are three: see handshake lab half-close for when they cannot be.",
    ])
}

fn both(stage: &Stage, port: u16) -> Result<[&'static str; 2]> {
    Ok([stage.state(End::Client, port)?, stage.state(End::Server, port)?])
}

pub(super) const HALF_CLOSE: Scene = Scene {
    name: "half-close",
    about: "one direction is closed, and the other goes on",
    before: "The client sends a request and shuts down its side (shutdown(fd, SHUT_WR)). The server answers in two \
             parts, and then closes.",
    play: half_close,
};

fn half_close(stage: &Stage) -> Result<()> {
    let mut pair = stage.pair(80)?;
    pair.client.write_all(b"GET /\r\n")?;
    read(&pair.server, 7)?;
    stage.quiet()?;
    pair.client.shutdown(Shutdown::Write)?;
    let [client, server] = {
        stage.quiet()?;
        both(stage, pair.port)?
    };
    stage.note(
        pair.port,
        format!("Both kernels say: client {client}, server {server}. Nothing is lost by that."),
    )?;
    for part in [&b"first part\r\n"[..], b"second part\r\n"] {
        pair.server.write_all(part)?;
        read(&pair.client, part.len())?;
        stage.quiet()?;
    }
    drop(pair.server);
    stage.lesson(pair.port, &[
        "FIN says: I have nothing more to send. It does not say: I do not listen. In FIN_WAIT_2 the client takes data \
         as before, and the server in CLOSE_WAIT sends as before.",
        "close() is another thing: to the peer it looks the same at first, but data that come after it are answered \
         with RST. On Linux FIN_WAIT_2 without a socket lasts tcp_fin_timeout (60 s) and no longer.",
    ])
}

pub(super) const TIME_WAIT: Scene = Scene {
    name: "time-wait",
    about: "the server closes first, and its port is not free",
    before: "The server closes first. Then it is restarted: it binds to its port again, once as it is, and once with \
             SO_REUSEADDR.",
    play: time_wait,
};

fn time_wait(stage: &Stage) -> Result<()> {
    let pair = stage.pair(80)?;
    drop(pair.server);
    stage.quiet()?;
    drop(pair.client);
    stage.quiet()?;
    let waiting =
        stage.kernel(End::Server)?.into_iter().find(|socket| socket.remote.port == pair.port);
    let left = waiting.map_or(0, |socket| socket.timer.expires.as_secs() + 1);
    let [client, server] = both(stage, pair.port)?;
    stage.note(
        pair.port,
        format!(
            "Both kernels say: client {client}, server {server}, for about {left} more seconds."
        ),
    )?;
    stage.rooms.enter(End::Server)?;
    let plain = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None)?;
    let bound = plain.bind(&at(End::Server, 80).into());
    let said = bound.map_or_else(|why| wireline_engine::errno_text(&why), |()| "bound".to_owned());
    stage.note(pair.port, format!("bind() to port 80 without SO_REUSEADDR: {said}."))?;
    drop(plain);
    stage.listen(80, 1)?;
    stage.note(pair.port, "bind() and listen() with SO_REUSEADDR: done.")?;
    stage.lesson(pair.port, &[
        "TIME_WAIT is with whoever sent the first FIN, whether that is a client or a server. A server that closes \
         first collects them; a protocol in which the client does so does not.",
        "It takes some 200 octets and no socket. It blocks one pair of addresses and ports, and bind() to the port \
         where SO_REUSEADDR is missing: that is all. Linux lets a new SYN in with a greater ISN or timestamp.",
    ])
}

pub(super) const RST: Scene = Scene {
    name: "rst",
    about: "a port that is closed, and an end that throws data away",
    before: "First a client connects to a port at which nobody listens. Then one sends data that the server never \
             reads before it closes.",
    play: rst,
};

fn rst(stage: &Stage) -> Result<()> {
    let socket = stage.socket(End::Client, 0)?;
    let port = stage.begin(&socket, at(End::Server, 81))?;
    let refused = stage.await_connection(&socket.into());
    let said = refused.err().and_then(|why| why.downcast::<std::io::Error>().ok());
    let said = said.map_or_else(|| "no error".to_owned(), |why| wireline_engine::errno_text(&why));
    stage.note(port, format!("connect() returned: {said}."))?;
    stage.lesson(port, &[
        "A SYN to a closed port is answered with RST, ACK: seq 0, as there is nothing to count from, and ack so that \
         the client can tell it is for its SYN. Nobody is in any state afterwards.",
        "A firewall that drops says nothing: the client tries for two minutes. One that rejects sends the same RST, \
         or an ICMP error that a raw look can tell apart: handshake shows who sent it.",
    ])?;
    let mut pair = stage.pair(80)?;
    pair.client.write_all(b"nobody reads this\r\n")?;
    stage.quiet()?;
    stage.note(pair.port, "The server closes with data unread.")?;
    drop(pair.server);
    stage.quiet()?;
    let [client, server] = both(stage, pair.port)?;
    stage.note(
        pair.port,
        format!("Both kernels say: client {client}, server {server}. No TIME_WAIT."),
    )?;
    stage.lesson(pair.port, &[
        "The ACK had gone out, so the client thought that its data were safe. RST says: they were not read (RFC 9293 \
         §3.9.1.6, RFC 1122 §4.2.2.13). The client's next read returns: Connection reset by peer.",
        "A tutorial's close() always ends with FIN. On Linux it does so only where all was read.",
    ])
}

pub(super) const LINGER0: Scene = Scene {
    name: "linger0",
    about: "SO_LINGER with 0 seconds: close() becomes an abort",
    before: "A request and an answer. Then the client sets SO_LINGER to { on, 0 seconds } and closes.",
    play: linger0,
};

fn linger0(stage: &Stage) -> Result<()> {
    let mut pair = stage.pair(80)?;
    pair.client.write_all(b"GET /\r\n")?;
    read(&pair.server, 7)?;
    pair.server.write_all(b"200\r\n")?;
    read(&pair.client, 5)?;
    stage.quiet()?;
    abort(pair.client)?;
    stage.quiet()?;
    let [client, server] = both(stage, pair.port)?;
    stage.note(pair.port, format!("Both kernels say: client {client}, server {server}."))?;
    stage.lesson(pair.port, &[
        "One segment ends it: RST, which nobody acknowledges. Both ends forget the connection at once, and there is \
         no TIME_WAIT. What was not sent yet is thrown away.",
        "Some use this against TIME_WAIT. The price: the peer sees an error instead of an end, data under way are \
         lost, and an old segment may hit the next connection of the same ports.",
    ])
}
