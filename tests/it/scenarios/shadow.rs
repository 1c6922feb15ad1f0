//! Shadow: the bot drafts and nothing leaves before a person releases it; what leaves, leaves once.

use insta::assert_snapshot;
use superfan::channels::set_shadow;
use superfan::ids::DeliveryId;
use superfan::outbox::{discard, release, rewrite, shadow_record};
use superfan::people::{ActError, Actor, Via};
use superfan::store::outbox::DeliveryRow;
use superfan::vocabulary::{DeliveryState, Role};

use crate::desk::{TestDesk, minutes, scenarios};

const QUESTION: &str = "How do I reset my headphones?";

scenarios![
    a_draft_leaves_once_and_only_when_somebody_releases_it,
    a_draft_is_dropped_when_a_person_takes_over,
    who_wrote_on_is_read_before_the_draft_leaves,
    a_wrong_draft_goes_to_people_and_a_rewritten_one_under_their_name,
    what_was_queued_becomes_a_draft_when_shadow_falls,
    enough_right_drafts_prove_the_bot_and_an_admin_lets_it_go_live,
];

impl TestDesk {
    async fn in_shadow(&mut self) {
        self.knows(QUESTION, "Hold power for ten seconds.").await;
        self.restarts_with(&[("SUPERFAN_SHADOW", "telegram")]).await;
    }

    /// The drafted answers, oldest first.
    async fn drafts(&self) -> Vec<DeliveryRow> {
        let mut drafts = self.deliveries(DeliveryState::Due).await;
        drafts.retain(|row| row.is_draft && row.kind != "greeting");
        drafts
    }

    async fn releases(&self, draft: &DeliveryRow, anyway: bool) -> Result<(), ActError> {
        let mut tx = self.desk().store.begin().await.unwrap();
        let lee = Actor {
            person: None,
            name: "lee".to_owned(),
            role: Role::Moderator,
            via: Via::Console,
        };
        release(&mut tx, &self.desk().stage(), &lee, draft.id, anyway).await?;
        tx.commit().await.unwrap();
        self.settle().await;
        Ok(())
    }

    async fn lets(&self, shadow: bool) {
        let mut tx = self.desk().store.begin().await.unwrap();
        let (stage, operator) = (self.desk().stage(), Actor::operator());
        set_shadow(&mut tx, &stage, &operator, "telegram", shadow).await.unwrap();
        tx.commit().await.unwrap();
    }
}

