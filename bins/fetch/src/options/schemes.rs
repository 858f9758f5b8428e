//! `--proto` and its like: which schemes are allowed.

use crate::grammar::{Misuse, Reading, Word};

/// What we speak.
pub(super) const SPOKEN: [&str; 2] = ["http", "https"];

/// What curl speaks besides: allowing it allows nothing here, and forbidding it is easily done.
const OTHERS: [&str; 28] = [
    "dict", "file", "ftp", "ftps", "gopher", "gophers", "imap", "imaps", "ipfs", "ipns", "ldap",
    "ldaps", "mqtt", "mqtts", "pop3", "pop3s", "rtmp", "rtsp", "scp", "sftp", "smb", "smbs",
    "smtp", "smtps", "telnet", "tftp", "ws", "wss",
];

/// The schemes that are allowed after a word like `=https`, `-all,https`, `+http`.
pub(super) fn changed(
    r: &mut Reading,
    mut allowed: Vec<String>,
    word: &Word<'_>,
) -> Result<Vec<String>, Misuse> {
    let text = word.text()?.to_lowercase();
    for token in text.split(',') {
        let name = token.trim_start_matches(['=', '+', '-']);
        let how = token.strip_suffix(name).and_then(|how| how.chars().last()).unwrap_or('+');
        let meant: Vec<String> = match name {
            "all" => SPOKEN.map(str::to_owned).to_vec(),
            known if SPOKEN.contains(&known) => vec![known.to_owned()],
            other => {
                if !OTHERS.contains(&other) && !token.is_empty() {
                    r.warn(&format!("unrecognized protocol '{other}'"));
                }
                Vec::new()
            }
        };
        match how {
            '=' => allowed = meant,
            '-' => allowed.retain(|one| !meant.contains(one)),
            _ => {
                allowed.extend(meant);
                allowed.sort();
                allowed.dedup();
            }
        }
    }
    Ok(allowed)
}

#[cfg(test)]
mod tests {
    use super::changed;
    use crate::grammar::{Reading, Word};

    fn after(text: &str) -> (Vec<String>, String) {
        let mut r = Reading::default();
        let both = vec!["http".to_owned(), "https".to_owned()];
        let allowed = changed(&mut r, both, &Word::new(text.as_bytes())).unwrap();
        (allowed, r.said.0)
    }

    #[test]
    fn tokens_add_take_away_and_set() {
        for (text, want) in [
            ("=https", &["https"][..]),
            ("-all,https", &["https"]),
            ("-http", &["https"]),
            ("=ftp", &[]),
            ("=http,https", &["http", "https"]),
            ("=HTTPS", &["https"]),
            ("-all,+http", &["http"]),
            ("ftp", &["http", "https"]),
        ] {
            let (allowed, said) = after(text);
            assert_eq!(allowed, want, "{text}");
            assert_eq!(said, "", "{text}: nothing is wrong with it");
        }
    }

    #[test]
    fn scheme_that_nobody_knows_is_told() {
        assert_eq!(after("foo").1, "Warning: unrecognized protocol 'foo'\n");
        assert_eq!(after("=").1, "Warning: unrecognized protocol ''\n");
    }
}
