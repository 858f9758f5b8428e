//! Verdicts on what a lab's servers said, and on worlds that are signed here to be odd.

mod captured;
mod signed;
mod world;

use super::*;
use crate::{Class, Question};

fn name(text: &str) -> Name {
    Name::parse(text.as_bytes(), &Name::root()).unwrap()
}

fn question(owner: &str, kind: RecordType) -> Question {
    Question { name: name(owner), kind, class: Class::IN }
}

/// Runs a validation to its end by what `answer` gives.
fn run(
    anchors: Vec<Anchor>,
    question: Question,
    now: u32,
    mut answer: impl FnMut(&Question) -> Option<Vec<u8>>,
) -> (Verdict, Vec<Link>) {
    let mut validator = Validator::new(anchors, question, now);
    while let Some(need) = validator.poll_need() {
        match answer(&need) {
            Some(octets) => validator.handle_answer(&octets),
            None => validator.handle_failure("timed out"),
        }
    }
    let links = std::iter::from_fn(|| validator.poll_link()).collect();
    (validator.verdict().expect("nothing is needed any more").clone(), links)
}
