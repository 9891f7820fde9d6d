"""The one settings file: everything comes from the environment or from .env (docs/settings.md)."""

from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
from csp.constants import NONE, SELF

from freetemp import __version__, zone_rules
from freetemp.conf import (
    api_description,
    cache_url,
    database_url,
    email_url,
    environment,
    map_tiles,
    mqtt_url,
    oidc,
    owner_only,
    server_record,
)
from freetemp.conf.env import Env

zone_rules.use_newest()  # Before any ZoneInfo is made: settings are the first thing that every process loads.
django_stubs_ext.monkeypatch()  # For ListView[Station] and the like, which Django itself accepts only in annotations.

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env(BASE_DIR / ".env")

VAR_DIR = BASE_DIR / (env.str("VAR_DIR", default="") or "var")
owner_only.set_umask(VAR_DIR)
FILE_UPLOAD_PERMISSIONS = None  # By the umask, instead of Django's 0o644.

SECRET_KEY = environment.secret_key(env.str("SECRET_KEY", default=""))
# WiFi passwords: the first encrypts, all decrypt. None: the server runs, and the admin says what to set.
ENCRYPTION_KEYS = environment.encryption_keys(env.words("ENCRYPTION_KEYS"))
DEBUG = env.on_or_off("DEBUG", default=False)
# The address of these settings, and the one that people and boards use: that of a running server if it knows better.
GIVEN_SERVER_URL = environment.server_url(
    env.str("SERVER_URL", default="") or "http://127.0.0.1:8000", env.str("SCRIPT_NAME", default="")
)
SERVER_URL = server_record.address(GIVEN_SERVER_URL, VAR_DIR, is_final=env.is_of_the_environment("SERVER_URL"))
SERVER_ORIGIN, FORCE_SCRIPT_NAME = environment.origin_and_path(SERVER_URL)
ALLOWED_HOSTS = environment.hosts(SERVER_URL, env.words("ALLOWED_HOSTS"))
TRUSTED_PROXIES = environment.networks(env.words("TRUSTED_PROXIES"))
# The default zone of a new station; each station has its own days and years.
STATION_TIME_ZONE = environment.time_zone(env.str("STATION_TIME_ZONE", default="UTC"))
# The map on the first page, and its credit. None: no map, and pages load nothing from elsewhere.
MAP_TILES = map_tiles.map_tiles(env.str("MAP_TILES_URL", default=""), tls=SERVER_URL.startswith("https://"))
MAP_CREDIT = map_tiles.map_credit(env.str("MAP_ATTRIBUTION", default=""))

# The MQTT broker to which listen_mqtt listens. None: there is none.
MQTT_BROKER = mqtt_url.broker(env.str("MQTT_URL", default=""))
# Whether the broker lets a user write only below the number of its own station, as deploy/mosquitto-freetemp.conf does.
MQTT_PROVES_STATIONS = env.on_or_off("MQTT_PROVES_STATIONS", default=False)
# Whether it publishes what public stations measure, so that Home Assistant finds them.
MQTT_PUBLISHES = env.on_or_off("MQTT_PUBLISHES", default=False)

