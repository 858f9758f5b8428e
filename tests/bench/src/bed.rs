//! The ground a bench stands on: one lab with two hosts and a veth wire between them.

use std::path::Path;

use anyhow::Result;
use wireline_lab::{Host, Lab};

use crate::bench::Side;
use crate::run::{Priority, Run};

/// What a bench runs its programs on.
#[derive(Debug)]
pub(crate) struct Bed<'a> {
    /// 192.0.2.1: it sends.
    pub(crate) near: Host<'a>,
    /// 192.0.2.2: it answers, with nothing but the kernel.
    pub(crate) far: Host<'a>,
    ours: &'a Path,
    peer: &'a Path,
    priority: Priority,
}

impl<'a> Bed<'a> {
    pub(crate) fn new(lab: &'a Lab, [ours, peer]: [&'a Path; 2], priority: Priority) -> Self {
        let [near, far] = lab.wire("near", "far");
        Self { near, far, ours, peer, priority }
    }

    /// Runs this side's program at the near host.
    pub(crate) fn run(&self, side: Side, args: &str) -> Result<Run> {
        let program = match side {
            Side::Ours => self.ours,
            Side::Peer => self.peer,
        };
        let args: Vec<_> = args.split_ascii_whitespace().collect();
        Run::of(&self.near, self.priority, program, &args)
    }

    /// Lets a network lead to the far host.
    pub(crate) fn route(&self, network: &str) {
        self.near.sh(&format!("ip route add {network} via 192.0.2.2"));
    }
}
