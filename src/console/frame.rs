//! What stands around every page: who is signed in, where one is, what is wrong right now.

use jiff::Timestamp;
use superfan_bots::Health;

use super::session::Me;
use super::words::{percent, span};
use crate::calibrate::{Drift, drift};
use crate::desk::Desk;
use crate::ids::EscalationId;
use crate::store::{StoreError, Tx};
use crate::vocabulary::{DeliveryState, IncidentState, RecallState, Role};

/// What stands around every page.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    /// The brand.
    pub brand: String,
    /// The signed-in person's name.
    pub name: String,
    /// Their role.
    pub role: Role,
    /// The secret of their session, for forms.
    pub csrf: String,
    /// Which part of the console this is, as the menu names it.
    pub here: &'static str,
    /// What live updates the page wants: `queue`, a conversation's id, or nothing.
    pub live: String,
    /// What is wrong right now.
    pub banners: Vec<Banner>,
    /// What was just done, in words.
    pub notice: Option<&'static str>,
    /// The escalation in which something new was written that may become an answer.
    pub offer: Option<EscalationId>,
    /// How many escalations nobody has.
    pub n_open: i64,
}

/// Something that is wrong, and where to look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Banner {
    /// What.
    pub text: String,
    /// Where to do something about it.
    pub href: &'static str,
    /// What is done there.
    pub action: &'static str,
}

/// One part of the console.
#[derive(Clone, Copy, Debug)]
pub(super) struct MenuEntry {
    /// Its address.
    pub href: &'static str,
    /// What [`Frame::here`] says there.
    pub key: &'static str,
    /// Its title.
    pub title: &'static str,
}

const MENU: &[(&str, &str, &str, Role)] = &[
    ("/", "queue", "Queue", Role::Viewer),
    ("/conversations", "conversations", "Conversations", Role::Viewer),
    ("/answers", "answers", "Answers", Role::Viewer),
    ("/sources", "sources", "Sources", Role::Viewer),
    ("/recalls", "recalls", "Recalls", Role::Viewer),
    ("/try", "try", "Try it", Role::Viewer),
    ("/replay", "replay", "Replay", Role::Viewer),
    ("/insights", "insights", "Insights", Role::Viewer),
    ("/gaps", "gaps", "Gaps", Role::Viewer),
    ("/drafts", "drafts", "Drafts", Role::Viewer),
    ("/fans", "fans", "Super fans", Role::Viewer),
    ("/programme", "programme", "Programme", Role::Viewer),
    ("/outbox", "outbox", "Outbox", Role::Viewer),
    ("/channels", "channels", "Channels", Role::Viewer),
    ("/index", "index", "Index", Role::Viewer),
    ("/people", "people", "People", Role::Admin),
    ("/audit", "audit", "Audit", Role::Admin),
];

/// What experts see of the menu.
const EXPERTS: [&str; 4] = ["queue", "answers", "try", "replay"];

impl Frame {
    /// The frame of a page, as of now.
    pub(super) async fn new(
        tx: &mut Tx,
        desk: &Desk,
        me: &Me,
        here: &'static str,
    ) -> Result<Self, StoreError> {
        let (n_open, oldest) = tx.waiting().await?;
        let now = desk.clock.now();
        let mut banners = Vec::new();
        banners.extend(oldest.and_then(|oldest| waits_too_long(desk, oldest, now)));
        banners.extend(uncertain(tx).await?);
        banners.extend(drafted(tx).await?);
        banners.extend(to_recall(tx).await?);
        banners.extend(noticed(tx).await?);
        let target = desk.config.rules.target_precision;
        banners.extend(drift(tx, target, now).await?.and_then(|drift| drifted(&drift, target)));
        channel_banners(tx, desk, now, &mut banners).await?;
        Ok(Self {
            brand: desk.config.rules.brand.clone(),
            name: me.person.name.clone(),
            role: me.person.role,
            csrf: me.csrf.clone(),
            here,
            live: String::new(),
            banners,
            notice: None,
            offer: None,
            n_open,
        })
    }

    /// The same with live updates about something.
    pub(super) fn following(mut self, what: &dyn ToString) -> Self {
        self.live = what.to_string();
        self
    }

