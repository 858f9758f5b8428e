//! Parameters of Content-Disposition (RFC 6266 §4.1, RFC 8187 §3.2), as servers write them.

/// More parameters than anybody needs.
const MOST: usize = 64;

/// The name of the file: `filename*` where it can be read, else `filename`.
pub(super) fn filename(value: &[u8]) -> Option<String> {
    let mut rest = value;
    let (mut plain, mut extended) = (None, None);
    for _ in 0..MOST {
        let (name, text, next) = parameter(rest);
        if name.eq_ignore_ascii_case(b"filename*") {
            extended = extended.or_else(|| decoded(&text));
        } else if name.eq_ignore_ascii_case(b"filename") {
            plain = plain.or(Some(text));
        }
        let Some(next) = next else { break };
        rest = next;
    }
    extended.or_else(|| plain.map(|octets| text(&octets)))
}

/// UTF-8, or Latin-1 as fields once were.
fn text(octets: &[u8]) -> String {
    std::str::from_utf8(octets)
        .map_or_else(|_| octets.iter().map(|octet| char::from(*octet)).collect(), str::to_owned)
}

/// A parameter's name and value, and what is behind it.
fn parameter(octets: &[u8]) -> (&[u8], Vec<u8>, Option<&[u8]>) {
    let end = octets.iter().position(|octet| matches!(octet, b'=' | b';')).unwrap_or(octets.len());
    let (name, rest) = octets.split_at(end);
    let name = name.trim_ascii();
    let Some(value) = rest.strip_prefix(b"=") else { return (name, Vec::new(), after(rest, b';')) };
    let value = value.trim_ascii_start();
    if let Some(quoted) = value.strip_prefix(b"\"") {
        let (text, rest) = unquoted(quoted);
        return (name, text, after(rest, b';'));
    }
    let end = value.iter().position(|octet| *octet == b';').unwrap_or(value.len());
    let (text, rest) = value.split_at(end);
    (name, text.trim_ascii().to_vec(), after(rest, b';'))
}

/// A quoted string (RFC 9110 §5.6.4) from behind its first quote. What lacks the last one goes to the end.
fn unquoted(octets: &[u8]) -> (Vec<u8>, &[u8]) {
    let mut text = Vec::new();
    let mut rest = octets;
    while let Some((octet, behind)) = rest.split_first() {
        rest = behind;
        match octet {
            b'"' => return (text, rest),
            // Others are directories of Windows, unescaped by servers that do not know better.
            b'\\' if rest.starts_with(b"\"") || rest.starts_with(b"\\") => {
                let Some((escaped, behind)) = rest.split_first() else { break };
                text.push(*escaped);
                rest = behind;
            }
            other => text.push(*other),
        }
    }
    (text, rest)
}

/// `charset'language'value`, of the two charsets that there are.
fn decoded(octets: &[u8]) -> Option<String> {
    let mut parts = octets.splitn(3, |octet| *octet == b'\'');
    let (charset, _, value) = (parts.next()?, parts.next()?, parts.next()?);
    let octets = percent_decoded(value)?;
    if charset.eq_ignore_ascii_case(b"utf-8") {
        return String::from_utf8(octets).ok();
    }
    let is_latin = charset.eq_ignore_ascii_case(b"iso-8859-1");
    is_latin.then(|| octets.iter().map(|octet| char::from(*octet)).collect())
}

fn percent_decoded(octets: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(octets.len());
    let mut rest = octets;
    while let Some((octet, behind)) = rest.split_first() {
        rest = behind;
        if *octet != b'%' {
            out.push(*octet);
            continue;
        }
        let (digits, behind) = rest.split_at_checked(2)?;
        let digits = std::str::from_utf8(digits).ok().filter(|text| !text.starts_with('+'))?;
        out.push(u8::from_str_radix(digits, 16).ok()?);
        rest = behind;
    }
    Some(out)
}

/// What is behind the first of these.
fn after(octets: &[u8], mark: u8) -> Option<&[u8]> {
    let at = octets.iter().position(|octet| *octet == mark)?;
    octets.get(at + 1..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_quoted_and_extended_names_are_read() {
        let cases: [(&[u8], Option<&str>); 10] = [
            (b"attachment; filename=a.txt", Some("a.txt")),
            (b"attachment; FileName = \"a b;c.txt\" ; x=y", Some("a b;c.txt")),
            (b"attachment; filename=\"a\\\"b\"", Some("a\"b")),
            (b"attachment; filename=a; filename*=UTF-8''%e2%82%ac.txt", Some("€.txt")),
            (b"attachment; filename*=utf-8'en'b; filename=a", Some("b")),
            (b"attachment; filename=a; filename*=UTF-8''%ff", Some("a")),
            (b"attachment; filename*=ISO-8859-1''%e4", Some("ä")),
            (b"attachment; filename=\"open", Some("open")),
            (b"attachment", None),
            (b"filename=a", Some("a")),
        ];
        for (value, name) in cases {
            assert_eq!(filename(value).as_deref(), name, "{}", value.escape_ascii());
        }
    }

    #[test]
    fn nothing_makes_it_panic() {
        for value in [
            &b";"[..],
            b";=",
            b";\"",
            b"; filename*=''",
            b"; filename*=utf-8''%",
            b"; filename=\"\\",
        ] {
            let _ = filename(value);
        }
    }
}
