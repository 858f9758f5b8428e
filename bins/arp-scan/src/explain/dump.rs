//! Octets as text.

/// Octets in a row.
const ROW: usize = 16;

/// One row: where it begins, octets, and what of them is ASCII. Without its end.
pub(super) fn rows(octets: &[u8]) -> impl Iterator<Item = String> {
    octets.chunks(ROW).enumerate().map(|(n, row)| {
        let (left, right) = row.split_at(row.len().min(ROW / 2));
        let shown: String = row.iter().map(|octet| printable(*octet)).collect();
        format!("{:04x}  {:<23}  {:<23}  {shown}", n * ROW, spaced(left), spaced(right))
    })
}

/// Two digits an octet, with blanks between them.
pub(super) fn spaced(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect::<Vec<_>>().join(" ")
}

fn printable(octet: u8) -> char {
    if octet.is_ascii_graphic() || octet == b' ' { octet.into() } else { '.' }
}
