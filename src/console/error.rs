//! What went wrong, as a page with its status.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};

use crate::people::{ActError, SignInError};
use crate::search::FindError;
use crate::store::StoreError;

/// Why there is no page, or why an act was not done.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConsoleError {
    /// Nobody is signed in.
    #[error("sign in first")]
    SignedOut {
        /// Where to go afterwards, a path of ours.
        next: String,
    },
    /// A form without its session's secret.
    #[error("this form is too old or was not sent from here; load the page again")]
    Forged,
    /// A form that cannot be read.
    #[error("the form could not be read: {0}")]
    Unreadable(String),
    /// What an address asks for cannot be read.
    #[error("this page's address cannot be read; leave out what stands after its “?” ({0})")]
    Address(String),
    /// Nothing has this address.
    #[error("there is no {0}")]
    NotFound(String),
    /// An act was refused.
    #[error(transparent)]
    Act(#[from] ActError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A search failed.
    #[error(transparent)]
    Find(#[from] FindError),
    /// A template failed.
    #[error("the page could not be written")]
    Page(#[from] askama::Error),
}

impl From<SignInError> for ConsoleError {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Store(error) => Self::Store(error),
            other => Self::Act(ActError::Invalid { reason: other.to_string() }),
        }
    }
}

/// A page that says what is wrong.
#[derive(Debug, Template)]
#[template(path = "console/problem.html")]
pub(super) struct ProblemPage {
    /// A few words.
    pub title: &'static str,
    /// What happened and what to do.
    pub text: String,
}

impl ConsoleError {
    fn status(&self) -> StatusCode {
        match self {
            Self::SignedOut { .. } => StatusCode::SEE_OTHER,
            Self::Forged => StatusCode::FORBIDDEN,
            Self::Unreadable(_) | Self::Address(_) => StatusCode::BAD_REQUEST,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Act(error) => status_of(error),
            Self::Store(_) | Self::Find(_) | Self::Page(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// The status that an act's refusal has.
pub(super) fn status_of(error: &ActError) -> StatusCode {
    match error {
        ActError::Forbidden { .. } => StatusCode::FORBIDDEN,
        ActError::Unknown { .. } => StatusCode::NOT_FOUND,
        ActError::Conflict { .. } => StatusCode::CONFLICT,
        ActError::Invalid { .. } => StatusCode::UNPROCESSABLE_ENTITY,
        ActError::Store(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for ConsoleError {
    fn into_response(self) -> Response {
        if let Self::SignedOut { next } = &self {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("next", next)
                .finish();
            return Redirect::to(&format!("/sign-in?{query}")).into_response();
        }
        let status = self.status();
        let (title, text) = match status {
            StatusCode::INTERNAL_SERVER_ERROR => {
                tracing::error!(error = ?self, "a console page failed");
                let text = "Nothing was changed. The log says more.".to_owned();
                ("Something failed here", text)
            }
            StatusCode::FORBIDDEN => ("Not allowed", self.to_string()),
            StatusCode::NOT_FOUND => ("Not found", self.to_string()),
            StatusCode::CONFLICT => ("That was not possible", self.to_string()),
            _ => ("That did not work", self.to_string()),
        };
        match (ProblemPage { title, text }).render() {
            Ok(html) => (status, Html(html)).into_response(),
            Err(_) => status.into_response(),
        }
    }
}

/// Renders a page.
pub(super) fn page(template: &impl Template) -> Result<Response, ConsoleError> {
    Ok(Html(template.render()?).into_response())
}
