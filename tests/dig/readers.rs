//! Programs that read what dig prints: jc, and the plugin of monitoring systems.

use std::path::Path;

use serde_json::Value;
use wireline_lab::Lab;

use crate::common::{Run, ours, served};
use crate::servers::{NAMES, World, world};

/// What jc says of a command line, without what is another thing each time.
fn jc(world: &World<'_>, program: &Path, line: &str) -> Value {
    let jc = std::env::var("JC").unwrap_or_else(|_| "jc".into());
    let script = format!(
        "cd '{}'\n'{}' {line} | '{jc}' --dig",
        world.directory.path().display(),
        program.display()
    );
    let mut command = world.client.command("sh");
    command.args(["-c", &script]).envs(NAMES).env("PATH", "/usr/bin:/bin");
    let run = Run::of(command.assert().get_output());
    assert_eq!(run.code, Some(0), "{line}: {run:#?}");
    let mut said: Value = serde_json::from_str(&run.out).expect(line);
    for answer in said.as_array_mut().into_iter().flatten() {
        for key in ["id", "query_time", "when", "when_epoch", "when_epoch_utc"] {
            if let Some(value) = answer.get_mut(key) {
                *value = Value::Null;
            }
        }
        if let Some(cookie) = answer.pointer_mut("/opt_pseudosection/cookie") {
            *cookie = Value::Null;
        }
    }
    said
}

#[test]
#[ignore = "needs jc, bind9, bind9-dnsutils, nsd, unbound, openssl"]
fn jc_reads_the_same_from_both() {
    let lab = Lab::new();
    let world = world(&lab);
    for line in [
        "$N a.types.lab",
        "$N types.lab ANY",
        "$N txt.types.lab TXT",
        "$N types.lab AXFR",
        "$N nothere.types.lab",
        "$N a.types.lab txt.types.lab TXT",
        "$N types.lab SOA +nsid +subnet=192.0.2.0/24",
        "$U www.good.lab +dnssec",
        "$U www.badsig.lab",
        "$U good.lab DNSKEY",
        "$U -x 192.0.2.53",
        "$G www.nowhere.lab +norec",
        "$N a.types.lab +noall +answer",
        "$N a.types.lab +qr",
        "$N a.types.lab +tcp",
    ] {
        let theirs = || jc(&world, Path::new("/usr/bin/dig"), line);
        // What the resolver has kept it tells in fewer words.
        theirs();
        assert_eq!(jc(&world, &ours(), line), theirs(), "{line}");
    }
}

const CHECK_DIG: &str = "/usr/lib/nagios/plugins/check_dig";

#[test]
#[ignore = "needs monitoring-plugins-standard, bind9-dnsutils"]
fn plugin_of_monitoring_is_satisfied() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    let check = |args: &str| {
        let mut command = host.command(CHECK_DIG);
        let command = command.args(args.split_whitespace()).env("PATH", "/usr/bin:/bin");
        Run::of(command.assert().get_output())
    };
    let lines = [
        ("-H 192.0.2.2 -l www.example", 0),
        ("-H 192.0.2.2 -l www.example -a 192.0.2.3", 0),
        ("-H 192.0.2.2 -l www.example -a 198.51.100.1", 1),
        ("-H 192.0.2.2 -l mail.example -T MX", 0),
        ("-H 192.0.2.2 -4 -l www.example -A +tcp", 0),
        ("-H 192.0.2.2 -l nothere.example", 2),
        ("-H 192.0.2.2 -l drop.evil -t 2", 2),
    ];
    let theirs: Vec<_> = lines.iter().map(|(line, _)| check(line)).collect();
    // It runs dig by the path that it was built with.
    host.sh(&format!("mount --bind '{}' /usr/bin/dig", ours().display()));
    for ((line, code), theirs) in lines.iter().zip(theirs) {
        let run = check(line);
        assert_eq!(run.code, Some(*code), "{line}: {run:#?}");
        let words = |run: &Run| run.out.split('|').next().map(still).unwrap_or_default();
        assert_eq!(words(&run), words(&theirs), "{line}");
    }
}

/// Without how long it took.
fn still(text: &str) -> String {
    text.chars().filter(|char| !char.is_ascii_digit()).collect()
}
