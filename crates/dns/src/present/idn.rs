//! Names in the script that people write them in (`+idnout`).

use std::fmt;
use std::ops::Deref;

use crate::Name;
use crate::idn::to_unicode;

/// A name and how it is written.
pub(super) struct Written {
    name: Name,
    idn: bool,
}

impl Written {
    pub(super) const fn new(name: Name, idn: bool) -> Self {
        Self { name, idn }
    }
}

impl Deref for Written {
    type Target = Name;

    fn deref(&self) -> &Name {
        &self.name
    }
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text(&self.name, self.idn))
    }
}

/// The text of a name, its A-labels as U-labels (RFC 5890 §2.3.2.1) where that is wanted.
pub(super) fn text(name: &Name, idn: bool) -> String {
    let plain = name.to_string();
    if idn { to_unicode(&plain).into_owned() } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        super::text(&Name::parse(text.as_bytes(), &Name::root()).unwrap(), true)
    }

    #[test]
    fn labels_are_in_their_own_script() {
        assert_eq!(shown("WWW.xn--bcher-kva.lab"), "WWW.bücher.lab.");
        assert_eq!(shown("XN--P1AI"), "рф.");
    }

    #[test]
    fn what_is_no_such_label_stays_as_it_is() {
        for name in ["xn--a.lab.", "xn--\\000.lab.", "plain.lab.", "."] {
            assert_eq!(shown(name), name);
        }
    }
}
