"""Every setting, one file, read top to bottom; `.env.example` says what each name means.

Local mode is a SITE_URL whose host is loopback; everything else is production and refuses to start on a bad value.
"""

import re
import warnings
from pathlib import Path

from openwearables import connections
from openwearables import environment as read
from openwearables.logging import logging_at
from openwearables.policies import CONTENT_SECURITY_POLICY, PERMISSIONS_POLICY  # noqa: F401 - settings by name
from openwearables.rest import REST_FRAMEWORK, SPECTACULAR_SETTINGS  # noqa: F401 - settings by name

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
SERVERS = read.number(env, "SERVERS", 1, most=10_000)

# --- Secrets ----------------------------------------------------------------------------------------------------------
SECRET_KEY = read.secret(env, "SECRET_KEY")
SECRET_KEY_FALLBACKS = read.secrets(env, "SECRET_KEY_FALLBACKS")
JWT_SIGNING_KEYS = read.secret_set(env, "JWT_SIGNING_KEYS")
API_KEY_PEPPERS = read.secret_set(env, "API_KEY_PEPPERS")
AUDIT_KEY = read.secret(env, "AUDIT_KEY")
MFA_ENCRYPTION_KEYS = read.factor_keys(env, SECRET_KEY, local=LOCAL_MODE)
METRICS_TOKEN = read.secret(env, "METRICS_TOKEN", needed=False)
_sets = (JWT_SIGNING_KEYS, API_KEY_PEPPERS, MFA_ENCRYPTION_KEYS)
if len({SECRET_KEY, AUDIT_KEY}.union(*(keys.values() for keys in _sets))) < 2 + sum(map(len, _sets)):
    raise read.refuse("JWT_SIGNING_KEYS", "every secret must be its own: two of them are the same")

# --- Tokens, keys, limits (seconds) -----------------------------------------------------------------------------------
ACCESS_TOKEN_LIFETIME = read.number(env, "ACCESS_TOKEN_LIFETIME", 3600, least=10, most=86400)
REFRESH_TOKEN_LIFETIME = read.number(env, "REFRESH_TOKEN_LIFETIME", 14 * 86400, least=10)
SESSION_ABSOLUTE_LIFETIME = read.number(env, "SESSION_ABSOLUTE_LIFETIME", 90 * 86400, least=10)
REFRESH_LEEWAY = read.number(env, "REFRESH_LEEWAY", 30, least=0, most=60)
KEY_REAUTH_SECONDS = read.number(env, "KEY_REAUTH_SECONDS", 3600)
PORTAL_REAUTH_SECONDS = min(900, KEY_REAUTH_SECONDS)
ADMIN_FRESH_SECONDS = 8 * 3600
API_KEY_RATE_LIMIT = read.rates(env, "API_KEY_RATE_LIMIT", "600/60")[0]
API_KEY_RATE_LIMIT_MAX = read.rates(env, "API_KEY_RATE_LIMIT_MAX", "6000/60")[0]
TEAM_RATE_LIMIT = read.optional_rate(env, "TEAM_RATE_LIMIT")
DEVELOPER_RATE_LIMIT = read.rates(env, "DEVELOPER_RATE_LIMIT", "30000/60")[0]
API_KEYS_PER_TEAM = read.number(env, "API_KEYS_PER_TEAM", 100, most=100_000)
LOGIN_RATE_LIMIT = read.rates(env, "LOGIN_RATE_LIMIT", "10/900,100/900,100/86400", count=3)
PASSWORD_MIN_LENGTH = read.number(env, "PASSWORD_MIN_LENGTH", 12, least=8, most=64)
SIGNUP_OPEN = read.switch(env, "SIGNUP_OPEN")
REVOKE_KEYS_SENT_OVER_HTTP = read.switch(env, "REVOKE_KEYS_SENT_OVER_HTTP")
REVOKE_REPORTED_KEYS = read.switch(env, "REVOKE_REPORTED_KEYS", default=True)
CORS_ALLOWED_ORIGINS = read.origins(env)

