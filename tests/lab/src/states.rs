use crate::{Background, Host, program};

/// What keeps some of the states from going by, by their ports (`sockets/each.rs`).
const RULES: &str = "add table inet states
    add chain inet states in { type filter hook input priority 0; }
    add rule inet states in tcp dport 4001 drop
    add rule inet states in tcp sport 4002 tcp flags & (syn|ack) == syn|ack drop
    add rule inet states in tcp dport 4003 tcp flags & fin == fin drop
    add rule inet states in tcp sport { 4004, 4005 } tcp flags & fin == fin drop
    add rule inet states in tcp dport 4013 tcp flags & psh == psh drop";

impl Host<'_> {
    /// A program that holds sockets in every state of TCP with full and empty queues, in both families; UDP,
    /// UDP-Lite, raw and Unix sockets. They last a minute at the least.
    #[must_use]
    pub fn sockets_of_all_states(&self) -> Background {
        self.sh("ip -6 address add 2001:db8:1111:2222:3333:4444:5555:6666/128 dev lo nodad");
        self.nft(RULES);
        self.sockets(&["states"])
    }

    /// `wireline-sockets` with these arguments, once it is ready.
    #[must_use]
    pub fn sockets(&self, args: &[&str]) -> Background {
        let mut sockets = self.spawn(program("wireline-sockets"), args);
        let is_ready = sockets.line().as_deref() == Some("ready");
        assert!(is_ready, "{}", String::from_utf8_lossy(&sockets.output().stderr));
        sockets
    }
}
