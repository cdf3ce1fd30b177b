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

FROM python:3.12-slim

# git and ssh to save and push, make for the Makefile. The base image decides their versions.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl git make openssh-client procps \
    && rm -rf /var/lib/apt/lists/* \
    && git config --system --add safe.directory '*' \
    && useradd --create-home --shell /bin/bash --uid 1000 learner \
    && echo "PATH=/opt/venv/bin:\$PATH" > /etc/profile.d/workshop.sh \
    && install -d -o learner -g learner /opt/venv /workshop

ENV WORKSHOP_VENV=/opt/venv \
    PATH=/opt/venv/bin:$PATH \
    PYTHONPATH=/workshop \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1
# hadolint ignore=DL3066
USER learner
WORKDIR /workshop
COPY --chown=learner:learner requirements.txt /opt/venv/requirements.txt

# torch has a layer of its own: it's the largest, and changes least.
ARG WITH_TORCH=1
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ARG TORCH_VERSION=
RUN python -m venv /opt/venv \
    && grep -E '^pip==' /opt/venv/requirements.txt > /tmp/pip.txt \
    && grep -E '^torch==' /opt/venv/requirements.txt > /tmp/torch.txt \
    && if [ -n "$TORCH_VERSION" ]; then echo "torch==$TORCH_VERSION" > /tmp/torch.txt; fi \
    && pip install -r /tmp/pip.txt \
    && if [ "$WITH_TORCH" = 1 ]; then pip install --index-url "$TORCH_INDEX" -r /tmp/torch.txt; fi \
    && rm /tmp/pip.txt /tmp/torch.txt
RUN grep -Ev '^(pip|torch)==' /opt/venv/requirements.txt > /tmp/rest.txt \
    && pip install -r /tmp/rest.txt \
    && rm /tmp/rest.txt

# What changes most comes last. PYTHONPATH makes the packages kit, workshop and nanogpt importable from here; a Dev
# Container sets it to the folder it mounts.
COPY --chown=learner:learner . /workshop
# The extension of the workshop, as the package that devcontainer.json lists.
RUN python scripts/vsix.py /opt/venv/workshop.vsix

EXPOSE 8888
CMD ["jupyter", "lab", "--ip=0.0.0.0", "--port=8888", "--no-browser", "--ServerApp.root_dir=/workshop"]
