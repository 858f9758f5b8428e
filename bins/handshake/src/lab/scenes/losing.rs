//! What becomes of a handshake when segments, or hosts, get lost.

use std::io::Write as _;
use std::time::Duration;

use anyhow::Result;
use wireline_engine::tcp::End;

use super::Scene;
use crate::lab::stage::{Stage, abort, at, begin, read};
use crate::lab::wire::{is_anything, is_bare_ack, is_syn, is_syn_ack};

pub(super) const SYN_LOSS: Scene = Scene {
    name: "syn-loss",
    about: "the first SYN is lost",
    before: "A server listens, and the wire loses the client's first SYN.",
    play: syn_loss,
};

fn syn_loss(stage: &Stage) -> Result<()> {
    stage.lose(End::Client, is_syn, 1);
    let pair = stage.pair(80)?;
    stage.lesson(pair.port, &[
        "The client cannot know: it waits for one second (RFC 6298 §2.1) and sends the same SYN again, with the same \
         ISN. Linux does so five times a second apart (net.ipv4.tcp_syn_linear_timeouts, since 6.5), then after 2, 4, 8 … \
         seconds, for some two minutes in all. Older systems double from the start: 1, 3, 7 seconds after the first.",
        "To a program connect() took a second more. A ping by the clock would call that the round trip; here it is \
         10 ms. A second, or 3, or 7, in somebody's figures is the mark of a lost SYN.",
    ])
}

pub(super) const SYNACK_LOSS: Scene = Scene {
    name: "synack-loss",
    about: "the first SYN-ACK is lost",
    before: "A server listens, and the wire loses its first SYN-ACK.",
    play: synack_loss,
};

fn synack_loss(stage: &Stage) -> Result<()> {
    stage.lose(End::Server, is_syn_ack, 1);
    let pair = stage.pair(80)?;
    stage.quiet()?;
    stage.lesson(pair.port, &[
        "To the client this is the same as a lost SYN: it sends its SYN again after a second. The server knows the \
         connection already, in SYN_RCVD, and answers with the same SYN-ACK: the same server_isn.",
        "The server has a timer of its own for its SYN-ACK, also of one second (5 times: \
         net.ipv4.tcp_synack_retries). Whichever timer is first, both ends may send again in the same moment.",
    ])
}

pub(super) const THIRD_ACK_LOST: Scene = Scene {
    name: "third-ack-lost",
    about: "the third segment is lost: once with silence after it, once with data",
    before: "The wire loses the ACK that ends the handshake. The first client says nothing more; the second writes \
             at once.",
    play: third_ack_lost,
};

fn third_ack_lost(stage: &Stage) -> Result<()> {
    let listener = stage.listen(80, 8)?;
    stage.lose(End::Client, is_bare_ack, 1);
    let (client, port) = stage.connect(stage.socket(End::Client, 0)?, at(End::Server, 80))?;
    stage.quiet()?;
    let [one, other] = [stage.state(End::Client, port)?, stage.state(End::Server, port)?];
    stage.note(port, format!("Both kernels say: client {one}, server {other}."))?;
    let server = stage.accept(&listener)?;
    stage.lesson(port, &[
        "The client is ESTABLISHED, the server is not: it sends its SYN-ACK again after a second, and the client's \
         answer to that ends the handshake. accept() returned a second late.",
    ])?;
    stage.lose(End::Client, is_bare_ack, 1);
    let (mut writer, port) = stage.connect(stage.socket(End::Client, 0)?, at(End::Server, 80))?;
    writer.write_all(b"GET /\r\n")?;
    let reader = stage.accept(&listener)?;
    read(&reader, 7)?;
    stage.lesson(port, &[
        "Every segment after the first carries an ACK, so the data do the lost segment's work: nobody waits and \
         nothing is sent again. A tutorial's question, what if the third ACK is lost, has this answer mostly.",
    ])?;
    drop((client, server, writer));
    Ok(())
}

pub(super) const HALF_OPEN: Scene = Scene {
    name: "half-open",
    about: "a SYN, and then nothing: what a SYN flood is made of",
    before: "A client sends a SYN and is gone: its cable is pulled. Nothing that the server says arrives.",
    play: half_open,
};

fn half_open(stage: &Stage) -> Result<()> {
    let listener = stage.listen(80, 8)?;
    stage.lose(End::Server, is_anything, u32::MAX);
    let before = stage.seen();
    let socket = stage.socket(End::Client, 0)?;
    let port = begin(&socket, at(End::Server, 80))?;
    stage.await_segments(before, 1)?;
    drop(socket);
    stage.await_segments(before, 2)?;
    let server = stage.state(End::Server, port)?;
    stage.note(
        port,
        format!("The server's kernel says: {server}. accept() has nothing to return."),
    )?;
    stage.await_segments(before, 4)?;
    stage.lesson(port, &[
        "The server sends its SYN-ACK again after 1, 2, 4, 8, 16 seconds (net.ipv4.tcp_synack_retries is 5), and \
         forgets the connection after a minute. Only the first three are shown here.",
        "Half-open connections wait in the SYN queue. A flood of them fills it, and then SYN cookies help: see \
         handshake lab syn-cookies. Each is a request of some 300 octets on Linux, and not a socket.",
        "RFC 9293 §3.5.1 calls something else half-open: one end has forgotten a connection that the other has. \
         See handshake lab reboot.",
    ])?;
    drop(listener);
    Ok(())
}

pub(super) const REBOOT: Scene = Scene {
    name: "reboot",
    about: "one end forgets an open connection, and the other finds out",
    before: "A connection is open. The client's host loses its memory: nothing of that gets out. Then the server \
             writes.",
    play: reboot,
};

fn reboot(stage: &Stage) -> Result<()> {
    let mut pair = stage.pair(80)?;
    stage.quiet()?;
    stage.lose(End::Client, is_anything, 1);
    abort(pair.client)?;
    stage.quiet()?;
    stage.orders.clear();
    let [one, other] = [stage.state(End::Client, pair.port)?, stage.state(End::Server, pair.port)?];
    stage.note(
        pair.port,
        format!("Both kernels say: client {one}, server {other}. The server writes."),
    )?;
    stage.rest(Duration::from_millis(300))?;
    pair.server.write_all(b"still there?\r\n")?;
    stage.quiet()?;
    let other = stage.state(End::Server, pair.port)?;
    stage.note(pair.port, format!("The server's kernel says: {other}."))?;
    stage.lesson(pair.port, &[
        "This is half-open as RFC 9293 §3.5.1 means it: one end has a connection, the other has none. As long as \
         nobody sends anything, nobody finds out: an open connection that is idle sends nothing at all.",
        "The first data meet a host that knows nothing of them, and its RST ends the matter. The RST that got lost is \
         how a real host would have lost its memory: without a word.",
        "To find out while idle there is keepalive (SO_KEEPALIVE): off unless asked for, and then after two hours.",
    ])
}
