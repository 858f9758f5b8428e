use std::ffi::OsString;
use std::time::Duration;

use wireline_http::spec::{Body, Fail, FieldEdit};

use super::{Misuse, Stop, read};
use crate::config::{Config, Operation};
use crate::output::{Existing, Progress, Resume, Talk, To};
use crate::surroundings::Surroundings;

const URL: &str = "http://192.0.2.1/";

fn said(words: &[&str]) -> (String, Result<Config, Stop>) {
    let words: Vec<OsString> = words.iter().map(Into::into).collect();
    let (said, read) = read(&words, Surroundings::default());
    (said.0, read)
}

fn config(words: &[&str]) -> Config {
    said(words).1.unwrap_or_else(|stop| panic!("{words:?}: {stop:?}"))
}

fn op(words: &[&str]) -> Operation {
    let all: Vec<&str> = words.iter().copied().chain([URL]).collect();
    config(&all).operations.swap_remove(0)
}

fn outputs(words: &[&str]) -> Vec<(Option<String>, Option<To>)> {
    let mut all = config(words);
    let targets = all.operations.swap_remove(0).targets;
    targets.into_iter().map(|one| (one.url, one.to)).collect()
}

fn text(body: &Body) -> &str {
    let Body::Octets(octets, _) = body else { panic!("no octets: {body:?}") };
    std::str::from_utf8(octets).unwrap()
}

#[test]
fn letters_stand_together_and_the_last_takes_a_word() {
    let want = Some(To::File("f".into()));
    for words in
        [&["-sSLo", "f"][..], &["-sSLof"], &["-sSL", "-o", "f"], &["-sSL", "--output", "f"]]
    {
        let op = op(words);
        assert!(
            op.output.is_silent && op.output.shows_errors && op.spec.redirects.follow,
            "{words:?}"
        );
        assert_eq!(op.targets[0].to, want, "{words:?}");
    }
}

#[test]
fn options_may_come_behind_urls_but_not_behind_two_dashes() {
    let all = config(&[URL, "-L", "--", "-s"]);
    assert!(all.operations[0].spec.redirects.follow);
    assert_eq!(all.operations[0].targets[1].url.as_deref(), Some("-s"));
}

#[test]
fn outputs_belong_to_urls_in_their_order_wherever_they_stand() {
    let file = |name: &str| Some(To::File(name.into()));
    let url = |name: &str| Some(name.to_owned());
    assert_eq!(
        outputs(&["-o", "1", "a", "b", "-o", "2"]),
        [(url("a"), file("1")), (url("b"), file("2"))]
    );
    assert_eq!(outputs(&["a", "-O", "b"]), [(url("a"), Some(To::RemoteName)), (url("b"), None)]);
    assert_eq!(outputs(&["--url", "a", "-o", "-", "--out-null", "b"])[0].1, Some(To::Stdout));
    let all = outputs(&["--remote-name-all", "-o", "x", "a", "b"]);
    assert_eq!(all[1].1, Some(To::RemoteName), "the one without -o");
    assert_eq!(outputs(&["-OJ", "a"])[0].1, Some(To::RemoteHeaderName));
}

#[test]
fn more_outputs_than_urls_are_told() {
    let (said, read) = said(&["-o", "a", "-o", "b", URL]);
    assert_eq!(said, "Warning: Got more output options than URLs\n");
    assert_eq!(read.unwrap().operations[0].targets.len(), 1);
}

