"""Brings the colours of every kind of picture to sRGB, which everybody shows the same way."""

from __future__ import annotations

import io

from PIL import Image, ImageCms

from jobs.decoding.pictures.encoding import SIDE_MAX

MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}
"""The colours that a profile is for, and what Pillow calls a picture of them."""


def plain(image: Image.Image) -> Image.Image:
    """RGB in sRGB, or RGBA where something really shines through; never longer than `SIDE_MAX`.

    The profile converts colours and leaves alone what shines through. One that cannot be read, or
    is for other colours than the picture has, counts for nothing, as in browsers.
    """
    profile = image.info.get("icc_profile")
    whole = _expanded(image)
    # Before the conversion, which has so many pixels less to go through.
    whole.thumbnail((SIDE_MAX, SIDE_MAX), Image.Resampling.LANCZOS)
    alpha = None
    if whole.mode in ("LA", "RGBA"):
        alpha = whole.getchannel("A")
        whole = whole.convert(whole.mode.removesuffix("A"))
    colours = _converted(whole, profile) if profile else whole
    if colours.mode != "RGB":
        colours = colours.convert("RGB")
    if alpha is not None and alpha.getextrema() != (255, 255):
        colours.putalpha(alpha)
    return colours


def _expanded(image: Image.Image) -> Image.Image:
    """As L, RGB or CMYK, and the first two with an A for what may shine through."""
    if image.mode.startswith("I") or image.mode == "F":
        # 16 bits a channel, which Pillow has for grey only: the upper 8 of them.
        grey = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
        # The grey that counts as clear is told in 16 bits, and names none of these.
        grey.info.pop("transparency", None)
        return grey
    mode = {"1": "L", "L": "L", "LA": "L", "CMYK": "CMYK"}.get(image.mode, "RGB")
    if image.has_transparency_data:
        mode += "A"
    return image if image.mode == mode else image.convert(mode)


def _converted(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = MODES.get(source.profile.xcolor_space.strip(), "")
        if image.mode == "L" and mode == "RGB":
            image = image.convert("RGB")
        if image.mode != mode:
            return image
        target = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image
    return image if converted is None else converted
