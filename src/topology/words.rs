//! What the named kinds of a topology are called in both languages, and in files.

use super::origin::Origin;
use super::{
    Burst, ControlName, KeepAlive, NodeKind, OrderName, OversubscriptionName, PresetName,
    ShareName, Way,
};
use crate::lang::Text;
use crate::lang::words::Word;
use crate::text;

impl NodeKind {
    /// What the kind is called.
    pub fn text(self) -> Text {
        let (zh, en) = match self {
            NodeKind::Terminal => ("终端", "terminal"),
            NodeKind::Carrier => ("运营商", "carrier"),
            NodeKind::Access => ("接入", "access"),
            NodeKind::Vpn => ("VPN 网关", "VPN server"),
            NodeKind::Gateway => ("网关", "gateway"),
            NodeKind::LoadBalancer => ("负载均衡", "load balancer"),
            NodeKind::ExternalGateway => ("外部网关", "external gateway"),
            NodeKind::External => ("外部服务", "external service"),
            NodeKind::App => ("应用", "application"),
            NodeKind::Database => ("数据库", "database"),
            NodeKind::Storage => ("存储", "storage"),
            NodeKind::Server => ("服务器", "server"),
        };
        Text::new(zh, en)
    }
}

impl OrderName {
    /// How requests are taken.
    pub fn text(self) -> Text {
        let (zh, en) = match self {
            OrderName::FirstCome => ("先到先服务", "first come"),
            OrderName::Sharing => ("同时分享", "sharing"),
        };
        Text::new(zh, en)
    }
}

impl KeepAlive {
    /// When a session is given up.
    pub fn text(self) -> Text {
        let KeepAlive { every, lost } = self;
        text!(
            "每 {every}，连丢 {lost} 次断",
            "every {every}, dropped after {lost}"
        )
    }
}

impl Burst {
    /// How long a bad stretch is and what is lost in it.
    pub fn text(self) -> Text {
        let Burst { length, loss } = self;
        text!(
            "平均 {length}，段内丢 {loss}",
            "{length} in the mean, losing {loss}"
        )
    }
}

impl PresetName {
    /// Whose rule it is.
    pub fn text(self) -> Text {
        let (zh, en) = match self {
            PresetName::LinuxHtb => ("Linux HTB", "Linux HTB"),
            PresetName::Sangfor => ("深信服", "Sangfor"),
            PresetName::Fortigate => ("飞塔 FortiGate", "FortiGate"),
        };
        Text::new(zh, en)
    }
}

impl ShareName {
    /// How excess is split.
    pub fn text(self) -> Text {
        let (zh, en) = match self {
            ShareName::LinuxHtb => ("按 quantum", "by quantum"),
            ShareName::Proportional => ("按保障比例", "in proportion to the guarantees"),
            ShareName::Equal => ("均分", "equally"),
        };
        Text::new(zh, en)
    }
}

impl OversubscriptionName {
    /// What happens to guarantees above the line.
    pub fn text(self) -> Text {
        let (zh, en) = match self {
            OversubscriptionName::Leak => ("照发，线路溢出", "all are sent, the line is overrun"),
            OversubscriptionName::Scale => ("按比例缩小", "all shrink in proportion"),
            OversubscriptionName::Reject => ("拒绝", "refused"),
        };
        Text::new(zh, en)
    }
}

impl ControlName {
    /// The name of the algorithm.
    pub fn text(self) -> Text {
        Text::same(match self {
            ControlName::Cubic => "CUBIC",
            ControlName::Reno => "Reno",
        })
    }
}

impl Way {
    /// Up or down.
    pub fn word(self) -> Word {
        match self {
            Way::Up => Word::Up,
            Way::Down => Word::Down,
        }
    }
}

impl Origin {
    /// Where a value comes from, in a word.
    pub fn word(self) -> Word {
        match self {
            Origin::Stated => Word::Stated,
            Origin::Assumed => Word::Assumed,
            Origin::Measured => Word::Measured,
            Origin::Unmarked => Word::Unmarked,
        }
    }
}
