"""The command line: ``clearprop moons``, ``clearprop train``, ``clearprop predict``."""
