//! `--help` and `--version`, in curl's layout.

use std::fmt::Write as _;

use crate::options::{self, Act, Group, Opt};

/// What it speaks, can, and is.
pub(crate) fn version() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let machine = [std::env::consts::ARCH, std::env::consts::OS].join("-");
    format!(
        "fetch {version} ({machine}) wireline/{version} rustls h2 h3\n\
         Protocols: http https\n\
         Features: alt-svc AsynchDNS brotli HSTS HTTP2 HTTP3 HTTPS-proxy IDN IPv6 Largefile libz PSL SSL UnixSockets zstd\n"
    )
}

/// What `--help` says about a subject.
pub(crate) fn help(subject: Option<&str>) -> String {
    match subject {
        None => important(),
        Some("category") => categories(),
        Some("all") => table("", |_| true),
        Some(option) if option.starts_with('-') => one(option),
        Some(name) => match Group::ALL.iter().find(|(_, other, _)| *other == name) {
            Some((group, name, about)) => {
                table(&format!("{name}: {about}\n"), |option| option.groups.contains(group))
            }
            None => {
                ["Unknown category provided, here is a list of all categories:\n\n", &categories()]
                    .concat()
            }
        },
    }
}

fn important() -> String {
    let mut text = table("Usage: fetch [options...] <url>\n", |option| {
        option.groups.contains(&Group::Important)
    });
    let names: Vec<_> = Group::ALL.iter().map(|(_, name, _)| *name).collect();
    let _ = write!(
        text,
        "\nThis is a part of the options. Each of the following categories has more:\n{}.\n\
         \"--help category\" says what they are about; \"--help all\" shows all options;\n\
         \"--help -X\" shows one, of that name.\n",
        names.join(", ")
    );
    text
}

fn categories() -> String {
    let mut text = String::new();
    for (_, name, about) in Group::ALL {
        let _ = writeln!(text, " {name:<11} {about}");
    }
    text
}

fn one(option: &str) -> String {
    let found = match option.strip_prefix("--") {
        Some(name) => options::long(name.as_bytes())
            .or_else(|| options::long(name.strip_prefix("no-")?.as_bytes())),
        None => option.as_bytes().get(1).and_then(|letter| options::short(*letter)),
    };
    match found {
        Some(Opt { long, act: Act::Refused(why), .. }) => {
            format!("    --{long}\n        not supported ({why})\n")
        }
        Some(Opt { long, act: Act::Gone(_), .. }) => {
            format!("    --{long}\n        has no function anymore\n")
        }
        Some(option) => format!("    {}\n        {}\n", name(option).trim_start(), option.help),
        None => format!("Incorrect option name to show help for: {option}\n"),
    }
}

/// ` -o, --output <file>`.
fn name(option: &Opt) -> String {
    let short =
        option.short.map_or("    ".to_owned(), |letter| format!("-{}, ", char::from(letter)));
    format!(" {short}--{} {}", option.usual(), option.word).trim_end().replace(" [=", "[=")
}

fn table(title: &str, wanted: impl Fn(&Opt) -> bool) -> String {
    let mut rows: Vec<&Opt> = options::all().filter(|one| one.is_shown() && wanted(one)).collect();
    rows.sort_by_key(|one| one.usual());
    let names: Vec<_> = rows.iter().map(|one| name(one)).collect();
    let width = names.iter().map(String::len).max().unwrap_or(0).min(38);
    let mut text = title.to_owned();
    for (option, name) in rows.iter().zip(names) {
        let _ = writeln!(text, "{name:<width$}  {}", option.help);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{help, version};

    #[test]
    fn version_has_the_lines_that_scripts_look_for() {
        let text = version();
        let mut lines = text.lines();
        assert!(lines.next().unwrap().starts_with("fetch 0."));
        assert_eq!(lines.next(), Some("Protocols: http https"));
        assert!(lines.next().unwrap().starts_with("Features: alt-svc "));
    }

    #[test]
    fn help_of_a_category_has_its_options_and_no_other() {
        let text = help(Some("post"));
        assert!(text.contains(" -d, --data <data>") && !text.contains("--proxy"));
    }

    #[test]
    fn what_is_refused_is_not_in_help_unless_it_is_asked_for() {
        assert!(!help(Some("all")).contains("--ftp-pasv"));
        assert!(help(Some("--ftp-pasv")).contains("not supported (fetch speaks HTTP alone)"));
        assert!(help(Some("--no-buffer")).contains("-N, --no-buffer"));
        assert!(help(Some("nonsense")).starts_with("Unknown category"));
    }
}
