//! Our commands as Discord shows them, in the languages that Discord has.
//! <https://discord.com/developers/docs/interactions/application-commands>

use serenity::builder::{CreateCommand, CreateCommandOption};
use serenity::model::application::{CommandOptionType, CommandType};

use crate::text::menu::{LANGUAGES, NAMES};

/// The commands we register, of all that there are.
const OURS: [&str; 4] = ["ask", "human", "language", "forget"];

/// What the command on a message is called: English first, then Discord's locale and the name.
const FIND: &str = "Find an answer";
const FIND_IN: [(&str, &str); 8] = [
    ("es-ES", "Buscar una respuesta"),
    ("es-419", "Buscar una respuesta"),
    ("fr", "Trouver une réponse"),
    ("de", "Antwort suchen"),
    ("el", "Εύρεση απάντησης"),
    ("th", "ค้นหาคำตอบ"),
    ("zh-CN", "查找答案"),
    ("zh-TW", "尋找答案"),
];

/// What `/ask` takes.
const QUESTION: &str = "Your question";
const QUESTION_IN: [(&str, &str); 8] = [
    ("es-ES", "Tu pregunta"),
    ("es-419", "Tu pregunta"),
    ("fr", "Votre question"),
    ("de", "Deine Frage"),
    ("el", "Η ερώτησή σας"),
    ("th", "คำถามของคุณ"),
    ("zh-CN", "你的问题"),
    ("zh-TW", "你的問題"),
];

/// What `/language` takes.
const LANGUAGE: &str = "Its name or code";
const LANGUAGE_IN: [(&str, &str); 8] = [
    ("es-ES", "Su nombre o código"),
    ("es-419", "Su nombre o código"),
    ("fr", "Son nom ou son code"),
    ("de", "Name oder Kürzel"),
    ("el", "Όνομα ή κωδικός"),
    ("th", "ชื่อหรือรหัสภาษา"),
    ("zh-CN", "名称或代码"),
    ("zh-TW", "名稱或代碼"),
];

/// Traditional Chinese, which the shared menu does not tell apart, in the order of [`OURS`].
const TRADITIONAL: [&str; 4] = ["提問", "聯絡真人客服", "選擇語言", "刪除我的資料"];

/// Everything to register.
pub(super) fn all() -> Vec<CreateCommand> {
    let mut commands: Vec<CreateCommand> = OURS.iter().enumerate().map(described).collect();
    commands[0] = commands[0].clone().add_option(option("question", QUESTION, &QUESTION_IN, true));
    commands[2] = commands[2].clone().add_option(option("language", LANGUAGE, &LANGUAGE_IN, false));
    let find = CreateCommand::new(FIND).kind(CommandType::Message);
    let find =
        FIND_IN.iter().fold(find, |find, (locale, name)| find.name_localized(*locale, *name));
    commands.push(find);
    commands
}

fn described((n, name): (usize, &&str)) -> CreateCommand {
    let at = NAMES.iter().position(|known| known == name).unwrap_or_default();
    let mut command = CreateCommand::new(*name).kind(CommandType::ChatInput);
    for (language, words) in &LANGUAGES {
        match language {
            None => command = command.description(words[at]),
            Some(language) => {
                for locale in locales(language) {
                    command = command.description_localized(*locale, words[at]);
                }
            }
        }
    }
    command.description_localized("zh-TW", TRADITIONAL[n])
}

/// Discord's names for a language of ours; it has no Arabic.
fn locales(language: &str) -> &'static [&'static str] {
    match language {
        "es" => &["es-ES", "es-419"],
        "fr" => &["fr"],
        "de" => &["de"],
        "el" => &["el"],
        "th" => &["th"],
        "zh" => &["zh-CN"],
        _ => &[],
    }
}

fn option(
    name: &str,
    words: &str,
    translated: &[(&str, &str)],
    required: bool,
) -> CreateCommandOption {
    let option = CreateCommandOption::new(CommandOptionType::String, name, words);
    let option = option.required(required);
    translated
        .iter()
        .fold(option, |option, (locale, words)| option.description_localized(*locale, *words))
}
