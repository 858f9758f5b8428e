//! Probes that are too long for a link.

use super::*;

#[test]
fn too_long_without_discovery_is_a_refusal() {
    let run = run(Config { size: 1500, ..config() }, |sent| match sent.hop {
        1 => healthy(9)(sent),
        _ => vec![(ms(5), Error { info: 1400, ..Error::of(router(1), TOO_LONG) })],
    });

    let last = run.probes().pop().expect("probes");
    let Outcome::Unreachable(answer) = &last.outcome else { panic!("{last:?}") };
    assert!(matches!(answer.what, What::Icmp { mtu: 1400, .. }), "{answer:?}");
    assert_eq!((last.hop, last.path_mtu), (2, None));
    assert!(run.sent.iter().all(|sent| sent.data == 1500 - 28), "nothing is sent again shorter");
}

fn discovery() -> Config {
    Config { size: 65_000, window: Some(1), discover_mtu: true, ..config() }
}

/// A path whose first link, and the one behind router 2, let so many octets through.
fn narrow(first: u32, behind: u32) -> impl Fn(Sent) -> Vec<(Duration, Error)> {
    move |sent| {
        let octets = u32::try_from(sent.data + 28).expect("of a datagram");
        match sent.hop {
            _ if octets > first => vec![(ms(0), Error::local_too_long(first))],
            hop if hop > 2 && octets > behind => {
                vec![(ms(10), Error { info: behind, ..Error::of(router(2), TOO_LONG) })]
            }
            _ => healthy(4)(sent),
        }
    }
}

#[test]
fn discovery_sends_again_what_fits_and_tells_where() {
    let run = run(discovery(), narrow(1500, 1400));

    let told: Vec<_> = run.probes().iter().map(|it| (it.hop, it.nth, it.path_mtu)).collect();
    let first = |hop, mtu| [(hop, 1, mtu), (hop, 2, None), (hop, 3, None)];
    let hops = [first(1, Some(1500)), first(2, None), first(3, Some(1400)), first(4, None)];
    assert_eq!(told, hops.concat());
    assert_eq!(run.told().iter().filter(|(.., from)| from.is_none()).count(), 0);
    let last = run.sent.last().expect("probes");
    assert_eq!(last.data, 1400 - 28);
    assert_eq!(run.sent.len(), 12 + 2, "each drop costs one more");
}
