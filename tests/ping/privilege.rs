//! What ping needs, and what it keeps.

use wireline_lab::Lab;

use crate::common::{Run, program_path, start};

#[test]
fn nobody_without_any_socket_is_told_both_ways_out() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    a.close_ping_sockets();
    for target in ["192.0.2.2", "2001:db8::2"] {
        let run = a.as_nobody(program_path()).args(["-c", "1", target]).assert().code(2);
        let run = Run::of(run.get_output().clone());
        assert_eq!(run.out, "");
        assert!(run.err.starts_with("ping: "), "{run:?}");
        assert!(run.err.contains("ping_group_range") && run.err.contains("setcap"), "{run:?}");
    }
}

#[test]
fn running_ping_holds_no_capability_and_can_get_none() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    let mut ping = start(&a, "-i 30 192.0.2.2");
    assert!(ping.line().unwrap().starts_with("PING "));
    ping.assert_powerless();
}

#[test]
fn ordinary_user_needs_nothing_but_the_group_range() {
    let lab = Lab::new();
    let [a, _b] = lab.wire("a", "b");
    a.open_ping_sockets();
    for target in ["192.0.2.2", "2001:db8::2"] {
        a.as_nobody(program_path()).args(["-c", "1", target]).assert().code(0).stderr("");
    }
}
