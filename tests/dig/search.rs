//! `/etc/resolv.conf`, and names that are looked for.

use wireline_lab::{Lab, NameServer};

use crate::common::{dig, served, served_by, server};

#[test]
fn search_list_is_used_where_it_is_asked_for() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    dig(&host, "+short +search www").says("192.0.2.1\n192.0.2.3\n");
    dig(&host, "+short +search inner").says("192.0.2.8\n");
    dig(&host, "+short www").says("");
    dig(&host, "+short +search www.").says("");
    dig(&host, "+short +domain=sub.example inner").says("192.0.2.8\n");
}

#[test]
fn names_with_dots_enough_are_asked_for_as_they_are_first() {
    let lab = Lab::new();
    let (host, servers) = served(&lab);
    dig(&host, "+search +short inner.sub");
    dig(&host, "+search +short +ndots=2 inner.sub");
    let names: Vec<_> = servers.asked().iter().map(|asked| asked.octets[12..20].to_vec()).collect();
    assert_eq!(names[0], b"\x05inner\x03s");
    let end = |at: usize| {
        let octets = &servers.asked()[at].octets;
        octets.windows(9).any(|octets| octets == b"\x07example\0")
    };
    // First as it is, then in the list; and the other way round.
    assert!(!end(0) && end(1) && end(names.len() - 1), "{names:?}");
}

#[test]
fn next_server_is_asked_when_one_is_silent() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    b.sh("ip addr add 192.0.2.4/24 dev eth0");
    lab.file("/etc/resolv.conf", "nameserver 192.0.2.4\nnameserver 192.0.2.2\noptions timeout:1\n");
    let _servers = b.name_servers(&[server(), NameServer::at("192.0.2.4:53").hostile(".")]);
    // The first one drops it for ever.
    let run = dig(&a, "+short +time=1 drop.example A");
    assert_eq!(run.code, Some(0), "{run:#?}");
    let run = dig(&a, "+time=1 +tries=2 @192.0.2.4 drop.example");
    assert_eq!(run.code, Some(9), "{run:#?}");
}

#[test]
fn file_of_the_resolver_is_read_as_bind_reads_it() {
    let lab = Lab::new();
    let (host, _servers) = served_by(&lab, server());
    for text in [
        "nonsense\n;c\n#c\nnameserver 192.0.2.2 \n",
        "options ndots:99 rotate foo timeout:0\nnameserver\t192.0.2.2\n",
        "nameserver 192.0.2.2",
    ] {
        lab.file("/etc/resolv.conf", text);
        dig(&host, "+short www.example").says("192.0.2.1\n192.0.2.3\n");
    }
    for text in ["nameserver\nnameserver 192.0.2.2\n", "options attempts:x\nnameserver 192.0.2.2\n"]
    {
        lab.file("/etc/resolv.conf", text);
        let run = dig(&host, "+short www.example");
        assert!(run.err.ends_with("dig: parse of /etc/resolv.conf failed\n"), "{run:#?}");
        assert_eq!(run.code, Some(1));
    }
}

#[test]
fn hosts_file_is_not_asked() {
    let lab = Lab::new();
    let (host, _servers) = served(&lab);
    lab.file("/etc/hosts", "198.51.100.1 www.example nothere.example\n192.0.2.2 server.name");
    dig(&host, "+short www.example").says("192.0.2.1\n192.0.2.3\n");
    dig(&host, "+short nothere.example").says("");
    // But a server's name is looked up as any host's is.
    dig(&host, "+short @server.name www.example").says("192.0.2.1\n192.0.2.3\n");
}
