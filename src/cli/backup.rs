//! `superfan backup` and `superfan restore`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};

use super::{follow, open_idle, print};
use crate::config::Config;
use crate::lock::DataDirLock;
use crate::open::open_store;
use crate::products::{self, Products};
use crate::store::backup::{inspect_copy, put_products};

/// The embedded database's file inside the data dir.
const DATABASE: &str = "superfan.db";

#[derive(Debug, clap::Args)]
pub(super) struct BackupArgs {
    /// The file to write; it must not exist.
    #[arg(value_name = "PATH")]
    path: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(super) struct RestoreArgs {
    /// The backup to read; the data dir must be empty.
    #[arg(value_name = "PATH")]
    path: PathBuf,
}

pub(super) async fn backup(config: Config, args: BackupArgs) -> anyhow::Result<ExitCode> {
    ensure!(
        config.database_url.is_none(),
        "the answers are in PostgreSQL: back it up with pg_dump; the index is built from it"
    );
    let path = &args.path;
    ensure!(!path.exists(), "{} exists already; name a new file", path.display());
    let store = open_store(&config).await?;
    let folder = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let scratch = tempfile::tempdir_in(folder)
        .with_context(|| format!("cannot write in {}", folder.display()))?;
    let copy = scratch.path().join(DATABASE);
    store.copy_into(&copy).await.context("could not copy the database")?;
    store.close().await;
    let products = config.data_dir.join(products::FILE);
    if products.exists() {
        let list = fs::read_to_string(&products)
            .with_context(|| format!("cannot read {}", products.display()))?;
        put_products(&copy, &list).await.context("could not add the products to the copy")?;
    }
    let n_answers = inspect_copy(&copy).await.context("the copy is not sound")?;
    File::open(&copy)?.sync_all()?;
    // A link is made only where there is no file yet, unlike a rename.
    fs::hard_link(&copy, path).with_context(|| format!("cannot make {}", path.display()))?;
    File::open(folder)?.sync_all()?;
    print::line(&format!("wrote {} with {n_answers} answers", path.display()));
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn restore(mut config: Config, args: RestoreArgs) -> anyhow::Result<ExitCode> {
    ensure!(
        config.database_url.is_none(),
        "the answers belong in PostgreSQL: restore a pg_dump there; the index is built from it"
    );
    let dir = config.data_dir.clone();
    ensure_empty(&dir)?;
    let n_answers = inspect_copy(&args.path)
        .await
        .with_context(|| format!("{} is not a sound backup of superfan", args.path.display()))?;
    fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let lock = DataDirLock::acquire(&dir)?;
    let arriving = dir.join("superfan.db.arriving");
    let placed = fs::copy(&args.path, &arriving)
        .and_then(|_| File::open(&arriving)?.sync_all())
        .and_then(|()| fs::rename(&arriving, dir.join(DATABASE)));
    if let Err(error) = placed {
        // The folder stays as it was found: empty.
        let _ = fs::remove_file(&arriving);
        bail!("cannot write into {}: {error}", dir.display());
    }
    let store = open_store(&config).await?;
    let mut tx = store.begin().await?;
    tx.forget_processes().await?;
    let list = tx.take_products().await?;
    if let Some(list) = list {
        let path = dir.join(products::FILE);
        fs::write(&path, list).with_context(|| format!("cannot write {}", path.display()))?;
        if config.rules.products.is_empty() {
            config.rules.products = Arc::new(Products::read(&path)?);
        }
    }
    tx.commit().await?;
    store.close().await;
    drop(lock);
    let desk = open_idle(config).await?;
    follow::until_searchable(&desk).await?;
    desk.store.close().await;
    print::line(&format!("restored {n_answers} answers into {}", dir.display()));
    Ok(ExitCode::SUCCESS)
}

fn ensure_empty(dir: &Path) -> anyhow::Result<()> {
    match fs::read_dir(dir) {
        Ok(mut entries) => ensure!(
            entries.next().is_none(),
            "the data dir {} is not empty; restore into an empty one (--data-dir)",
            dir.display()
        ),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => bail!("cannot read the data dir {}: {error}", dir.display()),
    }
    Ok(())
}
