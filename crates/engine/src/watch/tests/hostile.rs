//! What strangers may cost.

use super::*;

#[test]
fn strangers_cost_neither_memory_nor_lines_without_an_end() {
    let mut world = world(Config { limit: 300, ..config() }, &[]);
    world.hear(&announcement(A, ip(1)));
    for n in 0..200_000_u32 {
        let [_, b, c, d] = n.to_be_bytes();
        world.hear(&announcement(Mac([2, 1, 0, b, c, d]), Ipv4Addr::new(10, b, c, d)));
    }
    assert!(world.told().len() <= 600, "what is not told is counted");
    assert!(world.watch.hosts.len() <= 300);
    assert!(world.watch.count(world.now, true).overlooked > 199_000);
}

#[test]
fn who_has_answered_is_forgotten_last() {
    let mut config = all();
    config.limit = 10;
    let mut world = world(config, &[(A, 1), (B, 2)]);
    world.seconds(20).told();
    for n in 0..100 {
        world.hear(&announcement(Mac([2, 1, 0, 0, 0, n]), Ipv4Addr::new(10, 0, 0, n)));
    }
    let kept = world.watch.hosts.records();
    let is_kept = |mac| kept.iter().any(|record| record.mac == mac);
    assert!(is_kept(A) && is_kept(B) && kept.len() == 10, "{kept:?}");
}

#[test]
fn claimants_of_one_address_are_bounded() {
    let mut world = world(config(), &[]);
    for n in 0..200 {
        world.hear(&announcement(Mac([2, 1, 0, 0, 0, n]), ip(1)));
    }
    let key = Key { place: HERE, address: ip(1).into() };
    assert!(world.watch.hosts.get(key).unwrap().claimants.len() <= CLAIMANTS);
    world.seconds(600);
    assert!(world.sent.len() < 200, "{}", world.sent.len());
}

#[test]
fn nothing_that_is_heard_makes_it_panic() {
    let mut world = world(all(), &[(A, 1)]);
    let mut seed = 1_u64;
    let mut random = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        seed.to_be_bytes()[3]
    };
    for n in 0..20_000 {
        let mut contents = reply(Mac([2, 0, 0, 0, 0, random() % 8]), ip(random() % 8));
        for _ in 0..n % 4 {
            let at = usize::from(random()) % contents.len();
            contents[at] = random();
        }
        contents.truncate(usize::from(random()) % 60);
        world.hear(&contents);
        if n % 50 == 0 {
            world.seconds(1);
        }
    }
    world.seconds(1000);
}

#[test]
fn the_pace_is_kept() {
    let mut world = world(all(), &[(A, 1)]);
    world.seconds(4);
    let times: Vec<_> = world.sent.iter().map(|&(at, ..)| at).collect();
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= 20), "{times:?}");
}
