#!/bin/sh
# Compiles each public header alone, and every macro of them in use.
# usage: headers.sh ROOT COMPILER STANDARD; 77 means that there is no such compiler.
set -eu
root=$1 compiler=$2 standard=$3
command -v "$compiler" >/dev/null || exit 77
case $standard in c++*) language=c++ ;; *) language=c ;; esac

compile() {
    "$compiler" -x "$language" -std="$standard" -Wall -Wextra -Wpedantic -Wconversion -Wshadow \
        -Werror -fsyntax-only -I"$root/include" "$@"
}

failed=0 count=0
for header in "$root"/include/*.h "$root"/include/spawned/*.h; do
    name=${header#"$root/include/"}
    count=$((count + 1))
    # Twice, because a header must be its own guard.
    printf '#include <%s>\n#include <%s>\nextern int end;\n' "$name" "$name" | compile - || failed=1
done
compile "$root/tests/headers/macros.c" || failed=1
echo "$compiler $standard: $count headers"
[ "$failed" = 0 ] && [ "$count" -gt 1 ]
