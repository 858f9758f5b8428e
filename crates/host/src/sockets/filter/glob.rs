//! Patterns of names (glob(7)), in letters of either case, as fnmatch(3) with `FNM_CASEFOLD`.

/// A pattern: `*`, `?`, `[a-z]`, `[!a]`, and a backslash before what is none of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob(Vec<u8>);

/// What one octet is to be.
enum Part<'a> {
    Any,
    Octet(u8),
    Set(&'a [u8]),
}

impl Glob {
    /// From its text. Every text is a pattern.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.as_bytes().to_ascii_lowercase())
    }

    /// Whether a whole name fits. It takes no more steps than both lengths, multiplied.
    #[must_use]
    pub fn fits(&self, name: &[u8]) -> bool {
        let (mut pattern, mut at) = (self.0.as_slice(), 0);
        // Where the last `*` was, and from where on what follows it was tried.
        let mut star: Option<(&[u8], usize)> = None;
        loop {
            if let Some(after) = pattern.strip_prefix(b"*") {
                (star, pattern) = (Some((after, at)), after);
                continue;
            }
            let fits = match (part(pattern), name.get(at)) {
                (None, None) => return true,
                (Some((part, after)), Some(octet)) if part.fits(octet.to_ascii_lowercase()) => {
                    pattern = after;
                    true
                }
                _ => false,
            };
            at += 1;
            if fits {
                continue;
            }
            let Some((after, from)) = star.filter(|(_, from)| *from < name.len()) else {
                return false;
            };
            (star, pattern, at) = (Some((after, from + 1)), after, from + 1);
        }
    }
}

/// The first part of a pattern, and what follows it.
fn part(pattern: &[u8]) -> Option<(Part<'_>, &[u8])> {
    let (first, rest) = pattern.split_first()?;
    Some(match (first, rest) {
        (b'?', _) => (Part::Any, rest),
        (b'\\', [escaped, rest @ ..]) => (Part::Octet(*escaped), rest),
        (b'[', _) => match set_end(rest) {
            Some(end) => (Part::Set(&rest[..end]), &rest[end + 1..]),
            None => (Part::Octet(b'['), rest),
        },
        _ => (Part::Octet(*first), rest),
    })
}

/// Where the bracket is that ends a set. One at the beginning is in it.
fn set_end(rest: &[u8]) -> Option<usize> {
    let first = usize::from(matches!(rest.first(), Some(b'!' | b'^'))) + 1;
    let end = rest.get(first..)?.iter().position(|octet| *octet == b']')?;
    Some(first + end)
}

impl Part<'_> {
    fn fits(&self, octet: u8) -> bool {
        match self {
            Self::Any => true,
            Self::Octet(wanted) => *wanted == octet,
            Self::Set([b'!' | b'^', set @ ..]) => !is_in(set, octet),
            Self::Set(set) => is_in(set, octet),
        }
    }
}

fn is_in(mut set: &[u8], octet: u8) -> bool {
    loop {
        match set {
            [] => return false,
            [first, b'-', last, ..] if (*first..=*last).contains(&octet) => return true,
            [_, b'-', _, rest @ ..] => set = rest,
            [one, ..] if *one == octet => return true,
            [_, rest @ ..] => set = rest,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_as_fnmatch_says() {
        for (pattern, name, fits) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("*", "/run/a b", true),
            ("/tmp/.X11-unix/*", "/tmp/.x11-UNIX/X0", true),
            ("/run/*.sock", "/run/a/b.sock", true),
            ("/run/*.sock", "/run/a.sock.old", false),
            ("*ab*ab", "aabab", true),
            ("*ab*abb", "aabab", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("@[a-c]x", "@bx", true),
            ("@[!a-c]x", "@bx", false),
            ("[]x]", "]", true),
            ("[a", "[a", true),
            (r"a\*", "a*", true),
            (r"a\*", "ab", false),
            ("a[b-]", "a-", true),
            ("a", "", false),
        ] {
            assert_eq!(Glob::new(pattern).fits(name.as_bytes()), fits, "{pattern} {name}");
        }
    }

    #[test]
    fn hostile_pattern_ends() {
        let pattern = Glob::new(&"*a".repeat(2000));
        assert!(!pattern.fits(&[b'a'; 1999].map(|octet| octet)));
        assert!(pattern.fits(&[b'a'; 4000]));
        assert!(!Glob::new(&format!("{}b", "*a".repeat(50))).fits(&[b'a'; 108]));
    }
}
