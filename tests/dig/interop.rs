//! Ours beside Debian's dig, on the same servers: stdout, stderr and the exit code, octet by octet, but for what
//! is another thing each time.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::thread;

use wireline_lab::Lab;

use crate::common::{Run, ours};
use crate::mask::masked;
use crate::servers::{NAMES, World, world};

fn theirs() -> PathBuf {
    PathBuf::from("/usr/bin/dig")
}

/// The lines of the table that differ on purpose, and why: see docs/compat/dig.md.
const ALLOWED: &[(&str, &[&str])] = &[
    (
        "why a connection is none is told",
        &[
            "+tls +tls-ca=ca.pem +tls-hostname=other.name $N a.types.lab +tries=1 +time=2",
            "+tls +tls-ca=/nonexistent $N a.types.lab +tries=1 +time=2",
            "+https=/nothere $N a.types.lab +tries=1 +time=2",
        ],
    ),
    ("an error is one line", &["-f /nonexistent"]),
    ("stderr is silent where all went well", &["$G xn--bcher-kva.good.lab +idnout"]),
    (
        "a key that cannot be made or read is the end",
        &[
            "-y hmac-foo:key:c2VjcmV0 $N www.dyn.lab",
            "-y hmac-sha256:key:!!! $N www.dyn.lab",
            "-k /nonexistent $N www.dyn.lab",
        ],
    ),
    ("texts of our own", &["-h", "-v", "-m -v"]),
    ("nothing raw reaches a terminal, be it the person's own", &["$G 'tab\tand blank.good.lab'"]),
    // With +nobesteffort all of these are alike.
    (
        "records behind data that are too short for their type are shown, and those data as octets",
        &[
            "$E a0.evil",
            "$E aaaa15.evil AAAA",
            "$E txt0.evil TXT",
            "$E txtlong.evil TXT",
            "$E mx1.evil MX",
            "$E soashort.evil SOA",
            "$E optlong.evil +tries=1",
        ],
    ),
    (
        "records beside data that are wrong otherwise are shown, in place of a dump",
        &[
            "$E a5.evil",
            "$E loc.evil LOC",
            "$E caa.evil CAA",
            "$E svcbdup.evil SVCB",
            "$E nseclen0.evil NSEC",
            "$E nseclen33.evil NSEC",
            "$E everyoption.evil +tries=1",
            "$E edeesc.evil",
            "$E edeshort.evil +tries=1",
            "$E ecsbad.evil +tries=1",
            "$E cookieshort.evil",
        ],
    ),
    (
        "dig gives up on the only server of a zone as soon as it has asked it",
        &["$U +nssearch good.lab"],
    ),
];

/// So many lines are tried at once: most of the time is spent waiting.
const AT_ONCE: usize = 8;

#[test]
#[ignore = "needs bind9, bind9-dnsutils, nsd, unbound, openssl"]
fn lines_of_the_table_are_answered_alike() {
    let lab = Lab::new();
    let world = world(&lab);
    let lines: Vec<_> = include_str!("interop/lines.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    let differences: String = thread::scope(|scope| {
        let parts = (0..AT_ONCE).map(|first| {
            let (world, part) = (&world, lines.iter().skip(first).step_by(AT_ONCE));
            scope.spawn(move || part.map(|line| judge(world, line)).collect::<String>())
        });
        let parts: Vec<_> = parts.collect();
        parts.into_iter().map(|part| part.join().unwrap()).collect()
    });
    let count = differences.matches("\n=== ").count();
    assert!(differences.is_empty(), "{count} of {} lines differ\n{differences}", lines.len());
}

/// What differs and may not, or does not and is said to.
fn judge(world: &World<'_>, line: &str) -> String {
    let difference = compare(world, line);
    match ALLOWED.iter().find(|(_why, lines)| lines.contains(&line)) {
        Some((why, _)) if difference.is_empty() => format!("\n=== {line}\nno longer: {why}\n"),
        Some(_) if std::env::var_os("DIG_SHOW_ALLOWED").is_none() => String::new(),
        _ => difference,
    }
}

/// What differs, or nothing.
fn compare(world: &World<'_>, line: &str) -> String {
    let mut last = String::new();
    // On a busy machine an answer may come late once, but not twice.
    for _ in 0..2 {
        let theirs = run(world, &theirs(), line);
        let ours = run(world, &ours(), line);
        if theirs == ours {
            return String::new();
        }
        last = difference(line, &theirs, &ours);
    }
    last
}

fn run(world: &World<'_>, program: &Path, line: &str) -> Run {
    let script = match line.strip_prefix("! ") {
        Some(script) => script.to_owned(),
        None => format!("exec \"$DIG\" {line}"),
    };
    // A namespace of mounts is entered at its root.
    let script = format!("cd '{}' || exit\n{script}", world.directory.path().display());
    let mut command = world.client.command("sh");
    command.args(["-c", &script]).env("DIG", program).env("PATH", "/usr/bin:/bin");
    command.envs(NAMES).env("HOME", "/nonexistent");
    let mut run = Run::of(command.assert().get_output());
    (run.out, run.err) = (masked(&run.out), masked(&run.err));
    run.err = run.err.replace(&program.display().to_string(), "dig");
    run
}

/// Lines that one has and the other has not, where they first part, with a little before.
fn difference(line: &str, theirs: &Run, ours: &Run) -> String {
    let mut text = format!("\n=== {line}\n");
    if theirs.code != ours.code {
        let _ = writeln!(text, "exit code: theirs {:?}, ours {:?}", theirs.code, ours.code);
    }
    for (what, theirs, ours) in [("out", &theirs.out, &ours.out), ("err", &theirs.err, &ours.err)] {
        if theirs == ours {
            continue;
        }
        let [theirs, ours]: [Vec<_>; 2] = [theirs, ours].map(|text| text.split('\n').collect());
        let same = theirs.iter().zip(&ours).take_while(|(theirs, ours)| theirs == ours).count();
        let _ = writeln!(text, "std{what} from line {}:", same + 1);
        for (sign, lines) in [('-', &theirs), ('+', &ours)] {
            for line in lines.iter().skip(same).take(8) {
                let _ = writeln!(text, "{sign}{}", line.escape_debug());
            }
        }
    }
    text
}
