//! What the log says of a packet.

use wireline_lab::{End, Probe};

use crate::headers::word;
use crate::packet::Packet;

/// The log's record of a packet that ended so.
pub(crate) fn of(packet: &Packet, number: u64, (hop, end): (u8, End), arrived_ns: u64) -> Probe {
    let datagram = packet.datagram();
    let is_v4 = packet.is_v4();
    let segment = packet.transport();
    let is_tcp = packet.ip.protocol == 6;
    Probe {
        number,
        hop,
        end,
        ttl: packet.ttl,
        source: packet.source,
        destination: packet.destination,
        protocol: packet.ip.protocol,
        ports: ports(packet),
        echo: packet.ip.echo(&packet.frame).map(|echo| (echo.ident, echo.sequence)),
        checksum: packet.ip.checksum.and_then(|at| word(segment, at)),
        tcp_flags: segment.get(13).copied().filter(|_| is_tcp),
        length: datagram.len(),
        tos: if is_v4 { datagram[1] } else { datagram[0] << 4 | datagram[1] >> 4 },
        dont_fragment: packet.must_stay_whole(),
        ip_id: word(datagram, 4).filter(|_| is_v4),
        flow_label: (!is_v4).then(|| flow_label(datagram)),
        datagram: datagram.to_vec(),
        arrived_ns,
        answers: Vec::new(),
    }
}

fn ports(packet: &Packet) -> Option<(u16, u16)> {
    /// TCP, UDP, DCCP and UDP-Lite.
    const WITH_PORTS: [u8; 4] = [6, 17, 33, 136];
    let segment = packet.transport();
    let ports = (word(segment, 0)?, word(segment, 2)?);
    WITH_PORTS.contains(&packet.ip.protocol).then_some(ports)
}

fn flow_label(datagram: &[u8]) -> u32 {
    u32::from_be_bytes([0, datagram[1] & 0x0f, datagram[2], datagram[3]])
}
