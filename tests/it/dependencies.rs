//! Licences, bans and sources of `deny.toml`, and dependencies nobody uses, checked on every
//! machine: `cargo deny` does more, but is not installed everywhere.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;
use serde_json::Value;

/// Used without being named in the source, and why.
const USED_UNNAMED: [(&str, &str); 0] = [];

/// The part of `deny.toml` that is checked here.
#[derive(Deserialize)]
struct Rules {
    licenses: Licences,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licences {
    allow: Vec<String>,
    exceptions: Vec<Exception>,
}

#[derive(Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    name: String,
    allow: Vec<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Ban>,
    features: Vec<FeatureBan>,
}

#[derive(Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
}

#[derive(Deserialize)]
struct FeatureBan {
    #[serde(rename = "crate")]
    name: String,
    deny: Vec<String>,
}

/// One package of the resolved graph.
#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    license: Option<String>,
    source: Option<String>,
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    rename: Option<String>,
    kind: Option<String>,
}

/// What cargo resolved for this machine.
struct Graph {
    packages: Vec<Package>,
    features: BTreeMap<String, Vec<String>>,
}

fn rules() -> Rules {
    let text = fs::read_to_string(root().join("deny.toml")).unwrap();
    toml::from_str(&text).unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn graph() -> Graph {
    let about = output("rustc", &["-vV"]);
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let platform = format!("--filter-platform={host}");
    let arguments = ["metadata", "--locked", "--offline", "--format-version=1", &platform];
    let mut metadata: Value = serde_json::from_str(&output(env!("CARGO"), &arguments)).unwrap();
    let packages: Vec<Package> = serde_json::from_value(metadata["packages"].take()).unwrap();
    let mut features = BTreeMap::new();
    for node in metadata["resolve"]["nodes"].as_array().unwrap() {
        let names: Vec<String> = serde_json::from_value(node["features"].clone()).unwrap();
        features.insert(node["id"].as_str().unwrap().to_owned(), names);
    }
    let packages = packages.into_iter().filter(|p| features.contains_key(&p.id)).collect();
    Graph { packages, features }
}

/// Whether a licence expression can be met with the allowed licences.
fn is_met(expression: &str, allowed: &dyn Fn(&str) -> bool) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    let met = any_of(&mut rest, allowed);
    met && rest.is_empty()
}

fn any_of(rest: &mut &[&str], allowed: &dyn Fn(&str) -> bool) -> bool {
    let mut met = all_of(rest, allowed);
    while rest.first() == Some(&"OR") {
        *rest = &rest[1..];
        met |= all_of(rest, allowed);
    }
    met
}

fn all_of(rest: &mut &[&str], allowed: &dyn Fn(&str) -> bool) -> bool {
    let mut met = one_of(rest, allowed);
    while rest.first() == Some(&"AND") {
        *rest = &rest[1..];
        met &= one_of(rest, allowed);
    }
    met
}

fn one_of(rest: &mut &[&str], allowed: &dyn Fn(&str) -> bool) -> bool {
    let Some((first, after)) = rest.split_first() else {
        return false;
    };
    *rest = after;
    if *first == "(" {
        let met = any_of(rest, allowed);
        *rest = rest.get(1..).unwrap_or_default();
        return met;
    }
    if rest.first() == Some(&"WITH") {
        let name = format!("{first} WITH {}", rest.get(1).unwrap_or(&""));
        *rest = rest.get(2..).unwrap_or_default();
        return allowed(&name);
    }
    allowed(first)
}

/// The source of one package's own crates, all files in one text.
fn source_text(folder: &Path, parts: &[&str]) -> String {
    let mut text = String::new();
    let mut folders: Vec<PathBuf> = parts.iter().map(|part| folder.join(part)).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                text += &fs::read_to_string(entry.path()).unwrap_or_default();
            }
        }
    }
    text
}

#[test]
fn a_licence_expression_is_read_as_written() {
    let allowed = |name: &str| ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].contains(&name);
    for met in ["MIT", "GPL-3.0 OR MIT", "GPL-3.0/MIT", "(GPL-3.0 OR MIT) AND ISC"] {
        assert!(is_met(met, &allowed), "{met}");
    }
    for unmet in ["GPL-3.0", "MIT AND GPL-3.0", "GPL-3.0 OR MIT AND Zlib", "", "MIT MIT"] {
        assert!(!is_met(unmet, &allowed), "{unmet}");
    }
    assert!(is_met("Apache-2.0 WITH LLVM-exception", &allowed));
    assert!(!is_met("Apache-2.0", &allowed));
}

#[test]
fn every_dependency_has_a_licence_we_accept() {
    let Rules { licenses, .. } = rules();
    let mut findings = Vec::new();
    for package in graph().packages {
        let exceptions = licenses.exceptions.iter().filter(|e| e.name == package.name);
        let excepted: Vec<&String> = exceptions.flat_map(|exception| &exception.allow).collect();
        let allowed = |name: &str| {
            licenses.allow.iter().chain(excepted.iter().copied()).any(|licence| licence == name)
        };
        let licence = package.license.unwrap_or_default();
        if !is_met(&licence, &allowed) {
            findings.push(format!("{}: {licence:?}", package.name));
        }
    }
    assert_eq!(findings, Vec::<String>::new());
}

#[test]
fn nothing_banned_is_compiled_in() {
    let Rules { bans, .. } = rules();
    let graph = graph();
    let mut findings = Vec::new();
    for package in &graph.packages {
        let banned = bans.deny.iter().filter(|ban| ban.name == package.name);
        findings.extend(banned.map(|ban| format!("{}: {}", ban.name, ban.reason)));
        for ban in bans.features.iter().filter(|ban| ban.name == package.name) {
            let on = graph.features[&package.id].iter().filter(|on| ban.deny.contains(on));
            findings.extend(on.map(|feature| format!("{}/{feature}", ban.name)));
        }
    }
    assert_eq!(findings, Vec::<String>::new());
}

#[test]
fn every_dependency_comes_from_the_one_registry_or_this_tree() {
    let is_registry = |source: &String| source.starts_with("registry+");
    let strangers = graph().packages.into_iter().filter(|package| match &package.source {
        Some(source) => !is_registry(source),
        None => !package.manifest_path.starts_with(root()),
    });
    let names: Vec<String> = strangers.map(|package| package.name).collect();
    assert_eq!(names, Vec::<String>::new());
}

#[test]
fn every_dependency_is_used() {
    let mut findings = Vec::new();
    for package in graph().packages.iter().filter(|package| package.source.is_none()) {
        let folder = package.manifest_path.parent().unwrap();
        let ours = source_text(folder, &["src"]);
        let with_tests = source_text(folder, &["src", "tests", "benches"]);
        for dependency in &package.dependencies {
            let name = dependency.rename.as_ref().unwrap_or(&dependency.name);
            let text = if dependency.kind.is_none() { &ours } else { &with_tests };
            let unnamed = USED_UNNAMED.iter().any(|(used, _)| used == name);
            if !unnamed && !text.contains(&name.replace('-', "_")) {
                findings.push(format!("{} does not use {name}", package.name));
            }
        }
    }
    assert_eq!(findings, Vec::<String>::new());
}
