/**
 * Runs inside the new mount namespace, reads its orders from its arguments (never from text pasted into it) and ends by
 * `exec`, so that the module has the spawned process id and gets signals itself. `setpriv` kills the module should the
 * runtime die without stopping it. After `--` come the working directory, the module's PATH and its command. An unprivileged remount must repeat the flags its source has, hence the tries for `ro`.
 */
export const NAMESPACE_SCRIPT = `
set -eu
root=
while [ "$1" != -- ]; do
  case "$1" in
    mkdir) mkdir -p "$2"; shift 2 ;;
    touch) [ -e "$2" ] || : > "$2"; shift 2 ;;
    link) ln -s -- "$2" "$3"; shift 3 ;;
    tmpfs) mount -t tmpfs -o size=64m,mode=0755 edgeslot "$2"; shift 2 ;;
    bind) mount --rbind "$2" "$3"; shift 3 ;;
    ro) done=
      for flags in '' ,nosuid,nodev ,nosuid,nodev,relatime ,nosuid,nodev,noexec ,nodev ,nosuid; do
        if mount -o "remount,bind,ro$flags" "$2" 2>/dev/null; then done=1; break; fi
      done
      [ -n "$done" ] || { echo "cannot make $2 read-only" >&2; exit 126; }
      shift 2 ;;
    chroot) root=$2; shift 2 ;;
    *) echo "unknown order $1" >&2; exit 126 ;;
  esac
done
shift
if [ -n "$root" ]; then
  exec chroot "$root" /bin/sh -c 'cd "$1"; path=$2; shift 2; exec setpriv --pdeathsig KILL -- env "PATH=$path" "$@"' sh "$@"
fi
cd "$1"; path=$2; shift 2
exec setpriv --pdeathsig KILL -- env "PATH=$path" "$@"
`;
