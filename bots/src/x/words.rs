//! Posts have no buttons: the words to reply with instead, in nine languages.

use crate::Button;

/// The words of one language.
struct Words {
    lang: &'static str,
    yes: &'static str,
    no: &'static str,
    human: &'static str,
    /// Stands between the last two.
    or: &'static str,
    /// Stands between the others.
    comma: &'static str,
    before: &'static str,
    after: &'static str,
    more: &'static str,
}

const LANGUAGES: [Words; 9] = [
    words(
        "en",
        ["YES", "NO", "HUMAN"],
        [", ", " or "],
        ["Reply ", "."],
        "All of it is in our direct messages.",
    ),
    words(
        "es",
        ["SÍ", "NO", "HUMANO"],
        [", ", " o "],
        ["Responda ", "."],
        "La respuesta completa está en nuestros mensajes directos.",
    ),
    words(
        "fr",
        ["OUI", "NON", "HUMAIN"],
        [", ", " ou "],
        ["Répondez ", "."],
        "La réponse complète est dans nos messages privés.",
    ),
    words(
        "de",
        ["JA", "NEIN", "MENSCH"],
        [", ", " oder "],
        ["Antworten Sie ", "."],
        "Die ganze Antwort steht in unseren Direktnachrichten.",
    ),
    words(
        "el",
        ["ΝΑΙ", "ΟΧΙ", "ΑΝΘΡΩΠΟΣ"],
        [", ", " ή "],
        ["Απαντήστε ", "."],
        "Ολόκληρη η απάντηση είναι στα προσωπικά μας μηνύματα.",
    ),
    words(
        "ar",
        ["نعم", "لا", "موظف"],
        ["، ", " أو "],
        ["أجب بكلمة: ", "."],
        "الإجابة كاملة في رسائلنا الخاصة.",
    ),
    words(
        "th",
        ["ใช่", "ไม่", "เจ้าหน้าที่"],
        [", ", " หรือ "],
        ["ตอบว่า ", ""],
        "คำตอบทั้งหมดอยู่ในข้อความส่วนตัวของเรา",
    ),
    words(
        "zh",
        ["是", "不是", "人工"],
        ["、", "或"],
        ["请回复：", "。"],
        "完整回答在我们的私信中。",
    ),
    words(
        "zh-Hant",
        ["是", "不是", "真人"],
        ["、", "或"],
        ["請回覆：", "。"],
        "完整回答在我們的私訊中。",
    ),
];

const fn words(
    lang: &'static str,
    [yes, no, human]: [&'static str; 3],
    [comma, or]: [&'static str; 2],
    [before, after]: [&'static str; 2],
    more: &'static str,
) -> Words {
    Words { lang, yes, no, human, or, comma, before, after, more }
}

/// The words that stand for *Helped*, *Didn't help* and *Human* in a language; English if unknown.
///
/// The application understands each of them; a test of its own holds that.
pub fn reply_words(lang: &str) -> [&'static str; 3] {
    let words = of(lang);
    [words.yes, words.no, words.human]
}

/// The sentence that says where the rest of an answer is.
pub(super) fn more_in_direct(lang: &str) -> &'static str {
    of(lang).more
}

/// The sentence that stands for a row of buttons; `None` for none.
pub(super) fn instead_of(buttons: &[Button], lang: &str) -> Option<String> {
    let words = of(lang);
    let mut said: Vec<&str> = Vec::new();
    for button in buttons {
        let word = match button.id.split(':').collect::<Vec<_>>().as_slice() {
            ["helped", ..] | ["forget", "yes"] => words.yes,
            ["didnt", ..] | ["forget", "no"] => words.no,
            ["human", ..] => words.human,
            _ => button.label.trim(),
        };
        if !word.is_empty() && !said.contains(&word) {
            said.push(word);
        }
    }
    let (last, others) = said.split_last()?;
    let list = if others.is_empty() {
        (*last).to_owned()
    } else {
        format!("{}{}{last}", others.join(words.comma), words.or)
    };
    Some(format!("{}{list}{}", words.before, words.after))
}

fn of(lang: &str) -> &'static Words {
    let exact = LANGUAGES.iter().find(|words| words.lang == lang);
    let primary = lang.split('-').next().unwrap_or_default();
    let close = || LANGUAGES.iter().find(|words| words.lang == primary);
    exact.or_else(close).unwrap_or(&LANGUAGES[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(lang: &str, ids: &[(&str, &str)], expected: Option<&str>) {
        let buttons: Vec<Button> = ids
            .iter()
            .map(|(id, label)| Button { id: (*id).to_owned(), label: (*label).to_owned() })
            .collect();
        assert_eq!(instead_of(&buttons, lang).as_deref(), expected);
    }

    #[test]
    fn buttons_become_words_in_the_readers_language() {
        let three = [("helped:d", "Helped"), ("didnt:d", "Didn't help"), ("human:d", "Human")];
        check("en", &three, Some("Reply YES, NO or HUMAN."));
        check("de-AT", &three, Some("Antworten Sie JA, NEIN oder MENSCH."));
        check("zh-Hant", &three, Some("請回覆：是、不是或真人。"));
        check("xx", &three[..2], Some("Reply YES or NO."));
        let list = [("pick:d:1", "1"), ("pick:d:2", "2"), ("human:d", "None of these")];
        check("en", &list, Some("Reply 1, 2 or HUMAN."));
        check("en", &[("forget:yes", "Erase"), ("forget:no", "Keep")], Some("Reply YES or NO."));
        check("en", &[], None);
    }
}
