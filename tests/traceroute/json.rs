//! `--json`: one object a line, in the order of hops.

use serde_json::{Value, json};
use wireline_lab::{Lab, Labels, Path};

use crate::common::{before, each_family, each_way, short, trace};

fn events<'a>(lines: &'a [Value], event: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["event"] == event).collect()
}

#[test]
fn start_probes_and_summary_are_objects() {
    each_way(&short(3), "--json", |way, run| {
        let lines = run.json();
        run.quiet_exit(0);
        assert_eq!(lines.len(), 1 + 9 + 1);
        let start = &lines[0];
        assert_eq!(start["event"], "start");
        assert_eq!(start["v"], 1);
        assert_eq!(start["target"], way.target().to_string());
        assert_eq!(start["address"], way.target().to_string());
        assert_eq!(start["method"], "udp");
        assert_eq!(start["port"], 33434);
        assert_eq!(start["max_hops"], 30);
        assert_eq!(start["size"], way.size());
        let places: Vec<_> = events(&lines, "probe")
            .iter()
            .map(|it| (it["hop"].clone(), it["nth"].clone()))
            .collect();
        let expected: Vec<_> =
            (1..=3).flat_map(|hop| (1..=3).map(move |nth| (json!(hop), json!(nth)))).collect();
        assert_eq!(places, expected);
        let summary = lines.last().unwrap();
        assert_eq!(summary["event"], "summary");
        assert_eq!(summary["reached"], true);
        assert_eq!(summary["last_hop"], 3);
        assert!(summary["answered"].as_u64() >= Some(9), "{summary}");
        assert_eq!(summary["rate_limited"], json!([]));
        assert!(summary["elapsed_ms"].is_number());
    });
}

#[test]
fn probe_says_who_answered_what_and_when() {
    each_family(&short(2), "--json -q 1", |way, run| {
        let lines = run.json();
        let probes = events(&lines, "probe");
        let (kind, code) = if way.v6 { (3, 0) } else { (11, 0) };
        let first = probes[0];
        assert_eq!(first["outcome"], "expired");
        assert_eq!(first["source"], way.router(1).to_string());
        assert_eq!(first["answer"], "icmp");
        assert_eq!((&first["icmp_type"], &first["icmp_code"]), (&json!(kind), &json!(code)));
        assert_eq!(first["hop_limit"], 64);
        assert!(first["rtt_ms"].as_f64() > Some(0.0), "{first}");
        assert!(first.get("extensions").is_none() && first.get("path_mtu").is_none(), "{first}");
        assert_eq!(probes[1]["outcome"], "reached");
        assert_eq!(probes[1]["source"], way.target().to_string());
    });
}

#[test]
fn silence_is_an_outcome() {
    each_family(&short(3).silent([1]), "--json -q 1 -w 0.3", |_, run| {
        let lines = run.json();
        let first = events(&lines, "probe")[0].clone();
        assert_eq!(first["outcome"], "lost");
        assert!(first["waited_ms"].as_f64() >= Some(300.0), "{first}");
        assert!(first.get("source").is_none(), "{first}");
    });
}

#[test]
fn refusals_and_segments_are_told() {
    each_family(
        &short(3).hop(2, |hop| hop.unreachable(13).unreachable_v6(1)),
        "--json",
        |_, run| {
            let lines = run.json();
            let last = *events(&lines, "probe").last().unwrap();
            assert_eq!((&last["outcome"], &last["hop"]), (&json!("unreachable"), &json!(2)));
            assert!(last["reason"].is_string(), "{last}");
            assert_eq!(lines.last().unwrap()["reached"], false);
        },
    );
    let path = short(2).target(|target| target.open_tcp([443]));
    each_way(&path, "--json -T -p 443", |_, run| {
        let lines = run.json();
        let last = *events(&lines, "probe").last().unwrap();
        assert_eq!((&last["answer"], &last["flags"]), (&json!("tcp"), &json!("syn,ack")));
        assert_eq!((&lines[0]["method"], &lines[0]["port"]), (&json!("tcp"), &json!(443)));
    });
}

#[test]
fn labels_and_mtus_are_told() {
    let path = short(3)
        .hop(1, |hop| hop.labels(Labels::of(&[16, 17]).object(2, 3, &[1, 2, 3, 4])).mtu(1400));
    each_family(&path, "--json --mtu", |_, run| {
        let lines = run.json();
        let probes = events(&lines, "probe");
        let label = |label, bottom| json!({"label": label, "exp": 0, "bottom": bottom, "ttl": 1});
        let extensions = json!([
            {"class": "mpls", "labels": [label(16, false), label(17, true)]},
            {"class": "other", "number": 2, "c_type": 3, "payload": "01020304"},
        ]);
        assert_eq!(probes[0]["extensions"], extensions);
        let mtus: Vec<_> = probes.iter().filter_map(|it| it["path_mtu"].as_u64()).collect();
        assert_eq!(mtus, [1500, 1400]);
    });
}

#[test]
fn names_are_not_looked_up() {
    let lab = Lab::new();
    let (host, _path) = before(&lab, &short(1));
    lab.file("/etc/nsswitch.conf", "hosts: files");
    lab.file("/etc/hosts", "203.0.113.9 target.example");
    let lines = trace(&host, "--json -q 1 target.example").json();
    assert_eq!(lines[0]["target"], "target.example");
    assert_eq!(lines[0]["address"], Path::TARGET_V4.to_string());
    assert_eq!(lines[1]["source"], Path::TARGET_V4.to_string());
}
