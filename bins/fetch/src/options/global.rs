//! What holds for the whole run, and the command line itself.

use super::Group::{Connection, Curl, Global, Important, Verbose};
use super::{Act, Opt, once, pace, switch, unswitch, word};
use crate::config_file;
use crate::grammar::{Misuse, Reading, Stop};
use crate::output::{Progress, Talk};

pub(super) const OPTIONS: &[Opt] = &[
    word(("config", 'K', "<file>"), &[Curl], "Read options from this file", |r, word| {
        config_file::read_named(r, &word.path()?)
    }),
    once("disable", 'q', &[Curl], "As the first word: do not read ~/.curlrc", |r| {
        if r.has_begun {
            r.warn("--disable has an effect as the first word alone");
        }
        Ok(())
    }),
    switch("fail-early", '-', &[Curl, Global], "End at the first failure", |r, on| {
        r.globals.fails_early = on;
    }),
    Opt {
        long: "help",
        short: Some(b'h'),
        word: "<subject>",
        groups: &[Important, Curl],
        help: "Show options: of a group, all, or one",
        act: Act::MayWord(|_, word| {
            let subject = word.map(crate::grammar::Word::shown);
            Err(Misuse::Stop(Box::new(Stop::Help(subject))))
        }),
    },
    once("next", ':', &[Curl], "What follows has options of its own", Reading::next_operation),
    switch("parallel", 'Z', &[Connection, Curl, Global], "Transfer many at a time", |r, on| {
        r.globals.is_parallel = on;
    }),
    switch(
        "parallel-immediate",
        '-',
        &[Connection, Curl, Global],
        "New connections rather than waiting, with -Z",
        |r, on| {
            r.globals.is_immediate = on;
        },
    ),
    word(
        ("parallel-max", '-', "<number>"),
        &[Connection, Curl, Global],
        "So many at a time, with -Z",
        |r, word| {
            let most =
                usize::try_from(word.count()?).ok().filter(|most| (1..=65535).contains(most));
            r.globals.most = most.unwrap_or(50);
            Ok(())
        },
    ),
    word(
        ("parallel-max-host", '-', "<number>"),
        &[Connection, Curl, Global],
        "So many to one host, with -Z",
        |r, word| {
            let most =
                usize::try_from(word.count()?).ok().filter(|most| (1..=65535).contains(most));
            r.globals.most_per_host = most;
            Ok(())
        },
    ),
    switch("progress-bar", '#', &[Global, Verbose], "Show a bar while it goes on", |r, on| {
        r.globals.shown.progress = if on { Progress::Bar } else { Progress::Meter };
    }),
    unswitch("progress-meter", '-', &[Global, Verbose], "Do not show how far it is", |r, on| {
        r.globals.shown.progress = if on { Progress::Meter } else { Progress::None };
    }),
    word(
        ("rate", '-', "<number/unit>"),
        &[Connection, Global],
        "So many transfers a second, minute, hour, day",
        |r, word| {
            r.globals.between = Some(pace::between(&word.text()?)?);
            Ok(())
        },
    ),
    switch("show-error", 'S', &[Curl, Global], "Say what failed, even with --silent", |r, on| {
        r.globals.shown.shows_errors = on;
    }),
    switch("silent", 's', &[Important, Verbose], "Say nothing", |r, on| {
        r.globals.shown.is_silent = on;
    }),
    word(
        ("stderr", '-', "<file>"),
        &[Global, Verbose],
        "Write there what goes to stderr",
        |r, word| {
            r.globals.shown.stderr = Some(word.path()?);
            Ok(())
        },
    ),
    word(
        ("trace", '-', "<file>"),
        &[Global, Verbose],
        "Write all octets to this file, in hexadecimal",
        |r, word| {
            let path = word.path()?;
            talk(r, "--trace", Talk::Trace(path));
            Ok(())
        },
    ),
    word(
        ("trace-ascii", '-', "<file>"),
        &[Global, Verbose],
        "Write all octets to this file, as text",
        |r, word| {
            let path = word.path()?;
            talk(r, "--trace-ascii", Talk::TraceAscii(path));
            Ok(())
        },
    ),
    switch(
        "trace-ids",
        '-',
        &[Global, Verbose],
        "With numbers of transfers and connections",
        |r, on| {
            r.globals.shown.talks_ids = on;
        },
    ),
    switch("trace-time", '-', &[Global, Verbose], "With the time of each line", |r, on| {
        r.globals.shown.talks_time = on;
    }),
    switch(
        "verbose",
        'v',
        &[Important, Global, Verbose],
        "Tell what happens; more with -vv",
        |r, on| {
            let level = match r.globals.shown.talk {
                _ if !on => return r.globals.shown.talk = Talk::Nothing,
                Talk::Verbose(level) => level.saturating_add(1),
                _ => 1,
            };
            talk(r, "-v, --verbose", Talk::Verbose(level));
        },
    ),
    once("version", 'V', &[Important, Curl], "Show what this is", |_| {
        Err(Misuse::Stop(Box::new(Stop::Version)))
    }),
];

/// One of them at a time.
fn talk(r: &mut Reading, option: &str, talk: Talk) {
    let same = std::mem::discriminant(&talk) == std::mem::discriminant(&r.globals.shown.talk);
    if !same && r.globals.shown.talk != Talk::Nothing {
        r.warn(&format!("{option} overrides an earlier trace option"));
    }
    r.globals.shown.talk = talk;
}
