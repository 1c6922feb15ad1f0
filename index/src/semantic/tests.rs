//! The models end to end, over tiny folders written by the tests.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;

const HIDDEN: usize = 4;
const WIDE: usize = 8;

const GOLDEN_MEAN: [[f32; 4]; 2] =
    [[0.349_000, 0.128_986, 0.925_815, -0.066_549], [0.351_614, 0.129_022, 0.924_322, -0.073_146]];
const GOLDEN_FIRST: [f32; 4] = [0.429_098, 0.125_786, 0.875_410, -0.183_605];

/// Values that look random and are the same everywhere: the `n`th tensor, `length` long.
fn values(n: usize, length: usize) -> Vec<f32> {
    (0..length)
        .map(|i| f32::from(u8::try_from((i * 37 + n * 11 + 5) % 101).unwrap()) / 100.0 - 0.5)
        .collect()
}

fn tensors() -> Vec<(String, Vec<usize>)> {
    let mut tensors = vec![
        ("embeddings.word_embeddings.weight".to_owned(), vec![10, HIDDEN]),
        ("embeddings.position_embeddings.weight".to_owned(), vec![8, HIDDEN]),
        ("embeddings.token_type_embeddings.weight".to_owned(), vec![2, HIDDEN]),
    ];
    let layer = "encoder.layer.0.";
    let dense = [
        ("attention.self.query", HIDDEN, HIDDEN),
        ("attention.self.key", HIDDEN, HIDDEN),
        ("attention.self.value", HIDDEN, HIDDEN),
        ("attention.output.dense", HIDDEN, HIDDEN),
        ("intermediate.dense", WIDE, HIDDEN),
        ("output.dense", HIDDEN, WIDE),
    ];
    for (name, n_out, n_in) in dense {
        tensors.push((format!("{layer}{name}.weight"), vec![n_out, n_in]));
        tensors.push((format!("{layer}{name}.bias"), vec![n_out]));
    }
    for name in [
        "embeddings.LayerNorm".to_owned(),
        format!("{layer}attention.output.LayerNorm"),
        format!("{layer}output.LayerNorm"),
    ] {
        tensors.push((format!("{name}.weight"), vec![HIDDEN]));
        tensors.push((format!("{name}.bias"), vec![HIDDEN]));
    }
    tensors
}

fn safetensors() -> Vec<u8> {
    let (mut header, mut data) = (serde_json::Map::new(), Vec::new());
    for (n, (name, shape)) in tensors().into_iter().enumerate() {
        let start = data.len();
        for value in values(n, shape.iter().product()) {
            data.extend_from_slice(&value.to_le_bytes());
        }
        let entry = json!({"dtype": "F32", "shape": shape, "data_offsets": [start, data.len()]});
        header.insert(name, entry);
    }
    let header = serde_json::to_vec(&header).unwrap();
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header);
    file.extend(data);
    file
}

fn config() -> Value {
    json!({
        "model_type": "bert", "hidden_act": "gelu", "hidden_size": HIDDEN,
        "intermediate_size": WIDE, "layer_norm_eps": 1e-12, "max_position_embeddings": 8,
        "num_attention_heads": 2, "num_hidden_layers": 1, "type_vocab_size": 2, "vocab_size": 10,
    })
}

fn tokenizer() -> Value {
    let known = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "reset", "my", "pass", "##word", "?", "phone"];
    let vocab: Value = known
        .iter()
        .enumerate()
        .map(|(id, text)| ((*text).to_owned(), json!(id)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    json!({
        "added_tokens": [{"id": 2, "content": "[CLS]", "special": true}, {"id": 3, "content": "[SEP]", "special": true}],
        "normalizer": {"type": "BertNormalizer", "lowercase": true, "strip_accents": null},
        "model": {"type": "WordPiece", "vocab": vocab, "unk_token": "[UNK]",
                  "continuing_subword_prefix": "##", "max_input_chars_per_word": 100},
    })
}

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "config.json", &config());
    write(&folder, "tokenizer.json", &tokenizer());
    fs::write(folder.path().join("model.safetensors"), safetensors()).unwrap();
    folder
}

fn write(folder: &TempDir, name: &str, content: &Value) {
    let path = folder.path().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content.to_string()).unwrap();
}

fn embed(folder: &TempDir, texts: &[&str]) -> Vec<Vec<f32>> {
    load(folder.path()).unwrap().embed(texts).unwrap()
}

#[track_caller]
fn close(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-4, "{found} is not {expected}");
    }
}

#[track_caller]
fn refuses(folder: &Path, expected: &str) {
    let error = load(folder).err().expect("the folder should be refused").to_string();
    let error = error.replace(&folder.display().to_string(), "<folder>");
    assert_eq!(error, expected);
}

/// Expected values: the same network in 30 lines of `NumPy`, over the same weights.
#[test]
fn a_bert_folder_gives_the_vectors_of_an_independent_computation() {
    let found = embed(&folder(), &["Reset my password?", "phone"]);
    close(&found[0], &GOLDEN_MEAN[0]);
    close(&found[1], &GOLDEN_MEAN[1]);
}