#[test]
fn misuse_is_told_in_curls_words() {
    for (words, want) in [
        (&["--foo"][..], "option --foo: is unknown"),
        (&["-?"], "option -?: is unknown"),
        (&["-"], "option -: is unknown"),
        (&["--no-foo"], "option --no-foo: is unknown"),
        (&["--data=foo", "x"], "option --data=foo: is unknown"),
        (&["--loc", "x"], "option --loc: is unknown"),
        (
            &["--no-output"],
            "option --no-output: the given option cannot be reversed with a --no- prefix",
        ),
        (
            &["--no-http1.1"],
            "option --no-http1.1: the given option cannot be reversed with a --no- prefix",
        ),
        (&["-so"], "option -so: requires parameter"),
        (&["--data"], "option --data: requires parameter"),
        (&["--retry", "abc"], "option --retry: expected a proper numerical parameter"),
        (&["--retry", "+5"], "option --retry: expected a proper numerical parameter"),
        (&["--retry", "-1"], "option --retry: expected a positive numerical parameter"),
        (
            &["--retry", "9223372036854775808"],
            "option --retry: expected a proper numerical parameter",
        ),
        (&["-m", ".5"], "option -m: expected a proper numerical parameter"),
        (
            &["--connect-timeout", "-3"],
            "option --connect-timeout: expected a proper numerical parameter",
        ),
        (&["--max-redirs", "-2"], "option --max-redirs: expected a proper numerical parameter"),
        (&["-C", "-5"], "option -C: expected a proper numerical parameter"),
        (&["--tls-max", "9"], "option --tls-max: is badly used here"),
        (
            &["--create-file-mode", "9"],
            "option --create-file-mode: expected a proper numerical parameter",
        ),
        (&["--create-file-mode", "100777"], "option --create-file-mode: too large number"),
        (&["--local-port", "10-5"], "option --local-port: is badly used here"),
        (&["-X", ""], "option -X: blank argument where content is expected"),
        (&["-o", ""], "option -o: blank argument where content is expected"),
        (
            &["--proto-default", "foo"],
            "option --proto-default: a specified protocol is unsupported by fetch",
        ),
        (&["--ftp-pasv"], "option --ftp-pasv: not supported (fetch speaks HTTP alone)"),
        (
            &["--no-alpn"],
            "option --no-alpn: not supported (TLS always says which HTTP is spoken; see --http1.1)",
        ),
        (
            &["--expand-data", "x"],
            "option --expand-data: not supported (variables are not expanded here)",
        ),
    ] {
        let (_, Err(Stop::Misuse(word, misuse))) = said(words) else {
            panic!("{words:?} is taken")
        };
        assert_eq!(format!("option {word}: {}", misuse.text()), want, "{words:?}");
    }
}

#[test]
fn what_curl_says_first_is_said_first() {
    for (words, want) in [
        (&["--limit-rate", "abc"][..], "Warning: invalid number specified for rate\n"),
        (&["--max-filesize", "10x"], "Warning: unsupported max-filesize unit. Use G, M, K or B\n"),
        (&["-F", "a"], "Warning: Illegally formatted input field\n"),
        (&["-F", "=)"], "Warning: no multipart to terminate\n"),
        (&["-C", "1", "-r", "0-1"], "fetch: --continue-at is mutually exclusive with --range\n"),
        (&["-d", "@/nonexistent"], "fetch: Failed to open /nonexistent\n"),
        (&["-H", "@/nonexistent"], "fetch: Failed to open /nonexistent\n"),
        (&["-K", "/nonexistent"], "fetch: cannot read config from '/nonexistent'\n"),
        (&["-:"], "fetch: missing URL before --next\n"),
    ] {
        let (text, read) = said(words);
        assert_eq!(text, want, "{words:?}");
        let Err(Stop::Misuse(_, misuse)) = read else { panic!("{words:?} is taken") };
        let reads = matches!(misuse, Misuse::ReadError);
        assert_eq!(misuse.code(), if reads { 26 } else { 2 });
    }
}

#[test]
fn silence_holds_from_where_it_is_said() {
    assert_eq!(said(&["-s", "-F", "a"]).0, "");
    assert_ne!(said(&["-F", "a", "-s"]).0, "");
    assert_eq!(said(&["-s", "-d", "@/nonexistent"]).0, "");
    assert_eq!(said(&["-sS", "-d", "@/nonexistent"]).0, "", "-S is for transfers");
}

