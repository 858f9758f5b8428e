//! Sockets that come again while a table is read.

use std::collections::HashSet;
use std::mem;
use std::net::IpAddr;

use super::InetSocket;

/// The last sockets that came.
///
/// The kernel hands its table over in parts, and begins the next where it thinks it was: so many
/// places from the beginning of a chain. Where one was put in before it meanwhile, by netlink the last
/// one comes again. A file goes back by more: hundreds of rows were seen to come twice.
#[derive(Debug, Default)]
pub(super) struct Recent {
    cookies: [u64; 16],
    next: usize,
    keys: HashSet<u64>,
    older: HashSet<u64>,
}

/// Rows of a file: half as many as are remembered at the most, in two MiB.
const GENERATION: usize = 1 << 15;

impl Recent {
    /// Whether it was among them; now it is.
    #[inline]
    pub(super) fn has(&mut self, socket: &InetSocket) -> bool {
        let Some(cookie) = socket.cookie else { return self.has_key(key(socket)) };
        let is_there = self.cookies.contains(&cookie);
        self.cookies[self.next] = cookie;
        self.next = (self.next + 1) % self.cookies.len();
        is_there
    }

    fn has_key(&mut self, key: u64) -> bool {
        if self.keys.len() >= GENERATION {
            self.older = mem::take(&mut self.keys);
        }
        self.older.contains(&key) || !self.keys.insert(key)
    }
}

/// As good as a cookie for a while (FNV-1a). Other sockets may have the same ends: datagram sockets that
/// share a port.
fn key(socket: &InetSocket) -> u64 {
    let mix = |hash: u64, octet: u8| (hash ^ u64::from(octet)).wrapping_mul(0x100_0000_01b3);
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for end in [socket.local, socket.remote] {
        hash = match end.address {
            IpAddr::V4(v4) => v4.octets().into_iter().fold(hash, mix),
            IpAddr::V6(v6) => v6.octets().into_iter().fold(hash, mix),
        };
        hash = end.port.to_be_bytes().into_iter().fold(hash, mix);
    }
    let rest = [socket.inode, socket.uid, u32::from(socket.state.number())];
    rest.into_iter().flat_map(u32::to_be_bytes).fold(hash, mix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sockets::{Protocol, proc_table};

    fn row(inode: u32) -> InetSocket {
        let line = format!("0: 0100007F:974C 00000000:0000 0A 0:0 0:0 0 0 0 {inode}");
        proc_table::parse(line.as_bytes(), Protocol::Tcp).unwrap()
    }

    #[test]
    fn socket_that_comes_again_is_known_and_one_with_its_ends_is_another() {
        let mut recent = Recent::default();
        assert!(!recent.has(&row(7)) && recent.has(&row(7)));
        assert!(!recent.has(&row(8)) && recent.has(&row(7)), "ports can be shared");
        let with_cookie = |cookie| InetSocket { cookie: Some(cookie), ..row(7) };
        assert!(!recent.has(&with_cookie(1)) && recent.has(&with_cookie(1)));
        for cookie in 2..18 {
            assert!(!recent.has(&with_cookie(cookie)));
        }
        assert!(!recent.has(&with_cookie(1)), "that was long ago");
    }

    #[test]
    fn file_may_go_back_a_long_way_and_memory_stays_bounded() {
        let mut recent = Recent::default();
        let rows = u32::try_from(3 * GENERATION).unwrap();
        for inode in 0..rows {
            assert!(!recent.has(&row(inode)));
        }
        assert!(((rows - 30_000)..rows).all(|inode| recent.has(&row(inode))));
        assert!(recent.keys.len() + recent.older.len() <= 2 * GENERATION);
    }
}
