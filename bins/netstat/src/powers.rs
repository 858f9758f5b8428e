//! Which of root's powers a listing needs to its end. The others are given up before anything is read.

use wireline_net::Power;

use crate::config::{Config, Mode};
use crate::places::Place;

/// Of users who have none, none is kept.
pub(crate) fn needed(config: &Config) -> Vec<Power> {
    let (filtering, shown) = (&config.filtering, config.shown);
    let is_elsewhere = !matches!(config.place, Place::Here);
    let is_one = filtering.connection.is_some();
    let has_owners = shown.programs || is_one || config.mode == Mode::Diagnosis;
    let is_more_than_rows = shown.beside.is_some()
        || is_one
        || filtering.kill.is_some()
        || filtering.is_filtered
        || matches!(config.mode, Mode::Diagnosis | Mode::Closings);
    let needed = [
        (has_owners || is_elsewhere, Power::Processes),
        (has_owners, Power::Bpf),
        (is_elsewhere, Power::Namespaces),
        (is_more_than_rows, Power::Network),
    ];
    needed.into_iter().filter(|(is_needed, _)| *is_needed).map(|(_, power)| power).collect()
}
