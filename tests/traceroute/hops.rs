//! Lines of hops that are not all alike: silence, several addresses, labels, the way back, names.

use std::fs;
use std::path::Path as FilePath;

use wireline_lab::{Lab, Label, Labels, Path, ms};

use crate::common::{Way, before, each_family, each_way, short, trace};

const STARS: &str = "* * *";

#[test]
fn silent_hops_are_stars() {
    each_way(&short(5).silent([1, 3]), "-n", |way, run| {
        run.says_hops(&[
            &format!(" 1  {STARS}"),
            &way.line(2),
            &format!(" 3  {STARS}"),
            &way.line(4),
            &way.last_line(5),
        ]);
    });
}

#[test]
fn nothing_behind_a_dead_hop_is_stars_to_the_last() {
    each_family(&short(9).dead_after(2), "-n -m 6", |way, run| {
        let stars = |hop: u8| format!("{hop:2}  {STARS}");
        let hops = run.hops();
        assert_eq!(hops[..2], [way.line(1), way.line(2)]);
        assert_eq!(hops[2..], [3, 4, 5, 6].map(stars));
        run.quiet_exit(0);
    });
}

#[test]
fn silent_target_is_stars() {
    for method in ["", "-I", "-T", "-U"] {
        each_family(&short(3).silent_target(), &format!("-n -m 4 {method}"), |way, run| {
            let stars = |hop: u8| format!("{hop:2}  {STARS}");
            run.says_hops(&[&way.line(1), &way.line(2), &stars(3), &stars(4)]);
        });
    }
}

#[test]
fn filtered_port_is_stars() {
    let path = short(3).target(|target| target.tcp([80], wireline_lab::Port::Filtered));
    each_family(&path, "-n -T -m 3", |way, run| {
        run.says_hops(&[&way.line(1), &way.line(2), " 3  * * *"]);
    });
}

#[test]
fn loss_of_single_probes_is_single_stars() {
    // One at a time, so that it is known which probe is the second to arrive.
    each_family(&short(2).hop(1, |hop| hop.lose([2])), "-n -N 1 -w 0.5", |way, run| {
        let line = format!(" 1  {}  T ms *  T ms", way.router(1));
        assert_eq!(run.hops(), [line, way.last_line(2)]);
    });
    each_family(&short(2).hop(1, |hop| hop.lose([1])), "-n -N 1 -w 0.5", |way, run| {
        let line = format!(" 1  * {}  T ms  T ms", way.router(1));
        run.says_hops(&[&line, &way.last_line(2)]);
    });
}

#[test]
fn lost_probes_of_the_target_put_it_one_further() {
    // Hop 1 answers three; three more are lost on their way.
    let path = short(2).hop(1, |hop| hop.lose([4, 5, 6]));
    each_family(&path, "-n -N 1 -w 0.5", |way, run| {
        run.says_hops(&[&way.line(1), " 2  * * *", &way.last_line(3)]);
    });
}

#[test]
fn one_answer_of_the_target_ends_the_trace() {
    let path = short(2).hop(1, |hop| hop.lose([5, 6]));
    each_family(&path, "-n -N 1 -w 0.5", |way, run| {
        let line = format!(" 2  {}  T ms * *", way.target());
        run.says_hops(&[&way.line(1), &line]);
    });
}

#[test]
fn change_of_address_in_a_hop_is_shown() {
    each_family(&short(3).hop(2, wireline_lab::Hop::alternates), "-n -q 4", |way, run| {
        let (first, second) = (way.router(2), way.router(2).to_string());
        let second = second.strip_suffix('1').unwrap().to_owned() + "2";
        let line = format!(" 2  {first}  T ms {second}  T ms {first}  T ms {second}  T ms");
        assert_eq!(run.hop(2), line);
        run.quiet_exit(0);
    });
}

#[test]
fn stars_do_not_make_an_address_new() {
    let path = short(2).hop(1, |hop| hop.lose([2, 4]));
    each_family(&path, "-n -N 1 -w 0.5 -q 5 -m 1", |way, run| {
        run.says_hops(&[&format!(" 1  {}  T ms *  T ms *  T ms", way.router(1))]);
    });
}

#[test]
fn foreign_address_is_shown_as_it_is() {
    let strange = |hop: wireline_lab::Hop| {
        hop.from("198.51.100.7".parse().unwrap()).from("2001:db8:bad::7".parse().unwrap())
    };
    each_family(&short(3).hop(2, strange), "-n", |way, run| {
        let from = if way.v6 { "2001:db8:bad::7" } else { "198.51.100.7" };
        run.says_hops(&[&way.line(1), &format!(" 2  {from}  T ms  T ms  T ms"), &way.last_line(3)]);
    });
}

#[test]
fn routers_that_send_in_circles_are_shown_in_turn() {
    each_family(&short(9).looping(2), "-n -m 6", |way, run| {
        let line =
            |hop: u8, router: u8| format!("{hop:2}  {}  T ms  T ms  T ms", way.router(router));
        let lines = [line(1, 1), line(2, 2), line(3, 3), line(4, 2), line(5, 3), line(6, 2)];
        assert_eq!(run.hops(), lines);
        run.quiet_exit(0);
    });
}

#[test]
fn expiry_that_the_target_tells_is_not_the_end() {
    // The last router answers from the target's address.
    let like_target =
        |hop: wireline_lab::Hop| hop.from(Path::TARGET_V4.into()).from(Path::TARGET_V6.into());
    each_family(&short(3).hop(2, like_target), "-n", |way, run| {
        run.says_hops(&[&way.line(1), &way.last_line(2), &way.last_line(3)]);
    });
}

fn labels() -> Labels {
    Labels::default().push(Label { label: 24001, class: 5, ttl: 1 }).push(Label {
        label: 17,
        class: 0,
        ttl: 255,
    })
}

