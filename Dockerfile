# The production image: the locked packages, the built front end, compressed static files. PostgreSQL and Valkey are
# given by DATABASE_URL and REDIS_URL.
FROM node:22-slim AS front
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run build

FROM python:3.13-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 GAM_STATE_DIR=/state GAM_STATIC_ROOT=/app/static/served GAM_COMPRESS_STATIC=1
WORKDIR /app
COPY requirements/app.txt requirements/app.txt
RUN pip install --no-cache-dir --require-hashes -r requirements/app.txt
COPY . .
COPY --from=front /app/static/dist static/dist
RUN SECRET_KEY=build DATABASE_URL=postgres://build REDIS_URL=redis://build python manage.py collectstatic --noinput \
    && python -m gam.translations \
    && mkdir -p /state && useradd --system --uid 10001 gam \
    && chown -R gam /state
USER gam
VOLUME /state
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "gam.wsgi:application", "--bind", "0.0.0.0:8000", "--worker-class", "gam.web.Worker", "--workers", "2", "--threads", "8", "--no-control-socket"]
