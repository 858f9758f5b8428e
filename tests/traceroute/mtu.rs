//! The path MTU: found with `--mtu`, and what is said of datagrams that are too long.

use wireline_lab::{Chain, Lab};

use crate::common::{Way, before, each_family, each_way, short, trace};

/// The line of a hop whose first probe was shortened to `mtu`.
fn dropped(way: Way, hop: u8, mtu: u16) -> String {
    format!("{hop:2}  {}  T ms F={mtu}  T ms  T ms", way.router(hop))
}

#[test]
fn each_drop_is_told_at_its_hop() {
    let path = short(6).hop(2, |hop| hop.mtu(1400)).hop(4, |hop| hop.mtu(1300));
    for method in ["", "-I", "-U -p 54"] {
        each_family(&path, &format!("-n --mtu {method}"), |way, run| {
            let lines = [
                dropped(way, 1, 1500),
                way.line(2),
                dropped(way, 3, 1400),
                way.line(4),
                dropped(way, 5, 1300),
                way.last_line(6),
            ];
            assert_eq!(run.masked(), way.header(65_000) + &lines.join("\n") + "\n", "{method}");
            run.quiet_exit(0);
        });
    }
}

#[test]
fn nobody_finds_the_mtu_too() {
    each_way(&short(4).hop(1, |hop| hop.mtu(1400)), "-n --mtu", |way, run| {
        let lines =
            [&dropped(way, 1, 1500), &dropped(way, 2, 1400), &way.line(3), &way.last_line(4)];
        run.says_hops(&lines.map(String::as_str));
    });
}

#[test]
fn kernels_in_a_row_tell_their_mtus() {
    let lab = Lab::new();
    let hosts = lab.chain_with(&Chain::of(&["a", "r", "s", "b"]).mtu(2, 1400).mtu(3, 1300));
    trace(&hosts[0], "-n --mtu 10.1.3.2").says_hops(&[
        " 1  10.1.1.2  T ms F=1500  T ms  T ms",
        " 2  10.1.2.2  T ms F=1400  T ms  T ms",
        " 3  10.1.3.2  T ms F=1300  T ms  T ms",
    ]);
    trace(&hosts[0], "-n --mtu fd00:3::2").says_hops(&[
        " 1  fd00:1::2  T ms F=1500  T ms  T ms",
        " 2  fd00:2::2  T ms F=1400  T ms  T ms",
        " 3  fd00:3::2  T ms F=1300  T ms  T ms",
    ]);
}

#[test]
fn length_that_fits_has_no_drop() {
    each_family(&short(3), "-n --mtu", |way, _| {
        let lab = Lab::new();
        let (host, _path) = before(&lab, &short(3));
        let run = trace(&host, &format!("-n --mtu {} 1450", way.target()));
        run.says(&way.healthy(3, 1450));
    });
}

#[test]
fn too_long_to_fragment_ends_with_the_mtu() {
    let path = short(4).hop(1, |hop| hop.mtu(1400));
    for way in &Way::ALL[..2] {
        let lab = Lab::new();
        let (host, _path) = before(&lab, &path);
        let run = trace(&host, &format!("-n -F {} 1450", way.target()));
        let last = format!(" 2  {}  T ms !F-1400  T ms !F-1400  T ms !F-1400", way.router(1));
        run.says_hops(&[&way.line(1), &last]);
    }
}

#[test]
fn without_the_flag_long_probes_are_not_marked_whole() {
    let lab = Lab::new();
    let (host, path) = before(&lab, &short(3).hop(1, |hop| hop.mtu(1400)));
    let run = trace(&host, "-n 203.0.113.9 1450");
    run.says(&Way::ALL[0].healthy(3, 1450));
    assert!(path.stop().iter().all(|probe| !probe.dont_fragment));
}

#[test]
fn longer_than_the_own_link_ends_with_an_error_in_each_place() {
    let lab = Lab::new();
    let (host, path) = before(&lab, &short(3));
    for args in ["203.0.113.9", "2001:db8:113::9", "-I 203.0.113.9"] {
        let run = trace(&host, &format!("-n -m 2 -F {args} 2000"));
        assert_eq!(run.code, Some(0), "{run:?}");
        assert!(run.hops()[0].starts_with(" 1  *"), "{run:?}");
    }
    assert!(path.stop().is_empty(), "nothing left");
}

#[test]
fn black_hole_is_silence() {
    each_family(
        &short(4).hop(2, |hop| hop.black_hole(1400)),
        "-n --mtu -m 3 -w 0.3",
        |way, run| {
            run.says_hops(&[&dropped(way, 1, 1500), &way.line(2), " 3  * * *"]);
        },
    );
}
