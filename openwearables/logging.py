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
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "gunicorn.error": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
            "django": {"handlers": [], "level": level, "propagate": True},
            # Any scanner sends a foreign Host; the answer says it, a traceback each would only fill the disk.
            "django.security.DisallowedHost": {"handlers": [], "propagate": False},
        },
    }
