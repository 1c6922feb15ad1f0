//! `GET /api/openapi.json`: the description of the API, put together from its handlers.

use std::sync::LazyLock;

use axum::http::header;
use axum::response::IntoResponse;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, ResponseBuilder};
use utoipa::{Modify, OpenApi};

use super::{
    answers, ask, conversations, customers, deliveries, escalations, fans, forum_question, gaps,
    incidents, index, insights, programme, recalls,
};
use crate::http::ProblemBody;

#[derive(OpenApi)]
#[openapi(
    info(title = "superfan", description = "Accepted answers, escalations and deliveries."),
    paths(
        ask::post,
        conversations::list,
        conversations::show,
        customers::list,
        customers::show,
        customers::replace,
        customers::merge,
        escalations::list,
        escalations::claim,
        escalations::reply,
        escalations::close,
        forum_question::show,
        forum_question::ask,
        forum_question::post,
        forum_question::link,
        forum_question::join,
        forum_question::withdraw,
        answers::list,
        answers::show,
        answers::add,
        answers::change,
        answers::retire,
        recalls::report_wrong,
        recalls::list,
        recalls::show,
        recalls::confirm,
        recalls::dismiss,
        index::show,
        index::rebuild,
        index::rollback,
        insights::show,
        insights::targets,
        gaps::list,
        gaps::month,
        gaps::show,
        gaps::change,
        gaps::answer,
        gaps::experts,
        incidents::list,
        incidents::open,
        incidents::dismiss,
        incidents::close,
        fans::list,
        fans::name,
        fans::thanks,
        fans::post_thanks,
        programme::list,
        programme::plan,
        programme::show,
        programme::invite,
        programme::answer,
        programme::end,
        deliveries::list,
        deliveries::retry,
        deliveries::release,
        deliveries::discard,
    ),
    components(schemas(ProblemBody<'static>)),
    security(("token" = [])),
    modifiers(&Common),
)]
struct Description;

/// What every address has in common: the token, and how errors look.
struct Common;

impl Modify for Common {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        if let Some(components) = &mut description.components {
            let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
            components.add_security_scheme("token", bearer);
        }
        for operation in description.paths.paths.values_mut().flat_map(operations) {
            let content =
                ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
            let problem = ResponseBuilder::new()
                .description("Refused or failed")
                .content("application/problem+json", content)
                .build();
            operation.responses.responses.insert("default".to_owned(), problem.into());
        }
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete]
        .into_iter()
        .flatten()
}

static JSON: LazyLock<String> = LazyLock::new(|| {
    serde_json::to_string(&Description::openapi()).expect("a description is maps and strings")
});

/// Shows the description; needs no token.
pub(super) async fn show() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], JSON.as_str())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_address_of_the_router_is_described_and_no_other() {
        let described: BTreeSet<String> = Description::openapi().paths.paths.into_keys().collect();
        let served: BTreeSet<String> = super::super::routes()
            .into_iter()
            .map(|(path, _)| format!("/api{path}"))
            .filter(|path| path != "/api/openapi.json")
            .collect();
        assert_eq!(described, served);
    }
}
