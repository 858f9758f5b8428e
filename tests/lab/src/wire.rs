//! Two hosts with a link between them that does what it is told.

use std::io::Read as _;

use tempfile::NamedTempFile;

use crate::lab::address_both;
use crate::{Background, GroundTruth, Host, Lab, Link, program};

/// The middle's interfaces, towards the first host and the second.
const PORTS: [&str; 2] = ["port-a", "port-b"];

/// Two hosts and the program between them, which ends with this.
#[derive(Debug)]
pub struct Wire<'lab> {
    /// 192.0.2.1 and `2001:db8::1`.
    pub a: Host<'lab>,
    /// 192.0.2.2 and `2001:db8::2`.
    pub b: Host<'lab>,
    relay: Background,
    log: NamedTempFile,
}

impl Lab {
    /// Two hosts with the addresses of [`Lab::wire`] and an emulated link between them.
    #[must_use]
    pub fn link(&self, a: &str, b: &str, link: &Link) -> Wire<'_> {
        let hosts = [self.host(a), self.host(b)];
        let middle = self.middle([(&hosts[0], "eth0"), (&hosts[1], "eth0")]);
        address_both(&hosts);
        let (relay, log) = start(&middle, link);
        let [a, b] = hosts;
        Wire { a, b, relay, log }
    }

    /// A link without faults between interfaces of two hosts, which is carried by a program: what a
    /// kernel knows of a frame but would not send over a wire is gone at its other end. The
    /// interfaces have no addresses yet.
    pub(crate) fn relay(&self, ends: [(&Host<'_>, &str); 2]) -> (Background, NamedTempFile) {
        start(&self.middle(ends), &Link::new(0))
    }

    /// The host between two interfaces, on which nothing runs yet.
    fn middle(&self, ends: [(&Host<'_>, &str); 2]) -> Host<'_> {
        let middle = self.host(&format!("{}-{}", ends[0].0.name(), ends[1].0.name()));
        // The middle only listens: it must not talk about itself.
        middle.sysctl("net.ipv6.conf.default.disable_ipv6", "1");
        for ((host, interface), port) in ends.into_iter().zip(PORTS) {
            self.join((host.name(), interface), (middle.name(), port));
            // No frame may be larger than the wire, or there would be nothing to count.
            host.sh(&format!("ip link set {interface} gso_max_segs 1"));
        }
        middle
    }
}

impl Wire<'_> {
    /// Stops the link, and tells what it did.
    #[must_use]
    pub fn stop(mut self) -> GroundTruth {
        drop(self.relay.stdin());
        let end = self.relay.output();
        assert!(end.status.success(), "{}", String::from_utf8_lossy(&end.stderr));
        let mut log = String::new();
        self.log.read_to_string(&mut log).expect("readable text");
        GroundTruth::parse(&log).expect("the lines of wireline-linkem")
    }
}

fn start(middle: &Host<'_>, link: &Link) -> (Background, NamedTempFile) {
    let log = NamedTempFile::new().expect("a directory for temporary files");
    let orders = serde_json::to_string(link).expect("numbers and words");
    let path = log.path().to_str().expect("a path in UTF-8");
    let mut relay = middle.spawn(program("wireline-linkem"), [PORTS[0], PORTS[1], path, &orders]);
    let is_ready = relay.line().as_deref() == Some("ready");
    assert!(is_ready, "{}", String::from_utf8_lossy(&relay.output().stderr));
    (relay, log)
}
