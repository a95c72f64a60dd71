//! What differs between shapers: how excess is split, and what becomes of guarantees that do not
//! fit. Each preset carries what it rests on, so that an answer can say whose rule it used.

use serde::{Deserialize, Serialize};

use crate::lang::Text;

/// How excess is split among classes of one priority: the weight of the water-filling.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema, Default,
)]
#[serde(rename_all = "kebab-case")]
pub enum Excess {
    /// By quantum, the bytes a class may send per turn of the round robin.
    #[default]
    Quantum,
    /// In proportion to the guarantee. Classes without one come after all others of their
    /// priority, equally.
    Proportional,
    /// Equally.
    Equal,
}

/// What becomes of guarantees that add up to more than their parent has.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema, Default,
)]
#[serde(rename_all = "kebab-case")]
pub enum Oversubscription {
    /// They are sent all the same: 30 + 30 under 50 sends 60.
    #[default]
    Leak,
    /// They shrink in proportion until they fit the parent.
    Scale,
    /// The tree is refused.
    Reject,
}

/// The rule by which a tree shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Rules {
    /// How excess is split.
    pub excess: Excess,
    /// What becomes of guarantees that do not fit.
    pub oversubscription: Oversubscription,
}

/// A shaper whose rule is known, or read, closely enough to name.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
    clap::ValueEnum,
    Default,
)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// The HTB discipline of the Linux kernel.
    #[default]
    LinuxHtb,
    /// Bandwidth channels of Sangfor IAM (AC) appliances.
    Sangfor,
    /// Traffic shaping profiles of FortiGate.
    Fortigate,
}

/// How well a statement about a shaper is founded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Measured against the thing itself.
    Measured,
    /// Said in the vendor's guide.
    Documented,
    /// Our reading, where the guides are silent: check it on the appliance.
    Assumed,
}

/// One statement that a preset rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Basis {
    /// How well it is founded.
    pub origin: Origin,
    /// What is said.
    pub claim: Text,
    /// Where.
    pub source: &'static str,
}

impl Preset {
    /// Every preset.
    pub const ALL: [Preset; 3] = [Preset::LinuxHtb, Preset::Sangfor, Preset::Fortigate];

    /// The name in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Preset::LinuxHtb => "linux-htb",
            Preset::Sangfor => "sangfor",
            Preset::Fortigate => "fortigate",
        }
    }

    /// The rule it stands for.
    pub fn rules(self) -> Rules {
        match self {
            Preset::LinuxHtb => Rules {
                excess: Excess::Quantum,
                oversubscription: Oversubscription::Leak,
            },
            Preset::Sangfor => Rules {
                excess: Excess::Proportional,
                oversubscription: Oversubscription::Scale,
            },
            Preset::Fortigate => Rules {
                excess: Excess::Proportional,
                oversubscription: Oversubscription::Reject,
            },
        }
    }

    /// What the preset rests on, statement by statement.
    pub fn basis(self) -> Vec<Basis> {
        let said = |origin, zh, en, source| Basis {
            origin,
            claim: Text::new(zh, en),
            source,
        };
        match self {
            Preset::LinuxHtb => vec![
                said(
                    Origin::Measured,
                    "先满足保障，再逐级向上借用：严格优先级，同级按 quantum 加权",
                    "guarantee first, then borrowing upward: strict priority, by quantum inside one",
                    "kernel byte counters, tests/oracles/htb_kernel_shares.csv",
                ),
                said(
                    Origin::Documented,
                    "默认 quantum 为每秒字节数的十分之一，限制在 1,000 到 200,000 字节之间",
                    "default quantum is a tenth of the bytes per second, kept within 1,000 to 200,000",
                    "tc-htb manual",
                ),
                said(
                    Origin::Measured,
                    "保障之和超过上级时照样发送",
                    "guarantees that exceed the parent are sent all the same",
                    "kernel byte counters, mix 12-oversubscribed",
                ),
            ],
            Preset::Sangfor => vec![
                said(
                    Origin::Documented,
                    "保障通道有最小和最大带宽、优先级；可限制单用户带宽；限制通道只有最大带宽",
                    "a guaranteed channel has minimum, maximum and priority, and a limit per user; a limited channel has a maximum only",
                    "Sangfor IAM user guide, bandwidth channel",
                ),
                said(
                    Origin::Documented,
                    "线路利用率低于低阈值时，开启智能调整的限制通道可超过自身上限；高阈值限制整条线路（此处两者均未模拟）",
                    "below the low usage threshold a limited channel with intelligent tuning may exceed its maximum; the high threshold caps the line (neither is modelled here)",
                    "Sangfor IAM user guide, bandwidth channel, advanced settings",
                ),
                said(
                    Origin::Assumed,
                    "空闲带宽先按优先级分配，同级按保障带宽的比例分配",
                    "excess goes by priority, inside one in proportion to the guarantee",
                    "our reading; the guides do not say",
                ),
                said(
                    Origin::Assumed,
                    "保障之和超过线路时按比例缩减",
                    "guarantees that exceed the line shrink in proportion",
                    "our reading; the guides do not say",
                ),
            ],
            Preset::Fortigate => vec![
                said(
                    Origin::Documented,
                    "一个整形模板内保障带宽之和不得超过 100 %；低优先级的保障也始终满足",
                    "guarantees of one profile may not exceed 100 %; a guarantee is kept even at low priority",
                    "FortiGate administration guide, traffic shaping profiles",
                ),
                said(
                    Origin::Documented,
                    "剩余带宽先按优先级分配，同级按保障带宽的比例分配",
                    "the rest goes by priority, inside one in proportion to the guarantee",
                    "FortiGate administration guide, traffic shaping profiles",
                ),
                said(
                    Origin::Assumed,
                    "没有保障带宽的类排在同级其他类之后，彼此均分",
                    "classes without a guarantee come last of their priority, equally",
                    "our reading: a share in proportion to nothing is nothing",
                ),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;

    #[test]
    fn a_preset_has_one_name_in_files_and_on_the_command_line() {
        for preset in Preset::ALL {
            let in_file = serde_json::to_value(preset).unwrap();
            assert_eq!(in_file, preset.name());
            let typed = preset.to_possible_value().unwrap();
            assert_eq!(typed.get_name(), preset.name());
            assert!(!preset.basis().is_empty());
        }
    }
}
