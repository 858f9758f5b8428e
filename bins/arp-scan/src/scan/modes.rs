//! Which flags go with what is done.
//!
//! A flag that would change nothing is refused by its name. A new one is a scan's alone until it is listed here.

use super::Args;
use super::complaint::Complaint;

/// A watch's alone.
const WATCH_ONLY: [&str; 3] = ["for", "passive", "state"];

/// A watch's, beside its own.
const WATCH: [&str; 18] = [
    "file",
    "localnet",
    "interface",
    "numeric",
    "exclude-broadcast",
    "yes-large",
    "wait-carrier",
    "interval",
    "rate",
    "vlan",
    "quiet",
    "json",
    "ouifile",
    "macfile",
    "check",
    "baseline",
    "pin-gateway",
    "watch",
];

/// Those by which a watch asks.
const ASKING: [&str; 7] =
    ["file", "localnet", "numeric", "exclude-broadcast", "yes-large", "interval", "rate"];

const FINGERPRINT: [&str; 16] = [
    "file",
    "localnet",
    "interface",
    "numeric",
    "exclude-broadcast",
    "wait-carrier",
    "retry",
    "timeout",
    "interval",
    "vlan",
    "verbose",
    "json",
    "compat",
    "ouifile",
    "macfile",
    "fingerprint",
];

/// The flags of vendors, which stand in the objects of `--fingerprint` and not in its lines.
const VENDORS: [&str; 2] = ["ouifile", "macfile"];

/// Refuses the first flag that would change nothing.
pub(crate) fn check(args: &Args) -> Result<(), Complaint> {
    let refuse = match args {
        _ if args.watch.watch.is_some() => watch,
        _ if args.verdict.fingerprint => fingerprint,
        _ => scan,
    };
    match args.given.iter().find_map(|flag| refuse(args, flag)) {
        Some(why) => Err(Complaint::new(why)),
        None => Ok(()),
    }
}

fn watch(args: &Args, flag: &str) -> Option<String> {
    if !WATCH.contains(&flag) && !WATCH_ONLY.contains(&flag) {
        return Some(format!("--{flag} does not go with --watch"));
    }
    if args.watch.passive && ASKING.contains(&flag) {
        return Some(format!("--{flag} does not go with --passive: nobody is asked"));
    }
    let is_idle = flag == "quiet" && args.print.json;
    is_idle.then(|| format!("--{flag} does not go with --json in a --watch: it is for lines"))
}

fn fingerprint(args: &Args, flag: &str) -> Option<String> {
    if !FINGERPRINT.contains(&flag) {
        return Some(format!("--fingerprint has no use for --{flag}"));
    }
    let is_idle = VENDORS.contains(&flag) && !args.print.json;
    is_idle.then(|| format!("--fingerprint has no use for --{flag} without --json"))
}

fn scan(_: &Args, flag: &str) -> Option<String> {
    WATCH_ONLY.contains(&flag).then(|| format!("--{flag} goes with --watch"))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use clap::{Arg, ArgAction};

    use super::*;
    use crate::scan::grammar;

    /// As the program reads them.
    fn refused(words: &[&str]) -> Option<String> {
        let words: Vec<_> = words.iter().map(OsString::from).collect();
        let words = grammar::read("arp-scan", &crate::command(), &words).unwrap();
        check(&Args::read(words).unwrap()).err().map(|why| why.to_string())
    }

    /// Every flag, in words that give it.
    fn flags() -> Vec<(String, String)> {
        let with_value = |arg: &Arg| match arg.get_action() {
            ArgAction::Set => format!("--{}=1", arg.get_long().unwrap()),
            _ => format!("--{}", arg.get_long().unwrap()),
        };
        let command = crate::command();
        let all = command.get_arguments().filter(|arg| arg.get_long().is_some());
        let told = ["help", "version"];
        all.filter(|arg| !told.contains(&arg.get_long().unwrap()))
            .map(|arg| (arg.get_long().unwrap().to_owned(), with_value(arg)))
            .collect()
    }

    #[test]
    fn all_that_is_not_listed_is_refused_by_name() {
        for (name, word) in flags() {
            let flag = name.as_str();
            if flag != "watch" {
                let why = format!("--fingerprint has no use for --{flag}");
                let expected = (!FINGERPRINT.contains(&flag)).then_some(why);
                assert_eq!(refused(&["--fingerprint", "--json", &word]), expected, "{word}");
            }
            let why = format!("--{flag} does not go with --watch");
            let is_listed = WATCH.contains(&flag) || WATCH_ONLY.contains(&flag);
            assert_eq!(refused(&["--watch", &word]), (!is_listed).then_some(why), "{word}");
        }
    }

    #[test]
    fn what_is_listed_is_a_flag() {
        let flags = flags();
        for name in WATCH.iter().chain(&WATCH_ONLY).chain(&ASKING).chain(&FINGERPRINT) {
            assert!(flags.iter().any(|(flag, _)| flag == name), "{name}");
        }
    }

    #[test]
    fn scan_takes_all_but_what_is_a_watchs_alone() {
        for (name, word) in
            flags().iter().filter(|(name, _)| !["watch", "fingerprint"].contains(&&**name))
        {
            let why = format!("--{name} goes with --watch");
            let is_watchs = ["for", "passive", "state"].contains(&name.as_str());
            assert_eq!(refused(&[word]), is_watchs.then_some(why), "{word}");
        }
    }

    #[test]
    fn letters_and_short_names_are_flags_too() {
        let refused = |words: &[&str]| refused(words).unwrap();
        assert_eq!(refused(&["--watch", "-qx"]), "--plain does not go with --watch");
        assert_eq!(refused(&["--watch", "-vvl"]), "--verbose does not go with --watch");
        assert_eq!(refused(&["--fing", "-qv"]), "--fingerprint has no use for --quiet");
        assert_eq!(
            refused(&["--fingerprint", "--yes"]),
            "--fingerprint has no use for --yes-large"
        );
        assert_eq!(refused(&["--watch=5", "--fing"]), "--fingerprint does not go with --watch");
    }

    #[test]
    fn value_that_is_the_default_was_given_all_the_same() {
        assert!(refused(&["--watch", "--arpop=1"]).is_some());
        assert!(refused(&["--fingerprint", "--backoff=1.5"]).is_some());
    }

    #[test]
    fn what_another_flag_makes_idle_is_refused() {
        for flag in ["--rate=5", "--interval=5", "--localnet", "--file=x", "-N", "--yes-large"] {
            let why = refused(&["--watch", "--passive", flag]).unwrap();
            assert!(why.ends_with("does not go with --passive: nobody is asked"), "{why}");
            assert_eq!(refused(&["--watch", flag]), None);
        }
        assert!(refused(&["--watch", "--json", "-q"]).unwrap().starts_with("--quiet "));
        assert_eq!(refused(&["--watch", "-q"]), None);
        let vendors = |words: &[&str]| refused(&[&["--fingerprint", "-Ox"], words].concat());
        assert_eq!(vendors(&[]).unwrap(), "--fingerprint has no use for --ouifile without --json");
        assert_eq!(vendors(&["--json"]), None);
    }
}
