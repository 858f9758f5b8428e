use std::io::{Read as _, Seek as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use wireline_http::Fields;

use super::*;
use crate::output::{self, Existing, Resume, To};

/// A transfer into a directory of its own, and what it says.
struct Bench {
    directory: tempfile::TempDir,
    stdout: std::fs::File,
    stderr: std::fs::File,
    shared: Rc<Shared>,
    sink: Sink,
}

impl Bench {
    fn try_new(change: impl FnOnce(&Path, &mut OutputSpec), is_terminal: bool) -> (Self, u64) {
        let directory = tempfile::tempdir().unwrap();
        let mut spec = OutputSpec { progress: output::Progress::None, ..OutputSpec::default() };
        change(directory.path(), &mut spec);
        let (stdout, stderr) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
        let (out, err) = (stdout.try_clone().unwrap(), stderr.try_clone().unwrap());
        let shared = Shared::of_files(&spec, out, err, is_terminal);
        let url = Url { path: "/dir/name.txt".to_owned(), ..Url::default() };
        let origin = Origin { text: "http://h/dir/name.txt".to_owned(), url, ..Origin::default() };
        let sink = Sink::new(Rc::new(spec), origin, Rc::clone(&shared)).unwrap();
        let resume = sink.resume_from();
        (Self { directory, stdout, stderr, shared, sink }, resume)
    }

    fn new(change: impl FnOnce(&Path, &mut OutputSpec)) -> Self {
        Self::try_new(change, false).0
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn head(&mut self, status: u16, fields: &[(&str, &str)]) -> Result<(), Failure> {
        let mut all = Fields::default();
        let mut raw = format!("HTTP/1.1 {status} X\r\n");
        for (name, value) in fields {
            all.push(*name, *value);
            raw.extend([name, ": ", value, "\r\n"]);
        }
        raw += "\r\n";
        let head = Head { status, fields: all, raw: Bytes::from(raw), ..Head::default() };
        let event = Event::ResponseHead { head: head.clone(), is_tunnel: false };
        self.sink.event(Duration::ZERO, &event);
        self.sink.begin(&head)
    }

    fn done(&mut self, result: Result<(), Failure>) -> u8 {
        let _ = self.sink.done(&Report::default(), result);
        self.shared.finish().0
    }

    /// All of a response of 200 with this body.
    fn ok(&mut self, body: &[u8]) -> u8 {
        let outcome = self.head(200, &[]).and_then(|()| self.sink.body(body));
        self.done(outcome)
    }

    fn printed(&mut self) -> String {
        text(&mut self.stdout)
    }

    fn said(&mut self) -> String {
        text(&mut self.stderr)
    }

    fn files(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.directory.path()).unwrap();
        let mut names: Vec<_> =
            names.map(|name| name.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn text(file: &mut std::fs::File) -> String {
    let mut text = String::new();
    file.rewind().unwrap();
    file.read_to_string(&mut text).unwrap();
    text
}

fn to_file(directory: &Path, spec: &mut OutputSpec) {
    spec.to = To::File(directory.join("x"));
}

fn remote_name(directory: &Path, spec: &mut OutputSpec) {
    spec.to = To::RemoteHeaderName;
    spec.directory = Some(directory.to_owned());
}

const CUT: &str = "transfer closed with 5 bytes remaining to read";

#[test]
fn a_failure_before_the_first_octet_leaves_no_file() {
    let mut bench = Bench::new(to_file);
    let code = bench.done(Err(Failure::new(Kind::Name, "Could not resolve host: h")));
    assert_eq!((code, bench.files().len()), (6, 0));
    assert_eq!(bench.said(), "fetch: (6) Could not resolve host: h\n");
}

#[test]
fn an_empty_body_leaves_an_empty_file_and_an_unmet_condition_none() {
    let mut bench = Bench::new(to_file);
    assert_eq!(bench.ok(b""), 0);
    assert_eq!(std::fs::read(bench.path("x")).unwrap(), b"");
    let mut bench = Bench::new(to_file);
    bench.head(304, &[]).unwrap();
    assert_eq!((bench.done(Ok(())), bench.files().len()), (0, 0));
}

#[test]
fn what_came_before_a_failure_stays_unless_it_is_to_go() {
    for removes in [false, true] {
        let mut bench = Bench::new(|directory, spec| {
            to_file(directory, spec);
            spec.removes_on_error = removes;
        });
        bench.head(200, &[]).unwrap();
        bench.sink.body(b"abc").unwrap();
        assert_eq!(bench.done(Err(Failure::new(Kind::Partial, CUT))), 18);
        assert_eq!(bench.path("x").exists(), !removes);
        assert_eq!(
            std::fs::read(bench.path("x")).unwrap_or_default().len(),
            if removes { 0 } else { 3 }
        );
    }
}

#[test]
fn errors_are_silent_with_s_and_told_with_s_and_capital_s() {
    let all = [(false, false, true), (true, false, false), (true, true, true)];
    for (is_silent, shows_errors, is_told) in all {
        let mut bench = Bench::new(|_, spec| {
            spec.is_silent = is_silent;
            spec.shows_errors = shows_errors;
        });
        assert_eq!(bench.done(Err(Failure::new(Kind::Connect, "no"))), 7);
        assert_eq!(!bench.said().is_empty(), is_told, "-s {is_silent}, -S {shows_errors}");
    }
}

#[test]
fn the_last_transfer_says_how_the_run_ended_but_of_many_at_a_time_any() {
    let (spec, file) = (OutputSpec::default(), || tempfile::tempfile().unwrap());
    let shared = Shared::of_files(&spec, file(), file(), false);
    shared.fail(&spec, &Failure::new(Kind::Name, "x"));
    shared.ended_with(0);
    assert_eq!(shared.finish().0, 0);
    let run = Run { is_parallel: true, fails_early: false };
    let shared = Shared::of_run(&spec, run, file(), file(), false);
    shared.fail(&spec, &Failure::new(Kind::Name, "x"));
    shared.ended_with(0);
    assert_eq!(shared.finish().0, 6);
}

#[test]
fn a_full_disk_is_told_as_curl_tells_it() {
    let full = |_: &Path, spec: &mut OutputSpec| spec.to = To::File("/dev/full".into());
    let mut bench = Bench::new(full);
    assert_eq!(bench.ok(&vec![0; 70_000]), 23);
    let line = "fetch: (23) Failure writing output to destination, passed 70000 returned 0\n";
    assert_eq!(bench.said(), line);
    let mut bench = Bench::new(full);
    assert_eq!(bench.ok(b"small"), 23, "what is held back is written at the end");
    assert_eq!(bench.said(), line.replace("70000", "5"));
}

#[test]
fn a_file_that_cannot_be_opened_is_named() {
    let mut bench = Bench::new(|directory, spec| spec.to = To::File(directory.join("no/x")));
    assert_eq!(bench.ok(b"a"), 23);
    let said = bench.said();
    assert!(said.starts_with("fetch: (23) Failed to open the file /"), "{said}");
    assert!(said.ends_with("/no/x: No such file or directory\n"), "{said}");
}

#[test]
fn heads_are_part_of_the_output_and_dumped() {
    let mut bench = Bench::new(|directory, spec| {
        to_file(directory, spec);
        spec.includes_heads = true;
        spec.dump_heads = Some(directory.join("heads"));
    });
    let head = Head { raw: Bytes::from_static(b"HTTP/1.1 302 X\r\n\r\n"), ..Head::default() };
    bench.sink.event(Duration::ZERO, &Event::ResponseHead { head, is_tunnel: false });
    assert_eq!(bench.ok(b"body"), 0);
    let heads = "HTTP/1.1 302 X\r\n\r\nHTTP/1.1 200 X\r\n\r\n";
    assert_eq!(std::fs::read_to_string(bench.path("heads")).unwrap(), heads);
    assert_eq!(std::fs::read_to_string(bench.path("x")).unwrap(), format!("{heads}body"));
}

#[test]
fn answers_of_proxies_are_left_out_where_asked_for() {
    let mut bench = Bench::new(|_, spec| {
        spec.includes_heads = true;
        spec.hides_tunnel_heads = true;
    });
    let head = Head { raw: Bytes::from_static(b"HTTP/1.1 200 tunnel\r\n\r\n"), ..Head::default() };
    bench.sink.event(Duration::ZERO, &Event::ResponseHead { head, is_tunnel: true });
    bench.ok(b"body");
    assert_eq!(bench.printed(), "HTTP/1.1 200 X\r\n\r\nbody");
}

#[test]
fn a_server_names_the_file_but_overwrites_none() {
    let named = [("Content-Disposition", "attachment; filename=\"../good.txt\"")];
    let mut bench = Bench::new(remote_name);
    bench.head(200, &named).unwrap();
    bench.sink.body(b"abc").unwrap();
    assert_eq!((bench.done(Ok(())), bench.files()), (0, vec!["good.txt".to_owned()]));

    let mut bench = Bench::new(remote_name);
    std::fs::write(bench.path("good.txt"), "mine").unwrap();
    let outcome = bench.head(200, &named).and_then(|()| bench.sink.body(b"abc"));
    assert_eq!(bench.done(outcome), 23);
    assert_eq!(std::fs::read(bench.path("good.txt")).unwrap(), b"mine");
    assert!(bench.said().ends_with("good.txt: File exists\n"));
}

#[test]
fn a_name_of_a_server_that_is_not_taken_ends_the_transfer() {
    let mut bench = Bench::new(remote_name);
    let outcome = bench.head(200, &[("Content-Disposition", "attachment; filename=.bashrc")]);
    assert_eq!((bench.done(outcome), bench.files().len()), (23, 0));
    assert!(bench.said().contains("it begins with a dot: '.bashrc'"));
}

#[test]
fn without_a_name_of_the_server_s_it_is_the_url_s() {
    let mut bench = Bench::new(remote_name);
    assert_eq!((bench.ok(b"a"), bench.files()), (0, vec!["name.txt".to_owned()]));
}

#[test]
fn heads_before_the_name_is_known_are_in_the_file() {
    let mut bench = Bench::new(|directory, spec| {
        remote_name(directory, spec);
        spec.includes_heads = true;
    });
    bench.head(200, &[("Content-Disposition", "inline; filename=a")]).unwrap();
    assert_eq!(bench.done(Ok(())), 0);
    let file = std::fs::read_to_string(bench.path("a")).unwrap();
    assert!(file.starts_with("HTTP/1.1 200 X\r\nContent-Disposition"), "{file}");
}

#[test]
fn a_file_that_is_there_is_left_alone_where_asked_for() {
    let (bench, _) = Bench::try_new(
        |directory, spec| {
            to_file(directory, spec);
            spec.existing = Existing::Skip;
            std::fs::write(directory.join("x"), "old").unwrap();
        },
        false,
    );
    assert!(bench.sink.is_skipped());
}

fn resumed(directory: &Path, spec: &mut OutputSpec) {
    to_file(directory, spec);
    spec.resume = Some(Resume::FromFile);
    std::fs::write(directory.join("x"), "abc").unwrap();
}

#[test]
fn a_resumed_file_grows_and_a_whole_one_stays() {
    let (mut bench, resume) = Bench::try_new(resumed, false);
    assert_eq!(resume, 3);
    bench.head(206, &[]).unwrap();
    bench.sink.body(b"def").unwrap();
    assert_eq!(bench.done(Ok(())), 0);
    assert_eq!(std::fs::read(bench.path("x")).unwrap(), b"abcdef");

    let mut bench = Bench::new(resumed);
    bench.head(416, &[]).unwrap();
    bench.sink.body(b"error page").unwrap();
    assert_eq!(bench.done(Ok(())), 0);
    assert_eq!(std::fs::read(bench.path("x")).unwrap(), b"abc");
}

#[test]
fn a_server_that_does_not_resume_spoils_nothing() {
    let mut bench = Bench::new(resumed);
    assert_eq!(bench.ok(b"whole"), 33);
    assert_eq!(std::fs::read(bench.path("x")).unwrap(), b"abc");
    let line = "fetch: (33) HTTP server does not seem to support byte ranges. Cannot resume.\n";
    assert_eq!(bench.said(), line);
}

#[test]
fn a_retry_takes_back_what_came_or_goes_on_from_there() {
    let mut bench = Bench::new(to_file);
    bench.head(200, &[]).unwrap();
    bench.sink.body(b"half").unwrap();
    assert_eq!(bench.sink.restart().unwrap(), 0);
    assert_eq!(bench.ok(b"whole"), 0);
    assert_eq!(std::fs::read(bench.path("x")).unwrap(), b"whole");

    let mut bench = Bench::new(resumed);
    bench.head(206, &[]).unwrap();
    bench.sink.body(b"de").unwrap();
    assert_eq!(bench.sink.restart().unwrap(), 5, "what is there counts");
    bench.head(206, &[]).unwrap();
    bench.sink.body(b"f").unwrap();
    assert_eq!(bench.done(Ok(())), 0);
    assert_eq!(std::fs::read(bench.path("x")).unwrap(), b"abcdef");
}

#[test]
fn files_get_the_server_s_time() {
    let mut bench = Bench::new(|directory, spec| {
        to_file(directory, spec);
        spec.keeps_time = true;
    });
    bench.head(200, &[("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT")]).unwrap();
    bench.done(Ok(()));
    let modified = std::fs::metadata(bench.path("x")).unwrap().modified().unwrap();
    let seconds = modified.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    assert_eq!(seconds, 784_111_777);
}

#[test]
fn etags_are_saved_on_a_line() {
    let etag = |directory: &Path, spec: &mut OutputSpec| spec.etag_save = Some(directory.join("e"));
    let mut bench = Bench::new(etag);
    bench.head(200, &[("ETag", "\"a-1\"")]).unwrap();
    assert_eq!(std::fs::read(bench.path("e")).unwrap(), b"\"a-1\"\n");
    let mut bench = Bench::new(etag);
    bench.head(404, &[("ETag", "\"a-1\"")]).unwrap();
    assert!(!bench.path("e").exists(), "an error's ETag is not the document's");
}

#[test]
fn a_terminal_is_not_obeyed_but_a_file_gets_every_octet() {
    let body = b"a\x1b]0;title\x07b\n";
    let (mut bench, _) = Bench::try_new(|_, spec| spec.includes_heads = true, true);
    let outcome = bench.head(200, &[("X", "\x1b[2J")]).and_then(|()| bench.sink.body(body));
    assert_eq!(bench.done(outcome), 0);
    let printed = bench.printed();
    assert!(printed.contains("\u{1b}[1mX\u{1b}[0m: \\027[2J"), "{printed:?}");
    assert!(printed.ends_with("a\\027]0;title\\007b\n"), "{printed:?}");
    let mut bench = Bench::new(|_, _| ());
    bench.ok(body);
    assert_eq!(bench.printed().as_bytes(), body);
}

#[test]
fn binary_bodies_are_kept_from_terminals_unless_forced() {
    let (mut bench, _) = Bench::try_new(|_, _| (), true);
    assert_eq!(bench.ok(b"ELF\0"), 23);
    assert_eq!(bench.printed(), "");
    assert!(bench.said().starts_with("Warning: Binary output can mess up your terminal."));
    let (mut bench, _) = Bench::try_new(|_, spec| spec.to = To::Stdout, true);
    assert_eq!(bench.ok(b"ELF\0"), 0);
    assert_eq!(bench.printed(), "ELF\0");
}

#[test]
fn small_parts_are_seen_at_the_next_tick() {
    let mut bench = Bench::new(|_, _| ());
    bench.head(200, &[]).unwrap();
    bench.sink.body(b"event").unwrap();
    assert_eq!(bench.printed(), "");
    bench.sink.progress(Duration::from_millis(100), &Progress::default());
    assert_eq!(bench.printed(), "event");
}

#[test]
fn w_comes_last_on_stdout_and_in_files() {
    let mut bench = Bench::new(|directory, spec| {
        let log = directory.join("log").display().to_string();
        let template =
            "%{exitcode}%{stderr}err%{nope}%output{LOG}new%output{>>LOG}more%output{/no/x}!";
        spec.write_out = Some(template.replace("LOG", &log));
    });
    assert_eq!(bench.ok(b"body "), 0);
    assert_eq!(bench.printed(), "body 0");
    assert_eq!(bench.said(), "fetch: unknown --write-out variable: 'nope'\nerr");
    assert_eq!(std::fs::read(bench.path("log")).unwrap(), b"newmore!");
}

#[test]
fn the_meter_is_on_stderr_and_retries_are_told_between_its_lines() {
    let mut bench = Bench::new(|directory, spec| {
        to_file(directory, spec);
        spec.progress = output::Progress::Meter;
    });
    let hop = |why| Event::Hop { url: "http://h/".to_owned(), method: "GET".to_owned(), why };
    bench.sink.event(Duration::ZERO, &hop(Why::First));
    let retrying =
        Event::Retrying { why: "timeout".to_owned(), after: Duration::from_secs(1), left: 1 };
    bench.sink.event(Duration::ZERO, &retrying);
    bench.sink.restart().unwrap();
    bench.sink.event(Duration::ZERO, &hop(Why::Retry));
    bench.ok(b"");
    let said = bench.said();
    let line = "\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0";
    let warning = "Warning: Problem: timeout. Will retry in 1 second. 1 retry left.\n";
    let header = crate::meter::HEADER;
    assert_eq!(said, format!("{header}{line}{line}\n{warning}{line}{line}\n"));
}

#[test]
fn v_goes_to_stderr_and_stamps_have_time_and_numbers() {
    let mut bench = Bench::new(|_, spec| {
        spec.talk = Talk::Verbose(1);
        spec.talks_ids = true;
        spec.talks_time = true;
    });
    assert!(bench.sink.wants_octets());
    bench.sink.event(Duration::ZERO, &Event::Note("a".to_owned()));
    bench.sink.event(Duration::ZERO, &Event::Reused { connection: 7, local: None, remote: None });
    let said = bench.said();
    let lines: Vec<&str> = said.lines().collect();
    let (first, second) = (lines.first().unwrap(), lines.get(1).unwrap());
    assert!(first.ends_with(" [0-x] * a"), "{said}");
    assert!(second.contains(" [0-7] * Reusing existing"), "{said}");
    let time = first.split(' ').next().unwrap();
    assert_eq!((time.len(), time.matches(':').count(), time.find('.')), (15, 2, Some(8)), "{said}");
}

#[test]
fn a_trace_goes_to_its_file() {
    let mut bench = Bench::new(|directory, spec| spec.talk = Talk::Trace(directory.join("t")));
    bench.sink.event(Duration::ZERO, &Event::Note("a".to_owned()));
    bench.done(Ok(()));
    assert_eq!(std::fs::read(bench.path("t")).unwrap(), b"== Info: a\n");
}