INSTALLED_APPS = [
    "freetemp",
    "audit",
    "stations",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "accounts",
    "readings",
    "firmware",
    "outages",
    "alerts",
    "uploads",
    "stations.admin_site.StationAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "freetemp.staticfiles.CollectedFilesConfig",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

# The first middleware passes a board's request to its view: it needs no hosts, cookies, redirects or headers.
MIDDLEWARE = [
    "freetemp.http.board_requests.BoardMiddleware",
    "freetemp.http.plain_tokens.PlainTokenMiddleware",
    "freetemp.http.short_way.ShortWayMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "freetemp.http.static_files.StaticFilesMiddleware",
    "freetemp.http.content_policy.ContentPolicyMiddleware",
    "freetemp.http.resource_policy.ResourcePolicyMiddleware",
    "freetemp.http.private_answers.PrivateAnswersMiddleware",
    "freetemp.http.refusals.RefusalMiddleware",
    "freetemp.logins.middleware.LoginMiddleware",
    "freetemp.http.compression.CompressionMiddleware",
    "freetemp.http.language.LanguageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "audit.middleware.ActorMiddleware",
    "accounts.links.middleware.LinkMiddleware",
    "accounts.tokens.middleware.TokenMiddleware",
    "freetemp.http.bodies.BodyMiddleware",  # CsrfViewMiddleware reads a form later, right before the view.
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "freetemp.urls"
WSGI_APPLICATION = "freetemp.wsgi.application"

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

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": database_url.database(env.str("DATABASE_URL", default=""), VAR_DIR, BASE_DIR)}
if DATABASES["default"]["ENGINE"] == database_url.SQLITE:
    DATABASES["default"]["ENGINE"] = "freetemp.sqlite"
    DATABASES["default"]["CONN_MAX_AGE"] = None  # Opening the file again costs more than a report.
    DATABASES["default"]["OPTIONS"] = {
        # A writer takes its lock first: upgrading a read lock fails at once instead of waiting.
        "transaction_mode": "IMMEDIATE",
        "timeout": 4,  # Seconds: a board waits no longer for its 503.
        "cached_statements": 40,  # Compiled: a page has 30, of up to 80 kB each, in each thread.
        # FULL: a reading that was answered OK survives a power cut. WAL: pages can be read while boards write.
        # 1,000 KiB of cache: each thread has a connection. A log of 16 MB: a page that many reports change is then
        # written to the database once for all of them, which saves time and an SD card.
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=4000; PRAGMA cache_size=-1000;"
            " PRAGMA wal_autocheckpoint=4000;"
        ),
    }
else:
    DATABASES["default"]["ENGINE"] = "freetemp.postgresql"
    # The same four seconds, for a server that does not answer. A machine that is gone is noticed within half a minute.
    limits = {"connect_timeout": 4, "prepare_threshold": 5}
    limits |= {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 20_000}
    DATABASES["default"]["OPTIONS"] = limits | DATABASES["default"].get("OPTIONS", {})
    DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

# All processes count wrong keys together here, on all nodes.
CACHES = {
    "default": cache_url.shared_cache(
        env.str("CACHE_URL", default=""), VAR_DIR, has_nodes=DATABASES["default"]["ENGINE"] == "freetemp.postgresql"
    )
}

# With it, /metrics has the stations that are not public too. Empty: only a staff session does that.
METRICS_TOKEN = environment.metrics_token(env.str("METRICS_TOKEN", default=""))

# Raw readings older than this are removed by apply_retention. None: they are kept for ever.
RETENTION_DAYS = env.number("RETENTION_DAYS", default=None, least=1)

# Days for which what people did is kept. Three years: an audit asks about the last ones, and events have the names and
# addresses of people, which nobody may keep without a use. None: they are kept for ever.
AUDIT_DAYS = env.number("AUDIT_DAYS", default=1096) or None

# What is left of the disk for single values and logins when reports of many and uploads have to wait.
# None: 1 %, at least 100 MB.
DISK_RESERVE_MB = env.number("DISK_RESERVE_MB", default=None)

# Mail for alerts. None: a channel has an address of another kind, or the admin says what to set.
EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD, EMAIL_USE_TLS, EMAIL_USE_SSL = email_url.mail_server(
    env.str("EMAIL_URL", default="")
)
EMAIL_TIMEOUT = 10  # Seconds. Django's own has no end, and a silent server would hold the watch.
MAIL_FROM = env.str("MAIL_FROM", default="")
DEFAULT_FROM_EMAIL = MAIL_FROM or f"freetemp@{urlsplit(SERVER_URL).hostname}"
# An address that the watch asks once a minute, so that somebody else notices a dead server.
WATCH_PING_URL = env.str("WATCH_PING_URL", default="")

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": name}
    for name in (
        "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "django.contrib.auth.password_validation.MinimumLengthValidator",
        "django.contrib.auth.password_validation.CommonPasswordValidator",
        "django.contrib.auth.password_validation.NumericPasswordValidator",
        "freetemp.logins.own_words.OwnWordsValidator",
    )
]
# The first answers for roles in groups of stations, and has no passwords of its own.
AUTHENTICATION_BACKENDS = ["stations.access.RoleBackend", "django.contrib.auth.backends.ModelBackend"]
SESSION_ENGINE = "freetemp.logins.sessions"
# A login ends two weeks after it began, or a week after the last page.
SESSION_COOKIE_AGE = environment.login_hours(env.number("SESSION_HOURS", default=None, least=1), 336) * 3600
SESSION_IDLE_S = environment.login_hours(env.number("SESSION_IDLE_HOURS", default=None, least=1), 168) * 3600
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "account"

