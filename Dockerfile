# The workshop's image: everything it needs, and a copy of this folder without its git history.
#
# A Dev Container (VS Code, Codespaces) builds this image and mounts your clone: .devcontainer/devcontainer.json.
# To use it without one, mount your clone over the copy, so that your answers stay when the container is gone:
#
#   docker build -t workshop .
#   docker run --rm -p 127.0.0.1:8888:8888 -v "$PWD:/workshop" workshop      # then open the URL it prints
#
# For another torch, add --build-arg TORCH_VERSION=2.7.1 to the build; for a GPU, add
# --build-arg TORCH_INDEX=https://download.pytorch.org/whl/cu124. The user inside has the id 1000; if yours (`id -u`) is
# different, add `--user "$(id -u):0" -e HOME=/tmp` to the run.
#
# Behind a proxy, add --build-arg HTTP_PROXY --build-arg HTTPS_PROXY. If it re-encrypts what passes through it, also
# --build-arg CA_CERTIFICATE="$(cat proxy.crt)"; to trust what your machine trusts in an image that's built already, add
# -v /etc/ssl/certs/ca-certificates.crt:/etc/ssl/certs/ca-certificates.crt:ro to the run.

FROM python:3.12-slim

# git and ssh to save and push, make for the Makefile. The base image decides their versions. The proxy's arguments are
# known to every build, and stay out of the image's history as long as they aren't declared; apt reads small letters.
ARG CA_CERTIFICATE=
# hadolint ignore=DL3008
RUN if [ -n "$CA_CERTIFICATE" ]; then \
        printf '%s\n' "$CA_CERTIFICATE" > /usr/local/share/ca-certificates/added.crt && update-ca-certificates; \
    fi \
    && export http_proxy="${http_proxy:-$HTTP_PROXY}" https_proxy="${https_proxy:-$HTTPS_PROXY}" \
    && apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl git make openssh-client procps \
    && rm -rf /var/lib/apt/lists/* \
    && git config --system --add safe.directory '*' \
    && useradd --create-home --shell /bin/bash --uid 1000 learner \
    && echo "PATH=/opt/venv/bin:\$PATH" > /etc/profile.d/workshop.sh \
    && install -d -o learner -g learner /opt/venv /workshop

ENV WORKSHOP_VENV=/opt/venv \
    PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/workshop \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
    PIP_CERT=/etc/ssl/certs/ca-certificates.crt \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1
# hadolint ignore=DL3066
USER learner
WORKDIR /workshop
COPY --chown=learner:learner requirements.txt /opt/venv/requirements.txt

# torch has a layer of its own: it's the largest, and changes least. Empty arguments mean what's usual, since a Dev
# Container passes on what the host has set. If the index can't be reached, torch comes from the default one (5 GB).
ARG WITH_TORCH=1
ARG TORCH_INDEX=
ARG TORCH_VERSION=
RUN python -m venv /opt/venv \
    && grep -E '^pip==' /opt/venv/requirements.txt > /tmp/pip.txt \
    && grep -E '^torch==' /opt/venv/requirements.txt > /tmp/torch.txt \
    && if [ -n "$TORCH_VERSION" ]; then echo "torch==$TORCH_VERSION" > /tmp/torch.txt; fi \
    && pip install -r /tmp/pip.txt \
    && if [ "$WITH_TORCH" = 1 ]; then \
        pip install --retries 0 --timeout 5 -r /tmp/torch.txt \
            --index-url "${TORCH_INDEX:-https://download.pytorch.org/whl/cpu}" \
        || pip install -r /tmp/torch.txt; \
    fi \
    && rm /tmp/pip.txt /tmp/torch.txt
RUN grep -Ev '^(pip|torch)==' /opt/venv/requirements.txt > /tmp/rest.txt \
    && pip install -r /tmp/rest.txt \
    && rm /tmp/rest.txt \
    && ln -s /workshop/labextension /opt/venv/share/jupyter/labextensions/workshop

# What changes most comes last. PYTHONPATH makes the packages kit, workshop and nanogpt importable from here; a Dev
# Container sets it to the folder it mounts.
COPY --chown=learner:learner . /workshop
# The extension of the workshop, as the package that devcontainer.json lists.
RUN python scripts/vsix.py /opt/venv/workshop.vsix

EXPOSE 8888
CMD ["jupyter", "lab", "--ip=0.0.0.0", "--port=8888", "--no-browser", "--ServerApp.root_dir=/workshop"]
