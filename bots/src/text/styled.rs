//! Light Markdown read once into runs of styled text, so that every channel writes its own dialect
//! and a cut can never fall inside a piece of markup.

/// How a run of text looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// Ordinary text.
    Plain,
    /// `**bold**`.
    Bold,
    /// Inline code.
    Code,
    /// A fenced block; the word after the fence, often empty.
    Fence(String),
}

impl Style {
    /// Whether the text is shown letter by letter, with no links, names or trimming.
    pub(crate) fn is_code(&self) -> bool {
        matches!(self, Self::Code | Self::Fence(_))
    }
}

/// Text in runs, in order; neighbours differ in style.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Styled {
    runs: Vec<(Style, String)>,
}

impl Styled {
    /// Reads fences, inline code and bold; everything else, lists and links too, stays as written.
    pub(crate) fn from_markdown(markdown: &str) -> Self {
        let mut styled = Self::default();
        let markdown = markdown.replace("\r\n", "\n");
        let mut lines = markdown.split('\n').peekable();
        let mut first = true;
        while let Some(line) = lines.next() {
            if !first {
                styled.push(Style::Plain, "\n");
            }
            first = false;
            let Some(language) = line.trim_start().strip_prefix("```") else {
                styled.push_line(line);
                continue;
            };
            if language.contains('`') {
                styled.push_line(line);
                continue;
            }
            let mut code = Vec::new();
            for line in lines.by_ref() {
                if line.trim() == "```" {
                    break;
                }
                code.push(line);
            }
            styled.push(Style::Fence(language.trim().to_owned()), &code.join("\n"));
        }
        styled
    }

    /// Appends text; joins the last run if the style is the same.
    pub(crate) fn push(&mut self, style: Style, text: &str) {
        if text.is_empty() {
            return;
        }
        match self.runs.last_mut() {
            Some((last, run)) if *last == style => run.push_str(text),
            _ => self.runs.push((style, text.to_owned())),
        }
    }

    /// Appends all runs of another text.
    pub(crate) fn append(&mut self, other: &Self) {
        for (style, text) in &other.runs {
            self.push(style.clone(), text);
        }
    }

    /// The runs, in order.
    pub(crate) fn runs(&self) -> &[(Style, String)] {
        &self.runs
    }

    /// The text without any markup.
    pub(crate) fn plain(&self) -> String {
        self.runs.iter().map(|(_, text)| text.as_str()).collect()
    }

    /// Splits at a byte offset of [`Styled::plain`]; a run that is cut continues in its style.
    pub(crate) fn split_at(&self, offset: usize) -> (Self, Self) {
        let (mut head, mut tail) = (Self::default(), Self::default());
        let mut start = 0;
        for (style, text) in &self.runs {
            let cut = offset.saturating_sub(start).min(text.len());
            head.push(style.clone(), &text[..cut]);
            tail.push(style.clone(), &text[cut..]);
            start += text.len();
        }
        (head, tail)
    }

    /// Without white space at both ends; the indentation of a code block stays.
    pub(crate) fn trimmed(&self) -> Self {
        let plain = self.plain();
        let end = plain.trim_end().len();
        let (mut rest, _) = self.split_at(end);
        while let Some((style, text)) = rest.runs.first() {
            let kept = match style {
                Style::Fence(_) => text.trim_start_matches('\n'),
                _ => text.trim_start(),
            };
            if kept.len() == text.len() {
                break;
            }
            rest = rest.split_at(text.len() - kept.len()).1;
        }
        rest
    }

    fn push_line(&mut self, line: &str) {
        let mut rest = line;
        while let Some(at) = rest.find(['`', '*']) {
            let (before, from) = rest.split_at(at);
            self.push(Style::Plain, before);
            let (style, marker) =
                if from.starts_with('`') { (Style::Code, "`") } else { (Style::Bold, "**") };
            let inner = from.strip_prefix(marker).and_then(|from| from.split_once(marker));
            match inner {
                Some((inner, after)) if !inner.trim().is_empty() => {
                    self.push(style, inner);
                    rest = after;
                }
                _ => {
                    let literal = from.len() - from.trim_start_matches(['`', '*']).len();
                    self.push(Style::Plain, &from[..literal]);
                    rest = &from[literal..];
                }
            }
        }
        self.push(Style::Plain, rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(markdown: &str, expected: &str) {
        let runs: Vec<String> = Styled::from_markdown(markdown)
            .runs()
            .iter()
            .map(|(style, text)| match style {
                Style::Plain => format!("{text:?}"),
                Style::Bold => format!("bold {text:?}"),
                Style::Code => format!("code {text:?}"),
                Style::Fence(language) => format!("fence({language}) {text:?}"),
            })
            .collect();
        assert_eq!(runs.join(" + "), expected);
    }

    #[test]
    fn markup_becomes_runs_and_the_rest_stays_as_written() {
        check(
            "Hold **power** for `10 s`.",
            r#""Hold " + bold "power" + " for " + code "10 s" + ".""#,
        );
        check("a\n```rs\nlet x;\n```\nb", r#""a\n" + fence(rs) "let x;" + "\nb""#);
        check("```\nnever closed", r#"fence() "never closed""#);
        check("- one\n- two_three * four", r#""- one\n- two_three * four""#);
        check("2 ** 3 and a ` b", r#""2 ** 3 and a ` b""#);
        check("****", r#""****""#);
        check("` `", r#""` `""#);
    }

    #[test]
    fn a_cut_run_keeps_its_style_on_both_sides() {
        let (head, tail) = Styled::from_markdown("```sh\none\ntwo\n```").split_at(4);
        assert_eq!(head.runs(), [(Style::Fence("sh".into()), "one\n".into())]);
        assert_eq!(tail.runs(), [(Style::Fence("sh".into()), "two".into())]);
    }

    #[test]
    fn trimming_keeps_the_indentation_of_code() {
        let trimmed = Styled::from_markdown("\n\n```\n  indented\n```\n\n").trimmed();
        assert_eq!(trimmed.plain(), "  indented");
        assert_eq!(Styled::from_markdown("  \n ").trimmed(), Styled::default());
    }
}
