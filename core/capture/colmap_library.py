"""The one door to pycolmap, because the order of imports matters.

pycolmap's wheels carry a zlib whose names win over those of libraries loaded later: where
pycolmap is loaded before Pillow, writing a PNG ends the process ("corrupted size vs.
prev_size", pycolmap 4.2.1 with Pillow 13). Pillow loaded first keeps its own.
"""

import PIL.Image
import pycolmap

# Three silences all but what ends the process: what COLMAP has to say reaches the user as
# Progress, verdicts and warnings.
pycolmap.logging.minloglevel = 3

__all__ = ["PIL", "pycolmap"]
