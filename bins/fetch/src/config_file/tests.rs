use std::ffi::OsString;

use crate::config::Config;
use crate::grammar::{Misuse, Stop, read};
use crate::output::To;
use crate::surroundings::Surroundings;

/// A file with this text, read by `-K`, and by itself where it is the one in the home directory.
fn reading(text: &str, is_own: bool) -> (String, Result<Config, Stop>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("k");
    std::fs::write(&path, text).unwrap();
    let words: Vec<OsString> =
        if is_own { vec!["http://b/".into()] } else { vec!["-K".into(), path.clone().into()] };
    let world =
        Surroundings { options_file: is_own.then(|| path.clone()), ..Surroundings::default() };
    let (said, read) = read(&words, world);
    (said.0.replace(&path.display().to_string(), "k"), read)
}

fn url(text: &str) -> (String, String) {
    let (said, read) = reading(text, false);
    let target = read
        .unwrap_or_else(|stop| panic!("{text}: {stop:?}"))
        .operations
        .swap_remove(0)
        .targets
        .swap_remove(0);
    (target.url.unwrap(), said)
}

#[test]
fn names_stand_with_and_without_dashes_and_separators() {
    for text in [
        "url = http://a/",
        "url=http://a/",
        "url:http://a/",
        "url http://a/",
        "  --url http://a/ # why",
        "# comment\n\n/ too\n* too\nurl \"http://a/\" rest",
        "--url \"http:\\/\\/a/\"",
        "-s\nurl = http://a/\r\n",
    ] {
        assert_eq!(url(text).0, "http://a/", "{text}");
    }
}

#[test]
fn quoted_words_have_cs_escapes() {
    let (_, read) = reading("url = a\noutput = \"a b\\t\\\"c\\\\\"", false);
    let to = read.unwrap().operations[0].targets[0].to.clone();
    assert_eq!(to, Some(To::File("a b\t\"c\\".into())));
}

#[test]
fn words_without_quotes_end_at_white_space_and_that_is_told() {
    let (_, said) = url("url = http://a/ b c");
    assert_eq!(
        said,
        "Warning: k:1: warning: 'url' uses unquoted whitespace\n\
         Warning: This may cause side-effects. Consider using double quotes?\n"
    );
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    for (text, want) in [
        ("foo = bar", "fetch: k:1: 'foo' is unknown\n"),
        ("\nmax-time = abc", "fetch: k:2: 'max-time' expected a proper numerical parameter\n"),
        ("--max-time=3", "fetch: k:1: '--max-time=3' is unknown\n"),
        ("output", "fetch: k:1: 'output' requires parameter\n"),
        ("location extra", "fetch: k:1: 'location' had unsupported trailing garbage\n"),
    ] {
        let (said, read) = reading(text, false);
        assert_eq!(said, [want, "fetch: cannot read config from 'k'\n"].concat());
        assert_eq!(read.unwrap_err(), Stop::Misuse("-K".to_owned(), Misuse::ReadError));
    }
}

#[test]
fn own_file_that_is_wrong_is_told_and_does_not_end_the_run() {
    let (said, read) = reading("-L\nfoo\n-s\n", true);
    assert_eq!(said, "fetch: k:2: 'foo' is unknown\n");
    let op = read.unwrap().operations.swap_remove(0);
    assert!(op.spec.redirects.follow && !op.output.is_silent, "what stands before it holds");
}

#[test]
fn own_file_is_left_alone_where_the_first_word_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("k");
    std::fs::write(&path, "-L").unwrap();
    for (first, follows) in [("-q", false), ("-qs", false), ("--disable", false), ("-sq", true)] {
        let world = Surroundings { options_file: Some(path.clone()), ..Surroundings::default() };
        let words: Vec<OsString> = vec![first.into(), "http://a/".into()];
        let op = read(&words, world).1.unwrap().operations.swap_remove(0);
        assert_eq!(op.spec.redirects.follow, follows, "{first}");
    }
}

#[test]
fn file_within_itself_ends() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("k");
    std::fs::write(&path, format!("config = \"{}\"", path.display())).unwrap();
    let words: Vec<OsString> = vec!["-K".into(), path.into()];
    let (said, read) = read(&words, Surroundings::default());
    assert!(said.0.contains("recursion level limit"), "{}", said.0);
    assert_eq!(read.unwrap_err(), Stop::Misuse("-K".to_owned(), Misuse::ReadError));
}

#[test]
fn operations_are_separated_in_files_too() {
    let (_, read) = reading("url = a\n-o x\nnext\nurl = b\n-L", false);
    let all = read.unwrap();
    assert_eq!(all.operations.len(), 2);
    assert!(!all.operations[0].spec.redirects.follow && all.operations[1].spec.redirects.follow);
}
