//! What speaks for an answer: how the question's words lie in its parts.
//!
//! Every value is a share or a logarithm of odds, never a raw score, so that it means the same
//! for short and long questions, in any language and in bases of any size.

use std::collections::HashMap;

use crate::asked::Asked;
use crate::payload::{PARTS, Part, Payload};
use crate::vocabulary::{Identity, Vocabulary, idf};

/// BM25's k1 + 1, the most that repetition adds.
const MOST_REPETITION: f32 = 2.2;

/// BM25's b: how much a longer text must hold to count the same.
const LENGTH_MATTERS: f32 = 0.6;

/// Words between two neighbours of the question that still count as neighbours in an answer.
const NEAR: usize = 3;

/// A weighed candidate.
pub(crate) struct Weighed {
    pub(crate) payload: Payload,
    /// Words of the question in each part.
    pub(crate) held: [Held; PARTS],
    /// Evidence by name.
    pub(crate) values: Vec<(&'static str, f32)>,
    /// Nobody asked for it in words: an article, not a thread.
    pub(crate) is_unasked: bool,
}

/// Words of the question that a text holds, as bits: themselves, or what resembles them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Held {
    exact: u64,
    weak: u64,
}

impl Held {
    /// Whether it holds the word at `place`, in any reading.
    pub(crate) fn has(self, place: usize) -> bool {
        (self.exact | self.weak) & (1 << place) != 0
    }

    fn or(self, other: Self) -> Self {
        Self { exact: self.exact | other.exact, weak: self.weak | other.weak }
    }

    fn and(self, mask: u64) -> Self {
        Self { exact: self.exact & mask, weak: self.weak & mask }
    }
}

/// Weighs candidates against one question.
pub(crate) struct Scales<'a> {
    asked: &'a Asked,
    vocabulary: &'a Vocabulary,
    /// Hash to place of the word in the question.
    places: HashMap<u32, (u8, bool), Identity>,
    /// Weight of each word where only a resemblance or a synonym of it is held.
    weak: Vec<f32>,
    pair_mass: f32,
}

/// What one pass over an answer's words finds.
#[derive(Default)]
struct Sight {
    held: [Held; PARTS],
    pairs: u64,
    /// How often each word of the question occurs in each part.
    counts: [Vec<u8>; PARTS],
    /// Sentences that ask.
    n_asking: f32,
    /// The three best likenesses with sentences that ask, best first.
    likest: [f32; 3],
    best_focus: f32,
    title: f32,
    /// Weight of the question's words in the best sentence that asks, and in the best two
    /// neighbouring sentences that answer.
    best_asking: f32,
    best_answer: f32,
}

impl Sight {
    /// An answer that nobody asked for in words is as likely as its best passage is.
    fn stand_in(&mut self, passage: f32) {
        self.best_focus = passage;
        self.title = passage;
        self.likest = [passage; 3];
        self.n_asking = 3.0;
    }
}

impl<'a> Scales<'a> {
    pub(crate) fn new(asked: &'a Asked, vocabulary: &'a Vocabulary) -> Self {
        let mut places: HashMap<u32, (u8, bool), Identity> = HashMap::default();
        let mut weak = Vec::with_capacity(asked.words.len());
        for (place, word) in (0..).zip(&asked.words) {
            let exact = |strength: f32| strength >= 1.0;
            for reading in word.readings.iter().filter(|r| exact(r.strength)) {
                places.insert(reading.hash, (place, true));
            }
            for reading in word.readings.iter().filter(|r| !exact(r.strength)) {
                places.entry(reading.hash).or_insert((place, false));
            }
            let strengths = word.readings.iter().map(|r| r.strength).filter(|s| !exact(*s));
            weak.push(word.weight * strengths.fold(0.0, f32::max));
        }
        let mut scales = Self { asked, vocabulary, places, weak, pair_mass: 0.0 };
        scales.pair_mass = (0..asked.pairs.len()).map(|n| scales.pair_weight(n)).sum();
        scales
    }

    /// Weighs an answer that BM25 gave `score`.
    pub(crate) fn weigh(&self, score: f32, payload: Payload) -> Weighed {
        let none = || vec![0; self.asked.words.len()];
        let counts = [none(), none(), none(), none()];
        let mut sight = Sight { counts, ..Sight::default() };
        for part in Part::ALL {
            self.look(part, &payload.words[part as usize], &mut sight);
        }
        let mass = self.asked.mass.max(f32::EPSILON);
        let held = sight.held;
        let asking = held[0].or(held[1]).or(held[2]);
        let all = asking.or(held[3]);
        let best_unit = sight.best_answer.max(sight.best_asking);
        let is_unasked = (0..3).all(|part| payload.words[part].is_empty());
        if is_unasked {
            sight.stand_in(sight.best_answer / mass);
        }
        #[expect(clippy::cast_precision_loss, reason = "a logarithm needs no more")]
        let chance = (self.asked.answers.max(1) as f32).ln();
        let pairs = (0..self.asked.pairs.len())
            .filter(|n| sight.pairs & (1 << n) != 0)
            .map(|n| self.pair_weight(n))
            .sum::<f32>();
        let frequency = score / (mass * MOST_REPETITION);
        let values = vec![
            ("coverage", self.mass(all) / mass),
            ("title", self.mass(held[0]) / mass),
            ("title_fit", sight.title),
            ("focus_fit", sight.best_focus),
            ("often_asked", sight.likest.iter().sum::<f32>() / sight.n_asking.clamp(1.0, 3.0)),
            ("passage", sight.best_answer / mass),
            ("pairs", if self.pair_mass > 0.0 { pairs / self.pair_mass } else { 0.0 }),
            ("frequency", frequency),
            ("unasked_frequency", if is_unasked { frequency } else { 0.0 }),
            ("unasked_coverage", if is_unasked { self.mass(all) / mass } else { 0.0 }),
            ("phrasing_frequency", self.frequency(Part::Phrasing, &payload, &sight)),
            ("answer_frequency", self.frequency(Part::Answer, &payload, &sight)),
            ("surprise", ((best_unit - chance) / 10.0).clamp(-1.0, 2.0)),
            ("top_words", self.top_words(all)),
        ];
        Weighed { payload, held, values, is_unasked }
    }

