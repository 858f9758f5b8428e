//! The command lines that scripts are full of, in the order of their use: what is on stdout, on stderr, in files, and
//! the exit code, octet by octet.

use super::common::Place;

/// Seven octets, which changed in 2023.
const FILE: &str = "http://127.0.0.1:{http}/file.txt";

fn place() -> Place {
    Place::new()
}

/// What the origin was asked, without what it was asked for.
fn first_line(place: &Place) -> String {
    place.requests()[0].lines().next().unwrap().to_owned()
}

#[test]
fn body_goes_to_stdout() {
    place().fetch(&format!("-s {FILE}")).says("a file\n");
}

#[test]
fn quiet_line_of_scripts_gives_body_after_redirects() {
    let run = place().fetch("-fsSL http://127.0.0.1:{http}/redirect-to?url=/file.txt");
    run.says("a file\n");
}

#[test]
fn fail_leaves_out_the_body_and_names_the_status() {
    let place = place();
    let run = place.fetch("-fsSL http://127.0.0.1:{http}/status/404");
    assert_eq!(run.err, "fetch: (22) The requested URL returned error: 404\n");
    assert_eq!((run.out.as_str(), run.code), ("", Some(22)));
    let run = place.fetch("-fs http://127.0.0.1:{http}/status/503");
    assert_eq!((run.out.as_str(), run.err.as_str(), run.code), ("", "", Some(22)));
}

#[test]
fn fail_with_body_keeps_the_body() {
    let run = place().fetch("--fail-with-body -sS http://127.0.0.1:{http}/status/500");
    assert_eq!(run.out, "status 500\n");
    assert_eq!(run.err, "fetch: (22) The requested URL returned error: 500\n");
    run.exit(22);
}

#[test]
fn status_is_no_failure_without_fail() {
    place().fetch("-sS http://127.0.0.1:{http}/status/404").says("status 404\n");
}

#[test]
fn redirect_is_not_followed_unasked() {
    place().fetch("-sS http://127.0.0.1:{http}/redirect/1").says("moved\n");
}

#[test]
fn output_goes_to_a_file() {
    let place = place();
    place.fetch(&format!("-s -o here.txt {FILE}")).says("");
    assert_eq!(place.read("here.txt"), "a file\n");
    place.fetch(&format!("-sO {FILE}")).says("");
    assert_eq!(place.files(), ["file.txt", "here.txt"]);
}

#[test]
fn output_goes_to_a_file_in_a_directory() {
    let place = place();
    place.fetch(&format!("-s --create-dirs -o a/b/here.txt {FILE}")).says("");
    assert_eq!(place.read("a/b/here.txt"), "a file\n");
    place.fetch(&format!("-s --create-dirs --output-dir c -O {FILE}")).says("");
    assert_eq!(place.read("c/file.txt"), "a file\n");
    place.fetch(&format!("-sS -o nowhere/x {FILE}")).exit(23);
}

#[test]
fn name_of_the_server_is_taken_where_asked() {
    let place = place();
    place.fetch("-sOJ http://127.0.0.1:{http}/cd").says("");
    assert_eq!(place.read("good.txt"), "cd\n");
}

#[test]
fn head_is_shown_alone() {
    let run = place().fetch(&format!("-sI {FILE}"));
    run.says(
        "HTTP/1.1 200 OK\r\nLast-Modified: Tue, 14 Nov 2023 22:13:20 GMT\r\nContent-Length: 7\r\n\
         Date: Sun, 22 Nov 2026 07:00:00 GMT\r\n\r\n",
    );
}

#[test]
fn head_is_shown_before_the_body() {
    let run = place().fetch("-si http://127.0.0.1:{http}/");
    run.says(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 18\r\n\
         Date: Sun, 22 Nov 2026 07:00:00 GMT\r\n\r\norigin of the lab\n",
    );
}

#[test]
fn heads_of_all_hops_are_dumped() {
    let place = place();
    place.fetch("-sL -D heads -o body http://127.0.0.1:{http}/redirect/2").says("");
    let heads = place.read("heads");
    let lines: Vec<_> = heads.lines().filter(|line| line.starts_with("HTTP/")).collect();
    assert_eq!(lines, ["HTTP/1.1 302 Found", "HTTP/1.1 302 Found", "HTTP/1.1 200 OK"]);
}

