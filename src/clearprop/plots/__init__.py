"""Pictures, after scikit-learn's Display contract: ``from_estimator``, ``plot(ax=None)``, ``ax_``, ``figure_``."""
