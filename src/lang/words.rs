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
