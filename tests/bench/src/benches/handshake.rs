//! Many ports of a host, and one port of many hosts. CPU time is the scanner's, and holds what the other host's
//! kernel does of the same segments: on a veth wire the sender pays for both.

use anyhow::{Result, ensure};

use crate::bed::Bed;
use crate::bench::{Bench, Count, Outcome, Scheduling, Side};
use crate::programs::Peer;
use crate::stats::count;
use crate::table::{Column, column};

const COLUMNS: &[Column] =
    &[column("open", 0), column("wall s", 3), column("CPU s", 3), column("RSS MiB", 1)];

const OPEN: usize = 30;
const HOSTS: usize = 65_536;

pub(crate) const ALL: [Bench; 4] = [
    bench(
        ("handshake-ports", "65,535 ports of a host, 30 open, half-open"),
        Peer::Nmap,
        listen,
        |bed, side| {
            scan(bed, side, ["scan 192.0.2.2 -p - --open --raw", "-n -Pn -sS -p- 192.0.2.2"], OPEN)
        },
    ),
    bench(
        ("handshake-ports", "65,535 ports of a host, 30 open, by connect(2)"),
        Peer::Nmap,
        listen,
        |bed, side| {
            scan(
                bed,
                side,
                ["scan 192.0.2.2 -p - --open --connect", "-n -Pn -sT -p- 192.0.2.2"],
                OPEN,
            )
        },
    ),
    bench(("handshake-hosts", "one port of a /16, all open"), Peer::Nmap, answer, |bed, side| {
        let ours = "scan 10.79.0.0-10.79.255.255 -p 80 --open --raw -q";
        let peer = "-n -Pn -sS -T5 --min-hostgroup 4096 -p 80 -oG - 10.79.0.0/16";
        scan(bed, side, [ours, peer], HOSTS)
    }),
    bench(("handshake-hosts", "one port of a /16, all open"), Peer::Zmap, answer, |bed, side| {
        let mac = bed.far.output("cat /sys/class/net/eth0/address");
        let peer = format!(
            "-q -p 80 -r 50000 -T 1 -c 1 -b /dev/null -i eth0 -G {} -S 192.0.2.1 10.79.0.0/16",
            mac.trim()
        );
        scan(bed, side, ["scan 10.79.0.0-10.79.255.255 -p 80 --open --raw -q", &peer], HOSTS)
    }),
];

const fn bench(
    (name, about): (&'static str, &'static str),
    peer: Peer,
    prepare: fn(&Bed<'_>),
    once: fn(&Bed<'_>, Side) -> Result<Outcome>,
) -> Bench {
    let (scheduling, rounds) = (Scheduling::Ordinary, Count::AsAsked);
    Bench { name, about, peer, columns: COLUMNS, scheduling, rounds, prepare, once }
}

fn listen(bed: &Bed<'_>) {
    let orders: Vec<_> = (0..OPEN).map(|n| format!("{}=silent", 1000 + n * 2000)).collect();
    bed.tcp(&orders.iter().map(String::as_str).collect::<Vec<_>>());
}

fn answer(bed: &Bed<'_>) {
    bed.far.sh("ip route add local 10.79.0.0/16 dev lo");
    bed.route("10.79.0.0/16");
    bed.tcp(&["80=silent"]);
}

/// Who is found is counted: a line with `open` for a port, or an address alone.
fn scan(bed: &Bed<'_>, side: Side, args: [&str; 2], all: usize) -> Result<Outcome> {
    let [ours, peer] = args;
    let run = bed.run(side, if side == Side::Ours { ours } else { peer })?;
    let is_found = |line: &&str| {
        let is_port = line.contains("/tcp") && line.contains("open");
        is_port || line.contains("80/open") || line.parse::<std::net::IpAddr>().is_ok()
    };
    let found = run.stdout.lines().filter(is_found).count();
    ensure!(side == Side::Peer || found == all, "{found} of {all}: {}", run.end());
    let (wall, cpu) = (run.wall.as_secs_f64(), run.cpu.as_secs_f64());
    let figures = vec![count(found), wall, cpu, run.mebibytes()];
    let note = (found != all).then(|| format!("{found} of {all} found"));
    Ok(Outcome { figures, note })
}
