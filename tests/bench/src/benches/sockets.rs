//! Listings of sockets: ours beside `ss`, and beside net-tools' netstat. Connections of one host to itself.
//!
//! In the lab nobody may load a program into the kernel, so that `-p` goes through `/proc`; as root outside
//! of it, ours asks the kernel.

use anyhow::{Result, ensure};
use nix::unistd::geteuid;

use crate::bed::Bed;
use crate::bench::{Bench, Count, Outcome, Scheduling, Side};
use crate::programs::Peer;
use crate::run::Run;
use crate::stats::count;
use crate::table::{Column, column};

const COLUMNS: &[Column] =
    &[column("CPU ms", 2), column("wall ms", 2), column("RSS MiB", 1), column("lines", 0)];

/// As many pairs as there are listings: first beside `ss`, then beside net-tools.
pub(crate) const ALL: [Bench; 12] = [
    bench("-nat, 200 sockets", Peer::Ss, two_hundred, |bed, side| lab(bed, side, "-nat", "-tan")),
    bench("-nat, 200 sockets", Peer::NetTools, two_hundred, |bed, side| {
        lab(bed, side, "-nat", "-nat")
    }),
    bench("-ntl, 100k sockets", Peer::Ss, many, |bed, side| lab(bed, side, "-ntl", "-tln")),
    bench("-ntl, 100k sockets", Peer::NetTools, many, |bed, side| lab(bed, side, "-ntl", "-ntl")),
    bench("-nat, 100k sockets", Peer::Ss, many, |bed, side| lab(bed, side, "-nat", "-tan")),
    bench("-nat, 100k sockets", Peer::NetTools, many, |bed, side| lab(bed, side, "-nat", "-nat")),
    bench("-napt, 10k sockets", Peer::Ss, some, |bed, side| lab(bed, side, "-napt", "-tanp")),
    bench("-napt, 10k sockets", Peer::NetTools, some, |bed, side| lab(bed, side, "-napt", "-napt")),
    bench("-napt, 100k sockets", Peer::Ss, many, |bed, side| lab(bed, side, "-napt", "-tanp")),
    bench("-napt, 100k sockets", Peer::NetTools, many, |bed, side| {
        lab(bed, side, "-napt", "-napt")
    }),
    bench("-napt, 100k sockets, as root", Peer::Ss, many, |bed, side| {
        root(bed, side, "-napt", "-tanp")
    }),
    bench("-napt, 100k sockets, as root", Peer::NetTools, many, |bed, side| {
        root(bed, side, "-napt", "-napt")
    }),
];

/// A million, which takes minutes and three GiB to make, and with `-p` more than a peer has patience for.
pub(crate) const MILLION: Bench = Bench {
    name: "netstat-million",
    ..bench("-nat, 1M sockets", Peer::Ss, million, |bed, side| lab(bed, side, "-nat", "-tan"))
};

const fn bench(
    about: &'static str,
    peer: Peer,
    prepare: fn(&Bed<'_>),
    once: fn(&Bed<'_>, Side) -> Result<Outcome>,
) -> Bench {
    let (scheduling, rounds) = (Scheduling::Ordinary, Count::AsAsked);
    Bench { name: "netstat", about, peer, columns: COLUMNS, scheduling, rounds, prepare, once }
}

fn two_hundred(bed: &Bed<'_>) {
    bed.connect("200");
}

fn some(bed: &Bed<'_>) {
    bed.connect("10000");
}

fn many(bed: &Bed<'_>) {
    bed.connect("100000");
}

fn million(bed: &Bed<'_>) {
    bed.connect("1000000");
}

fn lab(bed: &Bed<'_>, side: Side, ours: &str, peer: &str) -> Result<Outcome> {
    outcome(&bed.run(side, if side == Side::Ours { ours } else { peer })?)
}

fn root(bed: &Bed<'_>, side: Side, ours: &str, peer: &str) -> Result<Outcome> {
    ensure!(geteuid().is_root(), "only root may ask the kernel");
    outcome(&bed.run_as_root(side, if side == Side::Ours { ours } else { peer })?)
}

fn outcome(run: &Run) -> Result<Outcome> {
    run.succeeded()?;
    let [cpu, wall] = [run.cpu, run.wall].map(|time| time.as_secs_f64() * 1e3);
    let figures = vec![cpu, wall, run.mebibytes(), count(run.stdout.lines().count())];
    Ok(Outcome { figures, note: None })
}
