"""What all tests share."""

from __future__ import annotations

from hypothesis import Phase, settings

# The same examples every time: a failure in CI is a failure here. No deadline: a shared machine may pause anywhere.
settings.register_profile("clearprop", deadline=None, derandomize=True, max_examples=60)
# Where a test is bound to fail, the smallest example isn't worth looking for.
settings.register_profile("planted", deadline=None, derandomize=True, max_examples=60, phases=[Phase.generate])
settings.load_profile("clearprop")