#[test]
fn two_methods_at_once_are_refused() {
    for (words, both) in [
        (&["-d", "a", "-I"][..], "POST (-d, --data) and HEAD (-I, --head)"),
        (&["-d", "a", "-F", "a=b"], "POST (-d, --data) and multipart formpost (-F, --form)"),
        (&["-T", "a", "-d", "b"], "PUT (-T, --upload-file) and POST (-d, --data)"),
    ] {
        let all: Vec<&str> = words.iter().copied().chain([URL]).collect();
        let (text, read) = said(&all);
        assert!(text.replace("\nWarning: ", "").contains(both), "{text}");
        assert_eq!(read.unwrap_err(), Stop::Said(2));
    }
    op(&["-I", "-G", "-d", "a"]);
}

#[test]
fn without_a_url_there_is_nothing_to_do() {
    assert_eq!(said(&[]).1.unwrap_err(), Stop::Nothing);
    for words in [&["-s"][..], &["-o", "x"], &["x", "--next"], &["x", "--next", "-L"]] {
        assert_eq!(said(words).1.unwrap_err(), Stop::NoUrl, "{words:?}");
    }
}

#[test]
fn data_are_joined_by_ampersands_and_json_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f");
    std::fs::write(&path, "l1\r\nl2\n\0").unwrap();
    let file = format!("@{}", path.display());
    for (words, want) in [
        (vec!["-d", "a=b", "-d", "c"], "a=b&c"),
        (vec!["-d", &file, "-d", "a", "--data-binary", &file], "l1l2&a&l1\r\nl2\n\0"),
        (vec!["--data-raw", "@x"], "@x"),
        (vec!["-d", "x", "--json", "y"], "xy"),
        (vec!["--json", "y", "-d", "x"], "y&x"),
        (
            vec![
                "--data-urlencode",
                "a b",
                "--data-urlencode",
                "n=ü @",
                "--data-urlencode",
                "=z=1",
                "-d",
                "",
                "-d",
                "x",
            ],
            "a+b&n=%C3%BC+%40&z%3D1&&x",
        ),
    ] {
        assert_eq!(text(&op(&words).spec.request.body), want, "{words:?}");
    }
    let name = format!("n{file}");
    assert_eq!(text(&op(&["--data-urlencode", &name]).spec.request.body), "n=l1%0D%0Al2%0A%00");
}

#[test]
fn json_says_so_unless_a_person_says_otherwise() {
    let op = op(&["--json", "{}", "-H", "Accept: x/y"]);
    let set = |name: &str, value: &str| FieldEdit::Set(name.into(), value.into());
    let want = [set("Accept", "x/y"), set("Content-Type", "application/json")];
    assert_eq!(op.spec.request.fields, want);
    assert!(matches!(op.spec.request.body, Body::Octets(_, None)));
}

#[test]
fn get_puts_data_into_the_query() {
    let one = op(&["-G", "-d", "a=b", "-d", "c", "--url-query", "lost=as with curl"]);
    assert_eq!(one.asked.query, b"a=b&c");
    assert!(matches!(one.spec.request.body, Body::None));
    assert_eq!(op(&["--url-query", "+a&b", "--url-query", "n=x y"]).asked.query, b"a&b&n=x+y");
}

#[test]
fn fields_are_set_emptied_and_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("h");
    std::fs::write(&path, "F: 1\r\n\r\nG:2\n").unwrap();
    let file = format!("@{}", path.display());
    let op =
        op(&["-H", "A:b", "-H", "C;", "-H", "D:", "-H", "none", "-H", "E: a\r\nX: b", "-H", &file]);
    let set = |name: &str, value: &str| FieldEdit::Set(name.into(), value.into());
    let want = [
        set("A", "b"),
        FieldEdit::Empty(b"C".to_vec()),
        FieldEdit::Remove(b"D".to_vec()),
        set("F", "1"),
        set("G", "2"),
    ];
    assert_eq!(op.spec.request.fields, want, "and nothing that would be two lines");
}

