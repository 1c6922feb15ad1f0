//! `DiscourseConnect` the other way round: the forum says who somebody is.
//! <https://meta.discourse.org/t/use-discourse-as-an-identity-provider-sso-discourseconnect/32974>
//!
//! In: the forum's address and the secret both sides share. Out: where to send a browser, and who
//! came back. The signature is over the base64 text, in hex; the nonce is the caller's.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;
use url::Url;

use crate::ReceiveError;
use crate::text::hex_signature::{sign, verify};

/// What stands before a signature elsewhere; here it goes without.
const SCHEME: &str = "sha256=";

/// Who the forum says it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Member {
    /// What we sent along.
    pub nonce: String,
    /// Their address, which the forum has verified.
    pub email: String,
    /// Their name there.
    pub username: String,
    /// The name they show, if any.
    pub name: Option<String>,
    /// The groups they are in.
    pub groups: Vec<String>,
}

/// Where a browser has to go to come back to `back` with who it is.
pub fn connect_url(forum: &Url, secret: &SecretString, nonce: &str, back: &Url) -> Url {
    let mut asked = url::form_urlencoded::Serializer::new(String::new());
    asked.append_pair("nonce", nonce).append_pair("return_sso_url", back.as_str());
    let payload = STANDARD.encode(asked.finish());
    let signature = sign(secret, payload.as_bytes());
    let mut url = forum.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(["session", "sso_provider"]);
    }
    url.query_pairs_mut()
        .append_pair("sso", &payload)
        .append_pair("sig", signature.trim_start_matches(SCHEME));
    url
}

/// Who came back: the query's `sso` and `sig`.
pub fn connected(secret: &SecretString, sso: &str, sig: &str) -> Result<Member, ReceiveError> {
    let given = format!("{SCHEME}{sig}");
    verify(secret, sso.as_bytes(), given.as_bytes())
        .map_err(|why| ReceiveError::Unverified(why.to_owned()))?;
    let undecodable = |why: &str| ReceiveError::Undecodable(why.to_owned());
    let payload = STANDARD.decode(sso).map_err(|_| undecodable("sso is not base64"))?;
    let mut member = Member::default();
    for (name, value) in url::form_urlencoded::parse(&payload) {
        let value = value.into_owned();
        match name.as_ref() {
            "nonce" => member.nonce = value,
            "email" => member.email = value,
            "username" => member.username = value,
            "name" => member.name = Some(value).filter(|name| !name.trim().is_empty()),
            "groups" => member.groups = value.split(',').map(str::to_owned).collect(),
            _ => {}
        }
    }
    if member.nonce.is_empty() || !member.email.contains('@') {
        return Err(undecodable("it does not say who this is"));
    }
    Ok(member)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> SecretString {
        "shared-secret".into()
    }

    #[test]
    fn the_example_of_the_documentation_is_signed_so() {
        let forum = Url::parse("https://forum.example/community/").unwrap();
        let back = Url::parse("https://desk.example/sign-in/forum/back").unwrap();
        let url = connect_url(&forum, &secret(), "n-1", &back);
        assert_eq!(url.path(), "/community/session/sso_provider");
        let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let payload = STANDARD.decode(&query[0].1).unwrap();
        assert_eq!(
            String::from_utf8(payload).unwrap(),
            "nonce=n-1&return_sso_url=https%3A%2F%2Fdesk.example%2Fsign-in%2Fforum%2Fback"
        );
        assert_eq!(query[1].1.len(), 64);
    }

    #[test]
    fn only_what_the_forum_signed_says_who_it_is() {
        let sso =
            STANDARD.encode("nonce=n-1&email=mara%40m.example&username=mara&groups=fans,staff");
        let sig = sign(&secret(), sso.as_bytes());
        let sig = sig.trim_start_matches(SCHEME);
        let member = connected(&secret(), &sso, sig).unwrap();
        assert_eq!((member.email.as_str(), member.groups.len()), ("mara@m.example", 2));
        let other = STANDARD.encode("nonce=n-1&email=boss%40m.example");
        assert!(connected(&secret(), &other, sig).is_err());
        assert!(connected(&"guessed".into(), &sso, sig).is_err());
    }
}
