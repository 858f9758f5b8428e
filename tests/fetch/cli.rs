//! The command line itself: help, version, words that make no sense, files of options, what a run ends with.

use super::common::Place;

const TRY: &str = "fetch: try 'fetch --help' for more information\n";

#[test]
fn version_has_curls_three_lines() {
    let run = Place::new().fetch("-V");
    let lines: Vec<_> = run.out.lines().collect();
    assert!(lines[0].starts_with("fetch "), "{}", run.out);
    assert_eq!(lines[1], "Protocols: http https");
    assert!(lines[2].starts_with("Features: "), "{}", run.out);
    run.exit(0);
}

#[test]
fn help_is_on_stdout_and_no_failure() {
    let run = Place::new().fetch("--help tls");
    assert!(run.out.starts_with("tls: ") && run.out.contains(" -k, --insecure"), "{}", run.out);
    run.exit(0);
}

#[test]
fn words_that_make_no_sense_are_told_in_curls_two_lines() {
    let place = Place::new();
    for (words, want, code) in [
        ("--foo", "fetch: option --foo: is unknown\n", 2),
        ("--ftp-pasv x", "fetch: option --ftp-pasv: not supported (fetch speaks HTTP alone)\n", 2),
        ("-s", "fetch: (2) no URL specified\n", 2),
        ("-sS -K nowhere", "fetch: option -K: error encountered when reading a file\n", 26),
    ] {
        let run = place.fetch(words);
        assert_eq!(run.err, [want, TRY].concat(), "{words}");
        run.exit(code);
    }
}

#[test]
fn operations_have_options_of_their_own() {
    let place = Place::new();
    let run = place.fetch(
        "-s http://127.0.0.1:{http}/file.txt -I -: http://127.0.0.1:{http}/file.txt -o second",
    );
    assert!(run.out.starts_with("HTTP/1.1 200 "), "{}", run.out);
    assert!(!run.out.contains("a file"), "{}", run.out);
    assert_eq!(place.read("second"), "a file\n");
}

#[test]
fn options_come_from_files_too() {
    let place = Place::new();
    place.write(
        "k",
        place.filled("url = \"http://127.0.0.1:{http}/file.txt\"\noutput = \"a b\"\n-s\n"),
    );
    place.fetch("-K k").exit(0);
    assert_eq!(place.read("a b"), "a file\n");
}

#[test]
fn exit_code_is_that_of_the_last_transfer() {
    let place = Place::new();
    place.fetch("-s http://127.0.0.1:1/ http://127.0.0.1:{http}/file.txt").exit(0);
    place.fetch("-s http://127.0.0.1:{http}/file.txt http://127.0.0.1:1/").exit(7);
    place.fetch("-s --fail-early http://127.0.0.1:1/ http://127.0.0.1:{http}/file.txt").exit(7);
}

#[test]
fn globs_name_their_files() {
    let place = Place::new();
    place.fetch("-s http://127.0.0.1:{http}/status/{201,202} -o got_#1").exit(0);
    assert_eq!(
        (place.read("got_201").as_str(), place.read("got_202").as_str()),
        ("status 201\n", "status 202\n")
    );
}
