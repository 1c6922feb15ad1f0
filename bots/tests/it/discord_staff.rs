//! The channel of the brand's own people: who may act there, and what is nobody's question.

use superfan_bots::discord::fake::FakeDiscord;
use superfan_bots::discord::{DiscordConfig, Mode, Staff};
use superfan_bots::{Adapter, Button, Content, Place, ReplyKind};

use crate::support::{discord_config, discord_with, listen, reply, send};

fn staffed(fake: &FakeDiscord) -> DiscordConfig {
    let staff = Staff { channel: fake.channel("staff").to_string(), role: Some("42".to_owned()) };
    DiscordConfig { staff: Some(staff), ..discord_config(fake, Mode::Gateway) }
}

fn place(fake: &FakeDiscord, may_act: Option<bool>) -> Place {
    Place::Staff { id: fake.channel("staff").to_string(), may_act }
}

#[tokio::test]
async fn a_thread_under_a_card_says_who_may_act_and_talk_beside_it_is_left_alone() {
    let fake = FakeDiscord::start().await;
    let adapter = discord_with(staffed(&fake));
    let staff = fake.channel("staff");
    let buttons = vec![Button { id: "staff-claim:1".to_owned(), label: "Claim".to_owned() }];
    let card = superfan_bots::Reply { kind: ReplyKind::Notice, buttons, ..reply("**#1 · ana**") };
    send(&adapter, &staff.to_string(), &card).await.unwrap();
    let card = fake.sent().pop().unwrap();

    let mut listening = listen(discord_with(staffed(&fake)));
    listening.next_health().await;
    let (lee, tom) = (fake.member("lee"), fake.member("tom"));
    lee.gets_role("42");
    let press = lee.presses(&card, "Claim").await;
    let pressed = listening.next_message().await;
    assert_eq!(pressed.content, Content::Press { button: "staff-claim:1".to_owned() });
    assert_eq!(pressed.place, place(&fake, Some(true)));
    assert_eq!(pressed.reply_to, Some(card.message_id.to_string()));
    // Thinking, to be seen by whoever pressed only.
    fake.until(|fake| fake.answered(press) == Some(5)).await;

    fake.opens_thread(staff, card.message_id, "#1 · ana");
    lee.says_in(staff, "@brandbot how do I pair it?");
    tom.says_in(card.message_id, "@brandbot I would burn it");
    lee.says_in(card.message_id, "Unplug it.");
    let (from_tom, from_lee) = (listening.next_message().await, listening.next_message().await);
    assert_eq!(from_tom.place, place(&fake, Some(false)));
    assert_eq!(from_lee.place, place(&fake, Some(true)));
    assert_eq!(from_lee.conversation, card.message_id.to_string());
    listening.stops().await;
}

#[tokio::test]
async fn the_room_and_the_thread_under_a_card_have_addresses() {
    let fake = FakeDiscord::start().await;
    let adapter = discord_with(staffed(&fake));
    let staff = fake.channel("staff");
    let room = adapter.staff_room(None).unwrap();
    assert_eq!((room.conversation, room.address.value), (staff.to_string(), staff.to_string()));
    let thread = adapter.staff_room(Some("77")).unwrap();
    assert_eq!(thread.conversation, "77");
    assert_eq!(
        (thread.address.value, thread.place),
        (format!("thread:{staff}/77"), staff.to_string())
    );
    let plain = discord_with(discord_config(&fake, Mode::Gateway));
    assert_eq!(plain.staff_room(None), None);
    let lost = DiscordConfig {
        staff: Some(Staff { channel: "5".to_owned(), role: None }),
        ..discord_config(&fake, Mode::Gateway)
    };
    let notes = discord_with(lost).check().await.unwrap().notes;
    assert!(notes.iter().any(|note| note.contains("DISCORD_STAFF_CHANNEL_ID")), "{notes:?}");
}