# --- What is written down, and for how long (days, where nothing else is said) ----------------------------------------
USAGE_FLUSH_SECONDS = read.number(env, "USAGE_FLUSH_SECONDS", 2, most=60)
USAGE_IN_BACKGROUND = True
USAGE_HOURS_KEPT = read.number(env, "USAGE_HOURS_KEPT", 35, least=8, most=3650)
USAGE_DAYS_KEPT = read.number(env, "USAGE_DAYS_KEPT", 400, least=31, most=3650)
REQUESTS_KEPT = read.number(env, "REQUESTS_KEPT", 10_000, least=100, most=1_000_000)  # rows of a team
REQUESTS_KEPT_DAYS = read.number(env, "REQUESTS_KEPT_DAYS", 7, most=365)
REQUESTS_SAMPLED = read.number(env, "REQUESTS_SAMPLED", 100, most=100_000)  # successes a second and process
ALERTS_KEPT_DAYS = read.number(env, "ALERTS_KEPT_DAYS", 90, least=7, most=3650)
SESSIONS_KEPT = read.number(env, "SESSIONS_KEPT", 90, most=3650)  # after their end
MAILS_KEPT = read.number(env, "MAILS_KEPT", 3, most=365)  # that could not be sent

# --- Database, counters, mail -----------------------------------------------------------------------------------------
DATABASES = {"default": connections.database(env, BASE_DIR)}
REDIS_URL = connections.redis_url(env)
connections.check_shared(WORKERS * SERVERS, DATABASES["default"], REDIS_URL, local=LOCAL_MODE)
globals().update(connections.mail(env, local=LOCAL_MODE))
DEFAULT_FROM_EMAIL = connections.sender(env, SITE_HOST)
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
    "allauth.mfa",
    "corsheaders",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]
MIDDLEWARE = [
    "protocol.middleware.RequestMiddleware",
    "apikeys.middleware.UsageMiddleware",
    "openwearables.health.HealthMiddleware",
    "openwearables.middleware.SecurityHeadersMiddleware",
    "openwearables.pages.CrossOrigin",
    "apikeys.plain_http.PlainHttpMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "protocol.middleware.ProblemMiddleware",
    "openwearables.pages.PagesOnly",
    # The API is at its view by now.
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
    "allauth.account.middleware.AccountMiddleware",
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
                "accounts.current_team.in_templates",
                "accounts.look.in_templates",
            ],
        },
    },
]
SIMPLE_JWT = {
    "AUTH_TOKEN_CLASSES": ("accounts.signing.SessionAccessToken",),
    "USER_ID_CLAIM": "sub",
    "SIGNING_KEY": next(iter(JWT_SIGNING_KEYS.values())),
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
REQUIRE_STAFF_MFA = read.switch(env, "REQUIRE_STAFF_MFA", default=not LOCAL_MODE)
MFA_ADAPTER = "accounts.factors.adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["recovery_codes", "totp", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RATE_LIMITS = False  # as above
MFA_TOTP_ISSUER = "Open Wearables"
MFA_TOTP_TOLERANCE = 1  # steps of 30 seconds: clocks of telephones go wrong
MFA_RECOVERY_CODE_DIGITS = 10  # a TOTP code has 6: the length tells which is meant
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = LOCAL_MODE  # http://localhost

# --- Browsers ---------------------------------------------------------------------------------------------------------
_host = "" if LOCAL_MODE else "__Host-"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_host}ow_session", f"{_host}ow_csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = not LOCAL_MODE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = REFRESH_TOKEN_LIFETIME
SESSION_ENGINE = "accounts.browser_store"
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

FORM_RENDERER = "protocol.form_renderer.FormRenderer"

# --- Language, time, logs ---------------------------------------------------------------------------------------------
LANGUAGE_CODE, TIME_ZONE, USE_TZ, USE_I18N = "en", "UTC", True, True
FORMAT_MODULE_PATH = ["openwearables.formats"]
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO").upper()
if LOG_LEVEL not in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
    raise read.refuse("LOG_LEVEL", "say DEBUG, INFO, WARNING, ERROR or CRITICAL")
LOGGING = logging_at(LOG_LEVEL)
