//! Connections as they come by.

use wireline_lab::{Lab, Signal};

use super::common::{as_nobody, handshake, here, start, with_net_raw};

#[test]
fn connection_of_a_command_is_drawn_and_its_exit_code_is_passed_on() {
    let lab = Lab::new();
    let hosts = lab.wire("a", "b");
    let _servers = hosts[1].tcp(&["7=echo"]);
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("talk");
    let talk = "exec 3<>/dev/tcp/192.0.2.2/7; echo hello >&3; read word <&3; echo $word; exit 5";
    std::fs::write(&script, talk).unwrap();
    let run = handshake(&hosts[0], &format!("watch -- bash {}", script.display()));
    run.exit(5);
    for words in ["hello", "SYN_SENT", "192.0.2.2:7", "TIME_WAIT", "len=6", "all interfaces"] {
        assert!(run.out.contains(words), "{words} is not in {run:?}");
    }
    // Another's is not drawn: only what the command says.
    let quiet = handshake(&hosts[0], "watch --json -- sh -c exit");
    assert_eq!(quiet.exit(0).events("segment").len(), 0);
    handshake(&hosts[0], "watch -- /nowhere/at/all").complains(127, &["/nowhere/at/all"]);
    let killed = folder.path().join("killed");
    std::fs::write(&killed, "kill -9 $$").unwrap();
    handshake(&hosts[0], &format!("watch -- sh {}", killed.display())).exit(137);
}

#[test]
fn connection_on_loopback_is_drawn_once_and_a_filter_holds() {
    let lab = Lab::new();
    let hosts = lab.wire("a", "b");
    let _servers = hosts[0].tcp(&["7=echo"]);
    let mut watching = start(&hosts[0], "watch port 7 -I lo --json -c 2");
    let mut told = Vec::new();
    // It listens before long: whoever comes earlier is not seen.
    loop {
        handshake(&hosts[0], "127.0.0.1:9 -q -t 1");
        handshake(&hosts[0], "127.0.0.1:7 --send hello --recv 5 -q -t 2").exit(0);
        if let Some(status) = watching.child().try_wait().unwrap() {
            assert_eq!(status.code(), Some(0));
            break;
        }
    }
    while let Some(line) = watching.line() {
        told.push(serde_json::from_str::<serde_json::Value>(&line).unwrap());
    }
    let summaries = told.iter().filter(|event| event["event"] == "watched").collect::<Vec<_>>();
    assert_eq!((summaries.len(), &summaries[0]["dropped"]), (1, &0.into()), "{told:#?}");
    let segments: Vec<_> = told.iter().filter(|event| event["event"] == "segment").collect();
    let syns = segments.iter().filter(|step| step["flags"] == serde_json::json!(["syn"]));
    assert_eq!(syns.count(), 2, "{segments:#?}");
    assert!(segments.iter().all(|step| !step.to_string().contains("retransmission")));
}

#[test]
fn without_the_privilege_it_says_how_to_allow_it() {
    let lab = Lab::new();
    let hosts = lab.wire("a", "b");
    as_nobody(&hosts[0], "watch -t 1").complains(6, &["setcap cap_net_raw+p"]);
    if !lab.has_users() {
        return;
    }
    // The command has not even that one.
    let run = with_net_raw(&hosts[0], "watch --json -- cat /proc/self/status");
    run.exit(0);
    let permitted = run.out.lines().find_map(|line| line.strip_prefix("CapPrm:")).unwrap();
    assert_eq!(permitted.trim().trim_matches('0'), "", "{run:?}");
}

#[test]
fn words_that_make_no_sense_are_refused() {
    here("watch src 192.0.2.1").complains(2, &["src"]);
    here("watch -I nowhere0").complains(2, &["-I nowhere0"]);
    here("watch -t 0").exit(2);
}

#[test]
fn signal_ends_it_and_what_was_seen_is_written() {
    let lab = Lab::new();
    let hosts = lab.wire("a", "b");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("seen.pcapng");
    let mut watching = start(&hosts[0], &format!("watch --json -o pcapng:{}", path.display()));
    loop {
        handshake(&hosts[0], "192.0.2.2:9 -q -t 1");
        // The first of it is a connection that begins.
        if watching.line().is_some_and(|line| line.contains("segment")) {
            break;
        }
    }
    watching.signal(Signal::SIGINT);
    assert!(watching.wait().success());
    let run = handshake(&hosts[0], &format!("read {} --json", path.display()));
    assert!(run.exit(0).events("segment").len() >= 2, "{run:?}");
}
