//! What a reader of the table must know beside its numbers, one sentence each.

use super::table::ms;
use crate::lang::Text;
use crate::text;
use crate::trace::Fate;
use crate::trace::report::{Report, Row};
use crate::trace::verdict::Verdict;

/// The notes under a table, in the order in which they matter.
pub(super) fn notes(report: &Report) -> Vec<Text> {
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
        let probed = trace.ended.iter().map(|ended| ended.probe.distance).max();
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
    plan_notes(report, &mut notes);
    trouble_notes(report, &mut notes);
    notes
}

/// Which rows got `verdict`, as `3, 5`.
fn hops_with(rows: &[Row], verdict: Verdict) -> Option<String> {
    let hops = rows.iter().filter(|row| row.verdict == verdict);
    let hops: Vec<String> = hops.map(|row| row.hop.distance.to_string()).collect();
    (!hops.is_empty()).then(|| hops.join(", "))
}

fn verdict_notes(report: &Report, notes: &mut Vec<Text>) {
    if let Some(hops) = hops_with(&report.rows, Verdict::LossCarriesOn) {
        notes.push(text!(
            "第 {hops} 跳：丢包延续到目标。单点测量分不清去程与回程",
            "Hop {hops}: loss carries on to the target. One probe point cannot tell the way out \
             from the way back"
        ));
    }
    if let Some(hops) = hops_with(&report.rows, Verdict::AnswersSparingly) {
        notes.push(text!(
            "第 {hops} 跳：仅此处不应答，后面的跳不丢；很可能是路由器限制应答速率，不是丢包",
            "Hop {hops}: unanswered here only, not behind; most likely the router limits its \
             answers, packets are not lost"
        ));
    }
    let unsure = hops_with(&report.rows, Verdict::Unsure);
    if unsure.is_some() && report.about.target_limited {
        notes.push(Text::new(
            "每秒探测多于一次：路由器和目标通常每秒只应答一个 ICMP 差错。请用 -i 1，或用 -T -P 端口探测目标的服务",
            "Asked more than once a second: routers and hosts commonly send one ICMP error a second. \
             Use -i 1, or -T -P PORT to ask the target's own service",
        ));
    }
    if let Some(hops) = unsure {
        notes.push(text!(
            "第 {hops} 跳：有未应答的探测，凭现有数据无法判定是丢包还是限速",
            "Hop {hops}: some probes unanswered; these numbers cannot tell loss from limited answers"
        ));
    }
}

fn plan_notes(report: &Report, notes: &mut Vec<Text>) {
    let listed = |items: Vec<String>| items.join(", ");
    let by_address = |has| {
        let of = report
            .unseen
            .iter()
            .filter(move |node| node.addresses.is_empty() != has);
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
