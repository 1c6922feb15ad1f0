//! Settings of the forums whose accepted answers are brought in and followed.

use jiff::SignedDuration;
use secrecy::SecretString;
use superfan_bots::discourse::DiscourseConfig;
use superfan_bots::github::GithubConfig;
use url::Url;

use super::settings::{ConfigError, Settings, invalid};
use super::{web_address, whole};

/// The forums, and how they are looked after.
#[derive(Clone, Debug)]
pub struct ForumsConfig {
    /// A Discourse forum. `DISCOURSE_URL` and its other settings.
    pub discourse: Option<DiscourseConfig>,
    /// A repository's Discussions. `GITHUB_REPOSITORY` and its other settings.
    pub github: Option<GithubConfig>,
    /// How often each is looked through for what a lost webhook left behind.
    /// `SUPERFAN_SWEEP_MINUTES`, default 60; `None` is never.
    pub sweep_every: Option<SignedDuration>,
    /// How long a question waits before its customer is asked by rule whether the forum may be.
    /// `DISCOURSE_BRIDGE_MINUTES`, default 0; `None` leaves it to moderators.
    pub bridge_after: Option<SignedDuration>,
    /// In which category questions are posted. `DISCOURSE_BRIDGE_CATEGORY`, its number, default
    /// the forum's own choice.
    pub bridge_category: Option<String>,
    /// In which category letters of thanks are posted. `DISCOURSE_THANKS_CATEGORY`, its number,
    /// default the forum's own choice.
    pub thanks_category: Option<String>,
    /// Where GitHub is. `GITHUB_API_URL`.
    github_api: Url,
    /// What GitHub is asked with, whatever the repository. `GITHUB_TOKEN`.
    github_token: Option<SecretString>,
}

impl ForumsConfig {
    /// A repository named on the command line; `None` without a token.
    pub fn repository(&self, name: &str) -> Option<GithubConfig> {
        let known = self.github.clone().filter(|known| known.repository.eq_ignore_ascii_case(name));
        known.or_else(|| {
            let token = Some(self.github_token.clone()?);
            let (repository, api_url) = (name.to_owned(), self.github_api.clone());
            Some(GithubConfig { repository, token, webhook_secret: None, licence: None, api_url })
        })
    }
}

pub(super) fn read(settings: &Settings) -> Result<ForumsConfig, ConfigError> {
    let minutes = whole(settings, "SUPERFAN_SWEEP_MINUTES", 60)?;
    let bridge_after = whole(settings, "DISCOURSE_BRIDGE_MINUTES", 0)?;
    let github_api = match web_address(settings, "GITHUB_API_URL")? {
        Some(url) => url,
        None => Url::parse("https://api.github.com").expect("the default address is valid"),
    };
    Ok(ForumsConfig {
        discourse: discourse(settings)?,
        github: github(settings, &github_api)?,
        sweep_every: (minutes > 0).then(|| SignedDuration::from_mins(minutes)),
        bridge_after: (bridge_after > 0).then(|| SignedDuration::from_mins(bridge_after)),
        bridge_category: settings.text("DISCOURSE_BRIDGE_CATEGORY").map(|(number, _)| number),
        thanks_category: settings.text("DISCOURSE_THANKS_CATEGORY").map(|(number, _)| number),
        github_api,
        github_token: settings.secret("GITHUB_TOKEN"),
    })
}

/// `DISCOURSE_URL` `DISCOURSE_API_KEY` `DISCOURSE_API_USER` `DISCOURSE_WEBHOOK_SECRET`
/// `DISCOURSE_LICENCE` `DISCOURSE_PER_MINUTE`.
fn discourse(settings: &Settings) -> Result<Option<DiscourseConfig>, ConfigError> {
    let advice = "write how many calls a minute it may be asked, at least 1";
    let per_minute: u32 = settings.parsed("DISCOURSE_PER_MINUTE", 60, advice)?;
    let Some(url) = web_address(settings, "DISCOURSE_URL")? else { return Ok(None) };
    let api_user = settings.text("DISCOURSE_API_USER").map(|(name, _)| name);
    Ok(Some(DiscourseConfig {
        url,
        api_key: settings.secret("DISCOURSE_API_KEY"),
        api_user: api_user.unwrap_or_else(|| "system".to_owned()),
        webhook_secret: settings.secret("DISCOURSE_WEBHOOK_SECRET"),
        licence: settings.text("DISCOURSE_LICENCE").map(|(text, _)| text),
        per_minute,
    }))
}

/// `GITHUB_REPOSITORY` `GITHUB_TOKEN` `GITHUB_WEBHOOK_SECRET` `GITHUB_LICENCE`.
fn github(settings: &Settings, api: &Url) -> Result<Option<GithubConfig>, ConfigError> {
    let token = settings.secret("GITHUB_TOKEN");
    let Some((repository, origin)) = settings.text("GITHUB_REPOSITORY") else { return Ok(None) };
    if !GithubConfig::is_repository(&repository) {
        return Err(invalid("GITHUB_REPOSITORY", repository, origin, "write owner/name"));
    }
    let token = token.ok_or_else(|| ConfigError::Missing {
        name: "GITHUB_TOKEN".to_owned(),
        advice: "GitHub tells Discussions to nobody without a token; make one that may read them"
            .to_owned(),
    })?;
    Ok(Some(GithubConfig {
        repository,
        token: Some(token),
        webhook_secret: settings.secret("GITHUB_WEBHOOK_SECRET"),
        licence: settings.text("GITHUB_LICENCE").map(|(text, _)| text),
        api_url: api.clone(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pairs: &[(&str, &str)], expected: &str) {
        let words = match read(&Settings::from_pairs(pairs.iter().copied())) {
            Ok(config) => format!(
                "{} {} {:?}",
                config.discourse.map_or("-".to_owned(), |forum| forum.url.to_string()),
                config.github.map_or("-".to_owned(), |forum| forum.repository),
                config.sweep_every.map(|every| every.as_secs() / 60),
            ),
            Err(error) => error.to_string(),
        };
        assert_eq!(words.split(" (").next().unwrap_or_default(), expected);
    }

    #[test]
    fn an_address_is_enough_for_discourse_and_github_needs_a_token() {
        check(&[], "- - Some(60)");
        check(
            &[("DISCOURSE_URL", "https://f.example/forum")],
            "https://f.example/forum - Some(60)",
        );
        check(&[("SUPERFAN_SWEEP_MINUTES", "0")], "- - None");
        check(&[("DISCOURSE_URL", "f.example")], "DISCOURSE_URL is \"f.example\"");
        let token = ("GITHUB_TOKEN", "t");
        check(&[("GITHUB_REPOSITORY", "acme/ears"), token], "- acme/ears Some(60)");
        check(&[("GITHUB_REPOSITORY", "ears"), token], "GITHUB_REPOSITORY is \"ears\"");
    }
}
