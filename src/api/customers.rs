//! `/customers`: what the brand tells us about the people who ask.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::auth::Caller;
use super::extract::{Asked, Body, Named, storable};
use super::page::{Page, PageQuery, cut};
use crate::customers;
use crate::desk::Desk;
use crate::http::Problem;
use crate::ids::CustomerId;
use crate::store::Tx;
use crate::store::customers::Customer;

/// Which customers are asked for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct CustomerQuery {
    /// Only those of this channel account.
    channel: Option<String>,
    /// Only the one with this id on their channel.
    external_id: Option<String>,
    #[serde(flatten)]
    #[param(ignore)]
    page: PageQuery,
}

/// One person on one channel, and what the brand told us about them.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = KnownCustomer)]
pub(super) struct KnownView {
    /// `cus_…`
    #[schema(value_type = String)]
    id: CustomerId,
    /// Channel account.
    channel: String,
    /// The channel's id of them.
    external_id: String,
    /// Their name there.
    name: Option<String>,
    /// Their language, BCP 47.
    lang: Option<String>,
    /// What the brand told us.
    #[schema(value_type = Object)]
    attributes: Map<String, Value>,
}

/// What the brand tells us about a customer.
#[derive(Clone, Debug, Deserialize, ToSchema)]
pub(super) struct AttributesBody {
    /// Any JSON object of at most 16 KiB; where it is merged, `null` removes a name.
    #[schema(value_type = Object)]
    attributes: Map<String, Value>,
}

/// Lists customers, newest first.
#[utoipa::path(
    get, path = "/api/v1/customers", tag = "customers",
    params(CustomerQuery, PageQuery),
    responses((status = 200, description = "A page of customers", body = Page<KnownView>)),
)]
pub(super) async fn list(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    Asked(query): Asked<CustomerQuery>,
) -> Result<Json<Page<KnownView>>, Problem> {
    actor.oversees()?;
    let (limit, cursor) = (query.page.limit()?, query.page.cursor()?);
    let channel = query.channel.as_deref().map(storable);
    let external_id = query.external_id.as_deref().map(storable);
    let mut tx = desk.store.read().await?;
    let which = (channel.as_deref(), external_id.as_deref());
    let rows = tx.customers(which, cursor, limit + 1).await?;
    let (rows, next) = cut(rows, limit, |row| row.id.to_string());
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(view(&mut tx, row).await?);
    }
    Ok(Json(Page::new(items, next)))
}

/// Shows a customer.
#[utoipa::path(
    get, path = "/api/v1/customers/{id}", tag = "customers",
    params(("id" = String, Path, description = "`cus_…`")),
    responses((status = 200, description = "The customer", body = KnownView)),
)]
pub(super) async fn show(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    named: Named,
) -> Result<Json<KnownView>, Problem> {
    actor.oversees()?;
    let id = named.id("customer")?;
    let mut tx = desk.store.read().await?;
    Ok(Json(known(&mut tx, id).await?))
}

/// Replaces everything the brand told us about a customer.
#[utoipa::path(
    put, path = "/api/v1/customers/{id}", tag = "customers",
    params(("id" = String, Path, description = "`cus_…`")),
    request_body = AttributesBody,
    responses((status = 200, description = "The customer", body = KnownView)),
)]
pub(super) async fn replace(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    named: Named,
    Body(body): Body<AttributesBody>,
) -> Result<Json<KnownView>, Problem> {
    let id = named.id("customer")?;
    let mut tx = desk.store.begin().await?;
    customers::describe(&mut tx, &desk.stage(), &actor, id, body.attributes).await?;
    let view = known(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(view))
}

/// Changes some of what the brand told us about a customer; `null` removes a name.
#[utoipa::path(
    patch, path = "/api/v1/customers/{id}", tag = "customers",
    params(("id" = String, Path, description = "`cus_…`")),
    request_body = AttributesBody,
    responses((status = 200, description = "The customer", body = KnownView)),
)]
pub(super) async fn merge(
    State(desk): State<Desk>,
    Caller(actor): Caller,
    named: Named,
    Body(body): Body<AttributesBody>,
) -> Result<Json<KnownView>, Problem> {
    let id = named.id("customer")?;
    let mut tx = desk.store.begin().await?;
    let mut merged = tx.attributes(id).await?;
    merged.extend(body.attributes);
    merged.retain(|_, value| !value.is_null());
    customers::describe(&mut tx, &desk.stage(), &actor, id, merged).await?;
    let view = known(&mut tx, id).await?;
    tx.commit().await?;
    Ok(Json(view))
}

async fn known(tx: &mut Tx, id: CustomerId) -> Result<KnownView, Problem> {
    let row = tx.customer(id).await?;
    let row = row.ok_or_else(|| Problem::unknown(&format!("customer {id}")))?;
    view(tx, row).await
}

async fn view(tx: &mut Tx, row: Customer) -> Result<KnownView, Problem> {
    let attributes = tx.attributes(row.id).await?;
    Ok(KnownView {
        id: row.id,
        channel: row.channel,
        external_id: row.external_id,
        name: row.name,
        lang: row.lang,
        attributes,
    })
}
