use std::collections::HashMap;

use super::*;
use crate::Class;

fn name(text: &str) -> Name {
    Name::parse(text.as_bytes(), &Name::root()).unwrap()
}

/// What servers say, by the address and the question's name and type: flags and rcode, and the records of
/// answer, authority and additional as `owner TYPE data`.
type World = HashMap<(&'static str, &'static str, RecordType), (u16, [&'static [&'static str]; 3])>;

const AA: u16 = 0x8400;
const NOT_AA: u16 = 0x8000;

fn rdata(kind: RecordType, data: &str) -> Vec<u8> {
    match kind {
        RecordType::A => data.parse::<std::net::Ipv4Addr>().unwrap().octets().to_vec(),
        RecordType::SOA => {
            let serial = data.parse::<u32>().unwrap().to_be_bytes();
            [&[0, 0], &serial[..], &[0; 16]].concat()
        }
        _ => name(data).octets().to_vec(),
    }
}

fn message(flags: u16, sections: [&[&str]; 3]) -> Vec<u8> {
    let mut octets = [[0, 0], flags.to_be_bytes(), [0, 0]].concat();
    for section in sections {
        octets.extend(u16::try_from(section.len()).unwrap().to_be_bytes());
    }
    for record in sections.concat() {
        let words: Vec<_> = record.split(' ').collect();
        let kind = RecordType::named(words[1]).unwrap();
        let rdata = rdata(kind, words[2]);
        octets.extend_from_slice(name(words[0]).octets());
        octets.extend([kind.0.to_be_bytes(), [0, 1], [0, 0], [1, 0]].concat());
        octets.extend(u16::try_from(rdata.len()).unwrap().to_be_bytes());
        octets.extend(rdata);
    }
    octets
}

fn walk(world: &World, owner: &str) -> (Ending, Vec<Level>, usize) {
    let root = Server { address: "192.0.2.1:53".parse().unwrap(), name: "a.root".to_owned() };
    let question = Question { name: name(owner), kind: RecordType::A, class: Class::IN };
    let (mut walk, mut asked, mut levels) = (Walk::new(question, vec![root]), 0, Vec::new());
    while walk.ending().is_none() {
        let probes = walk.poll_probes();
        assert!(!probes.is_empty(), "no end and nothing to ask");
        for probe in probes {
            asked += 1;
            let to = probe
                .server
                .map_or("resolver".to_owned(), |server| server.address.ip().to_string());
            let text = probe.question.name.to_string();
            let reply = world.iter().find(|((of, owner, kind), _)| {
                *of == to && name(owner) == name(&text) && *kind == probe.question.kind
            });
            match reply {
                Some((_, (flags, sections))) => {
                    walk.handle_answer(
                        probe.number,
                        &message(*flags, *sections),
                        Duration::from_millis(1),
                    );
                }
                None => walk.handle_failure(probe.number, "timed out"),
            }
        }
        levels.extend(std::iter::from_fn(|| walk.poll_level()));
    }
    (walk.ending().unwrap().clone(), levels, asked)
}

fn lab() -> World {
    let referral: &[&str] = &["lab NS ns1.lab", "lab NS ns2.lab", "lab NS ns.else"];
    HashMap::from([
        (
            ("192.0.2.1", "www.lab", RecordType::A),
            (NOT_AA, [&[][..], referral, &["ns1.lab A 192.0.2.11", "ns.else A 192.0.2.13"]]),
        ),
        (("192.0.2.1", ".", RecordType::NS), (AA, [&[". NS a.root"][..], &[], &[]])),
        (("192.0.2.1", ".", RecordType::SOA), (AA, [&[". SOA 7"][..], &[], &[]])),
        (
            ("resolver", "ns2.lab", RecordType::A),
            (NOT_AA, [&["ns2.lab A 192.0.2.12"][..], &[], &[]]),
        ),
        (
            ("192.0.2.11", "www.lab", RecordType::A),
            (AA, [&["www.lab A 198.51.100.1"][..], &[], &[]]),
        ),
        (("192.0.2.11", "lab", RecordType::SOA), (AA, [&["lab SOA 1"][..], &[], &[]])),
        (
            ("192.0.2.11", "lab", RecordType::NS),
            (AA, [&["lab NS ns1.lab", "lab NS ns3.lab"][..], &[], &[]]),
        ),
        (("192.0.2.12", "www.lab", RecordType::A), (NOT_AA | 5, [&[][..], &[], &[]])),
        (("192.0.2.12", "lab", RecordType::SOA), (AA, [&["lab SOA 2"][..], &[], &[]])),
    ])
}

