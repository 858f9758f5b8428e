use super::*;

const HEAD_START: Duration = ms(200);

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn at(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
    texts.iter().map(|one| at(one)).collect()
}

fn race(texts: &[&str]) -> Race {
    Race::new(&addresses(texts), HEAD_START, ms(10_000), ms(0))
}

const V4: [&str; 2] = ["192.0.2.1:80", "192.0.2.2:80"];
const V6: [&str; 2] = ["[2001:db8::1]:80", "[2001:db8::2]:80"];

#[test]
fn ipv6_goes_first_and_families_take_turns() {
    let mut race = race(&[V4[0], V4[1], V6[0], V6[1]]);
    let mut order = Vec::new();
    let mut now = ms(0);
    while let Some(when) = race.next_timeout().filter(|_| order.len() < 4) {
        now = now.max(when);
        while let Some(Act::Start(to)) = race.poll(now) {
            order.push((now.as_millis(), to));
        }
    }
    let expected = [(0, at(V6[0])), (200, at(V4[0])), (400, at(V6[1])), (600, at(V4[1]))];
    assert_eq!(order, expected);
}

#[test]
fn second_address_waits_for_the_head_start() {
    let mut race = race(&[V6[0], V4[0]]);
    assert_eq!(race.poll(ms(0)), Some(Act::Start(at(V6[0]))));
    assert_eq!(race.poll(ms(199)), None);
    assert_eq!(race.next_timeout(), Some(ms(200)));
    assert_eq!(race.poll(ms(200)), Some(Act::Start(at(V4[0]))));
    assert_eq!(race.running().count(), 2, "the first is still in the race");
}

#[test]
fn failure_starts_the_next_at_once() {
    let mut race = race(&[V6[0], V4[0]]);
    race.poll(ms(0));
    race.handle_failed(at(V6[0]), ms(3));
    assert_eq!(race.poll(ms(3)), Some(Act::Start(at(V4[0]))));
    assert!(!race.is_lost(ms(3)));
    race.handle_failed(at(V4[0]), ms(4));
    assert!(race.is_lost(ms(4)));
    assert_eq!(race.next_timeout(), None);
}

#[test]
fn address_has_half_of_the_time_while_others_wait() {
    let mut race = Race::new(&addresses(&V4), ms(20_000), ms(10_000), ms(0));
    race.poll(ms(0));
    assert_eq!(race.next_timeout(), Some(ms(5000)));
    assert_eq!(race.poll(ms(5000)), Some(Act::GiveUp(at(V4[0]))));
    assert_eq!(race.poll(ms(5000)), Some(Act::Start(at(V4[1]))));
    assert_eq!(race.next_timeout(), Some(ms(10_000)), "the last has all that is left");
    assert_eq!(race.poll(ms(10_000)), Some(Act::GiveUp(at(V4[1]))));
    assert!(race.is_lost(ms(10_000)));
}

#[test]
fn nothing_begins_after_the_deadline() {
    let mut race = race(&[V4[0], V4[1]]);
    race.poll(ms(0));
    race.handle_failed(at(V4[0]), ms(10_000));
    assert_eq!(race.poll(ms(10_000)), None);
    assert!(race.is_lost(ms(10_000)));
}

#[test]
fn late_wake_up_starts_one_and_not_all() {
    let mut race = race(&[V6[0], V4[0], V6[1], V4[1]]);
    race.poll(ms(0));
    assert!(matches!(race.poll(ms(3000)), Some(Act::Start(_))));
    assert_eq!(race.poll(ms(3000)), None, "the one that just began has its head start too");
}

#[test]
fn thousands_of_addresses_are_not_tried_all_at_the_same_time() {
    let many: Vec<_> = (0..5000_u16).map(|port| SocketAddr::from(([192, 0, 2, 1], port))).collect();
    let mut race = Race::new(&many, ms(0), ms(10_000), ms(0));
    let started = std::iter::from_fn(|| race.poll(ms(1))).count();
    assert_eq!(started, MOST_RUNNING);
    assert!(race.next_timeout() > Some(ms(4000)), "nobody wakes up for nothing");
}

#[test]
fn address_that_is_there_twice_is_tried_once() {
    let mut race = race(&[V4[0], V4[0]]);
    race.poll(ms(0));
    race.handle_failed(at(V4[0]), ms(1));
    assert!(race.is_lost(ms(1)));
}

#[test]
fn without_addresses_it_is_lost() {
    assert!(race(&[]).is_lost(ms(0)));
}
