//! Why a certificate is not for a name.

use std::net::IpAddr;

use crate::Certificate;

/// More names are not compared, and longer ones not.
const NAMES: usize = 200;
const LONGEST: usize = 253;
/// More are not listed.
const LISTED: usize = 5;

/// Whether one of the certificate's names covers it (RFC 9525 §6.3).
pub(super) fn covers(leaf: &Certificate, wanted: &str) -> bool {
    let wanted = wanted.trim_end_matches('.');
    leaf.names.iter().any(|name| {
        name.eq_ignore_ascii_case(wanted)
            || match (name.strip_prefix("*."), wanted.split_once('.')) {
                (Some(rest), Some((_, behind))) => rest.eq_ignore_ascii_case(behind),
                _ => false,
            }
    })
}

/// What it is for instead, and what comes nearest.
pub(super) fn explain(leaf: &Certificate, wanted: &str) -> String {
    let wanted = wanted.trim_end_matches('.');
    if wanted.parse::<IpAddr>().is_ok() {
        return of_address(leaf);
    }
    if let Some(star) = leaf.names.iter().find_map(|name| near_star(name, wanted)) {
        return star;
    }
    match nearest(leaf, wanted) {
        Some(name) if leaf.names.len() > 1 => {
            format!("it is for {}; the nearest is {name}", listed(&leaf.names))
        }
        _ => format!("it is for {}", listed(&leaf.names)),
    }
}

fn of_address(leaf: &Certificate) -> String {
    let is_address = |name: &&String| name.parse::<IpAddr>().is_ok();
    let addresses: Vec<_> = leaf.names.iter().filter(is_address).cloned().collect();
    match addresses.as_slice() {
        [] => format!("it is for no address, but for {}", listed(&leaf.names)),
        addresses => format!("of addresses it is for {}", listed(addresses)),
    }
}

fn near_star(name: &str, wanted: &str) -> Option<String> {
    let rest = name.strip_prefix("*.")?;
    if rest.eq_ignore_ascii_case(wanted) {
        return Some(format!("{name} does not cover {wanted} itself"));
    }
    let head = wanted.len().checked_sub(rest.len()).and_then(|at| wanted.split_at_checked(at));
    let (before, end) = head?;
    let is_below = end.eq_ignore_ascii_case(rest) && before.ends_with('.');
    is_below.then(|| format!("{name} does not cover {wanted}: its star stands for one label"))
}

/// By how many letters would have to be changed; `None` where none is near.
fn nearest<'a>(leaf: &'a Certificate, wanted: &str) -> Option<&'a str> {
    let names = leaf.names.iter().take(NAMES).map(String::as_str);
    let names = names.filter(|name| name.len() <= LONGEST && wanted.len() <= LONGEST);
    let by_distance = names.map(|name| (distance(name, wanted), name));
    let (distance, name) = by_distance.min_by_key(|(distance, _)| *distance)?;
    (distance <= wanted.len().div_euclid(2)).then_some(name)
}

/// Levenshtein's, without regard to case.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.bytes().enumerate() {
        let mut corner = i;
        let mut left = i.saturating_add(1);
        for (above, b) in row.iter_mut().skip(1).zip(other.bytes()) {
            let change = corner.saturating_add(usize::from(!a.eq_ignore_ascii_case(&b)));
            corner = *above;
            left = change.min(left.saturating_add(1)).min(above.saturating_add(1));
            *above = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i.saturating_add(1);
        }
    }
    row.last().copied().unwrap_or_default()
}

pub(super) fn listed(names: &[String]) -> String {
    let shown: Vec<_> = names.iter().take(LISTED).map(String::as_str).collect();
    match (shown.is_empty(), names.len().saturating_sub(LISTED)) {
        (true, _) => "nobody".to_owned(),
        (false, 0) => shown.join(", "),
        (false, more) => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(names: &[&str]) -> Certificate {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Certificate { names, ..Certificate::default() }
    }

    #[test]
    fn stars_stand_for_one_label() {
        let leaf = of(&["*.lab.test"]);
        assert!(covers(&leaf, "A.lab.test."));
        assert!(!covers(&leaf, "lab.test"));
        assert!(!covers(&leaf, "a.b.lab.test"));
        let why = explain(&leaf, "a.b.lab.test");
        assert_eq!(why, "*.lab.test does not cover a.b.lab.test: its star stands for one label");
        assert_eq!(explain(&leaf, "lab.test"), "*.lab.test does not cover lab.test itself");
    }

    #[test]
    fn the_nearest_name_is_told_where_there_are_several() {
        let leaf = of(&["mail.lab.test", "www.lab.test"]);
        let why = explain(&leaf, "wwww.lab.test");
        assert_eq!(why, "it is for mail.lab.test, www.lab.test; the nearest is www.lab.test");
        assert_eq!(explain(&of(&["www.example"]), "x"), "it is for www.example");
        assert_eq!(explain(&of(&["a"; 9]), "zzz"), "it is for a, a, a, a, a and 4 more");
    }

    #[test]
    fn addresses_are_looked_for_among_addresses() {
        let why = explain(&of(&["lab.test"]), "192.0.2.1");
        assert_eq!(why, "it is for no address, but for lab.test");
        let why = explain(&of(&["lab.test", "192.0.2.7"]), "192.0.2.1");
        assert_eq!(why, "of addresses it is for 192.0.2.7");
    }

    #[test]
    fn distance_counts_changes() {
        for (one, other, count) in [
            ("", "", 0),
            ("abc", "ABC", 0),
            ("kitten", "sitting", 3),
            ("", "abc", 3),
            ("abc", "", 3),
        ] {
            assert_eq!(distance(one, other), count, "{one} {other}");
        }
    }
}
