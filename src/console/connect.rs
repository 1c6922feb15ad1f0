//! Connecting a channel account: paste its keys, its name comes back, and it starts.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;
use superfan_bots::ChannelKind;

use super::Console;
use super::error::{ConsoleError, page};
use super::form::Posted;
use super::frame::Frame;
use super::query::Query;
use super::session::Me;
use crate::channels as acts;
use crate::channels::{ConnectError, Entered};
use crate::desk::Desk;
use crate::people::ActError;
use crate::vocabulary::Role;
use crate::wakes::News;

/// The form that connects an account of one kind.
#[derive(Debug, Template)]
#[template(path = "console/connect.html")]
pub(super) struct ConnectPage {
    pub frame: Frame,
    pub kind: &'static str,
    pub title: &'static str,
    pub advice: &'static str,
    pub name: String,
    pub fields: Vec<Field>,
    pub error: Option<String>,
}

/// One field of the form.
#[derive(Clone, Debug)]
pub(super) struct Field {
    /// The setting's name.
    pub name: &'static str,
    pub label: &'static str,
    /// Never shown again.
    pub is_secret: bool,
    pub is_required: bool,
    /// What was entered, unless it is secret.
    pub value: String,
}

/// What a kind asks for: setting, label, whether it is secret, whether it is required.
type Asked = (&'static str, &'static str, bool, bool);

const TELEGRAM: [Asked; 2] = [
    ("TELEGRAM_TOKEN", "Token from @BotFather", true, true),
    ("TELEGRAM_API_URL", "Address of another Bot API server", false, false),
];
const DISCORD: [Asked; 2] = [
    ("DISCORD_TOKEN", "Bot token from the developer portal", true, true),
    ("DISCORD_API_URL", "Address of another API", false, false),
];
const X: [Asked; 8] = [
    ("X_DAILY_SPEND_CAP", "What a day may cost, in US dollars", false, true),
    ("X_CLIENT_ID", "Client id, to sign in with X (OAuth 2.0)", false, false),
    ("X_CLIENT_SECRET", "Client secret, for confidential clients", true, false),
    ("X_CONSUMER_KEY", "Consumer key; webhooks need it too", true, false),
    ("X_CONSUMER_SECRET", "Consumer secret", true, false),
    ("X_ACCESS_TOKEN", "Access token, instead of signing in (OAuth 1.0a)", true, false),
    ("X_ACCESS_TOKEN_SECRET", "Access token secret", true, false),
    ("X_API_URL", "Address of another API", false, false),
];
const WEBHOOK: [Asked; 2] = [
    ("WEBHOOK_SECRET", "Shared secret: whsec_ and base64", true, true),
    ("WEBHOOK_REPLY_URL", "Where replies are posted", false, false),
];

/// What is told beside each form.
fn about(kind: ChannelKind) -> Option<(&'static str, &'static str, &'static [Asked])> {
    Some(match kind {
        ChannelKind::Telegram => (
            "Telegram",
            "Talk to @BotFather, /newbot, and paste the token it gives you.",
            &TELEGRAM,
        ),
        ChannelKind::Discord => (
            "Discord",
            "Create an application in Discord's developer portal, add a bot with the message \
             content intent, and paste its token.",
            &DISCORD,
        ),
        ChannelKind::X => (
            "X",
            "Create an application in X's developer portal. Either enter its client id and sign \
             in on the next page, or paste the account's four keys.",
            &X,
        ),
        ChannelKind::Webhook => (
            "Webhook",
            "Any system of your own: it posts what customers write and gets the replies.",
            &WEBHOOK,
        ),
        ChannelKind::Webchat => return None,
    })
}

/// What was posted: the account's name, and a field for each setting.
#[derive(Debug, Deserialize)]
pub(super) struct Connecting {
    #[serde(default)]
    name: String,
    #[serde(flatten)]
    entered: BTreeMap<String, String>,
}

/// Whose keys are entered again.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Again {
    name: Option<String>,
}

pub(super) async fn ask(
    State(console): State<Console>,
    me: Me,
    Path(kind): Path<String>,
    Query(query): Query<Again>,
) -> Result<Response, ConsoleError> {
    me.require(Role::Admin)?;
    let kind = known(&kind)?;
    let name = query.name.unwrap_or_else(|| free_name(&console.desk, kind));
    form(&console.desk, &me, (kind, name), (&Entered::new(), None)).await
}

pub(super) async fn connect(
    State(console): State<Console>,
    Path(kind): Path<String>,
    Posted { me, form: posted }: Posted<Connecting>,
) -> Result<Response, ConsoleError> {
    let (desk, kind) = (&console.desk, known(&kind)?);
    let Some((_, _, asked)) = about(kind) else {
        return Err(ConsoleError::NotFound(kind.to_string()));
    };
    let name = posted.name.trim().to_owned();
    let name = if name.is_empty() { free_name(desk, kind) } else { name };
    let given = posted.entered.into_iter().map(|(key, value)| (key, value.trim().to_owned()));
    let entered: Entered = given
        .filter(|(key, value)| !value.is_empty() && asked.iter().any(|(name, ..)| name == key))
        .collect();
    match acts::connect(desk, &me.actor(), (kind, &name), &entered).await {
        Ok(connected) => {
            desk.wakes.tell(News::Queue);
            let mut said = vec![format!("Connected as {}.", connected.account.name)];
            said.extend(connected.account.notes);
            said.extend(connected.done);
            super::channel::render(desk, &me, &connected.name, (None, said)).await
        }
        Err(ConnectError::Act(error @ ActError::Forbidden { .. })) => Err(error.into()),
        Err(ConnectError::Act(ActError::Store(error))) => Err(error.into()),
        Err(error) => form(desk, &me, (kind, name), (&entered, Some(error.to_string()))).await,
    }
}

async fn form(
    desk: &Desk,
    me: &Me,
    (kind, name): (ChannelKind, String),
    (entered, error): (&Entered, Option<String>),
) -> Result<Response, ConsoleError> {
    let (title, advice, asked) =
        about(kind).ok_or_else(|| ConsoleError::NotFound(kind.to_string()))?;
    let field = |&(name, label, is_secret, is_required): &Asked| Field {
        name,
        label,
        is_secret,
        is_required,
        value: entered.get(name).filter(|_| !is_secret).cloned().unwrap_or_default(),
    };
    let mut tx = desk.store.read().await?;
    page(&ConnectPage {
        frame: Frame::new(&mut tx, desk, me, "channels").await?,
        kind: kind.as_str(),
        title,
        advice,
        name,
        fields: asked.iter().map(field).collect(),
        error,
    })
}

/// The kind's own name, or the first with a number that no channel has.
fn free_name(desk: &Desk, kind: ChannelKind) -> String {
    let taken = desk.channels.names();
    let numbered = (2..).map(|number| format!("{kind}-{number}"));
    let mut names = std::iter::once(kind.to_string()).chain(numbered);
    names.find(|name| !taken.contains(name)).unwrap_or_else(|| kind.to_string())
}

fn known(kind: &str) -> Result<ChannelKind, ConsoleError> {
    let found = ChannelKind::ALL.into_iter().find(|known| known.as_str() == kind);
    found.ok_or_else(|| ConsoleError::NotFound(format!("kind of channel {kind}")))
}
