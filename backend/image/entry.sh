#!/bin/sh
# Lambda leaves _HANDLER blank for images, and the runtime interface client reads nothing else.
export _HANDLER="$1"
# The root file system cannot be written, and the user has no home.
export HOME=/tmp
exec /opt/offload/bin/node /opt/offload/runtime/index.mjs "$1"
