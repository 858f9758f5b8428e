use std::collections::BTreeSet;
use std::time::Duration;

use world::World;

use super::{Event, Kind};
use crate::trace::Wait;

mod odd;
mod world;

/// `1` is the first router, the highest number the target.
const DIAMOND: [(u8, u8); 6] = [(0, 1), (1, 2), (1, 3), (2, 4), (3, 4), (4, 5)];
const MESH: [(u8, u8); 13] = [
    (0, 1),
    (1, 2),
    (1, 3),
    (2, 4),
    (2, 5),
    (2, 6),
    (3, 4),
    (3, 5),
    (3, 6),
    (4, 7),
    (5, 7),
    (6, 7),
    (7, 8),
];
const UNEQUAL: [(u8, u8); 7] = [(0, 1), (1, 2), (2, 3), (3, 4), (1, 5), (5, 4), (4, 6)];

const SEEDS: u64 = 30;

/// In how many of so many worlds every link was found. There is none in which a false one was.
fn found(world: &World) -> u64 {
    let truth = world.truth();
    let is_whole = |seed: &u64| {
        let seen = World { seed: *seed, ..world.clone() }.trace();
        let strange: Vec<_> = seen.links.difference(&truth).collect();
        assert!(strange.is_empty(), "seed {seed}: {strange:?} of {:?}", seen.events);
        seen.links == truth
    };
    (1..=SEEDS).filter(is_whole).count().try_into().unwrap()
}

#[test]
fn single_path_takes_six_flows_a_hop() {
    let world = World::of(&[(0, 1), (1, 2), (2, 3)]);
    let seen = world.trace();

    assert_eq!(seen.links, world.truth());
    assert_eq!(seen.summary.sent, 18, "6 flows at each of 3 hops");
    assert_eq!((seen.summary.paths, seen.summary.flows), (1, 6));
    assert!(seen.summary.complete && seen.summary.reached);
    assert_eq!(seen.kinds(3), [Kind::Target]);
}

#[test]
fn graph_is_the_truth_as_often_as_the_confidence_says() {
    for edges in [&DIAMOND[..], &MESH, &UNEQUAL] {
        let world = World::of(edges);
        assert!(found(&world) >= SEEDS * 95 / 100, "95 %: {edges:?}");
        let world = World { confidence: 99.9, ..world };
        assert!(found(&world) >= SEEDS * 99 / 100, "99.9 %: {edges:?}");
    }
}

#[test]
fn losses_add_neither_links_nor_silence() {
    for edges in [&DIAMOND[..], &MESH, &UNEQUAL] {
        let world = World { loss: 30, confidence: 99.0, ..World::of(edges) };
        assert!(found(&world) >= SEEDS * 97 / 100, "{edges:?}");
    }
}

#[test]
fn routers_that_quote_eight_octets_are_told_apart() {
    let world = World { curt: true, loss: 30, confidence: 99.0, ..World::of(&MESH) };
    assert!(found(&world) >= SEEDS * 97 / 100);
}

#[test]
fn silent_hop_inside_is_one_vertex() {
    let mut world = World { confidence: 99.0, ..World::of(&MESH) };
    world.silent = BTreeSet::from([7]);
    assert!(found(&world) >= SEEDS * 98 / 100);
    assert_eq!(world.trace().kinds(4), [Kind::Silent]);
}

#[test]
fn silent_router_beside_an_answering_one_is_a_vertex() {
    let mut world = World { confidence: 99.0, ..World::of(&DIAMOND) };
    world.silent = BTreeSet::from([3]);
    assert!(found(&world) >= SEEDS * 98 / 100);
}

#[test]
fn rate_limits_are_waited_for_and_told() {
    let world = World { burst: 6, ..World::of(&DIAMOND) };
    let seen = world.trace();

    assert_eq!(seen.links, world.truth());
    assert!(!seen.summary.rate_limited.is_empty());
    assert!(seen.summary.elapsed < Duration::from_secs(90), "{:?}", seen.summary.elapsed);
}

#[test]
fn waits_that_are_too_short_cost_probes_and_no_truth() {
    let wait = Wait::Told { max: Duration::from_millis(1), here: 0.0, near: 0.0 };
    let world = World { wait, confidence: 99.0, ..World::of(&DIAMOND) };
    let seen = world.trace();

    assert_eq!(seen.links, world.truth(), "{:?}", seen.events);
    assert_eq!(seen.summary.rate_limited, [0; 0]);
    assert!(seen.summary.elapsed < Duration::from_secs(30), "{:?}", seen.summary.elapsed);
}

#[test]
fn ways_taken_by_packets_are_told_and_not_joined_into_links() {
    let two_chains = [(0, 1), (1, 2), (1, 3), (2, 4), (3, 5), (4, 6), (5, 6), (6, 7)];
    let mut world = World { confidence: 99.0, ..World::of(&two_chains) };
    world.fickle = BTreeSet::from([1]);
    for seed in 1..=SEEDS {
        world.seed = seed;
        let seen = world.trace();
        assert_eq!(seen.summary.per_packet, [2, 3], "seed {seed}");
        let strange: Vec<_> = seen.links.difference(&world.truth()).copied().collect();
        assert!(strange.is_empty(), "seed {seed}: {strange:?}");
        assert!(!seen.summary.complete, "nobody can know what follows what");
        assert_eq!(seen.links.len(), 2 + 2 + 1, "what there is no doubt of");
    }
}

#[test]
fn silence_for_four_hops_is_the_end() {
    let mut world = World::of(&[(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (6, 7), (7, 8)]);
    world.silent = (3..=8).collect();
    let seen = world.trace();

    assert!(!seen.summary.reached);
    assert_eq!(seen.summary.last_hop, Some(2));
    assert!(seen.summary.elapsed < Duration::from_secs(6), "{:?}", seen.summary.elapsed);
    assert_eq!((seen.kinds(6), seen.kinds(7)), (vec![Kind::Silent], vec![]));
}

#[test]
fn want_of_source_ports_is_told() {
    let wide: Vec<_> =
        [(0, 1)].into_iter().chain((2..12).flat_map(|n| [(1, n), (n, 12)])).collect();
    let few = World { flows: 32, ..World::of(&wide) }.trace();
    assert!(few.summary.out_of_flows && !few.summary.complete);
    let world = World::of(&wide);
    let enough = world.trace();
    assert!(!enough.summary.out_of_flows && enough.summary.complete, "{:?}", enough.summary);
    assert_eq!(enough.links, world.truth());
}

#[test]
fn each_link_is_on_a_path_whose_port_takes_it() {
    let world = World { confidence: 99.0, ..World::of(&UNEQUAL) };
    let seen = world.trace();
    let paths = seen.events.iter().filter_map(|event| match event {
        Event::Path(path) => Some(path),
        _ => None,
    });
    let mut on_paths = BTreeSet::new();
    for path in paths {
        assert!(path.reached && !path.ports.is_empty());
        on_paths.extend((1..).zip(path.hops.windows(2)).map(|(hop, pair)| (hop, pair[0], pair[1])));
    }
    assert_eq!(on_paths, world.truth());
}
