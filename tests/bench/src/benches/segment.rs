//! A segment: who is found on it, how long that takes and what it costs.
//!
//! CPU time is the scanner's, and holds what the other host's kernel does of the same packets: on a veth wire
//! the sender pays for both.

use anyhow::{Result, ensure};
use wireline_lab::segment::World;

use crate::bed::Bed;
use crate::bench::{Bench, Count, Outcome, Scheduling, Side};
use crate::programs::Peer;
use crate::run::Run;
use crate::stats::count;
use crate::table::{Column, column};

const MANY: &[Column] = &[
    column("found", 0),
    column("wall s", 3),
    column("CPU s", 3),
    column("CPU us/probe", 2),
    column("RSS MiB", 1),
];

const ONE: &[Column] =
    &[column("found", 0), column("wall ms", 1), column("CPU ms", 2), column("RSS MiB", 1)];

/// Peers that are told nothing are slow: a /16 takes arp-scan 131 s, and half of that for each host that is
/// silent. `-B 100M` is where it is fastest.
pub(crate) const ALL: [Bench; 8] = [
    many("a /24, 4 answer", few, |bed, side| scan(bed, side, ["", ""], &FEW)),
    many("a /24, 4 answer, --fast beside -B 100M", few, |bed, side| {
        scan(bed, side, ["--fast", "-B 100M"], &FEW)
    }),
    many("a /16, all answer, --fast beside -B 100M", dense, |bed, side| {
        scan(bed, side, ["--fast", "-B 100M"], &DENSE)
    }),
    many("a /16, 1,024 answer, --fast beside -B 100M", sparse, |bed, side| {
        scan(bed, side, ["--fast", "-B 100M"], &SPARSE)
    }),
    Bench {
        rounds: Count::Always(1),
        ..many("a /16, all answer, beside -B 10M", dense, |bed, side| {
            scan(bed, side, ["", "-B 10M"], &DENSE)
        })
    },
    Bench {
        rounds: Count::Always(3),
        ..many(
            "a /20, all answer, 70,000 other frames a second, beside -B 10M",
            flood,
            |bed, side| scan(bed, side, ["", "-B 10M"], &FLOOD),
        )
    },
    one("one host, the whole process", Peer::ArpScan, |bed, side| {
        whole(bed, side, ["-q -I eth0 192.0.2.9", "-q -I eth0 192.0.2.9"])
    }),
    one("one host, the whole process", Peer::Arping, |bed, side| {
        whole(bed, side, ["arping -f -c 1 -I eth0 192.0.2.9", "-f -c 1 -I eth0 192.0.2.9"])
    }),
];

/// What a scan is of.
struct Field {
    network: &'static str,
    /// Who is there.
    hosts: usize,
    /// Requests that it takes where nothing is lost: two to each who is silent.
    probes: usize,
}

const FEW: Field = Field { network: "192.0.2.0/24", hosts: 4, probes: 508 };
const DENSE: Field = Field { network: "198.18.0.0/16", hosts: 65_536, probes: 65_536 };
const SPARSE: Field = Field { network: "198.18.0.0/16", hosts: 1_024, probes: 130_048 };
const FLOOD: Field = Field { network: "198.18.0.0/20", hosts: 4_096, probes: 4_096 };

const fn many(
    about: &'static str,
    prepare: fn(&Bed<'_>),
    once: fn(&Bed<'_>, Side) -> Result<Outcome>,
) -> Bench {
    let (peer, scheduling, rounds) = (Peer::ArpScan, Scheduling::Ordinary, Count::AsAsked);
    Bench { name: "arp-scan", about, peer, columns: MANY, scheduling, rounds, prepare, once }
}

const fn one(
    about: &'static str,
    peer: Peer,
    once: fn(&Bed<'_>, Side) -> Result<Outcome>,
) -> Bench {
    let (scheduling, rounds, prepare) = (Scheduling::Ordinary, Count::Always(20), few as _);
    Bench { name: "arp-scan-one", about, peer, columns: ONE, scheduling, rounds, prepare, once }
}

fn few(bed: &Bed<'_>) {
    bed.scan_on(
        &World::new().sparse("192.0.2.9/32", 1).sparse("192.0.2.128/25", 50).kernels_only(),
    );
}

/// A scanner on networks that are set aside for measuring (RFC 2544).
fn wide() -> World {
    World::new().scanner("198.19.255.254/15")
}

fn dense(bed: &Bed<'_>) {
    bed.scan_on(&wide().dense("198.18.0.0/16").kernels_only());
}

fn sparse(bed: &Bed<'_>) {
    bed.scan_on(&wide().sparse("198.18.0.0/16", 64).kernels_only());
}

fn flood(bed: &Bed<'_>) {
    bed.scan_on(&wide().dense("198.18.0.0/20").flood(70_000));
}

fn scan(bed: &Bed<'_>, side: Side, args: [&str; 2], field: &Field) -> Result<Outcome> {
    let args = args[usize::from(side == Side::Peer)];
    let run = bed.run(side, &format!("-I eth0 {args} {}", field.network))?;
    ensure!(run.code == 0, "{}", run.end());
    let (found, wall, cpu) = (found(&run), run.wall.as_secs_f64(), run.cpu.as_secs_f64());
    let a_probe = cpu * 1e6 / count(field.probes);
    let figures = vec![count(found), wall, cpu, a_probe, run.mebibytes()];
    let is_whole = found == field.hosts;
    let note = (!is_whole).then(|| format!("{found} of {} hosts", field.hosts));
    Ok(Outcome { figures, note })
}

fn whole(bed: &Bed<'_>, side: Side, args: [&str; 2]) -> Result<Outcome> {
    let run = bed.run(side, args[usize::from(side == Side::Peer)])?;
    run.succeeded()?;
    let [wall, cpu] = [run.wall, run.cpu].map(|time| time.as_secs_f64() * 1e3);
    Ok(Outcome { figures: vec![count(found(&run)), wall, cpu, run.mebibytes()], note: None })
}

/// Lines with a link-layer address of the other kernel.
fn found(run: &Run) -> usize {
    let is_host = |line: &&str| line.to_ascii_lowercase().contains("00:00:5e:00:53:02");
    run.stdout.lines().filter(is_host).count()
}
