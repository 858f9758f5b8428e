//! What a terminal gets to see: octets that it would obey are spelled out.
//!
//! Nothing here writes; where stdout or stderr is no terminal, none of it is used.

/// curl(1) looks at as much of a body before it calls it binary.
const LOOKED_AT: usize = 2000;

/// Whether a body is not for reading: it has a NUL near its beginning.
pub(crate) fn is_binary(octets: &[u8]) -> bool {
    octets.iter().take(LOOKED_AT).any(|octet| *octet == 0)
}

/// Spells out what a terminal would obey, in a stream that is cut anywhere.
#[derive(Debug, Default)]
pub(crate) struct Escaper {
    /// The beginning of a character, or a carriage return: three octets at the most.
    held: Vec<u8>,
}

impl Escaper {
    /// The next octets, harmless, behind `out`.
    pub(crate) fn feed(&mut self, octets: &[u8], out: &mut Vec<u8>) {
        self.held.extend_from_slice(octets);
        let all = std::mem::take(&mut self.held);
        let whole = all.len() - unfinished(&all);
        let (now, later) = all.split_at(whole);
        spell(now, out);
        self.held.extend_from_slice(later);
    }

    /// What was held back, as it is the end.
    pub(crate) fn finish(&mut self, out: &mut Vec<u8>) {
        spell(&std::mem::take(&mut self.held), out);
    }
}

/// All of a text that is there, harmless.
pub(crate) fn visible(octets: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(octets.len());
    spell(octets, &mut out);
    out
}

/// How many octets at the end may go with what comes next.
fn unfinished(octets: &[u8]) -> usize {
    if octets.ends_with(b"\r") {
        return 1;
    }
    let end = octets.utf8_chunks().last();
    let cut = end.map_or(&[][..], |chunk| chunk.invalid());
    // An error that is not at a character's beginning is no beginning.
    let may_go_on = std::str::from_utf8(cut).err().is_some_and(|err| err.error_len().is_none());
    if may_go_on { cut.len() } else { 0 }
}

fn spell(octets: &[u8], out: &mut Vec<u8>) {
    for chunk in octets.utf8_chunks() {
        let mut characters = chunk.valid().chars().peekable();
        while let Some(character) = characters.next() {
            let ends_line = character == '\r' && characters.peek() == Some(&'\n');
            spell_one(character, ends_line, out);
        }
        for octet in chunk.invalid() {
            out.extend_from_slice(format!("\\{octet:03}").as_bytes());
        }
    }
}

fn spell_one(character: char, ends_line: bool, out: &mut Vec<u8>) {
    let mut octets = [0; 4];
    let text = character.encode_utf8(&mut octets);
    if matches!(character, '\n' | '\t' | ' '..='~') || ends_line {
        out.extend_from_slice(text.as_bytes());
    } else {
        out.extend_from_slice(wireline_cli::escape(text).as_bytes());
    }
}

/// A head with the names of its fields in bold (ECMA-48 §8.3.117), as curl styles it.
pub(crate) fn styled(head: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(head.len() + 128);
    for line in head.split_inclusive(|octet| *octet == b'\n') {
        let colon = line.iter().position(|octet| *octet == b':');
        match colon.filter(|_| !line.starts_with(b"HTTP/")).map(|at| line.split_at(at)) {
            Some((name, rest)) => {
                out.extend_from_slice(b"\x1b[1m");
                spell(name, &mut out);
                out.extend_from_slice(b"\x1b[0m");
                spell(rest, &mut out);
            }
            None => spell(line, &mut out),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_a_cursor_or_sets_a_title_is_spelled_out() {
        assert_eq!(visible(b"a\x1b]0;x\x07b\r\n\tc\rd"), b"a\\027]0;x\\007b\r\n\tc\\013d");
        assert_eq!(visible("ü\u{202e}".as_bytes()), "ü\\226\\128\\174".as_bytes());
        assert_eq!(visible(b"\xff\x9b"), b"\\255\\155", "C1 controls stand alone in some sets");
    }

    #[test]
    fn characters_that_are_cut_are_put_together() {
        let mut escaper = Escaper::default();
        let mut out = Vec::new();
        for octet in "ü€\r\n\r".as_bytes() {
            escaper.feed(&[*octet], &mut out);
        }
        escaper.feed(b"\xe2\x82", &mut out);
        escaper.finish(&mut out);
        assert_eq!(out, "ü€\r\n\\013\\226\\130".as_bytes());
    }

    #[test]
    fn names_of_fields_are_bold_and_their_escapes_are_not_obeyed() {
        let out = styled(b"HTTP/1.1 200 O:K\r\nA\x1b: b\x1b\r\n\r\n");
        assert_eq!(out, b"HTTP/1.1 200 O:K\r\n\x1b[1mA\\027\x1b[0m: b\\027\r\n\r\n");
    }

    #[test]
    fn a_zero_near_the_beginning_is_binary() {
        assert!(is_binary(b"ELF\0"));
        assert!(!is_binary(&[b'a'; 5000]));
    }
}
