//! Sockets and processes that come and go while they are listed, names that strangers chose, and what a
//! process may not see.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use wireline_lab::{Background, Host, Lab, program};

use crate::common::{NOTICE, Run, netstat, ours, run};

/// A quoted path.
fn sockets_program() -> String {
    format!("'{}'", program("wireline-sockets").display())
}

/// Opens and closes sockets, by processes that begin and end, until the handle is dropped.
fn churn(host: &Host<'_>) -> Background {
    host.sysctl("net.ipv4.tcp_max_tw_buckets", "500");
    // The number behind the count gives it an address of its own: 127.1.0.9.
    let script = format!(
        "echo; while :; do {0} established 100/9 < /dev/null; {0} udp 50/9 < /dev/null; done",
        sockets_program()
    );
    let mut churn = host.spawn("sh", ["-c", &script]);
    churn.line();
    churn
}

/// Both ends, of rows of TCP or UDP.
fn ends(run: &Run) -> Vec<(String, String)> {
    let rows = run.out.lines().filter(|line| line.starts_with("tcp") || line.starts_with("udp"));
    let ends = rows.map(|line| {
        let words: Vec<_> = line.split_whitespace().collect();
        (words[3].to_owned(), words[4].to_owned())
    });
    ends.collect()
}

#[test]
fn no_stable_socket_is_missing_or_comes_twice_while_others_come_and_go() {
    let lab = Lab::new();
    let host = lab.host("a");
    let _stable = host.sockets(&["established", "3000"]);
    let stable: BTreeSet<_> = ends(&netstat(&host, "-nat")).into_iter().collect();
    assert_eq!(stable.len(), 3001);
    let _churn = churn(&host);
    let mut others = BTreeSet::new();
    for round in 0..12 {
        let run = netstat(&host, if round % 2 == 0 { "-nat" } else { "-napt" });
        assert_eq!((run.code, run.complaints().as_str()), (Some(0), ""));
        let mut counts = BTreeMap::new();
        for ends in ends(&run) {
            *counts.entry(ends).or_insert(0) += 1;
        }
        for ends in &stable {
            assert_eq!(counts.get(ends), Some(&1), "{ends:?} in round {round}");
        }
        others.extend(counts.into_keys().filter(|ends| !stable.contains(ends)));
    }
    assert!(others.len() > 200, "nothing came and went: {}", others.len());
}

#[test]
fn no_cookie_comes_twice_while_sockets_come_and_go() {
    let lab = Lab::new();
    let host = lab.host("a");
    let _stable = host.sockets(&["established", "1000"]);
    let _churn = churn(&host);
    for _ in 0..6 {
        let rows = netstat(&host, "-natu --json").json();
        let cookies: Vec<_> = rows.iter().filter_map(|row| row["cookie"].as_u64()).collect();
        let different: BTreeSet<_> = cookies.iter().collect();
        assert!(cookies.len() > 1000);
        assert_eq!(cookies.len(), different.len());
    }
}

#[test]
fn owners_that_stay_are_named_while_processes_die() {
    let lab = Lab::new();
    let host = lab.host("a");
    let stable = host.sockets(&["established", "500"]);
    let _churn = churn(&host);
    let owner = format!("{}/wireline-", stable.pid());
    for _ in 0..8 {
        let run = netstat(&host, "-napt");
        assert_eq!((run.code, run.complaints().as_str()), (Some(0), ""));
        let own = run.out.lines().filter(|line| line.contains("127.1.0.1:"));
        let own: Vec<_> = own.collect();
        assert_eq!(own.len(), 501);
        assert!(own.iter().all(|line| line.contains(&owner)), "{}", run.out);
    }
}

/// What the column shows of a process with one socket that was started by this name.
fn shown_as(host: &Host<'_>, name: &str) -> (u32, String, Run) {
    let script = format!("exec -a {name} {} udp 1", sockets_program());
    let mut process = host.spawn("bash", ["-c", &script]);
    assert_eq!(process.line().as_deref(), Some("ready"));
    let run = netstat(host, "-nuap");
    let row = run.out.lines().find(|line| line.starts_with("udp ")).expect("a socket");
    // The state is not said, and the column is the last.
    let column = row[79..].trim_start().to_owned();
    let json = netstat(host, "-nuap --json");
    assert_eq!(json.json().len(), 3, "one object a line, whatever the name");
    (process.pid(), column, run)
}

