use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr};

use wireline_dns::{Class, Cookie, Opcode, RecordType, Transport};

use super::*;
use wireline_host::Family;

use crate::options::{Options, Query, RrComments, Split, Subnet};

fn line(words: &str) -> CommandLine {
    read_words(words).unwrap_or_else(|(_, stop)| panic!("{words}: {}", stop.stderr("dig")))
}

fn read_words(words: &str) -> Result<CommandLine, (Said, Stop)> {
    let words: Vec<OsString> = words.split_whitespace().map(Into::into).collect();
    read(&words, &Surroundings::default())
}

fn one(words: &str) -> Query {
    let mut queries = line(words).queries;
    assert_eq!(queries.len(), 1, "queries of: {words}");
    queries.remove(0)
}

fn options(words: &str) -> Options {
    Options::clone(&one(words).options)
}

/// Name, type and class of each query.
fn asked(words: &str) -> String {
    let queries = line(words).queries;
    let texts = queries.iter().map(|query| {
        let Options { kind, class, serial, .. } = &*query.options;
        let serial = serial.map_or(String::new(), |serial| format!("={serial}"));
        format!("{} {class} {kind}{serial}", query.name)
    });
    texts.collect::<Vec<_>>().join(", ")
}

#[test]
fn names_types_and_classes_stand_in_any_order() {
    for (words, meant) in [
        ("", ". IN NS"),
        ("mx", ". IN NS"),
        ("a.lab", "a.lab IN A"),
        ("mx a.lab", "a.lab IN MX"),
        ("a.lab mx", "a.lab IN MX"),
        ("ch txt version.bind", "version.bind CH TXT"),
        ("a.lab mx b.lab txt", "a.lab IN MX, b.lab IN TXT"),
        ("mx a.lab b.lab txt", "a.lab IN MX, b.lab IN TXT"),
        ("-t a mx", "mx IN A"),
        ("-c in mx", "mx IN A"),
        ("-tmx a.lab b.lab", "a.lab IN MX, b.lab IN MX"),
        ("a.lab -t mx txt", "a.lab IN MX, txt IN A"),
        ("-q mx", "mx IN A"),
        ("-q mx -q txt", "mx IN A, txt IN A"),
        ("-qmx mx", "mx IN MX"),
        ("a.lab type65281 class4660", "a.lab CLASS4660 TYPE65281"),
        ("a.lab TYPE1", "a.lab IN A"),
        ("a.lab ixfr=5", "a.lab IN IXFR=5"),
        ("-t IXFR=5 a.lab", "a.lab IN IXFR=5"),
        ("a.lab ixfr=5 mx", "a.lab IN MX"),
        ("a.lab hesiod", "a.lab HS A"),
        ("-x 192.0.2.1", "1.2.0.192.in-addr.arpa. IN PTR"),
        ("-x10.1", "1.10.in-addr.arpa. IN PTR"),
        ("-x 192.0.2.1 a.lab", "1.2.0.192.in-addr.arpa. IN PTR, a.lab IN A"),
        ("-t mx -x 192.0.2.1", "1.2.0.192.in-addr.arpa. IN MX"),
        ("-x 192.0.2.1 -t mx", "1.2.0.192.in-addr.arpa. IN MX"),
        ("a.lab % b.lab", "a.lab IN A"),
        ("+dns64prefix", "ipv4only.arpa IN AAAA"),
        ("a.lab +dns64prefix", "a.lab IN A, ipv4only.arpa IN AAAA"),
        ("+nssearch a.lab", "a.lab IN NS"),
    ] {
        assert_eq!(asked(words), meant, "{words}");
    }
}

#[test]
fn options_before_the_first_name_are_for_all_and_others_for_theirs() {
    let queries = line("+cd a.lab +aa b.lab +nocd").queries;
    let flags = queries.iter().map(|query| (query.options.header.cd, query.options.header.aa));
    let flags: Vec<_> = flags.collect();
    assert_eq!(flags, [(true, true), (false, false)]);
}

