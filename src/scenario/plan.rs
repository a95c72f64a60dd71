//! What a scenario file means.

use std::path::Path;

use super::file::{Aim as AimName, GrowthFile, LawFile, LawName, ObjectiveFile, ScenarioFile};
use super::growth::{Growth, Law};
use crate::document::Value;
use crate::error::{Place, Problem, choices};
use crate::lang::Text;
use crate::queueing::growth::Growth as Curve;
use crate::text;
use crate::topology::{Link, NodeAt, PopulationAt, Topology, TransactionAt};
use crate::units::{Fraction, Money, Seconds, YearMonth};

/// A what-if, resolved. The topology that it changed stands beside it.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Name of its file without the ending.
    pub id: String,
    /// What it is called.
    pub name: Text,
    /// The question that it answers.
    pub question: Option<Text>,
    /// Growth and horizon.
    pub growth: Growth,
    /// What must hold.
    pub objectives: Vec<Objective>,
    /// Price a month: its own and that of the links; `None` when no price is known.
    pub price: Option<Money>,
}

/// Something that must hold.
#[derive(Debug, Clone)]
pub struct Objective {
    /// Id in the file.
    pub id: String,
    /// What it is called.
    pub name: Text,
    /// What must hold.
    pub aim: Aim,
}

/// What must hold, with its limit.
#[derive(Debug, Clone, PartialEq)]
pub enum Aim {
    /// Mean time of a transaction, of one population or the worst.
    Mean(Option<PopulationAt>, TransactionAt, Seconds),
    /// 95th percentile of the time of a transaction, of one population or the worst.
    P95(Option<PopulationAt>, TransactionAt, Seconds),
    /// Load of a class (by link id and class id, where given) over its capacity.
    Utilisation(Option<String>, Option<String>, Fraction),
    /// Time a day in which a class asks for more than it gets.
    Congestion(Option<String>, Option<String>, Seconds),
    /// Part of sessions refused at a node.
    Refused(NodeAt, Fraction),
    /// Sessions at a node over its limit.
    Sessions(NodeAt, Fraction),
    /// Least part of the month that a service works.
    Availability(usize, Fraction),
}

fn id(path: &Path) -> String {
    path.file_stem()
        .map_or_else(String::new, |stem| stem.to_string_lossy().into())
}

/// A line that fails is paid for all the same.
fn link_prices(topology: &Topology) -> Option<Money> {
    let known = topology.links.iter().filter_map(|link| link.price);
    known.reduce(|sum, price| sum + price)
}

/// The scenario that changes nothing.
pub(super) fn unchanged(topology: &Topology, path: &Path) -> Scenario {
    Scenario {
        id: id(path),
        name: topology.name.clone(),
        question: None,
        growth: Growth::none(),
        objectives: Vec::new(),
        price: link_prices(topology),
    }
}

/// Resolves a scenario; problems stand at their place in `tree`.
pub(super) fn resolve(
    file: ScenarioFile,
    tree: &Value,
    topology: &Topology,
    path: &Path,
) -> (Scenario, Vec<Problem>) {
    let mut reader = Reader {
        tree,
        topology,
        problems: Vec::new(),
    };
    let growth = match &file.growth {
        None => Growth::none(),
        Some(growth) => reader.growth(growth),
    };
    let mut objectives = Vec::new();
    for (id, objective) in &file.objective {
        if let Some(aim) = reader.aim(id, objective) {
            objectives.push(Objective {
                id: id.clone(),
                name: objective.name.clone().into(),
                aim,
            });
        }
    }
    let own = file.price.unwrap_or(Money::ZERO);
    let price = match (file.price, link_prices(topology)) {
        (None, None) => None,
        (_, links) => Some(own + links.unwrap_or(Money::ZERO)),
    };
    let problems = reader.problems;
    let scenario = Scenario {
        id: id(path),
        name: file.name.into(),
        question: file.question.map(Text::from),
        growth,
        objectives,
        price,
    };
    (scenario, problems)
}

