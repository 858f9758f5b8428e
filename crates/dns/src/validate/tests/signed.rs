use super::world::{NOW, World, Zone, message, nsec, nsec3, set};
use super::{name, question, run};
use crate::RecordType;
use crate::validate::denial::hash;
use crate::validate::reply::Rrset;
use crate::validate::*;

const A: RecordType = RecordType::A;
const DATA: &[&[u8]] = &[&[192, 0, 2, 1]];

fn with_keys(zone: &Zone) -> World {
    World::default().with(
        &zone.apex.to_string(),
        RecordType::DNSKEY,
        message(0, &[zone.keys()], &[]),
    )
}

/// What is made of one reply about `owner`, in a zone `lab.` that is anchored.
fn verdict_on(zone: &Zone, owner: &str, kind: RecordType, reply: Vec<u8>) -> (Verdict, Vec<Link>) {
    let nsec = zone.sign(set(owner, RecordType::NSEC, &[&nsec("z.lab", &[A])]));
    let no_ds = message(0, &[], &[nsec]);
    let world = with_keys(zone).with(owner, RecordType::DS, no_ds).with(owner, kind, reply);
    world.ask(zone.anchors(), owner, kind)
}

#[test]
fn records_must_be_signed_by_their_zone_in_time() {
    let zone = Zone::new("lab");
    let www = || set("www.lab", A, DATA);
    let security = |set: Rrset| verdict_on(&zone, "www.lab", A, message(0, &[set], &[])).0.security;
    assert_eq!(security(zone.sign(www())), Security::Secure);
    assert_eq!(security(zone.sign_as(www(), 2, NOW, NOW)), Security::Secure, "to the second");
    assert_eq!(security(zone.sign_as(www(), 2, NOW - 9, NOW - 1)), Security::Bogus);
    assert_eq!(security(zone.sign_as(www(), 2, NOW + 1, NOW + 9)), Security::Bogus);
    assert_eq!(security(zone.sign_as(www(), 3, NOW - 9, NOW + 9)), Security::Bogus, "more labels");
    assert_eq!(security(Zone::new("lab").sign(www())), Security::Bogus, "of another key");
    assert_eq!(security(Zone::new("www.lab").sign(www())), Security::Bogus, "of no zone");
}

#[test]
fn wildcard_answer_needs_the_proof_that_nothing_is_nearer() {
    let zone = Zone::new("lab");
    let www = || zone.sign_as(set("a.b.lab", A, DATA), 1, NOW - 1, NOW + 1);
    let proof = |owner, next| vec![zone.sign(set(owner, RecordType::NSEC, &[&nsec(next, &[A])]))];
    let security =
        |authority: &[Rrset]| verdict_on(&zone, "a.b.lab", A, message(0, &[www()], authority)).0;
    assert_eq!(security(&proof("*.lab", "c.lab")).security, Security::Secure);
    assert!(matches!(security(&[]).why, Some(Why::NoProof(..))));
    assert_eq!(security(&proof("c.lab", "d.lab")).security, Security::Bogus, "covers another");
    assert_eq!(security(&proof("*.lab", "x.b.lab")).security, Security::Bogus, "b.lab is there");
    let mut unsigned = proof("*.lab", "c.lab");
    unsigned[0].signatures.clear();
    assert!(matches!(security(&unsigned).why, Some(Why::NoSignature(..))));
}

