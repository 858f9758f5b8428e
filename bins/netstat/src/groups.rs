//! `-g`: multicast groups.

use std::io;

use wireline_cli::Exit;
use wireline_host::ProcNet;
use wireline_host::groups::{Group, parse_v4, parse_v6};

use crate::columns::cut;
use crate::config::Config;
use crate::event::{self, Event};
use crate::family::Family;
use crate::names::Names;
use crate::output::{Output, complain};

const HEADING: &str = "IPv6/IPv4 Group Memberships\nInterface       RefCnt Group\n\
                       --------------- ------ ---------------------\n";

pub(crate) fn show(
    config: &Config,
    names: &mut Names,
    output: &mut Output,
) -> anyhow::Result<Exit> {
    if output.is_json() {
        output.start("groups")?;
    } else {
        output.text(format_args!("{HEADING}"))?;
    }
    let (v4, v6) =
        (config.families.contains(&Family::Inet), config.families.contains(&Family::Inet6));
    let mut exit = Exit(0);
    if v4 || !v6 {
        match ProcNet::new().read("igmp") {
            Ok(text) => rows(&parse_v4(&text), names, output)?,
            Err(why) => exit = lacking(output, &why)?,
        }
    }
    // A kernel without IPv6 has no groups of it, and the original says nothing.
    if (v6 || !v4)
        && let Ok(text) = ProcNet::new().read("igmp6")
    {
        rows(&parse_v6(&text), names, output)?;
    }
    if output.is_json() {
        output.end()?;
    }
    Ok(exit)
}

fn lacking(output: &mut Output, why: &io::Error) -> anyhow::Result<Exit> {
    output.flush()?;
    if why.kind() == io::ErrorKind::NotFound {
        complain("netstat: no support for `AF INET (igmp)' on this system.\n");
    } else {
        complain(&format!("netstat: /proc/net/igmp: {}\n", wireline_engine::errno_text(why)));
    }
    Ok(Exit(1))
}

fn rows(groups: &[Group], names: &mut Names, output: &mut Output) -> anyhow::Result<()> {
    for group in groups {
        if output.is_json() {
            let Group { interface, users, group } = group.clone();
            output.row(&Event::Group(event::Group { interface, group, users }))?;
        } else {
            output.text(format_args!("{}\n", line(group, names)))?;
        }
    }
    Ok(())
}

fn line(group: &Group, names: &mut Names) -> String {
    let name = names.host(group.group);
    let users = group.users.cast_signed();
    format!("{} {users:<6} {}", cut(&group.interface, 15), wireline_cli::escape(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_and_groups_are_not() {
        let group = |interface: &str, group: &str| Group {
            interface: interface.to_owned(),
            users: 1_234_567,
            group: group.parse().unwrap(),
        };
        let mut names = Names::new(true);
        let long = "ff02:1111:2222:3333:4444:5555:6666:7777";
        let shown = line(&group("verylongname123456", long), &mut names);
        assert_eq!(shown, format!("verylongname123 1234567 {long}"));
        assert_eq!(
            line(&group("a\nb", "224.0.0.1"), &mut names),
            "a\\010b          1234567 224.0.0.1"
        );
    }
}
