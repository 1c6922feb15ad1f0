//! Signing in with the forum's account: the forum is played here, by its documented rules.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac::{HMAC_SHA256, Key, sign};
use url::Url;

use super::{Answered, Web};

const SHARED: &str = "what the forum and the desk know";
const SETTINGS: [(&str, &str); 3] = [
    ("SUPERFAN_CONNECT_URL", "https://forum.example"),
    ("SUPERFAN_CONNECT_SECRET", SHARED),
    ("SUPERFAN_CONNECT_GROUP", "helpers"),
];

fn signature(payload: &str) -> String {
    let tag = sign(&Key::new(HMAC_SHA256, SHARED.as_bytes()), payload.as_bytes());
    tag.as_ref().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

/// A browser on its way: the cookie it carries and the nonce the forum was given.
struct Visit {
    cookie: String,
    nonce: String,
}

impl Visit {
    async fn begin(web: &Web) -> Self {
        let sent = web.get("/sign-in/forum").await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
        let url = Url::parse(sent.headers[header::LOCATION].to_str().unwrap()).unwrap();
        let value =
            |name| url.query_pairs().find(|(found, _)| found == name).unwrap().1.into_owned();
        let (sso, sig) = (value("sso"), value("sig"));
        assert_eq!(sig, signature(&sso), "the forum accepts who sends");
        let payload = STANDARD.decode(sso).unwrap();
        let nonce = url::form_urlencoded::parse(&payload).find(|(name, _)| name == "nonce");
        let cookie = sent.headers[header::SET_COOKIE].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        Self { cookie, nonce: nonce.unwrap().1.into_owned() }
    }

    /// Comes back as a member of some groups, with a signature of the forum's or another.
    async fn comes_back(&self, web: &Web, groups: &str, sig: Option<&str>) -> Answered {
        let said = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("nonce", &self.nonce)
            .append_pair("email", "Ana@Forum.example")
            .append_pair("username", "ana")
            .append_pair("groups", groups)
            .finish();
        let sso = STANDARD.encode(said);
        let sig = sig.map_or_else(|| signature(&sso), str::to_owned);
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("sso", &sso)
            .append_pair("sig", &sig)
            .finish();
        let request = Request::get(format!("/sign-in/forum/back?{query}"));
        web.send(request.header(header::COOKIE, &self.cookie).body(Body::empty()).unwrap()).await
    }
}

#[tokio::test]
async fn a_member_of_the_group_comes_in_as_an_expert() {
    let web = Web::with(&SETTINGS).await;
    assert!(web.get("/sign-in").await.text.contains("href=\"/sign-in/forum\""));
    let back = Visit::begin(&web).await.comes_back(&web, "everyone,helpers", None).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER, "{}", back.text);
    let mut tx = web.desk.store.read().await.unwrap();
    let person = tx.person_by_email("ana@forum.example").await.unwrap().expect("she joined");
    assert_eq!(person.role, superfan::vocabulary::Role::Expert);
}

#[tokio::test]
async fn an_author_who_came_in_says_how_their_answers_name_them() {
    let web = Web::with(&SETTINGS).await;
    web.solves(&["ana"]).await;
    let back = Visit::begin(&web).await.comes_back(&web, "helpers", None).await;
    let cookies = back.headers.get_all(header::SET_COOKIE).iter();
    let cookie = cookies.map(|cookie| cookie.to_str().unwrap()).find(|one| one.contains("session"));
    let cookie = cookie.unwrap().split(';').next().unwrap().to_owned();
    let request = Request::get("/account").header(header::COOKIE, &cookie);
    let page = web.send(request.body(Body::empty()).unwrap()).await.text;
    assert!(page.contains("On the forum you are <bdi>ana</bdi>."), "{page}");
    let (_, csrf) = page.split_once("name=\"csrf\" value=\"").unwrap();
    let csrf = csrf.split('"').next().unwrap();
    let wishes = async |form: &str| {
        let request = Request::post("/account/credit")
            .header(header::COOKIE, &cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let body = Body::from(format!("csrf={csrf}&{form}"));
        web.send(request.body(body).unwrap()).await.status
    };
    let named = async || {
        let mut tx = web.desk.store.read().await.unwrap();
        tx.wish_of("ana").await.unwrap().name(Some("ana")).map(str::to_owned)
    };
    assert_eq!(wishes("how=as&name=%20").await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(wishes("how=as&name=Anna+K.").await, StatusCode::SEE_OTHER);
    assert_eq!(named().await.as_deref(), Some("Anna K."));
    // Whose it is, is not taken from the form.
    assert_eq!(wishes("how=unnamed&author=zoe").await, StatusCode::SEE_OTHER);
    assert_eq!(named().await, None);
    let fans = web.admin("GET /api/v1/fans", "").await.is(200)["fans"].to_string();
    assert!(!fans.contains("ana") && fans.contains("Kim"), "{fans}");
    assert_eq!(wishes("how=as_written").await, StatusCode::SEE_OTHER);
    assert_eq!(named().await.as_deref(), Some("ana"));
}

#[tokio::test]
async fn nobody_else_comes_in() {
    let web = Web::with(&SETTINGS).await;
    let visit = Visit::begin(&web).await;
    let stranger = visit.comes_back(&web, "everyone", None).await;
    assert_eq!(stranger.status, StatusCode::CONFLICT, "{}", stranger.text);
    let forged = visit.comes_back(&web, "helpers", Some(&"0".repeat(64))).await;
    assert_eq!(forged.status, StatusCode::BAD_REQUEST, "{}", forged.text);
    // What was meant for one browser is of no use in another.
    let other = Visit { cookie: String::new(), nonce: visit.nonce.clone() };
    let stolen = other.comes_back(&web, "helpers", None).await;
    assert_eq!(stolen.status, StatusCode::FORBIDDEN, "{}", stolen.text);
    let mut tx = web.desk.store.read().await.unwrap();
    assert!(tx.person_by_email("ana@forum.example").await.unwrap().is_none());

    let without = Web::open().await;
    assert_eq!(without.get("/sign-in/forum").await.status, StatusCode::NOT_FOUND);
    assert!(!without.get("/sign-in").await.text.contains("/sign-in/forum"));
}
