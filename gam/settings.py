"""Settings of every process: development, tests and production differ by environment variables only (docs/reference)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import environ
import pgtrigger
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from gam import environment
from gam.logs import logging_settings

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
STATE = environment.state()

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = environment.secret_key()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[]) or environment.LOOPBACK_HOSTS

# On loopback the product speaks plain HTTP; under a public name it stands behind a proxy that speaks HTTPS.
IS_PUBLIC = not set(ALLOWED_HOSTS) <= set(environment.LOOPBACK_HOSTS)
SECURE_COOKIES = env.bool("SECURE_COOKIES", default=IS_PUBLIC and not DEBUG)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
# Two state folders side by side are told apart by port alone, and cookies know no ports.
SESSION_COOKIE_NAME = f"gam_session_{environment.port()}"
CSRF_COOKIE_NAME = f"gam_csrf_{environment.port()}"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_PUBLIC else None
SECURE_HSTS_SECONDS = 31_536_000 if SECURE_COOKIES else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

GAM_TIME_ZONE = env.str("GAM_TIME_ZONE", default="") or "UTC"
_AS_OF = env.str("GAM_AS_OF", default="")
GAM_AS_OF: dt.date | None = dt.date.fromisoformat(_AS_OF) if _AS_OF else None
GAM_REPORTING_CURRENCIES = [
    code.strip().upper() for code in (env.str("GAM_REPORTING_CURRENCIES", default="") or "EUR,USD").split(",")
]
GAM_RATE_MAX_AGE_DAYS = int(env.str("GAM_RATE_MAX_AGE_DAYS", default="") or 7)
GAM_FISCAL_YEAR_START = int(env.str("GAM_FISCAL_YEAR_START", default="") or 1)
# When the forecast of a week is frozen, in the organisation's time zone.
GAM_FORECAST_WEEKDAY = (env.str("GAM_FORECAST_WEEKDAY", default="") or "mon").lower()
GAM_FORECAST_HOUR = int(env.str("GAM_FORECAST_HOUR", default="") or 6)

ROOMS = [
    "imports",
    "workspace",
    "coverage",
    "rollups",
    "pipeline",
    "revenue",
    "accounts",
    "teams",
    "regions",
    "money",
    "users",
    "core",
]
INSTALLED_APPS = [
    "gam",
    *ROOMS,
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django_countries",
    "django_htmx",
    "template_partials",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "django_filters",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "pgtrigger",
    "pghistory",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.redirects.MergedAccounts",
]

ROOT_URLCONF = "gam.urls"
WSGI_APPLICATION = "gam.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.context.page",
                "gam.navigation.navigation",
                "workspace.context.page",
            ],
        },
    }
]
FORM_RENDERER = "core.form_rendering.Renderer"

_DATABASE = environment.database_settings(environment.database_url())
DATABASES = {
    "default": {
        **_DATABASE,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": environment.redis_url()}}

# Change history: statement-level triggers, so that a set-based import writes its events as a set too.
PGHISTORY_LEVEL = pgtrigger.Statement

AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "users.adapters.AccountAdapter"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("de", _("German")), ("ar", _("Arabic"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = GAM_TIME_ZONE
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("GAM_STATIC_ROOT", default="") or STATE.static)
STATICFILES_DIRS = [BASE_DIR / "static" / "dist"]
# Compressing takes longer than everything else at a start: only the production image does it.
_STORAGE = "CompressedFiles" if env.bool("GAM_COMPRESS_STATIC", default=False) else "HashedFiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": f"gam.staticfiles.{_STORAGE}"},
}
MEDIA_ROOT = STATE.folder / "media"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsing.ExactJSONParser"],
    "EXCEPTION_HANDLER": "core.api.problems.handler",
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "core.api.schema.ProblemSchema",
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "GAM",
    "DESCRIPTION": "Global account management: customers, structures, teams, coverage, pipeline, revenue and figures.",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": True,
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [],  # code lists stand where they are used; the hook would name them after collisions
}

_EMAIL = env.email_url("EMAIL_URL", default="consolemail://")
EMAIL_BACKEND = _EMAIL["EMAIL_BACKEND"]
EMAIL_HOST, EMAIL_PORT = _EMAIL["EMAIL_HOST"] or "localhost", _EMAIL["EMAIL_PORT"] or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _EMAIL["EMAIL_HOST_USER"] or "", _EMAIL["EMAIL_HOST_PASSWORD"] or ""
EMAIL_FILE_PATH = _EMAIL.get("EMAIL_FILE_PATH")
EMAIL_TIMEOUT = 30
EMAIL_USE_TLS, EMAIL_USE_SSL = _EMAIL.get("EMAIL_USE_TLS", False), _EMAIL.get("EMAIL_USE_SSL", False)

DEFAULT_FROM_EMAIL = env.str("GAM_EMAIL_FROM", default="") or "GAM <gam@localhost>"
# Where readers reach the product: what an e-mail links to.
GAM_BASE_URL = env.str("GAM_BASE_URL", default="") or f"http://{environment.LOOPBACK}:{environment.port()}"

LOGGING_CONFIG = None
logging_settings(debug=DEBUG)

CELERY_BROKER_URL = environment.broker_url()
# A task that was running when its worker died is delivered again after this long; ours are idempotent.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_IGNORE_RESULT = True
# Figures follow a change within moments: their queue has a worker of its own (`programs.py`).
CELERY_TASK_ROUTES = {"rollups.tasks.drain": {"queue": "rollups"}}
CELERY_TIMEZONE = GAM_TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(STATE.folder / "beat-schedule")
CELERY_BEAT_SCHEDULE: dict[str, dict[str, object]] = {
    # An import whose worker died is found in the database and taken up again.
    "resume-interrupted-imports": {"task": "imports.tasks.resume_interrupted", "schedule": 60.0},
    "resume-interrupted-proposals": {"task": "coverage.tasks.resume_proposals", "schedule": 60.0},
    # More often than once an hour: readers' hours begin in zones of half and quarter hours too.
    "send-digests": {"task": "workspace.tasks.send_digests", "schedule": 300.0, "options": {"expires": 300.0}},
    "forget-import-previews": {"task": "imports.tasks.forget_previews", "schedule": 3600.0},
    # Idempotent: what a killed worker had not committed is done by the next.
    "carry-out-hand-overs": {"task": "coverage.tasks.carry_out_hand_overs", "schedule": 900.0},
    # The worker hears of changed facts from PostgreSQL; this is for what it did not hear.
    "drain-rollups": {"task": "rollups.tasks.drain", "schedule": 2.0, "options": {"expires": 2.0}},
    # One a week: what a killed worker had not committed is found missing and taken by the next.
    "freeze-forecast": {"task": "rollups.tasks.freeze_forecast", "schedule": 300.0, "options": {"expires": 300.0}},
    "tidy-rollup-runs": {"task": "rollups.tasks.tidy", "schedule": 60.0, "options": {"expires": 60.0}},
    # After the check, so that scores of the night are of figures that were found right.
    "keep-lead-scores": {"task": "pipeline.tasks.keep_lead_scores", "schedule": crontab(hour=3, minute=40)},
    "keep-alignment-scores": {"task": "coverage.tasks.keep_scores", "schedule": crontab(hour=3, minute=50)},
    # After alignment, which is a part of an account's health.
    "keep-scores": {"task": "workspace.tasks.keep_scores", "schedule": crontab(hour=4, minute=10)},
    "verify-rollups": {"task": "rollups.tasks.verify", "schedule": crontab(hour=3, minute=20)},
}
