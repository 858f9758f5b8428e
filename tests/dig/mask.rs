//! What is another thing each time that dig is run, taken out of what it says: times, IDs, cookies, signatures.

/// A text without it, and without the line on who was verified, which dig has not.
pub(crate) fn masked(text: &str) -> String {
    let mut dump = false;
    let lines = text.split('\n').filter(|line| !line.starts_with(";; SESSION: "));
    let lines = lines.map(|line| {
        let masked = if dump { octets(line) } else { line_of(line) };
        dump = line.strip_suffix(" bytes").is_some_and(is_number);
        masked
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit())
}

fn line_of(line: &str) -> String {
    let plain = line.trim_start();
    if plain.starts_with(";; WHEN: ") || plain.starts_with(";; Query time: ") {
        let unit = line.rsplit(' ').next().unwrap_or_default();
        let unit = if plain.starts_with(";; Q") { unit } else { "" };
        return format!("{} {unit}", line.split(": ").next().unwrap_or_default());
    }
    if plain.starts_with(";; ->>HEADER<<-") || line.contains(": ID mismatch: ") {
        return numbers(line);
    }
    if plain.starts_with("; <<>> DiG ") {
        let rest = line.split_once(" <<>>").and_then(|(_, rest)| rest.split_once(" <<>>"));
        return format!("; <<>> DiG V <<>>{}", rest.map_or("", |(_, rest)| rest));
    }
    if plain.starts_with("; COOKIE: ") || plain.starts_with("COOKIE: ") {
        return digits(line);
    }
    if let Some(at) =
        line.find("TSIG").filter(|_| line.contains(" hmac-") || line.contains("\thmac-"))
    {
        return signature(line, at + 5);
    }
    if let Some((before, _)) = line.split_once(" in ").filter(|(_, after)| is_time(after)) {
        return format!("{before} in T");
    }
    for key in ["id: ", "query_time: ", "response_time: "] {
        if plain.starts_with(key) {
            return format!("{} T", line.split(": ").next().unwrap_or_default());
        }
    }
    // named's library begins its warnings with the time.
    match line.get(..25) {
        Some(time) if time.get(2..3) == Some("-") && time.get(11..12) == Some(" ") => {
            format!("TIME {}", line.get(25..).unwrap_or_default())
        }
        _ => line.to_owned(),
    }
}

fn is_time(text: &str) -> bool {
    let number = text.trim_end_matches('.');
    let number = number.strip_suffix(" ms").or_else(|| number.strip_suffix(" us"));
    number.is_some_and(is_number)
}

/// Every number of a line is one N.
fn numbers(line: &str) -> String {
    let mut masked = String::new();
    for char in line.chars() {
        match char {
            '0'..='9' if masked.ends_with('N') => {}
            '0'..='9' => masked.push('N'),
            other => masked.push(other),
        }
    }
    masked
}

/// The octets of a cookie: how many there are stays.
fn digits(line: &str) -> String {
    let (key, rest) = line.split_once(": ").unwrap_or((line, ""));
    let (cookie, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    format!("{key}: {} digits {rest}", cookie.len())
}

/// A TSIG, whose data begins at an octet: when, what, and of which message.
fn signature(line: &str, at: usize) -> String {
    let (before, data) = line.split_at_checked(at).unwrap_or((line, ""));
    let words: Vec<_> = data.split(' ').collect();
    let rest = words.iter().position(|word| *word == "NOERROR" || word.starts_with("BAD"));
    let rest = rest.unwrap_or(words.len());
    let kept = words.iter().enumerate().map(|(at, word)| match at {
        0 | 2 | 3 => *word,
        at if at >= rest => *word,
        _ => "X",
    });
    format!("{before}{}", kept.collect::<Vec<_>>().join(" "))
}

/// The first line of a dump, which begins with the ID.
fn octets(line: &str) -> String {
    let mut masked = format!("xx xx{}", line.get(5..).unwrap_or_default());
    if let Some(at) = masked.rfind("          ").filter(|at| masked.len() > at + 12) {
        masked.replace_range(at + 10..at + 12, "..");
    }
    masked
}

#[test]
fn what_moves_is_masked_and_nothing_else() {
    assert_eq!(masked(";; Query time: 4 msec"), ";; Query time msec");
    assert_eq!(
        masked(";; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 4711"),
        ";; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: N"
    );
    assert_eq!(masked("; COOKIE: 0011aabb (good)"), "; COOKIE: 8 digits (good)");
    let signed = |mac: &str, id: u16| {
        masked(&format!("k.\t\t\t0\tANY\tTSIG\thmac-sha256. 17 300 32 {mac} {id} NOERROR 0 "))
    };
    assert_eq!(signed("abc=", 1), signed("def=", 2));
    assert_eq!(masked("www.\t60\tIN\tA\t192.0.2.1"), "www.\t60\tIN\tA\t192.0.2.1");
    assert_eq!(masked("; <<>> DiG 9.18.49 <<>> x"), masked("; <<>> DiG 0.1 <<>> x"));
    assert_ne!(masked("; <<>> DiG 9.18.49 <<>> x"), masked("; <<>> DiG 9.18.49 <<>> y"));
    assert_eq!(
        masked("10 bytes\n12 34 84 00          .4.."),
        "10 bytes\nxx xx 84 00          ...."
    );
}
