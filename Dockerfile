# Two stages: pip and its caches stay in the first, the second holds the environment and the code, nothing to build with.
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
COPY requirements.txt /tmp/requirements.txt
RUN python -m venv /venv && /venv/bin/pip install --require-hashes --no-deps -r /tmp/requirements.txt

FROM python:3.11-slim-bookworm
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 WEB_CONCURRENCY=2
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin app
WORKDIR /app
COPY --from=build /venv /venv
COPY . .
# Static files are made the production way; the values exist for this one command and are not kept.
RUN env SITE_URL=https://build.invalid ALLOWED_HOSTS=build.invalid TRUSTED_PROXIES=none EMAIL_URL=none \
        DEFAULT_FROM_EMAIL=build@build.invalid \
        DATABASE_URL=postgres://build@build.invalid/build REDIS_URL=redis://build.invalid:6379/0 \
        SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(48))')" \
        AUDIT_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(48))')" \
        JWT_SIGNING_KEYS="build:$(python -c 'import secrets; print(secrets.token_urlsafe(48))')" \
        API_KEY_PEPPERS="build:$(python -c 'import secrets; print(secrets.token_urlsafe(48))')" \
        MFA_ENCRYPTION_KEYS="build:$(python -c 'import secrets; print(secrets.token_urlsafe(48))')" \
        python manage.py collectstatic --noinput
# The code belongs to root: the process can read it, not change it.
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=2)"]
# gunicorn reads the number of workers from WEB_CONCURRENCY and the rest from gunicorn.conf.py.
CMD ["gunicorn", "openwearables.wsgi", "--bind", "0.0.0.0:8000"]
