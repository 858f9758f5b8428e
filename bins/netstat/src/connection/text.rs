//! One socket as text: a line of what it is, then names and values in two columns.

use std::fmt::{self, Display, Formatter};

use wireline_cli::escape;

use super::facts::{Connection, ConnectionOwner, TcpFacts};
use crate::event::End;
use crate::event::MemoryDetails;

/// What there is to say of one.
pub(super) struct Text<'a>(pub(super) &'a Connection);

/// Of the column of names.
const WIDTH: usize = 22;

/// A name, and its value in words.
type Line = (&'static str, String);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let connection = self.0;
        let socket = &connection.socket;
        let (local, remote) = (end(socket.local), end(socket.remote));
        let state = socket.state.to_uppercase();
        writeln!(f, "{} {local} -> {remote} {state}", socket.protocol)?;
        section(f, "Socket", own(connection))?;
        writeln!(f, "\nProcesses")?;
        if connection.owners.is_empty() {
            writeln!(f, "  {}", nobody(connection))?;
        }
        connection.owners.iter().try_for_each(|owner| writeln!(f, "  {}", process(owner)))?;
        if let Some(tcp) = &connection.tcp {
            section(f, "Path", path(tcp))?;
            section(f, "Sending", sending(connection, tcp))?;
            section(f, "Lost and repeated", losses(tcp))?;
            section(f, "Receiving", receiving(tcp))?;
        }
        connection
            .memory
            .as_ref()
            .map_or(Ok(()), |memory| section(f, "Memory", memory_lines(memory)))
    }
}

fn section(f: &mut Formatter<'_>, title: &str, lines: Vec<Line>) -> fmt::Result {
    writeln!(f, "\n{title}")?;
    lines.into_iter().try_for_each(|(name, value)| writeln!(f, "  {name:<WIDTH$}{value}"))
}

fn end(end: Option<End>) -> String {
    let Some(End { address, port }) = end else { return "*:*".to_owned() };
    let port = if port == 0 { "*".to_owned() } else { port.to_string() };
    if address.is_ipv6() { format!("[{address}]:{port}") } else { format!("{address}:{port}") }
}

fn own(connection: &Connection) -> Vec<Line> {
    let socket = &connection.socket;
    let mut lines = vec![("family", family(connection))];
    if socket.state == "listen" {
        lines.push(("accept queue", format!("{} of {}", socket.recv_queue, socket.send_queue)));
    } else {
        lines.push((
            "receive queue",
            format!("{}, not read by the program", bytes(socket.recv_queue.into())),
        ));
        lines
            .push(("send queue", format!("{}, not acknowledged", bytes(socket.send_queue.into()))));
    }
    lines.push(("timer", timer(connection)));
    let user = connection.user.as_deref().map(escape);
    let user = user.map_or(socket.uid.to_string(), |name| format!("{name} ({})", socket.uid));
    lines.push(("user", user));
    lines.push((
        "inode",
        if socket.inode == 0 { "none".to_owned() } else { socket.inode.to_string() },
    ));
    let mut push = |name, value: Option<String>| lines.extend(value.map(|value| (name, value)));
    push("cookie", socket.cookie.map(|cookie| format!("{cookie:#x}")));
    push("interface", socket.interface.map(|index| interface(connection, index)));
    push("cgroup", connection.cgroup_id.map(|id| format!("number {id}")));
    push("mark", connection.mark.filter(|mark| *mark != 0).map(|mark| format!("{mark:#x}")));
    push(
        "type of service",
        connection.tos.filter(|tos| *tos != 0).map(|tos| format!("{tos:#04x}")),
    );
    let class = connection.traffic_class.filter(|class| *class != 0);
    push("traffic class", class.map(|class| format!("{class:#04x}")));
    push(
        "priority",
        connection.priority.filter(|class| *class != 0).map(|class| class.to_string()),
    );
    let is_cut = |shutdown: &&str| *shutdown != "none";
    push("shut down", connection.shutdown.filter(is_cut).map(ToOwned::to_owned));
    push(
        "protocol on top",
        connection.upper_protocol.as_deref().map(|name| escape(name).into_owned()),
    );
    lines
}

fn family(connection: &Connection) -> String {
    let only = match connection.v6_only {
        Some(true) => ", IPv6 only",
        Some(false) => ", IPv4 too",
        None => "",
    };
    format!("{}{only}", if connection.socket.family == "ipv6" { "IPv6" } else { "IPv4" })
}

fn interface(connection: &Connection, index: u32) -> String {
    let name = connection.interface_name.as_deref().map(escape);
    name.map_or(format!("number {index}"), |name| format!("{name} ({index})"))
}

