//! Servers that are broken or mean harm: every behaviour of the lab has its outcome in `hostile.txt`. No run outlives
//! its deadline, none passes in silence what is a fault, none grows by what it is sent, and nothing raw reaches a
//! terminal.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::thread;
use std::time::Duration;

use wireline_lab::http::{FRAMES, evil};

use super::common::{Place, ours};

/// No run lasts longer, on a machine that has other work too.
const DEADLINE: Duration = Duration::from_secs(40);
/// No run has more memory, in KiB: the program with its debug code, buffers, and one gzip window.
const MEMORY: u64 = 40 << 10;
/// So many run at once.
const AT_ONCE: usize = 4;

/// A line of the table.
#[derive(Debug)]
struct Row {
    name: &'static str,
    flags: &'static str,
    codes: Vec<i32>,
    octets: Option<u64>,
    says: Vec<&'static str>,
}

fn rows() -> Vec<Row> {
    let lines = include_str!("hostile.txt").lines();
    lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(row).collect()
}

fn row(line: &'static str) -> Row {
    let fields: Vec<_> = line.split('|').map(str::trim).collect();
    let [name, flags, codes, octets, says] = fields[..] else { panic!("{line}") };
    Row {
        name,
        flags,
        codes: codes.split(' ').map(|code| code.parse().unwrap()).collect(),
        octets: (octets != "-").then(|| octets.parse().unwrap()),
        says: says.split(';').filter(|words| !words.is_empty()).collect(),
    }
}