# Who has to show a second factor: nobody, staff, or everybody who logs in.
SECOND_FACTOR = environment.choice(
    "SECOND_FACTOR", env.str("SECOND_FACTOR", default="") or "optional", ("optional", "staff", "everybody")
)
# Single sign-on by OpenID Connect: accounts/oidc/. None: there is none, and nothing of it is loaded.
OIDC = oidc.provider(
    {
        "OIDC_ISSUER": env.str("OIDC_ISSUER", default=""),
        "OIDC_CLIENT_ID": env.str("OIDC_CLIENT_ID", default=""),
        "OIDC_CLIENT_SECRET": env.str("OIDC_CLIENT_SECRET", default=""),
        "OIDC_NAME": env.str("OIDC_NAME", default=""),
        "OIDC_SCOPES": env.str("OIDC_SCOPES", default=""),
        "OIDC_GROUPS_CLAIM": env.str("OIDC_GROUPS_CLAIM", default=""),
        "OIDC_SECOND_FACTOR": env.str("OIDC_SECOND_FACTOR", default=""),
    },
    session_hours=env.number("OIDC_SESSION_HOURS", default=None, least=1),
)
ACCOUNT_ADAPTER = "accounts.login.adapter.AccountAdapter"
ACCOUNT_FORMS = {"login": "accounts.login.forms.LoginForm", "reauthenticate": "accounts.login.forms.ConfirmForm"}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # A server at home has no mail.
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_SESSION_COOKIE_AGE = SESSION_COOKIE_AGE
ACCOUNT_RATE_LIMITS = False  # freetemp.logins counts: accounts.checks says why these would not hold.
MFA_ADAPTER = "accounts.factors.adapter.FactorAdapter"
MFA_FORMS = {
    "authenticate": "accounts.factors.forms.CodeForm",
    "reauthenticate": "accounts.factors.forms.ConfirmCodeForm",
    "activate_totp": "accounts.factors.forms.AppForm",
    "add_webauthn": "accounts.factors.passkey_forms.AddPasskeyForm",
    "edit_webauthn": "accounts.factors.passkey_forms.RenamePasskeyForm",
    "authenticate_webauthn": "accounts.factors.passkey_forms.PasskeyForm",
    "login_webauthn": "accounts.factors.passkey_forms.PasskeyLoginForm",
    "reauthenticate_webauthn": "accounts.factors.passkey_forms.ConfirmPasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1  # Steps of 30 s: neither a telephone's clock nor a Raspberry Pi's is always right.
MFA_RATE_LIMITS = False

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = f"{FORCE_SCRIPT_NAME or ''}/static/"  # A relative one would get the path only in commands.
STATIC_ROOT = VAR_DIR / "static"
NODE_MODULES = BASE_DIR / "node_modules"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("uplot", NODE_MODULES / "uplot" / "dist"),
    ("leaflet", NODE_MODULES / "leaflet" / "dist"),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "freetemp.staticfiles.ModuleStorage"},
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.tokens.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
        "accounts.links.authentication.LinkAuthentication",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["freetemp.http.json_body.JsonBodyParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "NUM_PROXIES": 0,  # freetemp.http.proxies handles X-Forwarded-For; None would trust every sender.
}
SPECTACULAR_SETTINGS = {
    "TITLE": "freetemp",
    "DESCRIPTION": api_description.description(SERVER_URL),
    "TAGS": api_description.TAGS,
    "SORT_OPERATIONS": api_description.position,
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "defaultModelsExpandDepth": 0},  # The shapes stay folded.
    "ENUM_NAME_OVERRIDES": {
        "CorrectionKind": ["set_aside", "sensor"],
        "SumKind": ["sum"],
        "DirectionKind": ["direction"],
    },
    "VERSION": __version__,
    "SERVE_INCLUDE_SCHEMA": False,
    "AUTHENTICATION_WHITELIST": [  # Without the sessions of the pages' own scripts.
        "accounts.tokens.authentication.TokenAuthentication",
        "firmware.api.authentication.FlashTokenAuthentication",
        "stations.authentication.BasicKeyAuthentication",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVERS": [{"url": FORCE_SCRIPT_NAME}] if FORCE_SCRIPT_NAME else [],  # Where the paths of the schema begin.
}

