#!/bin/sh
# Installs the library, or builds and runs a consumer that finds it in one of several ways.
# usage: package.sh KIND ROOT BUILD WORK_DIRECTORY PREFIX VERSION; the kinds are below.
# shellcheck disable=SC2046,SC2086 # words are split on purpose
set -eu
kind=$1 root=$2 build=$3 work=$4 prefix=$5 version=$6
here=$root/tests/package
# One translation unit compiles several times faster; a name of one file may shadow another's there.
one_unit="-DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=0 -DSPAWNED_WERROR=OFF"
rm -rf "$work"
mkdir -p "$work"

# project OPTIONS: a CMake project of this folder, whose programs are all run.
project() {
    cmake -S "$here/$kind" -B "$work/build" -G Ninja "$@"
    cmake --build "$work/build" -j 2
    for program in "$work"/build/with_*; do "$program"; done
}

# Both tell the headers' names, whatever they are: none is forgotten, and nothing else is there.
headers_of_tree() {
    (cd "$root/include" && find . -name '*.h' && cd "$root/cpp" && find . -name '*.hpp' && echo ./spawned.ffi.h)
}
headers_of_prefix() { (cd "$prefix/include" && find . -type f); }

# needs PROGRAM PATTERN: the libraries it names are no others.
needs() {
    readelf -dW "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' >"$work/needed"
    ! grep -vxE "$2" "$work/needed"
}

# with_pkg_config PREFIX: linked with the shared library, the archive, and with an archive alone.
with_pkg_config() {
    PKG_CONFIG_PATH=$(dirname "$(find "$1" -name spawned.pc)")
    export PKG_CONFIG_PATH
    pkg-config --exact-version="$version" spawned spawned-static
    libraries=$(pkg-config --variable=libdir spawned)
    cc "$here/main.c" -o "$work/with_shared" $(pkg-config --cflags --libs spawned)
    LD_LIBRARY_PATH=$libraries "$work/with_shared"
    cc "$here/main.c" -o "$work/with_archive" $(pkg-config --cflags --libs spawned-static)
    mkdir "$work/archive_only"
    cp "$libraries/libspawned.a" "$work/archive_only"
    cc "$here/main.c" -o "$work/with_private" -L"$work/archive_only" $(pkg-config --static --cflags spawned) \
        $(pkg-config --static --libs-only-l --libs-only-other spawned)
    for program in with_archive with_private; do
        needs "$work/$program" 'libuv\.so\.1|libc\.so\.6|ld-linux.*'
        "$work/$program"
    done
}

# Every example that is one file, by the line that its first comment gives.
with_examples() {
    PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name spawned.pc)")
    LD_LIBRARY_PATH=$(pkg-config --with-path="$PKG_CONFIG_PATH" --variable=libdir spawned)
    export PKG_CONFIG_PATH LD_LIBRARY_PATH
    cp "$root"/examples/*.c "$root"/examples/*.cpp "$work"
    cd "$work"
    for source in *.c *.cpp; do
        line=$(sed -nE 's,^(//| \*)   (cc|c\+\+)( [^&*]*).*,\2\3,p' "$source")
        for other in $(echo "$line" | sed 's/.*--libs \(.*\)).*/\1/'); do
            pkg-config --exists "$other" || continue 2
        done
        sh -euc "$line"
        expected=$root/examples/${source%.*}.expected
        [ ! -e "$expected" ] || "./${source%.*}" | diff -u "$expected" -
        rm "${source%.*}"
    done
}

# The C++ compilers at hand: what one has compiled works with what the other has.
compilers() { for one in g++ clang++; do command -v $one || :; done; }

# compile COMPILER FLAGS…: a consumer of the installation, with every warning.
compile() {
    compiler=$1 && shift
    $compiler -std=c++20 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror "$@" \
        $(pkg-config --cflags --libs spawned)
}

# Actors and messages of two shared objects with hidden visibility, in one process.
with_shared_objects() {
    here=$here/shared_objects
    for compiler in $(compilers); do
        compile "$compiler" -O1 -fPIC -shared -fvisibility=hidden -fvisibility-inlines-hidden \
            "$here/object.cpp" -o "$work/${compiler##*/}.so"
    done
    compile c++ "$here/main.cpp" -ldl -o "$work/main"
    for one in "$work"/*.so; do
        cp "$one" "$one.twin"
        for other in "$work"/*.so; do
            "$work/main" "$one.twin" "$other" || { echo "$one and $other"; exit 1; }
        done
    done
}

with_awaits() {
    for compiler in $(compilers); do
        for flags in -O0 -O2 "-O1 -fsanitize=address"; do
            compile "$compiler" $flags "$here/awaits.cpp" -o "$work/awaits"
            "$work/awaits" || { echo "$compiler $flags"; exit 1; }
        done
    done
}

case $kind in
install)
    # An installation that was moved must still be found.
    rm -rf "$prefix"
    cmake --install "$build" --prefix "$work/before" >"$work/install.log"
    mv "$work/before" "$prefix"
    headers_of_tree | sort >"$work/headers"
    headers_of_prefix | sort | diff -u "$work/headers" -
    ;;
find_package | cpp) project -DCMAKE_PREFIX_PATH="$prefix" ;;
add_subdirectory) project -DSPAWNED_ROOT="$root" $one_unit ;;
pkg_config) with_pkg_config "$prefix" ;;
examples) with_examples ;;
shared_objects | awaits)
    PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name spawned.pc)")
    LD_LIBRARY_PATH=$(pkg-config --with-path="$PKG_CONFIG_PATH" --variable=libdir spawned)
    export PKG_CONFIG_PATH LD_LIBRARY_PATH
    "with_$kind"
    ;;
amalgamation_compiles)
    python3 -B "$root/cmake/amalgamate.py" "$root" "$work"
    c++ -std=c++20 -fsyntax-only -Wall -Wextra -Wpedantic -Wconversion -Werror "$work/spawned.cpp"
    ;;
amalgamation)
    python3 -B "$root/cmake/amalgamate.py" "$root" "$work"
    flags="-std=c++20 -fno-exceptions -fno-rtti -fno-threadsafe-statics"
    cd "$work"
    # One line builds the demo; gcc mentions that two flags are not for C.
    gcc -O2 $flags -I. "$root/examples/name_server.c" spawned.cpp -luv -pthread -o demo
    ./demo | diff -u "$root/examples/name_server.expected" -
    needs demo 'libuv\.so\.1|libc\.so\.6|ld-linux.*'
    c++ -std=c++20 -I. "$here/main.cpp" spawned.cpp -luv -pthread -o with_cpp
    ./with_cpp
    if command -v clang >/dev/null; then
        clang $flags -c spawned.cpp
        clang -I. "$here/main.c" spawned.o -luv -pthread -o with_clang
        ./with_clang
        needs with_clang 'libuv\.so\.1|libc\.so\.6|ld-linux.*'
    fi
    ;;
deb) . "$here/deb.sh" ;;
esac
echo "package $kind: found, built and run"
