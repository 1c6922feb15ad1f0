//! teloxide, a client nobody here wrote, as the judge of our fake and of our payload files.

use std::path::Path;

use secrecy::ExposeSecret;
use superfan_bots::telegram::fake::FakeTelegram;
use teloxide_core::Bot;
use teloxide_core::payloads::{GetUpdatesSetters, SendMessageSetters};
use teloxide_core::requests::Requester;
use teloxide_core::types::{ChatId, ParseMode, Update, UpdateKind};

#[tokio::test]
async fn teloxide_takes_our_fake_for_telegram() {
    let fake = FakeTelegram::start().await;
    let bot = Bot::new(fake.token().expose_secret()).set_api_url(fake.base_url());
    assert_eq!(bot.get_me().await.unwrap().username(), "brand_helper_bot");
    let (ana, group) = (fake.customer("ana"), fake.group("Speaker owners"));
    ana.says("why does it hum?").await;
    ana.says_in_topic(&group, 9, "/ask@brand_helper_bot and you, @lee?").await;
    ana.blocks_the_bot().await;
    ana.unblocks_the_bot().await;
    let sent = bot.send_message(ChatId(ana.id()), "<b>Hold</b> it.").parse_mode(ParseMode::Html);
    assert_eq!(sent.await.unwrap().text(), Some("Hold it."));
    let updates = bot.get_updates().offset(0).limit(100).timeout(0).await.unwrap();
    let kinds: Vec<_> = updates.iter().map(|update| kind(&update.kind)).collect();
    assert_eq!(kinds, ["message", "message", "my_chat_member", "my_chat_member"]);
}

#[test]
fn teloxide_reads_our_payload_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/payloads/telegram");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        if name.starts_with("error_") || name == "unknown_future_kind" {
            continue;
        }
        let update: Update = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        assert_ne!(kind(&update.kind), "error", "{name}: {update:?}");
    }
}

fn kind(kind: &UpdateKind) -> &'static str {
    match kind {
        UpdateKind::Message(_) => "message",
        UpdateKind::MyChatMember(_) => "my_chat_member",
        UpdateKind::Error(_) => "error",
        _ => "other",
    }
}
