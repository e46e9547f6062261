"""How a log line looks."""

from pythonjsonlogger.json import JsonFormatter

from protocol.current import current_request
from protocol.masking import mask


class MaskingJsonFormatter(JsonFormatter):
    """One JSON object a line, with the request's id, and masked as a whole: message, extras and traceback alike."""

    def process_log_record(self, log_data):
        """Django attaches whole requests and responses, whose text holds query strings: leave those out."""
        log_data.pop("response", None)
        request = log_data.pop("request", None) or current_request.get()
        if request is not None:
            log_data["request_id"] = getattr(request, "request_id", "")
        return log_data

    def format(self, record):
        """The line."""
        return mask(super().format(record))
