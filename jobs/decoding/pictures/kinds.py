"""Says what a file is that is no picture of ours, for the person who has it."""

from __future__ import annotations

CUT_SHORT = "This image is damaged: its end is missing. Copy or download it again."
HEAVY = "This image takes too much memory to read. Save it smaller, or as a JPEG."
SLOW = "This image takes too long to read. Save it again in another program, as a JPEG."
HEIC = (
    "This is a HEIC photo. Export it as JPEG: on an iPhone, choose Share › Options › Most "
    "Compatible and save it to Files; on a Mac, open it in Preview and choose File › Export; on "
    "Android, edit it in Google Photos and save a copy."
)
HEIC_BRANDS = frozenset(b"heic heix heim heis hevc hevx mif1 msf1".split())
AVIF_BRANDS = frozenset((b"avif", b"avis"))
KNOWN = {
    b"GIF8": "a GIF",
    b"BM": "a BMP",
    b"II*\0": "a TIFF",
    b"MM\0*": "a TIFF",
    b"%PDF": "a PDF",
    b"<svg": "an SVG",
    b"<?xml": "an SVG or another XML file",
}


def is_cut_short(content: bytes) -> bool:
    """True for a PNG or WebP without its end; of a JPEG that is known before it is read."""
    if content.startswith(b"RIFF"):
        return len(content) < 8 + int.from_bytes(content[4:8], "little")
    return content.startswith(b"\x89PNG") and b"IEND" not in content


def what_it_is(content: bytes) -> str:
    """A sentence on what cannot be read as a picture, with the way out where there is one."""
    head = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    kind = next((k for magic, k in KNOWN.items() if head.startswith(magic)), "something else")
    if content[4:8] == b"ftyp":
        end = min(int.from_bytes(content[:4]), 512)
        brands = {content[at : at + 4] for at in range(8, end, 4)}
        if brands & AVIF_BRANDS:
            kind = "an AVIF image"
        elif brands & HEIC_BRANDS:
            return HEIC
        else:
            kind = "a video"
    return f"Only JPEG, PNG and WebP images are supported; this is {kind}."
