//! The bundled answers: the forum of a made-up maker of headphones, speakers and cameras.

use std::path::Path;

use crate::answers::import::{ImportError, ImportRequest, Importing, Summary, import};
use crate::answers::read::{Format, ReadError};
use crate::desk::Desk;
use crate::people::Actor;
use crate::products;

/// The dump's files; kept in `demo/`, where they can be read and imported by hand too.
const FILES: [(&str, &[u8]); 2] = [
    ("Posts.xml", include_bytes!("../../demo/Posts.xml")),
    ("Users.xml", include_bytes!("../../demo/Users.xml")),
];

/// Imports the bundled answers as the source `demo`; the indexer does the rest.
pub async fn import_demo(desk: &Desk) -> Result<Summary, ImportError> {
    let dir = tempfile::tempdir().map_err(spill)?;
    for (name, content) in FILES {
        std::fs::write(dir.path().join(name), content).map_err(spill)?;
    }
    let request = ImportRequest {
        format: Format::Stackexchange,
        path: dir.path().to_owned(),
        source: "demo".to_owned(),
        dry_run: false,
        forum: None,
    };
    let importing = Importing { stage: desk.stage(), clock: &*desk.clock, progress: &|_| {} };
    let summary = import(&desk.store, importing, &Actor::operator(), &request).await?;
    desk.wakes.answers();
    Ok(summary)
}

/// Lays the made-up maker's list of products into a data dir that holds nothing yet.
///
/// A data dir that is in use keeps what it has, a list or none.
pub fn lay_out_products(data_dir: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(data_dir)?;
    if std::fs::read_dir(data_dir)?.next().is_some() {
        return Ok(());
    }
    std::fs::write(data_dir.join(products::FILE), include_bytes!("../../demo/products.toml"))
}

fn spill(source: std::io::Error) -> ImportError {
    ReadError::Spill { dir: std::env::temp_dir(), source }.into()
}
