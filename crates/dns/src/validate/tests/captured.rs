use std::collections::HashMap;

use data_encoding::BASE64;

use super::{name, question, run};
use crate::RecordType;
use crate::validate::*;

struct Lab {
    now: u32,
    anchors: Vec<Anchor>,
    replies: HashMap<(Name, RecordType), Vec<u8>>,
}

fn lab() -> Lab {
    let mut lines = include_str!("lab.txt").lines().skip(1);
    let now = lines.next().unwrap().parse().unwrap();
    let anchors = Anchor::read(lines.next().unwrap(), "root.key").unwrap();
    let reply = |line: &str| {
        let words: Vec<_> = line.split(' ').collect();
        let key = (name(words[0]), RecordType::named(words[1]).unwrap());
        (key, BASE64.decode(words[2].as_bytes()).unwrap())
    };
    Lab { now, anchors, replies: lines.map(reply).collect() }
}

impl Lab {
    fn ask(&self, owner: &str, kind: RecordType) -> (Verdict, Vec<Link>) {
        self.ask_at(self.now, owner, kind)
    }

    fn ask_at(&self, now: u32, owner: &str, kind: RecordType) -> (Verdict, Vec<Link>) {
        run(self.anchors.clone(), question(owner, kind), now, |need| {
            self.replies.get(&(need.name.clone(), need.kind)).cloned()
        })
    }
}

/// As unbound has them: AD is secure, SERVFAIL is bogus.
#[test]
fn verdicts_are_those_of_unbound() {
    let lab = lab();
    let all = [
        (
            Security::Secure,
            "www.good.lab A, x.wild.good.lab A, y.x.wild.good.lab TXT, x.wild.good.lab MX, \
            wild.good.lab A, nothere.good.lab A, a.b.nothere.good.lab A, www.good.lab MX, _udp.good.lab A, \
            www.sub.good.lab A, sub.good.lab DS, good.lab DS, . DNSKEY, . SOA, nothere A, lab SOA, \
            good.lab DNSKEY, www.nsec3.lab A, nothere.nsec3.lab A, www.nsec3.lab MX, www.rsa.lab A, \
            www.ed.lab A, www.badsig.lab AAAA, nic.lab A, ns1.nic.lab A, xn--e1afmkfd.xn--p1ai A, \
            UPPER.Case.good.lab A, \\000\\255.good.lab A, good.lab ANY, good.lab MX, \
            _sip._udp.good.lab SRV, good.lab SOA, svc.good.lab SVCB",
        ),
        (
            Security::Insecure,
            "insecure.lab DS, www.island.lab A, www.insecure.lab A, \
            nothere.insecure.lab A, nothere.lab A, cross.cname.lab A, dangling.cname.lab A, \
            www.old.cname.lab A, www.corp A, 1.0.77.10.in-addr.arpa PTR",
        ),
        (
            Security::Bogus,
            "www.badsig.lab A, www.expired.lab A, www.bogus.lab A, www.nokey.lab A, \
            tobogus.cname.lab A",
        ),
        (Security::Indeterminate, "loop1.cname.lab A, www.good.lab RRSIG, www.unheard.lab A"),
    ];
    for (expected, questions) in all {
        for words in questions.split(", ") {
            let (owner, kind) = words.split_once(' ').unwrap();
            let (verdict, links) = lab.ask(owner, RecordType::named(kind).unwrap());
            assert_eq!(verdict.security, expected, "{words}: {:?}", verdict.why);
            let worst = links.iter().map(|link| link.security).max();
            assert!(worst.is_none_or(|worst| worst <= expected), "{words}: a link is worse");
        }
    }
}

