//! What readers make of files, good and bad. All texts are our own.

use std::fs;
use std::io::Write;
use std::path::Path;

use super::{Format, Item, ReadError, Skipped, SourceAnswer, open};

/// Writes the files into a folder of their own and reads it, or its only file.
fn read(format: Format, files: &[(&str, &[u8])]) -> Result<Vec<Item>, ReadError> {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        fs::write(folder.path().join(name), content).unwrap();
    }
    let path = match format {
        Format::Stackexchange => folder.path().to_owned(),
        _ => folder.path().join(files[0].0),
    };
    open(format, &path)?.collect()
}

fn jsonl(content: impl AsRef<[u8]>) -> Result<Vec<Item>, ReadError> {
    read(Format::Jsonl, &[("a.jsonl", content.as_ref())])
}

fn csv(content: impl AsRef<[u8]>) -> Result<Vec<Item>, ReadError> {
    read(Format::Csv, &[("a.csv", content.as_ref())])
}

fn dump(rows: &str) -> Result<Vec<Item>, ReadError> {
    let posts = format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<posts>\n{rows}\n</posts>\n");
    read(Format::Stackexchange, &[("Posts.xml", posts.as_bytes())])
}

/// One line an item: `id: answer`, or `line/id: reason`.
fn summary(items: Result<Vec<Item>, ReadError>) -> String {
    let line = |item: Item| match item {
        Item::Answer(answer) => format!("{}: {}", answer.id, answer.answer),
        Item::Skipped(Skipped { line, id, reason }) => {
            format!("{line}/{}: {reason}", id.unwrap_or_default())
        }
    };
    items.unwrap().into_iter().map(line).collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn only(items: Result<Vec<Item>, ReadError>) -> SourceAnswer {
    let items = items.unwrap();
    match items.as_slice() {
        [Item::Answer(answer)] => (**answer).clone(),
        other => panic!("expected one answer: {other:?}"),
    }
}

#[track_caller]
fn fails(items: Result<Vec<Item>, ReadError>, parts: &[&str]) {
    let message = items.expect_err("the file should not be readable").to_string();
    for part in parts {
        assert!(message.contains(part), "{part:?} is missing in {message:?}");
    }
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(content).unwrap();
    packed.finish().unwrap()
}

const ROW: &str = r#"{"id":"a1","title":"No sound","answer":"Press the button."}"#;

#[test]
fn a_full_line_keeps_everything() {
    let answer = only(jsonl(
        r#"{"id":7,"topic":"q7","lang":"zh-TW","title":" No\n sound ","question":"<p>It is <b>mute</b>.</p>",
        "answer":"Open <b>Sound</b>.","author":"ana","author_url":"https://f.example/ana","asker":"bo",
        "score":3.0,"url":"https://f.example/7","accepted_at":1704196800,"asked_at":"2024-01-01",
        "tags":["a",""," b"],"licence":"CC BY-SA 4.0","product":"Halo","more":{"x":1}}"#
            .replace('\n', " "),
    ));
    let expected = SourceAnswer {
        id: "7".into(),
        topic: Some("q7".into()),
        lang: Some("zh-Hant".into()),
        title: "No sound".into(),
        question: "It is mute.".into(),
        answer: "Open Sound.".into(),
        author: Some("ana".into()),
        author_url: Some("https://f.example/ana".into()),
        asker: Some("bo".into()),
        score: 3,
        url: Some("https://f.example/7".into()),
        accepted_at: Some("2024-01-02T12:00:00Z".parse().unwrap()),
        asked_at: Some("2024-01-01T00:00:00Z".parse().unwrap()),
        tags: vec!["a".into(), "b".into()],
        licence: Some("CC BY-SA 4.0".into()),
        product: Some("Halo".into()),
        same_as: Vec::new(),
    };
    assert_eq!(answer, expected);
}

