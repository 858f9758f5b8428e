//! Ours beside iproute2's `ss`: what both tell of the same sockets.

use std::collections::BTreeMap;

use serde_json::Value;
use wireline_lab::Lab;

use crate::common::netstat;

/// What `ss` says of connections as `key:value`, by their ends. The state, which was asked for, is no column.
fn of_ss(text: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let row = |line: &str| {
        let words: Vec<_> = line.split_whitespace().collect();
        let pairs = words.iter().skip(4).filter_map(|word| word.split_once(':'));
        let pairs = pairs.map(|(key, value)| (key.to_owned(), value.to_owned()));
        (format!("{} {}", words[2], words[3]), pairs.collect())
    };
    text.lines().map(row).collect()
}

#[test]
#[ignore = "needs iproute2's ss"]
fn ss_tells_the_same_of_connections() {
    let lab = Lab::new();
    let host = lab.host("a");
    let _sockets = host.sockets_of_all_states();
    let text = host.output("ss -OHtani state established; ss -OHtani state close-wait");
    let theirs = of_ss(&text);
    let rows = netstat(&host, "-tan --json --info").json();
    let mut compared = 0;
    let is_connected = |row: &&Value| row["tcp_info"].is_object() && row["remote"].is_object();
    for row in rows.iter().filter(is_connected) {
        let end = |end: &Value| {
            let address = end["address"].as_str().unwrap();
            let address =
                if address.contains(':') { format!("[{address}]") } else { address.to_owned() };
            format!("{address}:{}", end["port"])
        };
        let ends = format!("{} {}", end(&row["local"]), end(&row["remote"]));
        // The windows of one whose queues are full are probed meanwhile.
        let Some(theirs) = theirs.get(&ends).filter(|_| !ends.contains(":4008")) else { continue };
        let info = &row["tcp_info"];
        for (name, key) in [
            ("mss", "mss"),
            ("pmtu", "pmtu"),
            ("rcvmss", "rcv_mss"),
            ("advmss", "advmss"),
            ("cwnd", "cwnd"),
            ("ssthresh", "ssthresh"),
            ("bytes_received", "bytes_received"),
            ("segs_in", "segs_in"),
            ("data_segs_in", "data_segs_in"),
            ("rcv_space", "rcv_space"),
            ("rcv_ssthresh", "rcv_ssthresh"),
            ("snd_wnd", "snd_wnd"),
            ("rto", "rto_ms"),
            ("minrtt", "min_rtt_ms"),
            ("ato", "ato_ms"),
        ] {
            let Some(theirs) = theirs.get(name) else { continue };
            let same = theirs.parse::<f64>().ok() == info[key].as_f64();
            assert!(same, "{ends} {name}: {theirs}, {}", info[key]);
            compared += 1;
        }
        let scales = format!("{},{}", info["send_scale"], info["receive_scale"]);
        assert_eq!(theirs.get("wscale"), Some(&scales), "{ends}");
        let ours = format!("{}/{}", info["rtt_ms"], info["rttvar_ms"]);
        let rtt =
            |text: &str| text.split('/').map(|time| time.parse::<f64>().ok()).collect::<Vec<_>>();
        assert_eq!(rtt(&theirs["rtt"]), rtt(&ours), "{ends}");
    }
    assert!(compared > 200, "{compared}");
}

#[test]
#[ignore = "needs iproute2's ss"]
fn ss_tells_the_same_of_memory_and_of_states() {
    let lab = Lab::new();
    let host = lab.host("a");
    let _sockets = host.sockets_of_all_states();
    let theirs = host.output("ss -OHtlnm");
    let rows = netstat(&host, "-tln --json --memory").json();
    let skmem = |row: &Value| {
        let memory = &row["memory"];
        format!(
            "skmem:(r{},rb{},t{},tb{},f{},w{},o{},bl{},d{})",
            memory["received"],
            memory["receive_buffer"],
            memory["sent"],
            memory["send_buffer"],
            memory["forward"],
            memory["queued"],
            memory["options"],
            memory["backlog"],
            memory["drops"]
        )
    };
    let mut ours: Vec<_> = rows.iter().filter(|row| row["memory"].is_object()).map(skmem).collect();
    let words = theirs.split_whitespace().filter(|word| word.starts_with("skmem:"));
    let mut theirs: Vec<_> = words.map(ToOwned::to_owned).collect();
    ours.sort();
    theirs.sort();
    assert!(ours.len() > 20);
    assert_eq!(ours, theirs);
    let counts = netstat(&host, "-t --summary --json").json();
    let tcp = counts.iter().find(|line| line["protocol"] == "tcp").unwrap();
    for (theirs, ours) in
        [("syn-sent", "syn_sent"), ("listening", "listen"), ("closing", "closing")]
    {
        let rows = host.output(&format!("ss -OHtan state {theirs}")).lines().count();
        let states = tcp["states"].as_array().unwrap();
        let count = states.iter().find(|state| state["state"] == ours).unwrap();
        assert_eq!(count["count"]["total"], rows, "{ours}");
    }
}
