"""A simulated service company: extracts as its source systems would export them, and the truth.

Everything here is simulated (模拟); nothing in it describes a real organisation.
"""

from pipelines.simulate.simulation import simulate

__all__ = ["simulate"]