#[test]
fn plain_text_passes_unharmed_and_null_bytes_do_not() {
    let answer =
        only(jsonl(r#"{"id":"x","question":"a < b?","answer":"1 < 2 && List<u8>\n  ok\u0000"}"#));
    assert_eq!(answer.answer, "1 < 2 && List<u8>\n  ok\u{fffd}");
    assert_eq!((answer.lang, answer.url, answer.accepted_at), (None, None, None));
}

#[test]
fn null_and_empty_are_absent() {
    let answer = only(jsonl(
        r#"{"id":"x","title":"t","question":null,"answer":"a","url":"","accepted_at":"","tags":null,"author":""}"#,
    ));
    assert_eq!((answer.url, answer.accepted_at, answer.author), (None, None, None));
}

#[test]
fn bad_lines_are_skipped_with_line_and_reason() {
    let lines = [
        ROW,
        "",
        "{\"id\":",
        r#"{"id":"a2","title":"t"}"#,
        r#"{"id":"a3","answer":"x"}"#,
        r#"{"title":"t","answer":"x"}"#,
        r#"{"id":"a1","title":"t","answer":"x"}"#,
        r#"{"id":"../../etc/passwd","title":"t","answer":"x"}"#,
        r#"{"id":"a4","title":"t","answer":"x","accepted_at":"soon"}"#,
        r#"{"id":"a5","title":"t","answer":"x","score":"many"}"#,
        r#"{"id":"a6","title":"t","answer":5}"#,
        r#"{"id":"org/repo#1","title":"t","answer":"last"}"#,
    ];
    check_lines(
        &summary(jsonl(lines.join("\r\n"))),
        &[
            "a1: Press the button.",
            "3/: not a JSON object with these keys: EOF while parsing a value at column 6",
            "4/a2: the answer is empty",
            "5/a3: neither title nor question is there",
            "6/: the id is missing",
            "7/a1: the id was already used further up in this file",
            "8/../../etc/passwd: the id \"../../etc/passwd\" looks like a path; rename it in the source",
            "9/a4: accepted_at \"soon\" is no date",
            "10/a5: score \"many\" is no number",
            "11/: not a JSON object with these keys: invalid type: integer `5`, expected a string at column 33",
            "org/repo#1: last",
        ],
    );
}

#[track_caller]
fn check_lines(found: &str, expected: &[&str]) {
    assert_eq!(found.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn bytes_that_are_no_utf8_cost_one_line_and_a_mark_costs_none() {
    let mut content = b"\xef\xbb\xbf".to_vec();
    content.extend_from_slice(ROW.as_bytes());
    content.extend_from_slice(b"\n{\"id\":\"caf\xe9\"}\n");
    assert_eq!(summary(jsonl(content)), "a1: Press the button.\n2/: the line is not UTF-8");
}

#[test]
fn a_file_in_another_encoding_is_refused() {
    let utf16: Vec<u8> = ROW.encode_utf16().flat_map(u16::to_le_bytes).collect();
    fails(jsonl([b"\xff\xfe", utf16.as_slice()].concat()), &["a.jsonl", "UTF-16", "iconv"]);
    fails(jsonl(utf16), &["UTF-16"]);
}

#[test]
fn an_array_and_other_archives_are_refused_with_a_way_out() {
    fails(jsonl(format!("[\n{ROW}]")), &["array", "jq"]);
    fails(jsonl(b"PK\x03\x04rest"), &["zip", "unpack"]);
    fails(
        open(Format::Jsonl, Path::new("/nowhere/a.jsonl")).map(|_| vec![]),
        &["/nowhere/a.jsonl"],
    );
}

#[test]
fn packed_files_are_told_by_their_bytes() {
    let zstd = zstd::encode_all(ROW.as_bytes(), 1).unwrap();
    assert_eq!(only(read(Format::Jsonl, &[("plain.txt", &gzip(ROW.as_bytes()))])).id, "a1");
    assert_eq!(only(read(Format::Jsonl, &[("plain.gz", &zstd)])).id, "a1");
    let two = [gzip(format!("{ROW}\n").as_bytes()), gzip(br#"{"id":2,"title":"t","answer":"b"}"#)];
    assert_eq!(summary(jsonl(two.concat())), "a1: Press the button.\n2: b");
}

#[test]
fn packed_files_that_end_early_are_refused() {
    let mut noise = 1_u32;
    let mut rows = Vec::new();
    for id in 0..2000 {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        writeln!(rows, "{{\"id\":{id},\"title\":\"t\",\"answer\":\"{noise}\"}}").unwrap();
    }
    let packed = gzip(&rows);
    fails(jsonl(&packed[..packed.len() / 2]), &["ends early", "line", "again"]);
    let packed = zstd::encode_all(rows.as_slice(), 1).unwrap();
    fails(jsonl(&packed[..packed.len() / 2]), &["line", "again"]);
}

#[test]
fn a_bomb_is_one_long_line() {
    let bomb = vec![b'x'; 64 << 20];
    let mut content = gzip(&bomb);
    content.extend_from_slice(&gzip(format!("\n{ROW}").as_bytes()));
    assert!(content.len() < 1 << 20);
    assert_eq!(
        summary(jsonl(content)),
        "1/: the line is longer than 16 MiB\na1: Press the button."
    );
}

#[test]
fn a_header_that_claims_gigabytes_is_not_believed() {
    // A zstd frame whose header claims 4 GiB of content in one segment, and then ends.
    let claim = b"\x28\xb5\x2f\xfd\xe0\x00\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00";
    fails(jsonl(claim), &["a.jsonl", "again"]);
}

#[test]
fn csv_reads_like_jsonl() {
    let answer = only(csv(
        "\u{feff}id,Title,answer,tags,lang,unknown\r\n5,\"No, sound\",\"Press \"\"on\"\"\nthen wait\",a;b,de-AT,x\r\n",
    ));
    assert_eq!(answer.title, "No, sound");
    assert_eq!(answer.answer, "Press \"on\"\nthen wait");
    assert_eq!(answer.tags, ["a", "b"]);
    assert_eq!(answer.lang.as_deref(), Some("de"));
}

#[test]
fn bad_csv_rows_are_skipped() {
    check_lines(
        &summary(csv(b"id,title,answer\n1,t,\n2,t\n\"3\n\",t,x\n4,t,caf\xe9\n3,t,again\n5,t,ok")),
        &[
            "2/1: the answer is empty",
            "3/: 2 fields where the header has 3",
            "3: x",
            "6/: the row is not UTF-8",
            "7/3: the id was already used further up in this file",
            "5: ok",
        ],
    );
}

#[test]
fn a_broken_csv_is_refused_with_its_line() {
    fails(csv("id,title,answer\n1,t,a\n2,\"t,b\n3,t,c\n"), &["a.csv", "line 3", "never closed"]);
    fails(csv("id,title,answer\n1,t,a\n2,\"t\" x,b\n"), &["line 3", "closing quote"]);
    fails(csv("id;title;answer\n1;t;a\n"), &["lacks id, answer, title or question", "commas"]);
    fails(csv("id,titel,answer\n"), &["lacks title or question"]);
    let endless = format!("id,title,answer\n1,t,a\n2,\"{}", "x\n".repeat(9 << 20));
    fails(csv(endless), &["line 3", "16 MiB"]);
}

const QUESTION: &str = r#"<row Id="1" PostTypeId="1" AcceptedAnswerId="2" CreationDate="2024-01-01T10:00:00.123" Score="4" Body="&lt;p&gt;It is mute.&lt;/p&gt;" OwnerUserId="10" Title="No sound &amp; no light" Tags="&lt;halo&gt;&lt;audio&gt;" ContentLicense="CC BY-SA 4.0" Locale="en-US" />"#;
const ANSWER: &str = r#"<row Id="2" PostTypeId="2" ParentId="1" CreationDate="2024-01-02T10:00:00" Score="-2" Body="&lt;ol&gt;&lt;li&gt;Open&lt;/li&gt;&lt;li&gt;Close&lt;/li&gt;&lt;/ol&gt;" OwnerUserId="11" ContentLicense="CC BY-SA 3.0" SourceUrl="https://f.example/2" />"#;
const USERS: &str = r#"<?xml version="1.0"?><users><row Id="11" DisplayName="Ana" ProfileUrl="https://f.example/ana" /><row Id="10" DisplayName="B&#246;" /></users>"#;

#[test]
fn a_dump_is_joined_whatever_its_order_and_packing() {
    let forward = format!("<?xml version=\"1.0\"?><posts>{QUESTION}{ANSWER}</posts>");
    let backward = format!("<posts>\n  {ANSWER}\n  {QUESTION}\n</posts>");
    for posts in [forward, backward] {
        let files: [(&str, &[u8]); 2] =
            [("posts.XML.gz", &gzip(posts.as_bytes())), ("USERS.xml", USERS.as_bytes())];
        let answer = only(read(Format::Stackexchange, &files));
        assert_eq!(answer.id, "2");
        assert_eq!(answer.topic.as_deref(), Some("1"));
        assert_eq!(answer.title, "No sound & no light");
        assert_eq!(answer.question, "It is mute.");
        assert_eq!(answer.answer, "1. Open\n2. Close");
        assert_eq!(answer.author.as_deref(), Some("Ana"));
        assert_eq!(answer.author_url.as_deref(), Some("https://f.example/ana"));
        assert_eq!(answer.asker.as_deref(), Some("Bö"));
        assert_eq!(answer.score, -2);
        assert_eq!(answer.tags, ["halo", "audio"]);
        assert_eq!(answer.lang.as_deref(), Some("en"));
        assert_eq!(answer.licence.as_deref(), Some("CC BY-SA 3.0"));
        assert_eq!(answer.url.as_deref(), Some("https://f.example/2"));
        assert_eq!(answer.accepted_at, Some("2024-01-02T10:00:00Z".parse().unwrap()));
        assert_eq!(answer.asked_at, Some("2024-01-01T10:00:00.123Z".parse().unwrap()));
    }
}

#[test]
fn posts_alone_are_enough_and_deleted_owners_keep_their_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("Posts.xml");
    let answer = ANSWER.replace("OwnerUserId=\"11\"", "OwnerDisplayName=\"user42\"");
    let question = QUESTION.replace("&lt;halo&gt;&lt;audio&gt;", "|halo|audio|");
    fs::write(&path, format!("<posts>{question}{answer}</posts>")).unwrap();
    let mut reader = open(Format::Stackexchange, &path).unwrap();
    let answer = only(reader.by_ref().collect());
    assert_eq!(answer.author.as_deref(), Some("user42"));
    assert_eq!(answer.asker, None);
    assert_eq!(answer.tags, ["halo", "audio"]);
    assert_eq!(reader.meter().read(), reader.meter().total());
}

#[test]
fn posts_that_are_bad_or_point_nowhere_are_skipped_with_their_line() {
    let rows = [
        QUESTION,
        r#"<row Id="3" PostTypeId="1" AcceptedAnswerId="99" Title="t" />"#,
        r#"<row Id="4" PostTypeId="1" Title="unterminated />"#,
        r#"<row Id="5" PostTypeId="2" Body="x" />"#,
        r#"<row Id="6" PostTypeId="1" AcceptedAnswerId="2" Title="t" />"#,
        r#"<row Id="7" PostTypeId="1" PostTypeId="1" />"#,
        r#"<row Id="8" PostTypeId="1" Title="&bomb;" />"#,
        r#"<row Id="9" PostTypeId="1" Body="<p>raw</p>" />"#,
        r#"<row Id="10" PostTypeId="4" Body="a wiki page" />"#,
        ANSWER,
        r#"<row Id="12" PostTypeId="2" ParentId="1" Body="another answer" />"#,
        r#"<row Id="two" PostTypeId="1" AcceptedAnswerId="2" />"#,
    ];
    let found = summary(dump(&rows.join("\n")));
    let told: Vec<&str> = found.lines().map(|line| line.split(':').next().unwrap()).collect();
    assert_eq!(
        told,
        ["5/4", "6/5", "8/7", "9/8", "10/9", "14/two", "2", "2. Close", "7/6", "4/3"],
        "{found}"
    );
    assert!(found.contains("accepted answer 99 is not in the dump"), "{found}");
}

#[test]
fn a_dump_that_is_damaged_or_no_dump_is_refused() {
    let whole = format!("<posts>\n{QUESTION}\n{ANSWER}\n</posts>");
    let posts = |content: &str| read(Format::Stackexchange, &[("Posts.xml", content.as_bytes())]);
    for end in [whole.len() - 9, whole.len() - 100, 10] {
        fails(posts(&whole[..end]), &["Posts.xml", "line", "ends before </posts>"]);
    }
    fails(posts(&format!("<!DOCTYPE x [<!ENTITY a \"b\">]>{whole}")), &["entities", "line 1"]);
    fails(
        posts(&format!("<?xml version=\"1.0\" encoding=\"windows-1252\"?>{whole}")),
        &["windows-1252"],
    );
    fails(posts(USERS), &["<users>", "<posts>"]);
    fails(posts("id,title\n"), &["not XML"]);
    fails(posts(""), &["not XML"]);
    fails(read(Format::Stackexchange, &[("Tags.xml", b"")]), &["no Posts.xml"]);
    let packed = gzip(whole.as_bytes());
    let cut = &packed[..packed.len() - 12];
    fails(read(Format::Stackexchange, &[("Posts.xml.gz", cut)]), &["Posts.xml.gz", "ends early"]);
}

#[test]
fn comments_and_a_plain_document_type_do_no_harm() {
    let posts = format!(
        "<?xml version='1.0'?>\n<!DOCTYPE posts>\n<!-- <row Id=\"1\" /> -->\n<posts><!-- > <b> -->{QUESTION}{ANSWER}</posts>"
    );
    let items = read(Format::Stackexchange, &[("Posts.xml", posts.as_bytes())]);
    assert_eq!(only(items).id, "2");
}

#[test]
fn a_row_beyond_all_bounds_is_skipped() {
    let huge = format!("<row Id=\"3\" PostTypeId=\"1\" Body=\"{}\" />", "x".repeat(17 << 20));
    let found = summary(dump(&format!("{QUESTION}\n{huge}\n{ANSWER}")));
    assert!(found.starts_with("4/: it is longer than 16 MiB\n2: 1. Open"), "{found}");
}

#[test]
fn what_a_dump_calls_the_same_is_told_with_the_answer() {
    let posts = r#"<posts>
        <row Id="1" PostTypeId="1" AcceptedAnswerId="11" Title="Hum" Body="It hums." />
        <row Id="11" PostTypeId="2" ParentId="1" Body="Use another socket." />
        <row Id="2" PostTypeId="1" AcceptedAnswerId="12" Title="Hum again" Body="It hums too." />
        <row Id="12" PostTypeId="2" ParentId="2" Body="Use the other socket." />
    </posts>"#;
    let links = r#"<postlinks>
        <row Id="1" PostId="2" RelatedPostId="1" LinkTypeId="3" />
        <row Id="2" PostId="1" RelatedPostId="2" LinkTypeId="1" />
        <row Id="3" PostId="2" RelatedPostId="99" LinkTypeId="3" />
        <row Id="4" PostId="2" LinkTypeId="3" />
    </postlinks>"#;
    let files = [("Posts.xml", posts.as_bytes()), ("PostLinks.xml", links.as_bytes())];
    let told = read(Format::Stackexchange, &files).unwrap().into_iter().map(|item| match item {
        Item::Answer(answer) => (answer.id, answer.same_as),
        Item::Skipped(skipped) => panic!("nothing is skipped: {skipped:?}"),
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [("11".to_owned(), vec![]), ("12".to_owned(), vec!["11".to_owned()])]
    );
    fails(
        read(
            Format::Stackexchange,
            &[("Posts.xml", posts.as_bytes()), ("PostLinks.xml", b"<postlinks>")],
        ),
        &["PostLinks.xml", "ends before </postlinks>"],
    );
}
