//! Servers of TCP that do what a test needs of them.
//!
//! ```no_run
//! use wireline_lab::Lab;
//!
//! let lab = Lab::new();
//! let [a, b] = lab.wire("a", "b");
//! let _servers = b.tcp(&["7=echo", "8=close:12", "9=full:2"]);
//! a.command("/usr/bin/handshake").args(["192.0.2.2:7"]).assert().code(0);
//! ```

use crate::{Background, Host, program};

impl Host<'_> {
    /// `wireline-tcp` with these orders, `PORT=BEHAVIOUR`, once it listens, on both families and every address. It
    /// ends with its handle. The words are in `tests/lab/src/tcp/behaviour.rs`.
    #[must_use]
    pub fn tcp(&self, orders: &[&str]) -> Background {
        let mut servers = self.spawn(program("wireline-tcp"), orders);
        let is_ready = servers.line().as_deref() == Some("ready");
        assert!(is_ready, "{}", String::from_utf8_lossy(&servers.output().stderr));
        servers
    }

    /// `wireline-tcp-hostile` with these words, once it hears: `client`, which is on one wire with this host
    /// ([`crate::Lab::wire`], where this one is the second), meets the n-th of them, from 1, at any port of
    /// 198.51.100.n and `2001:db8:bad::n`. The words are in `tests/lab/src/tcp/hostile/script.rs`.
    #[must_use]
    pub fn hostile_tcp(&self, client: &Host<'_>, words: &[&str]) -> Background {
        client.sh("ip route add 198.51.100.0/24 via 192.0.2.2
            ip -6 route add 2001:db8:bad::/64 via 2001:db8::2");
        // Without a route the kernel of IPv6 says so to whoever asks, though it forwards nothing.
        self.sh("ip route add blackhole 198.51.100.0/24
            ip -6 route add blackhole 2001:db8:bad::/64");
        let mut hostile = self.spawn(program("wireline-tcp-hostile"), words);
        let is_ready = hostile.line().as_deref() == Some("ready");
        assert!(is_ready, "{}", String::from_utf8_lossy(&hostile.output().stderr));
        hostile
    }

    /// Lets this host ask for TCP Fast Open and its servers grant it, whether they ask to or not (ip-sysctl,
    /// `tcp_fastopen`). To be called before they listen.
    pub fn allow_fast_open(&self) {
        self.sysctl("net.ipv4.tcp_fastopen", "1027");
    }
}