#[test]
fn names_that_strangers_chose_move_no_cursor_and_no_column() {
    let lab = Lab::new();
    let host = lab.host("a");
    for (name, shown) in [
        ("$'/bin/a\\e[31m\\nroot\\xff'", "a.[31m.root."),
        ("$'\\r\\n\\ttcp  0'", "...tcp  0"),
        ("$'\\xc2\\x9b31m'", "..31m"),
        ("''", ""),
        ("/", ""),
        ("'-'", "-"),
        ("$(printf '%04096d' 7)", "0000000000000000000"),
        ("$(printf '/%04096d/x' 7)", "0000000000000000000"),
    ] {
        let (pid, column, run) = shown_as(&host, name);
        let whole = format!("{pid}/{shown}");
        assert_eq!(column.trim_end(), whole[..whole.len().min(19)].trim_end(), "{name}");
        let is_plain = |octet: u8| octet == b'\n' || (b' '..=b'~').contains(&octet);
        assert!(run.out.bytes().all(is_plain), "{name}");
        assert_eq!((run.out.lines().count(), run.code), (3, Some(0)), "{name}");
    }
}

#[test]
fn process_has_the_number_that_is_seen_from_here() {
    let lab = Lab::new();
    let host = lab.host("a");
    let script = format!(
        "(sleep 60 | {} udp 1) > /run/inside & inside=$!
        until grep -q ready /run/inside; do sleep 0.02; done
        cat /proc/[0-9]*/comm > /dev/null; {} -nuap",
        sockets_program(),
        ours().display()
    );
    let inside = host.output(&format!(
        "unshare --pid --fork --mount-proc sh -ec '{}'",
        script.replace('\'', "'\\''")
    ));
    let column = inside.lines().nth(2).unwrap()[79..].trim().to_owned();
    let (pid, name) = column.split_once('/').unwrap();
    assert!(pid.parse::<u32>().unwrap() < 20, "that of outside: {column}");
    assert!(name.starts_with("wireline-"), "{column}");
}

#[test]
fn processes_that_are_hidden_have_no_names_and_nobody_complains() {
    let lab = Lab::new();
    if !lab.has_users() {
        return;
    }
    let host = lab.host("a");
    let _sockets = host.sockets(&["udp", "2"]);
    let look = |more: &str| {
        host.output(&format!(
            "cp '{0}' /run/netstat; unshare --mount --pid --fork sh -ec '
            mount -t proc -o hidepid={more} proc /proc
            (sleep 60 | {1} udp 1) > /run/hidden & until grep -q ready /run/hidden; do sleep 0.02; done
            setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all /run/netstat -nuap 2>&1'",
            ours().display(),
            sockets_program().trim_matches('\'')
        ))
    };
    let (hidden, plain) = (look("2"), look("0"));
    assert_eq!(hidden.lines().filter(|line| line.trim_end().ends_with('-')).count(), 3, "{hidden}");
    assert!(hidden.starts_with("Active "), "as in net-tools, which cannot know either: {hidden}");
    assert!(plain.starts_with("(No info could be read for \"-p\": geteuid()=65534"), "{plain}");
}

#[test]
fn both_notices_are_given_to_those_who_see_less() {
    let lab = Lab::new();
    if !lab.has_users() {
        return;
    }
    let host = lab.host("a");
    let _roots = host.sockets(&["udp", "1"]);
    let nobody = |args: &str| {
        let mut command = host.as_nobody(ours());
        let output = command.args(args.split(' ')).output().unwrap();
        let text = |octets: Vec<u8>| String::from_utf8(octets).unwrap();
        (text(output.stdout), text(output.stderr))
    };
    let (out, err) = nobody("-nuap");
    assert_eq!(
        err,
        "(No info could be read for \"-p\": geteuid()=65534 but you should be root.)\n"
    );
    assert_eq!(out.lines().count(), 3, "the rows are there: {out}");
    host.sh(&format!(
        "cp {} /run/nobodys; setpriv --reuid=65534 --regid=65534 --clear-groups sh -c \
         '(sleep 60 | /run/nobodys udp 1) > /dev/null 2>&1 &'
        until [ $({} -nua | wc -l) = 4 ]; do sleep 0.02; done",
        sockets_program(),
        ours().display()
    ));
    let (out, err) = nobody("-nuap");
    assert_eq!(
        err,
        "(Not all processes could be identified, non-owned process info\n \
         will not be shown, you would have to be root to see it all.)\n"
    );
    let named = out.lines().filter(|line| line.contains("/nobodys")).count();
    assert_eq!((named, out.lines().count()), (1, 4), "{out}");
    assert_eq!(nobody("-nua").1, "", "who does not ask is not told");
}

