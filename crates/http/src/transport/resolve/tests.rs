use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::transport::told::{Told, both, run, told};

fn name(host: &str) -> Name<'_> {
    Name { host, port: 80, zone: None, is_proxy: false }
}

async fn look_up(host: &str, spec: &ConnectSpec) -> (Result<Vec<SocketAddr>, Failure>, Told) {
    let (tell, told) = told();
    (resolve(name(host), spec, &Names::default(), &tell).await, told)
}

fn with_asker(answer: Result<Vec<IpAddr>, String>) -> (ConnectSpec, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let asker = move |_: &str, _: Family| {
        counted.fetch_add(1, Ordering::SeqCst);
        answer.clone().map(|them| (them, NameSource::Https("https://dns.example/".to_owned())))
    };
    let asker = Some(Asker(Arc::new(asker)));
    (ConnectSpec { asker, ..ConnectSpec::default() }, count)
}

#[test]
fn localhost_is_this_machine_whoever_says_otherwise() {
    run(async {
        for host in ["localhost", "LOCALHOST.", "a.localhost"] {
            let (found, told) = look_up(host, &ConnectSpec::default()).await;
            let expected: Vec<SocketAddr> =
                vec!["[::1]:80".parse().unwrap(), "127.0.0.1:80".parse().unwrap()];
            assert_eq!(found.unwrap(), expected, "{host}");
            assert!(
                told.has(|one| matches!(one, Event::Resolved { source: NameSource::Loopback, .. }))
            );
        }
    });
}

#[test]
fn address_is_not_looked_up() {
    run(async {
        let (found, told) = look_up("2001:db8::1", &ConnectSpec::default()).await;
        assert_eq!(found.unwrap(), ["[2001:db8::1]:80".parse().unwrap()]);
        assert!(!told.has(|one| matches!(one, Event::Resolving { .. })));
    });
}

#[test]
fn address_of_the_other_family_is_no_connection() {
    run(async {
        let spec = ConnectSpec { family: Family::V4, ..ConnectSpec::default() };
        let (found, _) = look_up("2001:db8::1", &spec).await;
        assert_eq!(found.unwrap_err(), Failure::new(Kind::Connect, "Could not connect to server"));
    });
}

#[test]
fn name_that_is_not_there_fails_in_curls_words() {
    run(async {
        let (spec, _) = with_asker(Err("NXDOMAIN".to_owned()));
        let (found, _) = look_up("a.example", &spec).await;
        assert_eq!(
            found.unwrap_err(),
            Failure::new(Kind::Name, "Could not resolve host: a.example")
        );
        let (tell, _told) = told();
        let proxy = Name { is_proxy: true, ..name("a.example") };
        let failure = resolve(proxy, &spec, &Names::default(), &tell).await.unwrap_err();
        assert_eq!(failure, Failure::new(Kind::ProxyName, "Could not resolve proxy: a.example"));
    });
}

#[test]
fn answer_without_addresses_is_none() {
    run(async {
        let (spec, _) = with_asker(Ok(Vec::new()));
        assert_eq!(look_up("a.example", &spec).await.0.unwrap_err().kind, Kind::Name);
    });
}

#[test]
fn several_who_ask_at_the_same_time_ask_once() {
    run(async {
        let (spec, count) = with_asker(Ok(vec!["192.0.2.1".parse().unwrap()]));
        let (names, (tell, told)) = (Names::default(), told());
        let one = || resolve(name("a.example"), &spec, &names, &tell);
        let (first, second) = both(one(), one()).await;
        assert!(first.is_ok() && second.is_ok());
        assert!(one().await.is_ok());
        assert_eq!(count.load(Ordering::SeqCst), 1);
        assert!(told.has(|one| matches!(one, Event::Resolved { source: NameSource::Cache, .. })));
    });
}

#[test]
fn what_was_found_is_forgotten_after_a_minute() {
    let (names, begin) = (Names::default(), Instant::now());
    let entry = names.entry("a.example", Family::Any, begin);
    assert!(Rc::ptr_eq(&entry, &names.entry("A.example", Family::Any, begin + KEPT)));
    assert!(!Rc::ptr_eq(&entry, &names.entry("a.example", Family::V4, begin)));
    let later = begin + KEPT + Duration::from_millis(1);
    assert!(!Rc::ptr_eq(&entry, &names.entry("a.example", Family::Any, later)));
}

#[test]
fn named_servers_without_anybody_to_ask_them_are_refused() {
    run(async {
        let spec =
            ConnectSpec { doh: Some("https://dns.example/".to_owned()), ..ConnectSpec::default() };
        assert_eq!(look_up("a.example", &spec).await.0.unwrap_err().kind, Kind::Setup);
    });
}

#[test]
fn zone_is_an_interface_and_its_lack_is_said() {
    run(async {
        let (tell, _told) = told();
        let (spec, names) = (ConnectSpec::default(), Names::default());
        let with = |zone| Name { zone: Some(zone), ..name("fe80::1") };
        let found = resolve(with("lo"), &spec, &names, &tell).await.unwrap();
        assert_eq!(found.first().map(ToString::to_string).as_deref(), Some("[fe80::1%1]:80"));
        for absent in ["nope", "../lo", ""] {
            let failure = resolve(with(absent), &spec, &names, &tell).await.unwrap_err();
            assert_eq!(failure.kind, Kind::Connect, "{absent}");
        }
    });
}

#[test]
fn system_knows_this_machine() {
    run(async {
        let (found, source) = ask_system("127.0.0.1", Family::Any).await.unwrap();
        assert_eq!(found, [IpAddr::V4(Ipv4Addr::LOCALHOST)]);
        assert!(matches!(source, NameSource::System { .. }));
        assert!(ask_system("a\0b", Family::Any).await.is_err());
    });
}
