//! Why classes do not make a tree: what was found, what is allowed.

use crate::lang::Text;
use crate::text;
use crate::units::BitRate;

/// Why classes do not make a tree. `class` is an index into the classes given.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TreeError {
    /// The link's rate is not positive, or beyond what any network has.
    #[error("the link's rate cannot be {0} bit/s")]
    Link(f64),
    /// There is no class at all.
    #[error("there is no class")]
    Empty,
    /// Two classes share a name.
    #[error("class {class} repeats the name \"{name}\"")]
    Twice {
        /// The later of the two.
        class: usize,
        /// The name.
        name: String,
    },
    /// The parent is no class of this tree.
    #[error("the parent \"{parent}\" of class {class} does not exist")]
    UnknownParent {
        /// The class that names it.
        class: usize,
        /// The name.
        parent: String,
    },
    /// The class is its own ancestor.
    #[error("class {class} is its own ancestor")]
    Cycle {
        /// A class on the cycle or below it.
        class: usize,
    },
    /// A number that is negative, no number, or beyond what any network has.
    #[error("class {class}: {field} cannot be {value}")]
    Impossible {
        /// The class.
        class: usize,
        /// The field as it is written in files.
        field: &'static str,
        /// The number found, in the base unit.
        value: f64,
    },
    /// The ceiling lies below the guarantee.
    #[error("class {class}: ceiling {ceiling} is below its guarantee {guarantee}")]
    CeilingBelowGuarantee {
        /// The class.
        class: usize,
        /// Its ceiling.
        ceiling: BitRate,
        /// Its guarantee.
        guarantee: BitRate,
    },
    /// Guarantees exceed the parent and the rule is [`super::Oversubscription::Reject`].
    #[error("guarantees of {} do not fit {}", .0.sum, .0.rate)]
    Oversubscribed(Oversubscribed),
}

impl TreeError {
    /// The class that is at fault, where it is one.
    pub fn class(&self) -> Option<usize> {
        match self {
            TreeError::Link(_) | TreeError::Empty => None,
            TreeError::Twice { class, .. }
            | TreeError::UnknownParent { class, .. }
            | TreeError::Cycle { class }
            | TreeError::Impossible { class, .. }
            | TreeError::CeilingBelowGuarantee { class, .. } => Some(*class),
            TreeError::Oversubscribed(found) => found.parent,
        }
    }

    /// Stable name of the kind of problem.
    pub fn code(&self) -> &'static str {
        match self {
            TreeError::Link(_) | TreeError::Impossible { .. } => "impossible-number",
            TreeError::Empty => "no-class",
            TreeError::Twice { .. } => "name-twice",
            TreeError::UnknownParent { .. } => "unknown-name",
            TreeError::Cycle { .. } => "cycle",
            TreeError::CeilingBelowGuarantee { .. } => "ceiling-below-guarantee",
            TreeError::Oversubscribed(_) => "oversubscribed",
        }
    }

    /// What was found, in both languages.
    pub fn message(&self) -> Text {
        match self {
            TreeError::Link(rate) => text!(
                "链路速率不能是 {rate} bit/s",
                "the link's rate cannot be {rate} bit/s"
            ),
            TreeError::Empty => text!("没有任何业务类", "there is no class"),
            TreeError::Twice { name, .. } => text!(
                "业务类名 \"{name}\" 重复",
                "two classes are named \"{name}\""
            ),
            TreeError::UnknownParent { parent, .. } => text!(
                "上级 \"{parent}\" 不存在",
                "the parent \"{parent}\" does not exist"
            ),
            TreeError::Cycle { .. } => text!(
                "业务类成了自己的上级",
                "the class is, through its parents, its own parent"
            ),
            TreeError::Impossible { field, value, .. } => {
                text!("{field} 不能是 {value}", "{field} cannot be {value}")
            }
            TreeError::CeilingBelowGuarantee {
                ceiling, guarantee, ..
            } => text!(
                "最大带宽 {ceiling} 低于保障带宽 {guarantee}",
                "the ceiling {ceiling} is below the guarantee {guarantee}"
            ),
            TreeError::Oversubscribed(found) => found.message(),
        }
    }

    /// What is allowed, in both languages.
    pub fn allowed(&self) -> Text {
        match self {
            TreeError::Link(_) => {
                Text::new("大于 0，至多 10^18 bit/s", "above 0, at most 10^18 bit/s")
            }
            TreeError::Empty => Text::new("至少一个业务类", "at least one class"),
            TreeError::Twice { .. } => Text::new("每个名称只用一次", "each name once"),
            TreeError::UnknownParent { .. } => Text::new(
                "另一个业务类的名称，或不写（直接挂在链路上）",
                "the name of another class, or nothing (directly under the link)",
            ),
            TreeError::Cycle { .. } => Text::new(
                "沿上级必须能走到链路",
                "following the parents must lead to the link",
            ),
            TreeError::Impossible { field, .. } => match *field {
                "quantum" => Text::new("1 到 4294967295 字节", "1 to 4294967295 bytes"),
                "users" => Text::new("零或正的有限数", "zero or a positive finite number"),
                _ => Text::new("0 到 10^18 bit/s", "0 to 10^18 bit/s"),
            },
            TreeError::CeilingBelowGuarantee { guarantee, .. } => {
                text!("{guarantee} 或更高", "{guarantee} or more")
            }
            TreeError::Oversubscribed(found) => {
                let rate = found.rate;
                text!(
                    "合计不超过 {rate}；或改用 leak、scale 规则",
                    "{rate} or less together; or the rule leak or scale"
                )
            }
        }
    }
}

/// Guarantees that do not fit what is above them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Oversubscribed {
    /// The parent; `None` is the link.
    pub parent: Option<usize>,
    /// Sum of the children's guarantees.
    pub sum: BitRate,
    /// What the parent has.
    pub rate: BitRate,
}

impl Oversubscribed {
    /// What was found, in both languages.
    pub fn message(&self) -> Text {
        let Oversubscribed { sum, rate, .. } = self;
        text!(
            "保障带宽之和 {sum} 超过上级的 {rate}",
            "the guarantees add up to {sum}, more than the {rate} above them"
        )
    }
}
