//! Figures: charts of results and maps of networks, as SVG and PNG, in Chinese and English.
//!
//! A view computes no numbers. [`ChartSpec`] and [`Map`] say what a figure shows, in one language
//! and with every number ready; [`svg`], [`svg_outlined`] and [`fn@png`] draw it. Equal input gives
//! equal bytes on every machine: the only fonts are [`Fonts`], and coordinates are multiples of 1/8.
//!
//! Rooms inside: `spec` and `map` are what callers fill in; `lines`, `rows`, `columns` and
//! `map::draw` lay out a `scene`; `scene` becomes SVG through plotters, `raster` makes PNG of it.

mod columns;
pub mod comparison;
mod flags;
mod font;
mod lines;
mod map;
mod palette;
mod raster;
mod rows;
mod scale;
mod scene;
mod sheet;
pub mod simulation;
mod spec;
mod spread;

pub use font::Fonts;
pub use map::{Kind, Map, MapLink, MapNode, dot, mermaid};
pub use spec::{
    Across, Axis, Band, Capacity, Caption, ChartSpec, Columns, Form, Lines, Marker, Part, Plot,
    RowSeries, RowValue, Rows, Series, Style, Threshold,
};

use crate::error::Error;
use scene::Scene;

/// Something that can be drawn.
#[derive(Debug, Clone, Copy)]
pub enum Figure<'a> {
    /// A chart.
    Chart(&'a ChartSpec),
    /// A network.
    Map(&'a Map),
}

impl<'a> From<&'a Map> for Figure<'a> {
    fn from(map: &'a Map) -> Figure<'a> {
        Figure::Map(map)
    }
}

impl<'a> From<&'a ChartSpec> for Figure<'a> {
    fn from(chart: &'a ChartSpec) -> Figure<'a> {
        Figure::Chart(chart)
    }
}

/// The figure as SVG with its texts as text: small, searchable, drawn right only where the font is.
///
/// Errors: a number that cannot be drawn, a character that no font has.
pub fn svg<'a>(figure: impl Into<Figure<'a>>, fonts: &Fonts) -> Result<String, Error> {
    lay(figure.into(), fonts)?.svg(fonts)
}

/// The figure as SVG with its texts as outlines: the same picture wherever it is opened.
///
/// Errors as [`svg`].
pub fn svg_outlined<'a>(figure: impl Into<Figure<'a>>, fonts: &Fonts) -> Result<String, Error> {
    raster::outlined(&lay(figure.into(), fonts)?, fonts)
}

/// The figure as PNG, `scale` pixels per unit and marked 300 dpi. A chart is 920 units wide: at
/// scale 2 it prints 156 mm wide.
///
/// Errors as [`svg`], and a scale that gives a side under 1 or over 20,000 pixels.
pub fn png<'a>(figure: impl Into<Figure<'a>>, fonts: &Fonts, scale: f64) -> Result<Vec<u8>, Error> {
    raster::png(&lay(figure.into(), fonts)?, fonts, scale)
}

/// Both [`svg_outlined`] and [`fn@png`] for the price of one.
///
/// Errors as [`fn@png`].
pub fn shipped<'a>(
    figure: impl Into<Figure<'a>>,
    fonts: &Fonts,
    scale: f64,
) -> Result<(String, Vec<u8>), Error> {
    raster::both(&lay(figure.into(), fonts)?, fonts, scale)
}

fn lay(figure: Figure<'_>, fonts: &Fonts) -> Result<Scene, Error> {
    match figure {
        Figure::Map(map) => map.lay(fonts),
        Figure::Chart(spec) => {
            spec.check()?;
            Ok(match &spec.plot {
                Plot::Lines(plot) => lines::draw(spec, plot, fonts),
                Plot::Rows(plot) => rows::draw(spec, plot, fonts),
                Plot::Columns(plot) => columns::draw(spec, plot, fonts),
            })
        }
    }
}

#[cfg(test)]
mod tests;
