# superfan in one small image: the binary, certificates, and an account that is not root.

FROM rust:1.95-slim-bookworm AS build
RUN apt-get update \
    && apt-get install --yes --no-install-recommends make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo build --release --locked --package superfan --bin superfan \
    && install -D --strip target/release/superfan /out/superfan

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/superfan --create-home superfan
COPY --from=build /out/superfan /usr/local/bin/superfan
USER superfan
WORKDIR /var/lib/superfan
ENV SUPERFAN_LISTEN=0.0.0.0:8080 \
    SUPERFAN_DATA_DIR=/var/lib/superfan
VOLUME /var/lib/superfan
EXPOSE 8080
# The image has no HTTP client; bash speaks enough of it to read one status line.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["bash", "-c", "\
    exec 3<>/dev/tcp/127.0.0.1/${SUPERFAN_LISTEN##*:} || exit 1; \
    printf 'GET /healthz HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3; \
    read -r -t 4 status <&3; [[ $status == *' 200 '* ]]"]
ENTRYPOINT ["superfan"]
CMD ["serve"]
