//! Settings of an X account: which keys, what a day may cost, how posts look.

use std::time::Duration;

use superfan_bots::x::{
    AccountKeys, ConsumerKeys, Keys, Mode, Prices, Style280, UserKeys, XConfig,
};

use super::channels::base;
use super::settings::{ConfigError, Settings, invalid};

/// The account that the settings describe; `None` without keys.
pub(super) fn read(settings: &Settings) -> Result<Option<XConfig>, ConfigError> {
    let Some(keys) = keys(settings)? else {
        return Ok(None);
    };
    let mode = match settings.text("X_MODE") {
        None => Mode::Poll,
        Some((text, origin)) => match text.as_str() {
            "poll" => Mode::Poll,
            "webhook" => Mode::Webhook,
            _ => return Err(invalid("X_MODE", text, origin, "write poll or webhook")),
        },
    };
    let seconds: u32 = settings.parsed("X_POLL_SECONDS", 60, "write a number of seconds")?;
    let advice = "write a list such as reply=0.01,link=0.2";
    Ok(Some(XConfig {
        keys,
        user_id: settings.text("X_USER_ID").map(|(id, _)| id),
        mode,
        poll_every: Duration::from_secs(u64::from(seconds.max(1))),
        daily_spend_cap: daily_spend_cap(settings)?,
        prices: settings.parsed("X_PRICES", Prices::default(), advice)?,
        style: Style280 {
            links: settings.parsed("X_LINKS", false, "write true or false")?,
            thread: settings.parsed("X_THREAD_POSTS", 1, "write a number of posts")?.max(1),
            more_in_direct: settings.parsed("X_MORE_IN_DM", false, "write true or false")?,
        },
        api_url: base(settings, "X_API_URL", "https://api.x.com")?,
    }))
}

fn keys(settings: &Settings) -> Result<Option<Keys>, ConfigError> {
    let consumer = match (settings.text("X_CONSUMER_KEY"), settings.secret("X_CONSUMER_SECRET")) {
        (Some((key, _)), Some(secret)) => Some(ConsumerKeys { key, secret }),
        _ => None,
    };
    if let Some((client_id, _)) = settings.text("X_CLIENT_ID") {
        return Ok(Some(Keys::User(UserKeys {
            client_id,
            client_secret: settings.secret("X_CLIENT_SECRET"),
            refresh_token: settings.secret("X_REFRESH_TOKEN"),
            consumer,
        })));
    }
    let all = ["X_CONSUMER_KEY", "X_CONSUMER_SECRET", "X_ACCESS_TOKEN", "X_ACCESS_TOKEN_SECRET"];
    if all.iter().all(|name| settings.text(name).is_none()) {
        return Ok(None);
    }
    if let Some(name) = all.into_iter().find(|name| settings.text(name).is_none()) {
        return Err(missing(name, "X needs all four keys, or X_CLIENT_ID"));
    }
    let (Some(consumer), Some((access_token, _)), Some(access_token_secret)) =
        (consumer, settings.text("X_ACCESS_TOKEN"), settings.secret("X_ACCESS_TOKEN_SECRET"))
    else {
        return Ok(None);
    };
    let ConsumerKeys { key: consumer_key, secret: consumer_secret } = consumer;
    Ok(Some(Keys::Account(AccountKeys {
        consumer_key,
        consumer_secret,
        access_token,
        access_token_secret,
    })))
}

fn daily_spend_cap(settings: &Settings) -> Result<f64, ConfigError> {
    let advice = "write US dollars such as 5.00";
    let cap: Option<f64> = settings.optional("X_DAILY_SPEND_CAP", advice)?;
    let cap = cap.ok_or_else(|| {
        missing("X_DAILY_SPEND_CAP", "X charges for every reply; say what a day may cost, in USD")
    })?;
    if cap.is_finite() && cap >= 0.0 {
        return Ok(cap);
    }
    match settings.text("X_DAILY_SPEND_CAP") {
        Some((text, origin)) => Err(invalid("X_DAILY_SPEND_CAP", text, origin, advice)),
        None => Ok(0.0),
    }
}

fn missing(name: &str, advice: &str) -> ConfigError {
    ConfigError::Missing { name: name.to_owned(), advice: advice.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [(&str, &str); 4] = [
        ("X_CONSUMER_KEY", "ck"),
        ("X_CONSUMER_SECRET", "cs"),
        ("X_ACCESS_TOKEN", "at"),
        ("X_ACCESS_TOKEN_SECRET", "ats"),
    ];

    #[track_caller]
    fn check(pairs: &[(&str, &str)], expected: &str) {
        let words = match read(&Settings::from_pairs(pairs.iter().copied())) {
            Ok(None) => "off".to_owned(),
            Ok(Some(config)) => format!("{:?}, {} a day", config.mode, config.daily_spend_cap),
            Err(error) => error.to_string().split(':').next().unwrap_or_default().to_owned(),
        };
        assert_eq!(words, expected);
    }

    #[test]
    fn keys_come_together_and_with_a_cap() {
        let cap = ("X_DAILY_SPEND_CAP", "2.5");
        let with = |more: &[(&'static str, &'static str)]| [&KEYS[..], more].concat();
        check(&[], "off");
        check(&[cap], "off");
        check(&KEYS[..3], "X_ACCESS_TOKEN_SECRET is missing");
        check(&KEYS, "X_DAILY_SPEND_CAP is missing");
        check(&with(&[cap]), "Poll, 2.5 a day");
        check(&with(&[cap, ("X_MODE", "webhook")]), "Webhook, 2.5 a day");
        check(
            &with(&[("X_DAILY_SPEND_CAP", "-1")]),
            "X_DAILY_SPEND_CAP is \"-1\" (from the environment)",
        );
        check(&[("X_CLIENT_ID", "c"), cap], "Poll, 2.5 a day");
        check(&[("X_CLIENT_ID", "c")], "X_DAILY_SPEND_CAP is missing");
        check(&[("X_CLIENT_ID", "c"), ("X_REFRESH_TOKEN", "r"), cap], "Poll, 2.5 a day");
    }
}
