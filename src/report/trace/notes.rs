//! What a reader of the table must know beside its numbers, one sentence each.

use std::time::Duration;

use super::{side, size, verdict};
use crate::lang::Text;
use crate::text;
use crate::trace::Fate;
use crate::trace::report::Report;
use crate::trace::times::ms;
use crate::trace::verdict::percent;

/// The notes under a table, in the order in which they matter.
pub(super) fn notes(report: &Report, wide: bool) -> Vec<Text> {
    let (trace, about) = (&report.trace, &report.about);
    let (zh, en) = (&about.method.what.zh, &about.method.what.en);
    let mut notes = vec![text!("方式：{zh}", "Method: {en}")];
    if let Some(sweep) = trace.first_sweep.filter(|_| about.method.sees_hops) {
        let (sweep, took) = (ms(sweep), ms(trace.took));
        notes.push(text!(
            "首轮扫描 {sweep} ms 得知全部跳；全程 {took} ms",
            "All hops known after {sweep} ms; whole run {took} ms"
        ));
    }
    if trace.reached.is_none() {
        let target = &about.target;
        let path = trace.ended.iter().filter(|ended| !ended.probe.service);
        let probed = path.map(|ended| ended.probe.distance).max();
        let probed = probed.unwrap_or(0);
        notes.push(match about.method.sees_hops {
            true => text!(
                "目标 {target} 没有应答；已探测到第 {probed} 跳",
                "Target {target} did not answer; probed up to hop {probed}"
            ),
            false => text!("目标 {target} 没有应答", "Target {target} did not answer"),
        });
    }
    verdict_notes(report, &mut notes);
    change_notes(report, &mut notes);
    notes.extend(report.path_mtu.iter().flat_map(size::notes));
    if wide {
        segment_notes(report, &mut notes);
    }
    plan_notes(report, &mut notes);
    notes.extend(report.gaps.iter().map(side::gap));
    notes.extend(report.loops.iter().flat_map(side::notes));
    trouble_notes(report, &mut notes);
    notes
}

/// The line of every hop that is not in order; a wide table has the verdicts themselves and needs
/// their evidence all the same.
fn verdict_notes(report: &Report, notes: &mut Vec<Text>) {
    notes.extend(verdict::lines(&report.rows));
    if let Some(service) = &report.service {
        let (lost, sent) = (service.stats.lost, service.stats.sent);
        let times = service.stats.times;
        let median = times.map_or("-".to_string(), |times| ms(times.p50));
        let port = report.about.service.map(|service| service.port);
        let port = port.map_or(String::new(), |port| format!(" {port}"));
        notes.push(text!(
            "目标的服务端口{port}：{sent} 次询问 {lost} 次未应答，中位数 {median} ms",
            "The target's service port{port}: {lost} of {sent} unanswered, median {median} ms"
        ));
        let stopped = service.stopped;
        if stopped > 0 {
            notes.push(text!(
                "另有 {stopped} 次询问在途中被拒绝，没有到达目标",
                "{stopped} more were refused on the way and did not come to the target"
            ));
        }
    }
}

/// Changed paths, with their dates.
fn change_notes(report: &Report, notes: &mut Vec<Text>) {
    for change in &report.changes {
        let (round, sure) = (change.round + 1, percent(change.confidence));
        let at = change
            .at
            .clone()
            .unwrap_or_else(|| format!("+{} ms", ms(change.after)));
        let moved = change.hops.iter().map(|moved| {
            let (distance, before, after) = (moved.distance, moved.before, moved.after);
            text!(
                "第 {distance} 跳 {before} 变为 {after}",
                "hop {distance} from {before} to {after}"
            )
        });
        let length = change.length.map(|(before, after)| {
            text!(
                "目标从第 {before} 跳变为第 {after} 跳",
                "the target from hop {before} to hop {after}"
            )
        });
        let all: Vec<Text> = moved.chain(length).collect();
        let Text { zh, en } = Text::join(&all, "，", ", ");
        notes.push(text!(
            "路径变化（{at}，第 {round} 轮）：{zh}；把握 {sure}",
            "Path changed ({at}, round {round}): {en}; confidence {sure}"
        ));
    }
}

