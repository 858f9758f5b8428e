//! Root's powers: what a listing does not need is given up, for good, before anything is read.

use wireline_lab::Lab;

use crate::common::ours;

/// The permitted capabilities of a run that goes on, as `/proc` has them.
fn permitted(args: &str) -> u64 {
    let lab = Lab::new();
    let host = lab.host("a");
    let mut run = host.spawn(ours(), args.split_whitespace());
    assert!(run.line().is_some(), "{args}: a first line");
    let status = std::fs::read_to_string(format!("/proc/{}/status", run.pid())).expect("status");
    let line = status.lines().find_map(|line| line.strip_prefix("CapPrm:")).expect("CapPrm");
    u64::from_str_radix(line.trim(), 16).expect("hexadecimal")
}

/// Their numbers in `linux/capability.h`.
const SYS_PTRACE: u64 = 1 << 19;
const NET_ADMIN: u64 = 1 << 12;

#[test]
fn plain_tables_need_none() {
    for args in ["-antc", "-ic", "-rc4", "-anc --json"] {
        assert_eq!(permitted(args), 0, "{args}");
    }
}

#[test]
fn owners_need_to_look_at_processes_and_no_more() {
    let kept = permitted("-antpc");
    assert_ne!(kept & SYS_PTRACE, 0, "{kept:x}");
    assert_eq!(kept & NET_ADMIN, 0, "{kept:x}");
}
