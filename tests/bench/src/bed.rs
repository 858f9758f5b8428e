//! The ground a bench stands on: one lab with two hosts and a veth wire between them, or what a bench
//! makes of it.

use std::cell::{OnceCell, RefCell};

use anyhow::{Context as _, Result};
use tempfile::TempDir;
use wireline_lab::segment::{Segment, World};
use wireline_lab::{Background, Host, Lab, Path, Pathway};

use crate::bench::Side;
use crate::run::{Priority, Run};

/// What a bench runs its programs on.
#[derive(Debug)]
pub(crate) struct Bed<'a> {
    /// 192.0.2.1: it sends.
    pub(crate) near: Host<'a>,
    /// 192.0.2.2: it answers, with nothing but the kernel.
    pub(crate) far: Host<'a>,
    lab: &'a Lab,
    /// Where programs run, if not at `near`.
    from: OnceCell<Host<'a>>,
    path: RefCell<Option<Pathway>>,
    sockets: RefCell<Option<Background>>,
    server: RefCell<Option<Background>>,
    segment: RefCell<Option<Segment<'a>>>,
    directory: OnceCell<TempDir>,
    ours: &'a std::path::Path,
    peer: &'a std::path::Path,
    priority: Priority,
}

impl<'a> Bed<'a> {
    pub(crate) fn new(
        lab: &'a Lab,
        [ours, peer]: [&'a std::path::Path; 2],
        priority: Priority,
    ) -> Self {
        let [near, far] = lab.wire("near", "far");
        let (from, path, sockets) = (OnceCell::new(), RefCell::new(None), RefCell::new(None));
        let (server, segment) = (RefCell::new(None), RefCell::new(None));
        let directory = OnceCell::new();
        Self {
            near,
            far,
            lab,
            from,
            path,
            sockets,
            server,
            segment,
            directory,
            ours,
            peer,
            priority,
        }
    }

    /// Leads what the near host sends into a scripted path.
    pub(crate) fn lead_into(&self, path: &Path) {
        self.path.replace(Some(self.lab.path(&self.near, path)));
    }

    /// Makes a chain of so many links, and lets programs run at its beginning. The end is 10.1.N.2.
    pub(crate) fn begin_chain(&self, links: usize) {
        let names: Vec<_> = (0..=links).map(|n| format!("c{n}")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let mut hosts = self.lab.chain(&names);
        // The routers' are off already.
        hosts[links].sysctl("net.ipv4.icmp_ratelimit", "0");
        let _ = self.from.set(hosts.swap_remove(0));
    }

    /// Makes a segment, and lets programs run on its scanner.
    pub(crate) fn scan_on(&self, world: &World) {
        let segment = self.lab.segment(world);
        let _ = self.from.set(segment.scanner.clone());
        self.segment.replace(Some(segment));
    }

    /// Has so many ends of connections at the near host.
    pub(crate) fn connect(&self, ends: &str) {
        self.sockets.replace(Some(self.near.sockets(&["established", ends])));
    }

    /// A directory for files, which ends with the bed.
    pub(crate) fn directory(&self) -> &std::path::Path {
        self.directory.get_or_init(|| tempfile::tempdir().expect("room for files")).path()
    }

    /// Starts a name server on the far host, and waits until it listens.
    pub(crate) fn serve(&self, program: &std::path::Path, args: &[&str]) {
        self.spawn(program, args, "ss -lun", 53);
    }

    /// Starts a server of TCP on the far host, and waits until it listens.
    pub(crate) fn serve_tcp(&self, program: &std::path::Path, args: &[&str], port: u16) {
        self.spawn(program, args, "ss -ltn", port);
    }

    fn spawn(&self, program: &std::path::Path, args: &[&str], ports: &str, port: u16) {
        self.server.replace(Some(self.far.spawn(program, args)));
        self.far.sh(&format!(
            "for n in $(seq 200); do {ports} | grep -q ':{port} ' && exit; sleep 0.1; done; exit 1"
        ));
    }

    /// Has servers of TCP at the far host ([`Host::tcp`]).
    pub(crate) fn tcp(&self, orders: &[&str]) {
        self.server.replace(Some(self.far.tcp(orders)));
    }

    /// As [`Bed::run`] in the network of the near host, but with all that root may do outside of the lab.
    pub(crate) fn run_as_root(&self, side: Side, args: &str) -> Result<Run> {
        let sockets = self.sockets.borrow();
        let pid = sockets.as_ref().context("nobody has sockets")?.pid();
        let args: Vec<_> = args.split_ascii_whitespace().collect();
        Run::in_network_of(pid, self.program(side), &args)
    }

    const fn program(&self, side: Side) -> &'a std::path::Path {
        match side {
            Side::Ours => self.ours,
            Side::Peer => self.peer,
        }
    }

    /// Runs this side's program at the near host, or where the chain begins.
    pub(crate) fn run(&self, side: Side, args: &str) -> Result<Run> {
        let program = self.program(side);
        let args: Vec<_> = args.split_ascii_whitespace().collect();
        Run::of(self.from.get().unwrap_or(&self.near), self.priority, program, &args)
    }

    /// Lets a network lead to the far host.
    pub(crate) fn route(&self, network: &str) {
        self.near.sh(&format!("ip route add {network} via 192.0.2.2"));
    }
}
