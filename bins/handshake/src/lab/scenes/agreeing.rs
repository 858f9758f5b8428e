//! What both ends tell each other in their SYNs.

use std::io::Write as _;
use std::net::TcpListener;
use std::time::Duration;

use anyhow::Result;
use wireline_engine::tcp::End;
use wireline_engine::{Instant, millis};

use super::Scene;
use crate::lab::stage::{Stage, abort, at, read};
use crate::lab::wire::is_data;

pub(super) const ISN: Scene = Scene {
    name: "isn",
    about: "where initial sequence numbers come from",
    before: "Three connections with the same addresses and ports, one after the other, each aborted at once; and one \
             from another port.",
    play: isn,
};

fn isn(stage: &Stage) -> Result<()> {
    let listener = stage.listen(80, 8)?;
    for port in [5000, 5000, 5000, 5001] {
        one(stage, &listener, port)?;
    }
    stage.lesson(
        5001,
        &[
            "From another port the number has nothing to do with those before: a secret hash of both addresses and \
             ports is added (RFC 6528 §3), so that nobody can guess the ISN that somebody else will get.",
            "A tutorial says that the ISN is a clock of 4 microseconds, or random. RFC 793 said the first; the second \
             alone would break its purpose. It is both: a clock that starts anywhere, for each pair of ends.",
        ],
    )
}

fn one(stage: &Stage, listener: &TcpListener, port: u16) -> Result<()> {
    let socket = stage.socket(End::Client, port)?;
    let (client, _) = stage.connect(socket, at(End::Server, 80))?;
    let server = stage.accept(listener)?;
    stage.quiet()?;
    abort(client)?;
    stage.quiet()?;
    drop(server);
    match &stage.orders.answers()[..] {
        [.., before, last] if port == 5000 => stage.note(port, growth(*before, *last))?,
        [.., (_, isn)] => stage.note(port, format!("server_isn is {isn}."))?,
        [] => {}
    }
    if port == 5000 {
        stage.lesson(port, &[
            "Between the same ends the numbers grow with the clock, on Linux by one every 64 ns: whoever comes later has \
             a greater ISN, and an old segment is not mistaken for a new one.",
        ])?;
    }
    stage.rest(Duration::from_millis(100))
}

/// What two ISNs, one after the other, have to do with each other.
fn growth((before, old): (Instant, u32), (after, new): (Instant, u32)) -> String {
    let (more, time) = (new.wrapping_sub(old), after.since(before));
    let each = time.as_secs_f64() * 1e9 / f64::from(more.max(1));
    let time = millis(time);
    format!(
        "server_isn is {old} + {more} (mod 2^32), {time:.1} ms after the last: one every {each:.1} ns."
    )
}

pub(super) const ECN: Scene = Scene {
    name: "ecn",
    about: "a router marks instead of dropping, and both ends understand",
    before: "The client asks for ECN (net.ipv4.tcp_ecn=1). It writes three times, and a router marks the first \
             segment of data (CE) as if it were nearly full.",
    play: ecn,
};

fn ecn(stage: &Stage) -> Result<()> {
    stage.sysctl(End::Client, "tcp_ecn", "1")?;
    let mut pair = stage.pair(80)?;
    stage.quiet()?;
    stage.mark(End::Client, is_data, 1);
    for line in [&b"one\r\n"[..], b"two\r\n", b"three\r\n"] {
        pair.client.write_all(line)?;
        read(&pair.server, line.len())?;
        stage.quiet()?;
    }
    stage.lesson(pair.port, &[
        "ECE and CWR in a SYN do not mean what their names say: together they ask for ECN, and ECE alone in the \
         SYN-ACK agrees (RFC 3168 §6.1.1). Linux servers agree to it unasked and clients do not ask (tcp_ecn=2).",
        "Then packets are sent as ECT. The router sets CE in the IP header; the server repeats ECE in every ACK until \
         the client says CWR: I have slowed down. Nothing was lost and nothing was sent again.",
    ])
}

pub(super) const WINDOW_SCALE_OFF: Scene = Scene {
    name: "window-scale-off",
    about: "an end that does not scale windows, beside one that does",
    before: "One connection as usual. Then the client is told to do without (net.ipv4.tcp_window_scaling=0).",
    play: window_scale_off,
};

fn window_scale_off(stage: &Stage) -> Result<()> {
    let listener = stage.listen(80, 8)?;
    let usual = stage.pair_with(&listener)?;
    stage.lesson(usual.port, &[
        "The window of a SYN is never scaled; the third segment's is. win=63 with ws=10 means 63 × 1024 octets: a \
         capture that lacks the SYNs cannot tell.",
    ])?;
    stage.sysctl(End::Client, "tcp_window_scaling", "0")?;
    let plain = stage.pair_with(&listener)?;
    stage.lesson(plain.port, &[
        "The server offers a scale only to who offers one (RFC 7323 §2.2), so one end that does not is enough: both \
         windows are 65,535 octets at the most.",
        "At a round trip of 100 ms that is 5 Mbit/s, on any line. A middlebox that takes the option out of one SYN \
         only does worse: one end scales, and the other does not know.",
    ])?;
    drop((usual, plain));
    Ok(())
}
