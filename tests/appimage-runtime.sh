#!/bin/sh
# Stands in for the runtime at the head of an AppImage, which no package index has: it unpacks
# the image behind it, and starts what is in there. Padded to SIZE bytes, after which that begins.
offset=SIZE
if [ "${1:-}" = --appimage-extract ]; then
  exec unsquashfs -quiet -no-progress -offset "$offset" -dest squashfs-root "$0" >&2
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
unsquashfs -quiet -no-progress -offset "$offset" -dest "$folder/squashfs-root" "$0" >&2
APPIMAGE=$(readlink -f "$0") APPDIR="$folder/squashfs-root" "$folder/squashfs-root/AppRun" "$@"
exit
