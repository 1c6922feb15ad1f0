//! A desk in a scratch folder, people who are signed in, and customers who ask.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, Request, StatusCode};
use superfan_bots::{Author, AuthorKind, Content, InboundMessage, Place, ReplyAddress};
use superfan_index::Index;
use tempfile::TempDir;
use tower::ServiceExt;

use crate::clock::{TestClock, from_millis};
use crate::config::{Config, Settings};
use crate::console::router;
use crate::desk::Desk;
use crate::escalation::{Opening, open_or_join};
use crate::ids::EscalationId;
use crate::open::open_with;
use crate::people::{Actor, add_person, session_actor, sign_in_with_link};
use crate::search::Search;
use crate::store::Store;
use crate::vocabulary::{Reason, Role};

/// A desk with its router.
pub(super) struct House {
    pub(super) desk: Desk,
    pub(super) clock: Arc<TestClock>,
    app: Router,
    _folder: TempDir,
}

/// Somebody with a browser.
#[derive(Clone, Debug, Default)]
pub(super) struct Visitor {
    pub(super) cookie: String,
    pub(super) csrf: String,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Seen {
    /// Where it sends the browser.
    #[track_caller]
    pub(super) fn location(&self) -> &str {
        self.headers.get(LOCATION).map_or("", |value| value.to_str().unwrap())
    }

    /// The session cookie it sets, without its attributes.
    pub(super) fn cookie(&self) -> String {
        let line = self.headers.get(SET_COOKIE).map_or("", |value| value.to_str().unwrap());
        line.split(';').next().unwrap_or_default().to_owned()
    }

    /// The body of a page that must have worked.
    #[track_caller]
    pub(super) fn page(&self) -> &str {
        assert_eq!(self.status, StatusCode::OK, "{}", self.body);
        &self.body
    }
}

impl House {
    pub(super) async fn open() -> Self {
        Self::with(&[]).await
    }

    /// With more settings.
    pub(super) async fn with(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings::from_pairs(settings.iter().copied());
        let config = Config::read(&settings, Some(folder.path())).unwrap();
        let clock = Arc::new(TestClock::starting(from_millis(1_764_000_000_000)));
        let store = Store::open_embedded(folder.path()).await.unwrap();
        let search = Search::new(Arc::new(Index::in_ram()));
        let desk = open_with(config, store, search, clock.clone()).await.unwrap();
        Self { app: router(desk.clone()), desk, clock, _folder: folder }
    }

    /// A person with this role, signed in; their name is the part before `@`.
    pub(super) async fn person(&self, name: &str, role: Role) -> Visitor {
        let token = self.link(name, role).await;
        let now = self.desk.stage().now;
        let mut tx = self.desk.store.begin().await.unwrap();
        let (session, _) = sign_in_with_link(&mut tx, now, &token).await.unwrap();
        let csrf = session_actor(&mut tx, now, &session).await.unwrap().unwrap().csrf;
        tx.commit().await.unwrap();
        Visitor { cookie: format!("superfan_session={session}"), csrf }
    }

    /// The token of a fresh one-time link.
    pub(super) async fn link(&self, name: &str, role: Role) -> String {
        let mut tx = self.desk.store.begin().await.unwrap();
        let (stage, operator) = (self.desk.stage(), Actor::operator());
        let email = format!("{name}@team.example");
        let token = add_person(&mut tx, &stage, &operator, &email, role).await.unwrap();
        tx.commit().await.unwrap();
        token
    }

    /// A customer of the web chat whose question waits for a person.
    pub(super) async fn asks(&self, customer: &str, text: &str) -> EscalationId {
        let now = self.desk.stage().now;
        self.desk.inbox.store("webchat", message(customer, text, now)).await.unwrap();
        self.desk.inbox.sort(now, now).await.unwrap();
        let mut tx = self.desk.store.begin().await.unwrap();
        let found = tx.conversations(Some("webchat"), Some(customer), None, 1).await.unwrap();
        let row = tx.customer(found[0].customer_id).await.unwrap().unwrap();
        let opening = Opening {
            conversation: &found[0],
            customer: &row,
            question: text,
            said: text,
            lang: "en",
            reason: Reason::LowConfidence,
            decision_id: None,
            priority: 3,
        };
        open_or_join(&mut tx, &self.desk.stage(), &opening).await.unwrap();
        let opened = tx.open_escalation(found[0].id, row.id).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        opened.id
    }

    pub(super) async fn get(&self, visitor: &Visitor, path: &str) -> Seen {
        self.send(Request::get(path).header(COOKIE, &visitor.cookie).body(Body::empty())).await
    }

    /// Sends a form with the secret of the visitor's session.
    pub(super) async fn post(&self, who: &Visitor, path: &str, fields: &[(&str, &str)]) -> Seen {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("csrf", &who.csrf).extend_pairs(fields);
        self.post_raw(who, path, form.finish(), &[]).await
    }

    pub(super) async fn post_raw(
        &self,
        who: &Visitor,
        path: &str,
        body: String,
        headers: &[(&str, &str)],
    ) -> Seen {
        let mut request = Request::post(path)
            .header(COOKIE, &who.cookie)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body))).await
    }

    async fn send(&self, request: axum::http::Result<Request<Body>>) -> Seen {
        let response = self.app.clone().oneshot(request.unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 8 << 20).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        Seen { status: parts.status, headers: parts.headers, body }
    }
}

fn message(customer: &str, text: &str, at: jiff::Timestamp) -> InboundMessage {
    InboundMessage {
        event_key: format!("msg:{customer}:{}", text.len()),
        conversation: customer.to_owned(),
        address: ReplyAddress { value: customer.to_owned(), expires_at: None },
        place: Place::Private,
        author: Author {
            id: customer.to_owned(),
            name: Some(customer.to_owned()),
            lang: None,
            kind: AuthorKind::Person,
        },
        message_id: None,
        reply_to: None,
        content: Content::Text { text: text.to_owned() },
        sent_at: at,
    }
}