# Protection of visitors. SERVER_URL tells whether there is TLS: https turns on everything that needs it.
TLS = SERVER_URL.startswith("https://")
SECURE_SSL_REDIRECT = TLS
SESSION_COOKIE_SECURE = TLS
CSRF_COOKIE_SECURE = TLS
# HSTS binds a whole name for a year. Below a path, the name is another program's to bind.
SECURE_HSTS_SECONDS = env.number("HSTS_SECONDS", default=31_536_000 if TLS and not FORCE_SCRIPT_NAME else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = TLS and env.on_or_off("HSTS_INCLUDE_SUBDOMAINS", default=False)
SECURE_HSTS_PRELOAD = TLS and env.on_or_off("HSTS_PRELOAD", default=False)
CSRF_TRUSTED_ORIGINS = [SERVER_ORIGIN] if TLS else []
# Below a path, other programs of the same name have cookies too: theirs do not come here, and ours have other names.
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = LANGUAGE_COOKIE_PATH = FORCE_SCRIPT_NAME or "/"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME, MESSAGES_COOKIE_NAME, LANGUAGE_COOKIE_NAME, UNITS_COOKIE_NAME = (
    environment.cookie_names(FORCE_SCRIPT_NAME, tls=TLS)
)
MESSAGE_STORAGE = "freetemp.http.message_cookie.MessageStorage"
# The links to private stations that were opened. Django's reports of errors leave out what has “secret” in its name.
LINK_COOKIE_NAME = SESSION_COOKIE_NAME.replace("sessionid", "link_secrets")
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
# HSTS for subdomains and in browsers' own lists (W005, W021) is for whoever owns the whole domain to choose.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
if FORCE_SCRIPT_NAME:
    SILENCED_SYSTEM_CHECKS += ["security.W004"]  # HSTS; see above.
if not TLS:
    # Without TLS these four cannot be met. freetemp.checks warns unless it is a home network.
    SILENCED_SYSTEM_CHECKS += ["security.W004", "security.W008", "security.W012", "security.W016"]

LOG_LEVEL = environment.log_level(env.str("LOG_LEVEL", default="") or "INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "one_line": {"()": "freetemp.log_lines.OneLine"},
        "mask_keys": {"()": "freetemp.masking.MaskKeys"},
    },
    "formatters": {"plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["one_line", "mask_keys"]},
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "level": LOG_LEVEL},
        # A refused report is an answer, not an event: Django would log a line for each.
        "django.request": {"level": "ERROR"},
        "fido2": {"level": "WARNING"},  # It tells the number of each passkey that is used.
    },
}
