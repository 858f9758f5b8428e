//! Names of hosts and what they stand for, as net-tools looks them up.

use std::net::{IpAddr, Ipv4Addr};
use std::thread;

use wireline_host::neighbours::Tables;
use wireline_host::{Family, Target, network_number};

/// The address of a host, without any privilege: whoever answers for names need not have ours.
///
/// An error is in the words of `herror(3)`, which are those of net-tools.
pub(crate) fn resolve(name: &str, tables: Tables) -> Result<IpAddr, String> {
    if let Ok(address) = name.parse::<IpAddr>() {
        return Ok(address);
    }
    let find = || {
        wireline_net::drop_privileges().map_err(|why| why.to_string())?;
        look_up(name, tables)
    };
    let found = thread::scope(|scope| scope.spawn(find).join());
    let found = found.unwrap_or_else(|_| Err("Unknown server error".to_owned()));
    found.map_err(|why| format!("{name}: {why}"))
}

fn look_up(name: &str, tables: Tables) -> Result<IpAddr, String> {
    if name == "default" {
        return Ok(Ipv4Addr::UNSPECIFIED.into());
    }
    if tables != Tables::V6 {
        // Names of networks come before those of hosts here, whyever.
        let table = std::fs::read_to_string("/etc/networks").unwrap_or_default();
        if let Some(network) = network_number(&table, name) {
            return Ok(network.into());
        }
    }
    let family = match tables {
        Tables::V4 => Family::V4,
        Tables::V6 => Family::V6,
        Tables::Both => Family::Any,
    };
    match Target::resolve(name, family) {
        Ok(target) => Ok(target.address().ip()),
        Err(why) => Err(in_words_of_herror(&why.to_string()).to_owned()),
    }
}

fn in_words_of_herror(why: &str) -> &'static str {
    match why.rsplit(": ").next().unwrap_or_default() {
        "Temporary failure in name resolution" => "Host name lookup failure",
        "No address associated with hostname" => "No address associated with name",
        "Non-recoverable failure in name resolution" => "Unknown server error",
        _ => "Unknown host",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_either_family_need_nobody() {
        for (typed, meant) in [
            ("192.0.2.1", "192.0.2.1"),
            ("192.2", "192.0.0.2"),
            ("0xc0000201", "192.0.2.1"),
            ("default", "0.0.0.0"),
            ("2001:db8::1", "2001:db8::1"),
        ] {
            assert_eq!(resolve(typed, Tables::V4), Ok(meant.parse().unwrap()), "{typed}");
        }
    }

    #[test]
    fn failures_are_told_in_the_words_of_the_original() {
        for (said, meant) in [
            ("x: Temporary failure in name resolution", "Host name lookup failure"),
            ("x: Name or service not known", "Unknown host"),
            ("x: No address associated with hostname", "No address associated with name"),
        ] {
            assert_eq!(in_words_of_herror(said), meant);
        }
    }
}
