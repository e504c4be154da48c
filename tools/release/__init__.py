"""Look after a release of the chart: see ``__main__``."""
