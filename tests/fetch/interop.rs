//! Ours beside Debian's curl, on the same servers and proxies: stdout, stderr, exit code and files, octet by octet, but
//! for what is another thing each time. And HTTP/3, which that curl has not.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::thread;

use tempfile::TempDir;
use wireline_lab::{Host, Lab, Run};

use super::common::ours;

/// The lines of the table that differ on purpose, and why: see docs/compat/fetch.md.
const ALLOWED: &[(&str, &[&str])] = &[
    (
        "a certificate's fault is named for what it is",
        &[
            "-sS https://localhost/",
            "-sS --cacert $D/ca.pem https://localhost:446/",
            "-sS --cacert $D/ca.pem https://localhost:447/",
            "-sS --cacert $D/ca.pem https://localhost:448/",
            "-sS --cacert $D/ca.pem https://localhost:449/",
            "-sS --cacert $D/ca.pem https://localhost:450/",
            "-sS --cacert $D/ca.pem https://localhost:456/",
            "-sS --cacert $D/ca.pem https://localhost:457/",
            "-sS --cacert $D/ca.pem https://localhost:458/",
        ],
    ),
    (
        "a name in the subject alone is none (RFC 9525 §2)",
        &["-sS --cacert $D/ca.pem https://localhost:454/"],
    ),
    (
        "failures of TLS are told in rustls' words",
        &[
            "-sS --cacert $D/ca.pem --tlsv1.3 https://localhost:451/",
            "-sS --cacert $D/ca.pem https://localhost:452/",
            "-sS https://127.0.0.1:80/",
        ],
    ),
    (
        "curl's codes of today",
        &[
            "-sS --cacert /nonexistent https://localhost/",
            "-sS -x http://127.0.0.1:801 --cacert $D/ca.pem https://localhost/",
        ],
    ),
    (
        "curl's words of today",
        &[
            "-s -o /dev/null -w '%{http_code} %{size_download} %{content_type} %{num_redirects} \
             %{url_effective} %{scheme} %{method}\\n' -L http://127.0.0.1/redirect",
            "-sS --interface nothing http://127.0.0.1/",
            "-sS --proto =https http://127.0.0.1/",
            "-sS --unix-socket /nonexistent http://x/",
            "-sS -x http://127.0.0.1:9 http://127.0.0.1/",
            "-sS 'http://127.0.0.1:99999/'",
            "-sS ftp://127.0.0.1/ --proto =http",
            "-sS http://",
            "-sS http://127.0.0.1:9/",
            "-sS",
        ],
    ),
    (
        "why a file cannot be opened is told",
        &["-sS http://127.0.0.1/ -o /nonexistent/x", "-sS -T /nonexistent http://127.0.0.1/ask"],
    ),
    (
        "the key that came is told",
        &["-sS --cacert $D/ca.pem --pinnedpubkey \
           sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= https://localhost/"],
    ),
    (
        "dates may be ISO 8601's",
        &["-s -z 2030-01-01 http://127.0.0.1/numbers.txt -w '%{http_code}'"],
    ),
];

/// So many lines are tried at once: most of the time is spent waiting.
const AT_ONCE: usize = 4;

/// The servers of `interop/servers.sh`, and who asks them.
struct World<'lab> {
    host: Host<'lab>,
    directory: TempDir,
}

fn world(lab: &Lab) -> World<'_> {
    let host = lab.host("a");
    let directory = TempDir::new().unwrap();
    let place = directory.path().display();
    std::fs::write(directory.path().join("servers.sh"), include_str!("interop/servers.sh"))
        .unwrap();
    host.sh(&format!("cd {place} && bash -e servers.sh"));
    World { host, directory }
}

#[test]
#[ignore = "needs curl, nginx, caddy, haproxy, tinyproxy, microsocks, openssl"]
fn lines_of_the_table_do_alike() {
    let lab = Lab::new();
    let world = world(&lab);
    let lines = include_str!("interop/lines.txt").lines();
    let lines: Vec<_> = lines.filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
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
        Some(_) => String::new(),
        None => difference,
    }
}

/// What differs, or nothing.
fn compare(world: &World<'_>, line: &str) -> String {
    let mut last = String::new();
    // On a busy machine a time may be over early once, but not twice.
    for _ in 0..2 {
        let theirs = run(world, Path::new("/usr/bin/curl"), line);
        let ours = run(world, &ours(), line);
        if theirs == ours {
            return String::new();
        }
        last = difference(line, &theirs, &ours);
    }
    last
}

/// Runs a line in a directory of its own, and shows what files it left.
fn run(world: &World<'_>, program: &Path, line: &str) -> Run {
    let own = tempfile::tempdir_in(&world.directory).unwrap();
    let line = match line.strip_prefix("! ") {
        Some(script) => script.to_owned(),
        None => format!("\"$F\" {line}"),
    };
    let script = format!(
        "cd '{}' || exit\n{line}\ncode=$?\nfind . -type f | sort | while read -r file; do\n\
         echo \"--- $file\"; cat \"$file\"; done\nexit $code",
        own.path().display()
    );
    let mut command = world.host.command("sh");
    command.args(["-c", &script]).env("F", program).env("D", world.directory.path());
    command.env("PATH", "/usr/bin:/bin").env("HOME", "/nonexistent").env("LC_ALL", "C");
    let run = Run::lossy(command.assert().get_output());
    Run { code: run.code, out: run.out, err: masked(&run.err) }
}

