//! Hosts that are reached without a proxy (`NO_PROXY`, `--noproxy`), by curl's rules.

use std::net::IpAddr;

/// Whether one of these is for this host (without brackets). A single `*` is for all. Names are for what is below them too,
/// with or without a dot first; addresses and blocks are for addresses alone. An entry with a port is for nothing.
pub(super) fn has(entries: &[String], host: &str) -> bool {
    if let [only] = entries
        && only == "*"
    {
        return true;
    }
    match host.parse::<IpAddr>() {
        Ok(address) => entries.iter().any(|one| has_address(one, address)),
        Err(_) => entries.iter().any(|one| has_name(one, host)),
    }
}

fn has_name(entry: &str, host: &str) -> bool {
    let entry = entry.strip_suffix('.').unwrap_or(entry);
    let entry = entry.strip_prefix('.').unwrap_or(entry).as_bytes();
    let host = host.strip_suffix('.').unwrap_or(host).as_bytes();
    if entry.is_empty() {
        return false;
    }
    let Some(split) = host.len().checked_sub(entry.len()) else { return false };
    let (above, tail) = host.split_at_checked(split).unwrap_or_default();
    tail.eq_ignore_ascii_case(entry) && (above.is_empty() || above.ends_with(b"."))
}

fn has_address(entry: &str, address: IpAddr) -> bool {
    let (block, bits) = match entry.split_once('/') {
        Some((block, bits)) => (block, bits.parse().ok()),
        None => (entry, Some(128)),
    };
    let block = block.strip_prefix('[').and_then(|one| one.strip_suffix(']')).unwrap_or(block);
    let (Ok(block), Some(bits)) = (block.parse(), bits) else { return false };
    match (block, address) {
        (IpAddr::V4(block), IpAddr::V4(address)) => {
            let bits = if entry.contains('/') { bits } else { 32 };
            is_within(u128::from(block.to_bits()), u128::from(address.to_bits()), 32, bits)
        }
        (IpAddr::V6(block), IpAddr::V6(address)) => {
            is_within(block.to_bits(), address.to_bits(), 128, bits)
        }
        _ => false,
    }
}

fn is_within(block: u128, address: u128, width: u32, bits: u32) -> bool {
    let Some(rest) = width.checked_sub(bits) else { return false };
    (block ^ address).checked_shr(rest).unwrap_or(0) == 0
}
