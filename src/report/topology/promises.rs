//! Observations, thresholds, services, required connections, stages and assumptions as tables.

use super::{Page, View};
use crate::lang::words::Word;
use crate::report::table::Table;
use crate::topology::{LinkAt, Seen, Watched};
use crate::units::Ratio;

pub(super) fn sections(page: &mut Page<'_>) {
    let view = page.view;
    page.section(Word::Threshold, &thresholds(view));
    page.section(Word::Service, &services(view));
    page.section(Word::Requirement, &requirements(view));
    page.section(Word::Stage, &stages(view));
    page.section(Word::Observation, &observations(view));
    let title = view.lang.pick("模型假设", "assumptions of the model");
    page.titled(title, &assumptions(view));
}

fn thresholds(view: &View<'_>) -> Table {
    let mut table = Table::new()
        .left(view.word(Word::Id))
        .left(view.word(Word::Watched))
        .right(view.word(Word::Threshold))
        .left(view.word(Word::Action));
    for threshold in &view.topology.thresholds {
        let watched = match threshold.watched {
            Watched::Sessions(node) => {
                format!("{} · {}", view.full(node), view.word(Word::Sessions))
            }
            Watched::Load(link) => {
                format!("{} · {}", view.link_id(link), view.word(Word::Utilisation))
            }
        };
        table.row([
            threshold.id.clone(),
            watched,
            view.marks
                .cell(&["threshold", &threshold.id], &["at"], threshold.at),
            threshold.action.get(view.lang).to_string(),
        ]);
    }
    table
}

fn services(view: &View<'_>) -> Table {
    let mut table = Table::new()
        .left(view.word(Word::Id))
        .left(view.word(Word::Name))
        .left(view.word(Word::Journey))
        .right(view.word(Word::Availability))
        .right(view.word(Word::RecoveryTime))
        .right(view.word(Word::RecoveryPoint))
        .right(view.word(Word::Interruptions))
        .right(view.word(Word::Priority));
    for service in &view.topology.services {
        let record = ["service", &service.id];
        let marks = view.marks;
        table.row([
            service.id.clone(),
            service.name.get(view.lang).to_string(),
            view.topology[service.journey].id.clone(),
            marks.cell(&record, &["availability"], service.availability),
            marks.maybe(&record, "recovery-time", service.recovery_time),
            marks.maybe(&record, "recovery-point", service.recovery_point),
            marks.maybe(&record, "interruptions", service.interruptions),
            service
                .priority
                .map_or(String::new(), |priority| priority.to_string()),
        ]);
    }
    table
}

fn requirements(view: &View<'_>) -> Table {
    let mut table = Table::new()
        .left(view.word(Word::Id))
        .left(view.word(Word::Name))
        .left(view.word(Word::Ends))
        .left(view.word(Word::Note));
    for requirement in &view.topology.requirements {
        let arrow = if requirement.both_ways { "↔" } else { "→" };
        table.row([
            requirement.id.clone(),
            requirement.name.get(view.lang).to_string(),
            format!(
                "{} {arrow} {}",
                view.full(requirement.from),
                view.full(requirement.to)
            ),
            requirement
                .note
                .as_ref()
                .map_or("", |note| note.get(view.lang))
                .to_string(),
        ]);
    }
    table
}

fn stages(view: &View<'_>) -> Table {
    let mut table = Table::new()
        .left(view.word(Word::Id))
        .left(view.word(Word::Name))
        .right(view.word(Word::Length))
        .left(view.word(Word::After))
        .left(view.word(Word::Done));
    let stages = &view.topology.stages;
    for stage in stages {
        let before = stage.after.iter().filter_map(|&at| stages.get(at));
        table.row([
            stage.id.clone(),
            stage.name.get(view.lang).to_string(),
            view.marks
                .cell(&["stage", &stage.id], &["length"], stage.length),
            before
                .map(|stage| stage.id.as_str())
                .collect::<Vec<_>>()
                .join(", "),
            stage.done.get(view.lang).to_string(),
        ]);
    }
    table
}

fn observations(view: &View<'_>) -> Table {
    let mut table = Table::new()
        .left(view.word(Word::Id))
        .left(view.word(Word::Name))
        .left(view.word(Word::Watched))
        .right(view.word(Word::Value))
        .right(view.word(Word::Tolerance));
    for observation in &view.topology.observations {
        let record = ["observation", &observation.id];
        let marks = view.marks;
        let (watched, value) = match observation.seen {
            Seen::BusyDown(link, class, rate) | Seen::PeakDown(link, class, rate) => {
                let rate = marks.cell(&record, &["rate"], rate);
                (class_of(view, link, class), rate)
            }
            Seen::Sessions(node, count) => {
                (view.full(node), marks.cell(&record, &["count"], count))
            }
            Seen::Online(count) => (
                view.word(Word::Online).to_string(),
                marks.cell(&record, &["count"], count),
            ),
        };
        table.row([
            observation.id.clone(),
            observation.name.get(view.lang).to_string(),
            watched,
            value,
            marks.cell(&record, &["tolerance"], observation.tolerance),
        ]);
    }
    table
}

/// A class on a link: `vpn-line · oa ↓`.
fn class_of(view: &View<'_>, link: LinkAt, class: usize) -> String {
    let policy = view.topology[link].policy;
    let class = policy.and_then(|at| view.topology[at].classes.get(class));
    let class = class.map_or(String::new(), |class| format!(" · {}", class.id));
    format!("{}{class} ↓", view.link_id(link))
}

fn assumptions(view: &View<'_>) -> Table {
    let mut table = Table::new()
        .left(view.word(Word::Field))
        .left(view.lang.pick("含义", "meaning"))
        .right(view.word(Word::Value));
    let transport = &view.topology.transport;
    let peak = &view.topology.peak;
    let lang = view.lang;
    let mut line = |section: &str, field: &str, meaning: &str, value: &dyn std::fmt::Display| {
        let cell = view.marks.cell(&[section], &[field], value);
        table.row([format!("{section}.{field}"), meaning.to_string(), cell]);
    };
    line(
        "transport",
        "segment",
        lang.pick("一个满报文的数据", "data in a full packet"),
        &transport.segment,
    );
    line(
        "transport",
        "initial-window",
        lang.pick("第一个往返发送的数据", "data sent in the first round trip"),
        &transport.initial_window,
    );
    line(
        "transport",
        "timeout",
        lang.pick("重传超时", "retransmission timeout"),
        &transport.timeout,
    );
    line(
        "transport",
        "full-queue",
        lang.pick("业务类占满时的排队时延", "queueing delay of a full class"),
        &transport.full_queue,
    );
    line(
        "peak",
        "window",
        lang.pick(
            "读取峰值时的平均时长",
            "length over which a peak is averaged",
        ),
        &peak.window,
    );
    line(
        "peak",
        "exceeded",
        lang.pick(
            "高于所称峰值的时长比例",
            "part of the windows above what is called the peak",
        ),
        &peak.exceeded,
    );
    line(
        "peak",
        "background-spread",
        lang.pick("其他流量的离散系数", "spread of other traffic"),
        &Ratio(peak.background_spread),
    );
    // The name of an algorithm is no quantity and carries no origin of its own.
    let control = transport.control.text();
    table.row([
        "transport.control",
        lang.pick("拥塞控制", "congestion control"),
        control.get(lang),
    ]);
    table
}
