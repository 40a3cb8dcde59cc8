#!/bin/sh
# What an engine does between a root file system and its program, for machines without one. It starts as process 1 of
# fresh mount and process namespaces, so nothing that it mounts is seen outside, or outlives it.
#   container.sh ROOT DATA ro|rw UID GID WORKDIR NAME=VALUE... PROGRAM ARGUMENT...
set -eu
root=$1 data=$2 mode=$3 uid=$4 gid=$5 workdir=$6
shift 6

mount --bind "$root" "$root"
mount --bind "$data" "$root/data"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount -t tmpfs -o nosuid,mode=755 dev "$root/dev"
for device in null zero full random urandom tty; do
  : >"$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
ln -s /proc/self/fd "$root/dev/fd"
mkdir "$root/dev/shm"
mount -t tmpfs -o nosuid,nodev,noexec,mode=1777,size=64m shm "$root/dev/shm"
if [ "$mode" = ro ]; then
  mount -t tmpfs -o nosuid,nodev,noexec,mode=1777,size=64m tmp "$root/tmp"
  mount -o remount,bind,ro "$root"
fi
exec chroot "$root" /usr/bin/setpriv --reuid "$uid" --regid "$gid" --clear-groups --no-new-privs --inh-caps=-all \
  --bounding-set=-all /usr/bin/env -i -C "$workdir" "$@"