#[test]
fn proofs_of_nsec_say_no_more_than_they_can() {
    let zone = Zone::new("lab");
    let record = |owner, next, types: &[RecordType]| {
        zone.sign(set(owner, RecordType::NSEC, &[&nsec(next, types)]))
    };
    let gap = |rcode, authority: &[Rrset]| {
        let (verdict, _) = verdict_on(&zone, "x.sub.lab", A, message(rcode, &[], authority));
        match verdict.why {
            Some(Why::ProofFails { gap, .. }) => Some(gap),
            Some(other) => panic!("{other:?}"),
            None => None,
        }
    };
    let wild = record("lab", "a.lab", &[RecordType::SOA, RecordType::NS]);
    assert_eq!(gap(3, &[record("a.lab", "z.lab", &[A]), wild.clone()]), None);
    assert_eq!(gap(3, &[record("a.lab", "z.lab", &[A])]), Some(Gap::Wildcard(name("*.lab"))));
    let of_parent = record("sub.lab", "z.lab", &[RecordType::NS]);
    assert_eq!(
        gap(3, &[of_parent, wild.clone()]),
        Some(Gap::NotCovered(name("x.sub.lab"))),
        "a delegation's"
    );
    let dname = record("sub.lab", "z.lab", &[RecordType::DNAME]);
    assert_eq!(gap(3, &[dname, wild.clone()]), Some(Gap::NotCovered(name("x.sub.lab"))));
    assert_eq!(gap(0, &[record("a.lab", "b.x.sub.lab", &[A])]), None, "an empty non-terminal");
    assert_eq!(
        gap(3, &[record("a.lab", "b.x.sub.lab", &[A]), wild]),
        Some(Gap::NotCovered(name("x.sub.lab")))
    );
    assert_eq!(
        gap(0, &[record("x.sub.lab", "z.lab", &[A])]),
        Some(Gap::TypeThere(name("x.sub.lab"), A))
    );
    assert_eq!(
        gap(0, &[record("x.sub.lab", "z.lab", &[RecordType::NS])]),
        Some(Gap::WrongSide(name("x.sub.lab")))
    );
    assert_eq!(
        gap(0, &[record("x.sub.lab", "z.lab", &[RecordType::CNAME])]),
        Some(Gap::TypeThere(name("x.sub.lab"), RecordType::CNAME))
    );
    let expanded =
        zone.sign_as(set("x.sub.lab", RecordType::NSEC, &[&nsec("z.lab", &[])]), 1, NOW, NOW);
    let (verdict, _) = verdict_on(&zone, "x.sub.lab", A, message(0, &[], &[expanded]));
    assert!(matches!(verdict.why, Some(Why::NoProof(..))), "an NSEC made from a wildcard");
}

fn near(of: &str, by: i16) -> [u8; 20] {
    let mut hash: [u8; 20] = hash(&name(of), &[], 0).try_into().unwrap();
    let low = i16::from_be_bytes([hash[0], hash[1]]).wrapping_add(by);
    [hash[0], hash[1]] = low.to_be_bytes();
    hash
}

#[test]
fn proofs_of_nsec3_need_encloser_next_closer_and_wildcard() {
    let zone = Zone::new("lab");
    let covering =
        |of, opt_out| zone.sign(nsec3("lab", near(of, -1), near(of, 1), 0, opt_out, &[A]));
    let matching =
        |of, types: &[RecordType]| zone.sign(nsec3("lab", near(of, 0), near(of, 1), 0, 0, types));
    let on = |rcode, authority: &[Rrset]| {
        verdict_on(&zone, "a.b.lab", A, message(rcode, &[], authority)).0
    };
    let apex = || matching("lab", &[RecordType::SOA, RecordType::NS]);
    assert_eq!(
        on(3, &[apex(), covering("b.lab", 0), covering("*.lab", 0)]).security,
        Security::Secure
    );
    let opted_out = on(3, &[apex(), covering("b.lab", 1), covering("*.lab", 0)]);
    assert_eq!(opted_out.why, Some(Why::OptOut(name("a.b.lab"))));
    let fails = |rcode, authority: &[Rrset]| match on(rcode, authority).why {
        Some(Why::ProofFails { gap, .. }) => gap,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        fails(3, &[covering("b.lab", 0), covering("*.lab", 0)]),
        Gap::NoEncloser(name("a.b.lab"))
    );
    assert_eq!(fails(3, &[apex(), covering("*.lab", 0)]), Gap::NotCovered(name("b.lab")));
    assert_eq!(fails(3, &[apex(), covering("b.lab", 0)]), Gap::Wildcard(name("*.lab")));
    let delegation = matching("b.lab", &[RecordType::NS]);
    assert_eq!(fails(3, &[delegation, covering("a.b.lab", 0)]), Gap::WrongSide(name("b.lab")));
    assert_eq!(on(0, &[matching("a.b.lab", &[RecordType::TXT])]).security, Security::Secure);
    assert_eq!(fails(0, &[matching("a.b.lab", &[A])]), Gap::TypeThere(name("a.b.lab"), A));
}

