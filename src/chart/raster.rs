//! From text-form SVG to what is shipped: SVG whose texts are outlines, and PNG.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Indent, Tree, WriteOptions};

use super::font::Fonts;
use super::scene::{Scene, with_head};
use crate::error::Error;
use crate::text;

/// Largest side of a PNG, in pixels.
const MOST: f64 = 20_000.0;

/// The `pHYs` chunk for 300 dots per inch (PNG third edition, 11.3.4.3): length 9, name, 11,811 dots
/// per metre in x and in y, unit metre, and the CRC of name and data.
const DENSITY: [u8; 21] = [
    0, 0, 0, 9, b'p', b'H', b'Y', b's', 0, 0, 0x2E, 0x23, 0, 0, 0x2E, 0x23, 1, 0x78, 0xA5, 0x3F,
    0x76,
];

/// Where the `pHYs` chunk goes: after the signature (8 bytes) and the header chunk (25 bytes), for
/// it must stand before the image data.
const AFTER_HEADER: usize = 33;

/// The figure as SVG whose texts are outlines, so that it looks the same without any font.
pub(super) fn outlined(scene: &Scene, fonts: &Fonts) -> Result<String, Error> {
    let tree = tree(&scene.svg(fonts)?, fonts)?;
    let options = WriteOptions {
        preserve_text: false,
        // In steps of 1/8 unit: far below what a printer resolves, and half the size of the default.
        coordinates_precision: 1,
        transforms_precision: 4,
        indent: Indent::None,
        ..WriteOptions::default()
    };
    Ok(with_head(&tree.to_string(&options), &scene.head()))
}

/// The figure as PNG, `scale` pixels per unit, marked 300 dpi.
pub(super) fn png(scene: &Scene, fonts: &Fonts, scale: f64) -> Result<Vec<u8>, Error> {
    let tree = tree(&scene.svg(fonts)?, fonts)?;
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
    let to_pixels =
        Transform::from_scale(width as f32 / size.width(), height as f32 / size.height());
    resvg::render(&tree, to_pixels, &mut pixmap.as_mut());
    let mut bytes = pixmap.encode_png().map_err(|_| failed())?;
    if bytes.len() < AFTER_HEADER {
        return Err(failed());
    }
    bytes.splice(AFTER_HEADER..AFTER_HEADER, DENSITY);
    Ok(bytes)
}

fn tree(svg: &str, fonts: &Fonts) -> Result<Tree, Error> {
    Tree::from_str(svg, &fonts.options()).map_err(|error| {
        Error::System(text!("图形有误：{error}", "the figure is damaged: {error}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CRC-32 as the PNG specification's annex D computes it, bit by bit.
    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
            })
        })
    }

    #[test]
    fn the_density_chunk_says_300_dpi_and_its_checksum_holds() {
        let per_metre = u32::from_be_bytes([DENSITY[8], DENSITY[9], DENSITY[10], DENSITY[11]]);
        assert_eq!(per_metre, (300.0_f64 / 0.0254).round() as u32);
        assert_eq!(DENSITY[8..12], DENSITY[12..16]);
        assert_eq!(DENSITY[17..21], crc(&DENSITY[4..17]).to_be_bytes());
    }
}
