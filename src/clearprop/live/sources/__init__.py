"""Where a page's rows come from: made up, drawn by hand, a script's arrays, or a person's own file."""

from clearprop.live.sources.arrays import from_arrays
from clearprop.live.sources.making import make
from clearprop.live.sources.suggestion import Suggestion, suggest
from clearprop.live.sources.uploads import Uploads

__all__ = ["Suggestion", "Uploads", "from_arrays", "make", "suggest"]
