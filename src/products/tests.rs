//! What is recognised, and which answers fit which questions.

use super::*;

const LIST: &str = r#"
    [[product]]
    name = "Halo 2"
    line = "halo"
    generation = "2"
    models = ["KH-200"]
    aliases = ["Halo II"]
    [[product]]
    name = "Halo 3"
    line = "halo"
    generation = "3"
    models = ["KH-300"]
    aliases = ["Halo III", "ฮาโล 3"]
    tags = ["h3"]
    [[product]]
    name = "Drum"
    line = "drum"
    models = ["KS-5"]
    [[product]]
    name = "Drum XL"
    line = "drum"
    [[product]]
    name = "Lumo A1"
    aliases = ["A1"]
    [[product]]
    name = "Kestrane Connect"
    aliases = ["Connect app"]
    companion = true
    versions = true
"#;

fn products() -> Products {
    Products::parse(LIST).unwrap()
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let subject = products().question(text);
    let written = subject.written().unwrap_or_default();
    assert_eq!(written, expected, "{text}");
    assert_eq!(Subject::from_written(Some(&written)), subject, "{text}");
}

#[test]
fn names_are_found_however_they_are_written() {
    for text in ["My Halo 3 hums", "halo3 hums", "HALO-3", "Halo III", "KH300", "kh 300", "KH-300?"]
    {
        check(text, "p:halo=3");
    }
    for text in
        ["Halo 3的噪音", "ฮาโล ๓ มีเสียง", "خاص بـHalo ٣", "Halo-3-Kopfhörer", "Halo 3's case"]
    {
        check(text, "p:halo=3");
    }
    for text in ["halo", "Halo 33", "a halo. 3 of them", "Halo 3x", "KH-3000", "wait for a 1 or"] {
        assert!(!products().question(text).written().unwrap_or_default().contains("p:"), "{text}");
    }
    check("A1 and halo 2", "p:halo=2 p:lumo-a-1=lumo-a-1");
}

#[test]
fn a_short_word_for_a_longer_name_is_that_product() {
    check("My Drum XL: the drum does not start", "p:drum=drum-xl");
    check("Is the Drum (KS-5) louder than the Drum XL?", "p:drum=drum p:drum=drum-xl");
    check("The drum hums", "p:drum=drum");
}

#[test]
fn versions_and_model_codes_are_found_without_a_list() {
    check("on v115.6, not v128", "v:=115.6 v:=128");
    check("Version 115.6.1 (64 bit), firmware version 2.1", "v:=2.1 v:=115.6.1");
    check("Seit 115.6.0 geht nichts", "v:=115.6.0");
    check("我的版本115.6", "v:=115.6");
    check(
        "Connect app 5.2 on Android 14.1.2",
        "c:kestrane-connect=kestrane-connect v:kestrane-connect=5.2",
    );
    check("WH-1000XM4 or wh1000xm5", "m:wh1000xm|4| m:wh1000xm|5|");
    check("the xm4", "m:xm|4|");
}

#[test]
fn what_only_looks_like_a_version_is_none() {
    for text in [
        "3.5 mm, 2.4 GHz, 10.5 inches",
        "192.168.1.20",
        "on 24.12.2025 at 10.30",
        "Windows version 22.1",
        "Windows 11 build version 24",
        "Bluetooth version 5.3",
        "usb 3.0",
        "top-10 of step1",
        "IPv6, MP3, UTF-8, TLS v1.2",
        "I bought 2 in 2024.",
    ] {
        check(text, "");
    }
}

/// Whether an answer may be sent for a question: texts of question, thread and answer.
#[track_caller]
fn check_fit(question: &str, thread: &str, answer: &str, expected: bool) {
    let products = products();
    let about = products.answer(&Thread { question: thread, answer, ..Thread::default() });
    assert_eq!(products.question(question).fits(&about), expected, "{question} | {about:?}");
}

#[test]
fn siblings_do_not_fit() {
    check_fit("How do I reset the Halo 3?", "Resetting the Halo 3", "Hold it.", true);
    check_fit("How do I reset the Halo 2?", "Resetting the Halo 3", "Hold it.", false);
    check_fit("How do I reset the Halo 2?", "Resetting the Halo 3", "On Halo 2 and 3 alike.", true);
    check_fit("How do I reset it?", "Resetting the Halo 3", "Hold it.", true);
    check_fit("How do I reset the Halo 3?", "Resetting", "Hold it.", true);
    check_fit("How do I reset the Drum?", "Resetting the Halo 3", "Hold it.", false);
    check_fit("WH-1000XM5 hiss", "XM4 hiss", "Turn it.", false);
    check_fit("WH-1000XM4 hiss", "XM4 hiss", "Turn it.", true);
    check_fit("WF-1000XM4 hiss", "WH-1000XM4 hiss", "Turn it.", false);
}

#[test]
fn a_companion_makes_no_question_one_about_another_product() {
    check_fit("Update the Halo 3", "Kestrane Connect: updates", "Press Update.", true);
    check_fit("Kestrane Connect and Halo 2", "Connect app and Halo 3", "Pair them.", false);
}

#[test]
fn other_versions_do_not_fit() {
    check_fit("Since v128.2 it hangs", "v115.6 hangs", "Restart.", false);
    check_fit("Since v128.2 it hangs", "v115.6 hangs", "Fixed in version 128.2.", true);
    check_fit("Since v115 it hangs", "v115.6 hangs", "Restart.", true);
    check_fit("Since v115.6.1 it hangs", "Version 115.6.0 hangs", "Restart.", true);
    check_fit("Connect app 5.2 hangs", "v4.9 hangs", "Restart.", false);
    check_fit("It hangs", "v115.6 hangs", "Restart.", true);
}

#[test]
fn a_source_may_say_which_product_it_is_about() {
    let products = products();
    let tags = ["h3".to_owned()];
    let tagged = Thread { title: "Resetting", tags: &tags, ..Thread::default() };
    let named = Thread { title: "Resetting", product: Some("Halo 3"), ..Thread::default() };
    for thread in [tagged, named] {
        let about = products.answer(&thread);
        assert!(products.question("Halo III").fits(&about));
        assert!(!products.question("Halo II").fits(&about));
    }
}

#[test]
fn a_bad_list_says_what_is_wrong_and_where() {
    let error = |text| Products::parse(text).unwrap_err();
    let twice = "[[product]]\nname = \"Halo\"\n[[product]]\nname = \"halo\"";
    assert!(error(twice).contains("same generation \"halo\" of the line \"halo\""));
    let typo = error("[[product]]\nname = \"Halo\"\nalias = [\"H\"]");
    assert!(typo.contains("line 3") && typo.contains("unknown field `alias`"), "{typo}");
    assert!(error("[[product]]\nname = \"!\"").contains("product 1 has no name"));
    let missing = Products::read(Path::new("nowhere.toml")).unwrap_err().to_string();
    assert!(missing.starts_with("cannot use the products in nowhere.toml: "), "{missing}");
}
