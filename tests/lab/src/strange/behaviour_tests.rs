//! How the words are read.

use super::*;

fn read(word: &str) -> Behaviour {
    word.parse().unwrap_or_else(|why| panic!("{why}"))
}

fn refusal(word: &str) -> String {
    word.parse::<Behaviour>().unwrap_err().to_string()
}

#[test]
fn plain_words_are_repeats() {
    let words = ["silent", "normal", "dup:3", "flood:0x10"].map(read);
    assert_eq!(words, [0, 1, 3, 16].map(Behaviour::Repeat));
}

#[test]
fn error_without_info_has_none() {
    let error = IcmpError { kind: 3, code: 4, info: 0, quote: Quote::Start };
    assert_eq!(read("error:3:4"), Behaviour::Error(error.clone()));
    assert_eq!(read("error:3:4:1400"), Behaviour::Error(IcmpError { info: 1400, ..error }));
}

#[test]
fn info_may_fill_its_32_bits() {
    let Behaviour::Error(error) = read("error:12:0:0x05000000") else { panic!("an error") };
    assert_eq!(error.info, 5 << 24);
}

#[test]
fn gateway_of_a_redirect_is_its_info() {
    let Behaviour::ErrorThenReply(error) = read("redirect:1:192.0.2.9") else { panic!("redirect") };
    assert_eq!((error.kind, error.code, error.info), (5, 1, 0xc000_0209));
}

#[test]
fn sequence_difference_wraps() {
    assert_eq!(read("foreign-seq:-1"), Behaviour::Edited(Edit::ForeignSeq(65_535)));
}

#[test]
fn options_are_padded_to_words() {
    assert_eq!(read("options:0107ff"), Behaviour::Edited(Edit::Options(vec![1, 7, 255, 0])));
}

#[test]
fn every_listed_word_is_known() {
    for word in WORDS.split_whitespace() {
        let word = word
            .replace("HEX", "01")
            .replace("A.B.C.D", "1.2.3.4")
            .replace(['[', ']'], "")
            .replace(":INFO", ":1");
        let word: Vec<_> = word.split(':').map(number_for_capitals).collect();
        read(&word.join(":"));
    }
}

fn number_for_capitals(part: &str) -> &str {
    if part.chars().all(|c| c.is_ascii_uppercase()) { "1" } else { part }
}

#[test]
fn refusals_name_the_word() {
    assert_eq!(refusal("norml"), "norml: no such behaviour");
    assert_eq!(refusal("error-odd:1:2"), "error-odd:1:2: no such behaviour");
    assert_eq!(refusal("flip:x"), "flip:x: \"x\" is not a number");
    assert_eq!(refusal("flip"), "flip: an argument is missing");
    assert_eq!(refusal("swap:2"), "swap:2: what is \"2\" for?");
    assert_eq!(refusal("type:256:0"), "type:256:0: 256 is too much");
    assert_eq!(refusal("error-garbage:3:0:61"), "error-garbage:3:0:61: 61 is more than 60");
    assert_eq!(refusal("redirect:1:x"), "redirect:1:x: \"x\" is not an IPv4 address");
}

#[test]
fn odd_options_are_refused() {
    let too_many = "01".repeat(41);
    for hex in ["", "1", "0g", "+1", "é", &too_many] {
        assert!(refusal(&format!("options:{hex}")).contains("hexadecimal"), "{hex:?}");
    }
}
