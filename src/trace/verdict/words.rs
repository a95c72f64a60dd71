//! Kinds and facts in words, in both languages.

use super::{Advice, Evidence, Kind, Witness};
use crate::lang::Text;
use crate::text;
use crate::trace::times::ms;

pub(super) fn kind(kind: Kind) -> Text {
    match kind {
        Kind::Filtered => Text::new("被拦截", "filtered"),
        Kind::Lossy => Text::new("丢包", "lossy"),
        Kind::Slow => Text::new("变慢", "slow from here"),
        Kind::Mtu => Text::new("MTU 瓶颈", "MTU bottleneck"),
        Kind::Changed => Text::new("路径变化", "path changed"),
        Kind::NoAnswer => Text::new("无应答", "no answer"),
        Kind::Unsure => Text::new("无法判定", "cannot tell"),
        Kind::RateLimited => Text::new("限速应答", "rate-limited"),
        Kind::Silent => Text::new("不应答", "silent"),
        Kind::Translated => Text::new("地址转换", "address-translated"),
        Kind::Remarked => Text::new("改写服务类别", "class rewritten"),
        Kind::LoadBalanced => Text::new("负载均衡", "load-balanced"),
        Kind::Ok => Text::new("正常", "ok"),
    }
}

impl Witness {
    /// In words.
    pub fn text(self) -> Text {
        match self {
            Witness::Hop(distance) => text!("第 {distance} 跳", "hop {distance}"),
            Witness::Target => Text::new("目标", "the target"),
            Witness::Service => Text::new("目标的服务端口", "the target's service port"),
        }
    }
}

impl Advice {
    /// In words.
    pub fn text(self) -> Text {
        match self {
            Advice::AskSlower => Text::new(
                "用 -i 1：路由器通常每秒只应答一个 ICMP 差错",
                "use -i 1: routers commonly send one ICMP error a second",
            ),
            Advice::AskService => Text::new(
                "用 --service 端口 兼问目标自己的服务",
                "use --service PORT to ask the target's own service, too",
            ),
            Advice::MoreProbes => Text::new("用 -c 增加轮数", "use -c for more rounds"),
            Advice::ReachTarget => Text::new(
                "目标没有应答：换一种方式或端口",
                "the target did not answer: try another method or port",
            ),
        }
    }
}

