"""What is logged and how: JSON, a line each, masked; `gunicorn.conf.py` hands the same to gunicorn."""


def logging_at(level: str) -> dict:
    """Python's logging.config dict for a LOG_LEVEL."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": "protocol.logs.MaskingJsonFormatter",
                "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s",
            }
        },
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "json"},
            "nowhere": {"class": "logging.NullHandler"},
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "gunicorn.error": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
            "django": {"handlers": [], "level": level, "propagate": True},
            # Any scanner sends a foreign Host; the answer says it, a traceback each would only fill the disk. Without
            # any handler Python would print it all the same, and not as JSON.
            "django.security.DisallowedHost": {"handlers": ["nowhere"], "propagate": False},
            # At DEBUG it writes all that a page is made of: recovery codes, the secret of an authenticator app.
            "django.template": {"handlers": ["nowhere"], "propagate": False},
        },
    }