#[test]
fn every_server_of_a_level_is_asked_and_what_is_wrong_is_told() {
    let (ending, levels, _) = walk(&lab(), "www.lab");
    assert_eq!((ending, levels.len()), (Ending::Answered, 2));
    assert_eq!(levels[0].servers[0].role, Role::Refers(name("lab")));
    assert_eq!(levels[0].flaws, []);
    let roles: Vec<_> = levels[1].servers.iter().map(|asked| asked.role.clone()).collect();
    assert_eq!(roles[..2], [Role::Answers, Role::Fails(crate::Rcode::REFUSED)]);
    assert_eq!(
        roles[2],
        Role::Dead("timed out".to_owned()),
        "its glue is in the root's zone, so it counts"
    );
    assert_eq!(
        levels[1].flaws,
        [
            Flaw::NoGlue(name("ns2.lab")),
            Flaw::Serials(vec![1, 2]),
            Flaw::OnlyAbove(vec![name("ns2.lab"), name("ns.else")]),
            Flaw::OnlyWithin(vec![name("ns3.lab")]),
        ]
    );
}

#[test]
fn referrals_that_lead_up_or_aside_make_a_server_lame() {
    for referral in [". NS a.root", "other NS ns1.lab", "x.www.lab NS ns1.lab"] {
        let referral: &'static [&'static str] = Box::leak(Box::new([referral]));
        let mut world = lab();
        world.insert(("192.0.2.1", "www.lab", RecordType::A), (NOT_AA, [&[], referral, &[]]));
        let (ending, levels, _) = walk(&world, "www.lab");
        assert_eq!(ending, Ending::NobodyAnswers(name(".")), "{referral:?}");
        assert_eq!(levels[0].servers[0].role, Role::Lame, "{referral:?}");
    }
}

#[test]
fn glue_of_names_outside_the_zone_that_gives_it_is_not_taken() {
    let mut world = lab();
    let referral: &[&str] = &["www.lab NS ns.else"];
    world.insert(
        ("192.0.2.11", "www.lab", RecordType::A),
        (NOT_AA, [&[], referral, &["ns.else A 192.0.2.66"]]),
    );
    let (ending, levels, _) = walk(&world, "www.lab");
    assert_eq!(ending, Ending::NobodyAnswers(name("www.lab")));
    assert_eq!(levels[2].flaws, [Flaw::NoAddress(name("ns.else"))]);
    assert!(levels[2].servers.is_empty());
}

#[test]
fn aliases_are_followed_from_the_root_and_circles_are_named() {
    let mut world = lab();
    let at = "192.0.2.1";
    world.insert((at, "one.lab", RecordType::A), (AA, [&["one.lab CNAME two.lab"], &[], &[]]));
    world.insert((at, "two.lab", RecordType::A), (AA, [&["two.lab CNAME one.lab"], &[], &[]]));
    world.insert((at, "to.lab", RecordType::A), (AA, [&["to.lab CNAME www.lab"], &[], &[]]));
    assert_eq!(walk(&world, "one.lab").0, Ending::AliasLoop(name("one.lab")));
    let (ending, levels, _) = walk(&world, "to.lab");
    assert_eq!((ending, levels.len()), (Ending::Answered, 3));
    assert_eq!(levels[0].servers[0].role, Role::Alias(name("www.lab")));
}

#[test]
fn garbage_ends_the_walk() {
    let reply = message(AA, [&["www.lab A 198.51.100.1"], &[], &[]]);
    for length in 0..reply.len() {
        let root = Server { address: "192.0.2.1:53".parse().unwrap(), name: String::new() };
        let question = Question { name: name("www.lab"), kind: RecordType::A, class: Class::IN };
        let mut walk = Walk::new(question, vec![root]);
        for probe in walk.poll_probes() {
            walk.handle_answer(probe.number, &reply[..length], Duration::ZERO);
        }
        assert!(walk.ending().is_some(), "{length}");
    }
}
