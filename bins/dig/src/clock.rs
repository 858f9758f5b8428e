//! Moments in words: in local time as `date` has it, in UTC as ISO 8601 has it.

use std::cell::RefCell;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

thread_local! {
    /// The last second that was told, and its words: a batch has thousands of answers in one.
    static LAST: RefCell<(Option<u64>, String)> = const { RefCell::new((None, String::new())) };
}

/// As `Sat Nov 21 08:42:31 UTC 2026`; `at` is since 1970 UTC. The zone is looked for once.
pub(crate) fn local(at: Duration) -> String {
    static ZONE: OnceLock<TimeZone> = OnceLock::new();
    let second = Some(at.as_secs());
    LAST.with_borrow_mut(|(last, words)| {
        if *last != second {
            let zone = ZONE.get_or_init(|| zone(std::env::var_os("TZ").as_deref()));
            (*last, *words) = (second, in_zone(at, zone.clone()));
        }
        words.clone()
    })
}

fn in_zone(at: Duration, zone: TimeZone) -> String {
    moment(at).to_zoned(zone).strftime("%a %b %d %H:%M:%S %Z %Y").to_string()
}

/// As `2026-11-21T19:56:58.005Z`, or with six digits of a second's fraction.
pub(crate) fn utc(at: Duration, microseconds: bool) -> String {
    let format = if microseconds { "%Y-%m-%dT%H:%M:%S.%6fZ" } else { "%Y-%m-%dT%H:%M:%S.%3fZ" };
    // Cut to its digits, not rounded.
    let at = if microseconds { at } else { Duration::from_millis(whole(at.as_millis())) };
    moment(at).strftime(format).to_string()
}

fn whole(number: u128) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn moment(at: Duration) -> Timestamp {
    Timestamp::from_microsecond(i64::try_from(at.as_micros()).unwrap_or(i64::MAX))
        .unwrap_or(Timestamp::MAX)
}

/// The zone that tzset(3) would take. Not jiff's own way to it, which reads all of the database's folders.
fn zone(tz: Option<&OsStr>) -> TimeZone {
    let Some(tz) = tz else {
        return read(Path::new("/etc/localtime")).unwrap_or(TimeZone::UTC);
    };
    let text = tz.as_bytes();
    let name = OsStr::from_bytes(text.strip_prefix(b":").unwrap_or(text));
    let file = PathBuf::from("/usr/share/zoneinfo").join(name);
    let named = (!name.is_empty()).then(|| read(&file)).flatten();
    let posix = || TimeZone::posix(name.to_str()?).ok();
    named.or_else(posix).unwrap_or(TimeZone::UTC)
}

/// More than any file of the database has.
const LONGEST: u64 = 1 << 20;

fn read(file: &Path) -> Option<TimeZone> {
    let is_small = fs::metadata(file).is_ok_and(|about| about.is_file() && about.len() < LONGEST);
    let octets = is_small.then(|| fs::read(file).ok()).flatten()?;
    TimeZone::tzif("local", &octets).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Duration = Duration::from_micros(1_795_250_551_005_678);

    #[test]
    fn a_moment_is_told_in_local_time_with_the_name_of_its_zone() {
        let told = |tz: &str| in_zone(AT, zone(Some(OsStr::new(tz))));
        assert_eq!(told("UTC0"), "Sat Nov 21 08:42:31 UTC 2026");
        assert_eq!(told("EST5EDT,M3.2.0,M11.1.0"), "Sat Nov 21 03:42:31 EST 2026");
        assert_eq!(told("<+0530>-5:30"), "Sat Nov 21 14:12:31 +0530 2026");
        assert_eq!(told(""), told("UTC0"), "an empty one is UTC");
    }

    #[test]
    fn fractions_of_a_second_are_cut_short() {
        assert_eq!(utc(AT, false), "2026-11-21T08:42:31.005Z");
        assert_eq!(utc(AT, true), "2026-11-21T08:42:31.005678Z");
    }

    #[test]
    fn times_that_no_calendar_has_are_its_last() {
        assert!(utc(Duration::MAX, false).starts_with("9999-"));
    }
}
