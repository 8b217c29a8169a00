#!/bin/sh
# Installs a deb on this machine as root, uses it as an ordinary user, and purges it, on a copy of
# the file system that is thrown away: mount and process namespaces of its own hold all of it.
#
# install.sh PACKAGE NAME FOLDER: FOLDER is empty; its file `seen` tells what was seen.
set -eu
package=$1 name=$2 folder=$3

if [ "${INSIDE:-}" != yes ]; then
  INSIDE=yes exec unshare --mount --pid --fork --kill-child sh "$0" "$@"
fi

mount -t tmpfs tmpfs "$folder"
mkdir "$folder/changes" "$folder/work" "$folder/machine"
mount -t overlay overlay "$folder/machine" \
  -o "lowerdir=/,upperdir=$folder/changes,workdir=$folder/work"
mount --rbind /dev "$folder/machine/dev"
mount -t proc proc "$folder/machine/proc"

# Not a mere chroot: in one, nobody may make the user namespaces that Chromium's sandbox needs.
mkdir "$folder/machine/old"
cd "$folder/machine"
pivot_root . old
umount --lazy /old

exec sh -eu -c '
  package=$1 name=$2 home=/tmp/ordinary
  # The machine of a test need not have what a desktop has.
  dpkg --force-depends --install "$package" >&2
  echo "installed: $(dpkg-query --show --showformat "\${db:Status-Status}" "$name")"
  echo "command: $(readlink -f "$(command -v "$name")")"
  echo "entry: $(sed -n "s/^Exec=//p" "/usr/share/applications/$name.desktop")"
  echo "icon: $(ls /usr/share/icons/hicolor/*/apps/"$name.png" | wc -l)"
  mkdir -p "$home/tmp"
  chown -R nobody "$home"
  code=0
  setpriv --reuid nobody --regid nogroup --clear-groups \
    env -i HOME="$home" TMPDIR="$home/tmp" PATH=/usr/bin:/bin LANG=C.UTF-8 \
    xvfb-run --auto-servernum "$name" --smoke-test="$home/report.json" >&2 || code=$?
  echo "code: $code"
  echo "report: $(tr -d "\n" <"$home/report.json")"
  dpkg --purge "$name" >&2
  echo "left: $(ls -d /opt/*/resources/django-bundle "/usr/bin/$name" \
    "/usr/share/applications/$name.desktop" 2>/dev/null | tr "\n" " ")"
' sh "$package" "$name"
