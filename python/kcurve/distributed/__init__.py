"""Curves of logs too large for one machine: the same bits, with the work on many workers."""

from kcurve.distributed.dask_client import Dask
from kcurve.distributed.estimate import curve
from kcurve.distributed.executor import Executor
from kcurve.distributed.process_pool import ProcessPool
from kcurve.distributed.ray_core import Ray

__all__ = ["Dask", "Executor", "ProcessPool", "Ray", "curve"]
