//! The pages for the people who work here: server-rendered, complete without script.
//!
//! In: requests of signed-in people. Out: pages read from the store, and acts called in a
//! transaction. A handler reads, builds a view and renders it. Must not know: SQL, what a good
//! answer is, platforms; it decides nothing that an act does not decide.

mod account;
mod answer_form;
mod answers;
mod assets;
mod audit;
mod beside;
mod card;
mod channel;
mod channels;
mod chosen;
mod connect;
mod conversation;
mod customers;
mod delivery;
mod drafts;
mod error;
mod escalation;
mod expert_forms;
mod fans;
mod form;
mod forum_question;
mod forum_sign_in;
mod frame;
mod gaps;
mod headers;
mod incidents;
mod index;
mod insights;
mod live;
mod moves;
mod outbox;
mod people;
mod programme;
mod query;
mod queue;
mod recall;
mod replay;
mod session;
mod sign_in;
mod source_forum;
mod sources;
mod storable;
mod thread;
mod try_it;
mod words;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::middleware::{map_request, map_response};
use axum::routing::{get, post};

use crate::desk::Desk;
use crate::lookup::Lookup;
use sign_in::Attempts;

/// The setting that remembers that somebody tried a question.
const TRIED: &str = "console.tried";

/// What every handler is given.
#[derive(Clone, Debug)]
struct Console {
    desk: Desk,
    attempts: Arc<Attempts>,
    lookup: Arc<Lookup>,
}

/// Every page of the console, to be merged with the server's other routes.
pub fn router(desk: Desk) -> Router {
    let attempts = Arc::new(Attempts::new(&desk.clock));
    let lookup = Arc::new(Lookup::new(desk.config.lookup.clone()));
    Router::new()
        .route("/", get(queue::show))
        .route("/next", get(queue::next))
        .route("/live", get(live::follow))
        .route("/escalations/{id}", get(escalation::show))
        .route("/escalations/{id}/claim", post(escalation::claim))
        .route("/escalations/{id}/reply", post(escalation::reply))
        .route("/escalations/{id}/close", post(escalation::close))
        .route("/escalations/{id}/answer", post(moves::send_answer))
        .route("/escalations/{id}/snooze", post(moves::snooze))
        .route("/escalations/{id}/transfer", post(moves::transfer))
        .merge(to_the_forum())
        .route("/conversations", get(conversation::list))
        .route("/conversations/{id}", get(conversation::show))
        .route("/answers", get(answers::list).post(answer_form::create))
        .route("/new-answer", get(answer_form::blank))
        .route("/answers/{id}", get(answers::show).post(answer_form::change))
        .route("/answers/{id}/edit", get(answer_form::filled))
        .route("/answers/{id}/retire", post(answer_form::retire))
        .route("/answers/{id}/restore", post(answer_form::restore))
        .route("/answers/{id}/sendable", post(answer_form::say_sendable))
        .route("/answers/{id}/wrong", get(recall::ask_wrong).post(recall::report_wrong))
        .route("/recalls", get(recall::list))
        .route("/recalls/{id}", get(recall::show))
        .route("/recalls/{id}/confirm", post(recall::confirm))
        .route("/recalls/{id}/dismiss", post(recall::dismiss))
        .route("/answers/{id}/phrasing", post(answer_form::say_phrasing))
        .route("/sources", get(sources::show))
        .route("/sources/quote", post(sources::quote))
        .route("/try", get(try_it::ask).post(try_it::answer))
        .route("/index", get(index::show))
        .route("/index/rebuild", post(index::rebuild))
        .route("/index/check", post(index::check))
        .route("/index/rollback", post(index::rollback))
        .route("/replay", get(replay::show))
        .route("/replay/judge", post(replay::judge))
        .route("/customers/{id}/export", post(customers::export))
        .route("/customers/{id}/erase", post(customers::erase))
        .route("/insights", get(insights::show))
        .route("/insights.csv", get(insights::csv))
        .route("/insights/targets", post(insights::targets))
        .route("/outbox", get(outbox::show))
        .route("/outbox/{id}/retry", post(outbox::retry))
        .route("/outbox/{id}/arrived", post(outbox::arrived))
        .route("/helpdesk/{id}/retry", post(outbox::tell_again))
        .merge(setup())
        .merge(missing())
        .merge(community())
        .layer(map_response(headers::protect))
        .layer(map_request(storable::query))
        .with_state(Console { desk, attempts, lookup })
}

