//! The drawing beside those whom everybody believes: tshark's packets, tcpdump's options, the kernel's own states.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use wireline_lab::{Host, Lab, Signal, not_tried};

use super::common::{Run, handshake};

/// One segment, as both tell it.
#[derive(Debug, PartialEq)]
struct Told {
    from_client: bool,
    flags: u64,
    sequence: u64,
    acknowledgment: u64,
    length: u64,
    options: String,
}

/// Runs handshake while tcpdump looks on at the same interface; what both saw, with their times in nanoseconds.
fn beside(host: &Host<'_>, args: &str) -> [Vec<(u128, Told)>; 2] {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("all.pcap");
    File::create(&file).unwrap();
    let path = file.display().to_string();
    let words = [
        "-i",
        "eth0",
        "-U",
        "--immediate-mode",
        "-Z",
        "root",
        "--time-stamp-precision=nano",
        "-w",
        &path,
        "tcp",
    ];
    let mut tcpdump = host.spawn("tcpdump", words);
    let mut said = BufReader::new(tcpdump.child().stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("listening on") {
        line.clear();
        assert_ne!(said.read_line(&mut line).unwrap(), 0, "tcpdump ended");
    }
    let run = handshake(host, &format!("{args} --json"));
    // What has come by is written a moment later.
    host.sh("sleep 0.3");
    tcpdump.signal(Signal::SIGINT);
    tcpdump.wait();
    [ours(&run), theirs(host, &path)]
}

fn ours(run: &Run) -> Vec<(u128, Told)> {
    const BITS: [&str; 8] = ["fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"];
    let number = |told: &Value, key: &str| told[key].as_u64().unwrap_or(0);
    let read = |told: &Value| {
        let flags = told["flags"].as_array().unwrap();
        let bit = |flag: &Value| 1 << BITS.iter().position(|bit| flag == bit).unwrap();
        let options = told["options"].as_array().unwrap();
        let options: Vec<_> = options.iter().map(|option| option.as_str().unwrap()).collect();
        let segment = Told {
            from_client: told["from"] == "client",
            flags: flags.iter().map(bit).sum(),
            sequence: number(told, "sequence"),
            acknowledgment: number(told, "acknowledgment"),
            length: number(told, "length"),
            options: options.iter().map(|option| option.trim_end()).collect::<Vec<_>>().join(","),
        };
        (Duration::from_secs_f64(told["at_ms"].as_f64().unwrap() / 1e3).as_nanos(), segment)
    };
    run.events("segment").iter().map(read).collect()
}

fn theirs(host: &Host<'_>, path: &str) -> Vec<(u128, Told)> {
    let fields =
        ["frame.time_epoch", "tcp.srcport", "tcp.flags", "tcp.seq_raw", "tcp.ack_raw", "tcp.len"];
    let fields = fields.map(|field| format!(" -e {field}")).concat();
    let packets = host.output(&format!("tshark -r {path} -T fields{fields} 2>/dev/null"));
    // tcpdump names options in brackets, tshark in trees.
    let texts = host.output(&format!("tcpdump -nn -r {path} 2>/dev/null"));
    let options = texts.lines().map(|line| {
        let named = line.split_once("options [").and_then(|(_, rest)| rest.split_once(']'));
        let named = named.map(|(options, _)| options.to_owned()).unwrap_or_default();
        named.replace("tfo  cookiereq", "FO").replace("tfo  cookie ", "FO ")
    });
    let mut first = None;
    let read = |(packet, options): (&str, String)| {
        let words: Vec<&str> = packet.split('\t').collect();
        let (seconds, nanos) = words[0].split_once('.').unwrap();
        let at = seconds.parse::<u128>().unwrap() * 1_000_000_000 + nanos.parse::<u128>().unwrap();
        let after = at - *first.get_or_insert(at);
        let flags = u64::from_str_radix(words[2].trim_start_matches("0x"), 16).unwrap();
        let segment = Told {
            from_client: words[1].parse::<u16>().unwrap() > 1000,
            flags,
            sequence: words[3].parse().unwrap(),
            acknowledgment: if flags & 0x10 == 0 { 0 } else { words[4].parse().unwrap() },
            length: words[5].parse().unwrap(),
            options,
        };
        (after, segment)
    };
    packets.lines().zip(options).map(read).collect()
}

#[test]
#[ignore = "interop: needs tcpdump and tshark"]
fn ladder_is_tsharks_packet_list_in_eight_behaviours() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    a.allow_fast_open();
    b.allow_fast_open();
    let orders = ["7=echo", "8=close:3000", "9=rst:4", "10=half:30", "12=discard"];
    let _servers = b.tcp(&orders);
    b.nft(
        "table inet once {
  chain way {
    type filter hook input priority 0
    tcp dport 12 tcp flags & (syn|ack) == syn numgen inc mod 2 0 drop
  }
}",
    );
    let [mut out, mut back] = [Vec::new(), Vec::new()];
    // The cookie for later.
    handshake(&a, "192.0.2.2:7 --tfo --send x --recv 1 -q").exit(0);
    for args in [
        "7 --send hello --recv 5",
        "8 --until-close",
        "9 --send x --until-close",
        "7 --close rst",
        "10 --send hi --close half --until-close",
        "99",
        "12 --send hello",
        "7 --tfo --send hello --recv 5",
    ] {
        for server in ["192.0.2.2", "[2001:db8::2]"] {
            let [ours, theirs] = beside(&a, &format!("{server}:{args}"));
            let bare = |told: &[(u128, Told)]| {
                told.iter().map(|(_, told)| format!("{told:?}")).collect::<Vec<_>>()
            };
            assert!(!theirs.is_empty(), "{args}");
            assert_eq!(bare(&ours), bare(&theirs), "{server} {args}");
            for ((ours, _), (theirs, told)) in ours.iter().zip(&theirs) {
                let side = if told.from_client { &mut out } else { &mut back };
                side.push(ours.abs_diff(*theirs));
            }
        }
    }
    // What leaves is stamped once for all taps (`dev_queue_xmit_nit`). What a veth wire brings still has the time at
    // which TCP meant it to leave, so each tap stamps it for itself, one after the other (`packet_rcv`,
    // `tpacket_rcv`): a microsecond apart, or more where something interrupts the kernel in between.
    let [out, back] = [out, back].map(|mut apart| {
        apart.sort_unstable();
        [apart[apart.len() / 2], apart[apart.len() * 9 / 10]]
    });
    // A float of milliseconds may round a nanosecond away.
    assert!(out[1] <= 1, "ns apart, of what left, median and 90th percentile: {out:?}");
    assert!(back[0] <= 5_000, "the same of what came: {back:?}");
}