#[test]
fn the_pooling_file_is_honoured() {
    let folder = folder();
    let flags = json!({"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false});
    write(&folder, "2_Pooling/config.json", &flags);
    write(
        &folder,
        "modules.json",
        &json!([
            {"path": "", "type": "sentence_transformers.models.Transformer"},
            {"path": "2_Pooling", "type": "sentence_transformers.models.Pooling"},
        ]),
    );
    close(&embed(&folder, &["Reset my password?"])[0], &GOLDEN_FIRST);
}

#[test]
fn a_text_has_the_same_vector_alone_and_among_many() {
    let folder = folder();
    let texts: Vec<String> =
        (0..300).map(|n| ["reset ", "my ", "password? "].repeat(n % 4).concat()).collect();
    let texts: Vec<&str> = texts.iter().map(|text| &**text).collect();
    let together = embed(&folder, &texts);
    for (text, vector) in texts.iter().zip(&together).step_by(37) {
        close(&embed(&folder, &[text])[0], vector);
        assert!((vector.iter().map(|v| v * v).sum::<f32>() - 1.0).abs() < 1e-5);
    }
}

#[test]
fn text_beyond_the_window_is_not_read() {
    let folder = folder();
    let long =
        embed(&folder, &["reset my password? reset my", "reset my password? reset my phone phone"]);
    close(&long[0], &long[1]);
}

#[test]
fn the_name_changes_with_the_content() {
    let folder = folder();
    let name = |folder: &TempDir| load(folder.path()).unwrap().name().to_owned();
    let before = name(&folder);
    assert_eq!(before, name(&folder));
    let mut tokenizer = tokenizer();
    tokenizer["model"]["max_input_chars_per_word"] = json!(99);
    write(&folder, "tokenizer.json", &tokenizer);
    assert_ne!(before, name(&folder));
}

#[test]
fn a_small_vocabulary_covers_english_only() {
    let model = load(folder().path()).unwrap();
    assert!(model.covers("en") && model.covers("en-GB"));
    assert!(!model.covers("el") && !model.covers("zh-Hant"));
}

#[test]
fn what_is_missing_is_named() {
    let folder = folder();
    fs::remove_file(folder.path().join("tokenizer.json")).unwrap();
    refuses(folder.path(), "the sentence model lacks <folder>/tokenizer.json");
    refuses(
        &folder.path().join("elsewhere"),
        "<folder> is no sentence model: expected config.json, tokenizer.json and \
         model.safetensors, or sp.model and weights.npz",
    );
}

#[test]
fn what_is_damaged_is_named() {
    let folder = folder();
    let weights = folder.path().join("model.safetensors");
    let whole = fs::read(&weights).unwrap();
    fs::write(&weights, &whole[..4]).unwrap();
    refuses(folder.path(), "<folder>/model.safetensors is damaged: shorter than its header");
    fs::write(&weights, &whole[..whole.len() - 1]).unwrap();
    let error = load(folder.path()).err().unwrap().to_string();
    assert!(
        error.contains("model.safetensors is damaged") && error.contains("ends beyond the file"),
        "{error}"
    );
}

#[test]
fn what_does_not_fit_together_is_named() {
    let folder = folder();
    let mut config = config();
    config["intermediate_size"] = json!(16);
    write(&folder, "config.json", &config);
    refuses(
        folder.path(),
        "<folder>/model.safetensors is damaged: tensor encoder.layer.0.intermediate.dense.weight \
         has shape [8, 4], not [16, 4]",
    );
    config["model_type"] = json!("mpnet");
    write(&folder, "config.json", &config);
    let error = load(folder.path()).err().unwrap().to_string();
    assert!(error.contains("config.json cannot be used: its architecture is mpnet"), "{error}");
}

#[test]
fn an_unknown_tokenizer_is_refused_by_name() {
    let folder = folder();
    let mut tokenizer = tokenizer();
    tokenizer["model"] = json!({"type": "BPE", "vocab": {}, "merges": []});
    write(&folder, "tokenizer.json", &tokenizer);
    refuses(
        folder.path(),
        "<folder>/tokenizer.json cannot be used: its tokenizer is BPE; WordPiece and Unigram are known",
    );
}

#[test]
fn a_damaged_table_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("weights.npz"), b"PK").unwrap();
    refuses(folder.path(), "the sentence model lacks <folder>/sp.model");
    fs::write(folder.path().join("sp.model"), b"\x0a\x07\x0a\x03abc").unwrap();
    refuses(
        folder.path(),
        "<folder>/sp.model is damaged: it is no SentencePiece model, or not all of one",
    );
    fs::write(folder.path().join("sp.model"), b"\x0a\x05\x0a\x03abc").unwrap();
    refuses(
        folder.path(),
        "<folder>/weights.npz is damaged: it is no zip archive, or not all of one",
    );
}