#[test]
fn nsec3_with_many_rounds_is_not_worked_through() {
    let zone = Zone::new("lab");
    for (iterations, is_done) in [(150, true), (151, false), (65535, false)] {
        let hash = hash(&name("www.lab"), &[], if is_done { iterations } else { 0 });
        let record = nsec3("lab", hash.try_into().unwrap(), [0; 20], iterations, 0, &[]);
        let (verdict, _) = verdict_on(&zone, "www.lab", A, message(0, &[], &[zone.sign(record)]));
        if is_done {
            assert_eq!(verdict.security, Security::Secure);
        } else {
            assert_eq!(verdict.why, Some(Why::Iterations(iterations)));
        }
    }
}

#[test]
fn keys_of_one_tag_and_heaps_of_signatures_are_bounded_work() {
    let zone = Zone::new("lab");
    // Words of a key change places: another key, the same tag.
    let twin = |by: usize| {
        let mut key = zone.dnskey.clone();
        let (first, second) = (4 + 2 * (by % 16), 4 + 2 * (by / 16 % 16));
        for octet in 0..2 {
            key.swap(first + octet, second + octet);
        }
        key
    };
    let mut keys: Vec<_> = (0..256).map(twin).filter(|key| *key != zone.dnskey).collect();
    keys.dedup();
    assert!(keys.iter().all(|key| crate::present::key_tag(key) == zone.tag()));
    let mut rdatas: Vec<&[u8]> = keys.iter().map(Vec::as_slice).collect();
    rdatas.push(&zone.dnskey);
    let keys = zone.sign(set("lab", RecordType::DNSKEY, &rdatas));
    let mut www = zone.sign(set("www.lab", A, DATA));
    for by in 1..=100 {
        let mut bad = www.signatures.last().unwrap().clone();
        bad.octets[5] ^= by;
        www.signatures.insert(0, bad);
    }
    let world = World::default().with("lab", RecordType::DNSKEY, message(0, &[keys], &[])).with(
        "www.lab",
        A,
        message(0, &[www.clone()], &[]),
    );
    let (verdict, _) = world.ask(zone.anchors(), "www.lab", A);
    assert_eq!(verdict.security, Security::Bogus);
    assert!(verdict.checks <= 32, "{} signatures were checked", verdict.checks);
    let (verdict, _) = verdict_on(&zone, "www.lab", A, message(0, &[www], &[]));
    assert_eq!(verdict.why, Some(Why::TooExpensive("signature checks", 16)));
    assert_eq!(verdict.checks, 17, "one of the keys, sixteen of the records");
}

/// `lab.` anchored, `sub.lab.` below it with these DS records.
fn delegated(ds: &[&[u8]], child: &Zone, keys: Rrset) -> (Verdict, Vec<Link>) {
    let zone = Zone::new("lab");
    with_keys(&zone)
        .with(
            "sub.lab",
            RecordType::DS,
            message(0, &[zone.sign(set("sub.lab", RecordType::DS, ds))], &[]),
        )
        .with("sub.lab", RecordType::DNSKEY, message(0, &[keys], &[]))
        .with("www.sub.lab", A, message(0, &[child.sign(set("www.sub.lab", A, DATA))], &[]))
        .ask(zone.anchors(), "www.sub.lab", A)
}

#[test]
fn ds_vouches_where_its_algorithm_and_digest_are_supported() {
    let child = Zone::new("sub.lab");
    let (good, unknown) = (child.ds(2), child.ds(9));
    let mut sha1_key = child.ds(2);
    sha1_key[2] = 5;
    let of = |ds: &[&[u8]]| delegated(ds, &child, child.keys()).0;
    assert_eq!(of(&[&good]).security, Security::Secure);
    assert_eq!(of(&[&good, &unknown]).security, Security::Secure);
    assert_eq!(of(&[&unknown]).why, Some(Why::Unsupported(name("sub.lab"), vec![(15, 9)])));
    assert_eq!(of(&[&sha1_key]).security, Security::Insecure, "RFC 9905");
    let other = Zone::new("sub.lab").ds(2);
    assert!(matches!(of(&[&other]).why, Some(Why::NoEntryKey { anchored: false, .. })));
}

#[test]
fn revoked_key_vouches_for_nothing() {
    let mut child = Zone::new("sub.lab");
    child.dnskey[1] |= 0x80;
    let (verdict, _) = delegated(&[&child.ds(2)], &child, child.keys());
    assert_eq!(verdict.security, Security::Bogus);
}

