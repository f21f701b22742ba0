"""Results as one HTML file that needs nothing else: records and pictures in, text out."""

from reports.page.pictures import Clip, Pictures, ShownFrame
from reports.page.render import render_page
from reports.page.worst import WorstFrame, worst_frames

__all__ = ["Clip", "Pictures", "ShownFrame", "WorstFrame", "render_page", "worst_frames"]
