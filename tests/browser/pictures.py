"""Pictures of a page as plain numbers: taken from the browser, made coarse, compared, and kept as small PNG files.

Beside each stands the layout: where each panel is, in pixels. An empty panel leaves a picture as it was wherever it is.
"""

import base64
import json
import struct
import zlib

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CELL = 20  # pixels, so that 1600 × 1000 are 80 × 50 cells
TOLERANCE = 16  # of 255, in the mean colour of a cell
COLOURS = 256
COMMON = 64  # of the colours are the most frequent ones; the others stand apart from all before them
MOVED = 6  # pixels that the edge of a panel may move: another typeface makes lines a little higher
APART = 250  # squared, in red, green and blue
PIXELS = """
    const [png, done] = arguments;
    const bytes = Uint8Array.from(atob(png), (letter) => letter.charCodeAt(0));
    createImageBitmap(new Blob([bytes], { type: 'image/png' })).then((image) => {
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext('2d');
      context.drawImage(image, 0, 0);
      const reader = new FileReader();
      reader.onload = () => done([image.height, image.width, reader.result.split(',')[1]]);
      reader.readAsDataURL(new Blob([context.getImageData(0, 0, image.width, image.height).data]));
    });
"""
BOXES = """
    const parts = { 'the bar': '.top', 'the navigation': '#navigation' };
    document.querySelectorAll('.panel[id]').forEach((panel) => { parts[panel.id] = `#${panel.id}` });
    return Object.entries(parts).map(([name, css]) => {
      const box = document.querySelector(css).getBoundingClientRect();
      return [name, box.left, box.top, box.right, box.bottom];
    }).filter(([, left, , right]) => right > left);
"""


def taken(driver):
    """What the browser shows: height × width × red, green, blue."""
    height, width, data = driver.execute_async_script(PIXELS, driver.get_screenshot_as_base64())
    return np.frombuffer(base64.b64decode(data), np.uint8).reshape(height, width, 4)[..., :3]


def coarse(picture):
    """The mean colour of each cell: where things are and how dark, whatever the letters are shaped like."""
    height, width, _ = picture.shape
    cells = picture.reshape(height // CELL, CELL, width // CELL, CELL, 3)
    return cells.mean(axis=(1, 3)).round().astype(np.uint8)


def differing(before, after):
    """Which cells have another colour, or lost their place."""
    if before.shape != after.shape:
        return np.ones(after.shape[:2], bool)
    return np.abs(before.astype(int) - after.astype(int)).max(axis=2) > TOLERANCE


def where(cells, boxes):
    """How many of the cells stand in each part of the page, the most first: `book-trades 12, the bar 3`."""
    rows, columns = np.nonzero(cells)
    x, y = (columns + 0.5) * CELL, (rows + 0.5) * CELL
    counts = {
        name: int(((left <= x) & (x < right) & (top <= y) & (y < bottom)).sum())
        for name, left, top, right, bottom in boxes
    }
    return (
        ", ".join(f"{name} {n}" for name, n in sorted(counts.items(), key=lambda one: -one[1]) if n) or "between panels"
    )


def elsewhere(before, after):
    """Which parts of a page came, went or have an edge somewhere else: `book-trades moved, book-var is gone`."""
    was, now = ({name: edges for name, *edges in boxes} for boxes in (before, after))
    said = [f"{name} is gone" for name in was if name not in now]
    said += [f"{name} is new" for name in now if name not in was]
    both = [(name, zip(was[name], now[name], strict=True)) for name in was if name in now]
    said += [f"{name} moved" for name, edges in both if max(abs(a - b) for a, b in edges) > MOVED]
    return ", ".join(said)


def save_layout(path, boxes):
    """The boxes as text, a line each, in whole pixels."""
    lines = ",\n".join(json.dumps([name, *map(round, edges)]) for name, *edges in boxes)
    path.write_text(f"[\n{lines}\n]\n")


def fewer_colours(picture):
    """The picture as places in a palette: the most frequent colours and rare ones like no other; else the nearest."""
    whole = picture.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
    codes, at, counts = np.unique(whole, return_inverse=True, return_counts=True)
    colours = (codes[:, None] >> np.array([16, 8, 0], np.uint32) & 255).astype(int)
    frequent = colours[np.argsort(-counts, kind="stable")]
    palette = frequent[:COMMON]
    for colour in frequent[COMMON:]:
        if len(palette) < COLOURS and ((palette - colour) ** 2).sum(axis=1).min() > APART:
            palette = np.vstack([palette, colour])
    nearest = np.concatenate(
        [((part[:, None] - palette) ** 2).sum(axis=2).argmin(axis=1) for part in np.array_split(colours, 64)]
    )
    return palette.astype(np.uint8), nearest.astype(np.uint8)[at].reshape(whole.shape)


def save(path, picture, palette=None):
    """A PNG file of a picture, or of places in a palette."""
    height, width = picture.shape[:2]
    kind = 2 if palette is None else 3
    rows = np.hstack([np.zeros((height, 1), np.uint8), picture.reshape(height, -1)])
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0))]
    chunks += [] if palette is None else [(b"PLTE", palette.tobytes())]
    chunks += [(b"IDAT", zlib.compress(rows.tobytes(), 9)), (b"IEND", b"")]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(SIGNATURE + b"".join(_chunk(*chunk) for chunk in chunks))


def load(path):
    """A picture that `save` wrote without a palette."""
    raw, at, parts = path.read_bytes(), len(SIGNATURE), {}
    while at < len(raw):
        size, kind = struct.unpack(">I4s", raw[at : at + 8])
        parts[kind] = raw[at + 8 : at + 8 + size]
        at += size + 12
    width, height = struct.unpack(">II", parts[b"IHDR"][:8])
    rows = np.frombuffer(zlib.decompress(parts[b"IDAT"]), np.uint8).reshape(height, 1 + 3 * width)
    return rows[:, 1:].reshape(height, width, 3)


def _chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
