use std::ffi::OsString;
use std::fmt::Write as _;

use wireline_http::multipart::{Content, Part};
use wireline_http::spec::Body;

use crate::grammar::read;
use crate::surroundings::Surroundings;

/// Parts in one line each, with what was said before.
fn parts(forms: &[&str]) -> String {
    let mut words: Vec<OsString> = vec!["http://a/".into()];
    for form in forms {
        words.extend(["-F".into(), form.into()]);
    }
    let (said, read) = read(&words, Surroundings::default());
    let Body::Form(form) = read.unwrap().operations.swap_remove(0).spec.request.body else {
        panic!("no form")
    };
    let mut text = said.0;
    for part in &form.parts {
        show(part, 0, &mut text);
    }
    text
}

fn show(part: &Part, depth: usize, into: &mut String) {
    let content = match &part.content {
        Content::Octets(octets) => String::from_utf8_lossy(octets).into_owned(),
        Content::File(path) => format!("@{}", path.display()),
        Content::Parts(_) => "(".to_owned(),
    };
    let name = part.name.as_deref().unwrap_or("-");
    let _ = write!(into, "{:depth$}{name}={content}", "");
    for (key, value) in
        [("type", &part.media_type), ("filename", &part.filename), ("encoder", &part.encoder)]
    {
        if let Some(value) = value {
            let _ = write!(into, ";{key}={value}");
        }
    }
    for field in &part.fields {
        let _ = write!(into, ";{field}");
    }
    into.push('\n');
    if let Content::Parts(parts) = &part.content {
        for part in parts {
            show(part, depth + 1, into);
        }
    }
}

#[test]
fn parts_have_types_names_and_fields() {
    for (form, want) in [
        ("a=b", "a=b\n"),
        ("a=b,c", "a=b,c\n"),
        ("a=b;type=text/x;filename=foo;headers=\"X: y\"", "a=b;type=text/x;filename=foo;X: y\n"),
        ("g=<f1;type=a/b; charset=x", "g=@f1;type=a/b; charset=x\n"),
        ("q=\"a;b\\\"c\"", "q=a;b\"c\n"),
        ("a=b\"c", "a=b\"c\n"),
        ("f=@dir/f1", "f=@dir/f1;filename=f1\n"),
        ("f=@f1;filename=\"\"", "f=@f1;filename=\n"),
        ("f=@\"a,b;c\"", "f=@a,b;c;filename=a,b;c\n"),
        ("a=b;encoder=base64", "a=b;encoder=base64\n"),
        ("=b", "-=b\n"),
        ("x=)", "x=)\n"),
    ] {
        assert_eq!(parts(&[form]), want, "{form}");
    }
}

#[test]
fn several_files_are_parts_of_a_part() {
    let want = "f=(\n -=@f1;filename=f1\n -=@k1;type=t/x;filename=k1\n";
    assert_eq!(parts(&["f=@f1,k1;type=t/x"]), want);
}

#[test]
fn parentheses_hold_parts() {
    let want = "m=(;type=multipart/alternative\n x=1\n -=2\n n=(\n  y=3\nz=4\n";
    assert_eq!(
        parts(&["m=(;type=multipart/alternative", "x=1", "=2", "n=(", "y=3", "=)", "=)", "z=4"]),
        want
    );
}

#[test]
fn what_is_not_understood_is_told() {
    for (form, want) in [
        ("z=a;b=c", "Warning: skip unknown form field: b=c\nz=a\n"),
        ("a=<f1;filename=x", "Warning: Field filename not allowed here: x\na=@f1\n"),
        ("a=\"b\" x", "Warning: Trailing data after quoted form parameter\na=b\n"),
    ] {
        assert_eq!(parts(&[form]), want, "{form}");
    }
}

#[test]
fn fields_come_from_files_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("h");
    std::fs::write(&path, "# comment\nX: 1\n  2\nY: 3\r\n").unwrap();
    let form = format!("a=b;headers=@{}", path.display());
    assert_eq!(parts(&[&form]), "a=b;X: 1 2;Y: 3\n");
}

#[test]
fn parts_are_not_endlessly_deep() {
    let words: Vec<OsString> = std::iter::repeat_n([OsString::from("-F"), "a=(".into()], 1000)
        .flatten()
        .chain(["u".into()])
        .collect();
    let (said, read) = read(&words, Surroundings::default());
    assert!(read.is_err() && said.0.contains("too deep"));
}
