//! The list of all variables, for `doctor`, `.env.example` and the docs.

/// One variable.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// Its default, as `.env.example` shows it; empty for none.
    pub default: &'static str,
    /// What it is for, one line.
    pub about: &'static str,
    /// Whether its value must not be shown.
    pub is_secret: bool,
}

const fn plain(name: &'static str, default: &'static str, about: &'static str) -> Variable {
    Variable { name, default, about, is_secret: false }
}

const fn secret(name: &'static str, about: &'static str) -> Variable {
    Variable { name, default: "", about, is_secret: true }
}

/// Every variable, in the order of `.env.example`.
pub const VARIABLES: &[Variable] = &[
    plain("SUPERFAN_LISTEN", "127.0.0.1:8080", "Where HTTP is served."),
    plain("SUPERFAN_PUBLIC_URL", "", "How the outside reaches us; needed to register webhooks."),
    plain("SUPERFAN_DATA_DIR", "data", "Where everything durable is."),
    secret("SUPERFAN_DATABASE_URL", "postgres://… instead of SQLite in the data dir."),
    plain("SUPERFAN_ARTIFACTS", "", "For sharing indexes between nodes; nothing reads it yet."),
    plain("SUPERFAN_BRAND_NAME", "our", "Who runs this, in the bot's words."),
    plain("SUPERFAN_TARGET_PRECISION", "0.95", "Share of automatic replies that must be right."),
    plain("SUPERFAN_SEMANTIC_MODEL", "", "Folders of sentence models, separated by commas."),
    plain("SUPERFAN_QUIET_MS", "1500", "How long free text waits for more of it; 0 is off."),
    plain("SUPERFAN_MAX_AGE_MINUTES", "60", "Older messages go to people."),
    plain("SUPERFAN_CLAIM_MINUTES", "15", "How long a claim holds while its owner is idle."),
    plain("SUPERFAN_ALERT_MINUTES", "30", "When staff are told that an escalation waits."),
    plain("SUPERFAN_STAFF_WEBHOOK_URL", "", "Where staff are told."),
    secret("SUPERFAN_STAFF_WEBHOOK_SECRET", "Signs what is sent there: whsec_ and base64."),
    secret("SUPERFAN_MAIL_URL", "smtp://user:password@host:587 or smtps://…:465; no mail without."),
    plain("SUPERFAN_MAIL_FROM", "", "Who writes, an address."),
    plain("SUPERFAN_MAIL_TO", "", "Who of staff gets mail, addresses separated by commas."),
    plain("SUPERFAN_MINUTES_PER_CASE", "10", "What a case costs a person, for hours saved."),
    plain("SUPERFAN_PUBLIC_FANS", "false", "Whether everybody may read who solved the most."),
    plain("SUPERFAN_SENSITIVE_TOPICS", "", "More phrases a human must take, separated by commas."),
    plain(
        "SUPERFAN_HELPDESK_KIND",
        "webhook",
        "The help desk you have: webhook, chatwoot, zammad.",
    ),
    plain("SUPERFAN_HELPDESK_URL", "", "Where it is; escalations stay here without."),
    secret("SUPERFAN_HELPDESK_SECRET", "The secret of its webhook; whsec_ and base64 for webhook."),
    secret("SUPERFAN_HELPDESK_TOKEN", "An access token there (chatwoot, zammad)."),
    plain("SUPERFAN_HELPDESK_ACCOUNT", "", "The number of the account (chatwoot)."),
    plain("SUPERFAN_HELPDESK_INBOX", "", "The identifier of the API inbox (chatwoot)."),
    plain("SUPERFAN_HELPDESK_GROUP", "", "The group that gets the tickets (zammad)."),
    plain("SUPERFAN_LOOKUP_URL", "", "What knows your customers: asked for the escalation's card."),
    secret("SUPERFAN_LOOKUP_SECRET", "Signs what is asked there: whsec_ and base64."),
    plain("SUPERFAN_FORBIDDEN_PHRASES", "", "What experts must not write, separated by commas."),
    plain("SUPERFAN_EXPERT_REVIEW", "false", "Whether a moderator reads experts' words first."),
    plain("SUPERFAN_CONNECT_URL", "", "The Discourse forum whose accounts may sign in here."),
    secret("SUPERFAN_CONNECT_SECRET", "The forum's discourse connect provider secret."),
    plain("SUPERFAN_CONNECT_GROUP", "", "The forum group whose members become experts."),
    plain("SUPERFAN_PRODUCTS", "", "What the brand makes; products.toml in the data dir."),
    plain("SUPERFAN_RECALL", "offer", "What un-accepted answers lead to: offer or automatic."),
    plain(
        "SUPERFAN_INCIDENT_CUSTOMERS",
        "5",
        "So many who ask the same within an hour are an incident; 0 is never.",
    ),
    plain("SUPERFAN_SWEEP_MINUTES", "60", "How often forums are looked through; 0 is never."),
    secret("SUPERFAN_API_TOKEN", "A token that acts as admin over the API."),
    plain("SUPERFAN_CHAT_ORIGINS", "", "Sites that may embed the web chat, separated by commas."),
    plain("SUPERFAN_SUPPORT_PLACES", "", "channel:place list where every question is listened to."),
    plain("SUPERFAN_SHADOW", "", "Channels where people release what the bot drafts; * is all."),
    plain("SUPERFAN_INBOX_LIMIT", "100000", "Unhandled messages beyond which deliveries get 503."),
    plain("SUPERFAN_TRUSTED_PROXIES", "", "IP addresses whose X-Forwarded-For counts."),
    plain(
        "SUPERFAN_ALLOW_PRIVATE_ADDRESSES",
        "false",
        "Whether addresses that people enter may be private ones.",
    ),
    secret(
        "SUPERFAN_SECRET_KEY",
        "Seals tokens in the store; made and kept in the data dir if not set.",
    ),
    plain("SUPERFAN_LOG", "info", "What is logged, per module if wanted."),
    plain("SUPERFAN_LOG_FORMAT", "text", "text or json."),
    secret("TELEGRAM_TOKEN", "A Telegram bot's token; off without."),
    plain("TELEGRAM_MODE", "poll", "poll or webhook."),
    secret("TELEGRAM_WEBHOOK_SECRET", "Made and kept if not set."),
    plain("TELEGRAM_API_URL", "https://api.telegram.org", "Scheme, host and port only."),
    plain("TELEGRAM_LINK_PREVIEWS", "false", "Whether links in messages are previewed."),
    secret("DISCORD_TOKEN", "A Discord bot's token; off without."),
    plain("DISCORD_MODE", "gateway", "gateway, or interactions posted to us."),
    plain("DISCORD_APPLICATION_ID", "", "Asked of Discord if not set."),
    plain("DISCORD_PUBLIC_KEY", "", "Checks posted interactions; asked of Discord if not set."),
    plain("DISCORD_API_URL", "https://discord.com", "Scheme, host and port only."),
    plain("DISCORD_STYLE", "plain", "How answers look: plain or embed."),
    plain("DISCORD_THREADS", "false", "Whether questions in channels are answered in threads."),
    plain("DISCORD_EPHEMERAL", "false", "Whether only the asker sees the answer to a command."),
    plain("DISCORD_STAFF_CHANNEL_ID", "", "The channel where your people take escalations."),
    plain("DISCORD_MODERATOR_ROLE_ID", "", "Who may; everybody who can write there if not set."),
    plain("X_CONSUMER_KEY", "", "An X application's key; off without keys."),
    secret("X_CONSUMER_SECRET", "Its secret; also verifies webhooks."),
    secret("X_ACCESS_TOKEN", "The account's token, with the application's keys."),
    secret("X_ACCESS_TOKEN_SECRET", "Its secret."),
    plain("X_CLIENT_ID", "", "OAuth 2.0 instead: the application's client id."),
    secret("X_CLIENT_SECRET", "Its secret, for confidential clients."),
    secret("X_REFRESH_TOKEN", "The first refresh token; later ones are kept in the store."),
    plain("X_USER_ID", "", "The account's id; asked of X if not set."),
    plain("X_MODE", "poll", "poll or webhook."),
    plain("X_POLL_SECONDS", "60", "How often mentions are read in poll mode."),
    plain("X_DAILY_SPEND_CAP", "", "US dollars a day may cost; required with keys."),
    plain("X_PRICES", "", "Prices in US dollars that differ: reply=0.01,link=0.2."),
    plain("X_LINKS", "false", "Whether public replies carry links, which cost far more."),
    plain("X_THREAD_POSTS", "1", "How many posts an automatic reply may take."),
    plain("X_MORE_IN_DM", "false", "Whether what does not fit goes on in DMs of who wrote one."),
    plain("X_API_URL", "https://api.x.com", "Scheme, host and port only."),
    secret("WEBHOOK_SECRET", "whsec_ and base64, several separated by spaces; off without."),
    plain("WEBHOOK_REPLY_URL", "", "Where the generic channel's replies are posted."),
    plain("DISCOURSE_URL", "", "The forum whose accepted answers are followed; off without."),
    secret("DISCOURSE_API_KEY", "Its API key; a public forum is read without."),
    plain("DISCOURSE_API_USER", "system", "Whose name the key acts under."),
    secret("DISCOURSE_WEBHOOK_SECRET", "What its webhook is signed with."),
    plain("DISCOURSE_LICENCE", "", "The licence of its posts, which it does not say."),
    plain("DISCOURSE_PER_MINUTE", "60", "How many calls a minute it may be asked."),
    plain(
        "DISCOURSE_BRIDGE_MINUTES",
        "0",
        "When customers are asked whether the forum may be; 0 is never.",
    ),
    plain(
        "DISCOURSE_BRIDGE_CATEGORY",
        "",
        "The number of the category where questions are posted.",
    ),
    plain("DISCOURSE_THANKS_CATEGORY", "", "The number of the category where fans are thanked."),
    plain("GITHUB_REPOSITORY", "", "owner/name whose answered Discussions are followed."),
    secret("GITHUB_TOKEN", "A token that may read them; needed."),
    secret("GITHUB_WEBHOOK_SECRET", "What its webhook is signed with."),
    plain("GITHUB_LICENCE", "", "The licence of its Discussions, which GitHub does not say."),
    plain("GITHUB_API_URL", "https://api.github.com", "Without /graphql."),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn example() -> Vec<(String, String)> {
        let text = include_str!("../../.env.example");
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        lines
            .map(|line| line.split_once('=').expect("every line is NAME=value"))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    /// Every name in capitals that the configuration's sources mention in quotes.
    fn mentioned() -> BTreeSet<String> {
        let sources = [
            include_str!("mod.rs"),
            include_str!("channels.rs"),
            include_str!("connect.rs"),
            include_str!("discord.rs"),
            include_str!("helpdesk.rs"),
            include_str!("forums.rs"),
            include_str!("mail.rs"),
            include_str!("x.rs"),
        ];
        let quoted = sources.into_iter().flat_map(|source| source.split('"'));
        let is_name = |text: &&str| {
            text.contains('_') && text.chars().all(|c| c.is_ascii_uppercase() || c == '_')
        };
        quoted.filter(is_name).map(str::to_owned).collect()
    }

    #[test]
    fn the_example_says_every_variable_with_its_default() {
        let listed: Vec<(String, String)> =
            VARIABLES.iter().map(|v| (v.name.to_owned(), v.default.to_owned())).collect();
        assert_eq!(example(), listed);
    }

    #[test]
    fn every_variable_that_is_read_is_listed() {
        let listed: BTreeSet<String> = VARIABLES.iter().map(|v| v.name.to_owned()).collect();
        let unlisted: Vec<_> = mentioned().difference(&listed).cloned().collect();
        assert!(unlisted.is_empty(), "read but not listed: {unlisted:?}");
        // Logging reads its own two before there is a configuration.
        let logging = ["SUPERFAN_LOG", "SUPERFAN_LOG_FORMAT"].map(str::to_owned);
        let unread: Vec<_> = listed.difference(&mentioned()).cloned().collect();
        assert_eq!(unread, logging);
    }

    #[test]
    fn the_defaults_of_the_example_are_those_of_the_program() {
        let example = example();
        let pairs = example.iter().filter(|(_, value)| !value.is_empty());
        let settings =
            crate::config::Settings::from_pairs(pairs.map(|(n, v)| (n.as_str(), v.as_str())));
        let given = crate::config::Config::read(&settings, None).unwrap();
        let nothing = crate::config::Settings::from_pairs([]);
        let defaults = crate::config::Config::read(&nothing, None).unwrap();
        assert_eq!(format!("{given:?}"), format!("{defaults:?}"));
    }
}