impl Evidence {
    /// The fact as a sentence, without a final stop.
    pub fn text(&self) -> Text {
        match self {
            Evidence::Unanswered {
                lost,
                sent,
                low,
                high,
            } => {
                let (low, high) = (percent(*low), percent(*high));
                text!(
                    "{sent} 个探测中 {lost} 个未应答（真实比例 {low} 到 {high}）",
                    "{lost} of {sent} unanswered (truly {low} to {high})"
                )
            }
            Evidence::LostLess {
                by,
                lost,
                sent,
                chance,
            } => {
                let (Text { zh, en }, chance) = (by.text(), self::chance(*chance));
                text!(
                    "后面的{zh}只有 {lost}/{sent} 未应答，偶然如此的概率 {chance}",
                    "behind it, {en} left {lost} of {sent} unanswered; by chance: {chance}"
                )
            }
            Evidence::Bucket {
                every,
                burst,
                accounted,
                against,
                times,
            } => {
                let (every, times) = (ms(*every), self::times(*times));
                text!(
                    "未应答的正是“每 {every} ms 一个、最多攒 {burst} 个”的限速会漏掉的（{accounted} 个相符，{against} 个不符），比丢包可能 {times} 倍",
                    "those are what one answer per {every} ms, {burst} saved up at most, leaves out \
                     ({accounted} accounted for, {against} against), {times} times likelier than by loss"
                )
            }
            Evidence::LossBegins { after, by } => match after {
                Some(after) => text!(
                    "丢包始于第 {after} 跳之后，不晚于第 {by} 跳",
                    "loss begins behind hop {after}, at hop {by} at the latest"
                ),
                None => text!(
                    "丢包不晚于第 {by} 跳开始",
                    "loss begins at hop {by} at the latest"
                ),
            },
            Evidence::EndLoses { by, lost, sent } => {
                let Text { zh, en } = by.text();
                text!(
                    "{zh}也有 {lost}/{sent} 未应答",
                    "{en} left {lost} of {sent} unanswered too"
                )
            }
            Evidence::DirectionUnknown => Text::new(
                "单点测量分不清去程与回程",
                "one probe point cannot tell the way out from the way back",
            ),
            Evidence::Rise { rise, of, chance } => {
                let (rise, of, chance) = (ms(*rise), ms(*of), self::chance(*chance));
                text!(
                    "从此多 {rise} ms（全程中位数 {of} ms），后面各跳都如此；偶然如此的概率 {chance}",
                    "{rise} ms more from here on (whole way: median {of} ms), carried by all hops \
                     behind; by chance: {chance}"
                )
            }
            Evidence::AbovePlan { planned } => {
                let planned = ms(*planned);
                text!(
                    "计划往返最多 {planned} ms",
                    "the plan allows {planned} ms there and back"
                )
            }
            Evidence::SlowToAnswer { p50, carried } => {
                let (p50, carried) = (ms(*p50), ms(*carried));
                text!(
                    "自身应答慢（中位数 {p50} ms），后面的跳只需 {carried} ms：转发并不慢",
                    "slow to answer itself (median {p50} ms); hops behind take {carried} ms: it passes \
                     packets on in time"
                )
            }
            Evidence::Icmp {
                from,
                kind,
                code,
                count,
            } => {
                let Text { zh, en } = icmp(from.is_ipv6(), *kind, *code);
                text!(
                    "{from} 回复 {count} 次 ICMP 类型 {kind} 代码 {code}（{zh}）",
                    "{from} sent ICMP type {kind} code {code} ({en}) {count} times"
                )
            }
            Evidence::NextMtu { bytes } => text!(
                "下一段链路只能通过 {bytes} 字节的报文",
                "the next link takes packets of {bytes} bytes"
            ),
            Evidence::AnsweredFrom { asked, answered } => text!(
                "询问的是 {asked}，应答的是 {answered}",
                "{asked} was asked, {answered} answered"
            ),
            Evidence::TargetInTheWay { address } => text!(
                "目标之前的路由器以目标地址 {address} 应答（目的地址转换）",
                "a router before the target answers as {address} (destination is translated)"
            ),
            Evidence::SourceRewritten { now } => text!(
                "报文到此时源地址已改为 {now}",
                "our packet came here with source {now}"
            ),
            Evidence::DestinationRewritten { now } => text!(
                "报文到此时目的地址已改为 {now}",
                "our packet came here with destination {now}"
            ),
            Evidence::PortsRewritten => Text::new(
                "报文到此时端口、标识或校验和已被改写",
                "our packet came here with ports, identifier or checksum rewritten",
            ),
            Evidence::ClassRewritten { before, now } => text!(
                "报文到此时 DSCP 已由 {before} 改为 {now}",
                "our packet came here with DSCP {now}, not {before}"
            ),
            Evidence::PerFlow {
                routers,
                flows,
                chance,
            } => {
                let chance = self::chance(*chance);
                text!(
                    "按流分担：{flows} 条流各自固定，共 {routers} 个路由器；偶然如此的概率 {chance}",
                    "per flow: {flows} flows keep to their router, {routers} routers in all; by \
                     chance: {chance}"
                )
            }
            Evidence::PerPacket {
                routers,
                switches,
                of,
                chance,
            } => {
                let chance = self::chance(*chance);
                text!(
                    "按包分担：同一条流在 {routers} 个路由器间切换 {switches}/{of} 次；路径偶尔变化而如此的概率 {chance}",
                    "per packet: one flow switches between {routers} routers {switches} times of {of}; \
                     if paths only changed now and then: {chance}"
                )
            }
            Evidence::SideBySide {
                routers,
                switches,
                of,
                chance,
            } => {
                let chance = self::chance(*chance);
                text!(
                    "{routers} 个路由器并列，切换 {switches}/{of} 次，按流还是按包未知；路径偶尔变化而如此的概率 {chance}",
                    "{routers} routers side by side, switched {switches} times of {of}, per flow or per \
                     packet is not known; if paths only changed now and then: {chance}"
                )
            }
            Evidence::Moved {
                round,
                before,
                after,
                chance,
            } => {
                let chance = self::chance(*chance);
                text!(
                    "第 {round} 轮起由 {before} 变为 {after}，偶然如此的概率 {chance}",
                    "from round {round} on {after} answers, before it {before}; by chance: {chance}"
                )
            }
            Evidence::Several { routers, answers } => text!(
                "{answers} 个应答来自 {routers} 个地址，不足以区分路径变化与负载均衡",
                "{answers} answers from {routers} addresses: too few to tell a changed path from \
                 several ways"
            ),
            Evidence::QuotesTooLittle { count } => text!(
                "它有 {count} 个应答引用原报文太短，说不清答的是哪个探测；这些探测不算丢失",
                "{count} of its answers quote too little to tell which probe they are to: as many probes \
                 are not lost"
            ),
            Evidence::OwnOverflow { packets } => text!(
                "本机接收缓冲区溢出（至少 {packets} 次）：未应答的可能其实有应答",
                "our own receive buffer overflowed ({packets} times at least): what is unanswered may \
                 have been answered"
            ),
            Evidence::PassesTo { by } => {
                let Text { zh, en } = by.text();
                text!(
                    "后面的{zh}有应答：报文通过",
                    "behind it, {en} answers: packets pass"
                )
            }
            Evidence::MayBeTarget => Text::new(
                "此处也可能就是目标本身：它的服务有应答，这种探测它不答（或限速已被耗尽）",
                "this may be the target itself, whose service answers, and which leaves such probes \
                 unanswered or has its limit spent",
            ),
            Evidence::Between { limit, loss } => {
                let (limit, loss) = (percent(*limit), percent(*loss));
                text!(
                    "限速应答的把握 {limit}，丢包的把握 {loss}，都不足 95%",
                    "confidence that it answers sparingly {limit}, that packets are lost {loss}: \
                     neither reaches 95%"
                )
            }
            Evidence::SharedLimit { chance } => {
                let chance = percent(*chance);
                text!(
                    "分不清是丢包，还是本机另有程序也在耗用同一份限速应答（可能性 {chance}）：路径尽头只有同样限速的目标作证",
                    "loss cannot be told from a limit shared with another program of this host \
                     (probability {chance}): the only witness at the end answers sparingly itself"
                )
            }
            Evidence::WouldDecide { how } => {
                let Text { zh, en } = how.text();
                text!("要判定，{zh}", "to decide, {en}")
            }
        }
    }
}

