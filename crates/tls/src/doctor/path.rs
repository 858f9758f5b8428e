//! The way from a server's certificate to whoever is to be trusted.

use crate::{Certificate, der};

/// Servers send three; nobody can make us follow more than this.
const MOST: usize = 32;

/// Which of the certificates that came lead where.
#[derive(Debug, Default)]
pub(super) struct Path<'a> {
    /// From the server's own upwards.
    pub(super) links: Vec<&'a Certificate>,
    /// Where each was among those that came.
    pub(super) places: Vec<usize>,
    /// Those that do not belong to it.
    pub(super) strays: Vec<&'a Certificate>,
}

impl<'a> Path<'a> {
    pub(super) fn of(chain: &'a [Certificate]) -> Self {
        let mut left: Vec<_> = chain.iter().enumerate().take(MOST).collect();
        let mut path = Path::default();
        let mut next = (!left.is_empty()).then_some(0);
        while let Some(at) = next {
            let (place, one) = left.remove(at);
            path.links.push(one);
            path.places.push(place);
            next = if one.is_self_issued() {
                None
            } else {
                issuer(one).and_then(|name| {
                    left.iter().position(|(_, other)| subject(other) == Some(name))
                })
            };
        }
        path.strays = left.into_iter().map(|(_, one)| one).collect();
        path
    }

    /// Whether they came in another order than they lead.
    pub(super) fn is_mixed(&self) -> bool {
        !self.places.is_sorted() || self.places.iter().enumerate().any(|(at, place)| at != *place)
    }
}

pub(super) fn issuer(one: &Certificate) -> Option<&[u8]> {
    Some(der::names(&one.der)?.0)
}

pub(super) fn subject(one: &Certificate) -> Option<&[u8]> {
    Some(der::names(&one.der)?.1)
}