#[test]
fn aliases_end_after_a_while_or_where_they_began() {
    let zone = Zone::new("lab");
    let alias = |from: &str, to: &str| {
        message(0, &[zone.sign(set(from, RecordType::CNAME, &[name(to).octets()]))], &[])
    };
    let mut world = with_keys(&zone).with("one.lab", A, alias("one.lab", "two.lab"));
    world = world.with("two.lab", A, alias("two.lab", "one.lab"));
    let (verdict, links) = world.ask(zone.anchors(), "one.lab", A);
    assert_eq!((verdict.why, links.len()), (Some(Why::AliasLoop(name("one.lab"))), 3));
    for step in 0..100 {
        let (from, to) = (format!("n{step}.lab"), format!("n{}.lab", step + 1));
        world = world.with(&from, A, alias(&from, &to));
    }
    let (verdict, _) = world.ask(zone.anchors(), "n0.lab", A);
    assert_eq!(verdict.why, Some(Why::TooExpensive("aliases", 16)));
}

#[test]
fn questions_are_bounded_however_deep_the_name_is() {
    let zone = Zone::new(".");
    let deep = "a.".repeat(120);
    // Every name is there, and none is a delegation.
    let (mut asked, keys) = (0, message(0, &[zone.keys()], &[]));
    let (verdict, _) = run(zone.anchors(), question(&deep, A), NOW, |need| {
        asked += 1;
        let nsec = nsec("z", &[RecordType::TXT]);
        let owner = need.name.to_string();
        Some(match need.kind {
            RecordType::DNSKEY => keys.clone(),
            RecordType::DS => {
                message(0, &[], &[zone.sign(set(&owner, RecordType::NSEC, &[&nsec]))])
            }
            _ => message(0, &[set(&owner, A, DATA)], &[]),
        })
    });
    assert_eq!((verdict.why, asked), (Some(Why::TooExpensive("questions", 64)), 64));
}

#[test]
fn answer_without_signatures_is_bogus_where_the_zone_is_signed() {
    let zone = Zone::new("lab");
    let proof = zone.sign(set("www.lab", RecordType::NSEC, &[&nsec("z.lab", &[A])]));
    let (verdict, _) = with_keys(&zone)
        .with("www.lab", A, message(0, &[set("www.lab", A, DATA)], &[]))
        .with("www.lab", RecordType::DS, message(0, &[], &[proof]))
        .ask(zone.anchors(), "www.lab", A);
    assert_eq!(verdict.why, Some(Why::NoSignature(name("www.lab"), A)));
}

/// Prints what tests/dig/validate.rs serves: signed until 2084, so that no test is out of its time.
#[test]
#[ignore = "makes tests/dig/validate.txt anew"]
#[expect(clippy::print_stdout, reason = "its stdout is the file")]
fn replies_for_the_tests_of_the_binary() {
    let (from, to) = (1_500_000_000, 3_600_000_000);
    let (root, lab) = (Zone::new("."), Zone::new("lab"));
    let long = |zone: &Zone, set: Rrset| {
        let labels = keys::signed_labels(&set.owner);
        zone.sign_as(set, labels, from, to)
    };
    let keys =
        |zone: &Zone| long(zone, set(&zone.apex.to_string(), RecordType::DNSKEY, &[&zone.dnskey]));
    let mut bad = long(&lab, set("bad.lab", A, DATA));
    bad.rdatas[0][3] = 9;
    let no_ds = long(&root, set("plain", RecordType::NSEC, &[&nsec("z", &[RecordType::NS])]));
    let soa: &[u8] = &[0; 22];
    let replies = [
        (". DNSKEY", message(0, &[keys(&root)], &[])),
        ("lab. DS", message(0, &[long(&root, set("lab", RecordType::DS, &[&lab.ds(2)]))], &[])),
        ("lab. DNSKEY", message(0, &[keys(&lab)], &[])),
        ("www.lab. A", message(0, &[long(&lab, set("www.lab", A, DATA))], &[])),
        ("bad.lab. A", message(0, &[bad], &[])),
        ("old.lab. A", message(0, &[lab.sign_as(set("old.lab", A, DATA), 2, from, from + 9)], &[])),
        ("plain. DS", message(0, &[], &[set("plain", RecordType::SOA, &[soa]), no_ds])),
        ("plain. A", message(0, &[set("plain", A, DATA)], &[])),
    ];
    println!(". IN DS {} 15 2 {}", root.tag(), data_encoding::HEXUPPER.encode(&root.ds(2)[4..]));
    for (question, reply) in replies {
        println!("{question} {}", data_encoding::BASE64.encode(&reply));
    }
}