/// What the base could not answer.
fn missing() -> Router<Console> {
    Router::new()
        .route("/gaps", get(gaps::list))
        .route("/gaps/month.md", get(incidents::month_as_markdown))
        .route("/gaps/month.html", get(incidents::month_as_html))
        .route("/incidents/{id}/open", post(incidents::open))
        .route("/incidents/{id}/dismiss", post(incidents::dismiss))
        .route("/incidents/{id}/close", post(incidents::close))
        .route("/gaps/{id}", get(gaps::show))
        .route("/gaps/{id}/standing", post(gaps::standing))
        .route("/gaps/{id}/answer", post(gaps::answer))
        .route("/gaps/{id}/experts", post(gaps::experts))
}

/// Who answers, and what they get for it.
fn community() -> Router<Console> {
    Router::new()
        .route("/fans", get(fans::show))
        .route("/fans/thanks", get(fans::thanks).post(fans::post))
        .route("/fans/name", post(fans::name))
        .route("/programme", get(programme::list).post(programme::add))
        .route("/programme/{id}", get(programme::show))
        .route("/programme/{id}/invite", post(programme::invite_now))
        .route("/programme/{id}/answer", post(programme::answer))
        .route("/programme/{id}/end", post(programme::end))
        .route("/programme/{id}/invitees.csv", get(programme::csv))
}

/// Questions on their way to the forum.
fn to_the_forum() -> Router<Console> {
    Router::new()
        .route("/escalations/{id}/forum", get(forum_question::show))
        .route("/escalations/{id}/forum/ask", post(forum_question::ask))
        .route("/escalations/{id}/forum/post", post(forum_question::post))
        .route("/escalations/{id}/forum/link", post(forum_question::link))
        .route("/escalations/{id}/forum/join", post(forum_question::join))
        .route("/escalations/{id}/forum/withdraw", post(forum_question::withdraw))
}

/// What is looked after rather than worked on: channels, people, one's own account.
fn setup() -> Router<Console> {
    Router::new()
        .route("/channels", get(channels::show))
        .route("/channels/pause", post(channels::pause))
        .route("/channels/resume", post(channels::resume))
        .route("/channels/{name}", get(channel::show))
        .route("/channels/{name}/sign-in", get(channel::sign_in))
        .route("/channels/{name}/signed-in", get(channel::signed_in))
        .route("/channels/connect/{kind}", get(connect::ask).post(connect::connect))
        .route("/channels/shadow", post(channels::shadow))
        .route("/channels/live", post(channels::live))
        .route("/drafts", get(drafts::show))
        .route("/drafts/{id}/release", post(drafts::release))
        .route("/drafts/{id}/rewrite", post(drafts::rewrite))
        .route("/drafts/{id}/discard", post(drafts::discard))
        .route("/people", get(people::show).post(people::add))
        .route("/people/token", post(people::token))
        .route("/audit", get(audit::show))
        .route("/account", get(account::show))
        .route("/account/profile", post(account::set_profile))
        .route("/account/credit", post(account::set_forum_name))
        .route("/account/code", post(expert_forms::code))
        .route("/expert-words/{id}/release", post(expert_forms::release))
        .route("/expert-words/{id}/refuse", post(expert_forms::refuse))
        .route("/account/password", post(account::set_password))
        .route("/sign-in", get(sign_in::ask).post(sign_in::with_password))
        .route("/sign-in/forum", get(forum_sign_in::go))
        .route("/sign-in/forum/back", get(forum_sign_in::back))
        .route("/sign-in/{token}", get(sign_in::confirm).post(sign_in::with_link))
        .route("/sign-out", post(sign_in::out))
        .route("/assets/console/{file}", get(assets::serve))
}