    /// The same with a word on what was just done, from the address after a redirect.
    pub(super) fn after(mut self, done: Option<&str>) -> Self {
        self.notice = done.and_then(notice);
        self
    }

    /// The same with the offer to keep what was just written as an answer.
    pub(super) fn offering(mut self, escalation: Option<&str>) -> Self {
        self.offer = escalation.and_then(|id| id.parse().ok()).filter(|_| self.is_moderator());
        self
    }

    /// The parts of the console that this person may see, in order.
    pub(super) fn menu(&self) -> Vec<MenuEntry> {
        let entry = |(href, key, title, role)| {
            // Experts see what concerns them, not the whole place.
            let is_theirs = self.role != Role::Expert || EXPERTS.contains(&key);
            (self.role >= role && is_theirs).then_some(MenuEntry { href, key, title })
        };
        MENU.iter().copied().filter_map(entry).collect()
    }

    /// The page's title after its own: the brand, if it is set.
    pub(super) fn brand_title(&self) -> &str {
        if self.brand == "our" { "superfan" } else { &self.brand }
    }

    /// Whether they answer customers.
    pub(super) fn is_expert(&self) -> bool {
        self.role >= Role::Expert
    }

    /// Whether they edit answers and settle deliveries.
    pub(super) fn is_moderator(&self) -> bool {
        self.role >= Role::Moderator
    }

    /// Whether they run the place.
    pub(super) fn is_admin(&self) -> bool {
        self.role >= Role::Admin
    }
}

/// What was done, for the line on top of the page that follows; never text from the address.
fn notice(done: &str) -> Option<&'static str> {
    Some(match done {
        "claimed" => "It is yours. The bot stays silent here until you close it.",
        "replied" => "Your reply is on its way.",
        "review" => "A moderator reads it before it goes out.",
        "asked" => "Your question is on its way. This comes back when the customer answers.",
        "snoozed" => "Put aside. It comes back then, or when the customer says something.",
        "transferred" => "Passed on.",
        "profile" => "Saved.",
        "closed" => "Closed. The bot answers again there.",
        "retried" => "It will be sent again.",
        "arrived" => "Marked as arrived.",
        "paused" => "Automatic replies are stopped.",
        "resumed" => "Automatic replies run again.",
        "password" => "Your password is set.",
        "refused" => "It was not sent; whoever wrote it is told.",
        "noted" => "Noted.",
        "invited" => "Invited. Post them the words that stand beside their names.",
        "judged" => "Noted. It counts from now on.",
        "named" | "quote" => "Set. It counts from the next reply on.",
        "erased" => "Erased: what they said, what they were told, and who they are.",
        "targets" => "Set. The figures are compared with it from now on.",
        "saved" => "Saved. It is searchable within a second.",
        "retired" => "Retired. It is no longer found.",
        "restored" => "It is found again.",
        "wrong" => "It is no longer sent. Now decide about those who got it.",
        "recall" => "It is being taken back.",
        "dismissed" => "Left as it is.",
        "rebuild" => "A new generation will be built beside the one that serves.",
        "check" => "A new generation will be built, examined and dropped.",
        "rollback" => "The earlier generation will serve again.",
        "released" => "On its way.",
        "dropped" => "Dropped. It will not be sent.",
        "handed" => "Dropped. The question waits for a person in the queue.",
        "shadow" => "The bot drafts there from now on; nothing leaves before somebody releases it.",
        "live" => "The bot speaks for itself there. Drafts that wait still need a release.",
        "signed-in" => "Signed in. The channel goes on by itself.",
        "incident-open" => "Everybody who waits is told, and whoever comes with it.",
        "incident-closed" => "Nobody else is told.",
        "gap-set" => "Kept.",
        "gap-answered" => "It is in the base, and on its way to everybody who waits.",
        "forum-asked" => "The customer is asked. Nothing is posted without their yes.",
        "forum-posted" | "thanked" => "It is being posted.",
        "forum-linked" => "The customer is told when an answer is accepted there.",
        "forum-joined" => "They are told as well.",
        "forum-left" => "The forum is left out of it.",
        "empty" => "Nothing waits for you.",
        _ => return None,
    })
}

