//! Everybody on a segment, by ARP: networks that are full, and such as hardly anybody is in.

use anyhow::Result;

use crate::bed::Bed;
use crate::bench::{Bench, Count, Outcome, Scheduling, Side};
use crate::programs::Peer;
use crate::stats::count;
use crate::table::{Column, column};

const COLUMNS: &[Column] = &[
    column("wall s", 3),
    column("CPU s", 3),
    column("µs CPU an address", 2),
    column("found", 0),
    column("RSS MiB", 1),
];

/// What is scanned, in whose words, and who is there.
struct Scan {
    ours: &'static str,
    peer: &'static str,
    addresses: usize,
    hosts: usize,
}

/// A full one, and one of which every 64th address answers: the far host has them.
const ONE: Scan = Scan {
    ours: "-I eth0 --plain 10.66.0.7",
    peer: "-I eth0 --plain 10.66.0.7",
    addresses: 1,
    hosts: 1,
};
const SMALL: Scan = Scan {
    ours: "-I eth0 --plain 10.67.0.0/24",
    peer: "-I eth0 --plain 10.67.0.0/24",
    addresses: 256,
    hosts: 4,
};
/// arp-scan's own pace takes it 131 s.
const POLITE: Scan = Scan {
    ours: "-I eth0 --plain 10.66.0.0/16",
    peer: "-I eth0 --plain -B 10M 10.66.0.0/16",
    addresses: 65_536,
    hosts: 65_536,
};
const DENSE: Scan = Scan {
    ours: "-I eth0 --plain --fast 10.66.0.0/16",
    peer: "-I eth0 --plain -B 100M 10.66.0.0/16",
    addresses: 65_536,
    hosts: 65_536,
};
const SPARSE: Scan = Scan {
    ours: "-I eth0 --plain --fast 10.67.0.0/16",
    peer: "-I eth0 --plain -B 100M 10.67.0.0/16",
    addresses: 65_536,
    hosts: 1_024,
};

pub(crate) const ALL: [Bench; 5] = [
    bench("arp", "one host, as it is asked for", |bed, side| scan(bed, side, &ONE)),
    bench("arp", "a /24 with four hosts, as it is asked for", |bed, side| scan(bed, side, &SMALL)),
    bench("arp", "a full /16; ours as it is asked for, arp-scan's with -B 10M", |bed, side| {
        scan(bed, side, &POLITE)
    }),
    bench("arp", "a full /16; ours with --fast, arp-scan's with -B 100M", |bed, side| {
        scan(bed, side, &DENSE)
    }),
    bench("arp", "a /16 with 1024 hosts; --fast and -B 100M", |bed, side| scan(bed, side, &SPARSE)),
];

const fn bench(
    name: &'static str,
    about: &'static str,
    once: fn(&Bed<'_>, Side) -> Result<Outcome>,
) -> Bench {
    Bench {
        name,
        about,
        peer: Peer::ArpScan,
        columns: COLUMNS,
        scheduling: Scheduling::Ordinary,
        rounds: Count::AsAsked,
        prepare,
        once,
    }
}

fn prepare(bed: &Bed<'_>) {
    bed.far.sh("ip route add local 10.66.0.0/16 dev lo
        for third in $(seq 0 255); do for last in 0 64 128 192; do
            echo route add local 10.67.$third.$last/32 dev lo
        done; done | ip -batch -");
}

fn scan(bed: &Bed<'_>, side: Side, scan: &Scan) -> Result<Outcome> {
    let run = bed.run(
        side,
        match side {
            Side::Ours => scan.ours,
            Side::Peer => scan.peer,
        },
    )?;
    run.succeeded()?;
    let lines = run.stdout.lines().filter(|line| line.starts_with("10.")).count();
    let (wall, cpu) = (run.wall.as_secs_f64(), run.cpu.as_secs_f64());
    let each = cpu * 1e6 / count(scan.addresses);
    let figures = vec![wall, cpu, each, count(lines), run.mebibytes()];
    let note = (lines != scan.hosts).then(|| format!("{lines} of {} hosts", scan.hosts));
    Ok(Outcome { figures, note })
}
