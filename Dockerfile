# Two stages: the first installs the locked packages, the second carries only what runs, as a user without rights.
FROM python:3.13-slim AS build
RUN pip install --no-cache-dir uv==0.13.9
WORKDIR /parapet
ENV UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1 UV_PYTHON_DOWNLOADS=never
COPY pyproject.toml uv.lock ./
RUN uv sync --frozen --no-default-groups --extra postgres --no-install-project
COPY README.md CHANGELOG.md ./
COPY app app
COPY auth auth
COPY data data
COPY pages pages
COPY assets assets
RUN uv sync --frozen --no-default-groups --extra postgres --no-editable

FROM python:3.13-slim
RUN useradd --system --uid 10001 --create-home parapet && install -d -o parapet /var/lib/parapet
COPY --from=build /parapet /parapet
WORKDIR /parapet
USER parapet
ENV PATH=/parapet/.venv/bin:$PATH PYTHONUNBUFFERED=1 PARAPET_HOST=0.0.0.0 PARAPET_HOME=/var/lib/parapet
VOLUME /var/lib/parapet
EXPOSE 8050
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ.get(\"PARAPET_PORT\", \"8050\")}/health', timeout=2)"]
CMD ["parapet", "serve"]
