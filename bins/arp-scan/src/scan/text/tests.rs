use super::*;
use wireline_engine::segment::MacKind;
use wireline_packet::Mac;

fn host() -> Host {
    let mac = Mac([0x3c, 0x22, 0xfb, 0, 0x53, 1]);
    Host {
        interface: Some("eth0".into()),
        address: [192, 0, 2, 1].into(),
        name: None,
        mac,
        mac_kind: MacKind::Universal,
        vendor: Some("Example, Inc.".into()),
        frame_mac: mac,
        answers: 1,
        rtt: Some(Duration::from_nanos(1_234_999)),
        attempt: 1,
        source: Source::Reply,
        framing: Framing::Ethernet2,
        vlan: None,
        protocol: 0x0800,
        padding: Vec::new(),
    }
}

fn strange() -> Host {
    Host {
        frame_mac: Mac([2, 0, 0x5e, 0, 0x53, 2]),
        answers: 3,
        framing: Framing::Snap,
        vlan: Some(4095),
        protocol: 0x1000,
        padding: vec![0x55, 0xaa],
        ..host()
    }
}

fn render(config: TextConfig, events: &[Event]) -> (String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut text = Text::new(config, Lookup::numeric());
    for event in events {
        let mut to = Streams { out: &mut out, err: &mut err };
        text.event(Duration::ZERO, event, &mut to).unwrap();
    }
    (String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

fn line(config: TextConfig, host: Host) -> String {
    render(config, &[Event::Host(Box::new(host))]).0
}

#[test]
fn line_is_that_of_the_peer() {
    let config = TextConfig::default();
    assert_eq!(line(config, host()), "192.0.2.1\t3c:22:fb:00:53:01\tExample, Inc.\n");
}

#[test]
fn all_that_is_unusual_is_told_in_the_order_of_the_peer() {
    let config = TextConfig { verbose: 1, rtt: true, ..TextConfig::default() };
    assert_eq!(
        line(config, strange()),
        "192.0.2.1\t3c:22:fb:00:53:01 (02:00:5e:00:53:02)\tExample, Inc.\tPadding=55aa (802.2 LLC/SNAP) \
         (802.1Q VLAN=4095) (ARP Proto=0x1000) (DUP: 3)\tRTT=1.234 ms\n"
    );
}

#[test]
fn quiet_hides_all_but_the_addresses() {
    let config = TextConfig { quiet: true, rtt: true, verbose: 1, ..TextConfig::default() };
    assert_eq!(line(config, strange()), "192.0.2.1\t3c:22:fb:00:53:01 (02:00:5e:00:53:02)\n");
}

#[test]
fn unknown_vendor_is_called_so() {
    let unknown = Host { vendor: None, ..host() };
    assert!(line(TextConfig::default(), unknown.clone()).ends_with("\t(Unknown)\n"));
    let local = Host { mac: Mac([2, 0, 0, 0, 0, 1]), ..unknown };
    assert!(line(TextConfig::default(), local).ends_with("\t(Unknown: locally administered)\n"));
}

#[test]
fn further_answers_are_hidden_where_nobody_wants_them() {
    let config = TextConfig { ignoredups: true, ..TextConfig::default() };
    assert_eq!(line(config, strange()), "");
}

#[test]
fn format_has_fields_and_widths_and_warns_of_what_is_not_there() {
    let format = Format::parse(r"${IP;12}|${mac;-20}|${ipnum}\n${dup}${nosuch}").unwrap();
    let config = TextConfig { format: Some(format), ..TextConfig::default() };
    let (out, err) = render(config, &[Event::Host(Box::new(host()))]);
    assert_eq!(out, "   192.0.2.1|3c:22:fb:00:53:01   |3221225985\n\n");
    assert_eq!(
        err,
        "WARNING: Field ${dup} unknown or not available\nWARNING: Field ${nosuch} unknown or not available\n"
    );
}

#[test]
fn name_that_is_not_known_is_the_address_and_never_null() {
    let config = TextConfig { resolve: true, ..TextConfig::default() };
    assert!(line(config, host()).starts_with("192.0.2.1\t"));
}

#[test]
fn what_strangers_chose_does_not_reach_the_terminal() {
    let hostile = Host { vendor: Some("\x1b[2J\u{202e}x".into()), ..host() };
    assert!(line(TextConfig::default(), hostile).ends_with("\t\\027[2J\\226\\128\\174x\n"));
}

#[test]
fn heading_and_summary_are_those_of_the_peer() {
    let interface = Interface {
        interface: Some("eth0".into()),
        mac: Some(Mac([2, 0, 0, 0, 0, 1])),
        address: None,
        vlan: None,
    };
    let start = Start { v: 1, hosts: 16, list: Vec::new() };
    let summary = Summary {
        hosts: 16,
        responded: 4,
        received: 5,
        elapsed: Duration::from_millis(500),
        complete: true,
        ..Summary::default()
    };
    let events =
        [Event::Interface(interface), Event::Start(start), Event::Summary(Box::new(summary))];
    let (out, err) = render(TextConfig::default(), &events);
    assert_eq!(
        out,
        "Interface: eth0, type: EN10MB, MAC: 02:00:00:00:00:01, IPv4: (none)\n\
         Starting arp-scan 1.10.0 with 16 hosts (https://github.com/royhills/arp-scan)\n\n\
         5 packets received by filter, 0 packets dropped by kernel\n\
         Ending arp-scan 1.10.0: 16 hosts scanned in 0.500 seconds (32.00 hosts/sec). 4 responded\n"
    );
    assert_eq!(err, "");
    let plain = TextConfig { plain: true, ..TextConfig::default() };
    assert_eq!(render(plain, &events).0, "");
}

#[test]
fn hosts_are_listed_in_the_words_of_the_peer() {
    let list = vec![[192, 0, 2, 9].into(), [192, 0, 2, 1].into()];
    let config = TextConfig { verbose: 3, plain: true, ..TextConfig::default() };
    let (out, _) = render(config, &[Event::Start(Start { v: 1, hosts: 2, list })]);
    assert_eq!(
        out,
        "Host List:\n\nEntry\tIP Address\n1\t192.0.2.9\n2\t192.0.2.1\n\nTotal of 2 host entries.\n\n"
    );
}

#[test]
fn findings_go_to_stderr_and_compat_has_none() {
    let claimant = |last| crate::event::Claimant {
        mac: Mac([2, 0, 0, 0, 0, last]),
        vendor: (last == 1).then(|| "Example".into()),
    };
    let finding = Event::Finding(crate::event::Finding {
        interface: Some("eth0".into()),
        what: crate::event::What::Conflict {
            address: [192, 0, 2, 9].into(),
            claimants: vec![claimant(1), claimant(2)],
        },
    });
    let (out, err) = render(TextConfig::default(), std::slice::from_ref(&finding));
    assert_eq!(
        (out.as_str(), err.as_str()),
        (
            "",
            "WARNING: conflict: 192.0.2.9 is claimed by 02:00:00:00:00:01 (Example) and 02:00:00:00:00:02 [eth0]\n"
        )
    );
    let compat = TextConfig { compat: true, ..TextConfig::default() };
    assert_eq!(render(compat, &[finding]), (String::new(), String::new()));
}

#[test]
fn addresses_are_written_as_anywhere() {
    for address in (0..=u8::MAX).map(|n| IpAddr::from([n, 255 - n, 0, n])) {
        let mut line = String::new();
        push_address(&mut line, address);
        assert_eq!(line, address.to_string());
    }
    let mut line = String::new();
    push_address(&mut line, "fe80::1".parse().unwrap());
    assert_eq!(line, "fe80::1");
}
