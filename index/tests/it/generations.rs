//! Building beside, swapping, rolling back, and what a cut leaves.

use std::fs;

use superfan_index::{Change, GenerationState, Index, IndexError};

use crate::support::{answer, ids, put};

#[test]
fn an_empty_folder_becomes_generation_one() {
    let dir = tempfile::tempdir().unwrap();
    let index = Index::open(&dir.path().join("index")).unwrap();
    assert_eq!((index.generation(), index.len(), index.seq()), (1, 0, 0));
    assert!(ids(&index, "anything").is_empty());
}

#[test]
fn live_changes_are_found_at_once_and_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let index = Index::open(dir.path()).unwrap();
    put(&index, &[answer("a", "Reset the speaker", "Hold the power key.")], 7);
    assert_eq!(ids(&index, "how to reset my speaker"), ["a"]);
    put(&index, &[answer("a", "Pair the camera", "Open the app.")], 8);
    assert!(ids(&index, "how to reset my speaker").is_empty());
    drop(index);
    let index = Index::open(dir.path()).unwrap();
    assert_eq!((index.seq(), ids(&index, "pair camera")), (8, vec!["a".to_owned()]));
    index.apply(&[Change::Remove("a".to_owned())], 9).unwrap();
    assert_eq!((index.seq(), index.len()), (9, 0));
}

#[test]
fn a_build_serves_only_after_the_swap_and_can_be_rolled_back() {
    let dir = tempfile::tempdir().unwrap();
    let index = Index::open(dir.path()).unwrap();
    put(&index, &[answer("old", "Reset the speaker", "")], 1);
    let number =
        index.build(&mut [answer("new", "Reset the speaker", "")].into_iter(), 5, &|_| {}).unwrap();
    assert_eq!((number, index.generation()), (2, 1));
    assert_eq!(ids(&index, "reset"), ["old"]);
    index.swap_to(number).unwrap();
    assert_eq!((ids(&index, "reset"), index.seq()), (vec!["new".to_owned()], 5));
    drop(index);
    let index = Index::open(dir.path()).unwrap();
    assert_eq!(index.generation(), 2);
    let states: Vec<_> = index.generations().into_iter().map(|g| (g.number, g.state)).collect();
    assert_eq!(states, [(1, GenerationState::Previous), (2, GenerationState::Serving)]);
    assert_eq!(index.rollback().unwrap(), 1);
    assert_eq!(ids(&index, "reset"), ["old"]);
}

#[test]
fn changes_made_during_a_build_reach_it() {
    let index = Index::in_ram();
    let mut answers = std::iter::once_with(|| {
        put(&index, &[answer("live", "Charge the camera", "")], 3);
        answer("built", "Charge the speaker", "")
    });
    let number = index.build(&mut answers, 2, &|_| {}).unwrap();
    put(&index, &[answer("later", "Charge the headphones", "")], 4);
    index.swap_to(number).unwrap();
    let mut found = ids(&index, "charge");
    found.sort();
    assert_eq!((found.join(" ").as_str(), index.seq()), ("built later live", 4));
}

#[test]
fn only_two_generations_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let index = Index::open(dir.path()).unwrap();
    for number in 2..5 {
        assert_eq!(index.build(&mut std::iter::empty(), 0, &|_| {}).unwrap(), number);
        index.swap_to(number).unwrap();
    }
    let numbers: Vec<u64> = index.generations().into_iter().map(|g| g.number).collect();
    assert_eq!(numbers, [3, 4]);
    assert!(matches!(index.swap_to(2), Err(IndexError::NoGeneration(2))));
}

#[test]
fn a_killed_build_leaves_the_old_one_serving() {
    let dir = tempfile::tempdir().unwrap();
    let index = Index::open(dir.path()).unwrap();
    put(&index, &[answer("a", "Reset", "")], 1);
    drop(index);
    let half = dir.path().join("gen-2.building");
    fs::create_dir(&half).unwrap();
    fs::write(half.join("meta.json"), "{").unwrap();
    let index = Index::open(dir.path()).unwrap();
    assert_eq!(ids(&index, "reset"), ["a"]);
    assert!(!half.exists());
}

#[test]
fn a_torn_current_file_means_the_latest_complete_generation() {
    let dir = tempfile::tempdir().unwrap();
    let index = Index::open(dir.path()).unwrap();
    index.build(&mut [answer("a", "Reset", "")].into_iter(), 4, &|_| {}).unwrap();
    drop(index);
    for torn in ["", "{\"serv", "{\"serving\":77,\"previous\":null}"] {
        fs::write(dir.path().join("CURRENT"), torn).unwrap();
        assert_eq!(Index::open(dir.path()).unwrap().generation(), 2);
    }
}

#[test]
fn another_schema_is_outdated_and_can_be_built_anew() {
    let dir = tempfile::tempdir().unwrap();
    drop(Index::open(dir.path()).unwrap());
    fs::write(dir.path().join("gen-1/generation.json"), "{\"schema\":0}").unwrap();
    let refused = Index::open(dir.path()).err().unwrap();
    assert!(matches!(refused, IndexError::Outdated { found: 0, .. }), "{refused}");
    let index = Index::open_outdated(dir.path()).unwrap();
    assert!(ids(&index, "reset").is_empty());
    let number = index.build(&mut [answer("a", "Reset", "")].into_iter(), 4, &|_| {}).unwrap();
    index.swap_to(number).unwrap();
    drop(index);
    assert_eq!(ids(&Index::open(dir.path()).unwrap(), "reset"), ["a"]);
}
