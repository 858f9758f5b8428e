//! `--json`: the same rows, typed.

use wireline_lab::Lab;

use crate::common::{furnished, netstat};

#[test]
fn every_table_begins_and_ends_and_counts_its_rows() {
    let lab = Lab::new();
    let host = furnished(&lab);
    for (args, table) in [
        ("-r", "routes"),
        ("-r46", "routes"),
        ("-ia", "interfaces"),
        ("-g", "groups"),
        ("-s", "statistics"),
        ("-s6", "statistics"),
    ] {
        let lines = netstat(&host, &format!("{args} --json")).json();
        let (first, last) = (&lines[0], lines.last().unwrap());
        assert_eq!((&first["event"], &first["table"]), (&"start".into(), &table.into()), "{args}");
        assert_eq!(last["event"], "summary");
        assert_eq!(last["rows"], lines.len() - 2, "{args}");
    }
}

#[test]
fn routes_and_interfaces_are_typed() {
    let lab = Lab::new();
    let host = furnished(&lab);
    let routes = netstat(&host, "-r46 --json").json();
    let to = |network: &str| routes.iter().find(|route| route["destination"] == network).unwrap();
    let route = to("10.21.0.0");
    assert_eq!(route["prefix"], 16);
    assert_eq!(route["gateway"], "10.1.0.3");
    assert_eq!(route["metric"], u32::MAX);
    assert_eq!(
        (&route["mss"], &route["window"], &route["irtt_ms"]),
        (&1140.into(), &5840.into(), &300.0.into())
    );
    assert_eq!(to("10.31.0.0")["reject"], true);
    assert_eq!(to("10.30.0.0")["interface"], serde_json::Value::Null);
    assert_eq!(to("2001:db8:2::")["gateway"], "2001:db8:1::2");
    let interfaces = netstat(&host, "-ia --json").json();
    let own = interfaces.iter().find(|row| row["name"] == "eth10").unwrap();
    assert_eq!(own["addresses"][0]["peer"], "10.203.0.1");
    let alias = interfaces.iter().find(|row| row["name"] == "d0:alias").unwrap();
    assert_eq!(alias["addresses"][0]["broadcast"], "10.200.0.255");
    assert_eq!(alias["received"], serde_json::Value::Null);
}
