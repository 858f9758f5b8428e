//! `--format`: what is printed of a host in place of arp-scan's line.

use super::complaint::Complaint;

/// A format, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Format(pub(crate) Vec<Part>);

/// A piece of a format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// As it is.
    Text(String),
    /// The value of a field.
    Field {
        /// As it was written, which is what a warning calls it.
        name: String,
        /// What it means; `None` where there is no such.
        field: Option<Field>,
        /// Columns that it takes at least; to the left where negative.
        width: i32,
    },
}

/// What is known of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Ip,
    Name,
    Mac,
    HdrMac,
    Vendor,
    Padding,
    Framing,
    Vlan,
    Proto,
    Dup,
    Rtt,
    IpNumber,
}

/// More columns than any screen or table has.
const WIDEST: i32 = 10_000;

impl Format {
    /// Reads `${field;width}` and the escapes `\n`, `\r` and `\t`; a backslash makes any other character
    /// itself.
    pub(crate) fn parse(text: &str) -> Result<Self, Complaint> {
        let (mut parts, mut plain, mut rest) = (Vec::new(), String::new(), text);
        while let Some(first) = rest.chars().next() {
            if let Some(inner) = rest.strip_prefix("${") {
                let (field, after) =
                    inner.split_once('}').ok_or_else(|| bad("missing closing brace"))?;
                if !plain.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut plain)));
                }
                parts.push(field_part(field)?);
                rest = after;
                continue;
            }
            rest = &rest[first.len_utf8()..];
            if first != '\\' {
                plain.push(first);
            } else if let Some(next) = rest.chars().next() {
                plain.push(escaped(next));
                rest = &rest[next.len_utf8()..];
            }
        }
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        if text.is_empty() {
            let peers = "ERROR: output format may not be empty string";
            return Err(Complaint::new("--format: it is empty").peers(peers));
        }
        Ok(Self(parts))
    }
}

fn field_part(text: &str) -> Result<Part, Complaint> {
    let (name, width) = match text.split_once(';') {
        Some((name, width)) => (name, self::width(width)?),
        None => (text, 0),
    };
    Ok(Part::Field { name: name.to_owned(), field: Field::named(name), width })
}

/// As strtol(3) reads it, in any base.
fn width(text: &str) -> Result<i32, Complaint> {
    let strange = |text: &str| {
        let strange = text.chars().next().unwrap_or('}');
        bad(&format!("invalid character '{strange}' in field width"))
    };
    let word = text.trim_start();
    let (digits, sign) = match word.strip_prefix('-') {
        Some(digits) => (digits, -1),
        None => (word.strip_prefix('+').unwrap_or(word), 1),
    };
    let hexadecimal = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X"));
    let (digits, base) = match hexadecimal {
        Some(digits) => (digits, 16),
        None if digits.starts_with('0') => (digits, 8),
        None => (digits, 10),
    };
    if digits.is_empty() {
        return if text.is_empty() { Ok(0) } else { Err(strange(text)) };
    }
    if let Some(at) = digits.find(|digit: char| !digit.is_digit(base)) {
        return Err(strange(if at == 0 { text } else { &digits[at..] }));
    }
    let width = i32::from_str_radix(digits, base).ok();
    let width = width.filter(|width| *width <= WIDEST).map(|width| width * sign);
    width.ok_or_else(|| bad("field width is out of range"))
}

fn bad(what: &str) -> Complaint {
    Complaint::new(format!("--format: {what}"))
        .peers(format!("ERROR: incorrect show format: {what}"))
}

/// What a character means behind a backslash.
const fn escaped(c: char) -> char {
    match c {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        other => other,
    }
}

impl Field {
    fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "ip" => Self::Ip,
            "name" => Self::Name,
            "mac" => Self::Mac,
            "hdrmac" => Self::HdrMac,
            "vendor" => Self::Vendor,
            "padding" => Self::Padding,
            "framing" => Self::Framing,
            "vlan" => Self::Vlan,
            "proto" => Self::Proto,
            "dup" => Self::Dup,
            "rtt" => Self::Rtt,
            "ipnum" => Self::IpNumber,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, field: Option<Field>, width: i32) -> Part {
        Part::Field { name: name.into(), field, width }
    }

    #[test]
    fn fields_and_text_take_turns() {
        let format = Format::parse(r"${ip;15}\t${MAC;-20}!${nosuch}").unwrap();
        let expected = [
            field("ip", Some(Field::Ip), 15),
            Part::Text("\t".into()),
            field("MAC", Some(Field::Mac), -20),
            Part::Text("!".into()),
            field("nosuch", None, 0),
        ];
        assert_eq!(format.0, expected);
    }

    #[test]
    fn widths_have_any_base() {
        for (text, width) in
            [("010", 8), ("0x10", 16), ("-0X1f", -31), ("0", 0), ("", 0), (" +7", 7)]
        {
            let format = Format::parse(&format!("${{ip;{text}}}")).unwrap();
            assert_eq!(format.0, [field("ip", Some(Field::Ip), width)], "{text}");
        }
    }

    #[test]
    fn dollar_without_a_brace_is_text() {
        assert_eq!(Format::parse("a$b$$").unwrap().0, [Part::Text("a$b$$".into())]);
        assert_eq!(Format::parse("$").unwrap().0, [Part::Text("$".into())]);
    }

    #[test]
    fn backslash_takes_the_meaning_of_what_follows() {
        assert_eq!(Format::parse(r"a\n\r\t\\\q").unwrap().0, [Part::Text("a\n\r\t\\q".into())]);
        assert_eq!(Format::parse("a\\").unwrap().0, [Part::Text("a".into())]);
        assert_eq!(Format::parse(r"\${ip}").unwrap().0, [Part::Text("${ip}".into())]);
    }

    #[test]
    fn bad_formats_are_told_in_the_words_of_the_peer() {
        for (text, expected) in [
            ("", "ERROR: output format may not be empty string"),
            ("${ip", "ERROR: incorrect show format: missing closing brace"),
            ("${ip;x}", "ERROR: incorrect show format: invalid character 'x' in field width"),
            (
                "${ip;99999999999999999999}",
                "ERROR: incorrect show format: field width is out of range",
            ),
            ("${ip;-}", "ERROR: incorrect show format: invalid character '-' in field width"),
            ("${ip;2000000000}", "ERROR: incorrect show format: field width is out of range"),
        ] {
            assert_eq!(Format::parse(text).unwrap_err().to_string(), expected);
        }
    }

    #[test]
    fn no_text_makes_it_panic() {
        for text in ["${}", "${;}", "${;-}", "é${é;é}", "\\", "${a;5}${", "}{$", "${ip;+5}"] {
            let _ = Format::parse(text);
        }
    }
}
