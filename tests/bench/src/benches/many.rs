//! A network of 65534 addresses, its first and last left out: once all of them answer, once none.

use anyhow::{Result, ensure};

use crate::bed::Bed;
use crate::bench::{Bench, Count, Outcome, Scheduling, Side};
use crate::programs::Peer;
use crate::run::Run;
use crate::stats::count;
use crate::table::{Column, column};

const ADDRESSES: usize = 65_534;

const COLUMNS: &[Column] = &[
    column("wall s", 3),
    column("CPU s", 3),
    column("addresses/s", 0),
    column("lines", 0),
    column("RSS MiB", 1),
];

/// All answer.
pub(crate) const SWEEP: Bench = Bench {
    name: "sweep",
    about: "a /16 that answers, each address asked once",
    peer: Peer::Fping,
    columns: COLUMNS,
    scheduling: Scheduling::Timed,
    rounds: Count::AsAsked,
    prepare: prepare_sweep,
    once: sweep,
};

/// None answers, and both are told to ask each address three times.
pub(crate) const SILENT: Bench = Bench {
    name: "silent",
    about: "a /16 that is silent, each address asked three times",
    peer: Peer::Fping,
    columns: COLUMNS,
    scheduling: Scheduling::Ordinary,
    rounds: Count::AsAsked,
    prepare: prepare_silent,
    once: silent,
};

fn prepare_sweep(bed: &Bed<'_>) {
    bed.far.sh("ip route add local 10.77.0.0/16 dev lo; cd /proc/sys/net/ipv4
        echo 0 > icmp_ratelimit
        for limit in per_sec burst; do
            [ ! -w icmp_msgs_$limit ] || echo 1000000 > icmp_msgs_$limit
        done");
    bed.route("10.77.0.0/16");
}

fn prepare_silent(bed: &Bed<'_>) {
    bed.far.nft(
        "add table ip bench
        add chain ip bench pre { type filter hook prerouting priority -300; }
        add rule ip bench pre ip daddr 10.78.0.0/16 drop",
    );
    bed.route("10.78.0.0/16");
}

fn sweep(bed: &Bed<'_>, side: Side) -> Result<Outcome> {
    let run = bed.run(
        side,
        match side {
            Side::Ours => "--alive --retries 0 -W 0.5 --rate 0 10.77.0.0/16",
            Side::Peer => "-q -a -r 0 -t 500 -i 0 -g 10.77.0.0/16",
        },
    )?;
    ensure!(run.code < 2, "{}", run.end());
    Ok(outcome(&run))
}

/// The peer fails here: a table tells how.
fn silent(bed: &Bed<'_>, side: Side) -> Result<Outcome> {
    let run = bed.run(
        side,
        match side {
            Side::Ours => "--unreachable --retries 2 -W 0.5 --rate 0 10.78.0.0/16",
            Side::Peer => "-q -u -r 2 -t 500 -i 0 -g 10.78.0.0/16",
        },
    )?;
    ensure!(side == Side::Peer || run.code == 1, "{}", run.end());
    Ok(outcome(&run))
}

/// Addresses per second only if all of them were dealt with.
fn outcome(run: &Run) -> Outcome {
    let lines = run.stdout.lines().count();
    let (wall, cpu) = (run.wall.as_secs_f64(), run.cpu.as_secs_f64());
    let is_whole = lines == ADDRESSES;
    let rate = if is_whole { count(ADDRESSES) / wall } else { f64::NAN };
    let figures = vec![wall, cpu, rate, count(lines), run.mebibytes()];
    let note = (!is_whole).then(|| format!("{lines} of {ADDRESSES} lines, {}", run.end()));
    Outcome { figures, note }
}
