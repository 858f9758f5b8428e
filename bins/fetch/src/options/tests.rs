use std::collections::BTreeSet;
use std::ffi::OsString;

use super::{Act, Opt, all, long, short};
use crate::config::Config;
use crate::grammar::{Stop, read};
use crate::surroundings::Surroundings;

fn config(words: &[&str]) -> Result<Config, Stop> {
    let words: Vec<OsString> = words.iter().map(Into::into).collect();
    read(&words, Surroundings::default()).1
}

/// Beside each option: a word that is not what happens anyway, and what else it needs to have an effect.
fn sample(option: &Opt) -> Vec<&'static str> {
    match option.long {
        "config" | "data-urlencode" | "url-query" | "data" | "data-ascii" | "data-binary"
        | "data-raw" | "json" => {
            vec!["a=b"]
        }
        "connect-to" => vec!["a:1:b:2"],
        "resolve" => vec!["a:1:192.0.2.1"],
        "dns-servers" | "haproxy-clientip" => vec!["192.0.2.1"],
        "proto" | "proto-redir" => vec!["=https"],
        "proto-default" => vec!["https"],
        "tls-max" => vec!["1.2"],
        "cert-type" | "key-type" | "proxy-cert-type" | "proxy-key-type" => vec!["DER"],
        "create-file-mode" => vec!["0640"],
        "form" | "form-string" => vec!["a=b"],
        "form-escape" => vec!["-F", "a=b"],
        "get" => vec!["-d", "a=b"],
        "header" | "proxy-header" => vec!["A: b"],
        "user" | "proxy-user" => vec!["a:b"],
        "time-cond" => vec!["Sun, 06 Nov 1994 08:49:37 GMT"],
        "remote-header-name" => vec!["-O"],
        "color" => vec!["always"],
        "pipeline" => vec!["4"],
        "trace-dns" => vec!["--timing"],
        "interval" => vec!["7", "--runs", "2"],
        "warm" => vec!["--runs", "2"],
        "key" => vec!["k", "--cert", "c"],
        "proxy-key" => vec!["k", "--proxy-cert", "c"],
        "parallel-max-host" | "rate" => vec!["2"],
        _ if matches!(option.act, Act::Word(_)) => vec!["7"],
        _ => Vec::new(),
    }
}

#[test]
fn every_option_that_is_taken_changes_what_happens() {
    for option in all().filter(|option| option.is_supported()) {
        if matches!(option.long, "help" | "version" | "next" | "config" | "disable") {
            continue;
        }
        let needs = sample(option);
        let (word, context) = needs.split_at(usize::from(matches!(option.act, Act::Word(_))));
        let base: Vec<&str> = context.iter().copied().chain(["http://192.0.2.1/"]).collect();
        let changes = |name: &str| {
            let words: Vec<&str> = [name]
                .into_iter()
                .chain(word.iter().copied())
                .chain(base.iter().copied())
                .collect();
            let after = config(&words).unwrap_or_else(|stop| panic!("{words:?}: {stop:?}"));
            format!("{after:?}") != format!("{:?}", config(&base).unwrap())
        };
        let name = format!("--{}", option.long);
        let negated = format!("--no-{}", option.long);
        let is_switch = matches!(option.act, Act::Switch(_) | Act::Unswitch(_));
        assert!(changes(&name) || (is_switch && changes(&negated)), "{name} is read and ignored");
    }
}

#[test]
fn help_version_next_and_files_of_options_do_what_they_say() {
    assert_eq!(config(&["-h"]).unwrap_err(), Stop::Help(None));
    assert_eq!(config(&["--help", "tls"]).unwrap_err(), Stop::Help(Some("tls".to_owned())));
    assert_eq!(config(&["-sV"]).unwrap_err(), Stop::Version);
    assert_eq!(config(&["a", "-:", "b"]).unwrap().operations.len(), 2);
}

#[test]
fn every_option_that_is_refused_is_refused_by_its_name() {
    for option in all().filter(|option| matches!(option.act, Act::Refused(_))) {
        let name = format!("--{}", option.long);
        let Err(Stop::Misuse(word, misuse)) = config(&[&name, "7", "http://192.0.2.1/"]) else {
            panic!("{name} is not refused");
        };
        assert_eq!(word, name);
        assert!(misuse.text().starts_with("not supported ("), "{name}: {}", misuse.text());
        assert_eq!(misuse.code(), 2);
    }
}

#[test]
fn names_and_letters_are_there_once() {
    let (mut names, mut letters) = (BTreeSet::new(), BTreeSet::new());
    for option in all() {
        assert!(names.insert(option.long), "--{} is there twice", option.long);
        if let Some(letter) = option.short {
            assert!(letters.insert(letter), "-{} is there twice", char::from(letter));
            assert_eq!(short(letter).map(|one| one.long), Some(option.long));
        }
        assert_eq!(long(option.long.as_bytes()).map(|one| one.long), Some(option.long));
    }
}

/// What `curl --help all` of 8.14.1 has, and what came until 8.22.
const CURLS: &str = include_str!("names.txt");

#[test]
fn whatever_curl_knows_is_known() {
    for line in CURLS.lines().filter(|line| !line.starts_with('#')) {
        let (letter, name) = line.split_once(' ').expect("a letter or a dash, and a name");
        let bare =
            name.strip_prefix("no-").filter(|_| long(name.as_bytes()).is_none()).unwrap_or(name);
        let option =
            long(bare.as_bytes()).unwrap_or_else(|| panic!("--{name} is not in the table"));
        let want = letter.bytes().next().filter(|letter| *letter != b'.');
        assert_eq!(option.short, want, "the letter of --{name}");
    }
}

#[test]
fn whatever_is_taken_is_told_in_help_with_a_category() {
    for option in all().filter(|option| option.is_supported() && option.long != "include") {
        assert!(!option.help.is_empty() && !option.groups.is_empty(), "--{}", option.long);
        assert!(
            !option.help.ends_with('.') && option.help.len() < 60,
            "--{}: {}",
            option.long,
            option.help
        );
    }
}
