"""Compares the binary interface that the headers promise with the one written down in baseline.abi.

usage: baseline.py check|renew ROOT FFI_HEADER WORK_DIRECTORY. Additions pass: a function, a type, a last
field of a struct that begins with its size. Anything else that a compiled program could notice fails.
"renew" writes baseline.abi anew, for an interface that may still change or for a release.

abidw and abidiff (libabigail) read debug information. That of the library is mostly the engine's, so a
library of empty functions is made from the headers; abi.py holds headers, map and library equal.
"""

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

MISSING = 77
NAMES_OF_FILES = ["--no-corpus-path", "--no-comp-dir-path", "--no-show-locs", "--no-elf-needed"]


def statements(text):
    """The declarations of a preprocessed header, one by one."""
    text, depth, start = re.sub(r"/\*.*?\*/", "", text, flags=re.S), 0, 0
    for match in re.finditer(r"[{};]", text):
        depth += {"{": 1, "}": -1, ";": 0}[match.group()]
        if match.group() == ";" and depth == 0:
            yield text[start:match.start()].strip()
            start = match.end()


def empty_library(header):
    """C that declares what the header does, and defines each function."""
    lines = ["#include <stddef.h>", "#include <stdint.h>"]
    for statement in statements(header):
        is_function = re.search(r"\bspawned_\w+\s*\(", statement) and not statement.startswith("typedef") \
            and "{" not in statement
        lines.append(statement + (" { __builtin_trap(); }" if is_function else ";"))
    return "\n".join(lines) + "\n"


def without_growth(header, description):
    """The header with each struct that begins with its size cut to the fields that are written down."""
    known = {one.get("name"): len(one.findall("data-member"))
             for one in ElementTree.parse(description).iter("class-decl")}

    def cut(match):
        fields = list(statements(match.group(3)))[:known.get(match.group(2), 1000)]
        return match.group(1) + ";\n".join(fields) + ";\n}"

    return re.sub(r"(struct (\w+) \{)(\s*size_t size;.*?)^\}", cut, header, flags=re.S | re.M)


def build(header, version_map, work):
    source, library = Path(work, "empty.c"), Path(work, "empty.so")
    source.write_text(empty_library(header), encoding="utf-8")
    command = ["cc", "-g", "-shared", "-fPIC", "-o", library, source]
    if version_map:
        command.append(f"-Wl,--version-script={version_map}")
    subprocess.run(command, check=True)
    return library


def describe(library, description):
    subprocess.run(["abidw", *NAMES_OF_FILES, "--out-file", description, library], check=True)


def difference(description, header, version_map, work):
    """What abidiff says of anything but additions, or nothing."""
    library = build(without_growth(header, description), version_map, work)
    done = subprocess.run(["abidiff", "--no-added-syms", "--no-architecture", "--harmless", "--no-show-locs",
                           description, library], text=True, capture_output=True, check=False)
    return "" if done.returncode == 0 else f"{done.stdout}{done.stderr}abidiff: {done.returncode}\n"


def main():
    verb, root, header_path, work = sys.argv[1:]
    try:
        subprocess.run(["abidw", "--version"], check=True, capture_output=True)
    except FileNotFoundError:
        print("abidw is missing: install abigail-tools")
        return MISSING
    Path(work).mkdir(parents=True, exist_ok=True)
    header = Path(header_path).read_text(encoding="utf-8")
    version_map = Path(root, "c/spawned.map")
    baseline = Path(root, "tests/abi/baseline.abi")
    if verb == "renew":
        describe(build(header, version_map, work), baseline)
        print(f"wrote {baseline}")
        return 0
    changes = difference(baseline, header, version_map, work)
    if changes:
        print(f"{changes}A program that was compiled before would notice. If the interface may still change: "
              "./run abi-baseline")
    return 1 if changes else 0


if __name__ == "__main__":
    sys.exit(main())
