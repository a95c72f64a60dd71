//! The painter between two pictures, and while it paints.

use std::future::pending;

use tokio::task::{JoinError, JoinHandle, spawn_blocking};

use super::super::painter::{Done, Job, Painter};
use crate::error::Error;
use crate::text;

/// The painter, or its promise to come back.
pub(super) enum Easel {
    Free(Box<Painter>),
    Busy(JoinHandle<Done>),
    /// Between the two, and when it did not come back.
    Empty,
}

impl Easel {
    /// Whether a job can be begun.
    pub(super) fn is_free(&self) -> bool {
        matches!(self, Easel::Free(_))
    }

    /// Begins a job, if the painter is free.
    pub(super) fn begin(&mut self, job: Job) {
        match std::mem::replace(self, Easel::Empty) {
            Easel::Free(painter) => {
                *self = Easel::Busy(spawn_blocking(move || painter.paint(job)));
            }
            other => *self = other,
        }
    }

    /// The end of the present job; never, when there is none. Dropped while it waits, it loses
    /// nothing.
    pub(super) async fn done(&mut self) -> Result<Done, JoinError> {
        match self {
            Easel::Busy(job) => {
                let done = job.await;
                *self = Easel::Empty;
                done
            }
            _ => pending().await,
        }
    }

    /// The painter, when its present job is done.
    pub(super) async fn take(self) -> Result<Painter, Error> {
        match self {
            Easel::Free(painter) => Ok(*painter),
            Easel::Busy(job) => job.await.map(|done| done.painter).map_err(broken),
            Easel::Empty => Err(broken("")),
        }
    }
}

/// The painter did not come back: it panicked, and that has been told.
pub(super) fn broken(why: impl std::fmt::Display) -> Error {
    Error::System(text!("显示失败：{why}", "drawing failed: {why}"))
}
