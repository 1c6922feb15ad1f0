//! What is looked at in an answer, each a number from 0 to 1.

use super::lexicon::{Sign, Text, lexicons};
use super::shape::{N_SHAPES, shape};
use crate::answers::read::SourceAnswer;

/// How many of [`NAMES`] are signs from the word lists, which every language has.
pub(super) const N_SIGNS: usize = 23;

/// The features in the order of the weights: a name, and words for people.
pub(super) const NAMES: [(&str, &str); N_SIGNS + N_SHAPES] = [
    ("self_answer", "the asker answered it"),
    ("thanks_first", "it opens with thanks"),
    ("thanks", "the asker says thanks"),
    ("works_now", "it reports that it works"),
    ("unexplained", "it does not know why"),
    ("closed", "it closes the topic"),
    ("asks_back", "it asks for information"),
    ("ends_in_question", "it ends in a question"),
    ("all_questions", "most of its sentences are questions"),
    ("pointer", "it points elsewhere"),
    ("only_link", "there is little beside a link"),
    ("own_story", "it tells the writer's own story"),
    ("very_short", "it is a few words in a talk"),
    ("bare_reply", "it only says yes, no or that all is well"),
    ("acts", "it names acts"),
    ("commands", "it tells the reader to do something"),
    ("interface", "it names settings, buttons or parts"),
    ("addressed", "it speaks to the reader or explains"),
    ("path", "it has a menu path"),
    ("steps", "it has a list of steps"),
    ("exact", "it has code, paths, numbers or addresses"),
    ("long", "it is long"),
    ("only_a_story", "it is a story by the asker without guidance"),
    ("n_questions", "it asks several questions"),
    ("question_share", "many of its sentences are questions"),
    ("first_person", "it speaks of its writer"),
    ("second_person", "it speaks to the reader"),
    ("i_and_me", "it says I and me often"),
    ("exclaims", "it exclaims"),
    ("sentences", "it has many sentences"),
    ("under_20", "it is short"),
    ("under_40", "it is not long"),
    ("link", "it has a link"),
    ("asker_story", "the asker tells a story"),
    ("asker_acts", "the asker names acts"),
    ("asker_commands", "the asker tells the reader to do something"),
    ("asker_addressed", "the asker speaks to the reader or explains"),
    ("asker_path", "the asker names a menu path"),
    ("asker_steps", "the asker lists steps"),
    ("asker_long", "the asker writes at length"),
    ("step_acts", "its steps are acts"),
    ("asker_step_acts", "the asker lists acts"),
];

/// The values of [`NAMES`], each 0.0..=1.0.
pub(super) type Features = [f32; NAMES.len()];

/// Looks at an answer. Quoted lines are other people's words and do not count.
pub(super) fn features(answer: &SourceAnswer) -> Features {
    let body = own_words(&answer.answer);
    let (prose, n_links) = without_links(&body);
    let lexicons = lexicons(answer.lang.as_deref());
    let text = Text::new(&prose);
    let found = text.find(&lexicons);
    let opening: String = prose.chars().take(60).collect();
    let opens_with_thanks = Text::new(&opening).find(&lexicons).n(Sign::Thanks) > 0;
    let n_words = text.n_words();
    let is_self = answer.is_self_answer();
    let (n_acts, n_ui) = (found.n(Sign::Act), found.n(Sign::Ui));
    let n_ends = found.n(Sign::Works) + found.n(Sign::Thanks) + found.n(Sign::Closed);
    let (n_questions, n_sentences) = questions(&prose);
    // A thank-you around a page of steps weighs less than one that stands alone.
    let share = 1.0 - 0.7 * part(n_words.saturating_sub(20), 100);
    let guides = found.n_commands > 0 || has_path(&body) || has_steps(&body);
    let signs: [f32; N_SIGNS] = [
        yes(is_self),
        share * yes(opens_with_thanks),
        share * yes(is_self && found.n(Sign::Thanks) > 0),
        share * part(found.n(Sign::Works), 2),
        part(found.n(Sign::Unknown), 2),
        share * part(found.n(Sign::Closed), 2),
        part(found.n(Sign::Ask), 2),
        yes(prose.trim_end().ends_with(['?', '？', '؟', ';']) && n_questions > 0),
        yes(n_questions * 2 >= n_sentences && n_questions > 0),
        part(found.n(Sign::Pointer), 2),
        yes(n_links > 0 && n_words < 12),
        part(found.n(Sign::Past), 5),
        // A base of short facts has no askers; in a talk so few words seldom help a third person.
        yes(n_words < 8 && answer.asker.is_some()),
        yes(n_words < 12 && n_acts == 0 && n_ends > 0),
        part(n_acts, 4),
        part(found.n_commands, 3),
        part(n_ui, 4),
        part(found.n(Sign::You), 3),
        yes(has_path(&body)),
        yes(has_steps(&body)),
        part(n_exact(&body), 3),
        part(n_words, 120),
        yes(is_self && !guides),
    ];
    let mut all = [0.0; NAMES.len()];
    all[..N_SIGNS].copy_from_slice(&signs);
    let step_acts = part(Text::new(&steps(&body)).find(&lexicons).n_commands, 3);
    all[N_SIGNS..].copy_from_slice(&shape(&prose, n_links, (n_questions, n_sentences), &signs));
    all[N_SIGNS + N_SHAPES - 2..].copy_from_slice(&[step_acts, step_acts * yes(is_self)]);
    all
}