struct Reader<'t> {
    tree: &'t Value,
    topology: &'t Topology,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn report(&mut self, path: &[&str], code: &'static str, message: Text, help: Text) {
        let place: Place = self.tree.nearest(path);
        self.problems
            .push(Problem::error(code, Some(place), message).help(help));
    }

    fn growth(&mut self, file: &GrowthFile) -> Growth {
        let Some((from, months)) = file.from.zip(file.months) else {
            self.report(
                &["growth"],
                "incomplete-growth",
                Text::new(
                    "增长没有起始月份或月数",
                    "the growth lacks its first month or its number of months",
                ),
                Text::new(
                    "写 from = \"2021-12\" 和 months = 36，或 extends 一个写了它们的方案",
                    "write from = \"2021-12\" and months = 36, or extend a scenario that has them",
                ),
            );
            return Growth::none();
        };
        Growth {
            from: Some(from),
            months,
            accounts: self.law("accounts", file.accounts.as_ref(), from),
            devices: self.law("devices", file.devices.as_ref(), from),
        }
    }

    fn law(&mut self, name: &str, file: Option<&LawFile>, from: YearMonth) -> Law {
        let Some(file) = file else {
            return Law::Constant;
        };
        let path = ["growth", name];
        let most = file.saturation.unwrap_or(f64::INFINITY);
        let rate = file.per_year.map(|rate| rate.0);
        let curve = match file.law {
            LawName::Linear => file
                .start
                .zip(file.add_per_year)
                .map(|(now, slope)| Curve::Linear { now, slope }),
            LawName::Exponential => file
                .start
                .zip(rate)
                .map(|(now, rate)| Curve::Exponential { now, rate }),
            LawName::Logistic => {
                file.start
                    .zip(rate)
                    .zip(file.saturation)
                    .map(|((now, rate), saturation)| Curve::Logistic {
                        now,
                        saturation,
                        rate,
                    })
            }
            LawName::Bass => file
                .start
                .zip(file.saturation)
                .zip(file.innovation.zip(file.imitation))
                .map(
                    |((start, saturation), (innovation, imitation))| Curve::Bass {
                        market: saturation - start,
                        innovation,
                        imitation,
                    },
                ),
            LawName::Series => None,
        };
        let base = match file.law {
            LawName::Bass => file.start.unwrap_or(0.0),
            _ => 0.0,
        };
        let law = match file.law {
            LawName::Series => self.series(name, file, from),
            _ => curve.map(|curve| Law::Curve {
                curve,
                base,
                saturation: most,
            }),
        };
        // The closed form itself knows which parameters it cannot take.
        let law = law.filter(|law| law.number(0.0).is_ok());
        let numbers = [file.start, file.saturation, file.innovation, file.imitation];
        let impossible = numbers
            .iter()
            .flatten()
            .any(|n| !(*n > 0.0 && n.is_finite()))
            || file
                .start
                .zip(file.saturation)
                .is_some_and(|(start, most)| start > most);
        match law {
            Some(law) if !impossible => law,
            _ => {
                self.report(
                    &path,
                    "incomplete-growth",
                    text!("增长规律 \"{name}\" 的参数不全或不可能", "the law of growth \"{name}\" lacks parameters or has impossible ones"),
                    Text::new(
                        "linear：start、add-per-year；exponential：start、per-year；logistic：start、per-year、saturation；bass：start、saturation、innovation、imitation；series：series。都应大于零，start 不大于 saturation",
                        "linear: start, add-per-year; exponential: start, per-year; logistic: start, per-year, saturation; bass: start, saturation, innovation, imitation; series: series. All above zero, start not above saturation",
                    ),
                );
                Law::Constant
            }
        }
    }

    fn series(&mut self, name: &str, file: &LawFile, from: YearMonth) -> Option<Law> {
        let mut points = Vec::new();
        let mut wrong = false;
        for (month, number) in &file.series {
            match month.parse::<YearMonth>() {
                Ok(month) => points.push((month.since(from) as f64, *number)),
                Err(error) => {
                    wrong = true;
                    self.report(
                        &["growth", name, "series", month],
                        error.code,
                        error.message,
                        error.allowed,
                    );
                }
            }
        }
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        // A month that could not be read was said; the rest cannot be judged without it.
        let sound =
            (wrong || !points.is_empty()) && points.iter().all(|(_, n)| *n > 0.0 && n.is_finite());
        sound.then_some(Law::Series(points))
    }

    fn aim(&mut self, id: &str, file: &ObjectiveFile) -> Option<Aim> {
        let before = self.problems.len();
        let topology = self.topology;
        let populations = || topology.populations.iter().map(|p| p.id.as_str());
        let transactions = || topology.transactions.iter().map(|t| t.id.as_str());
        let nodes = || topology.nodes.iter().map(|n| n.id.as_str());
        let services = || topology.services.iter().map(|s| s.id.as_str());
        let links = || topology.links.iter().map(|l| l.id.as_str());
        // The classes of the link that is named, else all.
        let own = |l: &&Link| file.link.as_ref().is_none_or(|id| l.id == *id);
        let on = topology.links.iter().filter(own).filter_map(|l| l.policy);
        let mut classes: Vec<&str> = on
            .filter_map(|at| topology.policies.get(at.0))
            .flat_map(|policy| &policy.classes)
            .map(|class| class.id.as_str())
            .collect();
        classes.dedup();
        let named = |reader: &mut Self, field: &str, word: &Option<String>, known: Vec<&str>| {
            let word = word.as_ref()?;
            let found = known.iter().position(|name| name == word);
            if found.is_none() {
                reader.report(
                    &["objective", id, field],
                    "unknown-name",
                    text!("没有 \"{word}\"", "there is no \"{word}\""),
                    choices(word, &known),
                );
            }
            Some(found.unwrap_or(0))
        };
        let population = named(
            self,
            "population",
            &file.population,
            populations().collect(),
        )
        .map(PopulationAt);
        let transaction = named(
            self,
            "transaction",
            &file.transaction,
            transactions().collect(),
        )
        .map(TransactionAt);
        let node = named(self, "node", &file.node, nodes().collect()).map(NodeAt);
        let service = named(self, "service", &file.service, services().collect());
        named(self, "link", &file.link, links().collect());
        named(self, "class", &file.class, classes);
        let (link, class) = (file.link.clone(), file.class.clone());
        let aim = match (file.of, file.time, file.part) {
            (AimName::Mean, Some(time), None) => {
                transaction.map(|at| Aim::Mean(population, at, time))
            }
            (AimName::P95, Some(time), None) => {
                transaction.map(|at| Aim::P95(population, at, time))
            }
            (AimName::Utilisation, None, Some(part)) => Some(Aim::Utilisation(link, class, part)),
            (AimName::Congestion, Some(time), None) => Some(Aim::Congestion(link, class, time)),
            (AimName::Refused, None, Some(part)) => node.map(|at| Aim::Refused(at, part)),
            (AimName::Sessions, None, Some(part)) => node.map(|at| Aim::Sessions(at, part)),
            (AimName::Availability, None, Some(part)) => {
                service.map(|at| Aim::Availability(at, part))
            }
            _ => None,
        };
        if aim.is_none() {
            self.report(
                &["objective", id],
                "incomplete-objective",
                text!("目标 \"{id}\" 不完整", "objective \"{id}\" is not complete"),
                Text::new(
                    "mean、p95：transaction 和 time；congestion：time；utilisation：part；refused、sessions：node 和 part；availability：service 和 part",
                    "mean, p95: transaction and time; congestion: time; utilisation: part; refused, sessions: node and part; availability: service and part",
                ),
            );
        }
        // A name that is not known was said already.
        let read = self.problems.len() == before;
        if let Some(aim) = aim.as_ref().filter(|aim| read && !self.measurable(aim)) {
            let help = match aim {
                Aim::Mean(..) | Aim::P95(..) => Text::new(
                    "选一项这个用户群会做的业务",
                    "name a transaction that the population does",
                ),
                Aim::Refused(..) | Aim::Sessions(..) => Text::new(
                    "给节点写 sessions，或换一个有会话上限的节点",
                    "give the node sessions, or name a node that limits them",
                ),
                _ => Text::new(
                    "类别应写在这条链路的策略里",
                    "the class must stand in the policy of the link",
                ),
            };
            self.report(
                &["objective", id],
                "objective-of-nothing",
                text!(
                    "目标 \"{id}\" 要量的东西不存在，它会永远“守住”",
                    "what objective \"{id}\" measures does not exist: it would always hold"
                ),
                help,
            );
        }
        aim
    }

    /// Whether there is anything to measure; an empty measure would read as 0 and hold for ever.
    fn measurable(&self, aim: &Aim) -> bool {
        let topology = self.topology;
        match aim {
            Aim::Mean(population, transaction, _) | Aim::P95(population, transaction, _) => {
                let does = |mix: &[(TransactionAt, f64)]| {
                    mix.iter()
                        .any(|(at, part)| at == transaction && *part > 0.0)
                };
                let mut all = topology.populations.iter().enumerate();
                all.any(|(at, own)| population.is_none_or(|named| named.0 == at) && does(&own.mix))
            }
            Aim::Utilisation(link, class, _) | Aim::Congestion(link, class, _) => {
                topology.links.iter().any(|own| {
                    let classes = own.policy.map_or(&[][..], |at| &topology[at].classes);
                    link.as_ref().is_none_or(|id| *id == own.id)
                        && class
                            .as_ref()
                            .is_none_or(|id| classes.iter().any(|class| class.id == *id))
                })
            }
            Aim::Refused(node, _) | Aim::Sessions(node, _) => topology[*node].sessions.is_some(),
            Aim::Availability(..) => true,
        }
    }
}
