"""Pictures, after scikit-learn's Display contract: ``from_estimator``, ``plot(ax=None)``, ``ax_``, ``figure_``."""

from clearprop.plots.decision_boundary import DecisionBoundaryDisplay
from clearprop.plots.layer_statistics import LayerStatisticsDisplay
from clearprop.plots.loss_curve import LossCurveDisplay
from clearprop.plots.network_diagram import NetworkDiagramDisplay
from clearprop.plots.weight_images import WeightImagesDisplay

__all__ = [
    "DecisionBoundaryDisplay",
    "LayerStatisticsDisplay",
    "LossCurveDisplay",
    "NetworkDiagramDisplay",
    "WeightImagesDisplay",
]
