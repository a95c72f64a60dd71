//! The facts that a finding rests on, as data; [`Evidence::text`] says them in words.

use std::net::IpAddr;
use std::time::Duration;

use serde::{Serialize, Serializer};

/// Who vouches for the packets that passed a hop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Witness {
    /// A hop behind, by its distance.
    Hop(u8),
    /// The target, asked as the path is.
    Target,
    /// The target's own service.
    Service,
}

impl Serialize for Witness {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Witness::Hop(distance) => serializer.serialize_str(&format!("hop-{distance}")),
            Witness::Target => serializer.serialize_str("target"),
            Witness::Service => serializer.serialize_str("service"),
        }
    }
}

/// What would decide a question that is left open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Advice {
    /// Ask once a second: routers commonly send that many answers.
    AskSlower,
    /// Ask the target's own service, which hosts answer freely.
    AskService,
    /// Send more probes.
    MoreProbes,
    /// Ask further, until the target answers.
    ReachTarget,
}

/// A fact. Times are milliseconds in data, chances and parts go from 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "fact", rename_all = "kebab-case")]
pub enum Evidence {
    /// What was unanswered here, with the 95 % interval of the loss.
    Unanswered {
        /// Unanswered.
        lost: u64,
        /// Sent.
        sent: u64,
        /// Lower end of the interval.
        low: f64,
        /// Upper end of the interval.
        high: f64,
    },
    /// A witness behind lost less than this hop.
    LostLess {
        /// The witness.
        by: Witness,
        /// Unanswered there.
        lost: u64,
        /// Sent there.
        sent: u64,
        /// The chance of such a difference if both lost alike (Fisher's exact test, one side).
        chance: f64,
    },
    /// Which probes went unanswered is what a router that saves up answers would leave out.
    Bucket {
        /// One answer is earned in this time.
        #[serde(rename = "every_ms", serialize_with = "ms")]
        every: Duration,
        /// At most so many are saved up.
        burst: u32,
        /// Unanswered probes that the limit accounts for.
        accounted: u64,
        /// Probes whose fate contradicts the limit.
        against: u64,
        /// How many times likelier the limit makes this than random or bursty loss does.
        times: f64,
    },
    /// Loss begins between these.
    LossBegins {
        /// The last distance that is surely before it; `None`: this host.
        after: Option<u8>,
        /// The first distance that is surely behind it.
        by: u8,
    },
    /// A witness at the end of the path lost too.
    EndLoses {
        /// The witness.
        by: Witness,
        /// Unanswered there.
        lost: u64,
        /// Sent there.
        sent: u64,
    },
    /// Loss on the way out cannot be told from loss on the way back.
    DirectionUnknown,
    /// The way takes longer from here on.
    Rise {
        /// By how much, there and back.
        #[serde(rename = "rise_ms", serialize_with = "ms")]
        rise: Duration,
        /// Of this whole, the target's median.
        #[serde(rename = "of_ms", serialize_with = "ms")]
        of: Duration,
        /// The chance of such times if the rise were below what counts (median test).
        chance: f64,
    },
    /// The rise is more than the plan allows there and back.
    AbovePlan {
        /// The most that the plan allows.
        #[serde(rename = "planned_ms", serialize_with = "ms")]
        planned: Duration,
    },
    /// Hops behind answer sooner: the router is slow to answer, not to pass packets on.
    SlowToAnswer {
        /// Its own median.
        #[serde(rename = "p50_ms", serialize_with = "ms")]
        p50: Duration,
        /// What later hops show that the way takes.
        #[serde(rename = "carried_ms", serialize_with = "ms")]
        carried: Duration,
    },
    /// An ICMP message that refuses.
    Icmp {
        /// Who sent it.
        from: IpAddr,
        /// ICMP type.
        #[serde(rename = "type")]
        kind: u8,
        /// ICMP code.
        code: u8,
        /// How many of them.
        count: u64,
    },
    /// The next link's MTU, as told.
    NextMtu {
        /// In bytes.
        bytes: u32,
    },
    /// An arrival was told from another address than was asked.
    AnsweredFrom {
        /// Who was asked.
        asked: IpAddr,
        /// Who answered.
        answered: IpAddr,
    },
    /// A router in front of the target answers with the target's own address.
    TargetInTheWay {
        /// The address.
        address: IpAddr,
    },
    /// Our packet came here with another source than it had.
    SourceRewritten {
        /// The source as quoted.
        now: IpAddr,
    },
    /// Our packet came here with another destination than it had.
    DestinationRewritten {
        /// The destination as quoted.
        now: IpAddr,
    },
    /// Our packet came here with other ports, identifier or checksum than it had.
    PortsRewritten,
    /// Our packet came here in another class of service than to the hops before.
    ClassRewritten {
        /// The DSCP that it had, 0 to 63 (RFC 2474).
        before: u8,
        /// The DSCP as quoted.
        now: u8,
    },
    /// Each flow keeps its router, and they differ.
    PerFlow {
        /// How many routers.
        routers: usize,
        /// How many flows.
        flows: usize,
        /// The chance that routers drawn anew for each packet fall so.
        chance: f64,
    },
    /// One flow goes to and fro between routers.
    PerPacket {
        /// How many routers.
        routers: usize,
        /// How often the router differed from the one before.
        switches: u64,
        /// In so many pairs of consecutive answers.
        of: u64,
        /// The chance of that if the path had merely changed now and then.
        chance: f64,
    },
    /// Routers take turns; whether by flow or by packet was not seen.
    SideBySide {
        /// How many routers.
        routers: usize,
        /// How often the router differed from the one before.
        switches: u64,
        /// In so many pairs of consecutive answers.
        of: u64,
        /// The chance of that if the path had merely changed now and then.
        chance: f64,
    },
    /// From some round on another router answers.
    Moved {
        /// The first round in which it does, counted from 1.
        round: u32,
        /// Who answered before.
        before: IpAddr,
        /// Who answers since.
        after: IpAddr,
        /// The chance that routers drawn anew for each packet fall so.
        chance: f64,
    },
    /// Several routers answered, too seldom to tell a change from several ways.
    Several {
        /// How many routers.
        routers: usize,
        /// How many answers.
        answers: u64,
    },
    /// The router answers, but quotes too little of some probes to tell to which it does.
    QuotesTooLittle {
        /// How many answers. As many probes are unanswered and not lost.
        count: u64,
    },
    /// Our own receive buffer overflowed: what is unanswered may have been answered.
    OwnOverflow {
        /// Packets that it had no room for, as far as that was counted.
        packets: u64,
    },
    /// Something behind answers, so packets pass.
    PassesTo {
        /// What.
        by: Witness,
    },
    /// What did not answer here may be the target itself: nothing but its service answers from here on.
    MayBeTarget,
    /// How likely the two explanations of unanswered probes are found to be.
    Between {
        /// That the router answers sparingly.
        limit: f64,
        /// That packets are lost on the way here.
        loss: f64,
    },
    /// Nothing may be lost: another program of this host may spend the same answers. The only witness
    /// at the end answers sparingly itself.
    SharedLimit {
        /// The probability that it is so.
        chance: f64,
    },
    /// What would decide.
    WouldDecide {
        /// How.
        how: Advice,
    },
}

fn ms<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(time.as_nanos() as f64 / 1e6)
}
