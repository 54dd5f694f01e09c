"""The live page: a run that is watched, and steered, in a browser while it trains."""
