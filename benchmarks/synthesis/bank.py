"""The textures in use: drawn when first asked for, kept at several scales, forgotten when long unused."""

from collections import OrderedDict

import cv2
import numpy as np
from jaxtyping import Float32, UInt8

from benchmarks.synthesis.body import Skin
from benchmarks.synthesis.texture import SIDE, Tile, draw_tile

LEVELS = 5  # the coarsest has SIDE / 16 texels a side
KEPT = 700


class TextureBank:
    """Tiles by number. The number and the seed decide what is on one, whoever asks and in whatever order."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._pyramids: OrderedDict[int, list[Tile]] = OrderedDict()

    def sample(
        self,
        number: int,
        u: Float32[np.ndarray, "height width"],
        v: Float32[np.ndarray, "height width"],
        *,
        texels_per_pixel: float,
    ) -> Float32[np.ndarray, "height width 3"]:
        """Colours in 0..255 at texture coordinates, which may lie outside of the tile.

        Where neighbouring pixels are several texels apart a coarser copy is read, so that fine detail fades instead
        of flickering.
        """
        level = int(np.clip(np.rint(np.log2(max(texels_per_pixel, 1e-3))), 0, LEVELS - 1))
        tile = self._pyramid(number)[level]
        scale = np.float32(1 / 2**level)
        colours = cv2.remap(tile, u * scale, v * scale, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
        return np.asarray(colours, dtype=np.float32)

    def cloth(self, skin: Skin, *, side: int, repeats: float) -> UInt8[np.ndarray, "side side 3"]:
        """A square of the skin that goes on without a seam, `repeats` tiles a side (or half a one, which has one)."""
        tile = self._pyramid(skin.tile)[0]
        if repeats < 1:
            tile = tile[: int(SIDE * repeats), : int(SIDE * repeats)]
        tile = np.tile(tile, (max(int(repeats), 1), max(int(repeats), 1), 1))
        interpolation = cv2.INTER_AREA if tile.shape[0] > side else cv2.INTER_LINEAR
        cloth = np.asarray(cv2.resize(tile, (side, side), interpolation=interpolation))
        levels = np.arange(256, dtype=np.float32)[:, None] * skin.gain + skin.lift
        return np.asarray(cv2.LUT(cloth, np.clip(levels, 0, 255).astype(np.uint8)[None]))

    def _pyramid(self, number: int) -> list[Tile]:
        if number not in self._pyramids:
            levels = [draw_tile(np.random.Generator(np.random.PCG64((self._seed, number))))]
            while len(levels) < LEVELS:
                side = SIDE >> len(levels)
                levels.append(np.asarray(cv2.resize(levels[-1], (side, side), interpolation=cv2.INTER_AREA)))
            self._pyramids[number] = levels
        self._pyramids.move_to_end(number)
        if len(self._pyramids) > KEPT:
            self._pyramids.popitem(last=False)
        return self._pyramids[number]
