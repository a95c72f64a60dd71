//! From text-form SVG to what is shipped: SVG whose texts are outlines, and PNG.

use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::{Indent, Tree, WriteOptions};

use super::font::Fonts;
use super::scene::{Scene, with_head};
use crate::error::Error;
use crate::text;

/// Largest side of a PNG, in pixels.
const MOST: f64 = 20_000.0;

/// 300 dots per inch in dots per metre (300 / 0.0254).
const DOTS_A_METRE: u32 = 11_811;

/// The figure as SVG whose texts are outlines, so that it looks the same without any font.
pub(super) fn outlined(scene: &Scene, fonts: &Fonts) -> Result<String, Error> {
    Ok(write(&tree(&scene.svg(fonts)?, fonts)?, scene))
}

/// The figure as PNG, `scale` pixels per unit, marked 300 dpi.
pub(super) fn png(scene: &Scene, fonts: &Fonts, scale: f64) -> Result<Vec<u8>, Error> {
    paint(&tree(&scene.svg(fonts)?, fonts)?, scale)
}

/// Both of them from one reading of the figure: shaping its texts is most of the work.
pub(super) fn both(scene: &Scene, fonts: &Fonts, scale: f64) -> Result<(String, Vec<u8>), Error> {
    let tree = tree(&scene.svg(fonts)?, fonts)?;
    Ok((write(&tree, scene), paint(&tree, scale)?))
}

fn write(tree: &Tree, scene: &Scene) -> String {
    let options = WriteOptions {
        preserve_text: false,
        // In steps of 1/8 unit: far below what a printer resolves, and half the size of the default.
        coordinates_precision: 1,
        transforms_precision: 4,
        indent: Indent::None,
        ..WriteOptions::default()
    };
    with_head(&tree.to_string(&options), &scene.head())
}

fn paint(tree: &Tree, scale: f64) -> Result<Vec<u8>, Error> {
    let size = tree.size();
    let pixels = |units: f32| (f64::from(units) * scale).round();
    let (width, height) = (pixels(size.width()), pixels(size.height()));
    if !(1.0..=MOST).contains(&width) || !(1.0..=MOST).contains(&height) {
        return Err(Error::Argument(text!(
            "放大倍数 {scale} 会得到 {width}x{height} 像素；每边可为 1 到 {MOST} 像素",
            "scale {scale} gives {width}x{height} pixels; each side may have 1 to {MOST}"
        )));
    }
    let failed = || Error::System(text!("无法生成 PNG", "the PNG could not be made"));
    let mut pixmap = Pixmap::new(width as u32, height as u32).ok_or_else(failed)?;
    pixmap.fill(Color::WHITE);
    let to_pixels =
        Transform::from_scale(width as f32 / size.width(), height as f32 / size.height());
    resvg::render(tree, to_pixels, &mut pixmap.as_mut());
    encode(pixmap).map_err(|_| failed())
}

/// An opaque PNG. Fast compression: a chart is large flat areas, which it folds nearly as small as the
/// slow kinds in a tenth of their time.
fn encode(pixmap: Pixmap) -> Result<Vec<u8>, png::EncodingError> {
    let (width, height) = (pixmap.width(), pixmap.height());
    // Four bytes to three where they lie: a large figure is tens of megabytes.
    let mut data = pixmap.take();
    for pixel in 0..data.len() / 4 {
        data.copy_within(4 * pixel..4 * pixel + 3, 3 * pixel);
    }
    data.truncate(data.len() / 4 * 3);
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: DOTS_A_METRE,
        yppu: DOTS_A_METRE,
        unit: png::Unit::Meter,
    }));
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&data)?;
    writer.finish()?;
    Ok(bytes)
}

fn tree(svg: &str, fonts: &Fonts) -> Result<Tree, Error> {
    Tree::from_str(svg, &fonts.options()).map_err(|error| {
        Error::System(text!("图形有误：{error}", "the figure is damaged: {error}"))
    })
}
