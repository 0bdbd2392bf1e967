#!/bin/sh
# What a container image's entry script does: Lambda leaves _HANDLER blank for images, and the runtime
# interface client reads nothing else. Arguments: Node, the client, the handler.
export _HANDLER="$3"
exec "$1" "$2" "$3"