/// What an ICMP code means (IANA ICMP and ICMPv6 parameters).
fn icmp(ipv6: bool, kind: u8, code: u8) -> Text {
    match (ipv6, kind, code) {
        (false, 3, 0 | 6 | 11) | (true, 1, 0) => Text::new("网络不可达", "no route to the network"),
        (false, 3, 1 | 7 | 12) | (true, 1, 3) => Text::new("主机不可达", "host unreachable"),
        (false, 3, 2) => Text::new("协议不可达", "protocol unreachable"),
        (false, 3, 5) => Text::new("源路由失败", "source route failed"),
        (false, 3, 9) => Text::new("管理禁止访问该网络", "network administratively prohibited"),
        (false, 3, 10) => Text::new("管理禁止访问该主机", "host administratively prohibited"),
        (false, 3, 13) | (true, 1, 1) => {
            Text::new("管理禁止通信", "communication administratively prohibited")
        }
        (true, 1, 2) => Text::new("超出源地址范围", "beyond scope of source address"),
        (true, 1, 5) => Text::new("源地址被策略禁止", "source address failed policy"),
        (true, 1, 6) => Text::new("路由拒绝", "reject route"),
        (false, 12, _) | (true, 4, _) => Text::new("报文参数有误", "parameter problem"),
        _ => Text::new("不可达", "unreachable"),
    }
}

/// A probability or a part as a percentage. What is not certain is never rounded to 0 or 100.
pub fn percent(part: f64) -> String {
    let permille = part * 1000.0;
    match permille {
        p if p > 0.0 && p < 1.0 => "<0.1%".to_string(),
        p if p > 999.0 && p < 1000.0 => ">99.9%".to_string(),
        p => format!("{:.1}%", p / 10.0),
    }
}

/// How many times, with two digits or so; beyond a million it is not told.
fn times(times: f64) -> String {
    match times {
        t if t > 1e6 => ">1000000".to_string(),
        t => format!("{t:.0}"),
    }
}

/// A chance with two digits; what is rarer than one in a million is not told apart.
fn chance(chance: f64) -> String {
    match chance {
        c if c < 1e-6 => "<0.000001".to_string(),
        c if c < 1e-3 => format!("{c:.6}"),
        c => format!("{c:.3}"),
    }
}
