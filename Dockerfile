# jobmock serve in a container: without a compiler, without pip, as a user without rights, on a read-only root.
#
#   docker build -t jobmock .
#   docker run --rm --read-only -p 127.0.0.1:8087:8087 -e JOBMOCK_CONTROL_TOKEN=choose-one jobmock
#
# Each option of serve is a variable: JOBMOCK_SERVE_TIME=manual. Your own scenarios are those in /scenarios.
ARG PYTHON=3.13.7

FROM python:${PYTHON}-slim-bookworm AS build
WORKDIR /source
COPY . .
RUN python3 -m pip wheel --no-cache-dir --no-deps --wheel-dir /dist . \
 && python3 -m venv --without-pip /opt/jobmock \
 && python3 -m pip --python /opt/jobmock/bin/python3 install --no-cache-dir --only-binary :all: /dist/*.whl \
 && find /opt/jobmock \( -name tests -o -name '*.pyi' -o -name '*.c' -o -name '*.pyx' \) -prune -exec rm -r {} +

FROM python:${PYTHON}-slim-bookworm
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="jobmock" \
      org.opencontainers.image.description="Mock server of the Clado deep-research and Orbit Deep Search APIs" \
      org.opencontainers.image.documentation="mockserver/README.md" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}"
COPY --from=build /opt/jobmock /opt/jobmock
RUN mkdir /scenarios
ENV PATH=/opt/jobmock/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    JOBMOCK_SERVE_HOST=0.0.0.0 \
    JOBMOCK_SERVE_SCENARIOS=/scenarios
USER 65532:65532
EXPOSE 8087
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["jobmock", "ready"]
ENTRYPOINT ["jobmock"]
CMD ["serve"]
