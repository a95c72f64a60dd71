//! One journey hop by hop, there and back.

use super::{View, marks, network};
use crate::lang::Lang;
use crate::lang::words::Word;
use crate::report::table::Table;
use crate::topology::passage::{Passage, Role};
use crate::topology::{Journey, JourneyAt};

/// Every step of the walk with what it adds and what has gathered, then the totals.
pub fn draw(view: &View<'_>, at: JourneyAt) -> String {
    let journey = &view.topology[at];
    let mut table = Table::new()
        .right(view.word(Word::Step))
        .right(view.word(Word::Number))
        .left(view.word(Word::Node))
        .left(view.word(Word::Visit))
        .left(view.word(Word::Owner))
        .left(view.word(Word::Link))
        .right(view.word(Word::Capacity))
        .right(view.word(Word::Delay))
        .right(format!(
            "{}{}",
            view.word(Word::SoFar),
            gap(view, Word::Delay)
        ))
        .right(format!(
            "{}{}",
            view.word(Word::SoFar),
            gap(view, Word::Loss)
        ))
        .left(view.lang.pick("标记", "mark"));
    for (position, passage) in view.topology.passages(journey).iter().enumerate() {
        table.row(row(view, position, passage));
    }
    let (name, id) = (journey.name.get(view.lang), &journey.id);
    let mut text = format!("{}: {name} ({id})\n", view.word(Word::Journey));
    text.push_str(&table.draw(view.columns));
    text.push_str(&totals(view, journey));
    text.push_str(&marks::legend(view.lang));
    text
}

/// "时延" after "累计"; "delay" after "so far" with a space between.
fn gap(view: &View<'_>, word: Word) -> String {
    match view.lang {
        Lang::Zh => view.word(word).to_string(),
        Lang::En => format!(": {}", view.word(word)),
    }
}

fn row(view: &View<'_>, position: usize, passage: &Passage) -> [String; 11] {
    let node = &view.topology[passage.step.node];
    let (link, capacity, delay) = match passage.step.via {
        None => (String::new(), String::new(), String::new()),
        Some((at, way)) => {
            let link = &view.topology[at];
            (
                format!("{} {}", link.id, View::arrow(way)),
                view.capacity(link, way),
                view.delay(link),
            )
        }
    };
    let visit = match passage.visits {
        1 => String::new(),
        all => format!("{}/{all}", passage.visit),
    };
    [
        // The same number as in drawings of the walk.
        (position + 1).to_string(),
        node.number
            .map_or(String::new(), |number| number.to_string()),
        node.name.get(view.lang).to_string(),
        visit,
        view.topology[node.owner].name.get(view.lang).to_string(),
        link,
        capacity,
        delay,
        passage.delay_so_far.to_string(),
        passage.loss_so_far.to_string(),
        role(view, passage.role),
    ]
}

fn role(view: &View<'_>, role: Role) -> String {
    let numbered = |zh: &str, en: &str, number: u32| match view.lang {
        Lang::Zh => format!("支路环 {number} {zh}").trim_end().to_string(),
        Lang::En => format!("side loop {number} {en}").trim_end().to_string(),
    };
    match role {
        Role::Start => view.lang.pick("起点", "start").to_string(),
        Role::Trunk => String::new(),
        Role::Leaves(number) => numbered("起", "begins", number),
        Role::Loop(number) => numbered("", "", number),
        Role::Rejoins(number) => numbered("止", "ends", number),
        Role::Turn => view.lang.pick("折返点", "turning point").to_string(),
        Role::End => view.lang.pick("终点", "end").to_string(),
    }
}

fn totals(view: &View<'_>, journey: &Journey) -> String {
    let extent = view.topology.extent(journey);
    let lang = view.lang;
    let mut lines = vec![
        (
            lang.pick("跳数", "hops").to_string(),
            extent.hops.to_string(),
        ),
        (
            lang.pick("去程时延", "delay out").to_string(),
            extent.outward.to_string(),
        ),
        (
            lang.pick("回程时延", "delay back").to_string(),
            extent.back.to_string(),
        ),
        (
            lang.pick("往返时延", "there and back").to_string(),
            extent.whole().to_string(),
        ),
    ];
    if !journey.loops.is_empty() {
        let head = lang.pick(
            "往返时延（不含支路环）",
            "there and back without side loops",
        );
        lines.push((head.to_string(), extent.trunk.to_string()));
    }
    for (number, (range, delay)) in journey.loops.iter().zip(&extent.loops).enumerate() {
        let route = view.route(journey.steps[range.clone()].iter().map(|step| step.node));
        let number = number + 1;
        let head = match lang {
            Lang::Zh => format!("支路环 {number}"),
            Lang::En => format!("side loop {number}"),
        };
        lines.push((head, format!("{delay}  {route}")));
    }
    lines.push((
        lang.pick("全程丢包", "loss on the whole walk").to_string(),
        extent.loss.to_string(),
    ));
    if let Some((link, way, rate)) = extent.narrowest {
        let (id, arrow) = (view.link_id(link), View::arrow(way));
        lines.push((
            lang.pick("最窄链路", "narrowest link").to_string(),
            format!("{id} {arrow} {rate}"),
        ));
    }
    let state = network::state(view, journey);
    if !state.is_empty() {
        lines.push((view.word(Word::State).to_string(), state));
    }
    let widest = lines.iter().map(|(head, _)| crate::lang::width(head)).max();
    let line = |(head, value): (String, String)| {
        let head = crate::lang::pad_right(&head, widest.unwrap_or(0));
        format!("  {head}  {value}\n")
    };
    lines.into_iter().map(line).collect()
}
