//! Who solved the most, for everybody to read: only by setting, only as its authors want it.

use superfan::fans::{keep_up, name_author};
use superfan::people::Actor;
use superfan::store::wishes::Wish;

use super::Web;

impl Web {
    /// A forum accepted an answer of each of these authors for somebody.
    pub(super) async fn solves(&self, authors: &[&str]) {
        self.knows("a1", "How do I dry it?", "In the sun.", true).await;
        let mut tx = self.desk.store.begin().await.unwrap();
        let like = tx.answer("a1").await.unwrap().unwrap();
        for (n, author) in (0..).zip(authors) {
            let seq = tx.next_answer_seq().await.unwrap();
            let id = format!("b{n}");
            let row = superfan::store::answers::AnswerRow {
                source_id: id.clone(),
                id,
                seq,
                author: Some((*author).to_owned()),
                asker: Some("Kostas Kafentzis".to_owned()),
                title: "Kostas asks about his toaster".to_owned(),
                ..like.clone()
            };
            tx.put_answer(&row).await.unwrap();
        }
        tx.commit().await.unwrap();
        while keep_up(&self.desk).await.unwrap() {}
    }
}

#[tokio::test]
async fn without_the_setting_there_is_no_such_page_and_no_link_to_it() {
    for setting in [&[][..], &[("SUPERFAN_PUBLIC_FANS", "false")]] {
        let web = Web::with(setting).await;
        web.solves(&["zoe"]).await;
        let page = web.get("/help/fans").await;
        assert_eq!(page.status, 404);
        assert!(!page.text.contains("zoe"), "{}", page.text);
        assert!(!web.get("/help").await.text.contains("/help/fans"));
    }
}

#[tokio::test]
async fn everybody_reads_names_as_authors_want_them_and_nothing_of_any_customer() {
    let web = Web::with(&[("SUPERFAN_PUBLIC_FANS", "true")]).await;
    web.solves(&["zoe", "max", "mara", "<b>ed</b>"]).await;
    let mut tx = web.desk.store.begin().await.unwrap();
    let (stage, actor) = (web.desk.stage(), Actor::operator());
    for (author, wish) in [("max", Wish::As("M. of Crete".to_owned())), ("mara", Wish::Unnamed)] {
        name_author(&mut tx, &stage, &actor, author, &wish).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert!(web.get("/help?lang=en").await.text.contains("/help/fans?lang=en"));
    for (path, title) in [
        ("/help/fans?lang=en", "Who helps here"),
        ("/help/fans?lang=el&days=90", "Ποιοι βοηθούν εδώ"),
        ("/help/fans?lang=ar&days=7", "من يساعد هنا"),
    ] {
        let page = web.get(path).await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains(title), "{}", page.text);
        for shown in ["<bdi>zoe</bdi>", "<bdi>M. of Crete</bdi>", "&#60;b&#62;ed&#60;/b&#62;"] {
            assert!(page.text.contains(shown), "{shown} {path} {}", page.text);
        }
        for hidden in ["max", "mara", "Kostas", "Kafentzis", "toaster", "<b>ed"] {
            assert!(!page.text.contains(hidden), "{hidden} {path}");
        }
    }
}