#[test]
fn sockets_that_cannot_be_written_are_an_error() {
    let lab = Lab::new();
    let host = lab.host("a");
    let _sockets = host.sockets(&["established", "4000"]);
    for args in ["-nat", "-napt", "-ntl", "-x", "-a", "-nat --json", "-natc"] {
        let full = format!("c=0; {} {args} 2>&1 > /dev/full || c=$?; echo $c", ours().display());
        let said = host.output(&full).replace(NOTICE, "");
        assert_eq!(said, "netstat: write error: No space left on device\n1\n", "{args}");
        let closed = format!("{} {args} 2>&1 | head -1 | wc -l", ours().display());
        assert_eq!(host.output(&closed).trim(), "1", "{args}: who has read enough is no error");
    }
}

#[test]
fn odd_names_of_interfaces_are_spelled_out() {
    let lab = Lab::new();
    let host = lab.host("a");
    host.sh("name() { printf \"$1\"; }
        for pair in 'a\\033[31m b\\302\\233c' 'c\\377\\001\\177 d\"\\,{}'; do
            one=$(name \"${pair% *}\"); other=$(name \"${pair#* }\")
            ip link add \"$one\" type veth peer name \"$other\"
            ip link set \"$one\" up; ip link set \"$other\" up
        done
        ip route add 10.9.0.0/16 dev \"$(name 'a\\033[31m')\"");
    for args in ["-ia", "-iae", "-rn", "-r6n", "-gn"] {
        let run = netstat(&host, args);
        assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{args}");
        let moves = |letter: char| letter.is_control() && letter != '\n';
        assert!(!run.out.contains(moves), "{args}: {:?}", run.out);
        assert!(args == "-r6n" || run.out.contains("a\\027"), "{args}: {}", run.out);
        let rows = netstat(&host, &format!("{args} --json")).json();
        assert!(rows.len() > 2, "{args}");
    }
}

#[test]
fn kernel_and_proc_name_the_same_owners() {
    let lab = Lab::new();
    if !lab.has_users() {
        return;
    }
    let host = lab.host("a");
    // More than it takes for the kernel to be asked.
    let sockets = host.sockets(&["established", "3000"]);
    let network = format!("--net=/proc/{}/ns/net", sockets.pid());
    let listing = |powers: &[&str], args: &str| {
        // Not in the lab: its root may not ask the kernel, nor look at other users' processes.
        let mut command = Command::new("nsenter");
        command.arg(&network).args(powers).arg(ours()).args(args.split(' '));
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let scan = ["setpriv", "--bounding-set=-sys_admin,-bpf", "--inh-caps=-all"];
    for args in ["-napt", "-naptu", "-naptoe"] {
        let (asked, scanned) = (listing(&[], args), listing(&scan, args));
        assert_eq!(asked, scanned, "{args}");
        assert!(asked.matches(&format!("{}/wireline-", sockets.pid())).count() > 3000);
    }
}

#[test]
#[ignore = "needs strace"]
fn files_stand_in_for_netlink_and_change_no_line() {
    let lab = Lab::new();
    let host = lab.host("a");
    let _sockets = host.sockets_of_all_states();
    for error in ["EPROTONOSUPPORT", "EPERM", "EACCES"] {
        let refused = |args: &str| {
            let script = format!(
                "strace -f -o /dev/null -e trace=socket -e inject=socket:error={error}:when=1 {} {args}",
                ours().display()
            );
            run(&host, "sh".as_ref(), &format!("-c {}", script.replace(' ', "${IFS}")))
        };
        for args in ["-nat", "-ntl", "-nau", "-naw", "-napt", "-nate", "-na4", "-na6", "-natW"] {
            // States and queues settle in the first seconds.
            let is_same = (0..20).any(|_| {
                let is_same = refused(args) == netstat(&host, args);
                if !is_same {
                    host.sh("sleep 0.3");
                }
                is_same
            });
            assert!(is_same, "{args} after {error}");
        }
    }
}
