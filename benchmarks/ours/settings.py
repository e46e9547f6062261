"""The product's settings, every one of them; only the url map has one route more."""

from openwearables.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.ours.urls"
