//! Settings of a Discord application.

use superfan_bots::discord::{DiscordConfig, Mode, PublicKey, Staff, Style};

use super::channels::base;
use super::settings::{ConfigError, Settings, invalid};

/// `DISCORD_TOKEN` `DISCORD_MODE` `DISCORD_APPLICATION_ID` `DISCORD_PUBLIC_KEY` `DISCORD_API_URL`
/// `DISCORD_STYLE` `DISCORD_THREADS` `DISCORD_EPHEMERAL` `DISCORD_STAFF_CHANNEL_ID`
/// `DISCORD_MODERATOR_ROLE_ID`.
pub(super) fn read(settings: &Settings) -> Result<Option<DiscordConfig>, ConfigError> {
    let Some(token) = settings.secret("DISCORD_TOKEN") else {
        return Ok(None);
    };
    let modes = [("gateway", Mode::Gateway), ("interactions", Mode::Interactions)];
    let styles = [("plain", Style::Plain), ("embed", Style::Embed)];
    let yes_or_no = "write true or false";
    Ok(Some(DiscordConfig {
        token,
        application_id: id(settings, "DISCORD_APPLICATION_ID", "copy the digits from its page")?,
        public_key: public_key(settings)?,
        api_url: base(settings, "DISCORD_API_URL", "https://discord.com")?,
        mode: one_of(settings, "DISCORD_MODE", &modes)?,
        style: one_of(settings, "DISCORD_STYLE", &styles)?,
        threads: settings.parsed("DISCORD_THREADS", false, yes_or_no)?,
        ephemeral: settings.parsed("DISCORD_EPHEMERAL", false, yes_or_no)?,
        support_places: Vec::new(),
        staff: staff(settings)?,
    }))
}

/// The value with this name; the first is the default.
fn one_of<T: Copy>(
    settings: &Settings,
    name: &str,
    values: &[(&str, T); 2],
) -> Result<T, ConfigError> {
    let [(_, default), _] = values;
    let Some((text, origin)) = settings.text(name) else {
        return Ok(*default);
    };
    let named = values.iter().find(|(known, _)| *known == text);
    let advice = format!("write {} or {}", values[0].0, values[1].0);
    named.map(|(_, value)| *value).ok_or_else(|| invalid(name, text, origin, &advice))
}

fn id(settings: &Settings, name: &str, advice: &str) -> Result<Option<String>, ConfigError> {
    match settings.text(name) {
        Some((text, origin)) if !text.bytes().all(|byte| byte.is_ascii_digit()) => {
            Err(invalid(name, text, origin, advice))
        }
        found => Ok(found.map(|(text, _)| text)),
    }
}

/// The channel of the brand's own people; a role means nothing without it.
fn staff(settings: &Settings) -> Result<Option<Staff>, ConfigError> {
    let advice = "copy the id in Discord: developer mode, right click, Copy ID";
    let channel = id(settings, "DISCORD_STAFF_CHANNEL_ID", advice)?;
    let role = id(settings, "DISCORD_MODERATOR_ROLE_ID", advice)?;
    Ok(channel.map(|channel| Staff { channel, role }))
}

fn public_key(settings: &Settings) -> Result<Option<PublicKey>, ConfigError> {
    let name = "DISCORD_PUBLIC_KEY";
    let Some((text, origin)) = settings.text(name) else {
        return Ok(None);
    };
    let advice = "copy the 64 hex digits from the application's page";
    PublicKey::from_hex(&text).map(Some).map_err(|_| invalid(name, text, origin, advice))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_pairs(pairs: &[(&str, &str)]) -> Result<Option<DiscordConfig>, ConfigError> {
        read(&Settings::from_pairs(pairs.iter().copied()))
    }

    #[test]
    fn a_token_is_enough() {
        assert!(read_pairs(&[("DISCORD_MODE", "gateway")]).unwrap().is_none());
        let config = read_pairs(&[("DISCORD_TOKEN", "t")]).unwrap().unwrap();
        assert_eq!((config.mode, config.style), (Mode::Gateway, Style::Plain));
        assert!(!config.threads && !config.ephemeral && config.public_key.is_none());
    }

    #[test]
    fn nonsense_is_refused_with_advice() {
        let bad = [
            ("DISCORD_MODE", "poll"),
            ("DISCORD_STYLE", "fancy"),
            ("DISCORD_THREADS", "sometimes"),
            ("DISCORD_APPLICATION_ID", "my app"),
            ("DISCORD_PUBLIC_KEY", "abc"),
            ("DISCORD_STAFF_CHANNEL_ID", "#staff"),
            ("DISCORD_MODERATOR_ROLE_ID", "Moderators"),
        ];
        for (name, value) in bad {
            let error = read_pairs(&[("DISCORD_TOKEN", "t"), (name, value)]).unwrap_err();
            assert!(error.to_string().contains(name), "{error}");
        }
    }
}