/// What each segment takes and loses.
fn segment_notes(report: &Report, notes: &mut Vec<Text>) {
    for segment in &report.segments {
        let Text { zh, en } = segment.text();
        let owners = Text::join(&segment.owners, "、", ", ");
        let (whose_zh, whose_en) = (owners.zh, owners.en);
        let rise = segment.rise.map_or("-".to_string(), ms);
        let range = segment.rise_interval.map(|interval| {
            let end = |nanos: f64| ms(Duration::from_nanos(nanos as u64));
            format!(" ({}-{})", end(interval.low), end(interval.high))
        });
        let rise = rise + &range.unwrap_or_default();
        let planned = ms(segment.planned);
        let loss = match segment.loss_begins {
            Some(begins) => {
                let begins = percent(begins);
                text!(
                    "，丢包始于此的概率 {begins}",
                    ", loss begins in it: {begins}"
                )
            }
            None => Text::default(),
        };
        let (loss_zh, loss_en) = (loss.zh, loss.en);
        let kind = segment.kind.text();
        let (kind_zh, kind_en) = (kind.zh, kind.en);
        notes.push(text!(
            "分段 {zh}（{whose_zh}）：{rise} ms（计划最多 {planned} ms）{loss_zh}，{kind_zh}",
            "Segment {en} ({whose_en}): {rise} ms (plan: at most {planned} ms){loss_en}, {kind_en}"
        ));
    }
}

fn plan_notes(report: &Report, notes: &mut Vec<Text>) {
    let listed = |items: Vec<String>| items.join(", ");
    let by_address = |has| {
        let of = report
            .unseen
            .iter()
            .filter(move |node| node.is_known() == has);
        listed(of.map(|node| node.id.clone()).collect())
    };
    let (unseen, unnamed) = (by_address(true), by_address(false));
    if !unseen.is_empty() {
        notes.push(text!(
            "路径上应有而未见：{unseen}",
            "Expected on the path but not seen: {unseen}"
        ));
    }
    if !unnamed.is_empty() && !report.about.simulated {
        notes.push(text!(
            "拓扑文件未写地址，无法对应：{unnamed}",
            "No address in the topology file, cannot be matched: {unnamed}"
        ));
    }
    let unexpected = report.rows.iter().filter(|row| row.unexpected);
    let unexpected = listed(unexpected.map(|row| row.hop.distance.to_string()).collect());
    if !unexpected.is_empty() {
        notes.push(text!(
            "不在计划路径上的跳：{unexpected}",
            "Hops that are not on the planned path: {unexpected}"
        ));
    }
}

fn trouble_notes(report: &Report, notes: &mut Vec<Text>) {
    let trace = &report.trace;
    let duplicates: u64 = report.rows.iter().map(|row| row.hop.stats.duplicates).sum();
    let late: u64 = report.rows.iter().map(|row| row.hop.stats.late).sum();
    if late > 0 {
        notes.push(text!(
            "{late} 个应答迟到（不计为丢包，也不计入时延）",
            "{late} replies came late (neither lost nor in the times)"
        ));
    }
    if duplicates > 0 {
        notes.push(text!(
            "{duplicates} 个重复应答",
            "{duplicates} duplicate replies"
        ));
    }
    if trace.unmatched > 0 {
        let unmatched = trace.unmatched;
        notes.push(text!(
            "{unmatched} 个应答对不上任何探测，未计入",
            "{unmatched} replies match no probe and are not counted"
        ));
    }
    let short = trace.troubles.short_quotes;
    if short > 0 {
        notes.push(text!(
            "{short} 个应答引用的原报文太短；未应答的跳改用独立端口探测",
            "{short} replies quote too little of the probe; unanswered hops were then probed from \
             ports of their own"
        ));
    }
    let mut reasons = trace.ended.iter().filter_map(|ended| match &ended.fate {
        Fate::Unsent(why) => Some(why),
        _ => None,
    });
    if let Some(why) = reasons.next() {
        let (count, zh, en) = (1 + reasons.count(), &why.zh, &why.en);
        notes.push(text!(
            "{count} 个探测没有发出（本机故障，不计为丢包）：{zh}",
            "{count} probes did not leave this host (not counted as loss): {en}"
        ));
    }
    let dropped = trace.troubles.overflowed;
    if dropped > 0 {
        notes.push(text!(
            "本机接收缓冲区溢出 {dropped} 个报文：部分“丢包”发生在本机",
            "our own receive buffer overflowed by {dropped} packets: some of the loss is ours"
        ));
    }
    let user_stamped = report.rows.iter().filter(|row| {
        let mut responders = row.hop.responders.iter();
        responders.any(|responder| responder.user_stamped > 0)
    });
    let hops: Vec<String> = user_stamped
        .map(|row| row.hop.distance.to_string())
        .collect();
    if !hops.is_empty() && report.about.method.sees_hops {
        let hops = hops.join(", ");
        notes.push(text!(
            "第 {hops} 跳的时间有的在用户态读取，比实际略长",
            "Hop {hops}: some times were taken in user space and are a little too long"
        ));
    }
    let steps = trace.troubles.clock_steps;
    if steps > 0 {
        notes.push(text!(
            "系统时钟被调整，{steps} 个应答改用单调时钟计时",
            "the wall clock was set; {steps} replies were timed by the monotonic clock"
        ));
    }
}
