"""How DRF and its schema generator are set up: settings by name, none of them an operator's."""

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": (
        "apikeys.authentication.ApiKeyAuthentication",
        "accounts.authentication.SessionAuthentication",
    ),
    "DEFAULT_PERMISSION_CLASSES": ("accounts.permissions.DeveloperOnly",),
    "DEFAULT_THROTTLE_CLASSES": ("apikeys.limits.CallerLimit",),
    "DEFAULT_RENDERER_CLASSES": ("protocol.parsing.ProblemRenderer",),
    "DEFAULT_PARSER_CLASSES": ("protocol.parsing.StrictJSONParser",),
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "protocol.parsing.AlwaysJSON",
    "EXCEPTION_HANDLER": "protocol.handler.exception_handler",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "protocol.schema.CallSchema",
    "UNAUTHENTICATED_USER": None,
    "DATETIME_FORMAT": "iso-8601",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Open Wearables API",
    "VERSION": "1",
    "DESCRIPTION": "Sign in as a developer, or read wearable data with an API key.",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVERS": [{"url": "/"}],
    "COMPONENT_SPLIT_REQUEST": True,
    "PATH_CONVERTER_OVERRIDES": {
        "id": {"type": "string", "format": "uuid"},
        "request": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
    },
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "protocol.schema.add_problem"],
    "ENUM_NAME_OVERRIDES": {
        "EnvironmentEnum": "apikeys.models.ApiKey.Environment",
        "KeyStatusEnum": "apikeys.serializers.STATUSES",
        "KindEnum": "accounts.models.Session.Kind",
        "AlertKindEnum": "accounts.models.Alert.Kind",
    },
    "APPEND_COMPONENTS": {},
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # Nothing is asked of another host, and a credential is forgotten when the page is left.
    "SWAGGER_UI_SETTINGS": {
        "defaultModelsExpandDepth": -1,  # each call shows its own
        "docExpansion": "list",
        "persistAuthorization": False,
        "tryItOutEnabled": True,
        "validatorUrl": None,
    },
}
