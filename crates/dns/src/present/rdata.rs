use super::Style;
use crate::{Class, Rdata, RecordType};

/// The text of a record's data. In multiline it has line breaks in it, each followed by the blanks that
/// lead to the column of the data; the last line has none.
#[must_use]
pub fn rdata(kind: RecordType, class: Class, data: Rdata<'_>, style: &Style) -> String {
    let _ = (kind, class, data, style);
    String::new()
}

/// Whether the data is what its type says it is. BIND takes a message with one that is not for malformed
/// as a whole.
#[must_use]
pub fn is_well_formed(kind: RecordType, class: Class, data: Rdata<'_>) -> bool {
    let _ = (kind, class, data);
    true
}
