"""Writes the library as two files, spawned.h and spawned.cpp, to be compiled into a program.

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
        places = ["include"] if kind == "<" else [path.parent, "src", "."]
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


def public_header(tree):
    """The umbrella's story, and then the headers."""
    umbrella = tree.root / "include/spawned.h"
    story = re.match(r"/\*.*?\*/\n", umbrella.read_text(encoding="utf-8"), re.S).group()
    tree.seen.add(umbrella)
    return story + "".join(map(tree.expand, sorted(tree.root.glob("include/spawned/*.h"))))


def main():
    root, directory = (Path(argument).resolve() for argument in sys.argv[1:])
    directory.mkdir(parents=True, exist_ok=True)
    tree = Amalgamation(root)
    header = public_header(tree)
    version = ".".join(re.findall(r"#define SPAWNED_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", header))
    sources = [*sorted(root.glob("src/*/*.cpp")), *sorted(root.glob("c/*.cpp"))]
    (directory / "spawned.h").write_text(header, encoding="utf-8")
    (directory / "spawned.cpp").write_text(OPENING % version + "".join(map(tree.expand, sources)),
                                           encoding="utf-8")
    print(f"wrote {directory}/spawned.h and {directory}/spawned.cpp, from {len(tree.seen)} files")


if __name__ == "__main__":
    main()
