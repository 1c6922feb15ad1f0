//! Every template, rendered from samples that hold everything it can show.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use askama::Template;

use super::samples;

/// Pages that others extend or include; they are rendered with those.
const PARTS: [&str; 7] = [
    "answers_found.html",
    "base.html",
    "beside.html",
    "delivery.html",
    "evidence.html",
    "plain.html",
    "thread.html",
];

fn rendered() -> BTreeMap<&'static str, Vec<String>> {
    let mut pages: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    let mut add = |name, html: Result<String, askama::Error>| {
        pages.entry(name).or_default().push(html.unwrap());
    };
    add("account.html", samples::account().render());
    add("answer.html", samples::answer().render());
    add("answer_form.html", samples::answer_form().render());
    add("answers.html", samples::answers().render());
    add("audit.html", samples::audit().render());
    add("channels.html", samples::channels().render());
    for page in samples::connects() {
        add("connect.html", page.render());
    }
    for page in samples::channel_pages() {
        add("channel.html", page.render());
    }
    add("conversation.html", samples::conversation().render());
    add("conversations.html", samples::conversations().render());
    for page in samples::drafts() {
        add("drafts.html", page.render());
    }
    for page in samples::escalations() {
        add("escalation.html", page.render());
    }
    for page in samples::outboxes() {
        add("outbox.html", page.render());
    }
    add("fans.html", samples::fans().render());
    for page in samples::programmes() {
        add("programme.html", page.render());
    }
    for page in samples::events() {
        add("event.html", page.render());
    }
    for page in samples::letters() {
        add("thanks.html", page.render());
    }
    unanswered(&mut add);
    add("index.html", samples::index().render());
    for page in samples::insights() {
        add("insights.html", page.render());
    }
    wrong(&mut add);
    for page in samples::sources() {
        add("sources.html", page.render());
    }
    for page in samples::tries() {
        add("try.html", page.render());
    }
    add("people.html", samples::people().render());
    add("problem.html", samples::problem().render());
    for page in samples::replays() {
        add("replay.html", page.render());
    }
    for page in samples::queues() {
        add("queue.html", page.render());
    }
    before_a_session(&mut add);
    pages
}

fn unanswered(add: &mut impl FnMut(&'static str, Result<String, askama::Error>)) {
    for page in samples::gaps_pages() {
        add("gaps.html", page.render());
    }
    for page in samples::gap_pages() {
        add("gap.html", page.render());
    }
    for page in samples::forum_questions() {
        add("forum_question.html", page.render());
    }
}

fn wrong(add: &mut impl FnMut(&'static str, Result<String, askama::Error>)) {
    add("recalls.html", samples::recalls().render());
    for page in samples::recall_pages() {
        add("recall.html", page.render());
    }
    add("wrong.html", samples::wrong().render());
}

fn before_a_session(add: &mut impl FnMut(&'static str, Result<String, askama::Error>)) {
    add("sign_in.html", samples::sign_in().render());
    for page in samples::sign_in_links() {
        add("sign_in_link.html", page.render());
    }
}

#[test]
fn every_template_has_a_sample() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/console");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name());
    let files: BTreeSet<String> = files.map(|name| name.into_string().unwrap()).collect();
    let rendered = rendered();
    let covered = rendered.keys().copied().chain(PARTS).map(str::to_owned).collect();
    assert_eq!(files, covered);
}

#[test]
fn nothing_breaks_out_of_the_text_it_is() {
    for (name, html) in rendered().iter().flat_map(|(name, all)| all.iter().map(move |h| (name, h)))
    {
        assert!(!html.contains("<script>"), "{name}");
        assert!(!html.contains("javascript:"), "{name}");
        assert!(!html.contains(" style="), "{name}: the policy forbids inline styles");
        assert!(!html.contains(" onclick="), "{name}: the policy forbids inline scripts");
        assert!(html.contains("<h1"), "{name} has no heading");
        assert!(html.contains("<main id=\"main\""), "{name} has no landmark");
    }
}

#[test]
fn every_form_that_changes_something_carries_the_sessions_secret() {
    let before_a_session = ["sign_in.html", "sign_in_link.html"];
    for (name, all) in rendered().iter().filter(|(name, _)| !before_a_session.contains(name)) {
        for form in all.iter().flat_map(|html| html.split("<form ").skip(1)) {
            let form = form.split("</form>").next().unwrap();
            let is_get = form.starts_with("method=\"get\"");
            assert!(is_get || form.contains("name=\"csrf\" value=\"secret\""), "{name}: {form}");
        }
    }
}

#[test]
fn every_field_has_a_label_and_every_id_is_unique() {
    for (name, html) in rendered().iter().flat_map(|(name, all)| all.iter().map(move |h| (name, h)))
    {
        let ids: Vec<&str> =
            html.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        let unique: BTreeSet<&str> = ids.iter().copied().collect();
        let sample_twice = ["escalation.html", "conversation.html"].contains(name);
        assert!(sample_twice || ids.len() == unique.len(), "{name}: {ids:?}");
        for field in ["<input ", "<select ", "<textarea "] {
            for tag in html.split(field).skip(1).map(|rest| rest.split('>').next().unwrap()) {
                let id = tag.split("id=\"").nth(1).map(|rest| rest.split('"').next().unwrap());
                let labelled = id.is_some_and(|id| html.contains(&format!("for=\"{id}\"")));
                assert!(labelled || tag.contains("type=\"hidden\""), "{name}: {tag}");
            }
        }
    }
}