fn timer(connection: &Connection) -> String {
    let Some(timer) = connection.socket.timer else { return "off".to_owned() };
    let what = match timer.kind {
        "retransmit" => "retransmission",
        "keepalive" => "keepalive",
        "time_wait" => "end of TIME_WAIT",
        "probe" => "probe of a closed window",
        "delayed_ack" => "late acknowledgement",
        _ => "unknown",
    };
    let mut text = format!("{what} in {}", time(timer.expires_ms));
    let counts = [(timer.retransmits, "retransmissions"), (timer.probes, "probes")];
    for (count, name) in counts.into_iter().filter(|(count, _)| *count > 0) {
        text.extend([format!(", {name} so far: {count}")]);
    }
    text
}

/// Why there is no owner.
fn nobody(connection: &Connection) -> &'static str {
    let socket = &connection.socket;
    match socket.state.as_str() {
        "time_wait" => "none: the kernel keeps it until its time is over",
        "syn_recv" => "none: the handshake is not finished",
        "established" | "close_wait" if socket.inode == 0 => "none: nobody has accepted it yet",
        _ if socket.inode == 0 => "none: its process has closed it",
        _ => "none to be seen: of another user or another namespace",
    }
}

fn process(owner: &ConnectionOwner) -> String {
    let cgroup = owner.cgroup.as_deref().map(|path| format!(", cgroup {}", escape(path)));
    let (name, program) = (escape(&owner.comm), escape(&owner.program));
    format!("{} {name}, fd {}, {program}{}", owner.pid, owner.fd, cgroup.unwrap_or_default())
}

fn path(tcp: &TcpFacts) -> Vec<Line> {
    let mut rtt = format!("{} ± {}", time(tcp.rtt_ms), time(tcp.rtt_deviation_ms));
    if let Some(shortest) = tcp.min_rtt_ms {
        rtt.extend([format!(", shortest {}", time(shortest))]);
    }
    let backoff = match tcp.backoff {
        0 => String::new(),
        times => format!(", doubled {times} times"),
    };
    let mss = format!(
        "{} sent, {} received, {} announced, bytes",
        tcp.send_mss, tcp.receive_mss, tcp.advertised_mss
    );
    vec![
        ("round trip", rtt),
        ("retransmit timeout", format!("{}{backoff}", time(tcp.rto_ms))),
        ("largest segments", mss),
        ("path MTU", format!("{} bytes", tcp.path_mtu)),
        (
            "options",
            if tcp.options.is_empty() { "none".to_owned() } else { tcp.options.join(", ") },
        ),
    ]
}

fn sending(connection: &Connection, tcp: &TcpFacts) -> Vec<Line> {
    let threshold = tcp.slow_start_threshold.map(|most| format!(", slow start up to {most}"));
    let window = format!("{} segments{}", tcp.congestion_window, threshold.unwrap_or_default());
    let mut lines =
        vec![("congestion control", congestion(connection, tcp)), ("congestion window", window)];
    let mut push = |name, value: Option<String>| lines.extend(value.map(|value| (name, value)));
    let scale = format!(", shifted by {}", tcp.send_window_scale);
    push("peer's window", tcp.peer_window.map(|size| format!("{}{scale}", bytes(size.into()))));
    push(
        "in flight",
        Some(format!("{} segments, {} acknowledged out of order", tcp.unacked, tcp.sacked)),
    );
    push("not sent yet", tcp.unsent.map(|size| bytes(size.into())));
    push("sent", amount(tcp.bytes_sent, tcp.segments_sent));
    push("acknowledged", tcp.bytes_acked.map(bytes));
    push("pacing rate", tcp.pacing_bytes_per_second.map(rate));
    let held = if tcp.app_limited { ", as much as the program had" } else { "" };
    push(
        "delivery rate",
        tcp.delivery_bytes_per_second.map(|speed| format!("{}{held}", rate(speed))),
    );
    push("busy", tcp.busy_ms.map(|busy| format!("{}{}", time(busy), limits(tcp))));
    push("last sent", Some(format!("{} ago", time(tcp.last_sent_ms))));
    push("last acknowledgement", Some(format!("{} ago", time(tcp.last_acked_ms))));
    lines
}

fn congestion(connection: &Connection, tcp: &TcpFacts) -> String {
    let Some(own) = &connection.congestion else { return tcp.congestion_state.to_owned() };
    let mut text = format!("{}, {}", escape(&own.algorithm), tcp.congestion_state);
    let mut push = |name: &str, value: Option<String>| {
        text.extend(value.map(|value| format!(", {name} {value}")));
    };
    push("bottleneck", own.bandwidth_bytes_per_second.map(rate));
    push("shortest round trip", own.min_rtt_ms.map(time));
    push("pacing gain", own.pacing_gain_percent.map(|gain| format!("{gain:.0} %")));
    push("window gain", own.window_gain_percent.map(|gain| format!("{gain:.0} %")));
    push("marked", own.marked_percent.map(|marked| format!("{marked:.1} %")));
    text
}

