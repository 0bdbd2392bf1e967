#!/bin/sh
# Lambda leaves _HANDLER blank for images, and the runtime interface client reads nothing else.
export _HANDLER="$1"
# Wherever Lambda has the code of functions that are no images.
export LAMBDA_TASK_ROOT=/opt/offload/backend
# The root file system cannot be written, and the user has no home.
export HOME=/tmp
# Whatever else this user runs in here is a run's, and ends with it.
export OFFLOAD_ALONE=yes
# Of this file the kernel makes processes whose memory and environment programs of the same user cannot read.
exec /opt/offload/runtime/node /opt/offload/runtime/index.mjs "$1"
