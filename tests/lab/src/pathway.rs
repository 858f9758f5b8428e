//! A host with a scripted path before it.

use std::fs;

use tempfile::NamedTempFile;

use crate::{Background, Host, Lab, Path, Probe, probe, program};

/// The interface of the path's end.
const PORT: &str = "port";

/// The host's interface, its addresses, and the neighbour that it sends everything to. The
/// neighbour's hardware address is not its interface's, so that its kernel takes no part.
const FACING: &str = "
    ip link set path0 gso_max_segs 1
    ip route replace default via 10.200.0.2
    ip -6 route replace default via fd00:200::2
    ip neigh replace 10.200.0.2 lladdr 02:00:00:00:00:02 dev path0 nud permanent
    ip neigh replace fd00:200::2 lladdr 02:00:00:00:00:02 dev path0 nud permanent";

/// A running path, which ends with this.
#[derive(Debug)]
pub struct Pathway {
    program: Background,
    log: NamedTempFile,
}

impl Lab {
    /// Leads all that `host` sends into a scripted path: by its new interface `path0`, which has
    /// 10.200.0.1/24 and `fd00:200::1/64`, and default routes of both families. One path a host.
    #[must_use]
    pub fn path(&self, host: &Host<'_>, path: &Path) -> Pathway {
        let routers = self.host(&format!("{}-path", host.name()));
        // They are played by one program, and the kernel must not play with it.
        routers.sysctl("net.ipv6.conf.default.disable_ipv6", "1");
        routers.sysctl("net.ipv4.ip_forward", "0");
        self.join((host.name(), "path0"), (routers.name(), PORT));
        host.address("path0", "10.200.0.1/24", "fd00:200::1/64");
        host.sh(FACING);
        start(&routers, path)
    }
}

impl Pathway {
    /// The probes so far. What a program sent just before it ended may not be among them yet.
    #[must_use]
    pub fn probes(&self) -> Vec<Probe> {
        let log = fs::read_to_string(self.log.path()).expect("readable text");
        probe::parse(&log).expect("the lines of wireline-path")
    }

    /// Stops the path, and tells which probes it saw: all that were sent before.
    #[must_use]
    pub fn stop(mut self) -> Vec<Probe> {
        drop(self.program.stdin());
        let Self { program, log } = self;
        let end = program.output();
        assert!(end.status.success(), "{}", String::from_utf8_lossy(&end.stderr));
        let log = fs::read_to_string(log.path()).expect("readable text");
        probe::parse(&log).expect("the lines of wireline-path")
    }
}

fn start(routers: &Host<'_>, path: &Path) -> Pathway {
    let log = NamedTempFile::new().expect("a directory for temporary files");
    let orders = serde_json::to_string(path).expect("numbers and words");
    let file = log.path().to_str().expect("a path in UTF-8");
    let mut program = routers.spawn(program("wireline-path"), [PORT, file, &orders]);
    let is_ready = program.line().as_deref() == Some("ready");
    assert!(is_ready, "{}", String::from_utf8_lossy(&program.output().stderr));
    Pathway { program, log }
}
