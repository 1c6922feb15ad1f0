//! The brand's list, and finding its names in a text.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::subject::Mark;
use super::tokens::{Gap, Kind, Token, tokens};

/// What `products.toml` holds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    #[serde(default)]
    product: Vec<Product>,
}

/// One entry; `docs/answers.md` explains the keys.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Product {
    name: String,
    /// For people.
    #[serde(default, rename = "family")]
    _family: Option<String>,
    /// For people.
    #[serde(default, rename = "released")]
    _released: Option<toml::Value>,
    #[serde(default)]
    line: Option<String>,
    #[serde(default)]
    generation: Option<String>,
    #[serde(default)]
    models: Vec<String>,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    tags: Vec<String>,
    #[serde(default)]
    companion: bool,
    #[serde(default)]
    versions: bool,
}

/// All names of all products, ready to be found.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    marks: Vec<Mark>,
    /// Whether numbers after the name are versions of the product.
    versioned: Vec<bool>,
    /// By their first run, the longest first.
    by_start: HashMap<String, Vec<Name>>,
    by_tag: HashMap<String, usize>,
}

/// One way to write a product.
#[derive(Clone, Debug)]
struct Name {
    runs: Vec<Token>,
    product: usize,
    is_model: bool,
}

/// A product's name in a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Named {
    pub(super) product: usize,
    /// Runs it takes.
    pub(super) n_runs: usize,
    /// Whether it is a model code, which means nothing else.
    pub(super) is_model: bool,
}

impl Names {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let list: List = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut names = Self::default();
        let mut generations: BTreeMap<(String, String), String> = BTreeMap::new();
        for product in &list.product {
            let mark = names.add(product)?;
            let Mark::Product { line, generation, .. } = &mark else { continue };
            let place = (line.clone(), generation.clone());
            if let Some(other) = generations.insert(place, product.name.clone()) {
                return Err(format!(
                    "{:?} and {other:?} are the same generation {generation:?} of the line \
                     {line:?}; give each its own, or make one an alias of the other",
                    product.name
                ));
            }
        }
        for names in names.by_start.values_mut() {
            names.sort_by_key(|name| std::cmp::Reverse(name.runs.len()));
        }
        Ok(names)
    }

    fn add(&mut self, product: &Product) -> Result<Mark, String> {
        let number = self.marks.len();
        let slug = |text: &str| {
            let runs = tokens(text).into_iter().map(|run| run.text);
            runs.collect::<Vec<_>>().join("-")
        };
        if slug(&product.name).is_empty() {
            return Err(format!("product {} has no name; write name = \"…\"", number + 1));
        }
        let mark = Mark::Product {
            line: slug(product.line.as_deref().unwrap_or(&product.name)),
            generation: slug(product.generation.as_deref().unwrap_or(&product.name)),
            is_companion: product.companion,
        };
        let names = [&product.name].into_iter().chain(&product.aliases).map(|name| (name, false));
        for (name, is_model) in names.chain(product.models.iter().map(|model| (model, true))) {
            let runs = tokens(name);
            let Some(first) = runs.first() else { continue };
            let known = self.by_start.entry(first.text.clone()).or_default();
            known.push(Name { runs, product: number, is_model });
        }
        self.by_tag.extend(product.tags.iter().map(|tag| (tag.to_lowercase(), number)));
        self.versioned.push(product.versions);
        self.marks.push(mark.clone());
        Ok(mark)
    }

    pub(super) fn len(&self) -> usize {
        self.marks.len()
    }

    /// The product that a forum's tag or a source's word stands for.
    pub(super) fn labelled(&self, label: &str) -> Option<Mark> {
        self.by_tag.get(&label.to_lowercase()).map(|product| self.marks[*product].clone())
    }

    pub(super) fn mark(&self, product: usize) -> &Mark {
        &self.marks[product]
    }

    pub(super) fn is_versioned(&self, product: usize) -> bool {
        self.versioned[product]
    }

    /// Whether one product's name is the beginning of another's of the same line: *Drum* beside
    /// *Drum XL* is a short word for it.
    pub(super) fn is_short_for(&self, short: usize, long: usize) -> bool {
        let starts = |name: &Name| {
            let names = self.by_start.values().flatten().filter(|other| other.product == long);
            let texts = |runs: &[Token]| runs.iter().map(|r| r.text.clone()).collect::<Vec<_>>();
            let own = texts(&name.runs);
            names.map(|other| texts(&other.runs)).any(|other| other.starts_with(&own))
        };
        let line = |product: usize| match &self.marks[product] {
            Mark::Product { line, .. } => line.as_str(),
            _ => "",
        };
        short != long
            && line(short) == line(long)
            && self.by_start.values().flatten().any(|it| it.product == short && starts(it))
    }

    /// The longest name that begins at `at`.
    pub(super) fn at(&self, text: &[Token], at: usize) -> Option<Named> {
        let names = self.by_start.get(&text[at].text)?;
        let name = names.iter().find(|name| name.stands(text, at))?;
        Some(Named { product: name.product, n_runs: name.runs.len(), is_model: name.is_model })
    }
}

impl Name {
    fn stands(&self, text: &[Token], at: usize) -> bool {
        let Some(there) = text.get(at..at + self.runs.len()) else { return false };
        let same = there.iter().zip(&self.runs).enumerate().all(|(n, (found, run))| {
            // `A1` is not found in `a 1`, `Halo 3` is in `halo3` and `Halo-3`.
            let joined = n == 0 || found.gap <= run.gap.max(Gap::Dash);
            let joined = joined || (run.gap == Gap::Dash && found.gap == Gap::Space);
            found.text == run.text && joined
        });
        // Other scripts write onto a name what Latin ones keep apart.
        let glued = text[at].gap == Gap::Nothing
            && text[..at].last().is_some_and(|it| matches!(it.kind, Kind::Latin | Kind::Digits));
        same && !glued && text.get(at + self.runs.len()).is_none_or(Token::begins_anew)
    }
}
