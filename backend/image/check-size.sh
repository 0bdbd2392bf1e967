#!/bin/sh
# Prints the size of an image, and fails where it is more than it may be. Arguments: the image; the command line of an
# engine that is not Docker.
limit=1600000000
image=$1
shift
[ $# -gt 0 ] || set -- docker
size=$("$@" image inspect --format '{{.Size}}' "$image") || exit 1
echo "The image has $size bytes uncompressed; it may have $limit."
[ "$size" -le "$limit" ] || { echo "The image is too large: it is not pushed." >&2; exit 1; }
