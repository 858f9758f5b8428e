//! What stands behind a time where a router or the target says that it goes no further.

use wireline_lab::{Hop, Lab};

use crate::common::{Run, Way, before, each_way, short};

/// The line of hop 2 where each probe has this mark.
fn marked(way: Way, mark: &str) -> String {
    format!(" 2  {0}  T ms {mark}  T ms {mark}  T ms {mark}", way.router(2))
}

/// What a hop is told to do.
type Orders = Box<dyn Fn(Hop) -> Hop>;

/// One run as root for each pair of orders for hop 2 and a mark.
fn each_mark(v6: bool, method: &str, table: &[(Orders, String)]) {
    let way = Way { v6, ..Way::ALL[0] };
    for (orders, mark) in table {
        let lab = Lab::new();
        let (host, _path) = before(&lab, &short(4).hop(2, orders));
        let run: Run = way.trace(&host, &format!("-n {method}"));
        run.says_hops(&[&way.line(1), &marked(way, mark)]);
    }
}

fn code_v4((code, mark): (u8, &str)) -> (Box<dyn Fn(Hop) -> Hop>, String) {
    (Box::new(move |hop: Hop| hop.unreachable(code)), mark.to_owned())
}

fn code_v6((code, mark): (u8, &str)) -> (Box<dyn Fn(Hop) -> Hop>, String) {
    (Box::new(move |hop: Hop| hop.unreachable_v6(code)), mark.to_owned())
}

const MARKS_V4: [(u8, &str); 15] = [
    (0, "!N"),
    (1, "!H"),
    (2, "!P"),
    (5, "!S"),
    (6, "!N"),
    (7, "!H"),
    (8, "!N"),
    (9, "!X"),
    (10, "!X"),
    (11, "!N"),
    (12, "!H"),
    (13, "!X"),
    (14, "!V"),
    (15, "!C"),
    (0, "!N"),
];

#[test]
fn each_code_of_ipv4_has_its_mark() {
    let table: Vec<_> = MARKS_V4.into_iter().map(code_v4).collect();
    each_mark(false, "", &table);
}

#[test]
fn marks_are_the_same_by_every_method() {
    for method in ["-I", "-T", "-U", "-M tcpconn"] {
        let table: Vec<_> = [(1, "!H"), (13, "!X")].into_iter().map(code_v4).collect();
        each_mark(false, method, &table);
        let table: Vec<_> = [(0, "!N"), (1, "!X")].into_iter().map(code_v6).collect();
        each_mark(true, method, &table);
    }
}

#[test]
fn each_code_of_ipv6_has_its_mark() {
    let table = [(0, "!N"), (1, "!X"), (2, "!H"), (3, "!H"), (5, "!<5>"), (6, "!<6>")];
    each_mark(true, "", &table.map(code_v6));
}

#[test]
fn refusal_of_long_datagrams_is_marked_with_the_mtu() {
    let needed = |mtu| -> Box<dyn Fn(Hop) -> Hop> {
        Box::new(move |hop: Hop| hop.fragmentation_needed(mtu))
    };
    each_mark(false, "-F", &[(needed(1400), "!F-1400".to_owned())]);
    let big = |mtu| -> Box<dyn Fn(Hop) -> Hop> { Box::new(move |hop: Hop| hop.too_big(mtu)) };
    each_mark(true, "-I", &[(big(1400), "!F-1400".to_owned())]);
}

#[test]
fn nobody_sees_the_same_marks() {
    let path = short(4).hop(2, |hop| hop.unreachable(13).unreachable_v6(1));
    each_way(&path, "-n", |way, run| {
        run.says_hops(&[&way.line(1), &marked(way, "!X")]);
    });
}

#[test]
fn port_unreachable_from_a_router_counts_as_reached() {
    let path = short(4).hop(2, |hop| hop.unreachable(3).unreachable_v6(4));
    each_way(&path, "-n", |way, run| {
        run.says_hops(&[&way.line(1), &way.line(2)]);
    });
}

#[test]
fn one_refusal_among_losses_ends_the_trace() {
    let path = short(4).hop(2, |hop| hop.unreachable(1).unreachable_v6(3).lose([2, 3]));
    each_way(&path, "-n -N 1 -w 0.5", |way, run| {
        let line = format!(" 2  {}  T ms !H * *", way.router(2));
        run.says_hops(&[&way.line(1), &line]);
    });
}

#[test]
fn prohibited_port_is_marked_at_the_last_router() {
    let path = short(3).target(|target| target.tcp([80], wireline_lab::Port::Prohibited));
    for way in &Way::ALL[..2] {
        let lab = Lab::new();
        let (host, _path) = before(&lab, &path);
        let run = way.trace(&host, "-n -T");
        let last = format!(" 3  {}  T ms !X  T ms !X  T ms !X", way.router(2));
        run.says_hops(&[&way.line(1), &way.line(2), &last]);
    }
}
