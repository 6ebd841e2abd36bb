"""Writes the library as two files, spawned.h and spawned.cpp, to be compiled into a program; and the C++
layer, which has nothing to compile, as spawned.hpp.

usage: amalgamate.py ROOT DIRECTORY. How to compile them stands at the top of spawned.cpp.
"""

import re
import sys
from pathlib import Path

OPENING = """\
/* spawned %s as one source file, made by ./run amalgamate from its tree. It needs libuv and its own flags:
 *
 *   cc -O2 -std=c++20 -fno-exceptions -fno-rtti -fno-threadsafe-statics -c spawned.cpp
 *   cc -O2 program.c spawned.o -luv -pthread -o program
 *
 * No C++ run-time library is linked. A C++ program may be compiled and linked together with it:
 *
 *   c++ -O2 -std=c++20 program.cpp spawned.cpp -luv -pthread -o program
 *
 * -DNDEBUG leaves out the engine's assertions. */
#if !defined(__cplusplus) || __cplusplus < 202002L
#error "spawned.cpp is C++20: see the top of this file"
#endif
#include "spawned.h"
"""
INCLUDE = re.compile(r'^#include ([<"])([^>"]+)[>"].*\n', re.M)


class Amalgamation:
    def __init__(self, root):
        self.root, self.seen = root, set()

    def resolve(self, path, kind, name):
        """The file of the tree that an include in path means, or None for one from outside."""
        places = ["include", "cpp"] if kind == "<" else [path.parent, "src", "."]
        return next((self.root / place / name for place in places
                     if (self.root / place / name).is_file()), None)

    def expand(self, path):
        """The file after the headers that nobody has included yet: an include may be conditional."""
        if path in self.seen:
            return ""
        self.seen.add(path)
        headers = []

        def take_out(match):
            target = self.resolve(path, *match.groups())
            if target:
                headers.append(self.expand(target))
            return "" if target else match.group()

        text = INCLUDE.sub(take_out, path.read_text(encoding="utf-8").replace("#pragma once\n", ""))
        return "".join(headers) + f"\n/* {path.relative_to(self.root)} */\n{text}"


def merged(tree, umbrella, others):
    """The umbrella's story, and then the headers."""
    story = re.match(r"/\*.*?\*/\n|(//[^\n]*\n)+", umbrella.read_text(encoding="utf-8"), re.S).group()
    tree.seen.add(umbrella)
    return story, "".join(map(tree.expand, others))


def main():
    root, directory = (Path(argument).resolve() for argument in sys.argv[1:])
    directory.mkdir(parents=True, exist_ok=True)
    tree = Amalgamation(root)
    story, headers = merged(tree, root / "include/spawned.h", sorted(root.glob("include/spawned/*.h")))
    version = ".".join(re.findall(r"#define SPAWNED_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", headers))
    # Without json.hpp, which needs a library of its own.
    layer = sorted(set(root.glob("cpp/spawned/*.hpp")) - {root / "cpp/spawned/json.hpp"})
    cpp_story, cpp_headers = merged(tree, root / "cpp/spawned.hpp", layer)
    sources = [*sorted(root.glob("src/*/*.cpp")), *sorted(root.glob("c/*.cpp"))]
    for name, text in (
            ("spawned.h", story + headers),
            ("spawned.hpp", f'{cpp_story}#pragma once\n#include "spawned.h"\n{cpp_headers}'),
            ("spawned.cpp", OPENING % version + "".join(map(tree.expand, sources)))):
        (directory / name).write_text(text, encoding="utf-8")
    print(f"wrote spawned.h, spawned.cpp and spawned.hpp to {directory}, from {len(tree.seen)} files")


if __name__ == "__main__":
    main()
