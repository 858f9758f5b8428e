//! `--explain` and `--pretty`: for those who read.

use wireline_lab::{Host, Lab};

use crate::common::{netstat, ours};

fn host(lab: &Lab) -> Host<'_> {
    let host = lab.host("a");
    host.sh("ip link set lo up");
    host
}

/// Without what is there for the eye, and without queues, which the kernel may still be about.
fn words(line: &str) -> Vec<&str> {
    let words: Vec<_> = line.split_whitespace().collect();
    match words.as_slice() {
        [protocol, _, _, rest @ ..] if !matches!(*protocol, "unix" | "Active") => {
            [&[*protocol], rest].concat()
        }
        _ => words,
    }
}

#[test]
fn states_that_are_there_are_explained_below_the_listing() {
    let lab = Lab::new();
    let host = host(&lab);
    let _sockets = host.sockets(&["half-closed", "20"]);
    let plain = netstat(&host, "-tan").out;
    let explained = netstat(&host, "-tan --explain").out;
    let below = explained.strip_prefix(&plain).expect("the listing as always");
    for line in [
        "LISTEN (RFC 9293: LISTEN): 1",
        "FIN_WAIT2 (RFC 9293: FIN-WAIT-2): 10",
        "CLOSE_WAIT (RFC 9293: CLOSE-WAIT): 10",
    ] {
        assert!(below.contains(&format!("\n{line}\n")), "{line}: {below}");
    }
    assert_eq!(below.matches("RFC 9293").count(), 3, "{below}");
    assert!(below.contains("|     10      |"), "{below}");
}

#[test]
fn all_states_are_explained_where_there_are_none() {
    let lab = Lab::new();
    let host = lab.host("a");
    let run = netstat(&host, "-tan --explain");
    assert_eq!((run.out.matches("RFC 9293").count(), run.code), (11, Some(0)), "{run:?}");
}

#[test]
fn every_state_is_counted() {
    let lab = Lab::new();
    let host = host(&lab);
    let _sockets = host.sockets_of_all_states();
    let lines = netstat(&host, "-tan --explain --json").json();
    let told: Vec<_> = lines.iter().filter(|line| line["event"] == "state").collect();
    assert!(told.len() >= 10, "{told:?}");
    for state in told {
        let is_so = |line: &&serde_json::Value| {
            line["event"] == "socket"
                && line["protocol"] == "tcp"
                && line["state"] == state["state"]
        };
        assert_eq!(state["sockets"], lines.iter().filter(is_so).count(), "{state}");
    }
}

/// Whether both have the same rows. Only names of programs are longer, where people read them.
fn are_alike(plain: &str, pretty: &str) -> bool {
    let is_start = |(one, other): (&&str, &&str)| other.starts_with(*one);
    let is_alike = |(plain, pretty)| {
        let (plain, pretty) = (words(plain), words(pretty));
        plain.len() == pretty.len() && plain.iter().zip(&pretty).all(is_start)
    };
    plain.lines().count() == pretty.lines().count()
        && plain.lines().zip(pretty.lines()).all(is_alike)
}

#[test]
fn pretty_rows_are_those_of_the_listing() {
    let lab = Lab::new();
    let host = host(&lab);
    let _sockets = host.sockets_of_all_states();
    for args in ["-tuwxanW", "-tuanWpe", "-tlnW", "-xlp"] {
        // States still change for a while, as what is lost is sent again.
        let mut looks = (0..20).map(|_| {
            let plain = netstat(&host, args).out;
            let pretty = netstat(&host, &format!("{args} --pretty")).out;
            if are_alike(&plain, &pretty) {
                return Ok(());
            }
            host.sh("sleep 0.5");
            Err((plain, pretty))
        });
        let first = looks.next();
        if let Some(Err(first)) = first {
            assert!(looks.any(|look| look.is_ok()), "{args}: {first:?}");
        }
    }
}

#[test]
fn columns_are_aligned_and_nothing_is_cut_in_a_pipe() {
    let lab = Lab::new();
    let host = host(&lab);
    let _sockets = host.sockets_of_all_states();
    let out = netstat(&host, "-tanp --pretty").out;
    let rows: Vec<_> = out.lines().skip(1).collect();
    assert!(!out.contains('\u{1b}') && !out.contains('…'), "{out}");
    assert!(out.contains("2001:db8:1111:2222:3333:4444:5555:6666:33060  "), "{out}");
    assert!(out.contains("/wireline-sockets\n"), "the name is whole: {out}");
    let at = rows[0].find("State").expect("a column");
    let is_state = |row: &&str| row[at..].starts_with(|c: char| c.is_ascii_uppercase());
    assert!(rows[1..].iter().all(|row| is_state(row) && row.as_bytes()[at - 1] == b' '), "{out}");
}

/// On a terminal of so many columns.
fn on_a_terminal(host: &Host<'_>, environment: &str, columns: u16, args: &str) -> String {
    let program = format!("stty cols {columns}; {} {args}", ours().display());
    host.output(&format!("{environment} script -qec '{program}' /dev/null </dev/null"))
}

#[test]
fn terminal_has_colours_unless_somebody_wants_none() {
    let lab = Lab::new();
    let host = host(&lab);
    let _sockets = host.sockets(&["established", "2"]);
    let green = "\u{1b}[32mESTABLISHED\u{1b}[0m";
    for (environment, is_coloured) in [
        ("TERM=xterm", true),
        ("TERM=xterm NO_COLOR=", true),
        ("TERM=xterm NO_COLOR=1", false),
        ("TERM=dumb", false),
    ] {
        let out = on_a_terminal(&host, environment, 200, "-tan --pretty");
        assert_eq!(out.contains(green), is_coloured, "{environment}: {out:?}");
        assert_eq!(out.contains('\u{1b}'), is_coloured, "{environment}: {out:?}");
    }
}

#[test]
fn narrow_terminal_cuts_unless_it_is_to_be_wide() {
    let lab = Lab::new();
    let host = host(&lab);
    let _sockets = host.sockets_of_all_states();
    let out = on_a_terminal(&host, "TERM=dumb", 80, "-tanp --pretty");
    assert!(out.contains("…:33060 "), "{out}");
    assert!(out.lines().all(|line| line.trim_end().chars().count() <= 80), "{out}");
    let out = on_a_terminal(&host, "TERM=dumb", 80, "-tanpW --pretty");
    assert!(!out.contains('…') && out.contains("3333:4444:5555:6666:33060"), "{out}");
}

#[test]
fn what_does_not_go_together_is_refused_by_name() {
    let lab = Lab::new();
    let host = host(&lab);
    for (args, why) in [
        ("--pretty --json", "--pretty does not go with --json"),
        ("--pretty -r", "--pretty does not go with -r"),
        ("--explain -s", "--explain does not go with -s"),
        ("--diagnose --pretty", "--diagnose does not go with --pretty"),
    ] {
        let run = netstat(&host, args);
        assert_eq!(
            (run.code, run.err),
            (Some(3), format!("netstat: {why} (try --help)\n")),
            "{args}"
        );
    }
}
