//! Names of files that a URL or a server chose, vetted.
//!
//! Nothing here looks at the disk.

use wireline_http::Url;

mod parameters;

/// Longest name that file systems take (`NAME_MAX`, limits.h).
const LONGEST: usize = 255;

/// The name in a URL: the last part of its path that is not empty, not decoded. `None`: there is none.
pub(crate) fn of_url(url: &Url) -> Option<String> {
    let last = url.path.trim_end_matches('/').rsplit('/').next()?;
    // What is left of `..` names a directory.
    (!last.is_empty() && last != "." && last != "..").then(|| last.to_owned())
}

/// The name that a server chose (Content-Disposition, RFC 6266 §4.3): `filename*` before `filename`.
///
/// `None`: it chose none. `Err`: it chose one that is not taken, which is shown escaped.
pub(crate) fn of_disposition(value: &[u8]) -> Option<Result<String, Refused>> {
    let name = parameters::filename(value)?;
    // Whatever directories are in it, RFC 6266 §4.3 has them left out; Windows's too.
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default();
    Some(vetted(base).map(str::to_owned))
}

/// Why a name is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) why: &'static str,
    /// A stranger's.
    pub(crate) name: String,
}

fn vetted(name: &str) -> Result<&str, Refused> {
    let harmful = || wireline_cli::escape(name) != name;
    let why = match name.chars().next() {
        None => "it is empty",
        Some('.') => "it begins with a dot",
        Some('-') => "it begins with a dash",
        Some(_) if name.len() > LONGEST => "it is longer than 255 octets",
        Some(_) if harmful() => "it has characters that cannot be seen",
        Some(_) => return Ok(name),
    };
    Err(Refused { why, name: name.chars().take(80).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(path: &str) -> Url {
        Url { path: path.to_owned(), ..Url::default() }
    }

    fn why(value: &str) -> Option<&'static str> {
        of_disposition(value.as_bytes()).and_then(Result::err).map(|refused| refused.why)
    }

    #[test]
    fn urls_name_files_by_their_last_part() {
        assert_eq!(of_url(&url("/a/b%20c.txt")).as_deref(), Some("b%20c.txt"), "not decoded");
        assert_eq!(of_url(&url("/a/b/")).as_deref(), Some("b"), "as curl 8 has it");
        for none in ["/", "", "//", "/a/..", "/."] {
            assert_eq!(of_url(&url(none)), None, "{none}");
        }
    }

    #[test]
    fn directories_of_a_server_are_left_out() {
        for value in ["../../x", "/etc/x", "..\\\\..\\\\x", "C:\\\\x", "a/x"] {
            let value = format!("attachment; filename=\"{value}\"");
            assert_eq!(of_disposition(value.as_bytes()), Some(Ok("x".to_owned())), "{value}");
        }
    }

    #[test]
    fn names_that_hide_or_are_flags_are_refused() {
        assert_eq!(why("attachment; filename=.curlrc"), Some("it begins with a dot"));
        assert_eq!(why("attachment; filename=\"..\""), Some("it begins with a dot"));
        assert_eq!(why("attachment; filename=-rf"), Some("it begins with a dash"));
        assert_eq!(why("attachment; filename=\"\""), Some("it is empty"));
        assert_eq!(why("attachment; filename=\"a/\""), Some("it is empty"));
        let long = format!("attachment; filename={}", "a".repeat(256));
        assert_eq!(why(&long), Some("it is longer than 255 octets"));
    }

    #[test]
    fn names_that_deceive_or_move_the_cursor_are_refused() {
        for name in ["a\u{1b}[2Jb", "a\u{202e}gpj.exe", "a\nb", "a\u{7f}"] {
            let value = format!("attachment; filename=\"{name}\"");
            assert_eq!(why(&value), Some("it has characters that cannot be seen"), "{name:?}");
        }
        let hidden = "attachment; filename*=UTF-8''a%E2%80%AEb";
        assert_eq!(why(hidden), Some("it has characters that cannot be seen"));
        let zero = "attachment; filename*=UTF-8''a%00b";
        assert_eq!(why(zero), Some("it has characters that cannot be seen"));
    }

    #[test]
    fn decoded_slashes_are_slashes() {
        let value = b"attachment; filename*=UTF-8''..%2F..%2Fx";
        assert_eq!(of_disposition(value), Some(Ok("x".to_owned())));
    }
}
