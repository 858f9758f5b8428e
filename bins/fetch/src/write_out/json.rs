//! `%{json}` and `%{header_json}`.

use super::variables::{NAMES, Value, value};
use super::{Summary, seconds};

/// All variables, in curl's order and types.
pub(super) fn all(summary: &Summary<'_>) -> String {
    let members = NAMES.iter().filter_map(|name| {
        let value = value(name, summary)?;
        Some(format!("\"{name}\":{}", json(&value)))
    });
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

fn json(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::Status(status) => status.to_string(),
        Value::Seconds(time) => seconds(*time),
        Value::Text(None) => "null".to_owned(),
        Value::Text(Some(text)) | Value::Known(text) => quoted(text),
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// The last head's fields: names in small letters in the order in which they came, all values of each.
pub(super) fn headers(summary: &Summary<'_>) -> Vec<u8> {
    let mut named: Vec<(String, Vec<String>)> = Vec::new();
    for field in summary.report.head.iter().flat_map(|head| &head.fields.0) {
        let name = String::from_utf8_lossy(&field.name).to_ascii_lowercase();
        let value = quoted(&String::from_utf8_lossy(&field.value));
        match named.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => values.push(value),
            None => named.push((name, vec![value])),
        }
    }
    let members =
        named.iter().map(|(name, values)| format!("{}:[{}]", quoted(name), values.join(",")));
    format!("{{{}\n}}", members.collect::<Vec<_>>().join(",\n")).into_bytes()
}
