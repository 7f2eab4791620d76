"""kcurve."""

from kcurve.log import AnswerLog as AnswerLog, example_log as example_log, read_log as read_log
