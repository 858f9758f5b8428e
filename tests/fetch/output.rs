//! What a transfer leaves: files and their names, heads, traces, and what becomes of them on a failure.

use super::common::{Place, ours};

const CD: &str = "http://127.0.0.1:{http}/cd";

#[test]
fn names_of_the_server_that_harm_are_refused_and_leave_nothing() {
    let place = Place::new();
    for evil in ["cd-dots", "cd-empty", "cd-dotfile", "cd-dash", "cd-ctl"] {
        let run = place.fetch(&format!("-sSOJ http://127.0.0.1:{{http}}/evil/{evil}"));
        run.exit(23);
        let line = "fetch: (23) The server's name for the file is refused";
        assert!(run.err.starts_with(line) && !run.err.contains('\x1b'), "{evil}: {run:?}");
        assert_eq!(place.files(), [""; 0], "{evil}");
    }
}

#[test]
fn directories_in_names_of_the_server_are_left_out() {
    let place = Place::new();
    for (evil, name) in
        [("cd-traversal", "pwned"), ("cd-abs", "pwned-abs"), ("cd-star", "pwned-star")]
    {
        place.fetch(&format!("-sSOJ http://127.0.0.1:{{http}}/evil/{evil}")).exit(0);
        assert_eq!(place.files(), [name], "{evil}");
        place.clear();
    }
}

#[test]
fn file_that_is_there_is_kept_from_names_of_the_server() {
    let place = Place::new();
    place.write("good.txt", "mine");
    place.fetch(&format!("-sSOJ {CD}")).complains(23, &["good.txt", "File exists"]);
    assert_eq!(place.read("good.txt"), "mine");
    let target = place.path("target");
    std::fs::remove_file(place.path("good.txt")).unwrap();
    std::os::unix::fs::symlink(&target, place.path("good.txt")).unwrap();
    place.fetch(&format!("-sSOJ {CD}")).exit(23);
    assert!(!target.exists(), "a link was followed");
}

#[test]
fn file_that_is_there_is_skipped_or_another_name_is_taken() {
    let place = Place::new();
    place.write("cd", "mine");
    place.fetch(&format!("-sS --skip-existing -O {CD}")).says("");
    assert_eq!((place.files(), place.read("cd")), (vec!["cd".to_owned()], "mine".to_owned()));
    assert_eq!(place.requests(), [""; 0], "nothing was asked for");
    place.fetch(&format!("-sS --no-clobber -O {CD}")).says("");
    assert_eq!((place.read("cd"), place.read("cd.1")), ("mine".to_owned(), "cd\n".to_owned()));
}

#[test]
fn failure_keeps_what_came_unless_it_is_to_go() {
    let place = Place::new();
    let url = "http://127.0.0.1:{http}/evil/cl-short";
    place.fetch(&format!("-s -o x {url}")).exit(18);
    assert!(!place.read("x").is_empty());
    place.fetch(&format!("-s --remove-on-error -o x {url}")).exit(18);
    assert_eq!(place.files(), [""; 0]);
    place.fetch("-s -f -o y http://127.0.0.1:{http}/status/404").exit(22);
    assert_eq!(place.files(), [""; 0], "no file where nothing was delivered");
}

#[test]
fn interrupt_keeps_what_came_unless_it_is_to_go() {
    let place = Place::new();
    let url = "http://127.0.0.1:{http}/evil/stall-body";
    for (flag, files) in [("", &["x"][..]), ("--remove-on-error", &[])] {
        let wait = "n=0; while [ ! -s x ] && [ $n -lt 100 ]; do sleep 0.1; n=$((n+1)); done";
        let fetch = ours();
        let line = format!(
            "{} -sS {flag} -o x {url} & p=$!; {wait}; kill -TERM $p; wait $p",
            fetch.display()
        );
        let run = place.shell(&line);
        run.exit(128 + 15);
        assert_eq!(place.files(), files, "{flag}");
        place.clear();
    }
}

#[test]
fn v_and_traces_have_curls_prefixes() {
    let place = Place::new();
    let run = place.fetch(&format!("-sv -o x {CD}"));
    run.exit(0);
    for line in [
        "* using HTTP/1.x\n",
        "> GET /cd HTTP/1.1\r\n",
        "> \r\n",
        "< HTTP/1.1 200",
        "< \r\n",
        "{ [3 bytes data]\n",
    ] {
        assert!(run.err.contains(line), "{line:?}: {run:?}");
    }
    place.fetch(&format!("-s --trace t --trace-time -o x {CD}")).exit(0);
    let trace = place.read("t");
    assert!(trace.contains("<= Recv data, 3 bytes (0x3)\n0000: 63 64 0a"), "{trace}");
    place.fetch(&format!("-s --trace-ascii - -o x {CD}")).has("0000: GET /cd HTTP/1.1", 0);
}

#[test]
fn heads_go_where_they_are_asked_to() {
    let place = Place::new();
    let url = "http://127.0.0.1:{http}/status/404";
    let run = place.fetch(&format!("-sS -D - -o body {url}"));
    assert!(run.out.starts_with("HTTP/1.1 404") && run.out.ends_with("\r\n\r\n"), "{run:?}");
    let run = place.fetch(&format!("-sS -f -i {url}"));
    run.exit(22);
    assert!(run.out.ends_with("\r\n\r\n"), "heads, and no body: {run:?}");
}

#[test]
fn silent_hides_errors_and_warnings_and_capital_s_shows_errors() {
    let place = Place::new();
    let url = "-f http://127.0.0.1:{http}/status/404";
    place.fetch(&format!("-s {url}")).quiet_exit(22);
    let run = place.fetch(&format!("-sS {url}"));
    assert_eq!(run.err, "fetch: (22) The requested URL returned error: 404\n");
    let run = place.fetch(&format!("-sS --stderr log {url}"));
    assert_eq!(
        (run.err.as_str(), place.read("log").as_str()),
        ("", "fetch: (22) The requested URL returned error: 404\n")
    );
}