#[test]
#[ignore = "interop: needs tshark"]
fn capture_is_read_by_tshark_without_a_warning() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    let _servers = b.tcp(&["7=echo"]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("seen.pcapng").display().to_string();
    let run = handshake(&a, &format!("192.0.2.2:7 --send hi --recv 2 --json -o pcapng:{path}"));
    let count = run.exit(0).events("segment").len();
    let said =
        a.output(&format!("tshark -r {path} -T fields -e tcp.len 2>&1 | grep -v 'Running as'"));
    assert_eq!(said.lines().count(), count, "{said}");
    assert!(said.lines().all(|line| line.parse::<u32>().is_ok()), "{said}");
}

/// The tracepoint `sock:inet_sock_set_state` in an instance of its own.
struct Tracer(Child);

const TRACE: &str = "
    d=$(mktemp -d); mount -t tracefs none $d || exit 1
    t=$d/instances/hs-show-$$; mkdir $t
    echo 'sport==7337 || dport==7337' > $t/events/sock/inet_sock_set_state/filter
    echo 1 > $t/events/sock/inet_sock_set_state/enable
    echo ready; read -r word; cat $t/trace
    echo 0 > $t/events/sock/inet_sock_set_state/enable
    rmdir $t; umount $d; rmdir $d";

impl Tracer {
    fn start() -> Option<Self> {
        let mut command = Command::new("unshare");
        command.args(["-m", "sh", "-c", TRACE]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut said = [0; 6];
        if child.stdout.as_mut().unwrap().read_exact(&mut said).is_err() {
            child.wait().unwrap();
            not_tried("tracefs cannot be mounted");
            return None;
        }
        Some(Self(child))
    }

    fn stop(&mut self) -> String {
        self.0.stdin.take().unwrap().write_all(b"enough\n").unwrap();
        let mut trace = String::new();
        self.0.stdout.take().unwrap().read_to_string(&mut trace).unwrap();
        self.0.wait().unwrap();
        trace
    }
}

/// What the tracepoint said of the sockets at a port: of those who have it as theirs, or as the other's.
fn states(trace: &str, key: &str) -> Vec<String> {
    let lines = trace.lines().filter(|line| line.contains(&format!(" {key}=7337 ")));
    let new = lines.filter_map(|line| line.split_once("newstate=TCP_"));
    new.map(|(_, state)| state.trim().to_owned()).collect()
}

#[test]
#[ignore = "interop: needs root and tracefs"]
fn states_are_those_of_the_kernel() {
    let lab = Lab::new();
    if !lab.has_users() {
        return;
    }
    let [a, b] = lab.wire("a", "b");
    let _servers = b.tcp(&["7337=late-close:200"]);
    // Outside of the lab, which may mount no such thing. It sees every network: nobody else uses this port.
    let Some(mut tracer) = Tracer::start() else { return };
    let run = handshake(&a, "192.0.2.2:7337 --json");
    let trace = tracer.stop();
    let column = |place: usize| {
        let steps = run.events("segment");
        let after = steps.iter().map(|step| step["after"][place].as_str().unwrap().to_owned());
        let mut states: Vec<String> = after.collect();
        states.dedup();
        states
    };
    // The kernel's last sleep is no socket of its own: it says CLOSE.
    assert_eq!(column(0), ["SYN_SENT", "ESTABLISHED", "FIN_WAIT_1", "FIN_WAIT_2", "TIME_WAIT"]);
    assert_eq!(
        states(&trace, "dport"),
        ["SYN_SENT", "ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2", "CLOSE"],
        "{trace}"
    );
    assert_eq!(
        column(1),
        ["SYN_RCVD", "ESTABLISHED", "CLOSE_WAIT", "LAST_ACK", "CLOSED"],
        "{run:?}"
    );
    assert_eq!(
        states(&trace, "sport"),
        ["SYN_RECV", "ESTABLISHED", "CLOSE_WAIT", "LAST_ACK", "CLOSE"],
        "{trace}"
    );
}
