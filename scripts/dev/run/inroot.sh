#!/bin/sh
# inroot.sh ROOT CHECKOUT ARCH COMMAND...: run a command in the Debian root
# ROOT, in which the checkout is at the path that it has outside, as are the
# folders that INROOT_FOLDERS names, which cannot be written to.  The mounts
# belong to this process and go with it.
set -eu
exec unshare --mount sh -c '
    set -eu
    root=$1 checkout=$2 arch=$3
    shift 3
    here=$PWD
    mkdir -p "$root$checkout"
    mount --bind "$checkout" "$root$checkout"
    for folder in ${INROOT_FOLDERS-}; do
        mkdir -p "$root$folder"
        mount --bind -o ro "$folder" "$root$folder"
    done
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    # An emulated compiler takes hours.  If this machine has a cross compiler
    # of the same release, it takes the place of the root s own.
    case $arch in
        arm64) cross=aarch64-linux-gnu ;;
        *) cross=$arch-linux-gnu ;;
    esac
    if test -d "/usr/lib/gcc-cross/$cross" &&
        test "$(basename "$(readlink -f "/usr/bin/$cross-gcc")")" = \
            "$(basename "$(readlink -f "$root/usr/bin/$cross-gcc")")"
    then
        native=$(gcc -print-multiarch)
        for folder in /lib64 "/usr/lib/$native" /usr/lib/gcc-cross \
            "/usr/$cross"
        do
            mkdir -p "$root$folder"
            mount --bind "$folder" "$root$folder"
        done
        for program in "/usr/bin/$cross-"*; do
            test ! -f "$root$program" ||
                mount --bind "$program" "$root$program"
        done
    fi
    # A 32 bit kernel is what i386 programs expect to be told of.
    test "$arch" != i386 || personality="setarch i686"
    exec ${personality:-} chroot "$root" /bin/sh -c "
        cd \"\$0\" && exec \"\$@\"" "$here" "$@"
' inroot "$@"
