//! The index follows the store: live, by building beside, and back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use superfan::search::{open_index, open_index_read_only};
use superfan::store::phrasings::PhrasingRow;
use superfan::vocabulary::Lesson;
use superfan::wakes::Wakes;
use superfan_index::{GenerationState, Question};
use tokio_util::sync::CancellationToken;

use crate::base::{Base, row};

/// So many answers are filled in by a build.
const MANY: usize = 1_200;

async fn put_many(base: &Base) {
    let mut tx = base.store.begin().await.unwrap();
    for n in 0..MANY {
        let mut row = row(&format!("a{n}"), "battery", &format!("charge it {n} times"));
        row.seq = tx.next_answer_seq().await.unwrap();
        tx.put_answer(&row).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn ask_for(base: &Base, id: i64, kind: &str) {
    let mut tx = base.store.begin().await.unwrap();
    tx.ask_index_work(id, kind, "test", base.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn work(base: &Base, id: i64) -> String {
    let work = base.store.read().await.unwrap().index_work(id).await.unwrap().unwrap();
    format!("{}: {}", work.state, work.progress)
}

#[tokio::test]
async fn a_changed_answer_is_searchable_after_one_step() {
    for base in Base::both().await {
        let indexer = base.indexer();
        base.put("a", "Battery drains overnight", "Switch off the light.").await;
        base.put("b", "Red cable", "Use the blue one.").await;
        assert_eq!(indexer.step().await.unwrap().n_applied, 2);
        assert_eq!(base.find("battery drains").await, "a");

        base.put("a", "Lamp flickers", "Tighten it.").await;
        indexer.step().await.unwrap();
        assert_eq!(base.find("battery drains").await, "");
        assert_eq!(base.find("lamp flickers").await, "a");

        base.retire("a").await;
        indexer.step().await.unwrap();
        assert_eq!(base.find("lamp flickers").await, "");
        let step = indexer.step().await.unwrap();
        assert!(step.is_current && step.n_applied == 0);
        let states = base.store.read().await.unwrap().index_states().await.unwrap();
        assert_eq!((states.len(), states[0].seq), (1, 4));
    }
}

#[tokio::test]
async fn a_first_fill_is_built_beside_and_later_changes_are_searchable_meanwhile() {
    let base = Base::lite().await;
    let indexer = base.indexer();
    put_many(&base).await;

    assert!(indexer.step().await.unwrap().is_building);
    base.put("late", "Router reboots", "Update it.").await;
    indexer.step().await.unwrap();
    assert_eq!(base.find("router reboots").await, "late");

    indexer.catch_up(&|_| {}).await.unwrap();
    assert_eq!(base.search.index().len(), MANY as u64 + 1);
    assert_eq!(base.search.index().generation(), 2);
    assert_eq!(base.find("router reboots").await, "late");
    drop(indexer);
    let seq = base.search.index().seq();
    let reopened = open_index(base.dir.path(), &[]).unwrap();
    assert_eq!((reopened.index().seq(), seq), (1_201, 1_201));
}

#[tokio::test]
async fn rebuild_and_rollback_never_leave_a_search_without_its_answer() {
    let base = Base::lite().await;
    put_many(&base).await;
    base.put("needle", "Gramophone whistles", "Oil it.").await;
    base.catch_up().await;
    let index = Arc::clone(base.search.index());
    let (stop, n_empty, n_searches) =
        (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)), AtomicUsize::new(0));
    let searching = {
        let (stop, n_empty) = (Arc::clone(&stop), Arc::clone(&n_empty));
        std::thread::spawn(move || {
            let question = Question { text: "gramophone whistles".to_owned(), lang: None };
            while !stop.load(Ordering::Relaxed) {
                let found = index.search(&question, 3).unwrap();
                n_empty.fetch_add(usize::from(found.hits.is_empty()), Ordering::Relaxed);
                n_searches.fetch_add(1, Ordering::Relaxed);
            }
            n_searches.into_inner()
        })
    };

    let indexer = base.indexer();
    ask_for(&base, 1, "rebuild").await;
    indexer.catch_up(&|_| {}).await.unwrap();
    assert!(work(&base, 1).await.starts_with("done: generation 3 is in service: "));
    base.put("after", "Speaker hums", "Ground it.").await;
    indexer.catch_up(&|_| {}).await.unwrap();
    ask_for(&base, 2, "rollback").await;
    indexer.catch_up(&|_| {}).await.unwrap();
    assert_eq!(work(&base, 2).await, "done: generation 2 is in service again");

    stop.store(true, Ordering::Relaxed);
    assert!(searching.join().unwrap() > 10);
    assert_eq!(n_empty.load(Ordering::Relaxed), 0);
    assert_eq!(base.find("speaker hums").await, "after");
    assert_eq!(base.search.index().generation(), 2);
}

#[tokio::test]
async fn a_generation_that_was_left_empty_is_filled_before_it_serves_again() {
    let base = Base::lite().await;
    put_many(&base).await;
    base.catch_up().await;
    assert_eq!(base.search.index().generation(), 2);

    ask_for(&base, 1, "rollback").await;
    base.indexer().step().await.unwrap();

    let index = base.search.index();
    assert_eq!((index.generation(), index.len(), index.seq()), (1, MANY as u64, MANY as u64));
}

#[tokio::test]
async fn words_that_were_erased_leave_every_generation() {
    let base = Base::lite().await;
    base.put("a", "Battery drains overnight", "Switch off the light.").await;
    let mut tx = base.store.begin().await.unwrap();
    let phrasing = PhrasingRow {
        id: 1.into(),
        answer_id: "a".to_owned(),
        decision_id: 1.into(),
        customer_id: 7.into(),
        text: "zanzolinox".to_owned(),
        how: Lesson::Chosen,
        word: None,
        at: base.clock.now(),
    };
    tx.put_phrasing(&phrasing).await.unwrap();
    tx.commit().await.unwrap();
    let indexer = base.indexer();
    indexer.catch_up(&|_| {}).await.unwrap();
    ask_for(&base, 1, "rebuild").await;
    indexer.catch_up(&|_| {}).await.unwrap();
    assert_eq!(base.find("zanzolinox").await, "a");

    let mut tx = base.store.begin().await.unwrap();
    tx.erase_customer(7.into(), base.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    indexer.step().await.unwrap();
    assert_eq!(base.find("zanzolinox").await, "");
    assert_eq!(base.find("battery drains").await, "a");
    let seqs = base.search.index().generations().into_iter().map(|kept| kept.seq);
    assert_eq!(seqs.collect::<Vec<_>>(), [2, 2], "the kept one was brought up to date as well");
}

#[tokio::test]
async fn work_that_cannot_be_done_says_why() {
    let base = Base::lite().await;
    ask_for(&base, 1, "rollback").await;
    base.indexer().step().await.unwrap();
    assert_eq!(
        work(&base, 1).await,
        "failed: could not change the index: there is no earlier generation"
    );
}

#[tokio::test]
async fn work_of_a_killed_owner_is_done_by_the_next() {
    let base = Base::lite().await;
    base.put("a", "Battery drains", "Charge it.").await;
    ask_for(&base, 1, "rebuild").await;
    let mut tx = base.store.begin().await.unwrap();
    tx.take_index_work().await.unwrap().unwrap();
    tx.commit().await.unwrap();

    base.catch_up().await;
    assert!(work(&base, 1).await.starts_with("done: generation 2 is in service: "));
}

#[tokio::test]
async fn an_index_of_another_version_is_built_anew_from_the_store() {
    let base = Base::lite().await;
    base.put("a", "Battery drains", "Charge it.").await;
    base.catch_up().await;
    let meta = base.dir.path().join("index/gen-1/generation.json");
    std::fs::write(meta, r#"{"schema":0}"#).unwrap();

    let search = open_index(base.dir.path(), &[]).unwrap();
    assert!(search.index().needs_build());
    let base = Base { search, ..base };
    base.catch_up().await;

    assert!(!base.search.index().needs_build());
    assert_eq!(base.find("battery").await, "a");
}

#[tokio::test]
async fn an_index_ahead_of_its_store_is_built_anew() {
    let base = Base::lite().await;
    for n in 0..3 {
        base.put(&format!("old{n}"), "Battery drains", "Charge it.").await;
    }
    base.catch_up().await;
    let other = Base::lite().await;
    other.put("new", "Cable breaks", "Replace it.").await;

    let base = Base { store: other.store.clone(), ..base };
    base.catch_up().await;

    assert_eq!(base.find("battery drains").await, "");
    assert_eq!(base.find("cable breaks").await, "new");
}

#[tokio::test]
async fn a_running_indexer_wakes_for_a_hint_and_ends_when_told() {
    let base = Base::lite().await;
    let wakes = Wakes::default();
    let indexer = superfan::answers::indexer::Indexer::new(
        base.store.clone(),
        &base.search,
        base.clock.clone(),
        wakes.clone(),
        "test".into(),
    );
    let stop = CancellationToken::new();
    let running = tokio::spawn({
        let stop = stop.clone();
        async move { indexer.run(stop).await }
    });
    base.put("a", "Battery drains", "Charge it.").await;
    wakes.answers();
    while base.search.index().is_empty() {
        tokio::task::yield_now().await;
    }
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn a_reader_beside_the_owner_changes_nothing() {
    let base = Base::lite().await;
    base.put("a", "Battery drains", "Charge it.").await;
    base.catch_up().await;
    let building = base.dir.path().join("index/gen-7.building");
    std::fs::create_dir(&building).unwrap();

    let reader = open_index_read_only(base.dir.path(), &[]).unwrap();

    assert!(building.exists());
    assert_eq!(reader.index().len(), 1);
    let states: Vec<_> = base.search.index().generations().iter().map(|g| g.state).collect();
    assert_eq!(states, [GenerationState::Serving]);
    assert!(
        open_index_read_only(&base.dir.path().join("nowhere"), &[]).unwrap().index().is_empty()
    );
}
