//! Line charts as SVG: for the console's pages and for reports.
//!
//! In: points between 0 and 1 on both axes, and words. Out: one `<svg>` element, complete without
//! style sheet or script; text takes the colour of its surroundings. Must not know what is drawn.

use std::fmt::Write;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 320.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 44.0;
/// Told apart by people who see colours differently, and on light and dark ground.
const COLOURS: [&str; 4] = ["#2f7ed8", "#d9822b", "#3a9a5b", "#8a8a8a"];

/// A chart.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chart {
    /// What it shows, in a sentence; read out by screen readers.
    pub title: String,
    /// Places on the horizontal axis, 0..=1, with their words.
    pub across: Vec<(f64, String)>,
    /// Places on the vertical axis, 0..=1, with their words.
    pub up: Vec<(f64, String)>,
    /// The curves.
    pub curves: Vec<Curve>,
}

/// One curve.
#[derive(Clone, Debug)]
pub(crate) struct Curve {
    /// Its name.
    pub name: String,
    /// Its points, from left to right.
    pub points: Vec<(f64, f64)>,
    /// Whether it is only there to compare with.
    pub is_guide: bool,
}

impl Chart {
    /// The chart as one `<svg>` element.
    pub(crate) fn svg(&self) -> String {
        let mut svg = String::with_capacity(4096);
        let title = escaped(&self.title);
        let _ = write!(
            svg,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" \
             viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{title}\" \
             font-family=\"system-ui, sans-serif\" font-size=\"12\" color=\"#777\">"
        );
        let _ = write!(svg, "<title>{title}</title><g fill=\"currentColor\">");
        self.axes(&mut svg);
        svg.push_str("</g>");
        for (number, curve) in self.curves.iter().enumerate() {
            self.curve(&mut svg, number, curve);
        }
        svg.push_str("</svg>\n");
        svg
    }

    fn axes(&self, svg: &mut String) {
        for (at, words) in &self.up {
            let y = down(*at);
            let _ = write!(
                svg,
                "<line x1=\"{LEFT}\" x2=\"{:.0}\" y1=\"{y:.1}\" y2=\"{y:.1}\" \
                 stroke=\"currentColor\" stroke-opacity=\".25\"/>\
                 <text x=\"{:.0}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
                WIDTH - RIGHT,
                LEFT - 8.0,
                y + 4.0,
                escaped(words)
            );
        }
        for (at, words) in &self.across {
            let _ = write!(
                svg,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
                right(*at),
                HEIGHT - BOTTOM + 20.0,
                escaped(words)
            );
        }
    }

    fn curve(&self, svg: &mut String, number: usize, curve: &Curve) {
        let colour = COLOURS[number % COLOURS.len()];
        let points: Vec<String> =
            curve.points.iter().map(|(x, y)| format!("{:.1},{:.1}", right(*x), down(*y))).collect();
        let dashes = if curve.is_guide { " stroke-dasharray=\"4 4\"" } else { "" };
        let _ = write!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" \
             stroke-linejoin=\"round\"{dashes}/>",
            points.join(" ")
        );
        #[expect(clippy::cast_precision_loss, reason = "a handful of curves")]
        let x = LEFT + number as f64 * (WIDTH - LEFT - RIGHT) / self.curves.len().max(1) as f64;
        let _ = write!(
            svg,
            "<line x1=\"{x:.0}\" x2=\"{:.0}\" y1=\"18\" y2=\"18\" stroke=\"{colour}\" \
             stroke-width=\"2\"{dashes}/><text x=\"{:.0}\" y=\"22\" fill=\"currentColor\">{}</text>",
            x + 18.0,
            x + 24.0,
            escaped(&curve.name)
        );
    }
}

fn right(x: f64) -> f64 {
    LEFT + x.clamp(0.0, 1.0) * (WIDTH - LEFT - RIGHT)
}

fn down(y: f64) -> f64 {
    HEIGHT - BOTTOM - y.clamp(0.0, 1.0) * (HEIGHT - TOP - BOTTOM)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_is_one_element_whatever_it_is_called() {
        let chart = Chart {
            title: "<b> & \"c\"".to_owned(),
            across: vec![(0.0, "<i>".to_owned())],
            up: vec![(1.0, "100 %".to_owned())],
            curves: vec![Curve {
                name: "a & b".to_owned(),
                points: vec![(0.0, 0.0), (1.0, 2.0)],
                is_guide: true,
            }],
        };
        let svg = chart.svg();
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
        assert!(svg.contains("aria-label=\"&lt;b&gt; &amp; &quot;c&quot;\""), "{svg}");
        assert!(!svg.contains("<i>") && svg.contains("a &amp; b"));
        // What lies outside is drawn at the edge.
        assert!(svg.contains("points=\"56.0,276.0 704.0,40.0\""), "{svg}");
    }
}
