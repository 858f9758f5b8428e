//! What this machine lets TCP do (tcp(7), ip(7), `Documentation/networking/ip-sysctl.rst` of Linux).
//!
//! The settings are those of the network namespace of the thread that reads them. One that this kernel
//! does not have, or does not tell, is `None`.

use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;

/// Settings below `/proc/sys/net`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TcpSettings {
    /// `ip_local_port_range`: from which the kernel chooses the port of a connection.
    pub ports: Option<RangeInclusive<u16>>,
    /// `ip_local_reserved_ports`: which it does not choose.
    pub reserved: Vec<RangeInclusive<u16>>,
    /// `tcp_tw_reuse`.
    pub reuse: Option<Reuse>,
    /// `tcp_timestamps`, without which nothing is reused.
    pub has_timestamps: bool,
    /// `somaxconn`: longer than this no queue of a listener is, whatever its program asks for.
    pub somaxconn: Option<u32>,
    /// `tcp_syncookies`: 0 never, 1 where a queue is full, 2 always.
    pub syncookies: Option<u32>,
}

/// For which new connections ports in `TIME_WAIT` serve again, after a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reuse {
    /// 0: none.
    Never,
    /// 1: all.
    Always,
    /// 2: those within this machine.
    Loopback,
}

/// Where the settings are.
const SYS: &str = "/proc/sys/net";

impl TcpSettings {
    /// Those of this thread's namespace.
    #[must_use]
    pub fn read() -> Self {
        Self::at(Path::new(SYS))
    }

    /// Those of a folder that is laid out as `/proc/sys/net`.
    #[must_use]
    pub fn at(folder: &Path) -> Self {
        let text = |name: &str| fs::read_to_string(folder.join(name)).ok();
        let number = |name: &str| text(name)?.trim().parse::<u32>().ok();
        Self {
            ports: text("ipv4/ip_local_port_range").and_then(|text| range(&text)),
            reserved: text("ipv4/ip_local_reserved_ports")
                .map_or_else(Vec::new, |text| list(&text)),
            reuse: number("ipv4/tcp_tw_reuse").and_then(Reuse::of),
            has_timestamps: number("ipv4/tcp_timestamps") != Some(0),
            somaxconn: number("core/somaxconn"),
            syncookies: number("ipv4/tcp_syncookies"),
        }
    }

    /// Whether the kernel may choose this port.
    #[must_use]
    pub fn is_ephemeral(&self, port: u16) -> bool {
        let is_reserved = || self.reserved.iter().any(|range| range.contains(&port));
        self.ports.as_ref().is_some_and(|range| range.contains(&port)) && !is_reserved()
    }

    /// How many there are to choose from.
    #[must_use]
    pub fn ephemeral_ports(&self) -> usize {
        let range = self.ports.clone();
        range.into_iter().flatten().filter(|port| self.is_ephemeral(*port)).count()
    }
}

impl Reuse {
    const fn of(number: u32) -> Option<Self> {
        match number {
            0 => Some(Self::Never),
            1 => Some(Self::Always),
            2 => Some(Self::Loopback),
            _ => None,
        }
    }
}

/// `32768 60999`, a tab between them.
fn range(text: &str) -> Option<RangeInclusive<u16>> {
    let mut words = text.split_ascii_whitespace().map(str::parse);
    Some(words.next()?.ok()?..=words.next()?.ok()?)
}

/// `8080,9000-9010`.
fn list(text: &str) -> Vec<RangeInclusive<u16>> {
    let range = |word: &str| {
        let (first, last) = word.split_once('-').unwrap_or((word, word));
        Some(first.parse().ok()?..=last.parse().ok()?)
    };
    text.trim().split(',').filter_map(range).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_and_lists_are_read() {
        assert_eq!(range("32768\t60999\n"), Some(32768..=60999));
        assert_eq!(list("8080,9000-9010\n"), [8080..=8080, 9000..=9010]);
        assert_eq!(list("\n"), []);
        for bad in ["", "1", "a b", "1 70000", "-1 2"] {
            assert_eq!(range(bad), None, "{bad}");
        }
        assert_eq!(list("x,1-,-2,3-4-5,7"), [7..=7]);
    }

    #[test]
    fn reserved_ports_are_not_chosen() {
        let reserved = vec![12..=13, 19..=40];
        let settings = TcpSettings { ports: Some(10..=19), reserved, ..TcpSettings::default() };
        assert_eq!(settings.ephemeral_ports(), 7);
        assert!(settings.is_ephemeral(10) && !settings.is_ephemeral(12));
        assert!(!settings.is_ephemeral(20) && !TcpSettings::default().is_ephemeral(20));
    }

    #[test]
    fn this_machine_has_settings_and_another_folder_none() {
        let own = TcpSettings::read();
        assert!(own.ephemeral_ports() > 0 && own.somaxconn.is_some(), "{own:?}");
        let none = TcpSettings { has_timestamps: true, ..TcpSettings::default() };
        assert_eq!(TcpSettings::at(Path::new("/nowhere")), none);
    }
}
