//! One link: its classes share it by the `qos` rule, the transfers of a class share the class.
//!
//! A class asks for what its transfers could use together, as much as there is when one of them is
//! not capped. The link is divided anew only when that could change an answer: a class turns busy
//! or idle, or its transfers are capped and their number changes. Between such events every class
//! has a fixed rate, and inside it a [`Pool`] needs O(log n) for an arrival or an ending.

use std::collections::HashSet;

use crate::qos::{Class, Demand, Rules, Sharer, Tree, TreeError};
use crate::units::{BitRate, Bytes};

use super::double_double::DoubleDouble;
use super::earliest::Earliest;
use super::pool::{Limit, Pool, Tally};
use super::source::Source;
use feed::Feed;

mod feed;

/// Why something cannot happen on a link.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum Refused {
    /// No such class, or one that is the parent of others.
    #[error("class {0} is no leaf")]
    NoLeaf(usize),
    /// Transfers for a class that a source feeds, or a source where transfers are.
    #[error("class {0} is fed otherwise")]
    FedOtherwise(usize),
    /// A number that is negative, infinite or none at all, or a limit of zero.
    #[error("impossible number {0}")]
    Impossible(f64),
    /// More transfers than can be numbered.
    #[error("more than {} transfers", u32::MAX)]
    TooMany,
    /// A moment before the last event.
    #[error("{0} s is past")]
    Past(f64),
}

/// A transfer that has ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ended {
    /// Its number.
    pub transfer: u32,
    /// When.
    pub at: DoubleDouble,
}

/// A link in motion. Events must come in the order of time: before anything happens at a moment,
/// [`Link::next_end`] must have given all that ends before.
#[derive(Debug, Clone)]
pub struct Link {
    tree: Tree,
    sharer: Sharer,
    feeds: Vec<Feed>,
    demands: Vec<Demand>,
    /// The same as rates in bit/s, infinite for as much as there is.
    wanted: Vec<f64>,
    due: Earliest,
    now: DoubleDouble,
    divisions: u64,
}

impl Link {
    /// An idle link of rate `rate` with these classes. A leaf's limit on each user is a limit on
    /// the users that are there ([`Limit::User`]), not on the number written; an inner class keeps
    /// number x limit as its ceiling.
    ///
    /// # Errors
    /// As [`Tree::new`].
    pub fn new(rate: BitRate, classes: &[Class], rules: Rules) -> Result<Link, Vec<TreeError>> {
        let parents: HashSet<_> = classes.iter().filter_map(|c| c.parent.as_ref()).collect();
        let mut shaped = classes.to_vec();
        let mut limits = vec![f64::INFINITY; classes.len()];
        // A number or a limit that cannot be is the tree's to refuse, so it is checked first.
        Tree::new(rate, classes, rules)?;
        for (class, limit) in shaped.iter_mut().zip(&mut limits) {
            if let Some(each) = class.per_user.filter(|_| !parents.contains(&class.name)) {
                (class.per_user, *limit) = (None, each.limit.0);
            }
        }
        let tree = Tree::new(rate, &shaped, rules)?;
        let mut feeds: Vec<Feed> = limits.iter().map(|_| Feed::Inner).collect();
        for leaf in tree.leaf_classes() {
            feeds[leaf] = Feed::Transfers(Pool::new(0.0, limits[leaf]));
        }
        Ok(Link {
            demands: vec![Demand::Rate(BitRate::ZERO); classes.len()],
            wanted: vec![0.0; classes.len()],
            due: Earliest::new(classes.len()),
            sharer: Sharer::default(),
            now: DoubleDouble::ZERO,
            divisions: 0,
            feeds,
            tree,
        })
    }

    /// An idle link without classes: every transfer shares it.
    ///
    /// # Errors
    /// As [`Tree::new`]: a rate that is not positive.
    pub fn plain(rate: BitRate) -> Result<Link, Vec<TreeError>> {
        let class = Class {
            name: "link".to_string(),
            ..Class::default()
        };
        Link::new(rate, &[class], Rules::default())
    }

    /// Feeds an idle leaf by a source instead of transfers; its queue holds `queue`.
    ///
    /// # Errors
    /// A class that is no leaf or has had transfers; an impossible queue.
    pub fn feed_by_source(&mut self, class: usize, queue: Bytes) -> Result<(), Refused> {
        let bits = possible(queue.bits())?;
        match self.feeds.get_mut(class) {
            None | Some(Feed::Inner) => Err(Refused::NoLeaf(class)),
            Some(Feed::Transfers(pool)) if !pool.is_fresh() => Err(Refused::FedOtherwise(class)),
            Some(feed) => {
                *feed = Feed::Source(Source::new(bits));
                Ok(())
            }
        }
    }

    /// A transfer of `bits` begins in class `class` at moment `at`.
    ///
    /// # Errors
    /// What [`Refused`] lists.
    pub fn arrive(
        &mut self,
        at: DoubleDouble,
        transfer: u32,
        class: usize,
        bits: f64,
        limit: Limit,
    ) -> Result<(), Refused> {
        possible(bits)?;
        if let Limit::Rate(rate) = limit
            && possible(rate)? == 0.0
        {
            return Err(Refused::Impossible(rate));
        }
        self.move_on(at)?;
        match self.feeds.get_mut(class) {
            None | Some(Feed::Inner) => Err(Refused::NoLeaf(class)),
            Some(Feed::Source(_)) => Err(Refused::FedOtherwise(class)),
            Some(Feed::Transfers(pool)) => {
                pool.arrive(at, transfer, bits, limit);
                self.changed(class);
                Ok(())
            }
        }
    }