fn limits(tcp: &TcpFacts) -> String {
    let held = [
        (tcp.window_limited_percent, "held back by the peer's window"),
        (tcp.buffer_limited_percent, "by our own buffer"),
    ];
    let told = held.iter().filter_map(|(part, by)| part.map(|part| format!(", {part:.1} % {by}")));
    told.collect()
}

fn losses(tcp: &TcpFacts) -> Vec<Line> {
    let now = format!("{} taken for lost, {} sent again", tcp.lost, tcp.retransmitted);
    let mut lines = vec![("now", now), ("sent again in all", amount_again(tcp))];
    let mut push = |name, value: Option<String>| lines.extend(value.map(|value| (name, value)));
    push("for nothing", tcp.needless_retransmissions.map(|count| format!("{count} segments")));
    push("timeouts", tcp.timeouts.map(|count| count.to_string()));
    push("reordering", Some(format!("{} segments apart", tcp.reordering)));
    lines
}

fn amount_again(tcp: &TcpFacts) -> String {
    let size = tcp.bytes_retransmitted.map(|size| format!(", {}", bytes(size)));
    format!("{} segments{}", tcp.total_retransmitted, size.unwrap_or_default())
}

fn receiving(tcp: &TcpFacts) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut push = |name, value: Option<String>| lines.extend(value.map(|value| (name, value)));
    let scale = format!(", shifted by {}", tcp.receive_window_scale);
    push("own window", tcp.own_window.map(|size| format!("{}{scale}", bytes(size.into()))));
    push("room", Some(bytes(tcp.receive_space.into())));
    push("received", amount(tcp.bytes_received, tcp.segments_received));
    push("out of order", tcp.out_of_order.map(|count| format!("{count} segments")));
    push("round trip", tcp.receiver_rtt_ms.map(|rtt| format!("{}, as received", time(rtt))));
    push("acknowledged after", Some(time(tcp.ato_ms)));
    push("last received", Some(format!("{} ago", time(tcp.last_received_ms))));
    lines
}

fn memory_lines(memory: &MemoryDetails) -> Vec<Line> {
    let of = |taken: u32, room: u32| format!("{} of {}", bytes(taken.into()), bytes(room.into()));
    let mut lines = vec![
        ("received", of(memory.received, memory.receive_buffer)),
        ("to be sent", of(memory.queued, memory.send_buffer)),
        ("with the device", bytes(memory.sent.into())),
        ("set aside", bytes(memory.forward.into())),
        ("options", bytes(memory.options.into())),
        ("backlog", bytes(memory.backlog.into())),
    ];
    lines.extend(memory.drops.map(|drops| ("thrown away", format!("{drops} packets"))));
    lines
}

fn amount(size: Option<u64>, segments: Option<u32>) -> Option<String> {
    let segments = segments.map(|count| format!(" in {count} segments"));
    size.map(|size| format!("{}{}", bytes(size), segments.unwrap_or_default()))
}

/// Exact, and for people.
fn bytes(count: u64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB"];
    let unit = units.iter().enumerate().rev().find(|(place, _)| count >> (10 * (place + 1)) > 0);
    let Some((place, unit)) = unit else { return format!("{count} bytes") };
    let tenths = u128::from(count) * 10 / (1 << (10 * (place + 1)));
    format!("{count} bytes ({}.{} {unit})", tenths / 10, tenths % 10)
}

/// Octets a second, as lines are sold.
fn rate(octets: u64) -> String {
    let bits = u128::from(octets) * 8;
    let units = [(1_000_000_000, "Gbit/s"), (1_000_000, "Mbit/s"), (1000, "kbit/s")];
    let unit = units.into_iter().find(|(size, _)| bits >= *size);
    let Some((size, unit)) = unit else { return format!("{bits} bit/s") };
    let tenths = bits * 10 / size;
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

fn time(milliseconds: f64) -> String {
    match milliseconds {
        ms if ms < 1000.0 => format!("{} ms", (ms * 1000.0).round() / 1000.0),
        ms if ms < 60_000.0 => format!("{:.1} s", ms / 1000.0),
        ms if ms < 3_600_000.0 => format!("{:.1} min", ms / 60_000.0),
        ms => format!("{:.1} h", ms / 3_600_000.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_exact_and_for_people() {
        assert_eq!(bytes(0), "0 bytes");
        assert_eq!(bytes(1023), "1023 bytes");
        assert_eq!(bytes(1536), "1536 bytes (1.5 KiB)");
        assert_eq!(bytes(3_782_144), "3782144 bytes (3.6 MiB)");
        assert!(bytes(u64::MAX).ends_with("TiB)"));
        assert_eq!(rate(0), "0 bit/s");
        assert_eq!(rate(125_000), "1.0 Mbit/s");
        assert!(rate(u64::MAX).ends_with("Gbit/s"));
        assert_eq!(time(0.031), "0.031 ms");
        assert_eq!(time(201.0), "201 ms");
        assert_eq!(time(58_700.0), "58.7 s");
        assert_eq!(time(5_000_000.0), "1.4 h");
    }
}
