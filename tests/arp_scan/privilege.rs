//! What arp-scan needs, and what it keeps.

use wireline_lab::segment::{Claim, World};
use wireline_lab::{Lab, not_tried};

use crate::common::{as_nobody, start, with_net_raw};

#[test]
fn nobody_is_told_what_is_missing_and_what_works_without() {
    let lab = Lab::new();
    let segment = lab.segment(&World::new());
    let run = as_nobody(&segment.scanner, "-I eth0 192.0.2.9");
    run.complains(2, &["cap_net_raw", "setcap"]);
    assert_eq!(run.out, "");
    assert_eq!(segment.stop(), []);
}

#[test]
fn capability_of_the_file_suffices() {
    let lab = Lab::new();
    if !lab.has_users() {
        return not_tried("only root's labs have users");
    }
    let segment = lab.segment(&World::new().claim(Claim::of("192.0.2.8/29")));
    let run = with_net_raw(&segment.scanner, "-I eth0 192.0.2.8/29");
    run.quiet_exit(0);
    assert_eq!(run.found().len(), 8, "{run:?}");
}

/// As in a container: with `+ep` the kernel would not even start it.
#[test]
fn file_whose_capability_cannot_be_had_starts_and_explains() {
    let lab = Lab::new();
    if !lab.has_users() {
        return not_tried("only root's labs have users");
    }
    let segment = lab.segment(&World::new().claim(Claim::of("192.0.2.9")));
    // Puts the file there.
    with_net_raw(&segment.scanner, "-I eth0 192.0.2.9").quiet_exit(0);
    let said = segment.scanner.output(
        "setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-net_raw \
        /run/capable/cap_net_raw+p/arp-scan -I eth0 192.0.2.9 2>&1 || echo code $?",
    );
    let lines: Vec<_> = said.lines().collect();
    let [why, "code 2"] = lines.as_slice() else { panic!("{said}") };
    for word in ["arp-scan: ", "cap_net_raw", "setcap"] {
        assert!(why.contains(word), "{said}");
    }
}

#[test]
fn running_scan_holds_no_capability_and_can_get_none() {
    let lab = Lab::new();
    let segment = lab.segment(&World::new().claim(Claim::of("192.0.2.0/28")));
    let mut scan = start(&segment.scanner, "-I eth0 -i 500 192.0.2.0/24");
    while !scan.line().expect("a host").starts_with("192.0.2.") {}
    scan.assert_powerless();
}
