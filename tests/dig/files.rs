//! Questions and options that stand in files.

use std::fs;

use tempfile::TempDir;
use wireline_lab::Lab;

use crate::common::{script, served};

#[test]
fn questions_of_a_file_are_answered_in_its_order() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    let run = script(
        &host,
        "printf 'mail.example MX\n\n# none\n; none\nmx.example\n-x 192.0.2.7\n' \
         | \"$DIG\" @192.0.2.2 +short -f -",
    );
    run.says("10 mx.example.\n192.0.2.4\nseven.example.\n");
}

/// dig ends at such a line, and the rest of the file is lost.
#[test]
fn line_that_makes_no_sense_is_not_the_end_of_the_file() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    let run =
        script(&host, "printf 'mx.example\na..b\nmx.example\n' | \"$DIG\" @192.0.2.2 +short -f -");
    assert_eq!(run.out.matches("192.0.2.4\n").count(), 2, "{run:#?}");
    assert!(run.err.contains("a..b"), "{run:#?}");
    assert_ne!(run.code, Some(0));
}

/// Row 51: a line of a megabyte.
#[test]
fn line_of_a_megabyte_is_told_and_passed_over() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    let run = script(
        &host,
        "(head -c 1000000 /dev/zero | tr '\\0' a; echo; echo mx.example) \
         | \"$DIG\" @192.0.2.2 +short -f -",
    );
    assert!(run.out.ends_with("192.0.2.4\n"), "{run:.300?}");
    assert!(run.err.len() < 4000, "{} octets", run.err.len());
}

#[test]
fn options_of_the_home_come_first() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    let home = TempDir::new().unwrap();
    fs::write(home.path().join(".digrc"), "+noall\n+answer +nottlid\n").unwrap();
    let home = home.path().display();
    let run = script(&host, &format!("HOME={home} exec \"$DIG\" @192.0.2.2 mx.example"));
    run.says("mx.example.\t\tIN\tA\t192.0.2.4\n");
    let run = script(&host, &format!("HOME={home} exec \"$DIG\" @192.0.2.2 mx.example +short"));
    run.says("192.0.2.4\n");
    let run = script(&host, &format!("HOME={home} exec \"$DIG\" -r @192.0.2.2 mx.example"));
    run.has("mx.example.\t\t300\tIN\tA\t192.0.2.4", 0);
}