#[test]
fn labels_stand_beside_the_address_if_asked_for() {
    let path = short(3).hop(2, |hop| hop.labels(labels()));
    for method in ["", "-I", "-T", "-U"] {
        each_family(&path, &format!("-n -e {method}"), |way, run| {
            let stack = "<MPLS:L=24001,E=5,S=0,T=1/L=17,E=0,S=1,T=255>";
            let line = format!(" 2  {} {stack}  T ms  T ms  T ms", way.router(2));
            run.says_hops(&[&way.line(1), &line, &way.last_line(3)]);
        });
    }
    each_way(&path, "-n", |way, run| run.says(&way.healthy(3, way.size())));
}

#[test]
fn nobody_sees_labels_too() {
    let path = short(2).hop(1, |hop| hop.labels(Labels::of(&[100])));
    each_way(&path, "-n -e", |way, run| {
        let line = format!(" 1  {} <MPLS:L=100,E=0,S=1,T=1>  T ms  T ms  T ms", way.router(1));
        run.says_hops(&[&line, &way.last_line(2)]);
    });
}

#[test]
fn other_objects_are_shown_in_words_of_four_octets() {
    let many = Labels::of(&[16]).object(2, 3, &[10, 2, 3, 4]).object(7, 9, &[]);
    let path = short(3)
        .hop(1, |hop| hop.labels(many))
        .hop(2, |hop| hop.labels(Labels::default().object(4, 2, &[0, 0, 0, 1, 0xff, 0, 0, 2])));
    each_family(&path, "-n -e", |way, run| {
        let (first, second) = (way.router(1), way.router(2));
        run.says_hops(&[
            &format!(" 1  {first} <MPLS:L=16,E=0,S=1,T=1;2/3:0a020304;7/9:>  T ms  T ms  T ms"),
            &format!(" 2  {second} <4/2:00000001,ff000002>  T ms  T ms  T ms"),
            &way.last_line(3),
        ]);
    });
}

#[test]
fn names_stand_before_addresses() {
    let lab = Lab::new();
    let (host, _path) = before(&lab, &short(3));
    lab.file("/etc/nsswitch.conf", "hosts: files");
    lab.file(
        "/etc/hosts",
        "10.200.1.1 one.example uno\n203.0.113.9 target.example\n2001:db8:113::9 target6.example",
    );
    trace(&host, "target.example").says(
        "traceroute to target.example (203.0.113.9), 30 hops max, 60 byte packets\n \
         1  one.example (10.200.1.1)  T ms  T ms  T ms\n \
         2  10.200.2.1 (10.200.2.1)  T ms  T ms  T ms\n \
         3  target.example (203.0.113.9)  T ms  T ms  T ms\n",
    );
    trace(&host, "target6.example").says(
        "traceroute to target6.example (2001:db8:113::9), 30 hops max, 80 byte packets\n \
         1  fd00:200:1::1 (fd00:200:1::1)  T ms  T ms  T ms\n \
         2  fd00:200:2::1 (fd00:200:2::1)  T ms  T ms  T ms\n \
         3  target6.example (2001:db8:113::9)  T ms  T ms  T ms\n",
    );
    trace(&host, "-n -q 1 TARGET.example").says(
        "traceroute to TARGET.example (203.0.113.9), 30 hops max, 60 byte packets\n \
         1  10.200.1.1  T ms\n \
         2  10.200.2.1  T ms\n \
         3  203.0.113.9  T ms\n",
    );
}

#[test]
fn old_spellings_of_addresses_are_shown_as_typed() {
    let lab = Lab::new();
    let (host, _path) = before(&lab, &short(1));
    for word in ["203.0.28937", "0xcb007109"] {
        let header = format!(
            "traceroute to {word} (203.0.113.9), 30 hops max, 60 byte packets\n \
             1  203.0.113.9  T ms  T ms  T ms\n"
        );
        trace(&host, &format!("-n {word}")).says(&header);
    }
}

#[test]
fn origins_stand_behind_addresses() {
    let lab = Lab::new();
    let (host, _path) = before(&lab, &short(3));
    let table = FilePath::new(env!("CARGO_TARGET_TMPDIR")).join("as-table");
    fs::write(&table, "10.200.1.0/24\t64500\n10.0.0.0/8\t64501\n203.0.113.0/24\t64502\n").unwrap();
    let table = table.to_str().unwrap();
    trace(&host, &format!("-n -A --as-table={table} 203.0.113.9")).says_hops(&[
        " 1  10.200.1.1 [AS64500]  T ms  T ms  T ms",
        " 2  10.200.2.1 [AS64501]  T ms  T ms  T ms",
        " 3  203.0.113.9 [AS64502]  T ms  T ms  T ms",
    ]);
    trace(&host, &format!("-n -A --as-table={table} -m 1 -q 1 2001:db8:113::9"))
        .says_hops(&[" 1  fd00:200:1::1 [*]  T ms"]);
}

#[test]
fn late_hops_are_as_late_as_the_path_says() {
    for way in &Way::ALL[..2] {
        let lab = Lab::new();
        let (host, path) = before(&lab, &Path::new(3).delay(ms(20)));
        let run = way.trace(&host, "-n -q 1");
        run.quiet_exit(0);
        for probe in path.stop().iter().filter(|probe| probe.ttl <= 3) {
            let least = probe.rtt().unwrap().as_secs_f64() * 1e3;
            let shown = run.times(probe.ttl)[0];
            assert!(shown > least - 0.5, "hop {}: {shown} ms, but {least} ms", probe.ttl);
            assert!(shown < least + 500.0, "hop {}: {shown} ms, but {least} ms", probe.ttl);
        }
    }
}
