//! What X charges, as configuration: prices change more often than programs.
//! <https://docs.x.com/x-api/getting-started/pricing>

use std::str::FromStr;

/// US dollars for each thing X charges for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prices {
    /// A reply to somebody who summoned us.
    pub reply: f64,
    /// A post that nobody summoned: the second and later posts of a thread.
    pub post: f64,
    /// Any post with an address in it.
    pub link: f64,
    /// A direct message.
    pub dm: f64,
    /// Reading one mention.
    pub mention: f64,
    /// Hearing one direct message.
    pub dm_event: f64,
}

impl Default for Prices {
    /// As published in August 2026.
    fn default() -> Self {
        Self { reply: 0.010, post: 0.015, link: 0.200, dm: 0.015, mention: 0.001, dm_event: 0.010 }
    }
}

/// Why a price list cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not one of reply, post, link, dm, mention, dm_event with a price in dollars")]
pub struct PriceError(String);

impl FromStr for Prices {
    type Err = PriceError;

    /// `reply=0.01,link=0.2`; what is not named keeps its default.
    fn from_str(text: &str) -> Result<Self, PriceError> {
        let mut prices = Self::default();
        for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            let wrong = || PriceError(entry.to_owned());
            let (name, price) = entry.split_once('=').ok_or_else(wrong)?;
            let price: f64 = price.trim().parse().map_err(|_| wrong())?;
            if !(0.0..=1000.0).contains(&price) {
                return Err(wrong());
            }
            *match name.trim() {
                "reply" => &mut prices.reply,
                "post" => &mut prices.post,
                "link" => &mut prices.link,
                "dm" => &mut prices.dm,
                "mention" => &mut prices.mention,
                "dm_event" => &mut prices.dm_event,
                _ => return Err(wrong()),
            } = price;
        }
        Ok(prices)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_changes_what_it_names() {
        let prices: Prices = "reply=0.02, link = 0.5".parse().unwrap();
        assert_eq!(prices, Prices { reply: 0.02, link: 0.5, ..Prices::default() });
        assert_eq!("".parse(), Ok(Prices::default()));
        for wrong in ["reply", "reply=free", "like=0.1", "dm=-1"] {
            assert!(wrong.parse::<Prices>().is_err(), "{wrong}");
        }
    }
}
