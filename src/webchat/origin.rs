//! Which sites may use the chat: our own page, and those in `SUPERFAN_CHAT_ORIGINS`.

use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use superfan_bots::webchat::origin_allowed;
use url::Url;

use crate::config::Config;
use crate::http::Problem;

/// Refuses a browser that speaks for another site, with 403.
///
/// A page served by us carries our own host in both `Origin` and `Host`, whatever name we were
/// reached by; a page of another site cannot make the two equal.
pub(super) fn ensure_ours(parts: &Parts, config: &Config) -> Result<(), Problem> {
    let text = |name| parts.headers.get(name).map(HeaderValue::to_str);
    let Some(origin) = text(header::ORIGIN) else {
        return Ok(());
    };
    let origin = origin.unwrap_or("unreadable");
    let host = text(header::HOST).and_then(Result::ok);
    let is_own_host = origin.split_once("://").is_some_and(|(_, name)| Some(name) == host);
    let own = config.public_url.as_ref().map_or_else(
        || format!("http://{}", config.listen),
        |url| url.origin().ascii_serialization(),
    );
    if is_own_host || origin_allowed(Some(origin), &own, &config.chat_origins) {
        return Ok(());
    }
    let detail = "this site may not use the chat; SUPERFAN_CHAT_ORIGINS names those that may";
    Err(Problem::new(StatusCode::FORBIDDEN, detail))
}

/// The page's policy: our own files only, framed by us and by the sites that may.
pub(super) fn policy(config: &Config) -> HeaderValue {
    let mut ancestors = "'self'".to_owned();
    for site in config.chat_origins.iter().filter_map(|site| Url::parse(site).ok()) {
        let origin = site.origin();
        if origin.is_tuple() {
            ancestors.push(' ');
            ancestors.push_str(&origin.ascii_serialization());
        }
    }
    let policy = format!(
        "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; \
         frame-ancestors {ancestors}"
    );
    HeaderValue::try_from(policy).expect("origins are ASCII without control characters")
}