    fn look(&self, part: Part, words: &[u32], sight: &mut Sight) {
        let mut before = Held::default();
        let mut at = 0_usize;
        let mut last: Option<(u8, usize)> = None;
        for unit in words.split(|word| *word == 0) {
            let mut mask = Held::default();
            for hash in unit {
                at += 1;
                let Some((place, exact)) = self.places.get(hash) else { continue };
                let bits = if *exact { &mut mask.exact } else { &mut mask.weak };
                *bits |= 1 << place;
                let count = &mut sight.counts[part as usize][usize::from(*place)];
                *count = count.saturating_add(1);
                if let Some((neighbour, _)) = last.filter(|(_, seen)| at - seen <= NEAR) {
                    sight.pairs |= self.pair_bits(neighbour, *place);
                }
                last = Some((*place, at));
            }
            if part != Part::Answer && !unit.is_empty() {
                sight.n_asking += 1.0;
            }
            let held = &mut sight.held[part as usize];
            *held = held.or(mask);
            if mask != Held::default() {
                self.compare(part, unit, mask, sight);
            }
            if part == Part::Answer {
                sight.best_answer = sight.best_answer.max(self.mass(before.or(mask)));
            }
            before = mask;
        }
    }

    /// Compares a sentence in which somebody asked with the question as a whole.
    fn compare(&self, part: Part, unit: &[u32], mask: Held, sight: &mut Sight) {
        if part == Part::Answer {
            return;
        }
        sight.best_asking = sight.best_asking.max(self.mass(mask));
        let length: f32 = unit.iter().map(|hash| self.idf(*hash)).sum();
        let fit = |focus: u64, focus_mass: f32| {
            2.0 * self.mass(mask.and(focus)) / (focus_mass + length).max(f32::EPSILON)
        };
        let whole = self.asked.sentences.first().map_or(0.0, |(focus, mass)| fit(*focus, *mass));
        if let Some(place) = sight.likest.iter().position(|other| whole > *other) {
            sight.likest[place..].rotate_right(1);
            sight.likest[place] = whole;
        }
        for (focus, focus_mass) in &self.asked.sentences {
            sight.best_focus = sight.best_focus.max(fit(*focus, *focus_mass));
        }
        if part == Part::Title {
            sight.title = sight.title.max(whole);
        }
    }

    /// BM25 within one part, as a share of the most the question could get.
    fn frequency(&self, part: Part, payload: &Payload, sight: &Sight) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "a part has some hundred words")]
        let length = payload.words[part as usize].len() as f32;
        let length = 1.0 - LENGTH_MATTERS + LENGTH_MATTERS * length / part.usual_length();
        let held = sight.held[part as usize];
        let counts = sight.counts[part as usize].iter().enumerate();
        let held = counts.filter(|(_, count)| **count > 0).map(|(place, count)| {
            let count = f32::from(*count);
            self.mass(held.and(1 << place)) * count / (count + (MOST_REPETITION - 1.0) * length)
        });
        held.sum::<f32>() / self.asked.mass.max(f32::EPSILON)
    }

    fn idf(&self, hash: u32) -> f32 {
        let (frequency, framing) = self.vocabulary.word(hash);
        framing * idf(u64::from(frequency), self.asked.answers)
    }

    fn mass(&self, held: Held) -> f32 {
        let exact = places(held.exact).map(|place| self.asked.words[place].weight);
        let weak = places(held.weak & !held.exact).map(|place| self.weak[place]);
        exact.chain(weak).sum()
    }

    fn pair_bits(&self, a: u8, b: u8) -> u64 {
        let pairs = self.asked.pairs.iter().enumerate();
        pairs.filter(|(_, pair)| **pair == (a, b)).fold(0, |bits, (n, _)| bits | (1 << n))
    }

    fn pair_weight(&self, number: usize) -> f32 {
        let (a, b) = self.asked.pairs[number];
        let weight = |place: u8| self.asked.words[usize::from(place)].weight;
        weight(a).min(weight(b))
    }

    /// Share of the three most telling words.
    fn top_words(&self, held: Held) -> f32 {
        let top = self.asked.words.iter().take(3).map(|word| word.weight).sum::<f32>();
        self.mass(held.and(0b111)) / top.max(f32::EPSILON)
    }
}

/// The places of the set bits, ascending.
fn places(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = (bits != 0).then(|| bits.trailing_zeros() as usize)?;
        bits &= bits - 1;
        Some(place)
    })
}
