//! Other network namespaces: by name, by process, and all at once.

use wireline_lab::Lab;

use crate::common::{netstat, ours};

#[test]
fn namespace_is_found_by_name_by_path_and_by_process() {
    let lab = Lab::new();
    let (here, there) = (lab.host("a"), lab.host("b"));
    let udp = there.sockets(&["udp", "3"]);
    let _tcp = there.sockets(&["established", "4"]);
    there.sh(
        "ip link add d0 type veth peer name d1; ip addr add 192.0.2.7/24 dev d0; ip link set d0 up",
    );
    let pid = format!("--pid-ns {}", udp.pid());
    for args in ["-tuan", "-tuanp", "-r", "-i", "-gn", "-su", "-s6", "--summary", "-tan --info"] {
        let expected = netstat(&there, args);
        assert_eq!(expected.code, Some(0), "{args}");
        assert_ne!(netstat(&here, args).out, expected.out, "{args}: nothing to tell them apart by");
        for place in ["--net-ns b", "--net-ns=/run/netns/b", &pid] {
            let found = netstat(&here, &format!("{args} {place}"));
            let without_times = |text: &str| {
                let rows = text.lines().filter(|line| !line.starts_with("        "));
                rows.collect::<Vec<_>>().join("\n")
            };
            let both = [&expected, &found].map(|run| without_times(&run.out));
            assert_eq!(both[0], both[1], "{args} {place}");
        }
    }
}

#[test]
fn every_line_of_json_says_which_namespace_it_is_of() {
    let lab = Lab::new();
    let (here, there) = (lab.host("a"), lab.host("b"));
    let udp = there.sockets(&["udp", "2"]);
    let lines = netstat(&here, "--net-ns b -uanp --json").json();
    let namespace = &lines[0]["namespace"];
    let inode = there.output("stat -Lc %i /run/netns/b");
    assert_eq!(namespace["inode"].to_string(), inode.trim_end());
    assert_eq!(namespace["own"], false);
    assert_eq!(
        (&namespace["pid"], &namespace["program"]),
        (&udp.pid().into(), &"wireline-socket".into())
    );
    assert_eq!(lines.len(), 4);
    for line in &lines {
        assert_eq!(line["namespace"]["names"], serde_json::json!(["b"]), "{line}");
        assert_eq!(line["namespace"]["inode"], namespace["inode"]);
    }
    assert_eq!(lines[1]["owners"][0]["pid"], udp.pid());
    let lines = netstat(&here, "-uan --json").json();
    assert!(lines.iter().all(|line| line.get("namespace").is_none()), "nobody asked");
}

/// Blocks by their names, from a run that may see no process but its own.
fn blocks(text: &str) -> Vec<(String, String)> {
    let block = |block: &str| {
        let (title, rest) = block.split_once('\n').expect("a title");
        (title.to_owned(), rest.trim_end_matches('\n').to_owned())
    };
    text.split("Network namespace ").skip(1).map(block).collect()
}

#[test]
fn all_namespaces_are_shown_one_below_the_other() {
    let lab = Lab::new();
    let (here, there) = (lab.host("a"), lab.host("b"));
    let _udp = there.sockets(&["udp", "3"]);
    for args in ["-uan", "-uanp", "-i", "-r", "-gn", "--summary", "-uan --memory"] {
        let script = format!("exec {} {args} --all-ns", ours().display());
        let mut command = here.command("unshare");
        let run = command.args(["--pid", "--fork", "--mount-proc", "sh", "-c", &script]).assert();
        let run = run.success();
        let out = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
        assert_eq!(String::from_utf8_lossy(&run.get_output().stderr), "", "{args}");
        let blocks = blocks(&out);
        assert_eq!(blocks.len(), 2, "{args}: {out}");
        assert!(
            blocks[0].0.ends_with(", this one") && blocks[0].0.contains(" (a), first process 1/"),
            "{out}"
        );
        assert!(blocks[1].0.ends_with(" (b), no process"), "{out}");
        // Whose they are cannot be seen from there.
        if args != "-uanp" {
            for ((_, block), host) in blocks.iter().zip([&here, &there]) {
                assert_eq!(block, netstat(host, args).out.trim_end_matches('\n'), "{args}");
            }
        }
    }
}