#[test]
fn reasons_name_the_link_and_the_key() {
    let lab = lab();
    let why = |owner| lab.ask(owner, RecordType::A).0.why.unwrap();
    assert_eq!(why("www.nokey.lab"), Why::NoDnskey(name("nokey.lab")));
    assert_eq!(why("www.corp"), Why::Unsigned(name("corp")));
    assert_eq!(why("www.insecure.lab"), Why::OptOut(name("insecure.lab")));
    assert!(matches!(
        why("www.badsig.lab"),
        Why::BadSignature { owner, kind: RecordType::A, fault: SignatureFault::Wrong, .. }
            if owner == name("www.badsig.lab")
    ));
    // 2024-02-01 00:00 UTC.
    assert!(matches!(
        why("www.expired.lab"),
        Why::BadSignature {
            kind: RecordType::DNSKEY,
            at: 1_706_745_600,
            fault: SignatureFault::Expired(_),
            ..
        }
    ));
    let Why::NoEntryKey { wanted, keys, anchored: false, .. } = why("www.bogus.lab") else {
        panic!()
    };
    assert_eq!((wanted.len(), keys.len()), (1, 2));
}

#[test]
fn chain_has_a_link_for_every_zone_and_one_for_the_records() {
    let (verdict, links) = lab().ask("www.sub.good.lab", RecordType::A);
    let zones: Vec<_> = links.iter().map(|link| link.zone.to_string()).collect();
    assert_eq!(zones, [".", ".", "lab.", "good.lab.", "sub.good.lab."]);
    assert_eq!(links[4].subject, Subject::Data(name("www.sub.good.lab"), RecordType::A));
    assert_eq!((verdict.questions, verdict.checks), (8, 8));
    let is_good = |fact: &Fact| matches!(fact, Fact::Signature { fault: None, .. });
    assert!(links.iter().all(|link| link.facts.iter().any(is_good)));
}

#[test]
fn wildcard_is_told_with_the_proof_that_nothing_is_nearer() {
    let (_, links) = lab().ask("x.wild.good.lab", RecordType::A);
    let facts = &links.last().unwrap().facts;
    assert!(facts.iter().any(|fact| matches!(fact, Fact::Signature { wildcard: Some(wild), .. } if *wild == name("*.wild.good.lab"))));
    assert!(facts.iter().any(|fact| matches!(fact, Fact::Proof { says: Proof::Covers(of), .. } if *of == name("x.wild.good.lab"))));
}

#[test]
fn other_anchor_makes_everything_bogus() {
    let mut lab = lab();
    lab.anchors = Anchor::built_in();
    let (verdict, links) = lab.ask("www.good.lab", RecordType::A);
    assert_eq!((verdict.security, links.len()), (Security::Bogus, 1));
    assert!(matches!(verdict.why, Some(Why::NoEntryKey { anchored: true, .. })));
    lab.anchors[0].zone = name("example");
    lab.anchors.truncate(1);
    assert_eq!(lab.ask("www.good.lab", RecordType::A).0.why, Some(Why::NoAnchor));
}

#[test]
fn clock_that_is_wrong_by_years_is_suspected_and_one_stale_zone_is_not() {
    let lab = lab();
    let year = 365 * 86400;
    let hint = |now| lab.ask_at(now, "www.good.lab", RecordType::A).0.clock;
    assert!(
        matches!(hint(lab.now + year), Some(ClockHint::Ahead(by)) if by < year && by > year / 2)
    );
    assert!(
        matches!(hint(lab.now - year), Some(ClockHint::Behind(by)) if by <= year && by > year / 2)
    );
    assert_eq!(hint(lab.now), None);
    assert_eq!(lab.ask("www.expired.lab", RecordType::A).0.clock, None);
}

#[test]
fn no_octet_of_the_signed_records_can_be_changed() {
    let lab = lab();
    let key = (name("x.wild.good.lab"), RecordType::A);
    let whole = lab.replies[&key].clone();
    let ask = |octets: Vec<u8>| {
        let (verdict, _) =
            run(lab.anchors.clone(), question("x.wild.good.lab", RecordType::A), lab.now, |need| {
                let key_of = (need.name.clone(), need.kind);
                if key_of == key { Some(octets.clone()) } else { lab.replies.get(&key_of).cloned() }
            });
        verdict.security
    };
    let place = crate::Message::parse(&whole).unwrap().records[0].rdata.place();
    for at in place {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        assert_eq!(ask(changed), Security::Bogus, "{at}");
    }
    for length in 0..whole.len() {
        assert_ne!(ask(whole[..length].to_vec()), Security::Secure, "{length}");
    }
    // Whatever else is changed, the end is reached.
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 0x81;
        ask(changed);
    }
}
