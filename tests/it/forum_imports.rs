//! Forums are imported page by page, at their pace, and an interrupted import goes on.

use std::path::PathBuf;
use std::sync::Arc;

use superfan::answers::import::{ImportError, ImportRequest, Importing, Summary, import};
use superfan::answers::read::{Format, ReadError};
use superfan::channels::Channels;
use superfan::config::{Rules, Settings};
use superfan::desk::Stage;
use superfan::people::Actor;
use superfan_bots::discourse::fake::{FakeDiscourse, STAFF};
use superfan_bots::discourse::{Discourse, DiscourseConfig};
use superfan_bots::fakes::{Fault, http_client};
use superfan_bots::github::Github;
use superfan_bots::github::fake::FakeGithub;
use superfan_bots::{Forum, ForumError};

use crate::base::Base;

async fn run(base: &Base, request: &ImportRequest) -> Result<Summary, ImportError> {
    let channels = Channels::default();
    let rules = Rules::read(&Settings::default()).unwrap();
    let stage = Stage { now: base.clock.now(), ids: &base.ids, channels: &channels, rules: &rules };
    let importing = Importing { stage, clock: &*base.clock, progress: &|_| {} };
    import(&base.store, importing, &Actor::operator(), request).await
}

fn discourse(fake: &FakeDiscourse, config: DiscourseConfig) -> ImportRequest {
    let forum = Arc::new(Discourse::new(config, http_client()));
    let (path, source) = (PathBuf::from(fake.base_url().as_str()), "forum".to_owned());
    let (format, forum): (_, Option<Arc<dyn Forum>>) = (Format::Discourse, Some(forum));
    ImportRequest { format, path, source, dry_run: false, forum }
}

fn counts(summary: &Summary) -> String {
    format!(
        "kept {} unchanged {} changed {} retired {}",
        summary.kept, summary.unchanged, summary.changed, summary.retired
    )
}

async fn solved(fake: &FakeDiscourse, number: usize) -> (u64, u64) {
    let title = format!("Why does light number {number} blink?");
    let topic = fake.member("ana").asks(&title, "It blinks all night long.").await;
    let answer = format!("Open the settings, then switch off light {number}.");
    let post = fake.member("zoe").replies(topic, &answer).await;
    fake.accept(post).await;
    (topic, post)
}

#[tokio::test]
async fn a_forum_is_read_with_everything_that_belongs_to_an_answer() {
    let fake = FakeDiscourse::start().await;
    fake.set_page_size(2);
    let mut posts = Vec::new();
    for number in 0..5 {
        posts.push(solved(&fake, number).await.1);
    }
    fake.like(posts[0], 4);
    let inside = fake.member("eve").asks_in(STAFF, "What is our margin here?", "Tell me.").await;
    let secret = fake.member("eve").replies(inside, "It is forty per cent.").await;
    fake.accept(secret).await;
    let licence = Some("CC BY-SA 4.0".to_owned());
    for base in Base::both().await {
        let config = DiscourseConfig { licence: licence.clone(), ..fake.config() };
        let request = discourse(&fake, config);
        let dry = ImportRequest { dry_run: true, ..request.clone() };
        let told = run(&base, &dry).await.unwrap();
        assert_eq!(
            (counts(&told).as_str(), told.seen),
            ("kept 5 unchanged 0 changed 5 retired 0", 6)
        );
        assert_eq!(base.store.read().await.unwrap().count_answers().await.unwrap(), 0);
        fake.fail_next("/site.json", Fault::Refuse(404, "Not here.".to_owned()));
        fake.fail_next("/latest", Fault::TooMany(Some(0)));
        fake.fail_next("/t/", Fault::TooMany(Some(0)));
        let told = run(&base, &request).await.unwrap();
        assert_eq!(counts(&told), "kept 5 unchanged 0 changed 5 retired 0");
        assert_eq!(told.skipped[0].reason, "in a private category");
        assert_eq!(told.licences["CC BY-SA 4.0"], 5);
        let row = base.answer(&posts[0].to_string()).await.unwrap();
        assert_eq!(
            (row.votes, row.author.as_deref(), row.asker.as_deref()),
            (4, Some("zoe"), Some("ana"))
        );
        assert_eq!(row.author_url, Some(format!("{}u/zoe", fake.base_url())));
        assert_eq!(
            counts(&run(&base, &request).await.unwrap()),
            "kept 5 unchanged 5 changed 0 retired 0"
        );
    }
    fake.unaccept(posts[1]).await;
    fake.edit(posts[2], "Open the settings, then remove the light.").await;
    let base = Base::lite().await;
    let request = discourse(&fake, DiscourseConfig { api_key: None, ..fake.config() });
    let told = run(&base, &request).await.unwrap();
    assert_eq!((counts(&told).as_str(), told.seen), ("kept 4 unchanged 0 changed 4 retired 0", 4));
}

