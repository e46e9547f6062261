"""Every setting, one file, read top to bottom; `.env.example` says what each name means.

Local mode is a SITE_URL whose host is loopback; everything else is production and refuses to start on a bad value.
"""

import re
import warnings
from pathlib import Path

from openwearables import environment as read
from openwearables.policies import CONTENT_SECURITY_POLICY, PERMISSIONS_POLICY  # noqa: F401 - settings by name

BASE_DIR = Path(__file__).resolve().parent.parent
ENV_FILE = read.env_file(BASE_DIR)
env = read.read_env(BASE_DIR)

# --- Where we are -----------------------------------------------------------------------------------------------------
SITE_URL, SITE_HOST, LOCAL_MODE = read.site_url(env)
DEBUG = read.switch(env, "DEBUG")
if DEBUG and not LOCAL_MODE:
    raise read.refuse("DEBUG", "is refused in production: set it to off")
ALLOWED_HOSTS = read.allowed_hosts(env, SITE_HOST, local=LOCAL_MODE)
TRUSTED_PROXIES = read.trusted_proxies(env, local=LOCAL_MODE)
ADMIN_PATH = env.str("ADMIN_PATH", default="admin/").strip("/") + "/"
if not re.fullmatch(r"(?!(api|docs|static)/)[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*/", ADMIN_PATH):
    raise read.refuse("ADMIN_PATH", "write a path of letters and digits that nothing else has, like admin/")
WORKERS = read.workers(env)

# --- Secrets ----------------------------------------------------------------------------------------------------------
SECRET_KEY = read.secret(env, "SECRET_KEY")
SECRET_KEY_FALLBACKS = read.secrets(env, "SECRET_KEY_FALLBACKS")
JWT_SIGNING_KEYS = read.secret_set(env, "JWT_SIGNING_KEYS")
API_KEY_PEPPERS = read.secret_set(env, "API_KEY_PEPPERS")
AUDIT_KEY = read.secret(env, "AUDIT_KEY")
METRICS_TOKEN = read.secret(env, "METRICS_TOKEN", needed=False)
if len({SECRET_KEY, AUDIT_KEY, *JWT_SIGNING_KEYS.values(), *API_KEY_PEPPERS.values()}) < 2 + len(
    JWT_SIGNING_KEYS
) + len(API_KEY_PEPPERS):
    raise read.refuse("JWT_SIGNING_KEYS", "every secret must be its own: two of them are the same")

# --- Tokens, keys, limits (seconds) -----------------------------------------------------------------------------------
ACCESS_TOKEN_LIFETIME = read.seconds(env, "ACCESS_TOKEN_LIFETIME", 3600, least=10, most=86400)
REFRESH_TOKEN_LIFETIME = read.seconds(env, "REFRESH_TOKEN_LIFETIME", 14 * 86400, least=10)
SESSION_ABSOLUTE_LIFETIME = read.seconds(env, "SESSION_ABSOLUTE_LIFETIME", 90 * 86400, least=10)
REFRESH_LEEWAY = read.seconds(env, "REFRESH_LEEWAY", 30, least=0, most=60)
KEY_REAUTH_SECONDS = read.seconds(env, "KEY_REAUTH_SECONDS", 3600)
PORTAL_REAUTH_SECONDS = min(900, KEY_REAUTH_SECONDS)
ADMIN_FRESH_SECONDS = 8 * 3600
API_KEY_RATE_LIMIT = read.rates(env, "API_KEY_RATE_LIMIT", "600/60")[0]
API_KEY_RATE_LIMIT_MAX = read.rates(env, "API_KEY_RATE_LIMIT_MAX", "6000/60")[0]
API_KEYS_PER_TEAM = read.seconds(env, "API_KEYS_PER_TEAM", 100, most=100_000)
LOGIN_RATE_LIMIT = read.rates(env, "LOGIN_RATE_LIMIT", "10/900,100/900,100/86400", count=3)
PASSWORD_MIN_LENGTH = read.seconds(env, "PASSWORD_MIN_LENGTH", 12, least=8, most=64)
SIGNUP_OPEN = read.switch(env, "SIGNUP_OPEN")
REVOKE_KEYS_SENT_OVER_HTTP = read.switch(env, "REVOKE_KEYS_SENT_OVER_HTTP")
CORS_ALLOWED_ORIGINS = read.origins(env)

