//! What an expert's words must not contain: phrases the brand forbids, promotion, personal data.
//! Pure; says what stands in the way so that the expert can write it again.

use crate::privacy;

/// Why an expert's words may not go out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Objection {
    /// The words that stand in the way, as written.
    pub found: String,
}

/// Words of advertising, lower-case, in every first-class language.
const PROMOTION: &[&str] = &[
    "discount code",
    "promo code",
    "coupon",
    "affiliate",
    "referral link",
    "buy now",
    "% off",
    "my shop",
    "my channel",
    "código de descuento",
    "cupón",
    "mi tienda",
    "compra ahora",
    "code promo",
    "code de réduction",
    "ma boutique",
    "achetez maintenant",
    "rabattcode",
    "gutschein",
    "mein shop",
    "jetzt kaufen",
    "κωδικός έκπτωσης",
    "κουπόνι",
    "το κατάστημά μου",
    "αγοράστε τώρα",
    "كود خصم",
    "رمز خصم",
    "كوبون",
    "متجري",
    "اشتر الآن",
    "โค้ดส่วนลด",
    "คูปอง",
    "ร้านของฉัน",
    "ซื้อเลย",
    "优惠码",
    "優惠碼",
    "优惠券",
    "優惠券",
    "我的店",
    "我的店鋪",
    "立即购买",
    "立即購買",
];

/// What a link carries that pays whoever gave it.
const PAID_LINKS: &[&str] =
    &["?ref=", "&ref=", "?tag=", "&tag=", "?aff", "&aff", "amzn.to/", "bit.ly/"];

/// Checks words of an expert; nothing stands in the way if the list is empty.
pub fn check(text: &str, forbidden: &[String]) -> Vec<Objection> {
    let lower = text.to_lowercase();
    let ours = forbidden.iter().map(|phrase| phrase.to_lowercase());
    let phrases = ours.chain(PROMOTION.iter().chain(PAID_LINKS).map(|word| (*word).to_owned()));
    let said = phrases.filter(|phrase| !phrase.is_empty() && lower.contains(phrase.as_str()));
    let personal = privacy::find(text).into_iter().map(|(range, _)| text[range].to_owned());
    said.chain(personal).map(|found| Objection { found }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn objects(text: &str, expected: &[&str]) {
        let found = check(text, &["Guaranteed".to_owned()]);
        let found: Vec<&str> = found.iter().map(|objection| objection.found.as_str()).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_helps_passes() {
        objects("Hold the power key for 7 seconds; see https://forum.example/t/12", &[]);
        objects("Das hilft beim WH-1000XM4.", &[]);
    }

    #[test]
    fn forbidden_words_advertising_and_personal_data_do_not() {
        objects("It is guaranteed to work", &["guaranteed"]);
        objects("use my promo code", &["promo code"]);
        objects("mail me: bo@mail.example", &["bo@mail.example"]);
        objects("https://shop.example/x?ref=bo", &["?ref=", "?ref=bo"]);
    }
}
