//! What a path saw and did: the log that `wireline-path` writes, in lines of JSON.
//!
//! Times are nanoseconds of `CLOCK_REALTIME`. A test of times compares with these and not with
//! what the path was told, for the machine may be busy.

use std::net::IpAddr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// One datagram that came to the path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// Its number, from 1.
    pub number: u64,
    /// The hop at which it ended.
    pub hop: u8,
    /// How it ended.
    pub end: End,
    /// The TTL or hop limit that it was sent with.
    pub ttl: u8,
    /// Where it says it is from.
    pub source: IpAddr,
    /// Where it was to go.
    pub destination: IpAddr,
    /// The protocol behind IP and its extension headers.
    pub protocol: u8,
    /// The source and destination ports of TCP, UDP, UDP-Lite and DCCP.
    pub ports: Option<(u16, u16)>,
    /// The identifier and sequence number of an echo request.
    pub echo: Option<(u16, u16)>,
    /// The checksum of TCP, UDP or ICMP.
    pub checksum: Option<u16>,
    /// The flags of TCP.
    pub tcp_flags: Option<u8>,
    /// Octets of the datagram, header included.
    pub length: usize,
    /// The type of service or traffic class.
    pub tos: u8,
    /// Whether it must not be fragmented, which is so for all of IPv6.
    pub dont_fragment: bool,
    /// The IPv4 header's identification.
    pub ip_id: Option<u16>,
    /// The IPv6 header's flow label.
    pub flow_label: Option<u32>,
    /// All of it, from the IP header on.
    pub datagram: Vec<u8>,
    /// When it came, by the kernel.
    pub arrived_ns: u64,
    /// What was sent back, in that order.
    #[serde(skip)]
    pub answers: Vec<Answer>,
}

/// How a probe ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The hop had an answer to it, which may still be on its way.
    Answered,
    /// The hop had none: it is silent, filters, or is beyond the last that lives.
    Ignored,
    /// It was lost on its way to the hop.
    Lost,
    /// It was too long, and that was not said.
    BlackHole,
    /// The hop had sent too many errors.
    Limited,
}

/// One datagram that was sent back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The number of the probe that it answers.
    pub probe: u64,
    /// When it was sent.
    pub left_ns: u64,
    /// How much later than it should that was: what the machine added.
    pub late_ns: u64,
}

/// A line of the log.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// A probe came.
    Probe(Probe),
    /// An answer left.
    Answer(Answer),
}

impl Probe {
    /// From its arrival to the departure of the first answer to it: the round trip that the sender
    /// could see at best.
    #[must_use]
    pub fn rtt(&self) -> Option<Duration> {
        self.answers.first()?.left_ns.checked_sub(self.arrived_ns).map(Duration::from_nanos)
    }

    /// What it carries behind its IP header, and behind the one of its protocol if that is UDP,
    /// TCP without options, or echo.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        let ip = if self.source.is_ipv4() { usize::from(self.datagram[0] & 15) * 4 } else { 40 };
        let header = match self.protocol {
            1 | 17 | 58 => 8,
            6 => 20,
            _ => 0,
        };
        self.datagram.get(ip + header..).unwrap_or_default()
    }
}

/// Reads a log. A line that is not whole yet is left out.
pub(crate) fn parse(log: &str) -> serde_json::Result<Vec<Probe>> {
    let mut probes: Vec<Probe> = Vec::new();
    let whole = log.rsplit_once('\n').map_or("", |(whole, _)| whole);
    for line in whole.lines() {
        match serde_json::from_str(line)? {
            Line::Probe(probe) => probes.push(probe),
            Line::Answer(answer) => {
                let probe = probes.iter_mut().rfind(|probe| probe.number == answer.probe);
                probe.expect("a probe is logged before its answers").answers.push(answer);
            }
        }
    }
    Ok(probes)
}
