//! The kernel's machine for filters, as `net/ipv4/inet_diag.c` describes it.

use std::net::IpAddr;

use super::*;

fn operation(code: &[u8], at: usize) -> (u8, usize, usize, &[u8]) {
    let no = u16::from_ne_bytes([code[at + 2], code[at + 3]]);
    (code[at], code[at + 1].into(), no.into(), &code[at + 4..])
}

/// What is loaded must hold (`inet_diag_bc_audit`).
pub(super) fn audit(code: &[u8]) {
    let mut starts = vec![code.len(), code.len() + 4];
    let (mut at, mut jumps) = (0, Vec::new());
    while at < code.len() {
        let (kind, yes, no, rest) = operation(code, at);
        let length = match kind {
            1 | 6 => 4,
            2..=5 | 9 => 8,
            7 | 8 => {
                12 + match rest[0] {
                    0 => 0,
                    2 => 4,
                    10 => 16,
                    family => panic!("{family}"),
                }
            }
            10 | 13 => 12,
            kind => panic!("operation {kind}"),
        };
        assert!(yes == length && no >= length && no % 4 == 0, "{kind}: {yes} {no}");
        starts.push(at);
        jumps.push(at + no);
        at += yes;
    }
    assert_eq!(at, code.len());
    assert!(jumps.iter().all(|to| starts.contains(to)), "a jump into the midst");
}

/// Whether a socket is let through (`inet_diag_bc_run`).
pub(super) fn run(code: &[u8], row: &InetSocket) -> bool {
    let mut at = 0;
    while at < code.len() {
        let (kind, yes, no, rest) = operation(code, at);
        let port = || u16::from_ne_bytes([rest[2], rest[3]]);
        let is = match kind {
            1 => false,
            2 => row.local.port >= port(),
            3 => row.local.port <= port(),
            4 => row.remote.port >= port(),
            5 => row.remote.port <= port(),
            7 => host(rest, row.local),
            8 => host(rest, row.remote),
            9 => row.interface.to_ne_bytes() == rest[..4],
            13 => cgroup(row).to_ne_bytes() == rest[..8],
            kind => panic!("operation {kind}"),
        };
        at += if is { yes } else { no };
    }
    at == code.len()
}

fn host(condition: &[u8], end: Endpoint) -> bool {
    let port = i32::from_ne_bytes(condition[4..8].try_into().unwrap());
    if port != -1 && port != i32::from(end.port) {
        return false;
    }
    let (family, bits) = (condition[0], usize::from(condition[1]));
    let octets = match (family, end.address) {
        (0, _) => return true,
        (2, IpAddr::V4(v4)) => v4.octets().to_vec(),
        (10, IpAddr::V6(v6)) => v6.octets().to_vec(),
        (2, IpAddr::V6(v6)) => match v6.to_ipv4_mapped() {
            Some(v4) => v4.octets().to_vec(),
            None => return false,
        },
        _ => return false,
    };
    let bit = |octets: &[u8], place: usize| octets[place / 8] >> (7 - place % 8) & 1;
    (0..bits).all(|place| bit(&octets, place) == bit(&condition[8..], place))
}