    /// The source of class `class` sends at `rate` from moment `at` on.
    ///
    /// # Errors
    /// What [`Refused`] lists.
    pub fn send(&mut self, at: DoubleDouble, class: usize, rate: BitRate) -> Result<(), Refused> {
        possible(rate.0)?;
        self.move_on(at)?;
        match self.feeds.get_mut(class) {
            None | Some(Feed::Inner) => Err(Refused::NoLeaf(class)),
            Some(Feed::Transfers(_)) => Err(Refused::FedOtherwise(class)),
            Some(Feed::Source(source)) => {
                source.send(at, rate.0);
                self.changed(class);
                Ok(())
            }
        }
    }

    /// The next transfer that ends at `until` or before; time is then its end. `None` when no more
    /// do; time is then `until`, or the last event if `until` is [`DoubleDouble::NEVER`].
    pub fn next_end(&mut self, until: DoubleDouble) -> Option<Ended> {
        loop {
            let (class, due) = self.due.first();
            if due > until || !due.is_finite() {
                if until.is_finite() {
                    self.now = self.now.max(until);
                }
                return None;
            }
            self.now = due;
            let ended = self.feeds[class].happen();
            self.changed(class);
            if let Some(transfer) = ended {
                return Some(Ended { transfer, at: due });
            }
        }
    }

    /// Rate of the link.
    pub fn rate(&self) -> BitRate {
        self.tree.link()
    }

    /// The classes that transfers may have, by index.
    pub fn leaf_classes(&self) -> impl Iterator<Item = usize> + '_ {
        self.tree.leaf_classes()
    }

    /// Number of classes, inner ones included.
    pub fn class_count(&self) -> usize {
        self.feeds.len()
    }

    /// The moment of the last event.
    pub fn now(&self) -> DoubleDouble {
        self.now
    }

    /// How often the link has been divided among its classes.
    pub fn divisions(&self) -> u64 {
        self.divisions
    }

    /// What leaf `class` has carried up to now: jobs are transfers, work is bits; a source has no
    /// jobs, and an inner class nothing of its own.
    pub fn tally(&self, class: usize) -> Tally {
        let feed = self.feeds.get(class);
        feed.map_or(Tally::default(), |feed| feed.tally(self.now).0)
    }

    /// Bits that the source of class `class` has lost for want of room in its queue.
    pub fn lost(&self, class: usize) -> f64 {
        let feed = self.feeds.get(class);
        feed.map_or(0.0, |feed| feed.tally(self.now).1)
    }

    fn move_on(&mut self, at: DoubleDouble) -> Result<(), Refused> {
        if !at.is_finite() || at < self.now || self.due.first().1 < at {
            return Err(Refused::Past(at.nearest()));
        }
        self.now = at;
        Ok(())
    }

    /// Something in class `class` has changed: divides the link anew if an answer could change.
    fn changed(&mut self, class: usize) {
        let (wants, granted) = (self.feeds[class].wants(), self.feeds[class].granted());
        let wanted = self.want(class, wants);
        // A class that had less than it wanted, and still has less, is held by others, not by
        // itself. The margin is rounding, which must not hide that it is itself.
        let held = granted < wants.min(wanted) * (1.0 - 1e-12);
        if wants != wanted && !held {
            self.divide();
        }
        self.due.set(class, self.feeds[class].due());
    }

    /// Sets what class `class` wants; gives what it wanted before.
    fn want(&mut self, class: usize, rate: f64) -> f64 {
        self.demands[class] = demand(rate);
        std::mem::replace(&mut self.wanted[class], rate)
    }

    /// Divides the link among the demands.
    fn divide(&mut self) {
        self.divisions += 1;
        let Ok(shares) = self.sharer.share(&self.tree, &self.demands) else {
            // Demands are sums of positive finite caps, or greedy.
            debug_assert!(false, "impossible demands {:?}", self.demands);
            return;
        };
        for class in self.tree.leaf_classes() {
            let feed = &mut self.feeds[class];
            if feed.grant(self.now, shares.rate(class).0) {
                // A source that is granted less than it sends wants all it is let from now on.
                self.wanted[class] = feed.wants();
                self.demands[class] = demand(feed.wants());
                self.due.set(class, feed.due());
            }
        }
    }
}

fn demand(rate: f64) -> Demand {
    match rate.is_finite() {
        true => Demand::Rate(BitRate(rate)),
        false => Demand::Greedy,
    }
}

/// A finite number of zero or more.
fn possible(value: f64) -> Result<f64, Refused> {
    match value.is_finite() && value >= 0.0 {
        true => Ok(value),
        false => Err(Refused::Impossible(value)),
    }
}

#[cfg(test)]
mod kernel;
#[cfg(test)]
mod tests;