#[test]
fn what_dig_keeps_once_is_the_same_for_all() {
    let queries = line("a.lab b.lab +short +time=7 +ndots=3 -p 5353 +split=5 +yaml").queries;
    for query in &queries {
        let Options { show, asking, search, .. } = &*query.options;
        assert!(show.short && show.yaml && show.split == Split::Every(8), "{}", query.name);
        assert_eq!(asking.timeout.map(|time| time.as_secs()), Some(7));
        assert_eq!((search.ndots, query.options.port()), (Some(3), 5353));
    }
    assert!(queries[0].options.show.comments, "+short hides the comments of its own query only");
    assert!(!queries[1].options.show.comments);
}

#[test]
fn defaults_are_those_of_dig() {
    let options = options("a.lab");
    assert_eq!(options, Options::default());
    assert_eq!((options.edns.version(), options.edns.udp_size()), (Some(0), 1232));
    assert_eq!(options.edns.cookie, Cookie::Drawn);
    assert!(options.header.rd && options.header.ad && options.show.comments);
    assert_eq!((options.transport(), options.port()), (Transport::Udp, 53));
}

#[test]
fn carriers_are_what_the_flags_come_to() {
    for (words, transport, port) in [
        ("a.lab +tcp", Transport::Tcp, 53),
        ("a.lab +vc +notcp", Transport::Udp, 53),
        ("a.lab any", Transport::Tcp, 53),
        ("a.lab +notcp any", Transport::Udp, 53),
        ("a.lab ixfr=1", Transport::Tcp, 53),
        ("a.lab +tls", Transport::Tls, 853),
        ("a.lab +tls +notls", Transport::Udp, 53),
        ("a.lab +tls-ca", Transport::Tls, 853),
        ("a.lab +tls-hostname=x", Transport::Tls, 853),
        ("a.lab +notcp +tls", Transport::Udp, 53),
        ("a.lab +https", Transport::HttpsPost, 443),
        ("a.lab +https-get", Transport::HttpsGet, 443),
        ("a.lab +https-get +https", Transport::HttpsGet, 443),
        ("a.lab +https +tls-ca", Transport::HttpsPost, 443),
        ("a.lab +http-plain", Transport::HttpPost, 80),
        ("a.lab +http-plain-g", Transport::HttpGet, 80),
        ("a.lab +https-G", Transport::HttpsPost, 443),
        ("a.lab +https +nohttp", Transport::Tcp, 53),
        ("a.lab +quic", Transport::Quic, 853),
        ("a.lab +tls -p 1", Transport::Tls, 1),
    ] {
        let options = options(words);
        assert_eq!((options.transport(), options.port()), (transport, port), "{words}");
    }
    assert_eq!(options("+https=/x a.lab").carrier.path.as_deref(), Some("/x"));
    assert_eq!(options("+https a.lab").carrier.path.as_deref(), Some("/dns-query"));
}

#[test]
fn edns_is_brought_back_by_its_options() {
    for (words, version) in [
        ("a.lab +noedns", None),
        ("a.lab +noedns +edns=1", Some(1)),
        ("a.lab +noedns +nsid", Some(0)),
        ("a.lab +noedns +dnssec", Some(0)),
        ("a.lab +dnssec +noedns", Some(0)),
        ("a.lab +noedns +bufsize=512", Some(0)),
        ("a.lab +noedns +cookie", Some(0)),
        ("a.lab +noedns +nocookie", None),
        ("a.lab +noedns +expire", None),
        ("a.lab +noedns +subnet=192.0.2.0/24", Some(0)),
    ] {
        assert_eq!(options(words).edns.version(), version, "{words}");
    }
}

