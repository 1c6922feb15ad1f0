//! Simple and complex questions for each who handled them: the same on the page, as CSV and over the
//! API, cell by cell.

use insta::assert_snapshot;
use serde_json::Value;

use crate::desk::{TestDesk, minutes, scenarios};

scenarios![each_kind_by_each_handler_is_the_same_wherever_it_is_read,];

/// The tables: their names on the page, in the CSV and in the API.
const TABLES: [(&str, &str, &str); 2] = [
    ("handler-simple", "handler_simple", "simple_by_handler"),
    ("handler-complex", "handler_complex", "complex_by_handler"),
];
/// The endings as the API names them, in the order of the columns.
const ENDINGS: [&str; 5] = ["confirmed", "silent", "refused", "escalated", "asked_again"];

/// A table of the page: who, how many, the endings, the share solved in words.
fn on_page(page: &str, key: &str) -> Vec<String> {
    let table = page.split_once(&format!("<h2 id=\"by-{key}\">")).expect("the table").1;
    let body = table.split_once("</table>").unwrap().0.split_once("<tbody>").unwrap().1;
    let rows = body.split("<tr>").skip(1).map(|row| {
        let name = row.split_once("<bdi>").unwrap().1.split_once("</bdi>").unwrap().0;
        let cells = row.split("<td class=\"amount\">").skip(1);
        let mut cells = cells.map(|cell| cell.split_once("</td>").unwrap().0).collect::<Vec<_>>();
        let solved = cells.remove(1);
        format!("{name},{},{solved}", cells.join(","))
    });
    rows.collect()
}

/// The same of the CSV, in the page's words.
fn in_csv(csv: &str, dimension: &str) -> Vec<String> {
    let rows = csv.lines().filter_map(|line| line.strip_prefix(&format!("{dimension},")));
    let rows = rows.map(|row| {
        let (counts, share) = row.rsplit_once(',').unwrap();
        format!("{counts},{:.0} %", share.parse::<f64>().unwrap() * 100.0)
    });
    rows.collect()
}

/// The same of the API, in the page's words.
fn over_api(report: &Value, key: &str) -> Vec<String> {
    let rows = report[key].as_array().expect("the table").iter().map(|row| {
        let endings = ENDINGS.map(|ending| row[ending].as_i64().unwrap());
        let n: i64 = endings.iter().sum();
        let solved = if n == 0 { 0 } else { endings[0] * 100 / n };
        let endings = endings.map(|n| n.to_string()).join(",");
        format!("{},{n},{endings},{solved} %", row["name"].as_str().unwrap())
    });
    rows.collect()
}

async fn each_kind_by_each_handler_is_the_same_wherever_it_is_read(desk: &mut TestDesk) {
    desk.overlooks_details();
    desk.knows("How do I reset my password?", "Settings, then Security.").await;
    let question = "How do I reset my password?";
    // Two simple ones of the bot's: one confirmed, one silent.
    desk.telegram("ana").asks(question).await;
    desk.telegram("ana").presses("Helped").await;
    desk.telegram("ben").asks(question).await;
    // Four that were passed on, which makes them complex, so that a person's are all there; one of
    // them nobody answers.
    desk.telegram("cleo").asks(question).await;
    desk.telegram("cleo").presses("Didn't help").await;
    for (number, name) in [(2, "dan"), (3, "eva"), (4, "fay")] {
        desk.telegram(name).asks("my cat walked on the router").await;
        assert_eq!(desk.escalation(number).await.number, number);
    }
    let lee = desk.agent("lee").await;
    for number in 1..=3 {
        lee.replies(number, "Unplug it.").await.unwrap();
    }
    desk.passes(minutes(1)).await;
    desk.telegram("cleo").presses("Helped").await;
    desk.passes(minutes(20)).await;

    let page = desk.page(&lee.actor, "/insights?days=30").await;
    let csv = desk.page(&lee.actor, "/insights.csv?days=30").await;
    let (status, report) = desk.calls("GET /api/v1/insights", "").await;
    assert_eq!(status, 200, "{report}");
    let mut seen = Vec::new();
    for (key, dimension, field) in TABLES {
        let rows = on_page(&page, key);
        assert_eq!(rows, in_csv(&csv, dimension), "{key}");
        assert_eq!(rows, over_api(&report, field), "{key}");
        seen.push(key.to_owned());
        seen.extend(rows);
    }
    assert_snapshot!(seen.join("\n"), @r"
    handler-simple
    bot,2,1,1,0,0,0,50 %
    list,0,0,0,0,0,0,0 %
    expert,0,0,0,0,0,0,0 %
    moderator,0,0,0,0,0,0,0 %
    handler-complex
    bot,4,0,0,1,3,0,0 %
    list,0,0,0,0,0,0,0 %
    expert,0,0,0,0,0,0,0 %
    moderator,3,1,2,0,0,0,33 %
    ");
}
