//! Words that several tables and charts share, each with one meaning in each language.

use super::{Lang, Text};

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident: $zh:literal, $en:literal;)*) => {
        /// A word of the project's vocabulary.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[allow(missing_docs)]
        pub enum Word { $($(#[$doc])* $name,)* }

        impl Word {
            /// Every word, for tests of the table.
            pub const ALL: &[Word] = &[$(Word::$name,)*];

            /// The word in `lang`.
            pub fn get(self, lang: Lang) -> &'static str {
                match self { $(Word::$name => lang.pick($zh, $en),)* }
            }

            /// The word in both languages.
            pub fn text(self) -> Text {
                match self { $(Word::$name => Text::new($zh, $en),)* }
            }
        }
    };
}

words! {
    Node: "节点", "node";
    Link: "链路", "link";
    Journey: "路径", "journey";
    Transaction: "业务", "transaction";
    Population: "用户群", "population";
    Class: "业务类", "class";
    Policy: "策略", "policy";
    Share: "份额", "share";
    Scenario: "方案", "scenario";
    Owner: "责任方", "owner";
    Hop: "跳", "hop";
    Name: "名称", "name";
    Kind: "类型", "kind";
    Number: "图号", "no.";
    Delay: "时延", "delay";
    Jitter: "抖动", "jitter";
    Loss: "丢包", "loss";
    Burst: "突发丢包", "bursts of loss";
    Capacity: "容量", "capacity";
    Guarantee: "保障带宽", "guarantee";
    Ceiling: "最大带宽", "ceiling";
    PerUser: "单用户限制", "per-user limit";
    Priority: "优先级", "priority";
    Utilisation: "利用率", "utilisation";
    Up: "上行", "up";
    Down: "下行", "down";
    Stated: "文档给定", "stated";
    Assumed: "假设", "assumed";
    Measured: "实测", "measured";
    Simulated: "仿真", "simulated";
    Origin: "来源", "origin";
    Value: "取值", "value";
    Field: "字段", "field";
    Month: "月份", "month";
    Never: "期内不会", "not in the horizon";
    Unit: "单位", "unit";
    Unmarked: "未注明", "not said";
    Default: "缺省值", "default";
    Id: "编号", "id";
    Address: "地址", "address";
    Probe: "探测点", "probe point";
    Machines: "台数", "machines";
    Needs: "至少", "needs";
    Workers: "并发", "workers";
    Order: "排队方式", "order";
    Sessions: "会话上限", "session limit";
    KeepAlive: "保活", "keep-alive";
    Availability: "可用率", "availability";
    State: "状态", "state";
    Note: "说明", "note";
    Ends: "两端", "ends";
    Carrier: "运营商", "carrier";
    Price: "月费", "price";
    AppliesTo: "适用对象", "applies to";
    Application: "适用应用", "application";
    Target: "目标网络", "target";
    Line: "生效线路", "line";
    EffectiveTime: "生效时间", "effective time";
    Route: "途经", "route";
    Hops: "跳数", "hops";
    OneWay: "单程时延", "one-way delay";
    RoundTrip: "往返时延", "round-trip delay";
    SideLoops: "支路环", "side loops";
    Online: "在线人数", "online";
    Arrivals: "到达率", "arrivals";
    Accounts: "账号", "accounts";
    Profile: "日变化曲线", "day profile";
    Think: "停顿", "think time";
    Session: "会话时长", "session";
    Access: "接入速率", "access rate";
    AccessDelay: "接入时延", "access delay";
    Window: "接收窗口", "receive window";
    Client: "终端耗时", "client time";
    Handshakes: "握手往返", "handshakes";
    Exchanges: "请求应答", "exchanges";
    Bytes: "字节", "bytes";
    Spread: "离散系数", "spread";
    LoopBytes: "环上字节", "loop bytes";
    Work: "处理时间", "work";
    WorkSpread: "处理离散系数", "spread of work";
    Weight: "权重", "weight";
    Traffic: "其他流量", "traffic";
    Backup: "备份", "backup";
    Volume: "日数据量", "volume a day";
    Way: "方向", "way";
    KeepDays: "保留天数", "days kept";
    Action: "处置", "action";
    Watched: "监视对象", "watched";
    Threshold: "阈值", "threshold";
    Service: "服务", "service";
    RecoveryTime: "恢复时间", "recovery time";
    RecoveryPoint: "恢复点", "recovery point";
    Interruptions: "月中断次数", "interruptions a month";
    Requirement: "须通连接", "required connection";
    Stage: "阶段", "stage";
    Length: "工期", "length";
    Done: "完成标志", "done when";
    After: "前置", "after";
    Observation: "观测", "observation";
    Tolerance: "容差", "tolerance";
    Step: "步", "step";
    SoFar: "累计", "so far";
    Visit: "第几次", "visit";
    Place: "位置", "place";
    Reason: "依据", "reason";
    Busiest: "最忙", "busiest";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_two_sides_and_the_chinese_side_is_chinese() {
        for word in Word::ALL {
            assert!(!word.get(Lang::En).is_empty());
            let zh = word.get(Lang::Zh);
            assert!(!zh.is_ascii(), "{word:?}: {zh}");
        }
    }
}