async fn a_draft_leaves_once_and_only_when_somebody_releases_it(desk: &mut TestDesk) {
    desk.in_shadow().await;
    let ana = desk.telegram("ana");
    ana.asks(QUESTION).await;
    desk.passes(minutes(50)).await;
    desk.restarts().await;
    desk.passes(minutes(1)).await;
    let drafts = desk.drafts().await;
    assert_eq!(drafts.len(), 1);
    let reason = "waits for a person to release it: the channel is in shadow";
    assert_eq!((drafts[0].state, drafts[0].reason.as_deref()), (DeliveryState::Due, Some(reason)));
    assert_snapshot!(desk.news(), @"telegram/ana   ▶ How do I reset my headphones?");
    desk.releases(&drafts[0], false).await.unwrap();
    let again = desk.releases(&drafts[0], false).await.unwrap_err().to_string();
    assert!(again.contains("is no draft any more"), "{again}");
    desk.restarts().await;
    assert_snapshot!(desk.news(), @r"
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ Hold power for ten seconds. / answer by @mara [Helped · Didn't help · Human]
    ");
}

async fn a_draft_is_dropped_when_a_person_takes_over(desk: &mut TestDesk) {
    desk.in_shadow().await;
    let ana = desk.telegram("ana");
    ana.asks("my cat walked on the router").await;
    ana.asks(QUESTION).await;
    let drafts = desk.drafts().await;
    desk.agent("lee").await.replies_to_next("Unplug it for a minute.").await;
    let refused = desk.releases(&drafts[0], true).await.unwrap_err().to_string();
    assert!(refused.contains("a person answered first"), "{refused}");
    assert_eq!(desk.drafts().await.len(), 0);
    desk.overlooks_details();
    assert_eq!(desk.transcript().matches("telegram/ana   ◀").count(), 1);
}

async fn who_wrote_on_is_read_before_the_draft_leaves(desk: &mut TestDesk) {
    desk.in_shadow().await;
    let ana = desk.telegram("ana");
    ana.asks(QUESTION).await;
    let drafts = desk.drafts().await;
    desk.passes(minutes(1)).await;
    ana.asks("thanks").await;
    let refused = desk.releases(&drafts[0], false).await.unwrap_err().to_string();
    assert!(refused.contains("wrote on since"), "{refused}");
    desk.releases(&drafts[0], true).await.unwrap();
    let rest = desk.drafts().await;
    let mut tx = desk.desk().store.begin().await.unwrap();
    let (stage, operator) = (desk.desk().stage(), Actor::operator());
    discard(&mut tx, &stage, &operator, rest[0].id, false).await.unwrap();
    tx.commit().await.unwrap();
    desk.settle().await;
    assert_snapshot!(desk.transcript(), @r"
    telegram/ana   ▶ How do I reset my headphones?
    telegram/ana   ▶ thanks
    telegram/ana   ◀ (greeting)
    telegram/ana   ◀ Hold power for ten seconds. / answer by @mara [Helped · Didn't help · Human]
    delivery       · dead: operator dropped the draft: not needed
    ");
}

async fn a_wrong_draft_goes_to_people_and_a_rewritten_one_under_their_name(desk: &mut TestDesk) {
    desk.in_shadow().await;
    let (ana, ben) = (desk.telegram("ana"), desk.telegram("ben"));
    ana.asks(QUESTION).await;
    ben.asks(QUESTION).await;
    let drafts = desk.drafts().await;
    let mut tx = desk.desk().store.begin().await.unwrap();
    let (stage, operator) = (desk.desk().stage(), Actor::operator());
    discard(&mut tx, &stage, &operator, drafts[0].id, true).await.unwrap();
    rewrite(&mut tx, &stage, &operator, drafts[1].id, "Charge it first.").await.unwrap();
    let empty = rewrite(&mut tx, &stage, &operator, drafts[1].id, " ").await;
    assert!(empty.is_err());
    let judged = tx.judged_drafts("telegram").await.unwrap();
    assert_eq!((judged.n, judged.n_right), (2, 0));
    tx.commit().await.unwrap();
    desk.settle().await;
    assert_eq!(desk.escalation(1).await.question, QUESTION);
    desk.overlooks_details();
    let script = desk.transcript();
    assert!(script.contains("telegram/ben   ◀ operator: / Charge it first."), "{script}");
    assert_eq!(script.matches('◀').count(), 1, "{script}");
    desk.drops_greetings().await;
}

async fn what_was_queued_becomes_a_draft_when_shadow_falls(desk: &mut TestDesk) {
    desk.knows(QUESTION, "Hold power for ten seconds.").await;
    let ana = desk.telegram("ana");
    let lee = desk.person("lee", Role::Admin).await;
    lee.pauses(Some("telegram")).await.unwrap();
    lee.resumes(Some("telegram")).await.unwrap();
    desk.lets(true).await;
    ana.asks(QUESTION).await;
    assert_eq!(desk.drafts().await.len(), 1);
    desk.lets(false).await;
    ana.asks("How do I reset my headphones please?").await;
    // What was drafted stays so until somebody looks at it.
    let drafts = desk.drafts().await;
    assert_eq!(drafts.len(), 1);
    desk.releases(&drafts[0], true).await.unwrap();
    desk.overlooks_details();
    desk.transcript();
}

async fn enough_right_drafts_prove_the_bot_and_an_admin_lets_it_go_live(desk: &mut TestDesk) {
    desk.in_shadow().await;
    let record = async |tx: &mut superfan::store::Tx| shadow_record(tx, "telegram", 0.95).await;
    desk.telegram("ben").asks(QUESTION).await;
    let draft = desk.drafts().await.remove(0);
    assert_eq!(desk.reads(record).await, None);
    desk.releases(&draft, false).await.unwrap();
    for number in 1..73 {
        let proven = desk.reads(record).await.unwrap();
        assert!(!proven.is_proven && proven.n == number, "{proven:?}");
        let earlier = DeliveryRow { id: DeliveryId(number), ..draft.clone() };
        let mut tx = desk.desk().store.begin().await.unwrap();
        tx.judge_draft(&earlier, true, ("lee", desk.now())).await.unwrap();
        tx.commit().await.unwrap();
    }
    let proven = desk.reads(record).await.unwrap();
    assert!(proven.is_proven && proven.n == 73, "{proven:?}");
    desk.lets(false).await;
    let ana = desk.telegram("ana");
    ana.asks(QUESTION).await;
    desk.overlooks_details();
    assert!(desk.transcript().contains("telegram/ana   ◀ Hold power"));
}

impl TestDesk {
    /// Drops greetings that no answer will follow.
    async fn drops_greetings(&self) {
        let mut tx = self.desk().store.begin().await.unwrap();
        for row in self.deliveries(DeliveryState::Due).await {
            discard(&mut tx, &self.desk().stage(), &Actor::operator(), row.id, false)
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
    }
}