#[test]
fn default_request_has_these_fields_in_this_order() {
    let place = place();
    place.fetch(&format!("-s {FILE}")).exit(0);
    let expected = format!(
        "http GET /file.txt\nHost: 127.0.0.1:{{http}}\nUser-Agent: wireline-fetch/{}\nAccept: */*",
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(place.requests(), [place.filled(&expected)]);
}

#[test]
fn fields_are_added_replaced_and_left_out() {
    let place = place();
    let words =
        ["-s", "-H", "X-A: b", "-H", "Accept:", "-H", "X-Empty;", "-A", "me/1", "-e", "http://r/"];
    place.words(&[&words[..], &["http://127.0.0.1:{http}/file.txt"]].concat()).exit(0);
    let expected = "http GET /file.txt\nHost: 127.0.0.1:{http}\nUser-Agent: me/1\nReferer: http://r/\n\
                    X-A: b\nX-Empty: ";
    assert_eq!(place.requests()[0].trim_end(), place.filled(expected).trim_end());
}

#[test]
fn data_are_posted_as_a_form() {
    let place = place();
    let run = place.words(&["-s", "-d", "a=1", "-d", "b=2 3", "http://127.0.0.1:{http}/echo"]);
    let echo = &run.exit(0).json()[0];
    assert_eq!((&echo["method"], &echo["body"]), (&"POST".into(), &"a=1&b=2 3".into()));
    let heard = &place.requests()[0];
    assert!(
        heard.contains("Content-Length: 9\nContent-Type: application/x-www-form-urlencoded"),
        "{heard}"
    );
}

#[test]
fn data_come_from_a_file_and_from_stdin() {
    let place = place();
    place.write("data", "line 1\nline 2\n");
    let body = |run: wireline_lab::Run| run.exit(0).json()[0]["body"].as_str().unwrap().to_owned();
    let url = "http://127.0.0.1:{http}/echo";
    assert_eq!(body(place.words(&["-s", "-d", "@data", url])), "line 1line 2");
    assert_eq!(body(place.words(&["-s", "--data-binary", "@data", url])), "line 1\nline 2\n");
    assert_eq!(body(place.fed(&["-s", "--data-binary", "@-", url], b"in\n")), "in\n");
    assert_eq!(body(place.words(&["-s", "--data-urlencode", "a=b c&d", url])), "a=b+c%26d");
    assert_eq!(body(place.words(&["-s", "--data-raw", "@data", url])), "@data");
}

#[test]
fn data_become_the_query_with_get() {
    let place = place();
    place.words(&["-sG", "-d", "a=1", "-d", "b=2", "http://127.0.0.1:{http}/file.txt?c=3"]).exit(0);
    assert_eq!(first_line(&place), "http GET /file.txt?c=3&a=1&b=2");
}

#[test]
fn json_is_posted_as_such() {
    let place = place();
    place.words(&["-s", "--json", "{\"a\":1}", "http://127.0.0.1:{http}/echo"]).exit(0);
    let heard = &place.requests()[0];
    assert!(heard.contains("Content-Type: application/json\nAccept: application/json"), "{heard}");
}

#[test]
fn form_is_sent_in_parts() {
    let place = place();
    place.write("note.txt", "text\n");
    let run =
        place.words(&["-s", "-F", "a=1", "-F", "f=@note.txt", "http://127.0.0.1:{http}/echo"]);
    let body = run.exit(0).json()[0]["body"].as_str().unwrap().to_owned();
    assert!(body.contains("Content-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"), "{body}");
    let file = "name=\"f\"; filename=\"note.txt\"\r\nContent-Type: text/plain\r\n\r\ntext\n\r\n";
    assert!(body.contains(file), "{body}");
    let heard = &place.requests()[0];
    assert!(
        heard.contains("Content-Type: multipart/form-data; boundary=------------------------"),
        "{heard}"
    );
}

#[test]
fn method_is_what_was_asked_for() {
    let place = place();
    place.fetch("-s -X DELETE http://127.0.0.1:{http}/echo").exit(0);
    assert_eq!(first_line(&place), "http DELETE /echo");
}

#[test]
fn file_is_put() {
    let place = place();
    place.write("up.txt", "up\n");
    let run = place.fetch("-s -T up.txt http://127.0.0.1:{http}/echo");
    let echo = &run.exit(0).json()[0];
    assert_eq!((&echo["method"], &echo["body"]), (&"PUT".into(), &"up\n".into()));
    let run = place.fed(&["-s", "-T", "-", "http://127.0.0.1:{http}/upload"], &vec![b'x'; 300_000]);
    assert_eq!(run.exit(0).json()[0]["length"], 300_000);
    assert!(place.requests()[1].contains("Transfer-Encoding: chunked"), "{:?}", place.requests());
    place.fetch("-sS -T nothing.txt http://127.0.0.1:{http}/echo").exit(26);
}

#[test]
fn post_becomes_get_behind_302_and_stays_post_behind_307() {
    for (code, method) in [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")] {
        let place = place();
        let url = format!("http://127.0.0.1:{{http}}/redirect/1?code={code}");
        let run = place.words(&["-sL", "-d", "a=1", &url]);
        assert_eq!(run.exit(0).json()[0]["method"], method, "{code}");
    }
}

#[test]
fn write_out_tells_what_scripts_ask() {
    let line = "%{http_code} %{size_download} %{content_type} %{num_redirects} %{url_effective}\\n";
    let place = place();
    let run = place.words(&["-sL", "-o", "x", "-w", line, "http://127.0.0.1:{http}/redirect/1"]);
    let size = place.read("x").len();
    let url = place.filled("http://127.0.0.1:{http}/echo");
    run.says(&format!("200 {size} application/json 1 {url}\n"));
    place.words(&["-s", "-o", "x", "-w", "%{response_code}", FILE]).says("200");
    let times = "%{time_namelookup} %{time_connect} %{time_starttransfer} %{time_total}";
    let run = place.words(&["-s", "-o", "x", "-w", times, FILE]);
    let times: Vec<f64> = run.out.split(' ').map(|time| time.parse().unwrap()).collect();
    assert!(times.len() == 4 && times.is_sorted() && times[3] > 0.0, "{run:?}");
}

#[test]
fn write_out_tells_the_code_of_a_failure() {
    let run = place().words(&["-s", "-w", "%{http_code} %{exitcode}", "http://127.0.0.1:{close}/"]);
    assert_eq!((run.out.as_str(), run.err.as_str(), run.code), ("000 52", "", Some(52)));
}

#[test]
fn unknown_variable_is_a_warning() {
    let run = place().words(&["-s", "-o", "x", "-w", "a%{nothing}b", FILE]);
    assert_eq!((run.out.as_str(), run.code), ("ab", Some(0)));
    assert!(run.err.contains("unknown --write-out variable: 'nothing'"), "{run:?}");
}

#[test]
fn busy_server_is_asked_again() {
    let place = place();
    let run = place.fetch("-sS --retry 3 --retry-delay 0 http://127.0.0.1:{http}/flaky/2?k=a");
    assert!(run.out.ends_with("finally\n"), "{run:?}");
    assert_eq!((place.requests().len(), run.code), (3, Some(0)));
}

#[test]
fn retries_come_to_an_end() {
    let place = place();
    place.fetch("-fsS --retry 2 --retry-delay 1 http://127.0.0.1:{http}/flaky/9?k=b").exit(22);
    assert_eq!(place.requests().len(), 3);
}

#[test]
fn refused_connection_is_tried_again_where_asked() {
    let run =
        place().fetch("-sS --retry 1 --retry-delay 1 --retry-connrefused http://127.0.0.1:1/");
    run.exit(7);
    assert!(run.err.contains("Failed to connect to 127.0.0.1 port 1"), "{run:?}");
}

#[test]
fn certificate_that_nobody_vouches_for_is_an_error_and_k_passes_over_it() {
    let place = place();
    let run = place.fetch("-sS https://localhost:{https}/file.txt");
    assert_eq!((run.out.as_str(), run.code), ("", Some(60)), "{run:?}");
    assert!(run.err.starts_with("fetch: (60) "), "{run:?}");
    place.fetch("-sk https://localhost:{https}/file.txt").says("a file\n");
    place.fetch("-s --cacert {dir}ca.pem https://localhost:{https}/file.txt").says("a file\n");
}

#[test]
fn login_is_sent_as_basic() {
    let place = place();
    place.fetch("-s -u user:pass http://127.0.0.1:{http}/auth/basic").says("welcome\n");
    place.fetch("-s http://user:pass@127.0.0.1:{http}/auth/basic").says("welcome\n");
    place.fetch("-s -u user:wrong http://127.0.0.1:{http}/auth/basic").says("denied\n");
}

#[test]
fn login_answers_a_challenge() {
    let place = place();
    for kind in ["", "/sha256", "/sha512", "/md5-sess", "/sha256-sess", "/legacy"] {
        let url = format!("http://127.0.0.1:{{http}}/auth/digest{kind}");
        place.words(&["-s", "--digest", "-u", "user:pass", &url]).says("welcome\n");
        place.words(&["-s", "--anyauth", "-u", "user:pass", &url]).says("welcome\n");
    }
    place.fetch("-s --oauth2-bearer tok123 http://127.0.0.1:{http}/auth/bearer").says("welcome\n");
}

#[test]
fn login_comes_from_netrc() {
    let place = place();
    place.write(".netrc", "machine 127.0.0.1 login user password pass\n");
    place.fetch("-sn http://127.0.0.1:{http}/auth/basic").says("welcome\n");
}

#[test]
fn times_of_connecting_and_of_all_are_bounded() {
    let place = place();
    let run = place.fetch("-sS -m 1 http://127.0.0.1:{silent}/");
    run.exit(28);
    assert!(run.err.starts_with("fetch: (28) Operation timed out after 1"), "{run:?}");
    place.fetch("-sS --connect-timeout 1 http://127.0.0.1:{full}/").exit(28);
}

#[test]
fn codings_are_undone() {
    let place = place();
    let text = "The quick brown fox jumps over the lazy dog. ".repeat(200);
    for path in ["gzip", "deflate", "rawdeflate", "br", "zstd", "multigzip"] {
        let run = place.fetch(&format!("-s --compressed http://127.0.0.1:{{http}}/{path}"));
        assert!(run.out == text && run.code == Some(0), "{path}: {} {:?}", run.out.len(), run.err);
    }
}

#[test]
fn ranges_are_asked_for_and_files_gone_on_with() {
    let place = place();
    place.fetch("-s -r 65-70 http://127.0.0.1:{http}/range").says("ABCDEF");
    place.fetch("-s -o part http://127.0.0.1:{http}/retry-partial").exit(18);
    assert_eq!(place.read("part"), "p".repeat(1000));
    place.fetch("-s -C - -o part http://127.0.0.1:{http}/retry-partial").exit(0);
    assert_eq!(place.read("part"), "p".repeat(2000));
    place.write("other", [b'x'; 10]);
    place.fetch("-sS -C - -o other http://127.0.0.1:{http}/norange").exit(33);
}

#[test]
fn cookies_are_kept_and_sent() {
    let place = place();
    place.fetch("-s -c jar http://127.0.0.1:{http}/cookies/set?a=1 -o x").says("");
    assert!(place.read("jar").contains("127.0.0.1\tFALSE\t/\tFALSE\t"), "{}", place.read("jar"));
    place.fetch("-s -b jar http://127.0.0.1:{http}/cookies").says("a=1\n");
    place.words(&["-s", "-b", "x=y; z=1", "http://127.0.0.1:{http}/cookies"]).says("x=y; z=1\n");
    place.fetch("-sL -b nothing http://127.0.0.1:{http}/cookies/set?b=2").says("b=2\n");
}

#[test]
fn unchanged_is_not_sent_again() {
    let place = place();
    let tag =
        "-s --etag-save tag --etag-compare tag -o x http://127.0.0.1:{http}/cache -w %{http_code}";
    place.fetch(tag).says("200");
    assert_eq!(place.read("tag"), "\"v1\"\n");
    place.fetch(tag).says("304");
    assert_eq!(place.read("x"), "to be kept, version 1\n");
}

#[test]
fn name_is_resolved_as_told() {
    let place = place();
    let run = place.fetch("-s --resolve a.test:{http}:127.0.0.1 http://a.test:{http}/file.txt");
    run.says("a file\n");
    let run = place.fetch("-s --connect-to a.test:80:127.0.0.1:{http} http://a.test/file.txt");
    run.says("a file\n");
    assert!(place.requests()[1].contains("\nHost: a.test\n"), "{:?}", place.requests());
    let run = place.fetch("-s --unix-socket {dir}origin.sock http://a.test/file.txt");
    run.says("a file\n");
}

#[test]
fn name_that_nobody_has_is_named() {
    let run = place().fetch("-sS http://nothing.invalid/");
    assert_eq!(run.err, "fetch: (6) Could not resolve host: nothing.invalid\n");
    run.exit(6);
}

#[test]
fn several_urls_share_a_connection_and_a_line() {
    let place = place();
    let run = place.fetch(&format!("-s {FILE} {FILE} -w %{{num_connects}}\\n"));
    run.says("a file\n1\na file\n0\n");
    place.words(&["-sZ", FILE, "-o", "1", FILE, "-o", "2"]).says("");
    assert_eq!((place.read("1"), place.read("2")), ("a file\n".to_owned(), "a file\n".to_owned()));
}

#[test]
fn urls_are_patterns() {
    let place = place();
    place.words(&["-s", "http://127.0.0.1:{http}/status/[201-203]", "-o", "s#1"]).says("");
    assert_eq!(place.files(), ["s201", "s202", "s203"]);
}

#[test]
fn what_is_no_option_and_what_is_no_url_are_usage_errors() {
    let place = place();
    place.fetch("--nothing http://x/").exit(2);
    place.fetch("").exit(2);
    let run = place.fetch("-sS ftp://127.0.0.1/x");
    assert_eq!(
        (run.err.as_str(), run.code),
        ("fetch: (1) Protocol \"ftp\" not supported\n", Some(1))
    );
    place.fetch("-sS http://a b").exit(6);
    place.fetch("-sS file:///etc/passwd").exit(1);
}

#[test]
fn settings_come_from_a_file() {
    let place = place();
    place.write("config", format!("url = \"{}\"\nsilent\noutput = here\n", place.filled(FILE)));
    place.fetch("-K config").says("");
    assert_eq!(place.read("here"), "a file\n");
    place.write(".curlrc", "user-agent = from-rc\n");
    place.fetch(&format!("-s {FILE}")).exit(0);
    place.fetch(&format!("-q -s {FILE}")).exit(0);
    let heard = place.requests();
    assert!(heard[1].contains("User-Agent: from-rc"), "{heard:?}");
    assert!(!heard[2].contains("from-rc"), "{heard:?}");
}

#[test]
fn meter_is_on_stderr_where_the_body_goes_to_a_file() {
    let place = place();
    let run = place.fetch(&format!("-o x {FILE}"));
    let first = "  % Total    % Received % Xferd  Average Speed";
    assert!(run.err.starts_with(first), "{run:?}");
    place.fetch(&format!("-s -o x {FILE}")).says("");
    place.fetch(&format!("--no-progress-meter -o x {FILE}")).says("");
}

#[test]
fn closed_pipe_ends_quietly() {
    let place = place();
    let fetch = super::common::ours();
    let line = format!(
        "{} -sS http://127.0.0.1:{{http}}/big/100000000 | head -c 5 | wc -c",
        fetch.display()
    );
    let run = place.shell(&line);
    assert_eq!(run.out.trim(), "5");
}

#[test]
fn full_disk_is_a_write_error() {
    let run = place().fetch("-sS -o /dev/full http://127.0.0.1:{http}/big/100000");
    assert_eq!((run.out.as_str(), run.code), ("", Some(23)), "{run:?}");
    assert!(run.err.starts_with("fetch: (23) "), "{run:?}");
}