#[test]
fn every_behaviour_has_the_outcome_that_the_table_says() {
    let place = Place::new();
    let rows = rows();
    let wrong = each(&rows, |row| row.wrong(&place.beside()));
    assert!(wrong.is_empty(), "{} of {} rows:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn no_behaviour_is_missing_in_the_table() {
    let there: BTreeSet<_> = rows().iter().map(|row| row.name.to_owned()).collect();
    let frames = FRAMES.iter().map(|name| format!("h2-{name}"));
    let all: BTreeSet<_> = evil().into_iter().map(str::to_owned).chain(frames).collect();
    assert_eq!(there, all);
}

/// What is wrong of all, some at once.
fn each(rows: &[Row], wrong: impl Fn(&Row) -> Option<String> + Sync) -> Vec<String> {
    let share = rows.len().div_ceil(AT_ONCE);
    thread::scope(|scope| {
        let work = |rows: &'_ [Row]| rows.iter().filter_map(&wrong).collect::<Vec<_>>();
        let parts: Vec<_> =
            rows.chunks(share).map(|rows| scope.spawn(move || work(rows))).collect();
        parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
    })
}

impl Row {
    fn args(&self) -> String {
        let Self { name, flags, .. } = self;
        let url = match name.strip_prefix("h2-") {
            Some(_) => format!("--http2-prior-knowledge http://127.0.0.1:{{{name}}}/"),
            None => format!("http://127.0.0.1:{{http}}/evil/{name}"),
        };
        format!("-sS {flags} {url}")
    }

    /// What is not as it should be.
    fn wrong(&self, place: &Place) -> Option<String> {
        place.write("existing.txt", "mine\n");
        let run = place.watched(&self.args(), DEADLINE);
        let mut wrong = String::new();
        if run.is_late {
            let _ = write!(wrong, " it hangs;");
        } else if !run.code.is_some_and(|code| self.codes.contains(&code)) {
            let _ = write!(wrong, " exit {:?}, not {:?};", run.code, self.codes);
        }
        if self.octets.is_some_and(|octets| octets != run.octets) {
            let _ = write!(wrong, " {} octets, not {:?};", run.octets, self.octets);
        }
        for words in &self.says {
            if !run.err.contains(words) {
                let _ = write!(wrong, " no {words:?} on stderr;");
            }
        }
        if (run.code == Some(0)) != run.err.is_empty() {
            let _ = write!(wrong, " a fault has a line on stderr, and nothing else has;");
        }
        if run.err.bytes().any(|octet| octet < b' ' && octet != b'\n') {
            let _ = write!(wrong, " control octets on stderr;");
        }
        if run.peak_kib > MEMORY {
            let _ = write!(wrong, " {} KiB of memory;", run.peak_kib);
        }
        if place.read("existing.txt") != "mine\n" {
            let _ = write!(wrong, " a file was written over;");
        }
        let err = run.err.trim_end();
        (!wrong.is_empty()).then(|| format!("{} {}:{wrong} {err:?}", self.name, self.flags))
    }
}

/// What `-OJ` leaves behind, for each name that a server gives.
const NAMED: [(&str, &[&str]); 14] = [
    ("cd-traversal", &["pwned"]),
    ("cd-abs", &["pwned-abs"]),
    ("cd-backslash", &["pwned"]),
    ("cd-dev", &["stdout"]),
    ("cd-utf8", &["na\u{ef}ve.txt"]),
    ("cd-star", &["pwned-star"]),
    ("cd-dotfile", &[]),
    ("cd-dash", &[]),
    ("cd-ctl", &[]),
    ("cd-dots", &[]),
    ("cd-empty", &[]),
    ("cd-existing", &[]),
    ("cd-long", &[]),
    ("cd-nul", &[]),
];

#[test]
fn names_of_servers_lead_nowhere_else() {
    let place = Place::new();
    for (name, files) in NAMED {
        let place = place.beside();
        place.write("existing.txt", "mine\n");
        let run = place.fetch(&format!("-sSOJ http://127.0.0.1:{{http}}/evil/{name}"));
        let mut expected: Vec<_> = files.iter().map(|name| (*name).to_owned()).collect();
        expected.push("existing.txt".to_owned());
        expected.sort();
        assert_eq!(place.files(), expected, "{name}: {run:?}");
        assert_eq!(place.read("existing.txt"), "mine\n", "{name}");
    }
}

#[test]
fn link_in_the_way_of_a_server_s_name_is_not_followed() {
    let place = Place::new();
    place.write("target", "mine\n");
    std::os::unix::fs::symlink(place.path("target"), place.path("good.txt")).unwrap();
    place.fetch("-sSOJ http://127.0.0.1:{http}/cd").exit(23);
    assert_eq!(place.read("target"), "mine\n");
}

/// What is in the jar, without its comments.
fn jar(name: &str) -> Vec<String> {
    let place = Place::new();
    place.fetch(&format!("-sS -o body -c jar http://127.0.0.1:{{http}}/evil/{name}")).exit(0);
    let jar = place.read("jar");
    jar.lines()
        .filter(|line| !line.starts_with("# ") && !line.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn cookies_of_others_and_such_as_are_none_are_not_kept() {
    for name in ["ck-super", "ck-other", "ck-ctl", "ck-tabjar", "ck-host-bad", "ck-huge"] {
        assert_eq!(jar(name), [""; 0], "{name}");
    }
}

#[test]
fn cookies_of_one_response_are_fifty_at_the_most() {
    assert_eq!(jar("ck-many").len(), 50);
}

#[test]
fn login_does_not_go_to_another_host_or_port() {
    for name in ["redir-otherhost", "redir-otherport"] {
        let place = Place::new();
        place.fetch(&format!("-sSL -u user:pass http://127.0.0.1:{{http}}/evil/{name}")).exit(0);
        let heard = place.requests();
        assert_eq!(heard.len(), 2, "{heard:?}");
        assert!(heard[0].contains("Authorization: Basic"), "{heard:?}");
        assert!(!heard[1].contains("Authorization"), "{name}: {heard:?}");
    }
}

#[test]
fn login_in_a_redirect_is_not_sent() {
    let place = Place::new();
    place.fetch("-sSL http://127.0.0.1:{http}/evil/redir-userinfo").exit(0);
    assert!(!place.requests()[1].contains("Authorization"), "{:?}", place.requests());
}

#[test]
fn cookies_given_by_hand_do_not_go_to_another_host() {
    let place = Place::new();
    place.fetch("-sSL -b a=1 -H Authorization:secret http://127.0.0.1:{http}/evil/redir-otherhost");
    let heard = place.requests();
    assert!(heard[0].contains("Cookie: a=1") && heard[0].contains("secret"), "{heard:?}");
    assert!(!heard[1].contains("a=1") && !heard[1].contains("secret"), "{heard:?}");
}

/// What a terminal is shown, which `script(1)` is.
fn on_terminal(place: &Place, args: &str) -> String {
    let line = place.filled(&format!("{} {args}", ours().display()));
    place.other("script", &["-qefc", &line, "/dev/null"]).out
}

#[test]
fn nothing_raw_reaches_a_terminal() {
    let place = Place::new();
    for args in [
        "-sS http://127.0.0.1:{http}/evil/esc-body",
        "-sSi http://127.0.0.1:{http}/evil/esc-header",
        "-sSI http://127.0.0.1:{http}/evil/esc-reason",
        "-sSv http://127.0.0.1:{http}/evil/esc-header",
        "-sSv -o body http://127.0.0.1:{http}/evil/esc-reason",
        "-sS --http2-prior-knowledge -m 5 http://127.0.0.1:{h2-goaway}/",
        "-sS --http2-prior-knowledge -m 5 http://127.0.0.1:{h2-crlf-header}/",
    ] {
        // Names of fields are bold, which is ours.
        let shown = on_terminal(&place, args).replace("\u{1b}[1m", "").replace("\u{1b}[0m", "");
        assert!(!shown.is_empty(), "{args}: nothing was shown");
        let raw = |c: char| c.is_control() && !"\r\n\t".contains(c);
        assert!(!shown.contains(raw), "{args}: {shown:?}");
    }
}

#[test]
fn octets_that_are_no_text_do_not_go_to_a_terminal() {
    let place = Place::new();
    let shown = on_terminal(&place, "http://127.0.0.1:{http}/evil/binary-body; echo exit $?");
    assert!(shown.contains("Warning: Binary output can mess up your terminal"), "{shown:?}");
    assert!(shown.contains("exit 23"), "{shown:?}");
}

#[test]
fn what_contradicts_itself_is_told_where_all_is() {
    let place = Place::new();
    for (name, word) in [("cl-and-te", "Content-Length"), ("lf-only", "LF"), ("cl-long", "excess")]
    {
        let run = place.fetch(&format!("-sSv -o body http://127.0.0.1:{{http}}/evil/{name}"));
        let notes: Vec<_> = run.err.lines().filter(|line| line.starts_with("* ")).collect();
        assert!(notes.iter().any(|note| note.contains(word)), "{name}: {notes:#?}");
    }
}