#[test]
fn numbers_have_fractions_and_units_where_curl_takes_them() {
    let op = op(&[
        "-m",
        "1.5",
        "--connect-timeout",
        "2.25x",
        "--limit-rate",
        "2k",
        "--max-filesize",
        "3M",
        "-C",
        "9",
    ]);
    assert_eq!(op.spec.limits.total, Some(Duration::from_millis(1500)));
    assert_eq!(
        op.spec.limits.connect,
        Some(Duration::from_millis(2250)),
        "curl does not look behind it"
    );
    assert_eq!(op.spec.limits.receive_rate, Some(2048));
    assert_eq!(op.spec.limits.file_size, Some(3 << 20));
    assert_eq!(op.output.resume, Some(Resume::At(9)));
}

#[test]
fn slowness_has_curls_defaults() {
    let slow = |words: &[&str]| op(words).spec.limits.slow;
    assert_eq!(slow(&["-Y", "10"]), Some((10, Duration::from_secs(30))));
    assert_eq!(slow(&["-y", "5"]), Some((1, Duration::from_secs(5))));
    assert_eq!(slow(&["-y", "5", "-Y", "3"]), Some((3, Duration::from_secs(5))));
    assert_eq!(slow(&[]), None);
}

#[test]
fn range_without_a_dash_gets_one_and_curl_says_so() {
    let (text, read) = said(&["-r", "10", URL]);
    let want = "Warning: A specified range MUST include at least one dash (-). Appending one \nWarning: for you\n";
    assert_eq!(text, want);
    assert_eq!(read.unwrap().operations[0].spec.request.range.as_deref(), Some("10-"));
}

#[test]
fn what_is_global_holds_before_and_behind_next() {
    let all = config(&["a", "-:", "-v", "-s", "-#", "--no-clobber", "b"]);
    for op in &all.operations {
        assert_eq!((op.output.is_silent, &op.output.talk), (true, &Talk::Verbose(1)));
        assert_eq!(op.output.progress, Progress::Bar);
    }
    assert_eq!(all.operations[0].output.existing, Existing::Usual);
    assert_eq!(all.operations[1].output.existing, Existing::Another);
}

#[test]
fn everyday_lines_mean_what_they_mean_to_curl() {
    let op1 = op(&[
        "-fsSL",
        "-o",
        "f",
        "--retry",
        "3",
        "--retry-all-errors",
        "--compressed",
        "-A",
        "x",
        "-e",
        "r;auto",
    ]);
    assert_eq!(op1.spec.request.fail, Fail::WithoutBody);
    assert_eq!((op1.spec.retry.count, op1.spec.retry.on_all), (3, true));
    assert_eq!(op1.spec.request.agent.as_deref(), Some("x"));
    assert_eq!(op1.spec.request.referer.as_deref(), Some("r"));
    assert!(op1.spec.request.is_referer_automatic && op1.spec.request.compressed);
    assert_eq!(op(&["-A", ""]).spec.request.agent, None);
    assert!(op(&[]).spec.request.agent.unwrap().starts_with("wireline-fetch/"));
    let head = op(&["-I"]);
    assert!(head.output.includes_heads && head.spec.request.is_head);
    assert_eq!(
        op(&["-u", "a:b:c"]).spec.credentials.login,
        Some(("a".to_owned(), "b:c".to_owned()))
    );
}

#[test]
fn password_that_nobody_can_be_asked_for_is_missed() {
    let (_, read) = said(&["-u", "me", URL]);
    assert_eq!(
        read.unwrap_err(),
        Stop::Failed(2, "no password for user 'me', and no terminal to ask for one".to_owned())
    );
}

#[test]
fn cookies_are_data_where_there_is_an_equals_sign_and_a_file_where_not() {
    let op = op(&["-b", "a=b", "-b", "jar", "-b", "", "-c", "-", "-j"]);
    assert_eq!(op.spec.credentials.cookies, ["a=b"]);
    assert_eq!(op.state.cookies, [std::path::PathBuf::from("jar")]);
    assert!(op.state.keeps_cookies && op.state.forgets_session);
    assert_eq!(op.state.jar, Some("-".into()));
}

