#!/bin/sh
# Builds and runs a consumer of the library, found in one of three ways.
# usage: package.sh find_package|pkg_config|add_subdirectory ROOT BUILD WORK_DIRECTORY
set -eu
kind=$1 root=$2 build=$3 work=$4
here=$root/tests/package
rm -rf "$work"
mkdir -p "$work"

# An installation that was moved must still be found.
installed() {
    cmake --install "$build" --prefix "$work/before" >"$work/install.log"
    mv "$work/before" "$work/prefix"
}

build_and_run() {
    cmake -S "$here/$kind" -B "$work/build" "$@"
    cmake --build "$work/build" -j 2
    "$work/build/with_spawned"
    "$work/build/with_spawned_static"
}

case $kind in
find_package)
    installed
    build_and_run -DCMAKE_PREFIX_PATH="$work/prefix"
    ;;
add_subdirectory)
    build_and_run -G Ninja -DSPAWNED_ROOT="$root"
    ;;
pkg_config)
    installed
    PKG_CONFIG_PATH=$(dirname "$(find "$work/prefix" -name spawned.pc)")
    export PKG_CONFIG_PATH
    pkg-config --exact-version=0.1.0 spawned
    # shellcheck disable=SC2046 # words on purpose
    cc "$here/main.c" -o "$work/consumer" $(pkg-config --cflags --libs spawned)
    LD_LIBRARY_PATH=$(pkg-config --variable=libdir spawned) "$work/consumer"
    # The same with the archive, whose own libraries are then the consumer's to link.
    # shellcheck disable=SC2046
    cc "$here/main.c" -o "$work/static_consumer" $(pkg-config --cflags spawned) \
        "$(pkg-config --variable=libdir spawned)/libspawned.a" \
        $(pkg-config --static --libs-only-l --libs-only-other spawned | sed 's/-lspawned//')
    "$work/static_consumer"
    ;;
esac
echo "package $kind: found, built and run"
