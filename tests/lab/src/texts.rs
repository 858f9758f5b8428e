use std::process::Output;

/// The exit code of a run, its stdout and its stderr. A message of a program that was called by its path
/// begins with its name alone.
#[must_use]
pub fn texts(output: Output) -> (Option<i32>, String, String) {
    let text = |bytes| String::from_utf8(bytes).expect("our programs write UTF-8");
    let err = text(output.stderr);
    let err = err.split_inclusive('\n').map(without_directory).collect();
    (output.status.code(), text(output.stdout), err)
}

fn without_directory(line: &str) -> &str {
    let end = line.find(": ").unwrap_or(0);
    if line.starts_with('/') {
        &line[line[..end].rfind('/').map_or(0, |at| at + 1)..]
    } else {
        line
    }
}
