//! A world of Debian's name servers in a lab: named, nsd, unbound, and beside them one of ours that
//! misbehaves.

use std::fs;

use tempfile::TempDir;
use wireline_lab::{Host, Lab, NameServer, NameServers};

/// The servers, and who asks them. What runs ends with the lab.
#[derive(Debug)]
pub(crate) struct World<'lab> {
    /// Who asks: 192.0.2.1.
    pub(crate) client: Host<'lab>,
    /// Where keys, certificates and lists are: `key-sha256.conf`, `ca.pem`, `root.key`, `types`.
    pub(crate) directory: TempDir,
    _hostile: NameServers,
}

/// What a line of the tables may name: servers by letters.
pub(crate) const NAMES: [(&str, &str); 5] = [
    ("N", "@192.0.2.2"),
    ("U", "@192.0.2.53"),
    ("G", "@192.0.2.12"),
    ("E", "@192.0.2.3"),
    ("X", "@192.0.2.250"),
];

/// Builds the world of `interop/servers.sh` and waits until all of it answers.
pub(crate) fn world(lab: &Lab) -> World<'_> {
    let [client, servers] = lab.wire("a", "b");
    let directory = TempDir::new().expect("a directory for temporary files");
    fs::write(directory.path().join("types"), include_str!("interop/types.zone")).expect("ours");
    lab.file("/etc/resolv.conf", "nameserver 192.0.2.53\nsearch good.lab insecure.lab\n");
    let place = directory.path().display();
    servers.sh(&format!("cd {place}\n{}", include_str!("interop/servers.sh")));
    let hostile = NameServer::at("192.0.2.3:53").hostile("evil.");
    let hostile = servers.name_servers(&[hostile]);
    // Nobody is there, and that is not said.
    servers.sh("ip addr add 192.0.2.250/24 dev eth0");
    servers.drop_in("ip daddr 192.0.2.250");
    World { client, directory, _hostile: hostile }
}