#[test]
fn values_of_edns_are_read() {
    let edns = options("a.lab +ednsopt=nsid:00ff +ednsopt=65001 +ednsflags=0xffff +do").edns;
    assert_eq!(edns.options, [(3, vec![0, 255]), (65001, vec![])]);
    assert_eq!(edns.flag_bits(), 0xbfff, "CO was not asked for");
    let subnet = |words: &str| options(words).edns.subnet;
    let ten = IpAddr::V4(Ipv4Addr::new(10, 1, 0, 0));
    assert_eq!(subnet("a.lab +subnet=10.1/16"), Some(Subnet { address: Some(ten), prefix: 16 }));
    assert_eq!(subnet("a.lab +subnet=0"), Some(Subnet { address: None, prefix: 0 }));
    let whole = subnet("a.lab +subnet=2001:db8::/200").map(|subnet| subnet.prefix);
    assert_eq!(whole, Some(128));
    let cookie = options("a.lab +cookie=0102030405060708").edns.cookie;
    assert_eq!(cookie, Cookie::Chosen(vec![1, 2, 3, 4, 5, 6, 7, 8]));
    assert_eq!(options("a.lab +trace +nocookie +trace").edns.cookie, Cookie::Drawn);
}

#[test]
fn single_options_do_what_they_say() {
    assert_eq!(options("a.lab +opcode=notify").header.opcode, Opcode::NOTIFY);
    assert_eq!(options("a.lab +opcode=15").header.opcode, Opcode(15));
    assert_eq!(options("a.lab +qid=7").header.id, Some(7));
    assert_eq!(options("a.lab +tries=0").asking.tries, Some(1));
    assert_eq!(options("a.lab +retry=0").asking.tries, Some(1));
    assert_eq!(options("a.lab +norr").show.rr_comments, RrComments::Never);
    assert_eq!(options("a.lab +nosplit").show.split, Split::Never);
    assert!(options("a.lab +domain=x.lab").search.wanted);
    assert!(!options("a.lab +search +trace").search.wanted);
    assert!(!options("axfr a.lab").show.comments, "transfers are bare");
    assert!(options("+comments axfr a.lab").show.comments);
    assert!(options("axfr a.lab +comments").show.comments);
    assert_eq!(options("-c ch a.lab").class, Class::CH);
    assert!(options("-u a.lab").show.microseconds);
    assert_eq!(options("a.lab aaaa +trace").kind, RecordType::AAAA);
    assert_eq!(one("@192.0.2.1 a.lab @192.0.2.2").options.servers, ["192.0.2.1", "192.0.2.2"]);
}

#[test]
fn the_run_has_options_of_its_own() {
    let globals = line("-4 -b 192.0.2.1#53 a.lab --json --jobs 9 --rate=5 --watch -uf x").globals;
    assert_eq!((globals.family, globals.json), (Family::V4, true));
    assert_eq!(globals.source, Some("192.0.2.1:53".parse().unwrap()));
    assert_eq!((globals.jobs, globals.rate), (Some(9), Some(5)));
    assert!(globals.watch.is_some() && globals.batch == Some("x".into()));
    assert!(line("-f x").queries.is_empty(), "no name is none where there is a batch");
}

#[test]
fn the_greeting_has_the_words_of_the_line() {
    let query = one("@192.0.2.1 +edns= +tries=2 a.lab +edns=");
    let text = query.greeting.unwrap().text("9.18", 1);
    assert_eq!(
        text,
        "\n; <<>> DiG 9.18 <<>> @192.0.2.1 +edns +tries=2 a.lab +edns=\n; (1 server found)\n\
         ;; global options: +cmd\n",
        "what was read before the name has lost its empty value"
    );
    assert_eq!(one("+nocmd a.lab").greeting, None);
    assert!(one("a.lab +nocmd").greeting.is_some(), "it was made when the name came");
    let second = &line("a.lab b.lab").queries[1];
    assert_eq!(second.greeting, None);
}