pub(super) fn yes(is_so: bool) -> f32 {
    if is_so { 1.0 } else { 0.0 }
}

pub(super) fn part(n: usize, full: u16) -> f32 {
    let n = u16::try_from(n).unwrap_or(full).min(full);
    f32::from(n) / f32::from(full)
}

/// The answer without quoted lines; with them if nothing else is there.
pub(super) fn own_words(answer: &str) -> String {
    let own: Vec<&str> =
        answer.lines().filter(|line| !line.trim_start().starts_with('>')).collect();
    let own = own.join("\n");
    if own.trim().is_empty() { answer.to_owned() } else { own }
}

pub(super) fn without_links(text: &str) -> (String, usize) {
    let mut n_links = 0;
    let mut prose = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("http") {
        let (before, link) = rest.split_at(at);
        prose.push_str(before);
        if link.starts_with("http://") || link.starts_with("https://") {
            n_links += 1;
            let end = link.find(|c: char| c.is_whitespace() || matches!(c, ')' | '>' | '"'));
            rest = &link[end.unwrap_or(link.len())..];
        } else {
            prose.push_str("http");
            rest = &link["http".len()..];
        }
    }
    prose.push_str(rest);
    (prose, n_links)
}

/// Sentences that ask, and sentences in all.
fn questions(text: &str) -> (usize, usize) {
    let mut n_questions = 0;
    let mut n_sentences = 0;
    let mut has_words = false;
    for c in text.chars() {
        let ends = matches!(c, '.' | '!' | '?' | '？' | '。' | '！' | '؟' | ';' | '\n');
        if !ends {
            has_words |= c.is_alphanumeric();
            continue;
        }
        if has_words {
            n_sentences += 1;
            n_questions +=
                usize::from(matches!(c, '?' | '？' | '؟') || (c == ';' && is_greek(text)));
        }
        has_words = false;
    }
    (n_questions, n_sentences + usize::from(has_words))
}

fn is_greek(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '\u{370}'..='\u{3ff}'))
}

/// `Settings > General`, `Menü → Extras`, `Tools -> Options`, `View - Layout - Classic`.
fn has_path(text: &str) -> bool {
    let is_name = |part: &str| (1..=4).contains(&part.split_whitespace().count());
    let is_dashed = |line: &str| {
        let parts: Vec<&str> = line.trim().trim_start_matches("- ").split(" - ").collect();
        parts.len() > 2 && parts.into_iter().all(is_name)
    };
    if text.lines().any(is_dashed) {
        return true;
    }
    let arrows = ['>', '→', '➜', '›', '»'];
    text.lines().any(|line| {
        let line = line.trim_start().trim_start_matches('>');
        line.match_indices(arrows).any(|(at, arrow)| {
            let before = line[..at].trim_end_matches([' ', '-']);
            let after = line[at + arrow.len()..].trim_start();
            before
                .chars()
                .next_back()
                .is_some_and(|c| c.is_alphanumeric() || ")\"”」*`".contains(c))
                && after
                    .chars()
                    .next()
                    .is_some_and(|c| c.is_alphanumeric() || "(\"“「*`[✓".contains(c))
        })
    })
}

fn has_steps(text: &str) -> bool {
    steps(text).lines().count() > 1
}

/// Whether three or more numbered steps are announced ("here's how:") and nothing is asked.
pub(super) fn is_guide(text: &str) -> bool {
    let is_numbered = |line: &str| numbered(line).is_some();
    let body = own_words(text);
    let lines: Vec<&str> = body.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let n_steps = lines.iter().filter(|line| is_numbered(line)).count();
    let first = lines.iter().position(|line| is_numbered(line)).unwrap_or_default();
    let is_announced = lines[..first].last().is_some_and(|line| line.ends_with([':', '：']));
    n_steps >= 3 && is_announced && !body.contains(['?', '？', '؟'])
}

/// The items of the lists, one a line, without what marks them.
fn steps(text: &str) -> String {
    let item = |line: &str| {
        let line = line.trim_start();
        let bullets = ["- ", "* ", "• "];
        if let Some(item) = bullets.iter().find_map(|bullet| line.strip_prefix(bullet)) {
            return Some(format!("{item}\n"));
        }
        numbered(line).map(|item| format!("{item}\n"))
    };
    text.lines().filter_map(item).collect()
}

/// What follows the number that a line begins with: `1. `, `2)`, `3、`.
fn numbered(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.strip_prefix(['.', ')', '、']).filter(|_| rest.len() < line.len())
}

/// Things that can be typed or looked up: code, file paths, host names, ports, versions.
fn n_exact(text: &str) -> usize {
    let is_exact = |word: &&str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric() && !"`%\\/~#".contains(c));
        let inner = word.trim_matches(|c: char| !c.is_alphanumeric());
        let has_inner_dot = inner.contains('.') && !inner.starts_with("http");
        word.starts_with(['`', '%', '#'])
            || word.contains('\\')
            || word.contains("://")
            || (has_inner_dot && !inner.ends_with('.') && inner.is_ascii() && inner.len() > 3)
            || (inner.len() >= 2 && inner.chars().all(|c| c.is_ascii_digit()))
            || (inner.contains('+') && inner.len() < 12)
    };
    text.split_whitespace().filter(is_exact).count()
}