#[tokio::test]
async fn an_interrupted_import_goes_on_at_the_page_where_it_broke_off() {
    let fake = FakeDiscourse::start().await;
    fake.set_page_size(2);
    let mut topics = Vec::new();
    for number in 0..6 {
        topics.push(solved(&fake, number).await.0);
    }
    for base in Base::both().await {
        let request = discourse(&fake, fake.config());
        let last = format!("/t/{}", topics[4]);
        fake.fail_next(&last, Fault::Malformed);
        let error = run(&base, &request).await.unwrap_err();
        let ImportError::Read(ReadError::Forum { source, .. }) = &error else { panic!("{error}") };
        assert!(matches!(source, ForumError::Unreadable { .. }));
        assert!(error.to_string().contains("run the same command again"), "{error}");
        assert_eq!(base.store.read().await.unwrap().count_answers().await.unwrap(), 0);
        let n_calls = fake.calls().len();
        let told = run(&base, &request).await.unwrap();
        assert_eq!(counts(&told), "kept 6 unchanged 0 changed 6 retired 0");
        let again = fake.calls().split_off(n_calls);
        let topics_read = again.iter().filter(|call| call.starts_with("GET /t/")).count();
        assert_eq!(topics_read, 2, "{again:?}");
    }
}

#[tokio::test]
async fn discussions_come_whole_with_their_pages() {
    let github = FakeGithub::start().await;
    github.set_page_size(2);
    for number in 0..5 {
        let title = format!("Why does light number {number} blink?");
        let id = github.asks("ana", &title, "It blinks all night long.");
        let comment = github.comments("zoe", id, "Open the settings, then switch it off.");
        github.answers(id, &comment).await;
    }
    github.asks("ana", "Nobody knows this one", "Really nobody.");
    for base in Base::both().await {
        let forum: Arc<dyn Forum> = Arc::new(Github::new(github.config(), http_client()));
        let (path, source) = (PathBuf::from("acme/ears"), forum.source());
        let (format, dry_run) = (Format::Github, false);
        let request = ImportRequest { format, path, source, dry_run, forum: Some(forum) };
        let n_calls = github.n_calls();
        github.fail_next(Fault::TooMany(Some(0)));
        let told = run(&base, &request).await.unwrap();
        assert_eq!(counts(&told), "kept 5 unchanged 0 changed 5 retired 0");
        assert_eq!(github.n_calls() - n_calls, 4);
        let mut tx = base.store.read().await.unwrap();
        let row = tx.live_answers("", 1).await.unwrap().remove(0);
        assert_eq!(
            (row.source.as_str(), row.votes, row.tags),
            ("acme/ears", 2, vec!["audio".to_owned()])
        );
    }
    github.make_private();
    let forum: Arc<dyn Forum> = Arc::new(Github::new(github.config(), http_client()));
    let (path, source) = (PathBuf::from("acme/ears"), forum.source());
    let (format, dry_run) = (Format::Github, false);
    let request = ImportRequest { format, path, source, dry_run, forum: Some(forum) };
    let error = run(&Base::lite().await, &request).await.unwrap_err();
    assert!(error.to_string().contains("in a private repository"), "{error}");
}