#[test]
fn what_makes_no_sense_is_said_in_the_words_of_dig() {
    for (words, exit, why) in [
        ("+foo=x", 1, "Invalid option: +foo"),
        ("+=foo=x", 1, "Invalid option: +=foo"),
        ("+tries=", 1, "Invalid option: +tries"),
        ("+sh", 1, "Invalid option: +sh"),
        ("+http", 1, "Invalid option: +http"),
        ("-Z", 1, "Invalid option: -Z"),
        ("-uZ", 1, "Invalid option: -Z"),
        ("-t", 1, "Invalid option: -t"),
        ("--foo", 1, "Invalid option: --foo"),
        ("-4 -6", 1, "only one of -4 and -6 allowed"),
        ("-p x", 1, "Couldn't parse port number"),
        ("-b 1.2.3", 1, "invalid address 1.2.3"),
        ("+edns=300", 10, "Couldn't parse edns"),
        ("+padding=513", 10, "Couldn't parse padding"),
        ("+ednsopt", 10, "ednsopt no code point specified"),
        ("+ednsopt=3:abc", 1, "isc_hex_decodestring: bad hex encoding"),
        ("+cookie=zz a.lab", 1, "isc_hex_decodestring: bad hex encoding"),
        ("+subnet=foo", 1, "invalid address 'foo'"),
        ("ixfr=x", 1, "Couldn't parse serial number"),
        ("-m a.lab", 1, "-m: how BIND allocates memory is not to be had here"),
        ("--jobs 0", 1, "--jobs: not a number above 0: 0"),
    ] {
        let (_, stop) = read_words(words).map(|_| ()).unwrap_err();
        assert_eq!((stop.exit.0, stop.why.as_str()), (exit, why), "{words}");
    }
    let (_, stop) = read_words("+edns=300").map(|_| ()).unwrap_err();
    assert_eq!(stop.stdout, "invalid edns '300': out of range\n");
    assert_eq!(stop.stderr("dig"), "dig: Couldn't parse edns\n");
}

#[test]
fn warnings_do_not_end_the_run() {
    let said = |words: &str| line(words).said.stderr;
    assert_eq!(said("-t foo a.lab"), ";; Warning, ignoring invalid type foo\n");
    assert_eq!(said("-t reserved0 a.lab"), ";; Warning, ignoring invalid type reserved0\n");
    assert_eq!(said("a.lab reserved0 reserved0"), ";; Warning, extra class option\n");
    assert_eq!(said("-c foo a.lab"), ";; Warning, ignoring invalid class foo\n");
    assert_eq!(said("a.lab mx mx"), ";; Warning, extra type option\n");
    assert_eq!(said("a.lab ch ch"), ";; Warning, extra class option\n");
    assert_eq!(said("a.lab ixfr"), ";; Warning, ixfr requires a serial number\n");
    assert_eq!(said("a.lab +topdown"), ";; +topdown option is deprecated");
    let split = ";; Warning, split must be a multiple of 4; adjusting to 8\n";
    assert_eq!(said("a.lab +split=5"), split);
    assert_eq!(line("+ a.lab").said.stdout, ";; Invalid option \n");
}

#[test]
fn endless_words_are_read_in_peace() {
    let long = "1.".repeat(50_000);
    let (_, stop) = read_words(&format!("-x {long}")).map(|_| ()).unwrap_err();
    assert_eq!(stop.why, format!("Invalid IP address {long}"));
    assert_eq!(one(&"a".repeat(100_000)).name.len(), 1023);
    assert!(read_words(&format!("+{}", "no".repeat(50_000))).is_err());
}

#[test]
fn digrc_comes_first_and_its_names_are_not_heard() {
    let home = std::env::temp_dir().join(format!("wireline-digrc-{}", std::process::id()));
    std::fs::create_dir_all(&home).unwrap();
    std::fs::write(home.join(".digrc"), "+nocomments +cd a.lab\n\n+nocd -t mx\n").unwrap();
    let surroundings = Surroundings { home: Some(home.clone()), idn: true };
    let read = |words: &[&str]| {
        let words: Vec<OsString> = words.iter().map(Into::into).collect();
        let line = read(&words, &surroundings).map_err(|_| ()).unwrap();
        Options::clone(&line.queries[0].options)
    };
    let options = read(&["b.lab", "+cd"]);
    assert!(options.header.cd && !options.show.comments && options.idn_in);
    assert_eq!((options.kind, options.kind_chosen), (RecordType::MX, false));
    assert!(read(&["b.lab", "-r"]).show.comments, "-r is heard before");
    std::fs::remove_dir_all(&home).unwrap();
}