# --- Database, counters, mail -----------------------------------------------------------------------------------------
DATABASES = {"default": read.database(env, BASE_DIR)}
REDIS_URL = read.redis_url(env)
read.check_shared(WORKERS, DATABASES["default"], REDIS_URL, local=LOCAL_MODE)
globals().update(read.mail(env, local=LOCAL_MODE))
DEFAULT_FROM_EMAIL = read.sender(env, SITE_HOST)
SERVER_EMAIL = DEFAULT_FROM_EMAIL
MAIL_IN_BACKGROUND = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- The apps and the road through them -------------------------------------------------------------------------------
INSTALLED_APPS = [
    "protocol",
    "accounts",
    "apikeys",
    "wearables",
    "openwearables",
    "openwearables.admin_config.OperatorsConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "corsheaders",
    "csp",
    "rest_framework",
    "drf_spectacular",
]
MIDDLEWARE = [
    "protocol.middleware.RequestMiddleware",
    "openwearables.health.HealthMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "apikeys.plain_http.PlainHttpMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "openwearables.middleware.SecurityHeadersMiddleware",
    "openwearables.middleware.PageGuardMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.BrowserSessionMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "protocol.middleware.ProblemMiddleware",
]
ROOT_URLCONF = "openwearables.urls"
WSGI_APPLICATION = "openwearables.wsgi.application"
APPEND_SLASH = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": (
        "apikeys.authentication.ApiKeyAuthentication",
        "accounts.authentication.SessionAuthentication",
    ),
    "DEFAULT_PERMISSION_CLASSES": ("accounts.permissions.DeveloperOnly",),
    "DEFAULT_THROTTLE_CLASSES": ("apikeys.limits.KeyLimit",),
    "DEFAULT_RENDERER_CLASSES": ("protocol.parsing.ProblemRenderer",),
    "DEFAULT_PARSER_CLASSES": ("protocol.parsing.StrictJSONParser",),
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "protocol.parsing.AlwaysJSON",
    "EXCEPTION_HANDLER": "protocol.handler.exception_handler",
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "protocol.schema.CallSchema",
    "UNAUTHENTICATED_USER": None,
    "DATETIME_FORMAT": "iso-8601",
}
SIMPLE_JWT = {
    "AUTH_TOKEN_CLASSES": ("accounts.signing.SessionAccessToken",),
    "USER_ID_CLAIM": "sub",
    "SIGNING_KEY": next(iter(JWT_SIGNING_KEYS.values())),
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
    "PATH_CONVERTER_OVERRIDES": {"id": {"type": "string", "format": "uuid"}},
    "POSTPROCESSING_HOOKS": ["protocol.schema.add_problem", "drf_spectacular.hooks.postprocess_schema_enums"],
    "ENUM_NAME_OVERRIDES": {
        "EnvironmentEnum": "apikeys.models.ApiKey.Environment",
        "KeyStatusEnum": "apikeys.serializers.STATUSES",
    },
    "APPEND_COMPONENTS": {},
}

# --- Signing in -------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.Developer"
AUTHENTICATION_BACKENDS = ["accounts.backends.DeveloperBackend"]
PASSWORD_HASHERS = ["accounts.hashers.OwaspArgon2"]
_validation = "django.contrib.auth.password_validation."
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": _validation + "MinimumLengthValidator", "OPTIONS": {"min_length": PASSWORD_MIN_LENGTH}},
    {"NAME": _validation + "UserAttributeSimilarityValidator", "OPTIONS": {"user_attributes": ("email", "first_name")}},
    {"NAME": _validation + "CommonPasswordValidator"},
    {"NAME": "accounts.passwords.MaxBytesValidator"},
    {"NAME": "accounts.passwords.ContextWordsValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "key-list"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_RATE_LIMITS = False  # our own counter alone speaks
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = True

# --- Browsers ---------------------------------------------------------------------------------------------------------
_host = "" if LOCAL_MODE else "__Host-"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_host}ow_session", f"{_host}ow_csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = not LOCAL_MODE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = REFRESH_TOKEN_LIFETIME
CSRF_FAILURE_VIEW = "openwearables.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
SECURE_HSTS_SECONDS = 0 if LOCAL_MODE else 2 * 365 * 86400
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not LOCAL_MODE
SECURE_REDIRECT_EXEMPT = [r"^api/"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_CREDENTIALS = bool(CORS_ALLOWED_ORIGINS)
CORS_ALLOW_HEADERS = ("accept", "authorization", "content-type", "x-request-id")
CORS_EXPOSE_HEADERS = ("x-request-id", "link", "retry-after", "ratelimit", "ratelimit-policy", "www-authenticate")
FILE_UPLOAD_HANDLERS: list[str] = []  # no page takes a file, and nobody may leave one on the disk
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
WHITENOISE_USE_FINDERS = LOCAL_MODE
if LOCAL_MODE:  # static files come from the apps: nothing is collected, and that is no news
    warnings.filterwarnings("ignore", "No directory at", UserWarning)
WHITENOISE_AUTOREFRESH = False
_storage = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _storage if LOCAL_MODE else "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- Language, time, logs ---------------------------------------------------------------------------------------------
LANGUAGE_CODE, TIME_ZONE, USE_TZ, USE_I18N = "en", "UTC", True, True
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO").upper()
if LOG_LEVEL not in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
    raise read.refuse("LOG_LEVEL", "say DEBUG, INFO, WARNING, ERROR or CRITICAL")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": "protocol.logs.MaskingJsonFormatter",
            "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "level": LOG_LEVEL, "propagate": True},
        # Any scanner sends a foreign Host; the answer says it, a traceback each would only fill the disk.
        "django.security.DisallowedHost": {"handlers": [], "propagate": False},
    },
}