/// Stderr without the program's name, the numbers of what took how long, and where curl goes on about its manual.
fn masked(text: &str) -> String {
    let lines = text.lines().filter(|line| {
        !line.starts_with("More details here: ")
            && !line.is_empty()
            && !line.starts_with("curl failed to verify the legitimacy")
            && !line.starts_with("establish a secure connection to it.")
            && !line.starts_with("how to fix it, please visit")
    });
    let line = |line: &str| {
        let line =
            line.strip_prefix("curl: ").or_else(|| line.strip_prefix("fetch: ")).unwrap_or(line);
        let words = line.replace("'curl ", "'fetch ");
        let words: Vec<_> = words.split(' ').collect();
        let is_time = |at: usize| {
            matches!(words.get(at + 1), Some(&("ms" | "ms:" | "milliseconds" | "bytes")))
        };
        let masked = words.iter().enumerate();
        let masked: Vec<_> =
            masked.map(|(at, word)| if is_time(at) { "N" } else { word }).collect();
        masked.join(" ") + "\n"
    };
    lines.map(line).collect()
}

/// Lines that one has and the other has not, where they first part.
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
            for line in lines.iter().skip(same).take(6) {
                let line: String = line.chars().take(200).collect();
                let _ = writeln!(text, "{sign}{}", line.escape_debug());
            }
        }
    }
    text
}

/// Runs ours in the servers' directory. Arguments are cut at spaces.
fn fetch(world: &World<'_>, args: &str) -> Run {
    let args = args.replace("$D", &world.directory.path().display().to_string());
    let words: Vec<_> = args.split_whitespace().collect();
    let program: PathBuf = ours();
    let mut command = world.host.command(program);
    Run::lossy(command.args(words).env("HOME", "/nonexistent").assert().get_output())
}

#[test]
#[ignore = "needs caddy, nginx, haproxy, tinyproxy, microsocks, openssl"]
fn caddy_is_asked_over_http3() {
    let lab = Lab::new();
    let world = world(&lab);
    let only = "-sS --cacert $D/ca.pem --http3-only https://localhost:543";
    let run = fetch(&world, &format!("{only}/echo?a -w %{{http_version}}"));
    run.says("GET /echo?a HTTP/3.03");
    let run = fetch(&world, &format!("{only}/large.txt"));
    assert_eq!((run.out.len(), run.code, run.err.as_str()), (200_000, Some(0), ""));
    fetch(&world, &format!("{only}/nothing -f")).exit(22);
    fetch(&world, "-sS --http3-only https://localhost:543/").exit(60);
    // nginx has none, and says nothing to UDP.
    let run =
        fetch(&world, "-sS --cacert $D/ca.pem --http3 https://localhost:444/ -w %{http_version}");
    run.says("hello\n2");
}

#[test]
#[ignore = "needs caddy, nginx, haproxy, tinyproxy, microsocks, openssl"]
fn alternative_service_is_taken_the_next_time() {
    let lab = Lab::new();
    let world = world(&lab);
    let line =
        "-sS --cacert $D/ca.pem --alt-svc $D/alt.txt https://localhost:543/ -w %{http_version}";
    fetch(&world, line).says("hello\n2");
    fetch(&world, line).says("hello\n3");
}

/// What OpenSSL makes and rustls' own tools do not: short keys, old signatures, old versions.
#[test]
#[ignore = "needs caddy, nginx, haproxy, tinyproxy, microsocks, openssl"]
fn certificates_are_named_for_what_is_wrong_with_them() {
    let lab = Lab::new();
    let world = world(&lab);
    for (port, code) in [
        (446, "expired"),
        (447, "wrong_name"),
        (448, "self_signed"),
        // Without a word of where the intermediate is, nobody can tell it from a root.
        (449, "unknown_root"),
        (450, "unknown_root"),
        (454, "no_names"),
        (456, "weak_key"),
        (457, "weak_signature"),
        (458, "wrong_purpose"),
    ] {
        let run =
            fetch(&world, &format!("-sS --doctor --cacert $D/ca.pem https://localhost:{port}/"));
        let refused = format!("refused: {code}");
        assert_eq!((run.code, run.out.contains(&refused)), (Some(60), true), "{port} {run:?}");
        fetch(&world, &format!("-sSk -o /dev/null https://localhost:{port}/")).quiet_exit(0);
    }
    let old = fetch(&world, "-sS --cacert $D/ca.pem https://localhost:452/");
    old.complains(35, &["neither TLS 1.2 nor 1.3"]);
}
