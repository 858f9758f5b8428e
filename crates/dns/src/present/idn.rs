//! Names in the script that people write them in (`+idnout`).

use std::fmt;
use std::ops::Deref;

use super::edns::steers;
use crate::Name;

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

/// The text of a name, its A-labels as U-labels (RFC 5890 §2.3.2.1) where that is wanted. If one of them is
/// none, all stay as they are.
pub(super) fn text(name: &Name, idn: bool) -> String {
    let plain = name.to_string();
    // An escape stands for an octet that no A-label has.
    if !idn || plain.contains('\\') || !plain.split('.').any(is_ace) {
        return plain;
    }
    let labels: Option<Vec<_>> = plain.split('.').map(unicode).collect();
    labels.map_or(plain, |labels| labels.join("."))
}

fn is_ace(label: &str) -> bool {
    label.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("xn--"))
}

fn unicode(label: &str) -> Option<String> {
    if !is_ace(label) {
        return Some(label.to_owned());
    }
    let (unicode, result) = idna::domain_to_unicode(label);
    let is_harmless = !unicode.chars().any(|one| one.is_control() || steers(one));
    (result.is_ok() && is_harmless).then_some(unicode)
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
        for name in ["xn--a.xn--bcher-kva.lab.", "\\000.xn--bcher-kva.lab.", "plain.lab.", "."] {
            assert_eq!(shown(name), name);
        }
    }
}
