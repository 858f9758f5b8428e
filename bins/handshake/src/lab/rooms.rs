//! Three network namespaces in a user namespace of our own: a client's, a server's, and a wire's between them.
//!
//! No privilege is needed and no other program. Nothing outside is touched, and all of it ends with the process,
//! however that ends: there is no name that leads to any of it.

use std::fs::{self, File};
use std::io;
use std::net::Ipv4Addr;
use std::os::fd::{AsFd as _, AsRawFd as _};

use anyhow::{Context as _, Result};
use nix::net::if_::if_nametoindex;
use nix::sched::{CloneFlags, unshare};
use rustix::process::{DumpableBehavior, getegid, geteuid, set_dumpable_behavior};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use wireline_cli::Refusal;
use wireline_engine::tcp::End;
use wireline_host::netlink::{Netlink, Subsystem, Write, push_attribute};

use crate::exit::PRIVILEGE;

/// Set aside for documentation (RFC 5737).
pub(super) const CLIENT: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
pub(super) const SERVER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 2);

/// How the wire calls its two sides.
pub(super) const SIDES: [&str; 2] = ["client", "server"];

/// The doors of the three.
#[derive(Debug)]
pub(super) struct Rooms {
    client: File,
    server: File,
    wire: File,
}

impl Rooms {
    /// Makes them, and leaves this thread, which must be the only one, in the wire's.
    pub(super) fn open() -> Result<Self> {
        let own = enter_user_namespace();
        own.map_err(|why| {
            let why = format!(
                "this system allows no user namespaces of one's own (user_namespaces(7)): {why}"
            );
            Refusal::new(PRIVILEGE, why)
        })?;
        let wire = door()?;
        let [client, server] = [room()?, room()?];
        enter(&wire)?;
        let rooms = Self { client, server, wire };
        rooms.furnish().context("the network of the lab")?;
        Ok(rooms)
    }

    /// Puts this thread into an end's: its sockets are of that end from now on.
    pub(super) fn enter(&self, end: End) -> io::Result<()> {
        enter(match end {
            End::Client => &self.client,
            End::Server => &self.server,
        })
    }

    fn furnish(&self) -> Result<()> {
        let mut ends = [(End::Client, CLIENT, SERVER), (End::Server, SERVER, CLIENT)].into_iter();
        ends.try_for_each(|(end, own, other)| {
            let side = SIDES[end as usize];
            lay_cable(side, end, self)?;
            raise(side)?;
            self.enter(end)?;
            raise("lo")?;
            raise("eth0")?;
            address(own)?;
            neighbour(other, end.other())?;
            enter(&self.wire).map_err(Into::into)
        })
    }

    const fn file(&self, end: End) -> &File {
        match end {
            End::Client => &self.client,
            End::Server => &self.server,
        }
    }
}

/// The link-layer address of an end (RFC 7042 §2.1.2: for documentation).
pub(super) const fn mac(end: End) -> [u8; 6] {
    [0, 0, 0x5e, 0, 0x53, end as u8 + 1]
}

fn enter_user_namespace() -> io::Result<()> {
    let (uid, gid) = (geteuid().as_raw(), getegid().as_raw());
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET)?;
    // A program whose file has capabilities may not write to its own /proc otherwise (proc(5)).
    set_dumpable_behavior(DumpableBehavior::Dumpable)?;
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("0 {uid} 1"))?;
    fs::write("/proc/self/gid_map", format!("0 {gid} 1"))
}

fn room() -> Result<File> {
    unshare(CloneFlags::CLONE_NEWNET).context("unshare")?;
    door()
}

fn door() -> Result<File> {
    File::open("/proc/thread-self/ns/net").context("/proc/thread-self/ns/net")
}

fn enter(door: &File) -> io::Result<()> {
    Ok(move_into_link_name_space(door.as_fd(), Some(LinkNameSpaceType::Network))?)
}

/// A pair of `veth`: one side here, the other in an end's room as its `eth0` (`linux/if_link.h`).
fn lay_cable(side: &str, end: End, rooms: &Rooms) -> Result<()> {
    const NEW_LINK: u16 = 16;
    const ADDRESS: u16 = 1;
    const NAME: u16 = 3;
    const LINK_INFO: u16 = 18;
    const NAMESPACE: u16 = 28;
    let mut peer = vec![0; 16];
    push_attribute(&mut peer, NAME, b"eth0\0")?;
    push_attribute(&mut peer, ADDRESS, &mac(end))?;
    push_attribute(&mut peer, NAMESPACE, &rooms.file(end).as_raw_fd().to_ne_bytes())?;
    let (mut data, mut info, mut link) = (Vec::new(), Vec::new(), vec![0; 16]);
    push_attribute(&mut data, 1, &peer)?;
    push_attribute(&mut info, 1, b"veth")?;
    push_attribute(&mut info, 2, &data)?;
    push_attribute(&mut link, NAME, format!("{side}\0").as_bytes())?;
    push_attribute(&mut link, LINK_INFO, &info)?;
    change(NEW_LINK, Write::Create, &link).context("a pair of veth")
}

/// Sets an interface up (`struct ifinfomsg`).
fn raise(name: &str) -> Result<()> {
    const NEW_LINK: u16 = 16;
    const UP: u32 = 1;
    let mut link = vec![0; 4];
    for field in [index(name)?, UP, UP] {
        link.extend(field.to_ne_bytes());
    }
    change(NEW_LINK, Write::Change, &link)
}

/// Gives `eth0` an address of a /24 (`struct ifaddrmsg`).
fn address(own: Ipv4Addr) -> Result<()> {
    const NEW_ADDRESS: u16 = 20;
    let mut message = vec![2, 24, 0, 0];
    message.extend(index("eth0")?.to_ne_bytes());
    push_attribute(&mut message, 1, &own.octets())?;
    push_attribute(&mut message, 2, &own.octets())?;
    change(NEW_ADDRESS, Write::Create, &message)
}

/// Tells where the other end is, so that nobody has to ask (`struct ndmsg`).
fn neighbour(other: Ipv4Addr, end: End) -> Result<()> {
    const NEW_NEIGHBOUR: u16 = 28;
    const PERMANENT: u16 = 0x80;
    let mut message = vec![2, 0, 0, 0];
    message.extend(index("eth0")?.to_ne_bytes());
    message.extend(PERMANENT.to_ne_bytes());
    message.extend([0, 0]);
    push_attribute(&mut message, 1, &other.octets())?;
    push_attribute(&mut message, 2, &mac(end))?;
    change(NEW_NEIGHBOUR, Write::Put, &message)
}

fn index(name: &str) -> Result<u32> {
    if_nametoindex(name).with_context(|| name.to_owned())
}

fn change(kind: u16, write: Write, message: &[u8]) -> Result<()> {
    Ok(Netlink::open(Subsystem::Route)?.change(kind, write, message)?)
}
