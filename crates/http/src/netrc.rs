//! Files of logins: `~/.netrc` (ftp(1), `curl --netrc`).
//!
//! Never opens a file.

/// Octets of a file that are looked at.
const LONGEST: usize = 128 * 1024;

/// What to log in with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Login {
    /// Who.
    pub user: String,
    /// And the secret.
    pub password: String,
}

/// What a file says about a host; with a user (from the URL) only of that one. A failure says why in words.
pub fn find(text: &[u8], host: &str, user: Option<&str>) -> Result<Option<Login>, String> {
    if text.len() > LONGEST {
        return Err(format!("netrc file larger than {LONGEST} octets"));
    }
    let mut search = Search { host, user, place: Place::Outside, found: Found::default() };
    let mut is_macro = false;
    for line in text.split(|one| *one == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if is_macro && !line.is_empty() {
            continue;
        }
        is_macro = false;
        let mut rest = line;
        while let Some(token) = next_token(&mut rest)? {
            match search.token(&token) {
                Step::On => {}
                Step::Macro => is_macro = true,
                Step::Done => return Ok(search.answer()),
            }
            if is_macro {
                break;
            }
        }
    }
    Ok(search.answer())
}

/// The next word of a line, without its quotes; `None` at its end, or where a comment begins.
fn next_token<'a>(rest: &mut &'a [u8]) -> Result<Option<String>, String> {
    let whole: &'a [u8] = rest;
    let text = whole.trim_ascii_start();
    match text.first() {
        None | Some(b'#') => Ok(None),
        Some(b'"') => quoted(text, rest).map(Some),
        Some(_) => {
            let end = text.iter().position(|one| *one <= b' ').unwrap_or(text.len());
            let (token, behind) = text.split_at_checked(end).unwrap_or_default();
            *rest = behind;
            if token.is_empty() {
                return Err("control octets in netrc file".to_owned());
            }
            Ok(Some(String::from_utf8_lossy(token).into_owned()))
        }
    }
}

/// A word in quotes: backslashes escape, and `\n`, `\r` and `\t` are what they are in C.
fn quoted<'a>(text: &'a [u8], rest: &mut &'a [u8]) -> Result<String, String> {
    let (mut token, mut is_escaped) = (Vec::new(), false);
    for (at, one) in text.iter().enumerate().skip(1) {
        match (is_escaped, one) {
            (false, b'"') => {
                *rest = text.get(at + 1..).unwrap_or_default();
                return Ok(String::from_utf8_lossy(&token).into_owned());
            }
            (false, b'\\') => is_escaped = true,
            (false, one) => token.push(*one),
            (true, one) => {
                is_escaped = false;
                token.push(match one {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    other => *other,
                });
            }
        }
    }
    Err("quotes in netrc file that do not end".to_owned())
}

enum Step {
    On,
    /// Lines up to an empty one are a macro.
    Macro,
    Done,
}

/// What the next word is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Not about the host.
    Outside,
    /// A host's name.
    Machine,
    /// About the host.
    Inside,
    /// The host's user.
    User,
    /// The host's password.
    Password,
}

#[derive(Default)]
struct Found {
    user: Option<String>,
    password: Option<String>,
    /// The user is another than the one that is asked for.
    is_other: bool,
}

struct Search<'a> {
    host: &'a str,
    user: Option<&'a str>,
    place: Place,
    found: Found,
}

impl Search<'_> {
    fn token(&mut self, token: &str) -> Step {
        let is = |word: &str| token.eq_ignore_ascii_case(word);
        match self.place {
            Place::Machine if is(self.host) => self.place = Place::Inside,
            Place::Machine => self.place = Place::Outside,
            Place::User => {
                self.found.is_other = self.user.is_some_and(|user| user != token);
                self.found.user = Some(token.to_owned());
                self.place = Place::Inside;
            }
            Place::Password => {
                self.found.password = Some(token.to_owned());
                self.place = Place::Inside;
            }
            Place::Outside if is("macdef") => return Step::Macro,
            Place::Inside if is("login") => self.place = Place::User,
            Place::Inside if is("password") => self.place = Place::Password,
            Place::Outside | Place::Inside if is("machine") || is("default") => {
                if self.has_login() {
                    return Step::Done;
                }
                self.found = Found::default();
                self.place = if is("default") { Place::Inside } else { Place::Machine };
            }
            Place::Outside | Place::Inside => {}
        }
        let Found { user, password, .. } = &self.found;
        if user.is_some() && password.is_some() && self.has_login() {
            return Step::Done;
        }
        Step::On
    }

    /// Whether there is a user, and the right one.
    fn has_login(&self) -> bool {
        self.found.user.is_some() && !self.found.is_other
    }

    fn answer(self) -> Option<Login> {
        let Found { user, password, is_other } = self.found;
        if is_other || (user.is_none() && password.is_none()) {
            return None;
        }
        // A password alone is that of whoever was asked for.
        let user = user.or(self.user.map(str::to_owned)).unwrap_or_default();
        Some(Login { user, password: password.unwrap_or_default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;

    fn login(text: &str, host: &str, user: Option<&str>) -> Option<(String, String)> {
        find(text.as_bytes(), host, user).unwrap().map(|login| (login.user, login.password))
    }

    #[expect(clippy::unnecessary_wraps, reason = "as what it is compared with")]
    fn pair(user: &str, password: &str) -> Option<(String, String)> {
        Some((user.to_owned(), password.to_owned()))
    }

    #[test]
    fn first_entry_of_the_host_is_it() {
        let text = "machine a.example login u1 password p1\nmachine A.example login u2 password p2\n\
            default login d password dp\n";
        assert_eq!(login(text, "a.example", None), pair("u1", "p1"));
        assert_eq!(login(text, "a.example", Some("u2")), pair("u2", "p2"));
        assert_eq!(login(text, "b.example", None), pair("d", "dp"));
        assert_eq!(login(text, "a.example", Some("u3")), None);
    }

    #[test]
    fn entries_may_be_written_over_lines_in_any_order() {
        let text = "# a comment login x\nmachine\n a.example\n\tpassword \"p \\\"q\\\\\\n\" # comment\n login  u\r\n";
        assert_eq!(login(text, "a.example", None), pair("u", "p \"q\\\n"));
        assert_eq!(login("machine a.example login u", "a.example", None), pair("u", ""));
        assert_eq!(login("machine a.example", "a.example", None), None);
    }

    #[test]
    fn macros_are_passed_over() {
        let text = "macdef init\nmachine a.example login bad password bad\n\nmachine a.example login u password p\n";
        assert_eq!(login(text, "a.example", None), pair("u", "p"));
    }

    #[test]
    fn quotes_without_end_are_refused() {
        assert!(find(b"machine a.example login \"u", "a.example", None).is_err());
        assert!(find(&vec![b'a'; LONGEST + 1], "a.example", None).is_err());
    }

    #[test]
    fn any_file_is_taken() {
        let mut chance = Chance::new(5);
        let words = [
            "machine ",
            "login ",
            "password ",
            "default ",
            "macdef ",
            "a ",
            "\"",
            "\\",
            "\n",
            "#",
            "\u{1}",
            "\u{e9}",
        ];
        for _ in 0..20_000 {
            let text = chance.words(&words, 30);
            let _ = (find(&text, "a", None), find(&text, "a", Some("a")));
        }
    }
}