#[test]
fn answers_that_are_none_end_with_curls_code() {
    let (_, read) = said(&["--resolve", "foo", URL]);
    assert_eq!(
        read.unwrap_err(),
        Stop::Failed(49, "Couldn't parse CURLOPT_RESOLVE entry 'foo'".to_owned())
    );
}

fn with_environment(words: &[&str], variables: &[(&str, &str)]) -> Operation {
    let words: Vec<OsString> = words.iter().copied().chain([URL]).map(Into::into).collect();
    let variables = variables.iter().map(|(name, value)| (name.into(), value.into())).collect();
    let world = Surroundings { variables, ..Surroundings::default() };
    read(&words, world).1.unwrap().operations.swap_remove(0)
}

#[test]
fn proxies_of_the_environment_are_taken_where_no_flag_says_otherwise() {
    let variables = [
        ("HTTP_PROXY", "http://bad/"),
        ("http_proxy", "http://p1"),
        ("HTTPS_PROXY", "http://p2"),
        ("NO_PROXY", "a, .b"),
    ];
    let proxy = with_environment(&[], &variables).spec.connect.proxy;
    assert_eq!(proxy.http.as_deref(), Some("http://p1"), "a server's clients choose HTTP_PROXY");
    assert_eq!(proxy.https.as_deref(), Some("http://p2"));
    assert_eq!(proxy.except, ["a", ".b"]);
    let proxy = with_environment(&["-x", "host:1", "--noproxy", ""], &variables).spec.connect.proxy;
    assert_eq!((proxy.all.as_deref(), proxy.http), (Some("http://host:1"), None));
    assert!(proxy.except.is_empty());
    let all = with_environment(&[], &[("ALL_PROXY", "socks5://p")]).spec.connect.proxy;
    assert_eq!(
        (all.http.as_deref(), all.https.as_deref()),
        (Some("socks5://p"), Some("socks5://p"))
    );
    let socks = op(&["--socks5-hostname", "h"]).spec.connect.proxy.all;
    assert_eq!(socks.as_deref(), Some("socks5h://h"));
}

#[test]
fn authorities_are_the_flags_or_the_environments_or_the_systems() {
    use wireline_http::tls::Trust;
    let files = |one: &str| Trust::Places { files: vec![one.into()], folders: Vec::new() };
    assert_eq!(op(&[]).spec.tls.trust, Trust::System);
    assert_eq!(op(&["--cacert", "c"]).spec.tls.trust, files("c"));
    let variables = [("CURL_CA_BUNDLE", "e"), ("SSL_CERT_FILE", "f")];
    assert_eq!(with_environment(&[], &variables).spec.tls.trust, files("e"));
    assert_eq!(with_environment(&["--cacert", "c"], &variables).spec.tls.trust, files("c"));
    assert!(op(&["-k"]).spec.tls.is_opportunistic);
}

#[test]
fn etags_are_for_one_url() {
    let (text, read) = said(&["--etag-save", "e", "a", "b"]);
    assert_eq!(text, "fetch: The etag options only work on a single URL\n");
    assert_eq!(read.unwrap_err(), Stop::SaidBadUse);
}

#[test]
fn options_without_function_are_told_and_passed_over() {
    let (text, read) = said(&["--npn", "-2", URL]);
    let want = "Warning: --npn is deprecated and has no function anymore\n\
                Warning: --sslv2 is deprecated and has no function anymore\n";
    assert_eq!((text.as_str(), read.is_ok()), (want, true));
}

#[test]
fn whatever_is_typed_is_read_without_a_panic() {
    for option in crate::options::all() {
        for word in [
            "",
            "-",
            "@",
            "=",
            ";",
            ":::",
            "\u{fffd}",
            "99999999999999999999999",
            "-1",
            "[",
            "a=@;type=\"",
            "a=\"\\",
        ] {
            let name = format!("--{}", option.long);
            if option.long != "config" && !word.contains('@') && word != "-" {
                let _ = said(&[&name, word, URL]);
            }
            let _ = said(&[&format!("--no-{}", option.long), URL]);
        }
    }
}