#[test]
fn owners_in_all_namespaces_are_found() {
    let lab = Lab::new();
    let (here, there) = (lab.host("a"), lab.host("b"));
    let sockets = [here.sockets(&["udp", "2"]), there.sockets(&["udp", "3"])];
    let run = netstat(&here, "-uanp --all-ns");
    // The machine has processes that are not the lab's.
    assert_eq!(run.code, Some(1), "{}", run.err);
    let blocks = blocks(&run.out);
    for ((host, sockets), rows) in ["a", "b"].iter().zip(&sockets).zip([2, 3]) {
        let title = format!(" ({host}), first process {}/wireline-socket", sockets.pid());
        let block = blocks.iter().find(|(name, _)| name.contains(&title));
        let block = &block.unwrap_or_else(|| panic!("{title}: {}", run.out)).1;
        let owned = format!(" {}/wireline-soc", sockets.pid());
        assert_eq!(block.matches(&owned).count(), rows, "{block}");
        assert_eq!(block.matches("\nudp ").count(), rows, "{block}");
    }
    let lines = netstat(&here, "-uanp --all-ns --json").json();
    let owned = |line: &&serde_json::Value| {
        line["event"] == "socket" && line["owners"][0]["pid"] == sockets[1].pid()
    };
    let owned: Vec<_> = lines.iter().filter(owned).collect();
    assert_eq!(owned.len(), 3);
    assert!(owned.iter().all(|line| line["namespace"]["names"][0] == "b"), "{owned:?}");
}

#[test]
fn namespace_that_cannot_be_entered_is_told_once() {
    let lab = Lab::new();
    let (here, _there) = (lab.host("a"), lab.host("b"));
    for args in ["-uan", "-uanp", "-i"] {
        let run = here.as_nobody(ours()).args(args.split(' ')).arg("--all-ns").assert().code(1);
        let out = String::from_utf8_lossy(&run.get_output().stdout).into_owned();
        let err = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
        let refused = " (b), no process: Operation not permitted\n";
        assert_eq!(err.matches(refused).count(), 1, "{args}: {err}");
        assert!(err.contains("not all processes can be looked at: there may be more\n"), "{err}");
        assert!(
            out.starts_with("Network namespace ") && out.contains(", this one\n"),
            "{args}: {out}"
        );
    }
    let run = here.as_nobody(ours()).args(["--net-ns", "b"]).assert().code(1);
    let err = String::from_utf8_lossy(&run.get_output().stderr).into_owned();
    assert_eq!(err, "netstat: --net-ns: b: Operation not permitted\n");
    here.as_nobody(ours()).args(["-uan", "--net-ns", "a"]).assert().success();
    for args in ["-i", "-uan", "-uanp"] {
        let full = format!("{} {args} --all-ns 2>&1 > /dev/full || echo $?", ours().display());
        let said = here.output(&full);
        assert!(said.ends_with("\nnetstat: write error: No space left on device\n1\n"), "{said}");
    }
}

#[test]
fn what_is_no_namespace_is_an_error_of_one_line() {
    let lab = Lab::new();
    let host = lab.host("a");
    host.sh("mkfifo /run/fifo; touch /run/netns/empty");
    for (args, code, why) in [
        ("--net-ns nowhere", 1, "--net-ns: nowhere: No such file or directory"),
        ("--net-ns /run/fifo", 1, "--net-ns: /run/fifo: not a network namespace"),
        ("--net-ns empty", 1, "--net-ns: empty: not a network namespace"),
        ("--net-ns ..", 1, "--net-ns: ..: not a network namespace"),
        ("--net-ns /proc/self/ns/uts", 1, "--net-ns: /proc/self/ns/uts: Invalid argument"),
        ("--pid-ns 4194305", 1, "--pid-ns: 4194305: No such process"),
        ("--pid-ns 0", 3, "--pid-ns: 0: not the number of a process"),
        ("--pid-ns +1", 3, "--pid-ns: +1: not the number of a process"),
        ("--pid-ns 1/../2", 3, "--pid-ns: 1/../2: not the number of a process"),
    ] {
        let run = netstat(&host, args);
        let err = format!("netstat: {why}\n");
        assert_eq!((run.code, run.out.as_str(), run.err), (Some(code), "", err), "{args}");
    }
}

#[test]
fn names_of_namespaces_move_no_cursor() {
    let lab = Lab::new();
    let (here, _there) = (lab.host("a"), lab.host("b"));
    here.sh("name=\"$(printf '/run/netns/x\\033[2J\\nz')\"; touch \"$name\"; mount --bind /run/netns/b \"$name\"");
    let run = netstat(&here, "-uan --all-ns");
    assert!(run.out.contains(" (b, x\\027[2J\\010z), no process\n"), "{}", run.out);
    assert!(!run.out.contains('\u{1b}') && !run.err.contains('\u{1b}'));
}
