"""The measured jobs, who does them, and how they are timed: for ``clearprop bench`` and for benchmarks/."""