fn waits_too_long(desk: &Desk, oldest: Timestamp, now: Timestamp) -> Option<Banner> {
    let limit = desk.config.rules.alert_after;
    let waited = now.duration_since(oldest);
    (waited > limit).then(|| Banner {
        text: format!("A customer has been waiting for {} and nobody has them.", span(waited)),
        href: "/next",
        action: "Take the next one",
    })
}

fn drifted(drift: &Drift, target: f64) -> Option<Banner> {
    let (low, high) = drift.interval;
    drift.is_below.then(|| Banner {
        text: format!(
            "Of the last {} automatic answers that customers judged, {} helped ({} to {}); the \
             target is {}. Run superfan calibrate.",
            drift.n,
            percent(drift.precision),
            percent(low),
            percent(high),
            percent(target)
        ),
        href: "/conversations",
        action: "Look at them",
    })
}

async fn uncertain(tx: &mut Tx) -> Result<Option<Banner>, StoreError> {
    let counts = tx.outbox_counts().await?;
    let n: i64 = counts
        .iter()
        .filter(|(_, state, ..)| *state == DeliveryState::Uncertain)
        .map(|(_, _, n, _)| n)
        .sum();
    let text = match n {
        0 => return Ok(None),
        1 => "One reply may or may not have arrived.".to_owned(),
        n => format!("{n} replies may or may not have arrived."),
    };
    Ok(Some(Banner { text, href: "/outbox?state=uncertain", action: "Look" }))
}

async fn drafted(tx: &mut Tx) -> Result<Option<Banner>, StoreError> {
    let n: i64 = tx.draft_counts().await?.iter().map(|(_, n)| n).sum();
    let text = match n {
        0 => return Ok(None),
        1 => "One reply of the bot waits for somebody to release it.".to_owned(),
        n => format!("{n} replies of the bot wait for somebody to release them."),
    };
    Ok(Some(Banner { text, href: "/drafts", action: "Look" }))
}

async fn to_recall(tx: &mut Tx) -> Result<Option<Banner>, StoreError> {
    let text = match tx.count_recalls(RecallState::Offered).await? {
        0 => return Ok(None),
        1 => "An answer that customers got turned out wrong.".to_owned(),
        n => format!("{n} answers that customers got turned out wrong."),
    };
    Ok(Some(Banner { text, href: "/recalls", action: "Decide" }))
}

async fn noticed(tx: &mut Tx) -> Result<Option<Banner>, StoreError> {
    let noticed = tx.incidents().await?;
    let newest = noticed.into_iter().find(|row| row.state == IncidentState::Noticed);
    Ok(newest.map(|row| Banner {
        text: format!("{} customers asked the same within an hour.", row.n),
        href: "/gaps",
        action: "Decide",
    }))
}

async fn channel_banners(
    tx: &mut Tx,
    desk: &Desk,
    now: Timestamp,
    banners: &mut Vec<Banner>,
) -> Result<(), StoreError> {
    let paused = tx.paused_channels().await?;
    let mut say = |text: String| banners.push(Banner { text, href: "/channels", action: "Look" });
    if paused.iter().any(|name| name == crate::store::channels::ALL_CHANNELS) {
        say("Automatic replies are paused on all channels.".to_owned());
    }
    for (name, _) in desk.channels.iter() {
        let row = tx.channel(name).await?;
        if paused.contains(name) {
            say(format!("Automatic replies are paused on {name}."));
        }
        if let Some(until) = row.held_until.filter(|until| *until > now) {
            let rest = span(until.duration_since(now));
            say(format!("{name} asked us to wait; it takes replies again in {rest}."));
        }
        match (row.stopped_reason, desk.channels.health().of(name)) {
            (Some(reason), _) | (None, Health::Stopped(reason)) => {
                say(format!("{name} is stopped: {reason}"));
            }
            (None, Health::Degraded(reason)) => say(format!("{name} has trouble: {reason}")),
            (None, Health::Ok) => {}
        }
    }
    Ok(())
}
