//! Language tags as sources write them, in the one spelling used inside.

/// Normalises a language tag: `en-US` → `en`, `zh_TW` → `zh-Hant`, `deu` → `de`.
///
/// Regions are dropped, since answers of one language serve all of its regions; Traditional
/// Chinese is kept apart by script or region. `None` when the tag names no language.
pub fn normalise_lang(tag: &str) -> Option<String> {
    let tag = tag.trim().replace('_', "-").to_lowercase();
    let mut parts = tag.split('-');
    let primary = parts.next().filter(|part| matches!(part.len(), 2 | 3))?;
    if !primary.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    let primary = match primary {
        "und" | "mul" | "zxx" | "mis" => return None,
        "zho" | "chi" | "cmn" => "zh",
        "yue" => return Some("zh-Hant".to_owned()),
        three if three.len() == 3 => two_letters(three).unwrap_or(three),
        two => two,
    };
    let is_traditional = primary == "zh"
        && tag
            .split('-')
            .skip(1)
            .find_map(|part| match part {
                "hant" => Some(true),
                "hans" => Some(false),
                _ => None,
            })
            .unwrap_or_else(|| parts.any(|part| matches!(part, "tw" | "hk" | "mo")));
    Some(if is_traditional { "zh-Hant".to_owned() } else { primary.to_owned() })
}

fn two_letters(three: &str) -> Option<&'static str> {
    Some(match three {
        "eng" => "en",
        "spa" => "es",
        "fra" | "fre" => "fr",
        "deu" | "ger" => "de",
        "ell" | "gre" => "el",
        "ara" => "ar",
        "tha" => "th",
        "ita" => "it",
        "nld" | "dut" => "nl",
        "ces" | "cze" => "cs",
        "por" => "pt",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::normalise_lang;

    #[track_caller]
    fn check(tag: &str, expected: Option<&str>) {
        assert_eq!(normalise_lang(tag).as_deref(), expected, "{tag}");
    }

    #[test]
    fn regions_are_dropped_and_scripts_kept() {
        check("en-US", Some("en"));
        check("pt-BR", Some("pt"));
        check("el_GR", Some("el"));
        check("DEU", Some("de"));
        check("fil", Some("fil"));
    }

    #[test]
    fn traditional_chinese_is_told_by_script_then_region() {
        check("zh-TW", Some("zh-Hant"));
        check("zh_HK", Some("zh-Hant"));
        check("zh-Hant", Some("zh-Hant"));
        check("zh-Hans-HK", Some("zh"));
        check("zh-CN", Some("zh"));
        check("zh", Some("zh"));
    }

    #[test]
    fn what_names_no_language_is_none() {
        check("", None);
        check("und", None);
        check("English", None);
        check("*", None);
    }
}
