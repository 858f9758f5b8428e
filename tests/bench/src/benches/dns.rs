//! Questions to a name server: one beside dig and kdig, and many beside dnsperf and `dig -f`.
//!
//! The server is knotd with a wildcard, so that it has every name and little to do. dnsperf only counts the
//! answers; ours prints each.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::bed::Bed;
use crate::bench::{Bench, Count, Outcome, Scheduling, Side};
use crate::programs::Peer;
use crate::run::Run;
use crate::stats::count;
use crate::table::{Column, column};

const ONE: &[Column] = &[column("wall ms", 2), column("CPU ms", 2), column("RSS MiB", 1)];

const MANY: &[Column] = &[
    column("queries/s", 0),
    column("CPU us/query", 2),
    column("RSS MiB", 1),
    column("unanswered", 0),
];

/// As many as a batch has; `dig -f` has patience for fewer.
const NAMES: usize = 1_000_000;
const FEW: usize = 10_000;

pub(crate) const ALL: [Bench; 4] = [
    start("one question, the whole process", Peer::Dig),
    start("one question, the whole process", Peer::Kdig),
    batch("a million names", Peer::Dnsperf, |bed| prepare(bed, NAMES), |bed, side| {
        once(bed, side, NAMES)
    }),
    batch("ten thousand names", Peer::Dig, |bed| prepare(bed, FEW), |bed, side| {
        once(bed, side, FEW)
    }),
];

const fn start(about: &'static str, peer: Peer) -> Bench {
    Bench {
        name: "dig",
        about,
        peer,
        columns: ONE,
        scheduling: Scheduling::Ordinary,
        rounds: Count::Always(100),
        prepare: |bed| prepare(bed, 1),
        once: one,
    }
}

const fn batch(
    about: &'static str,
    peer: Peer,
    prepare: fn(&Bed<'_>),
    once: fn(&Bed<'_>, Side) -> Result<Outcome>,
) -> Bench {
    let (scheduling, rounds) = (Scheduling::Ordinary, Count::AsAsked);
    Bench { name: "dig-batch", about, peer, columns: MANY, scheduling, rounds, prepare, once }
}

const ZONE: &str = "@ 300 SOA ns host 1 3600 900 86400 60\n@ NS ns\nns A 192.0.2.2\n* A 192.0.2.1\n";

/// A server at the far host, and files of names.
fn prepare(bed: &Bed<'_>, names: usize) {
    let directory = bed.directory();
    let line = |n| format!("n{n}.bulk.lab\n");
    let lines: String = (0..names).map(line).collect();
    write(&directory.join("queries"), &lines.replace('\n', " A\n"));
    write(&directory.join("names"), &lines);
    write(&directory.join("bulk.lab"), ZONE);
    let at = directory.display();
    let conf = format!(
        "server:\n  listen: 192.0.2.2@53\n  rundir: {at}\ndatabase:\n  storage: {at}\n\
         log:\n- target: stderr\n  any: critical\n\
         zone:\n- domain: bulk.lab\n  storage: {at}\n  file: bulk.lab\n"
    );
    let file = directory.join("knot.conf");
    write(&file, &conf);
    bed.serve(Path::new("/usr/sbin/knotd"), &["-c", &file.display().to_string()]);
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("room for files");
}

fn one(bed: &Bed<'_>, side: Side) -> Result<Outcome> {
    let run = bed.run(side, "@192.0.2.2 n0.bulk.lab")?;
    run.succeeded()?;
    let [wall, cpu] = [run.wall, run.cpu].map(|time| time.as_secs_f64() * 1e3);
    Ok(Outcome { figures: vec![wall, cpu, run.mebibytes()], note: None })
}

fn once(bed: &Bed<'_>, side: Side, names: usize) -> Result<Outcome> {
    let directory = bed.directory().display();
    let run = match (side, names) {
        (Side::Peer, NAMES) => {
            bed.run(side, &format!("-s 192.0.2.2 -d {directory}/queries -n 1 -q 100"))
        }
        _ => bed.run(side, &format!("@192.0.2.2 +short -f {directory}/names")),
    }?;
    run.succeeded()?;
    let answered = completed(&run).unwrap_or_else(|| run.stdout.lines().count());
    Ok(outcome(&run, answered, names))
}

/// What dnsperf counts.
fn completed(run: &Run) -> Option<usize> {
    let mut lines = run.stdout.lines();
    let rest = lines.find_map(|line| line.trim().strip_prefix("Queries completed:"))?;
    rest.split_ascii_whitespace().next()?.parse().ok()
}

fn outcome(run: &Run, answered: usize, names: usize) -> Outcome {
    let rate = count(answered) / run.wall.as_secs_f64();
    let cpu = run.cpu.as_secs_f64() * 1e6 / count(names);
    let unanswered = names.saturating_sub(answered);
    let note = (unanswered > 0).then(|| format!("{unanswered} unanswered"));
    Outcome { figures: vec![rate, cpu, run.mebibytes(), count(unanswered)], note }
}
