//! Forums that a desk follows, and moderators who take answers back.

use superfan::answers::Indexer;
use superfan::people::ActError;
use superfan::recall;
use superfan::store::recalls::RecallRow;
use superfan_bots::discourse::fake::{API_KEY, FakeDiscourse, WEBHOOK_SECRET};
use superfan_bots::github::fake::{self, FakeGithub};

use super::TestDesk;
use super::people::Agent;

impl TestDesk {
    /// The desk follows a Discourse forum from now on.
    pub(crate) async fn follows_discourse(&mut self) {
        let forum = FakeDiscourse::start().await;
        let url = forum.base_url().to_string();
        self.discourse = Some(forum);
        self.restarts_with(&[
            ("DISCOURSE_URL", &url),
            ("DISCOURSE_API_KEY", API_KEY),
            ("DISCOURSE_WEBHOOK_SECRET", WEBHOOK_SECRET),
            ("DISCOURSE_PER_MINUTE", "60000"),
        ])
        .await;
    }

    /// The desk follows a repository's Discussions from now on.
    pub(crate) async fn follows_github(&mut self) {
        let github = FakeGithub::start().await;
        let url = github.config().api_url.to_string();
        self.github = Some(github);
        self.restarts_with(&[
            ("GITHUB_REPOSITORY", fake::REPOSITORY),
            ("GITHUB_TOKEN", fake::TOKEN),
            ("GITHUB_WEBHOOK_SECRET", fake::WEBHOOK_SECRET),
            ("GITHUB_API_URL", &url),
        ])
        .await;
    }

    /// The forum.
    pub(crate) fn discourse(&self) -> &FakeDiscourse {
        self.discourse.as_ref().expect("the desk follows a forum")
    }

    /// The forum's address, which differs from run to run.
    pub(crate) fn discourse_address(&self) -> Option<String> {
        self.discourse.as_ref().map(|forum| forum.base_url().to_string())
    }

    /// The repository.
    pub(crate) fn github(&self) -> &FakeGithub {
        self.github.as_ref().expect("the desk follows a repository")
    }

    /// Somebody asks on the forum, somebody answers, and that is accepted; topic and post.
    pub(crate) async fn forum_solves(&self, question: &str, answer: &str) -> (u64, u64) {
        let forum = self.discourse();
        let topic = forum.member("ana").asks(question, "I tried it all day long.").await;
        let post = forum.member("zoe").replies(topic, answer).await;
        forum.accept(post).await;
        self.is_searchable().await;
        (topic, post)
    }

    /// What forums told is dealt with, and the index follows.
    pub(crate) async fn is_searchable(&self) {
        self.settle().await;
        Indexer::of(self.desk()).catch_up(&|_| {}).await.unwrap();
    }
}

impl Agent<'_> {
    /// Reports an answer as wrong; the offered recall.
    pub(crate) async fn reports(&self, answer: &str, reason: &str) -> RecallRow {
        let desk = self.desk.desk();
        let mut tx = desk.store.begin().await.unwrap();
        let stage = desk.stage();
        let recall = recall::report_wrong(&mut tx, &stage, &self.actor, answer, reason).await;
        tx.commit().await.unwrap();
        self.desk.is_searchable().await;
        recall.unwrap()
    }

    /// Takes an answer back from everyone.
    pub(crate) async fn recalls(
        &self,
        recall: &RecallRow,
        correction: Option<&str>,
    ) -> Result<RecallRow, ActError> {
        let started = self.starts_recalling(recall, correction).await;
        self.desk.is_searchable().await;
        started
    }

    /// The same, and nothing happens yet.
    pub(crate) async fn starts_recalling(
        &self,
        recall: &RecallRow,
        correction: Option<&str>,
    ) -> Result<RecallRow, ActError> {
        let desk = self.desk.desk();
        let mut tx = desk.store.begin().await.unwrap();
        let (stage, id) = (desk.stage(), recall.id);
        let started = recall::confirm(&mut tx, &stage, &self.actor, id, correction).await?;
        tx.commit().await.unwrap();
        Ok(started)
    }
}
