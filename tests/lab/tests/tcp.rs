//! The servers of TCP themselves, as kernels see them.

use wireline_lab::{Host, Lab};

/// What the kernel's own connect(2) comes to within two seconds, and what it reads until the end.
fn said(host: &Host<'_>, address: &str, port: u16) -> String {
    host.output(&format!(
        "timeout 2 bash -c 'exec 3<>/dev/tcp/{address}/{port} && echo open && echo hi >&3 && head -c 3 <&3' 2>&1 || true",
    ))
}

#[test]
fn servers_answer_on_both_families() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    let _servers = b.tcp(&["7=echo", "8=banner:hello"]);
    for address in ["192.0.2.2", "2001:db8::2"] {
        assert_eq!(said(&a, address, 7), "open\nhi\n", "{address}");
        assert_eq!(said(&a, address, 8), "open\nhel", "{address}");
        assert!(said(&a, address, 9).contains("refused"), "{address}");
    }
}

#[test]
fn hostile_host_is_all_that_answers_for_its_addresses() {
    let lab = Lab::new();
    let [a, b] = lab.wire("a", "b");
    let _hostile = b.hostile_tcp(&a, &["fair", "silent", "rst-data"]);
    for network in ["198.51.100.", "2001:db8:bad::"] {
        assert_eq!(said(&a, &format!("{network}1"), 7), "open\nhi\n", "{network}");
        assert_eq!(said(&a, &format!("{network}2"), 7), "", "nothing: {network}");
        assert!(said(&a, &format!("{network}3"), 7).contains("refused"), "{network}");
    }
    // A kernel that told of missing routes would end connections in the midst.
    let told =
        b.output("nstat -az Icmp6OutDestUnreachs IcmpOutDestUnreachs | awk 'NR>1 { print $2 }'");
    assert_eq!(told.split_whitespace().collect::<Vec<_>>(), ["0", "0"]);
}

#[test]
fn unknown_word_is_refused() {
    let lab = Lab::new();
    let host = lab.host("a");
    let program = wireline_lab::program("wireline-tcp-hostile");
    let out = host.command(program).arg("no-such-word").output().unwrap();
    assert_eq!(out.status.code(), Some(1));
}
