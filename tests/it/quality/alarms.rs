//! Sensitive topics in a real forum: its ordinary questions are not taken for ones that a person
//! must take.

use superfan::answerer::sensitive_topic;
use superfan::answers::read::{Format, Item, open};

use super::sets::{forum_dir, side_by_side};

/// Every alarm counts as a false one here, also where a moderator might want to see the question.
#[test]
fn ordinary_questions_of_a_real_forum_raise_no_alarm() {
    let Some(forum) = forum_dir() else { return };
    let items = open(Format::Stackexchange, &forum).unwrap();
    let questions: Vec<(String, String)> = items
        .filter_map(|item| match item.unwrap() {
            Item::Answer(answer) => {
                Some((answer.topic?, format!("{}\n{}", answer.title, answer.question)))
            }
            Item::Skipped(_) => None,
        })
        .collect();
    let alarm = |_, (id, text): &(String, String)| {
        sensitive_topic(text, &[]).map(|topic| format!("{id} {topic:?}"))
    };
    let alarms: Vec<String> = side_by_side(&questions, alarm).into_iter().flatten().collect();
    let (n, n_asked) = (alarms.len(), questions.len());
    eprintln!("{n} alarms on {n_asked} ordinary questions (aim: at most 1 %): {alarms:?}");
    assert!(n_asked > 5_000 && 100 * n <= n_asked, "{alarms:?}");
}
