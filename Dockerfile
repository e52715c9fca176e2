# Dailies as an image: pages, workers and follower, by the command that it is given. compose.yaml runs all
# of it; docs/operating.md says how. At run time it writes to VAR_DIR, /tmp and /dev/shm alone.
FROM python:3.11-slim-trixie AS installed
WORKDIR /srv/dailies
COPY requirements.txt ./
# Wheels alone: what is built here would be built by tools whose hashes nobody knows.
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --only-binary :all: --require-hashes -r requirements.txt

FROM python:3.11-slim-trixie
# `manage.py backup` and `restore` need PostgreSQL's programs, of the version that compose.yaml runs or a newer one.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends postgresql-client-17 \
 && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --no-create-home --home-dir /var/lib/dailies --shell /usr/sbin/nologin dailies \
 && install --directory --owner dailies --group dailies --mode 700 /var/lib/dailies

COPY --from=installed /opt/venv /opt/venv
WORKDIR /srv/dailies
COPY manage.py ./
COPY jobs jobs
COPY veo_site veo_site
COPY templates templates
COPY static static
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    VAR_DIR=/var/lib/dailies \
    STATIC_ROOT=/srv/dailies/collected

# Static files need no secret, but the settings do: these are made for this line, and gone after it. What a
# checkout lets only its owner read, or an image's user write, is set right.
RUN DAILIES_LOCAL=1 VAR_DIR=/tmp/build python manage.py collectstatic --no-input --verbosity 0 \
 && rm -r /tmp/build \
 && python -m compileall -q --invalidation-mode unchecked-hash jobs veo_site \
 && chmod -R u=rwX,go=rX .

USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import http.client as h, os, sys; c = h.HTTPConnection('127.0.0.1', int(os.environ.get('PORT') or 8000), timeout=4); c.request('GET', '/healthz'); sys.exit(c.getresponse().status != 200)"]
CMD ["gunicorn", "veo_site.wsgi", "-c", "veo_site/gunicorn.py"]
