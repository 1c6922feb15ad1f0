//! A customer in each of the nine languages: the own-language answer, and the bot's own words in
//! the customer's language, though nobody said which it is.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use superfan::words::{self, Key, say};

use crate::desk::{TestDesk, minutes, scenarios};

scenarios![every_language_gets_its_own_answer_in_its_own_words,];

/// Language, a question of its forum, what was accepted there, and a question for nobody here.
const CUSTOMERS: [[&str; 4]; 9] = [
    [
        "en",
        "How do I connect my headphones with two phones?",
        "Hold the round button until it blinks twice.",
        "How do I cook a pizza with mushrooms at home?",
    ],
    [
        "es",
        "¿Por qué mi altavoz se apaga solo durante la noche?",
        "Desactiva el ahorro de energía en los ajustes.",
        "¿Cómo se cocina una pizza con setas en casa?",
    ],
    [
        "fr",
        "Comment puis-je nettoyer l'objectif de mon appareil photo ?",
        "Passez un chiffon doux et sec, sans alcool.",
        "Comment cuisiner une pizza aux champignons à la maison ?",
    ],
    [
        "de",
        "Warum lädt mein Kopfhörer im Etui nicht mehr auf?",
        "Die Kontakte im Etui mit einem trockenen Tuch reinigen.",
        "Wie backe ich zu Hause eine Pizza mit Pilzen?",
    ],
    [
        "el",
        "Πώς αλλάζω τη γλώσσα στην εφαρμογή;",
        "Άνοιξε τις ρυθμίσεις και διάλεξε γλώσσα.",
        "Πώς μαγειρεύω πίτσα με μανιτάρια στο σπίτι;",
    ],
    [
        "ar",
        "كيف أحدث برنامج السماعة من الهاتف؟",
        "افتح التطبيق ثم اختر تحديث الجهاز.",
        "كيف أطبخ البيتزا بالفطر في المنزل؟",
    ],
    ["th", "ทำไมกล้องของฉันบันทึกวิดีโอไม่ได้", "ถอดการ์ดออกแล้วใส่กลับเข้าไปใหม่", "ทำพิซซ่าเห็ดที่บ้านอย่างไร"],
    ["zh", "怎么把音箱恢复出厂设置？", "长按电源键十秒，直到灯变红。", "在家里怎么做蘑菇披萨？"],
    [
        "zh-Hant",
        "為什麼錄影的聲音斷斷續續？",
        "請關閉降噪功能再試一次。",
        "在家裡要怎麼烤蘑菇披薩？",
    ],
];

async fn every_language_gets_its_own_answer_in_its_own_words(desk: &mut TestDesk) {
    for [lang, question, answer, _] in CUSTOMERS {
        desk.knows_in(lang, question, answer).await;
    }
    let covered: BTreeSet<&str> = CUSTOMERS.iter().map(|[lang, ..]| *lang).collect();
    assert_eq!(covered, words::LANGUAGES.iter().map(|language| language.tag).collect());
    for (number, [lang, question, answer, nobodys]) in (1_i64..).zip(CUSTOMERS) {
        for (id, text) in [("1", question), ("2", nobodys)] {
            let customer = desk.caller(lang);
            let said = json!({
                "conversation_id": lang, "message_id": id, "text": text,
                "customer": { "id": lang },
            });
            assert_eq!(customer.posts(said).await, 200);
            desk.passes(minutes(1)).await;
        }
        let replies = replies_to(desk, lang);
        let texts: Vec<&str> = replies.iter().filter_map(|reply| reply["text"].as_str()).collect();
        let told = say(lang, Key::Escalated, &[("number", &number.to_string())]);
        assert_eq!(texts, [words::greeting(lang, "our").as_str(), answer, &told], "{lang}");
        assert_eq!(replies[1]["buttons"][0]["label"], say(lang, Key::Helped, &[]), "{lang}");
        assert_eq!(replies[1]["author"], "mara", "{lang}: {}", replies[1]);
    }
    desk.transcript();
}

/// What the receiver got for a conversation, oldest first.
fn replies_to(desk: &TestDesk, conversation: &str) -> Vec<Value> {
    let replies = desk.help_desk.replies().into_iter().map(|reply| reply.body);
    replies.filter(|body| body["conversation_id"] == conversation).collect()
}
